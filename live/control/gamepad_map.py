"""patches/gamepads/*.toml -> PadMap: what the sticks, triggers and buttons of a gamepad do. Strict like a patch.

    description = 'One sentence.'
    dead = 0.15                     # part of a stick's way around its middle where nothing happens

    [axis]
    left_x = { param = 'dream.strength', rate = 0.3 }       # moves it, by so many ways of its knob a second
    left_trigger = { param = 'drone.gate', low = 0, high = 1 }      # holds it, between two values in plain units

    [button]
    a = { action = 'go' }
    b = { action = 'recall', value = 3 }
    x = 'stage.freeze'              # a switch turns over
    y = { param = 'reverb.freeze', hold = true }            # on while it is pressed

Names of axes and buttons: AXES and BUTTONS, as SDL has them; of joysticks that SDL does not know as gamepads: axis1,
button1, hat1_up. Knows nothing of devices.
"""
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from live.control.actions import ACTION_BY_NAME
from live.params import SWITCH, Param, find_param, hint
from live.patch import PATCHES
from live.toml_file import check_entries, load_toml, sentence

PADS = PATCHES / 'gamepads'
AXES = ('left_x', 'left_y', 'right_x', 'right_y', 'left_trigger', 'right_trigger')
BUTTONS = ('a', 'b', 'x', 'y', 'back', 'guide', 'start', 'left_stick', 'right_stick', 'left_shoulder',
           'right_shoulder', 'up', 'down', 'left', 'right', 'misc', 'paddle1', 'paddle2', 'paddle3', 'paddle4',
           'touchpad')
PLAIN_AXIS, PLAIN_BUTTON = re.compile(r'axis\d{1,3}'), re.compile(r'button\d{1,3}|hat\d{1,2}_(up|down|left|right)')
FASTEST = 20.0          # ways of a knob in a second
ENTRIES = ('description', 'dead', 'axis', 'button')

Binding = TypeVar('Binding')


class PadError(ValueError):
    """A map of a gamepad that cannot be read: file, entry, value, what is allowed."""


@dataclass(frozen=True)
class Axis:
    """A stick or trigger on a parameter. rate: ways of its knob a second, 0 = it holds it from low to high."""
    param: Param
    rate: float = 0.0
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Button:
    """A button: an action with its value, or a switch. hold: the switch is on while the button is pressed."""
    action: str = ''
    value: float | None = None
    param: Param | None = None
    hold: bool = False


@dataclass(frozen=True)
class PadMap:
    """What all that is on a gamepad does, by names."""
    name: str = ''
    description: str = ''
    dead: float = 0.15
    axes: dict[str, Axis] = field(default_factory=dict)
    buttons: dict[str, Button] = field(default_factory=dict)


def find_pad(name: str, folder: Path = PADS) -> Path:
    """Return the file of a gamepad's map given by name or path; raise PadError with the nearest name."""
    path = Path(name)
    if path.suffix == '.toml' and path.is_file():
        return path
    known = sorted(path.stem for path in folder.glob('*.toml'))
    if name not in known:
        raise PadError(f'there is no map of a gamepad {name!r}{hint(name, known)} (known: {", ".join(known)})')
    return folder / f'{name}.toml'


def load_pad(path: Path) -> PadMap:
    """Read a map; raise PadError that says in one sentence what is wrong, where, and what is allowed."""
    try:
        return _read(path.stem, load_toml(path))
    except OSError as error:
        raise PadError(f'{path.name}: cannot be read: {error.strerror}') from error
    except (ValueError, KeyError) as error:
        raise PadError(f'{path.name}: {sentence(error)}') from error


def _read(name: str, data: dict) -> PadMap:
    check_entries('', data, ENTRIES)
    if not isinstance(data.get('description', ''), str):
        raise ValueError('description is not a text')
    return PadMap(name, data.get('description', ''),
                  _number('dead', data.get('dead', 0.15), 0, 0.9),
                  _table(data, 'axis', AXES, PLAIN_AXIS, _axis), _table(data, 'button', BUTTONS, PLAIN_BUTTON, _button))


def _table(data: dict, key: str, names: tuple[str, ...], plain: re.Pattern,
           read: Callable[[str, object], Binding]) -> dict[str, Binding]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise ValueError(f'{key} = {table!r:.40} is not a table')
    for name in table:
        if name not in names and not plain.fullmatch(name):
            raise KeyError(f'{key}.{name} is unknown{hint(name, names)} (known: {", ".join(names)})')
    return {name: read(f'{key}.{name}', value) for name, value in table.items()}


def _axis(where: str, value: object) -> Axis:
    if not isinstance(value, dict) or 'param' not in value:
        raise ValueError(f'{where} = {value!r:.40} is not a table with param = the name of a parameter')
    check_entries(f'{where}.', value, ('param', 'rate', 'low', 'high'))
    param = find_param(str(value['param']))
    if 'rate' in value:
        if 'low' in value or 'high' in value:
            raise ValueError(f'{where} has a rate, so it has neither low nor high')
        return Axis(param, _number(f'{where}.rate', value['rate'], -FASTEST, FASTEST))
    end = partial(_end, param, value)
    return Axis(param, 0.0, end('low', param.low), end('high', param.high))


def _end(param: Param, value: dict, name: str, limit: float) -> float:
    """Return the knob's position at one end of the axis."""
    return param.to_knob(param.parse(value.get(name, int(limit) if param.choices else limit)))


def _button(where: str, value: object) -> Button:
    if isinstance(value, str):
        return Button(param=_switch(where, value))
    if not isinstance(value, dict) or ('action' in value) == ('param' in value):
        raise ValueError(f'{where} = {value!r:.40} is neither a switch, nor a table with action or param')
    if 'param' in value:
        check_entries(f'{where}.', value, ('param', 'hold'))
        return Button(param=_switch(where, str(value['param'])), hold=value.get('hold', False) is True)
    check_entries(f'{where}.', value, ('action', 'value'))
    return _action(where, str(value['action']), value.get('value'))


def _action(where: str, name: str, value: object) -> Button:
    action = ACTION_BY_NAME.get(name)
    if action is None:
        raise ValueError(f'{where}: there is no action {name!r}{hint(name, ACTION_BY_NAME)}')
    if bool(action.takes) != (value is not None):
        raise ValueError(f'{where}: {name} needs ' + (f'value = the {action.takes}' if action.takes else 'no value'))
    return Button(name, None if value is None else _number(f'{where}.value', value, 1, 999))


def _switch(where: str, name: str) -> Param:
    param = find_param(name)
    if param.choices != SWITCH:
        raise ValueError(f'{where}: {name} is not a switch')
    return param


def _number(name: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value) or not low <= value <= high:
        raise ValueError(f'{name} = {value!r:.40} is outside {low:g}..{high:g}')
    return float(value)
