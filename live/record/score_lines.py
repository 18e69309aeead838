"""What a line of a performance file may say: each of READ, from JSON to what the sound takes, and back. [any]

    set       values of the Board         do       events: gate, panic, seed
    tune      the scale                   routes   the routes that are in force
    hold      spectra of frozen layers    classes  how sure each class of the sound is
    show      pictures that layers sound  take     which samples are the take
    words     prompts, negative prompt    shaders  before and after the dream
    patch     its name                    lost     changes that are missing from here on

Strict: ValueError, KeyError or TypeError tells a mistake. Names of parameters that mean nothing here go to `unknown`.
"""
import base64
import math
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from live.params import BY_NAME, HEARD, LAYERS, PARAMS, PROMPTS, find_number
from live.routes import CLASSES, DEGREES, MOVERS, NUMBERS, ROUTES, Row
from live.signals import GATE, PANIC, SEED

LARGEST_PICTURE = 2 ** 17       # pixels
MOST_PARTIALS = 512             # of a spectrum
EVENTS = {'gate': GATE, 'panic': PANIC, 'seed': SEED}
EVENT_NAMES = {kind: name for name, kind in EVENTS.items()}
OURS = {p.group for p in HEARD}     # ranges of the others are their shaders', which may be edited
INFINITE = ('gate_db',)         # fields of a Row that may be minus infinity, null in the file


def check_key(key: str) -> Callable[[Any, set[str]], Any]:
    if key not in READ:
        raise KeyError(f'{key[:40]!r} is none of {", ".join(READ)}')
    return READ[key]


def number_in(value: Any, low: float = -math.inf, high: float = math.inf, what: str = 'a number') -> float:
    """Return a finite number; raise ValueError that says what is allowed."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f'{value!r:.40} is not {what}' + (f' in {low:g}..{high:g}' if math.isfinite(high) else ''))
    if not math.isfinite(number := float(value)):
        raise ValueError(f'{value!r:.40} is not finite')
    return number


def whole_in(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f'{value!r:.40} is not a whole number in {low}..{high}')
    return value


def read_values(said: dict, unknown: set[str]) -> list[tuple[int, float]]:
    """Return place among PARAMS and value of each."""
    values = []
    for name, value in said.items():
        if name not in BY_NAME:
            unknown.add(name[:60])
        else:
            param = BY_NAME[name]
            if param.group not in OURS:
                value = min(param.high, max(param.low, number_in(value, what=name)))
            values.append((find_number(name), number_in(value, param.low, param.high, name)))
    return values


def read_events(said: list, unknown: set[str]) -> list[tuple[int, float]]:
    """Return EVENTs."""
    events = []
    for name, value in said:
        if name not in EVENTS:
            raise ValueError(f'{name!r:.40} is none of {", ".join(EVENTS)}')
        events.append((EVENTS[name], number_in(value, -2.0 ** 62, 2.0 ** 62)))
    return events


def read_tuning(said: dict, unknown: set[str]) -> tuple[np.ndarray, float, float]:
    """Return cents (n,), period in cents, glide in seconds."""
    cents = [number_in(value) for value in said['cents']]
    if len(cents) > DEGREES:
        raise ValueError(f'a scale of {len(cents)} degrees has more than {DEGREES}')
    return np.array(cents), number_in(said['period'], 0, 1e9), number_in(said['glide'], 0, 1e9)


def read_routes(said: list, unknown: set[str]) -> list[Row]:
    if len(said) > ROUTES:
        raise ValueError(f'{len(said)} routes are more than {ROUTES}')
    rows = []
    for item in said:
        source, target, *rest = (item[name] for name in Row._fields)
        if source not in NUMBERS:
            raise ValueError(f'route from {source!r:.40}, which is no source')
        if target not in BY_NAME:
            unknown.add(str(target)[:60])
            continue
        numbers = [-math.inf if value is None and name in INFINITE else number_in(value)
                   for name, value in zip(Row._fields[2:], rest)]
        row = Row(NUMBERS[source], find_number(target), *numbers)       # type: ignore[arg-type]
        rows.append(row._replace(voice=whole_in(item['voice'], 0, len(LAYERS)),
                                 octaves=whole_in(item['octaves'], 0, 1)))
    return rows


def read_spectra(said: list, unknown: set[str]) -> list[tuple[int, np.ndarray, np.ndarray]]:
    """Return layer, Hz and amplitudes (n,) of each."""
    spectra = []
    for item in said:
        hertz, levels = ([number_in(value) for value in item[key]] for key in ('hertz', 'levels'))
        if len(hertz) != len(levels) or len(hertz) > MOST_PARTIALS:
            raise ValueError(f'{len(hertz)} pitches and {len(levels)} levels: as many, at most {MOST_PARTIALS}')
        spectra.append((LAYERS.index(item['layer']), np.array(hertz), np.array(levels)))
    return spectra


def read_classes(said: dict, unknown: set[str]) -> list[tuple[int, float]]:
    """Return which class, from 0, and how sure it is."""
    return [(whole_in(int(number), 1, CLASSES) - 1, number_in(share, 0, 1)) for number, share in said.items()]


def read_pictures(said: list, unknown: set[str]) -> list[tuple[int, int, np.ndarray]]:
    """Return layer, number and light (rows, columns) uint8 of each."""
    pictures = []
    for item in said:
        layer, rows, columns = LAYERS.index(item['layer']), item['rows'], item['columns']
        whole_in(rows, 1, LARGEST_PICTURE), whole_in(columns, 1, LARGEST_PICTURE)
        unpack = zlib.decompressobj()
        try:
            light = unpack.decompress(base64.b64decode(item['light'], validate=True), LARGEST_PICTURE + 1)
        except zlib.error as error:
            raise ValueError('a picture cannot be unpacked') from error
        if len(light) != rows * columns or len(light) > LARGEST_PICTURE:
            raise ValueError(f'a picture of {rows} x {columns} has {len(light)} pixels')
        pictures.append((layer, whole_in(item['number'], 0, 2 ** 60),
                         np.frombuffer(light, np.uint8).reshape(rows, columns)))
    return pictures


def read_words(said: list, unknown: set[str]) -> tuple[tuple[str, ...], str]:
    """Return prompts and negative prompt."""
    prompts, negative = said
    if not (isinstance(prompts, list) and 1 <= len(prompts) <= PROMPTS
            and all(isinstance(text, str) for text in (*prompts, negative))):
        raise ValueError('words are not up to 8 prompts and a negative one')
    return tuple(prompts), negative


def read_shaders(said: list, unknown: set[str]) -> tuple[tuple[str, ...], ...]:
    before, after = said
    if not all(isinstance(names, list) and all(isinstance(name, str) for name in names) for names in said):
        raise ValueError('shaders are not two lists of names')
    return tuple(before), tuple(after)


def read_text(said: Any, unknown: set[str]) -> str:
    if not isinstance(said, str):
        raise ValueError(f'{said!r:.40} is not a text')
    return said


def read_count(said: Any, unknown: set[str]) -> int:
    return whole_in(said, 0, 2 ** 60)


def read_take(said: dict, unknown: set[str]) -> tuple[int, int | None]:
    """Return the first sample and the one after the last, None where that was never told."""
    end = said['to']
    return whole_in(said['from'], 0, 2 ** 60), None if end is None else whole_in(end, 0, 2 ** 60)


READ: dict[str, Callable[[Any, set[str]], Any]] = {
    'set': read_values, 'do': read_events, 'tune': read_tuning, 'routes': read_routes, 'hold': read_spectra,
    'classes': read_classes, 'show': read_pictures, 'words': read_words, 'shaders': read_shaders, 'patch': read_text,
    'lost': read_count, 'take': read_take}


def say_values(values: np.ndarray) -> dict[str, float]:
    """Return values in the order of PARAMS by name."""
    return {p.name: float(value) for p, value in zip(PARAMS, values)}


def say_routes(rows: np.ndarray) -> list[dict]:
    """Return rows of routes, records with the fields of Row."""
    told = []
    for row in rows:
        said = dict(zip(Row._fields, row.item()))
        said['source'], said['target'] = MOVERS[said['source']].name, PARAMS[said['target']].name
        told.append({key: None if value == -math.inf and key in INFINITE else value for key, value in said.items()})
    return told


def say_spectrum(spectrum: np.ndarray) -> dict:
    """Return a SPECTRUM."""
    count = int(spectrum['count'])
    return {'layer': LAYERS[int(spectrum['layer'])], 'hertz': spectrum['hertz'][:count].tolist(),
            'levels': spectrum['level'][:count].tolist()}


def say_picture(layer: int, number: int, light: np.ndarray) -> dict:
    """Return a picture (rows, columns) uint8 that a layer sounds."""
    rows, columns = light.shape
    packed = base64.b64encode(zlib.compress(light.tobytes(), 6)).decode()
    return {'layer': LAYERS[layer], 'number': number, 'rows': rows, 'columns': columns, 'light': packed}
