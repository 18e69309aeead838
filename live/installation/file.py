"""patches/installations/*.toml -> Installation: what plays, when, and how it is looked after. Strict like a patch.

    description = 'One sentence.'

    [play]                          # options of `live play`, by their names
    patch = 'bflat'
    set = 'stairwell'
    model = 'embedded'
    device = 'Scarlett'

    [hours]                         # without them it is always open
    open = ['mon-fri 10:00-18:00', 'sat 20:00-02:00']
    fade = 10                       # seconds in which the sound goes and comes
    gain_db = -6                    # main level while it is open

    [care]
    loop = true                     # after the last cue of the set, the first again
    guard = true                    # flashes are softened
    locked = true                   # keys do nothing but leave: Esc, Esc
    thumbnails = 60                 # minutes from one picture kept to the next; 0: none
    recycle = '04:00'               # when the dream is built anew; '' never
    hang = 10                       # seconds without a sign of life after which it is started again

While it is closed the sound is silent, the picture black, and nothing is dreamt; the sound goes on in silence.
"""
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any

from live.installation.hours import Hours, read_hours, read_time
from live.params import BY_NAME, hint
from live.patch import PATCHES
from live.toml_file import load_toml, sentence

INSTALLATIONS = PATCHES / 'installations'
TEXTS = ('patch', 'audio', 'device', 'display', 'monitor', 'screens', 'performer', 'model', 'image', 'camera', 'midi',
         'midi_clock', 'map', 'gamepad', 'set', 'safe', 'record', 'status_json', 'classifier')
SWITCHES = ('input', 'lan', 'compile', 'share_gl', 'fullscreen')
NUMBERS = {'samplerate': (8000, 384000), 'blocksize': (0, 16384), 'osc_port': (0, 65535), 'panel': (0, 65535),
           'keep': (0, 60)}
LISTS = ('lora', 'share')
PLAY = (*TEXTS, *SWITCHES, *NUMBERS, *LISTS, 'size')
WHOLE = ('blocksize', 'osc_port', 'panel')
TABLES = {'play': PLAY, 'hours': ('open', 'fade', 'gain_db'),
          'care': ('loop', 'guard', 'locked', 'thumbnails', 'recycle', 'hang')}


class InstallationError(ValueError):
    """A file that cannot be read: file, entry, value, what is allowed."""


@dataclass(frozen=True)
class Installation:
    """What the file says. play: options of `live play`; thumbnails: minutes; hang, fade: seconds."""
    name: str = ''
    description: str = ''
    play: dict[str, Any] = field(default_factory=dict)
    hours: tuple[Hours, ...] = ()
    fade: float = 10.0
    gain_db: float = 0.0
    loop: bool = True
    guard: bool = True
    locked: bool = True
    thumbnails: float = 60.0
    recycle: time | None = time(4, 0)
    hang: float = 10.0


def find_installation(name: str, folder: Path = INSTALLATIONS) -> Path:
    """Return a file given by path or by name; raise InstallationError with the nearest name."""
    path = Path(name)
    if path.suffix == '.toml' and path.is_file():
        return path
    known = sorted(path.stem for path in folder.glob('*.toml'))
    if name not in known:
        raise InstallationError(f'there is no installation {name!r}{hint(name, known)} '
                                f'(known: {", ".join(known) or "none"})')
    return folder / f'{name}.toml'


def load_installation(path: Path) -> Installation:
    """Read a file; raise InstallationError that says in one sentence what is wrong, where, and what is allowed."""
    try:
        return _read(path.stem, load_toml(path))
    except OSError as error:
        raise InstallationError(f'{path.name}: cannot be read: {error.strerror}') from error
    except (ValueError, KeyError, OverflowError) as error:
        raise InstallationError(f'{path.name}: {sentence(error)}') from error


def _read(name: str, data: dict) -> Installation:
    _check('', data, ('description', *TABLES))
    tables = {key: _table(key, data.get(key, {})) for key in TABLES}
    play = {key: _option(key, value) for key, value in tables['play'].items()}
    return Installation(name, _text('description', data.get('description', '')), play,
                        **_hours(tables['hours']), **_care(tables['care']))


def _table(key: str, value: object) -> dict:
    if not isinstance(value, dict):
        raise ValueError(f'{key} = {value!r} is not a table: write [{key}]')
    _check(f'[{key}] ', value, TABLES[key])
    return value


def _check(where: str, table: dict, known: tuple[str, ...]) -> None:
    for key in table:
        if key not in known:
            raise KeyError(f'{where}{key} is unknown{hint(key, known)} (known: {", ".join(known)})')


def _option(key: str, value: object) -> object:
    if key in TEXTS:
        return _text(f'play: {key}', value)
    if key in SWITCHES:
        return _switch(f'play: {key}', value)
    if key in LISTS:
        return _texts(f'play: {key}', value)
    if key == 'size':
        return _size(value)
    number = _number(f'play: {key}', value, *NUMBERS[key])
    return int(number) if key in WHOLE else number


def _hours(table: dict) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if 'open' in table:
        made['hours'] = tuple(read_hours(text) for text in _texts('hours: open', table['open']))
    if 'fade' in table:
        made['fade'] = _number('hours: fade', table['fade'], 0, 600)
    if 'gain_db' in table:
        level = BY_NAME['stage.gain_db']
        made['gain_db'] = _number('hours: gain_db', table['gain_db'], level.low, level.high)
    return made


def _care(table: dict) -> dict[str, Any]:
    made: dict[str, Any] = {key: _switch(f'care: {key}', table[key]) for key in ('loop', 'guard', 'locked')
                            if key in table}
    if 'thumbnails' in table:
        made['thumbnails'] = _number('care: thumbnails', table['thumbnails'], 0, 24 * 60)
    if 'recycle' in table:
        text = _text('care: recycle', table['recycle'])
        made['recycle'] = read_time(text) if text else None
    if 'hang' in table:
        made['hang'] = _number('care: hang', table['hang'], 3, 600)
    return made


def _text(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f'{where} = {value!r} is not a text')
    return value


def _texts(where: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError(f'{where} = {value!r} is not a list of texts')
    return value


def _switch(where: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f'{where} = {value!r} is neither true nor false')
    return value


def _number(where: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f'{where} = {value!r} is not a number in {low:g}..{high:g}')
    return float(value)


def _size(value: object) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f'play: size = {value!r} is not a list like [1920, 1080]')
    width, height = (int(_number('play: size', side, 16, 16384)) for side in value)
    return width, height
