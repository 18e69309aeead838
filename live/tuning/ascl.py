"""Ableton's .ascl: a .scl file whose comments tell reference pitch, names and range as well. -> Scale and Keyboard.

    ! @ABL REFERENCE_PITCH octave index Hz               ! @ABL NOTE_RANGE_BY_FREQUENCY lowest [highest]
    ! @ABL NOTE_NAMES "name" "name" ...                  ! @ABL NOTE_RANGE_BY_INDEX octave index [octave index]

As in Live, key 60 is the pitch nearest to 261.63 Hz. Other directives (SOURCE, LINK) are for readers. A plain .scl has
none of them and no keyboard. Source: help.ableton.com, ASCL Specification. Raises ScaleError with file and line.
"""
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from live.tuning.scala import NEWLINE, decimal, decode, one_line, parse_scale, read_bytes, scale_text
from live.tuning.scale import Scale, ScaleError
from live.tuning.tuning import KEYS, Keyboard, Tuning

MIDDLE_C, MIDDLE_C_HZ = 60, 440 * 2 ** (-9 / 12)
OCTAVES = range(-2, 9)
MIDDLE_OCTAVE = 3           # Live's name for the octave of key 60
DIRECTIVE = re.compile(r'!\s*@ABL\s+(\w+)(.*)', re.ASCII)
WORD = re.compile(r'"([^"]*)"|([^\s"]+)')

Directives = dict[str, tuple[int, list[str]]]       # name: line, words


def load_ascl(path: Path) -> tuple[Scale, Keyboard | None]:
    """Read a .scl or .ascl file; without directives there is no Keyboard."""
    data = read_bytes(path)
    scale, keyboard = parse_ascl(decode(data), path.name)
    if keyboard and not is_utf8(data):
        raise ScaleError(f'{path.name}: has @ABL directives and is not UTF-8')
    return scale, keyboard


def save_ascl(path: Path, tuning: Tuning) -> None:
    path.write_text(ascl_text(tuning, path.name), encoding='utf-8', newline='')


def parse_ascl(text: str, name: str = 'scale') -> tuple[Scale, Keyboard | None]:
    """Return what the text of a .scl or .ascl file tells."""
    scale = parse_scale(text, name)
    found: Directives = {}
    for number, line in enumerate(NEWLINE.split(text), 1):
        if match := DIRECTIVE.match(line):
            found[match[1]] = number, [quoted or bare for quoted, bare in WORD.findall(match[2])]
    if not found:
        return scale, None
    if 'NOTE_NAMES' in found:
        scale = _name(scale, *found['NOTE_NAMES'], name)
    return scale, _keyboard(scale, found, name)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode('utf-8')
    except UnicodeDecodeError:
        return False
    return True


def _name(scale: Scale, line: int, names: list[str], file_name: str) -> Scale:
    if len(names) != len(scale.cents):
        raise ScaleError(f'{file_name}: line {line}: {len(names)} NOTE_NAMES for {len(scale.cents)} notes')
    return replace(scale, names=tuple(names))


def _keyboard(scale: Scale, found: Directives, name: str) -> Keyboard:
    octave, index, reference = _reference(scale, found, name)
    key = MIDDLE_C - _steps_to_middle_c(scale, index, reference)
    keyboard = Keyboard((), 0, KEYS - 1, key - index, key, reference)
    ranges = [kind for kind in found if kind.startswith('NOTE_RANGE_BY_')]
    if len(ranges) > 1:
        raise ScaleError(f'{name}: has a {" and a ".join(ranges)}; one of them is allowed')
    for kind in ranges:
        line, words = found[kind]
        where = f'{name}: line {line}: {kind}'
        if kind == 'NOTE_RANGE_BY_FREQUENCY':
            return _limit_by_frequency(keyboard, scale, words, where)
        if kind == 'NOTE_RANGE_BY_INDEX':
            origin = key - octave * len(scale.cents) - index       # the key of octave 0, note 0
            return _limit_by_index(keyboard, len(scale.cents), origin, words, where)
    return keyboard


def _reference(scale: Scale, found: Directives, name: str) -> tuple[int, int, float]:
    """Return octave, note and Hz of the reference pitch."""
    if 'REFERENCE_PITCH' not in found:
        return MIDDLE_OCTAVE, 0, MIDDLE_C_HZ
    line, words = found['REFERENCE_PITCH']
    octave, index, reference = _numbers(words, (int, int, float), f'{name}: line {line}: REFERENCE_PITCH')
    highest = len(scale.cents) - 1
    if octave not in OCTAVES or not 0 <= index <= highest or not 1e-6 <= reference <= 1e6:
        raise ScaleError(f'{name}: line {line}: REFERENCE_PITCH {octave} {index} {reference:g} is outside octave '
                         f'-2..8, note 0..{highest}, 0.000001..1000000 Hz')
    return octave, index, reference


def _steps_to_middle_c(scale: Scale, index: int, reference: float) -> int:
    """Return how many degrees above note `index`, at `reference` Hz, the pitch nearest to middle C lies."""
    target = scale.at(index) + 1200 * math.log2(MIDDLE_C_HZ / reference)
    size, period = len(scale.cents), math.floor(target / scale.period_cents) if scale.period_cents else 0
    degrees = range((period - 1) * size, (period + 2) * size)
    return min(degrees, key=lambda degree: abs(scale.at(degree) - target)) - index


def _limit_by_frequency(keyboard: Keyboard, scale: Scale, words: list[str], where: str) -> Keyboard:
    lowest, highest = (*_numbers(words, (float,) * (2 if len(words) > 1 else 1), where), math.inf)[:2]
    tuning = Tuning(scale, keyboard)
    return _limit(keyboard, [key for key in range(KEYS) if lowest <= tuning.frequency(key) <= highest], where)


def _limit_by_index(keyboard: Keyboard, size: int, origin: int, words: list[str], where: str) -> Keyboard:
    places = _numbers(words, (int,) * (4 if len(words) > 2 else 2), where)
    keys = [origin + octave * size + index for octave, index in zip(places[::2], places[1::2])]
    return _limit(keyboard, range(max(0, keys[0]), min(KEYS, (keys + [KEYS])[1] + 1)), where)


def _limit(keyboard: Keyboard, keys: Sequence[int], where: str) -> Keyboard:
    if not keys:
        raise ScaleError(f'{where}: no key lies in the range')
    return replace(keyboard, first=keys[0], last=keys[-1])


def _numbers(words: list[str], kinds: tuple[type, ...], where: str) -> tuple:
    patterns = {int: r'-?\d{1,9}', float: r'\d{1,20}(\.\d{0,40})?'}
    if len(words) != len(kinds) or not all(re.fullmatch(patterns[k], w, re.ASCII) for k, w in zip(kinds, words)):
        raise ScaleError(f'{where}: {" ".join(words)[:40]!r} is not {len(kinds)} numbers')
    return tuple(kind(word) for kind, word in zip(kinds, words))


def ascl_text(tuning: Tuning, file_name: str = '') -> str:
    """Return a tuning's scale, names and pitch as the text of an .ascl file, which has no place for its keys."""
    lines = [scale_text(tuning.scale, file_name) + '!',
             f'! @ABL REFERENCE_PITCH {MIDDLE_OCTAVE} 0 {decimal(tuning.root)}']
    if tuning.scale.names:
        quoted = (one_line(name).replace('"', "'") for name in tuning.scale.names)
        lines.append('! @ABL NOTE_NAMES ' + ' '.join(f'"{name}"' for name in quoted))
    return '\n'.join(lines) + '\n'
