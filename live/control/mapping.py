"""patches/maps/*.toml -> Map: what the controls of a MIDI device do. Strict like a patch; kept apart from sounds.

    description = 'One sentence.'
    devices = ['nanoKONTROL2']      # parts of the names of the devices it is for, in any case
    channel = 1                     # 1..16: listen to this one alone; without it to all
    bend_cents = 200                # a pitch wheel that is bound to nothing bends this far up and down
    keys = true                     # notes that are bound to nothing play
    takeover = 'cross'              # how knobs get hold of what stands elsewhere: cross, scale, jump
    bend = 'stage.gain_db'          # the pitch wheel or a motor fader; `pressure` is the other that has no number

    [cc]                            # controllers 0..119; [note]: keys, pads, buttons 0..127
    1 = 'dream.strength'
    70 = { param = 'drone.drift_cents', low = 0, high = 50, channel = 2 }
    71 = ['motes.size', { param = 'motes.speed', low = 1, high = 0 }]
    72 = { param = 'drone.tilt_db', mode = 'twos', step = 0.01 }
    73 = { action = 'recall', value = 3 }

    [cc14]                          # 0..31 together with 32..63; [nrpn]: 14 bits; [nrpn7]: its coarse half alone
    0 = { param = 'drone.root', in_low = 200, in_high = 16000, curve = 'square', takeover = 'jump' }

    [mpe]                           # zones in which each note has a channel of its own: mpe.py
    zone = 'lower'

    [[feedback]]                    # what is sent to lamps, rings and motors; the first that fits a control is taken
    kind = 'note'                   # controls it is for, from number `first` to `last`
    first = 0
    last = 63
    send = 'note'                   # as what it is sent, from `number` on, on `channel`; else as the control itself
    number = 0
    channel = 7
    off = 0                         # what is sent for 0 and for 1; a knob's lie between
    on = 21

low, high: plain units at the knob's two ends; between them the parameter's own curve is followed. in_low, in_high: what
the control sends there. curve: lin, square (fine at the low end), root (fine at the high end), smooth (at both).
mode: absolute (a switch is on from the middle); twos, offset, signed, reversed (encoders without ends, see
midi_controls.py); buttons: toggle (press: high, press: low), momentary (high while held), trigger (press: high), step
(press: one step further, round and round). step: part of the way, or choices, that a click or a press goes.
lit: what feedback sends for this control when it is on. Knows nothing of ports; map_files.py finds and saves.
"""
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from live.control.actions import ACTION_BY_NAME
from live.control.midi_controls import KINDS, RELATIVE, Control
from live.control.mpe import MpeSetup, read_setup
from live.params import SWITCH, Param, find_param, hint
from live.toml_file import check_entries, load_toml, sentence

ALONE = tuple(kind for kind, (count, _) in KINDS.items() if count == 1)     # have no number
BOUND = tuple(kind for kind in KINDS if kind != 'rpn')
BUTTONS = ('toggle', 'momentary', 'trigger', 'step')
MODES = ('absolute', *RELATIVE, *BUTTONS)
TAKEOVERS = ('cross', 'scale', 'jump')
CURVES: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {    # 0..1 -> 0..1 and its inverse
    'lin': (lambda x: x, lambda y: y),
    'square': (lambda x: x * x, math.sqrt),
    'root': (math.sqrt, lambda y: y * y),
    'smooth': (lambda x: x * x * (3 - 2 * x), lambda y: 0.5 - math.sin(math.asin(1 - 2 * y) / 3)),
}
ENTRIES = ('description', 'devices', 'channel', 'bend_cents', 'keys', 'takeover', 'mpe', 'feedback', *BOUND)
BINDING_ENTRIES = ('param', 'low', 'high', 'in_low', 'in_high', 'curve', 'takeover', 'mode', 'step', 'channel', 'lit')
ACTION_ENTRIES = ('action', 'value', 'channel', 'lit')
RULE_ENTRIES = ('kind', 'first', 'last', 'send', 'number', 'channel', 'off', 'on')


class MapError(ValueError):
    """A map that cannot be read: file, entry, value, what is allowed."""


@dataclass(frozen=True)
class Binding:
    """One control on one parameter, or on one action.

    low, high: plain units, None = the parameter's own limits. in_low, in_high: positions of the control, 0..1.
    step: 0 = one choice, or 1/128 of the way (an encoder) or 1/8 (a button). channel: 0 = all, else 1..16.
    """
    param: Param | None = None
    low: float | None = None
    high: float | None = None
    channel: int = 0
    in_low: float = 0.0
    in_high: float = 1.0
    curve: str = 'lin'
    takeover: str = 'cross'
    mode: str = 'absolute'
    step: float = 0.0
    action: str = ''
    value: float | None = None
    lit: int | None = None

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Positions of the parameter at the control's ends."""
        assert self.param
        return (self.param.to_knob(self.param.low if self.low is None else self.low),
                self.param.to_knob(self.param.high if self.high is None else self.high))

    def place(self, position: float) -> float:
        """Return the parameter's knob position at the controller's position 0..1."""
        low, high = self.ends
        inner = (position - self.in_low) / (self.in_high - self.in_low)
        return low + (high - low) * CURVES[self.curve][0](min(1.0, max(0.0, inner)))

    def find(self, knob: float) -> float:
        """Return where the control would stand for a knob position of the parameter: the inverse of `place`."""
        low, high = self.ends
        inner = min(1.0, max(0.0, (knob - low) / (high - low))) if high != low else 0.0
        return self.in_low + (self.in_high - self.in_low) * CURVES[self.curve][1](inner)

    @property
    def is_button(self) -> bool:
        return bool(self.action) or self.mode in BUTTONS

    @property
    def target(self) -> str:
        """What it steers: the name of a parameter or of an action, with its number."""
        if self.param:
            return self.param.name
        return self.action if self.value is None else f'{self.action} {self.value:g}'


@dataclass(frozen=True)
class Rule:
    """What is sent to a control's lamp, ring or motor. number, channel: None and 0 = the control's own."""
    kind: str
    first: int = 0
    last: int = 16383
    send: str = ''
    number: int | None = None
    channel: int = 0
    off: int = 0
    on: int = 127

    def fits(self, control: Control) -> bool:
        return control.kind == self.kind and self.first <= control.number <= self.last

    def answer(self, control: Control) -> Control:
        """Return the control as which a value is sent."""
        number = control.number if self.number is None else self.number + control.number - self.first
        return Control(self.send or control.kind, number, self.channel or control.channel)


Bindings = dict[tuple[str, int], tuple[Binding, ...]]


@dataclass(frozen=True)
class Map:
    """A device. bindings: by kind and number of the control; path: the file it was read from."""
    name: str = ''
    description: str = ''
    bend_cents: float = 200.0
    channel: int = 0
    bindings: Bindings = field(default_factory=dict)
    devices: tuple[str, ...] = ()
    keys: bool = True
    takeover: str = 'cross'
    rules: tuple[Rule, ...] = ()
    mpe: MpeSetup | None = None
    path: Path | None = field(default=None, compare=False)

    def find(self, control: Control) -> tuple[Binding, ...]:
        """Return what a control is bound to."""
        found = self.bindings.get((control.kind, control.number), ())
        return tuple(binding for binding in found if binding.channel in (0, control.channel)) if found else ()

    def rule(self, control: Control) -> Rule | None:
        return next((rule for rule in self.rules if rule.fits(control)), None)


def default_mode(kind: str, param: Param | None) -> str:
    """Return what a control does when the map does not say."""
    if param is None:
        return 'trigger'
    return 'absolute' if kind != 'note' else 'toggle' if param.choices == SWITCH else 'momentary'


def load_map(path: Path) -> Map:
    """Read a map; raise MapError that says in one sentence what is wrong, where, and what is allowed."""
    try:
        return _read(path, load_toml(path))
    except OSError as error:
        raise MapError(f'{path.name}: cannot be read: {error.strerror}') from error
    except (ValueError, KeyError, OverflowError) as error:
        raise MapError(f'{path.name}: {sentence(error)}') from error


def _read(path: Path, data: dict) -> Map:
    check_entries('', data, ENTRIES)
    takeover = _choice('takeover', data.get('takeover', 'cross'), TAKEOVERS)
    bindings: Bindings = {}
    for kind in BOUND:
        entries = {'0': data[kind]} if kind in ALONE and kind in data else data.get(kind, {})
        if not isinstance(entries, dict):
            raise ValueError(f'{kind} = {entries!r} is not a table')
        for key, value in entries.items():
            where = kind if kind in ALONE else f'{kind}.{key}'
            bindings[kind, _number_of(kind, key)] = _bindings(kind, where, value, takeover)
    return Map(path.stem, _text('description', data.get('description', '')),
               bend_cents=_number('bend_cents', data.get('bend_cents', 200), 0, 2400),
               channel=_channel('channel', data),
               bindings=bindings,
               devices=_texts('devices', data.get('devices', [])),
               keys=_truth('keys', data.get('keys', True)),
               takeover=takeover,
               rules=_rules(data.get('feedback', [])),
               mpe=read_setup(data['mpe']) if 'mpe' in data else None,
               path=path)


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f'{name} = {value!r} is not a text')
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f'{name} = {value!r} is not a list of texts')
    return tuple(_text(name, item) for item in value)


def _truth(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f'{name} = {value!r} is neither true nor false')
    return value


def _choice(name: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f'{name} = {value!r} is none of {", ".join(known)}{hint(str(value), known)}')
    return str(value)


def _number(name: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f'{name} = {value!r} is outside {low:g}..{high:g}')
    return value


def _whole_number(name: str, value: object, low: int, high: int) -> int:
    number = _number(name, value, low, high)
    if number != int(number):
        raise ValueError(f'{name} = {value!r} is not a whole number in {low}..{high}')
    return int(number)


def _channel(name: str, table: dict) -> int:
    return _whole_number(name, table['channel'], 1, 16) if 'channel' in table else 0


def _number_of(kind: str, key: str) -> int:
    count = KINDS[kind][0]
    if not (key.isascii() and key.isdecimal() and len(key) < 6 and int(key) < count):
        what = {'cc': 'a controller', 'note': 'a note'}.get(kind, f'a control of kind {kind}')
        raise ValueError(f'{kind}.{key} is not the number of {what}, 0..{count - 1}')
    return int(key)


def _bindings(kind: str, where: str, value: object, takeover: str) -> tuple[Binding, ...]:
    return tuple(_binding(kind, where, item, takeover) for item in (value if isinstance(value, list) else [value]))


def _binding(kind: str, where: str, value: object, takeover: str) -> Binding:
    if isinstance(value, str):
        value = {'param': value}
    if isinstance(value, dict) and 'action' in value:
        return _action(where, value)
    if not isinstance(value, dict) or not isinstance(value.get('param'), str):
        raise ValueError(f'{where} = {value!r} is neither the name of a parameter nor a table with param = its name')
    check_entries(f'{where}.', value, BINDING_ENTRIES)
    param = find_param(value['param'])
    in_low, in_high = _input(kind, where, value)
    return Binding(
        param,
        low=param.parse(value['low']) if 'low' in value else None,
        high=param.parse(value['high']) if 'high' in value else None,
        channel=_channel(f'{where}.channel', value),
        in_low=in_low, in_high=in_high,
        curve=_choice(f'{where}.curve', value.get('curve', 'lin'), tuple(CURVES)),
        takeover=_choice(f'{where}.takeover', value.get('takeover', takeover), TAKEOVERS),
        mode=_mode(kind, where, value, param),
        step=_number(f'{where}.step', value.get('step', 0), -1024, 1024),
        lit=_lit(where, value))


def _action(where: str, value: dict) -> Binding:
    check_entries(f'{where}.', value, ACTION_ENTRIES)
    name = _choice(f'{where}.action', value['action'], tuple(ACTION_BY_NAME))
    takes = ACTION_BY_NAME[name].takes
    if bool(takes) != ('value' in value):
        raise ValueError(f'{where}: the action {name} ' + (f'needs value = the {takes}' if takes else 'takes no value'))
    number = _whole_number(f'{where}.value', value['value'], 1, 9999) if takes else None
    return Binding(action=name, value=number, channel=_channel(f'{where}.channel', value), mode='trigger',
                   lit=_lit(where, value))


def _input(kind: str, where: str, value: dict) -> tuple[float, float]:
    most = KINDS[kind][1]
    low, high = (_whole_number(f'{where}.{end}', value.get(end, limit), 0, most)
                 for end, limit in (('in_low', 0), ('in_high', most)))
    if low >= high:
        raise ValueError(f'{where}: in_low = {low} is not below in_high = {high}; exchange low and high instead')
    return low / most, high / most


def _mode(kind: str, where: str, value: dict, param: Param) -> str:
    mode = _choice(f'{where}.mode', value.get('mode', default_mode(kind, param)), MODES)
    if mode in RELATIVE and KINDS[kind][1] != 127:
        raise ValueError(f'{where}.mode = {mode!r} is for controls of 7 bits')
    return mode


def _lit(where: str, value: dict) -> int | None:
    return _whole_number(f'{where}.lit', value['lit'], 0, 127) if 'lit' in value else None


def _rules(value: object) -> tuple[Rule, ...]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(f'feedback = {value!r} is not a list of tables; write [[feedback]]')
    return tuple(_rule(f'feedback {number}', item) for number, item in enumerate(value, 1))


def _rule(where: str, table: dict) -> Rule:
    check_entries(f'{where}: ', table, RULE_ENTRIES)
    if 'kind' not in table:
        raise ValueError(f'{where} needs kind = one of {", ".join(BOUND)}')
    kind = _choice(f'{where}: kind', table['kind'], BOUND)
    send = _choice(f'{where}: send', table['send'], BOUND) if 'send' in table else ''
    count, (sent, most) = KINDS[kind][0], KINDS[send or kind]
    first = _whole_number(f'{where}: first', table.get('first', 0), 0, count - 1)
    last = _whole_number(f'{where}: last', table.get('last', count - 1), first, count - 1)
    number = _whole_number(f'{where}: number', table['number'], 0, sent - 1) if 'number' in table else None
    if (first if number is None else number) + last - first >= sent:
        raise ValueError(f'{where}: {last - first + 1} controls do not fit below {send or kind} {sent - 1}')
    return Rule(kind, first, last, send, number, _channel(f'{where}: channel', table),
                off=_whole_number(f'{where}: off', table.get('off', 0), 0, most),
                on=_whole_number(f'{where}: on', table.get('on', most), 0, most))
