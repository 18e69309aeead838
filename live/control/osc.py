"""OSC over UDP -> Desk. Its own reader thread over python-osc's message parser and one look-up in a dict.

    /drone/drift_cents 12.5         plain units, or a choice by name; without a value: answers with it
    /knob/drone/drift_cents 0.5     knob position 0..1
    /prompt words ...               the first prompt; /prompt/1 .. /prompt/8 name one; without words: answers with it
    /prompt/negative/text words ... what prompt.negative turns away from; /prompt/negative takes words as well
    /patch NAME                     without a name: answers with the patch in force
    /gate VELOCITY                  0..1; 0 closes            /note KEY [VELOCITY]    0 releases the key
    /panic  /blackout  /freeze      turn over; with 1 or 0: on or off (/panic 0, a button let go, does nothing)
    /params                         answers with one /param message for each parameter, then /params/end COUNT
    /ping                           answers /pong
    /answer PORT                    answers for this host go to PORT from now on, not to the port it sends from

Every number type and numbers in text are taken; NaN and infinity are refused; out of range is clamped. Bundles are
done at once, also those dated ahead, which are counted (`early`): a clock that is wrong must not hold a performance
up. The reader first takes all that has arrived, then handles one message, so that a burst waits here and not in the
system's small buffer. Nothing raises: `received`, `refused` and `malformed` count, `error` is the newest sentence.
"""
import math
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache, partial

from pythonosc.osc_message_builder import build_msg

from live.control.desk import Desk, read_number
from live.control.osc_packet import is_early, parse, split
from live.control.threads import hurry
from live.params import BY_ADDRESS, PARAMS, PROMPTS, Param, hint

Sender = tuple[str, int]
RECEIVE_BUFFER = 4 << 20        # bytes asked of the system, which may grant less
WAITING = 65536                 # datagrams taken and not yet handled
LISTED, LIST_PAUSE = 16, 0.004   # rows of the list sent at once; seconds between
HOSTS = 64                      # hosts whose answering port is remembered
SWITCHES = ('/blackout', '/freeze')


class OscError(OSError):
    """The OSC port cannot be opened."""


class OscServer:
    """OSC in, answers out. port 0 takes any free one; `lan` lets other machines in."""

    def __init__(self, desk: Desk, port: int = 9000, lan: bool = False) -> None:
        self.desk, self.port, self.lan = desk, port, lan
        self.received = self.refused = self.malformed = self.early = 0
        self.error = ''
        self._routes = self._make_routes()
        self._hint = lru_cache(HOSTS)(lambda address: hint(address, self._routes))
        self._answer_ports: dict[str, int] = {}
        self._waiting: deque[tuple[bytes, Sender]] = deque()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._socket: socket.socket | None = None

    def start(self) -> None:
        """[main] Open the port and read from it; raise OscError that says what to do."""
        self._socket = open_socket('0.0.0.0' if self.lan else '127.0.0.1', self.port)
        self.port = self._socket.getsockname()[1]
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, args=[self._socket], name='osc', daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """[main] Close the port."""
        if self._thread and self._socket:
            self._stopping.set()
            self._thread.join(2)
            self._socket.close()
            self._thread = self._socket = None

    def _run(self, source: socket.socket) -> None:
        hurry()
        with selectors.DefaultSelector() as selector:
            selector.register(source, selectors.EVENT_READ)
            while not self._stopping.is_set():
                if selector.select(0.1):
                    self._collect(source)
                while self._waiting:
                    self.handle(*self._waiting.popleft())
                    self._collect(source)

    def _collect(self, source: socket.socket) -> None:
        try:
            while len(self._waiting) < WAITING:
                self._waiting.append(source.recvfrom(65536))
        except OSError:         # nothing more has arrived; on Windows also: an answer found nobody
            return

    def handle(self, datagram: bytes, sender: Sender = ('', 0)) -> None:
        """[osc] Do what a datagram says."""
        try:
            for tag, message in split(datagram):
                self.early += is_early(tag)
                self._handle_message(message, sender)
        except ValueError as error:
            self._count_malformed(str(error))

    def _handle_message(self, message: bytes, sender: Sender) -> None:
        try:
            address, arguments = parse(message)
        except ValueError as error:
            return self._count_malformed(str(error))
        self.received += 1
        route = self._routes.get(address)
        if route is None:
            return self._refuse(f'{address[:80]} is unknown{self._hint(address[:80])}')
        try:
            route(arguments, sender)
        except ValueError as error:
            self._refuse(f'{address}: {error}')

    def _make_routes(self) -> dict[str, Callable[[list, Sender], None]]:
        routes: dict[str, Callable[[list, Sender], None]] = {
            '/prompt': partial(self._prompt, 0), '/prompt/negative/text': self._negative_text, '/patch': self._patch,
            '/gate': self._gate, '/note': self._note, '/panic': self._panic, '/params': self._params,
            '/ping': self._ping, '/answer': self._answer_to}
        routes |= {f'/prompt/{index + 1}': partial(self._prompt, index) for index in range(PROMPTS)}
        routes |= {address: partial(self._switch, f'stage{address.replace("/", ".")}') for address in SWITCHES}
        for address, param in BY_ADDRESS.items():
            routes[address] = partial(self._set, param)
            routes['/knob' + address] = partial(self._turn, param)
        return routes | {'/prompt/negative': self._negative}

    def _set(self, param: Param, arguments: list, sender: Sender) -> None:
        if not arguments:
            self._answer(sender, param.address, float(self.desk.board[param.name]))
        elif not self.desk.set(param.name, arguments[0]):
            self._refuse(self.desk.message)

    def _turn(self, param: Param, arguments: list, sender: Sender) -> None:
        if not arguments:
            self._answer(sender, '/knob' + param.address, float(param.to_knob(self.desk.board[param.name])))
        elif not self.desk.turn(param.name, arguments[0]):
            self._refuse(self.desk.message)

    def _switch(self, name: str, arguments: list, sender: Sender) -> None:
        done = self.desk.set(name, arguments[0]) if arguments else self.desk.toggle(name)
        if not done:
            self._refuse(self.desk.message)

    def _panic(self, arguments: list, sender: Sender) -> None:
        if not arguments or read_number('panic', arguments[0]):
            self.desk.panic()

    def _gate(self, arguments: list, sender: Sender) -> None:
        self.desk.gate(read_number('velocity', first(arguments)))

    def _note(self, arguments: list, sender: Sender) -> None:
        key = read_number('key', first(arguments))
        self.desk.press(key, read_number('velocity', arguments[1]) if len(arguments) > 1 else 1.0)

    def _prompt(self, index: int, arguments: list, sender: Sender) -> None:
        if arguments:
            self.desk.set_prompt(index, join_words(arguments))
        else:
            prompts = self.desk.prompts.get() or ()
            self._answer(sender, f'/prompt/{index + 1}', prompts[index] if index < len(prompts) else '')

    def _negative(self, arguments: list, sender: Sender) -> None:
        """Take words as the negative prompt, and a number, also one in text, as its parameter."""
        if arguments and isinstance(arguments[0], str) and not is_number(arguments[0]):
            self._negative_text(arguments, sender)
        else:
            self._set(BY_ADDRESS['/prompt/negative'], arguments, sender)

    def _negative_text(self, arguments: list, sender: Sender) -> None:
        if arguments:
            self.desk.set_negative(join_words(arguments))
        else:
            self._answer(sender, '/prompt/negative/text', self.desk.negative.get() or '')

    def _patch(self, arguments: list, sender: Sender) -> None:
        if not arguments:
            self._answer(sender, '/patch', self.desk.patch.name)
        elif not self.desk.load_patch(join_words(arguments)):
            self._refuse(self.desk.message)

    def _ping(self, arguments: list, sender: Sender) -> None:
        self._answer(sender, '/pong')

    def _params(self, arguments: list, sender: Sender) -> None:
        threading.Thread(target=self._list, args=[sender], name='osc list', daemon=True).start()

    def _list(self, sender: Sender) -> None:
        """Send the list a few rows at a time: a client's socket holds no more than some two hundred datagrams."""
        for number, param in enumerate(PARAMS):
            if number % LISTED == LISTED - 1:
                time.sleep(LIST_PAUSE)
            value = float(self.desk.board[param.name])
            self._answer(sender, '/param', param.address, value, float(param.low), float(param.high),
                         param.unit, ' '.join(param.choices), param.doc)
        self._answer(sender, '/params/end', len(PARAMS))

    def _answer_to(self, arguments: list, sender: Sender) -> None:
        port = int(read_number('port', first(arguments)))
        if not 0 < port < 65536:
            raise ValueError(f'port = {port} is outside 1..65535')
        if len(self._answer_ports) < HOSTS or sender[0] in self._answer_ports:
            self._answer_ports[sender[0]] = port

    def _answer(self, sender: Sender, address: str, *arguments: float | int | str) -> None:
        host, port = sender[0], self._answer_ports.get(sender[0], sender[1])
        if self._socket is None:
            return
        try:
            self._socket.sendto(build_msg(address, list(arguments)).dgram, (host, port))
        except OSError as error:
            self._refuse(f'{address} could not be sent to {host}:{port}: {error.strerror}')

    def _refuse(self, sentence: str) -> None:
        self.refused += 1
        self.error = sentence

    def _count_malformed(self, sentence: str) -> None:
        self.malformed += 1
        self.error = sentence


def open_socket(host: str, port: int) -> socket.socket:
    """Return a UDP socket that does not wait; raise OscError that says what to do."""
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        opened.bind((host, port))
        opened.setblocking(False)
    except (OSError, OverflowError) as error:
        opened.close()
        raise OscError(f'OSC port {port} cannot be opened ({getattr(error, "strerror", error)}): '
                       'close the program that uses it, or choose another with --osc-port') from error
    return opened


def first(arguments: list) -> object:
    if not arguments:
        raise ValueError('needs a number')
    return arguments[0]


def is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def join_words(arguments: list) -> str:
    """Return all arguments as one text: Max sends every word by itself, and numbers as numbers."""
    return ' '.join(f'{item:g}' if isinstance(item, float) else str(item) for item in arguments)
