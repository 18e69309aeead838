"""patches/sets/*.toml -> Setlist: the cues of a performance, in order. Strict like a patch: it is read before the show.

    description = 'One sentence.'

    [[cue]]
    patch = 'bflat'         # or scene = 3, a stored one
    name = 'opening'        # what the performer reads; without it the patch or scene
    morph = 8               # seconds; without it stage.morph as it stands
    curve = 'ease-in'       # ease (the default), linear, ease-in, ease-out
    quantise = 'bar'        # off, beat, bar; without it tempo.quantise as it stands
    follow = 90             # seconds from its beginning to the next cue by itself; without it GO is waited for
    at = '18:30'            # begins by itself at this time of the day, local time; no cue follows into it before

All patches are read with the set, so no cue finds a bad one. Knows nothing of how a cue is performed.
"""
import math
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from live.control.passage import EASINGS
from live.params import BY_NAME, SCENES, hint
from live.patch import PATCHES, Patch, PatchError, find_patch, load_patch
from live.toml_file import check_entries, load_toml, sentence

SETS = PATCHES / 'sets'
ENTRIES = ('description', 'cue')
CUE_ENTRIES = ('patch', 'scene', 'name', 'morph', 'curve', 'quantise', 'follow', 'at')
LONGEST_FOLLOW = 24 * 3600.0


class SetError(ValueError):
    """A set that cannot be read: file, entry, value, what is allowed."""


@dataclass(frozen=True)
class Cue:
    """One cue: a patch, or the number of a scene. morph, quantise: None = as the performer has set them."""
    name: str
    patch: Patch | None = None
    scene: int = 0
    morph: float | None = None
    curve: str = 'ease'
    quantise: int | None = None
    follow: float | None = None
    at: time | None = None


@dataclass(frozen=True)
class Setlist:
    """Cues in order."""
    name: str
    cues: tuple[Cue, ...]
    description: str = ''


def list_sets(folder: Path = SETS) -> list[str]:
    return sorted(path.stem for path in folder.glob('*.toml'))


def find_set(name: str, folder: Path = SETS) -> Path:
    """Return the file of a set given by name or path; raise SetError with the nearest name."""
    path = Path(name)
    if path.suffix == '.toml' and path.is_file():
        return path
    known = list_sets(folder)
    if name not in known:
        raise SetError(f'there is no set {name!r}{hint(name, known)} (known: {", ".join(known) or "none"})')
    return folder / f'{name}.toml'


def load_set(path: Path) -> Setlist:
    """Read a set; raise SetError that says in one sentence what is wrong, where, and what is allowed.

    Patches beside the set come before those of the instrument.
    """
    try:
        return _read(path.stem, load_toml(path), path.parent)
    except OSError as error:
        raise SetError(f'{path.name}: cannot be read: {error.strerror}') from error
    except (ValueError, KeyError, OverflowError) as error:
        raise SetError(f'{path.name}: {sentence(error)}') from error


def _read(name: str, data: dict, folder: Path) -> Setlist:
    check_entries('', data, ENTRIES)
    description, cues = data.get('description', ''), data.get('cue', [])
    if not isinstance(description, str):
        raise ValueError(f'description = {description!r} is not a text')
    if not isinstance(cues, list) or not cues:
        raise ValueError('there is no [[cue]]')
    return Setlist(name, tuple(_cue(f'cue {number}', cue, folder) for number, cue in enumerate(cues, 1)), description)


def _cue(where: str, data: object, folder: Path) -> Cue:
    if not isinstance(data, dict):
        raise ValueError(f'{where} is not a table')
    check_entries(f'{where}: ', data, CUE_ENTRIES)
    if ('patch' in data) == ('scene' in data):
        raise ValueError(f'{where} needs either a patch or a scene')
    patch = _patch(where, data['patch'], folder) if 'patch' in data else None
    scene = _scene(where, data['scene']) if 'scene' in data else 0
    return Cue(name=_text(where, 'name', data.get('name', patch.name if patch else f'scene {scene}')),
               patch=patch, scene=scene,
               morph=_number(where, 'morph', data, BY_NAME['stage.morph'].high),
               curve=_choice(where, 'curve', data.get('curve', 'ease'), tuple(EASINGS)),
               quantise=_quantise(where, data),
               follow=_number(where, 'follow', data, LONGEST_FOLLOW),
               at=_time(where, data['at']) if 'at' in data else None)


def _text(where: str, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f'{where}: {key} = {value!r} is not a text')
    return value


def _patch(where: str, value: object, folder: Path) -> Patch:
    name = _text(where, 'patch', value)
    beside = folder / f'{name}.toml'
    try:
        return load_patch(beside if beside.is_file() and folder != SETS else find_patch(name))
    except PatchError as error:
        raise ValueError(f'{where}: {error}') from error


def _scene(where: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= SCENES:
        raise ValueError(f'{where}: scene = {value!r} is not a whole number in 1..{SCENES}')
    return value


def _number(where: str, key: str, data: dict, high: float) -> float | None:
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value) or not 0 <= value <= high:
        raise ValueError(f'{where}: {key} = {value!r} is outside 0..{high:g} s')
    return float(value)


def _time(where: str, value: object) -> time:
    try:
        return time.fromisoformat(_text(where, 'at', value)).replace(tzinfo=None)
    except ValueError as error:
        raise ValueError(f"{where}: at = {value!r} is not a time like '18:30'") from error


def _choice(where: str, key: str, value: object, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f'{where}: {key} = {value!r} is none of {", ".join(known)}{hint(str(value), known)}')
    return str(value)


def _quantise(where: str, data: dict) -> int | None:
    if 'quantise' not in data:
        return None
    known = BY_NAME['tempo.quantise'].choices
    return known.index(_choice(where, 'quantise', data['quantise'], known))
