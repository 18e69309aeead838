"""A patch's [tuning] <-> Tuning. Strict: what is unknown or outside is refused in one sentence, with a hint.

    one system     edo = 19 | divisions = 12.5 | ratios = ['9/8', '5/4'] | cents = [150.5, 701.9] | harmonics = [7, 14]
                   subharmonics = [7, 14] | harmonic_set = [28, 29, 31] | bohlen_pierce = 'just' (or 'equal')
                   euler_fokker = [3, 3, 5] | cps = {choose = 2, factors = [1, 3, 5, 7]} | file = 'name.scl'
                   nested = [{edo = 12}, {edo = 12}]            the second, squeezed, inside each step of the first
                   built_on = [{edo = 3}, {harmonics = [4, 8]}] the second on each degree of the first
    its period     period = '3/1' | period_cents = 1200         with edo, divisions, cents; period alone with ratios,
                                                                euler_fokker, cps
    its keys       reference = 466.16, reference_note = 70, middle = 70 (the key of degree 0)
                   fundamental = 3.14                           Hz of harmonic 1, in place of reference
                   keyboard = 'name.kbm'                        in place of all these
    glide = 5      seconds in which what sounds goes over to this tuning

A Tuning keeps its table in `words`, with the text of its files (scl, kbm), so that a patch can be written again and
sounds the same wherever it is read.
"""
import json
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from live.params import hint
from live.tuning import systems
from live.tuning.ascl import load_ascl, parse_ascl
from live.tuning.scala import decode, keyboard_text, load_keyboard, parse_keyboard, read_bytes, scale_text
from live.tuning.scale import MOST_CENTS, Scale, ScaleError, ratio_cents
from live.tuning.tuning import Keyboard, Tuning

BOUNDS = {      # of the plain numbers
    'divisions': (1, 1200), 'edo': (1, 1200), 'period_cents': (1, 12000), 'reference_note': (0, 127),
    'reference': (1, 20000), 'fundamental': (.001, 20000), 'middle': (0, 127), 'glide': (0, 600)}
WHOLE = ('edo', 'middle')
MOST_NUMBER = 2 ** 31 - 1
PERIODS = ('period', 'period_cents')
KEYS = ('reference', 'reference_note', 'fundamental', 'middle')
KINDS = ('equal', 'just')           # of Bohlen and Pierce
DEEPEST = 8                         # systems within systems

Period = tuple[Fraction | None, float]      # as a ratio, if it was told so, and in cents


def read_tuning(table: object, folders: Sequence[Path] = ()) -> Tuning:
    """Return the Tuning that a patch's [tuning] tells; files are looked for in `folders`, in that order.

    Raise ValueError or KeyError that names the entry, its value and what is allowed.
    """
    words = dict(_check(table, 'tuning', KNOWN))
    for file, text in (('file', 'scl'), ('keyboard', 'kbm')):
        if file in words:
            if text in words:
                raise ValueError(f'tuning.{file} does not go with {text}')
            path = find_file(words[file], folders)
            (load_ascl if file == 'file' else load_keyboard)(path)      # a mistake is told with the file's name
            words = {text if name == file else name: value for name, value in words.items()}
            words[text] = decode(read_bytes(path))
    scale = _read_system({name: value for name, value in words.items() if name in (*ALL_SYSTEMS, *PERIODS)})
    return Tuning(scale, _read_keyboard(words, scale), float(words.get('glide', 0)), words=words)


def tuning_lines(tuning: Tuning) -> list[str]:
    """Return the lines of a [tuning] that `read_tuning` reads back to the same tuning."""
    words = tuning.words
    if not words and tuning != Tuning():        # made in code: MIDI's 128 keys are told
        words = {'scl': scale_text(tuning.scale), 'kbm': keyboard_text(tuning.keyboard), 'glide': tuning.glide}
    return [f'{name} = {_toml(value)}' for name, value in words.items()]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return '{' + ', '.join(f'{name} = {_toml(item)}' for name, item in value.items()) + '}'
    if isinstance(value, list):
        return '[' + ', '.join(map(_toml, value)) + ']'
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace('\x7f', '\\u007f')
    return repr(value)


def find_file(name: object, folders: Sequence[Path]) -> Path:
    """Return the first file of that name; raise ScaleError with the nearest name."""
    paths = [folder / name for folder in folders] if isinstance(name, str) and name and '\0' not in name else []
    for path in paths:
        if path.is_file():
            return path
    known = {path.name for folder in folders for ending in ('*.scl', '*.ascl', '*.kbm') for path in folder.glob(ending)}
    raise ScaleError(f'there is no tuning file {name!r} beside the patch or in patches/scales'
                     + hint(str(name), sorted(known)))


def _check(table: object, where: str, known: Sequence[str]) -> dict[str, Any]:
    """Return a table whose names are known and whose plain numbers are in bounds."""
    if not isinstance(table, dict):
        raise ValueError(f'{where} = {table!r} is not a table')
    for name in table:
        if name not in known:
            raise KeyError(f'{where}.{name} is unknown{hint(name, known)}')
    for name in BOUNDS.keys() & table.keys():
        value, (low, high) = table[name], BOUNDS[name]
        whole = name not in WHOLE or isinstance(value, int)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high or not whole:
            raise ValueError(f'{where}.{name} = {value!r} is outside {low:g}..{high:g}'
                             + ', whole numbers' * (name in WHOLE))
    return table


def _read_system(table: dict[str, Any], depth: int = 1) -> Scale:
    told = [name for name in table if name in ALL_SYSTEMS]
    if len(told) > 1:
        raise ValueError(f'tuning has {" and ".join(told)}; one system is allowed')
    name = told[0] if told else 'divisions'
    period = [key for key in PERIODS if key in table]
    allowed = PERIODS_BY_SYSTEM.get(name, ())
    if len(period) > 1 or any(key not in allowed for key in period):
        raise ValueError(f'tuning.{period[-1]} does not go with {period[0] if len(period) > 1 else name}')
    if name in NESTINGS:
        return _make(name, NESTINGS[name], *_read_nested(name, table[name], depth))
    return _make(name, SYSTEMS[name], table.get(name, 12), _read_period(table))


def _make(name: str, build: Callable[..., Scale], *arguments: Any) -> Scale:
    """Return what a system builds; what it refuses is told with its name."""
    try:
        return build(*arguments)
    except ScaleError as error:
        raise ScaleError(f'tuning.{name}: {error}') from error


def _read_period(table: dict[str, Any]) -> Period:
    if 'period' not in table:
        return None, float(table.get('period_cents', 1200))
    ratio = _ratio('period', table['period'])
    if not 1 < ratio <= 1024:
        raise ValueError(f'tuning.period = {table["period"]!r} is not above 1/1, at most 1024')
    return ratio, ratio_cents(ratio.numerator, ratio.denominator)


def _read_nested(name: str, value: object, depth: int) -> list[Scale]:
    if not isinstance(value, list) or not 2 <= len(value) <= DEEPEST or depth > DEEPEST:
        raise ValueError(f'tuning.{name} = {str(value)[:60]} is not a list of 2 to {DEEPEST} systems, outermost first')
    known = [key for key in (*ALL_SYSTEMS, *PERIODS) if key != 'scl']
    return [_read_system(_check(item, f'tuning.{name}', known), depth + 1) for item in value]


def _ratio(name: str, value: object) -> Fraction:
    """Return a ratio told as '3/2' or as a whole number."""
    words = str(value).split('/') if isinstance(value, (str, int)) and not isinstance(value, bool) else []
    parts = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 11]
    if len(parts) != len(words) or len(parts) not in (1, 2) or not all(0 < part <= MOST_NUMBER for part in parts):
        raise ValueError(f"tuning.{name}: {value!r} is no ratio such as '3/2' of numbers in 1..{MOST_NUMBER}")
    return Fraction(parts[0], parts[1] if len(parts) == 2 else 1)


def _ratios(value: object, period: Period) -> Scale:
    return systems.just([_ratio('ratios', item) for item in _list('ratios', value)], period[0] or systems.OCTAVE)


def _list(name: str, value: object) -> list:
    if not isinstance(value, list) or not value:
        raise ValueError(f'tuning.{name} = {value!r} is not a list')
    return value


def _cents(value: object, period: Period) -> Scale:
    """Return a scale of cents; 0 is its first degree, listed or not."""
    cents = [0.0]
    for item in _list('cents', value):
        if isinstance(item, bool) or not isinstance(item, (int, float)) or not abs(item) <= MOST_CENTS:
            raise ValueError(f'tuning.cents: {item!r} is outside -{MOST_CENTS:g}..{MOST_CENTS:g}')
        cents.append(float(item))
    return Scale(tuple(cents[1:] if cents[1] == 0 else cents), period[1])


def _numbers(name: str, value: object, length: int | None = None) -> list[int]:
    """Return a list of whole numbers; with `length` it has so many and ascends."""
    numbers = _list(name, value)
    if any(isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST_NUMBER for n in numbers):
        raise ValueError(f'tuning.{name} = {value!r} holds what is no whole number in 1..{MOST_NUMBER}')
    if length and (len(numbers) != length or numbers != sorted(set(numbers))):
        raise ValueError(f'tuning.{name} = {value!r} is not {length} numbers, the lower first')
    return numbers


def _bohlen_pierce(value: object, _: Period) -> Scale:
    if value not in KINDS:
        raise ValueError(f'tuning.bohlen_pierce = {value!r} is none of {", ".join(KINDS)}{hint(str(value), KINDS)}')
    return systems.bohlen_pierce(value == 'just')


def _products(value: object, period: Period) -> Scale:
    if not isinstance(value, dict) or value.keys() != {'choose', 'factors'}:
        raise ValueError(f'tuning.cps = {value!r} is not {{choose = 2, factors = [1, 3, 5, 7]}} or the like')
    choose, = _numbers('cps.choose', [value['choose']])
    return systems.products(_numbers('cps.factors', value['factors']), choose, period[0] or systems.OCTAVE)


def _scl(value: object, _: Period) -> Scale:
    return parse_ascl(_text('scl', value), 'text')[0]


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f'tuning.{name} = {value!r} is not a text')
    return value


def _read_keyboard(words: dict[str, Any], scale: Scale) -> Keyboard:
    told = [name for name in KEYS if name in words]
    if 'kbm' in words:
        if told:
            raise ValueError(f'tuning.{told[0]} does not go with a keyboard, which tells it itself')
        return parse_keyboard(_text('kbm', words['kbm']), 'tuning.kbm')
    from_file = parse_ascl(words['scl'])[1] if 'scl' in words else None
    if from_file and not told:
        return from_file
    key = words.get('reference_note', 70)
    return Keyboard(middle=words.get('middle', math.floor(key)), reference_key=float(key),
                    reference=float(_reference(words)))


def _reference(words: dict[str, Any]) -> float:
    if 'fundamental' not in words:
        return words.get('reference', 466.16)
    if 'reference' in words:
        raise ValueError('tuning.fundamental does not go with reference')
    for name, lowest in LOWEST_HARMONIC.items():
        if name in words:
            return words['fundamental'] * lowest(words[name])
    raise ValueError(f'tuning.fundamental goes with {", ".join(LOWEST_HARMONIC)}')


SYSTEMS: dict[str, Callable[[Any, Period], Scale]] = {
    'edo': lambda value, period: systems.equal(value, period[1]),
    'divisions': lambda value, period: systems.equal(value, period[1]),
    'ratios': _ratios,
    'cents': _cents,
    'harmonics': lambda value, _: systems.harmonics(*_numbers('harmonics', value, 2)),
    'subharmonics': lambda value, _: systems.subharmonics(*_numbers('subharmonics', value, 2)),
    'harmonic_set': lambda value, _: systems.harmonic_set(_numbers('harmonic_set', value)),
    'bohlen_pierce': _bohlen_pierce,
    'euler_fokker': lambda value, period: systems.euler_fokker(_numbers('euler_fokker', value),
                                                               period[0] or systems.OCTAVE),
    'cps': _products,
    'scl': _scl,
}
NESTINGS: dict[str, Callable[..., Scale]] = {'nested': systems.nest, 'built_on': systems.build_on}
ALL_SYSTEMS = (*SYSTEMS, *NESTINGS)
LOWEST_HARMONIC: dict[str, Callable[[Any], float]] = {
    'harmonics': min, 'harmonic_set': min, 'subharmonics': lambda value: 1 / max(value)}
PERIODS_BY_SYSTEM = {'edo': PERIODS, 'divisions': PERIODS, 'cents': PERIODS,
                     'ratios': ('period',), 'euler_fokker': ('period',), 'cps': ('period',)}
KNOWN = (*ALL_SYSTEMS, *PERIODS, *KEYS, 'file', 'keyboard', 'kbm', 'glide')
