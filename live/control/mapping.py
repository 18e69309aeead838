"""patches/maps/*.toml -> Map: which knob of a MIDI controller turns what. Strict like a patch; kept apart from sounds.

    description = 'One sentence.'
    bend_cents = 200                # the pitch wheel's way up and down
    channel = 1                     # 1..16: listen to this one alone; without it to all

    [cc]
    1 = 'dream.strength'
    70 = { param = 'drone.drift_cents', low = 0, high = 50, channel = 2 }
    71 = ['motes.size', { param = 'motes.speed', low = 1, high = 0 }]

low and high are plain units at the knob's two ends; between them the parameter's own curve is followed. A switch is
on from the middle. Knows nothing of ports.
"""
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from live.params import Param, find_param, hint
from live.patch import PATCHES

MAPS = PATCHES / 'maps'
ENTRIES = ('description', 'bend_cents', 'channel', 'cc')
BINDING_ENTRIES = ('param', 'low', 'high', 'channel')


class MapError(ValueError):
    """A map that cannot be read: file, entry, value, what is allowed."""


@dataclass(frozen=True)
class Binding:
    """One knob on one parameter. low, high: positions of the parameter at its ends; channel: 0 = all, else 1..16."""
    param: Param
    low: float = 0.0
    high: float = 1.0
    channel: int = 0

    def place(self, position: float) -> float:
        """Return the parameter's knob position at the controller's position 0..1."""
        return self.low + (self.high - self.low) * position


@dataclass(frozen=True)
class Map:
    """A controller. bindings: by number of the controller."""
    name: str = ''
    description: str = ''
    bend_cents: float = 200.0
    channel: int = 0
    bindings: dict[int, tuple[Binding, ...]] = field(default_factory=dict)


def list_maps(folder: Path = MAPS) -> list[str]:
    return sorted(path.stem for path in folder.glob('*.toml'))


def find_map(name: str, folder: Path = MAPS) -> Path:
    """Return the file of a map given by name or path; raise MapError with the nearest name."""
    path = Path(name)
    if path.suffix == '.toml' and path.is_file():
        return path
    known = list_maps(folder)
    if name not in known:
        raise MapError(f'there is no map {name!r}{hint(name, known)} (known: {", ".join(known)})')
    return folder / f'{name}.toml'


def load_map(path: Path) -> Map:
    """Read a map; raise MapError that says in one sentence what is wrong, where, and what is allowed."""
    try:
        return _read(path.stem, tomllib.loads(path.read_text(encoding='utf-8')))
    except OSError as error:
        raise MapError(f'{path.name}: cannot be read: {error.strerror}') from error
    except (ValueError, KeyError, RecursionError) as error:
        raise MapError(f'{path.name}: {error.args[0] if isinstance(error, KeyError) else error}') from error


def _read(name: str, data: dict) -> Map:
    _check_entries('', data, ENTRIES)
    description, controllers = data.get('description', ''), data.get('cc', {})
    if not isinstance(description, str):
        raise ValueError(f'description = {description!r} is not a text')
    if not isinstance(controllers, dict):
        raise ValueError(f'cc = {controllers!r} is not a table')
    return Map(name, description,
               bend_cents=_number('bend_cents', data.get('bend_cents', 200), 0, 2400),
               channel=_channel('channel', data),
               bindings={_controller(key): _bindings(f'cc.{key}', value) for key, value in controllers.items()})


def _check_entries(where: str, table: dict, known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise KeyError(f'{where}{key} is unknown{hint(key, known)}')


def _number(name: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f'{name} = {value!r} is outside {low:g}..{high:g}')
    return value


def _channel(name: str, table: dict) -> int:
    if 'channel' not in table:
        return 0
    value = _number(name, table['channel'], 1, 16)
    if value != int(value):
        raise ValueError(f'{name} = {value!r} is not a whole number in 1..16')
    return int(value)


def _controller(key: str) -> int:
    if not (key.isascii() and key.isdecimal() and int(key) < 120):
        raise ValueError(f'cc.{key} is not the number of a controller, 0..119')
    return int(key)


def _bindings(where: str, value: object) -> tuple[Binding, ...]:
    return tuple(_binding(where, item) for item in (value if isinstance(value, list) else [value]))


def _binding(where: str, value: object) -> Binding:
    if isinstance(value, str):
        return Binding(find_param(value))
    if not isinstance(value, dict) or not isinstance(value.get('param'), str):
        raise ValueError(f'{where} = {value!r} is neither the name of a parameter nor a table with param = its name')
    _check_entries(f'{where}.', value, BINDING_ENTRIES)
    param = find_param(value['param'])
    low, high = (param.to_knob(param.parse(value.get(end, limit)))
                 for end, limit in (('low', _whole(param, param.low)), ('high', _whole(param, param.high))))
    return Binding(param, low, high, _channel(f'{where}.channel', value))


def _whole(param: Param, limit: float) -> float:
    """Return a limit as `Param.parse` reads it: choices are whole numbers."""
    return int(limit) if param.choices else limit
