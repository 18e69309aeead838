"""What a page may ask for: a JSON list [name, arguments ...], looked at strictly, done leniently.

    ["set", "drone.root", 440]     plain units             ["act", "recall", 3]      a row of actions.py
    ["turn", "drone.root", 0.5]    knob position           ["act", "go", null]
    ["toggle", "stage.blackout"]                           ["patch", "wind"]         one of those that are listed
    ["prompt", 0, "glass forest"]  the first is 0          ["learn", "drone.root"]   or an action; "" ends learning
    ["negative", "people"]                                 ["forget", "drone.root"]  no control steers it any more
    ["look", true]  ["ping", 12.5]    which guests may ask as well

What is no such list, and what a guest may not ask, is refused, counted and told to that page alone; what the desk
refuses is told on the desk, as for any controller. Nothing raises. [web]
"""
import json
import reprlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from live.control.panel.backstage import Backstage
from live.control.panel.guard import GUEST, PLAYER

if TYPE_CHECKING:
    from live.control.midi import MidiInput

LONGEST = 16384         # bytes of an order: a prompt has at most 1000 characters
NUMBER, TEXT, WHOLE, MAYBE, SWITCH = 'a number', 'a text', 'a whole number', 'a number or null', 'true or false'
FITS: dict[str, Callable[[object], bool]] = {
    NUMBER: lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    WHOLE: lambda value: isinstance(value, int) and not isinstance(value, bool),
    MAYBE: lambda value: value is None or FITS[NUMBER](value),
    TEXT: lambda value: isinstance(value, str),
    SWITCH: lambda value: isinstance(value, bool)}


class OrderError(ValueError):
    """An order that is none."""


@dataclass(frozen=True, slots=True)
class Order:
    """takes: what its arguments must be; do: returns what is answered to this page alone, or None."""
    takes: tuple[str, ...]
    do: Callable[..., object]
    guest: bool = False


class Orders:
    """Does what pages ask for. received, refused: counted since the start."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage, desk = backstage, backstage.desk
        self.received = self.refused = 0
        self.orders = {
            'set': Order((TEXT, NUMBER), desk.set),
            'turn': Order((TEXT, NUMBER), desk.turn),
            'toggle': Order((TEXT,), desk.toggle),
            'act': Order((TEXT, MAYBE), desk.act),
            'prompt': Order((WHOLE, TEXT), desk.set_prompt),
            'negative': Order((TEXT,), desk.set_negative),
            'patch': Order((TEXT,), self._load_patch),
            'learn': Order((TEXT,), self._learn),
            'forget': Order((TEXT,), self._forget),
            'look': Order((SWITCH,), lambda look: {'look': look}, guest=True),
            'ping': Order((NUMBER,), lambda number: {'pong': number}, guest=True)}

    def obey(self, text: str, role: str) -> dict:
        """Do an order; return what to answer, {} for nothing."""
        self.received += 1
        try:
            answer = self._obey(text, role)
        except OrderError as error:
            self.refused += 1
            return {'refused': error.args[0]}
        return answer if isinstance(answer, dict) else {}

    def _obey(self, text: str, role: str) -> object:
        name, arguments = read_order(text)
        order = self.orders.get(name)
        if order is None:
            raise OrderError(f'{name[:40]!r} is no order; there are {", ".join(self.orders)}')
        if role != PLAYER and not (role == GUEST and order.guest):
            raise OrderError('guests may look, not steer')
        if len(arguments) != len(order.takes) or not all(FITS[kind](value) for kind, value
                                                         in zip(order.takes, arguments)):
            raise OrderError(f'{name} takes {", ".join(order.takes)}; not {reprlib.repr(arguments)}')
        return order.do(*arguments)

    def _load_patch(self, name: str) -> None:
        """Load a patch that is listed: no path from outside comes near a file."""
        if name not in self._backstage.patches():
            raise OrderError(f'there is no patch {reprlib.repr(name)}')
        self._backstage.desk.load_patch(name)

    def _learn(self, name: str) -> None:
        learn = self._midi().learn
        if name:
            learn.arm(name)
        else:
            learn.cancel()

    def _forget(self, name: str) -> None:
        self._midi().learn.forget(name)

    def _midi(self) -> 'MidiInput':
        if self._backstage.midi is None:
            raise OrderError('there is no MIDI here')
        return self._backstage.midi


def read_order(text: str) -> tuple[str, list]:
    """Return name and arguments; raise OrderError."""
    try:
        order = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise OrderError(f'an order is a list in JSON, and this is none: {str(error)[:80]}') from error
    if not isinstance(order, list) or not order or not isinstance(order[0], str):
        raise OrderError(f'an order is a list [name, arguments ...], not {reprlib.repr(order)}')
    return order[0], order[1:]


def refuse_constant(name: str) -> float:
    raise ValueError(f'{name} is no number')
