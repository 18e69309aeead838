"""What each OSC address does: parameters, their mirror, words, notes, actions, and the requests of clients.

In: an address and its arguments. Out: calls of the Desk, and of Answers. One look-up in a dict; only an address with a
wildcard in it is matched, and then reaches what has a value, never an action: no '/*' ends a performance. A request
that cannot be met raises ValueError, which the server counts and shows. Runs in the thread "osc".
"""
import math
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial

from live.control.actions import ACTIONS
from live.control.desk import Desk, read_number
from live.control.osc_feedback import Answers, Row, Target
from live.control.osc_pattern import is_pattern
from live.control.osc_values import MIRROR, Budget, Values
from live.params import BY_ADDRESS, PARAMS, PROMPTS, Param, hint
from live.patch import CHAINS

SWITCHES = ('/blackout', '/freeze')
HINTS = 10          # in a second: to find the nearest of a thousand addresses takes milliseconds
MOST_ASKED = 32     # addresses in one /subscribe

Route = Callable[[list, Target], None]


class Refused(ValueError):
    """The Desk has refused; its sentence needs no address before it."""


class Routes:
    """All addresses and what they do."""

    def __init__(self, desk: Desk, values: Values, answers: Answers) -> None:
        self.desk, self.values, self.answers = desk, values, answers
        self._table: dict[str, Route] = {**self._parameters(), **self._words(), **self._doings(), **self._requests()}
        self._hint = lru_cache(64)(lambda address: hint(address, self._table))
        self._hints = Budget(HINTS)

    def do(self, address: str, arguments: list, sender: Target) -> None:
        """Do what a message says; raise ValueError that says why not."""
        route = self._table.get(address)
        if route is not None:
            route(arguments, sender)
        elif is_pattern(address):
            self._do_pattern(address, arguments, sender)
        else:
            nearest = self._hint(address[:80]) if self._hints.spend() else ''
            raise Refused(f'{address[:80]} is unknown{nearest}')

    def _do_pattern(self, pattern: str, arguments: list, sender: Target) -> None:
        addresses = self.values.expand(pattern)
        if not addresses:
            raise Refused(f'{pattern[:80]} matches nothing that has a value')
        if not arguments:
            return self.answers.list(sender, ((each, self.values.answer(each)) for each in addresses))
        for address in addresses:
            self._table[address](arguments, sender)

    def _parameters(self) -> dict[str, Route]:
        routes: dict[str, Route] = {address: partial(self._switch, f'stage{address.replace("/", ".")}')
                                    for address in SWITCHES}
        for address, param in BY_ADDRESS.items():
            routes[address] = partial(self._set, param)
            routes[MIRROR + address] = partial(self._turn, param)
        return routes | {'/prompt/negative': self._negative}

    def _words(self) -> dict[str, Route]:
        routes: dict[str, Route] = {f'/prompt/{index + 1}': partial(self._prompt, index) for index in range(PROMPTS)}
        return routes | {'/prompt': routes['/prompt/1'], '/prompt/negative_text': self._negative_text,
                         **{f'/shaders/{place}': partial(self._shaders, place) for place in CHAINS},
                         '/patch': self._patch, '/learn': self._learn,
                         **{address: partial(self._tell, address) for address in ('/scene/names', '/message')}}

    def _doings(self) -> dict[str, Route]:
        routes: dict[str, Route] = {action.address: partial(self._act, action.name) for action in ACTIONS}
        return routes | {'/gate': self._gate, '/note': self._note}

    def _requests(self) -> dict[str, Route]:
        return {'/params': self._params, '/ping': self._ping, '/heartbeat': self._heartbeat, '/answer': self._answer_to,
                '/subscribe': self._subscribe, '/unsubscribe': self._unsubscribe, '/sync': self._sync}

    def _tell(self, address: str, arguments: list, sender: Target) -> None:
        """Answer with what stands at an address that cannot be set."""
        self.answers.answer(sender, address, self.values.answer(address))

    def _set(self, param: Param, arguments: list, sender: Target) -> None:
        if not arguments:
            return self._tell(param.address, arguments, sender)
        if not self.desk.set(param.name, arguments[0]):
            raise Refused(self.desk.message)
        if follower := self.answers.follower(sender):
            follower.has(param.address, read_number(param.name, arguments[0], param.choices), time.monotonic())

    def _turn(self, param: Param, arguments: list, sender: Target) -> None:
        if not arguments:
            return self._tell(MIRROR + param.address, arguments, sender)
        if not self.desk.turn(param.name, arguments[0]):
            raise Refused(self.desk.message)
        if follower := self.answers.follower(sender):
            follower.has(MIRROR + param.address, read_number(param.name, arguments[0]), time.monotonic())

    def _switch(self, name: str, arguments: list, sender: Target) -> None:
        if not (self.desk.set(name, arguments[0]) if arguments else self.desk.toggle(name)):
            raise Refused(self.desk.message)

    def _prompt(self, index: int, arguments: list, sender: Target) -> None:
        self._put_words(f'/prompt/{index + 1}', partial(self.desk.set_prompt, index), arguments, sender)

    def _negative(self, arguments: list, sender: Target) -> None:
        """Take words as the negative prompt, and a number, also one in text, as its parameter."""
        if arguments and isinstance(arguments[0], str) and not is_number(arguments[0]):
            self._negative_text(arguments, sender)
        else:
            self._set(BY_ADDRESS['/prompt/negative'], arguments, sender)

    def _negative_text(self, arguments: list, sender: Target) -> None:
        self._put_words('/prompt/negative_text', self.desk.set_negative, arguments, sender)

    def _shaders(self, place: str, arguments: list, sender: Target) -> None:
        self._put_words(f'/shaders/{place}', partial(self.desk.set_shaders, place), arguments, sender)

    def _patch(self, arguments: list, sender: Target) -> None:
        self._put_words('/patch', self.desk.load_patch, arguments, sender)

    def _put_words(self, address: str, put: Callable[[str], bool | None], arguments: list, sender: Target) -> None:
        if not arguments:
            return self._tell(address, arguments, sender)
        words = join_words(arguments)
        if put(words) is False:
            raise Refused(self.desk.message)
        if follower := self.answers.follower(sender):
            follower.has_words(address, (words,))

    def _learn(self, arguments: list, sender: Target) -> None:
        """Arm a parameter or an action by its name or address; an empty name or 'off' ends learning."""
        learn = self.values.learn
        if not arguments:
            return self._tell('/learn', arguments, sender)
        if learn is None:
            raise ValueError('there is no MIDI to learn from')
        name = join_words(arguments).strip().removeprefix('/').replace('/', '.')
        if name in ('', 'off', '0'):
            learn.cancel()
        elif not learn.arm(name):
            raise Refused(self.desk.message)

    def _act(self, name: str, arguments: list, sender: Target) -> None:
        if not self.desk.act(name, arguments[0] if arguments else None):
            raise Refused(self.desk.message)

    def _gate(self, arguments: list, sender: Target) -> None:
        self.desk.gate(read_number('velocity', first(arguments)))

    def _note(self, arguments: list, sender: Target) -> None:
        key = read_number('key', first(arguments))
        self.desk.press(key, read_number('velocity', arguments[1]) if len(arguments) > 1 else 1.0)

    def _params(self, arguments: list, sender: Target) -> None:
        self.answers.list(sender, self._describe())

    def _describe(self) -> Iterator[Row]:
        for param in PARAMS:
            value = float(self.desk.board[param.name])
            yield '/param', (param.address, value, float(param.low), float(param.high), param.unit,
                             ' '.join(param.choices), param.doc)
        yield '/params/end', (len(PARAMS),)

    def _ping(self, arguments: list, sender: Target) -> None:
        self.answers.answer(sender, '/pong')

    def _heartbeat(self, arguments: list, sender: Target) -> None:
        self.answers.answer(sender, '/heartbeat', self.answers.heartbeat(time.monotonic()))

    def _answer_to(self, arguments: list, sender: Target) -> None:
        port = int(read_number('port', first(arguments)))
        if not 0 < port < 65536:
            raise ValueError(f'port = {port} is outside 1..65535')
        if isinstance(sender, tuple):
            self.answers.use_port(sender[0], port)

    def _subscribe(self, arguments: list, sender: Target) -> None:
        addresses, rates = addresses_and_numbers(arguments)
        for address in addresses:
            self.answers.follow(sender, address, rates[0] if rates else None)

    def _unsubscribe(self, arguments: list, sender: Target) -> None:
        for address in addresses_and_numbers(arguments)[0] if arguments else ():
            self.answers.leave(sender, address)
        if not arguments:
            self.answers.drop(sender)

    def _sync(self, arguments: list, sender: Target) -> None:
        for address in addresses_and_numbers(arguments)[0]:
            self.answers.sync(sender, address)


def first(arguments: list) -> object:
    if not arguments:
        raise ValueError('needs a number')
    return arguments[0]


def addresses_and_numbers(arguments: list) -> tuple[list[str], list[float]]:
    """Return what was asked for, all when nothing was, and the numbers that came with it; raise ValueError."""
    words = [item for item in arguments if isinstance(item, str) and not is_number(item)]
    numbers = [read_number('rate', item) for item in arguments if item not in words]
    return [word if word.startswith('/') else '/' + word for word in words[:MOST_ASKED]] or ['/'], numbers


def is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def join_words(arguments: list) -> str:
    """Return all arguments as one text: Max sends every word by itself, and numbers as numbers."""
    return ' '.join(f'{item:g}' if isinstance(item, float) else str(item) for item in arguments)
