"""patches/*.toml <-> Board, tuning, prompts, layers, seed. Strict: a bad patch changes nothing.

    description = 'One sentence.'          [tuning]                    [drone]              any group of
    prompts = ['first', 'second']          edo = 12                    drift_cents = 12     live/params.py
    negative = 'people'                    reference_note = 70         or any other system, also from
    layers = ['drone', 'pulse']            reference = 466.16          Scala's files: live/tuning/table.py
    seed = 1

    [shaders]           before = ['ink']             through which the picture goes before it is dreamt of,
                        after = ['bloom', 'grain']   and before it is seen: files of shaders/, in order
    [[route]]           from = 'lfo1', to = 'drone.cutoff', amount = 1, and more: live/routes.py
    [spectra]           drone = [[466.2, -12], [932.4, -18]]     partials (Hz, dB) that a frozen layer holds
    classes = ['calm']  what class1, class2 ... are called by the classifier, if one listens

Parameters that a patch does not name stand at their defaults, so a patch always sounds the same. Knows nothing of
stages: who loads a patch hands it on.
"""
from dataclasses import dataclass, field
from pathlib import Path

from live.isf import list_shaders
from live.params import BY_NAME, GROUPS, LAYERS, PARAMS, PROMPTS, SILENT_DB, STAGE, Board, find_param, hint
from live.routes import CLASSES, Route, read_routes, route_lines
from live.toml_file import load_toml, quote, sentence
from live.tuning.table import read_tuning, tuning_lines
from live.tuning.tuning import Tuning

PATCHES = Path(__file__).resolve().parents[1] / 'patches'
SCALES = PATCHES / 'scales'            # .scl, .ascl and .kbm; files beside the patch come first
SOUNDING = (*LAYERS, 'pulse', 'input')          # what `layers` may name
HEADERS = ('description', 'prompts', 'negative', 'layers', 'seed', 'tuning', 'shaders', 'route', 'spectra', 'classes')
MOST_PARTIALS = 512     # that a frozen layer holds
HERTZ, DECIBELS = (1.0, 96000.0), (-120.0, 0.0)         # of a partial
CHAINS = 'before', 'after'      # the dream


Spectrum = tuple[tuple[float, float], ...]      # Hz, dB


class PatchError(ValueError):
    """A patch that cannot be read: file, name, value, what is allowed."""


@dataclass(frozen=True)
class Patch:
    """A sound with its pictures. values: by dotted name, defaults left out; layers: groups that sound."""
    name: str
    description: str = ''
    prompts: tuple[str, ...] = ('', '')
    negative: str = ''
    layers: tuple[str, ...] = SOUNDING
    seed: int = 0
    tuning: Tuning = Tuning()
    values: dict[str, float] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    shaders: tuple[tuple[str, ...], ...] = ((), ())     # of CHAINS
    spectra: dict[str, Spectrum] = field(default_factory=dict)      # by layer
    classes: tuple[str, ...] = ()

    def apply(self, board: Board) -> None:
        """[control] Put every parameter but the stage's own where this patch wants it."""
        for param in PARAMS:
            if param.group != STAGE:
                board[param.name] = self.values.get(param.name, param.default)
        for layer in SOUNDING:
            if layer not in self.layers:
                board[f'{layer}.level_db'] = SILENT_DB


def list_patches(folder: Path = PATCHES) -> list[str]:
    return sorted(path.stem for path in folder.glob('*.toml'))


def find_patch(name: str, folder: Path = PATCHES, by_path: bool = True) -> Path:
    """Return the file of a patch given by name, or by path if that may be; raise PatchError with the nearest name."""
    path = Path(name)
    if by_path and path.suffix == '.toml' and path.is_file():
        return path
    known = list_patches(folder)
    if name not in known:
        raise PatchError(f'there is no patch {name!r}{hint(name, known)} (known: {", ".join(known)})')
    return folder / f'{name}.toml'


def load_patch(path: Path) -> Patch:
    """Read a patch; raise PatchError that says in one sentence what is wrong, where, and what is allowed."""
    try:
        return _read(path.stem, load_toml(path), path.parent)
    except OSError as error:
        raise PatchError(f'{path.name}: cannot be read: {error.strerror}') from error
    except (ValueError, KeyError, OverflowError) as error:      # a whole number may be larger than any float
        raise PatchError(f'{path.name}: {sentence(error)}') from error


def _read(name: str, data: dict, folder: Path) -> Patch:
    values: dict[str, float] = {}
    for key, value in data.items():
        if key in HEADERS:
            continue
        if key == STAGE:
            raise KeyError('[stage] belongs to the performer and cannot stand in a patch')
        if key not in GROUPS or not isinstance(value, dict):
            raise KeyError(f'{key} is unknown{hint(key, (*GROUPS, *HEADERS))}')
        for quantity, setting in value.items():
            param = find_param(f'{key}.{quantity}')
            values[param.name] = param.parse(setting)
    tuning = read_tuning(data.get('tuning', {}), (folder, SCALES))
    return Patch(
        name=name,
        description=_text('description', data.get('description', '')),
        prompts=_prompts(data.get('prompts', ['', ''])),
        negative=_text('negative', data.get('negative', '')),
        layers=_layers(data.get('layers', list(SOUNDING))),
        seed=_seed(data.get('seed', 0)),
        tuning=tuning,
        values=values,
        routes=read_routes(data.get('route', []), len(tuning.scale_cents())),
        shaders=_shaders(data.get('shaders', {})),
        spectra=_spectra(data.get('spectra', {})),
        classes=_classes(data.get('classes', [])))


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f'{key} = {value!r} is not a text')
    return value


def _prompts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= PROMPTS:
        raise ValueError(f'prompts = {value!r} is not a list of one to {PROMPTS} texts')
    return tuple(_text('prompts', item) for item in value)


def _layers(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(f'layers = {value!r} is not a list of layers ({", ".join(SOUNDING)})')
    for item in value:
        if item not in SOUNDING:
            raise ValueError(f'layers: {item!r} is none of {", ".join(SOUNDING)}{hint(str(item), SOUNDING)}')
    return tuple(value)


def _shaders(value: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, dict):
        raise ValueError(f'shaders = {value!r} is not a table of {" and ".join(CHAINS)}')
    for key in value:
        if key not in CHAINS:
            raise KeyError(f'shaders.{key} is unknown{hint(key, CHAINS)} (known: {", ".join(CHAINS)})')
    return tuple(check_chain(f'shaders.{key}', value.get(key, [])) for key in CHAINS)


def check_chain(key: str, value: object) -> tuple[str, ...]:
    """Return names of shaders in order; raise ValueError that tells which there are."""
    if not isinstance(value, (list, tuple)):
        raise ValueError(f'{key} = {value!r} is not a list of shaders')
    known = [path.stem for path in list_shaders()]
    for item in value:
        if item not in known:
            raise ValueError(f'{key}: there is no shader {item!r}{hint(str(item), known)} (known: {", ".join(known)})')
    if len(set(value)) < len(value):
        raise ValueError(f'{key} = {value!r} names a shader twice')
    return tuple(value)


def _spectra(value: object) -> dict[str, Spectrum]:
    if not isinstance(value, dict):
        raise ValueError(f'spectra = {value!r} is not a table of layers')
    for layer in value:
        if layer not in LAYERS:
            raise KeyError(f'spectra.{layer} is unknown{hint(layer, LAYERS)} (known: {", ".join(LAYERS)})')
    return {layer: _spectrum(f'spectra.{layer}', partials) for layer, partials in value.items()}


def _spectrum(key: str, value: object) -> Spectrum:
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_PARTIALS:
        raise ValueError(f'{key} is not a list of 1 to {MOST_PARTIALS} partials [Hz, dB]')
    return tuple(_partial(key, item) for item in value)


def _partial(key: str, value: object) -> tuple[float, float]:
    if isinstance(value, list) and len(value) == 2:
        hertz, level = value
        if _within(hertz, *HERTZ) and _within(level, *DECIBELS):
            return float(hertz), float(level)
    raise ValueError(f'{key}: {str(value)[:40]} is no partial [Hz, dB] in {HERTZ[0]:g}..{HERTZ[1]:g}, '
                     f'{DECIBELS[0]:g}..{DECIBELS[1]:g}')


def _within(value: object, low: float, high: float) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def _classes(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > CLASSES or len(set(map(str, value))) < len(value):
        raise ValueError(f'classes = {str(value)[:60]} is not a list of at most {CLASSES} different names')
    return tuple(_text('classes', item) for item in value)


def _seed(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2 ** 31:
        raise ValueError(f'seed = {value!r} is not a whole number in 0..{2 ** 31 - 1}')
    return value


def dump_patch(patch: Patch) -> str:
    """Return a patch as TOML text that `load_patch` reads back to the same patch."""
    lines = [f'description = {quote(patch.description)}',
             f'prompts = [{", ".join(map(quote, patch.prompts))}]',
             f'negative = {quote(patch.negative)}',
             f'layers = [{", ".join(map(quote, patch.layers))}]',
             f'seed = {patch.seed}',
             *([f'classes = [{", ".join(map(quote, patch.classes))}]'] if patch.classes else []),
             '', '[tuning]', *tuning_lines(patch.tuning)]
    for group in GROUPS:
        rows = [BY_NAME[name] for name in patch.values if BY_NAME[name].group == group]
        if rows:
            lines += ['', f'[{group}]']
        for param in rows:
            value = patch.values[param.name]
            lines.append(f'{param.name.partition(".")[2]} = '
                         + (quote(param.text(value)) if param.choices else repr(value)))
    if any(patch.shaders):
        lines += ['', '[shaders]', *(f'{key} = [{", ".join(map(quote, names))}]'
                                     for key, names in zip(CHAINS, patch.shaders) if names)]
    if patch.spectra:
        lines += ['', '[spectra]', *(f'{layer} = [{", ".join(str([*partial]) for partial in partials)}]'
                                     for layer, partials in patch.spectra.items())]
    for route in patch.routes:
        lines += ['', *route_lines(route)]
    return '\n'.join(lines) + '\n'
