"""The messages of one MIDI device -> moves of its physical controls, and back to messages for its lamps and motors.

    cc        a controller in 7 bits                    bend      the pitch wheel, or a motor fader
    cc14      controllers n and n + 32 as one           pressure  of a channel
    nrpn      98, 99, then 6 and 38: 14 bits            note      a key, a pad, a button: velocity, 0 when let go
    nrpn7     the same from 6 alone                     rpn       100, 101, then 6 and 38: 0 is the bend range

What a controller message means depends on what the device is: 7 bits, half of 14, data of an NRPN. Every meaning is a
move of its own; a map picks the one it knows. Pure; knows nothing of maps, ports or parameters.

Sources: MIDI 1.0 Detailed Specification 4.2, table III and 'Registered and Non-Registered Parameter Numbers'.
"""
from collections.abc import Callable
from typing import NamedTuple

from mido import Message

COARSE, FINE = 6, 38                    # data entry
UP, DOWN = 96, 97                       # data entry by one
SELECTS = {98: ('nrpn', 0), 99: ('nrpn', 1), 100: ('rpn', 0), 101: ('rpn', 1)}     # which parameter, which half
NOTHING = 0x3FFF                        # the parameter that switches data entry off
MODE_MESSAGES = 120                     # controllers from here on are not controllers
KINDS = {       # kind: how many there are on a channel, the largest value
    'cc': (MODE_MESSAGES, 127), 'cc14': (32, 16383), 'nrpn': (NOTHING, 16383), 'nrpn7': (NOTHING, 127),
    'bend': (1, 16383), 'pressure': (1, 127), 'note': (128, 127), 'rpn': (NOTHING, 16383)}
CENTRE = 8192                           # of the pitch wheel

RELATIVE: dict[str, Callable[[int], int]] = {       # encoder without ends: value -> clicks to the right
    'twos': lambda value: value if value < 64 else value - 128,     # 1 right, 127 left: two's complement
    'offset': lambda value: value - 64,                             # 65 right, 63 left: binary offset
    'signed': lambda value: value if value < 64 else 64 - value,    # 1 right, 65 left: signed bit
    'reversed': lambda value: -value if value < 64 else value - 64,     # 65 right, 1 left: signed bit reversed
}


class Control(NamedTuple):
    """A physical control of a device. channel: 1..16."""
    kind: str
    number: int
    channel: int

    def __str__(self) -> str:
        number = '' if KINDS[self.kind][0] == 1 else f' {self.number}'
        return f'{self.kind}{number} on channel {self.channel}'


class Move(NamedTuple):
    """A control that stands at a value now."""
    control: Control
    value: int

    @property
    def position(self) -> float:
        """Where it stands on its way, 0..1; the pitch wheel at rest is at 0.5."""
        if self.control.kind == 'bend':
            return 0.5 + (self.value - CENTRE) / (2 * (CENTRE if self.value < CENTRE else CENTRE - 1))
        return self.value / KINDS[self.control.kind][1]


class ControlReader:
    """Reads the stream of one device. Remembers halves of values, and which NRPN or RPN is being set."""

    def __init__(self) -> None:
        self._values: dict[Control, int] = {}
        self._fine_first: set[Control] = set()
        self._selected: dict[int, tuple[str, int]] = {}     # channel: kind and number

    def read(self, message: Message) -> list[Move]:
        """Return what a message may move; a note that ends has value 0."""
        if message.is_meta or not hasattr(message, 'channel'):
            return []
        channel = message.channel + 1
        match message.type:
            case 'control_change':
                return self._controller(channel, message.control, message.value)
            case 'note_on' | 'note_off':
                velocity = message.velocity if message.type == 'note_on' else 0
                return [Move(Control('note', message.note, channel), velocity)]
            case 'pitchwheel':
                return [Move(Control('bend', 0, channel), message.pitch + CENTRE)]
            case 'aftertouch':
                return [Move(Control('pressure', 0, channel), message.value)]
        return []

    def _controller(self, channel: int, number: int, value: int) -> list[Move]:
        if number >= MODE_MESSAGES:
            return []
        moves = [Move(Control('cc', number, channel), value)]
        if number < 64:
            moves.append(self._join(Control('cc14', number % 32, channel), number >= 32, value))
        if number in SELECTS:
            self._select(channel, *SELECTS[number], value)
        elif channel in self._selected and number in (COARSE, FINE, UP, DOWN):
            moves += self._data(Control(*self._selected[channel], channel), number, value)
        return moves

    def _select(self, channel: int, kind: str, half: int, value: int) -> None:
        known, number = self._selected.get(channel, (kind, NOTHING))
        if known != kind:
            number = NOTHING
        number = (number & 0x7F) | value << 7 if half else (number & 0x3F80) | value
        self._selected[channel] = kind, number

    def _data(self, control: Control, number: int, value: int) -> list[Move]:
        if control.number == NOTHING:
            return []
        if number in (UP, DOWN):
            step = 1 if number == UP else -1
            self._values[control] = min(16383, max(0, self._values.get(control, 0) + step))
            return [Move(control, self._values[control])]
        whole = self._join(control, number == FINE, value)
        if control.kind == 'nrpn' and number == COARSE:
            return [whole, Move(control._replace(kind='nrpn7'), value)]
        return [whole]

    def _join(self, control: Control, fine: bool, half: int) -> Move:
        """Return the whole value after one half has arrived.

        Where the coarse half comes first, it is taken to be as near as can be to where the control was until the fine
        half follows: so a slow turn never leaps. Which half a device sends first is seen from its first message.
        """
        if control not in self._values and fine:
            self._fine_first.add(control)
        before = self._values.get(control, 0)
        coarse = before >> 7
        if fine:
            whole = coarse << 7 | half
        elif half == coarse or control in self._fine_first or control.kind == 'rpn':    # rpn: no fine half may follow
            whole = half << 7 | before & 0x7F
        else:
            whole = half << 7 | (0 if half > coarse else 127)
        self._values[control] = whole
        return Move(control, whole)


def encode(control: Control, value: int) -> list[bytes]:
    """Return the messages that say a value as the control itself would."""
    kind, number, channel = control
    controller, coarse, fine = 0xB0 | channel - 1, value >> 7, value & 0x7F
    if kind in ('nrpn', 'rpn', 'nrpn7'):
        base = 100 if kind == 'rpn' else 98
        select = [bytes([controller, base + 1, number >> 7]), bytes([controller, base, number & 0x7F])]
        if kind == 'nrpn7':
            return [*select, bytes([controller, COARSE, value])]
        return [*select, bytes([controller, COARSE, coarse]), bytes([controller, FINE, fine])]
    return {
        'cc': lambda: [bytes([controller, number, value])],
        'cc14': lambda: [bytes([controller, number, coarse]), bytes([controller, number + 32, fine])],
        'bend': lambda: [bytes([0xE0 | channel - 1, fine, coarse])],
        'pressure': lambda: [bytes([0xD0 | channel - 1, value])],
        'note': lambda: [bytes([0x90 | channel - 1, number, value])],
    }[kind]()
