"""Scala's files, read to the letter and written: .scl -> Scale, .kbm -> Keyboard.

    .scl    description, number of notes, then one pitch a line: with a period cents, else a ratio; the last repeats
    .kbm    seven values, then a degree or 'x' for each key of the pattern

Source: huygens-fokker.org/scala/scl_format.html and help.htm#mappings. A line that begins with '!' is a comment. Each
reader returns what it read or raises ScaleError with file and line. `ascl.py` reads what Ableton adds in comments.
"""
import codecs
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from live.tuning.scale import MOST_DEGREES, Scale, ScaleError, ratio_cents
from live.tuning.tuning import KEYS, Keyboard

MOST_BYTES = 2 ** 20
LONGEST_NUMBER = 1100       # characters; the smallest float64 has as many
MOST_PATTERN = 4096         # keys of a mapping before it repeats
NEWLINE = re.compile(r'\r\n|\r|\n')
PITCH = re.compile(r'(?P<cents>-?(?:\d+\.\d*|\.\d+))|(?P<upper>-?\d+)(?:/(?P<lower>-?\d+))?', re.ASCII)
NUMBER_GOES_ON = re.compile(r'[\d.,/]|[eE][-+]?\d', re.ASCII)
COUNT = re.compile(r'\d{1,9}(?![\d.,/])', re.ASCII)
MAPPING = (     # the seven values of a .kbm, in order: name, lowest, highest
    ('size of the map', 0, MOST_PATTERN), ('first key', 0, KEYS - 1), ('last key', 0, KEYS - 1),
    ('middle key', 0, KEYS - 1), ('reference key', 0, KEYS - 1), ('reference frequency', 1e-6, 1e6),
    ('formal octave', -MOST_DEGREES, MOST_DEGREES))


def read_bytes(path: Path) -> bytes:
    """Return what is in a file that is not too large."""
    try:
        with path.open('rb') as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ScaleError(f'{path.name}: cannot be read: {getattr(error, "strerror", None) or error}') from error
    if len(data) > MOST_BYTES:
        raise ScaleError(f'{path.name}: is larger than {MOST_BYTES} bytes')
    return data


def decode(data: bytes) -> str:
    """Return text: UTF-8 where it is that, else ISO-8859-1, which every byte is; without a byte order mark."""
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode('utf-8')
    except UnicodeDecodeError:
        return data.decode('iso-8859-1')


def encode(text: str) -> bytes:
    """Return ISO-8859-1, as the format asks, where `decode` reads that back the same; else UTF-8."""
    try:
        data = text.encode('iso-8859-1')
    except UnicodeEncodeError:
        data = b'\xff'
    return data if decode(data) == text else text.encode('utf-8', 'replace')


def load_scale(path: Path) -> Scale:
    """Read a .scl file."""
    return parse_scale(decode(read_bytes(path)), path.name)


def load_keyboard(path: Path) -> Keyboard:
    """Read a .kbm file."""
    return parse_keyboard(decode(read_bytes(path)), path.name)


def save_scale(path: Path, scale: Scale) -> None:
    path.write_bytes(encode(scale_text(scale, path.name)))


def save_keyboard(path: Path, keyboard: Keyboard) -> None:
    path.write_bytes(encode(keyboard_text(keyboard, path.name)))


def parse_scale(text: str, name: str = 'scale') -> Scale:
    """Return the Scale that the text of a .scl file tells; what follows the last pitch is not looked at."""
    lines = _lines(text)
    _, description = next(lines, (0, None))
    if description is None:
        raise ScaleError(f'{name}: is empty; a description, a number of notes and their pitches are needed')
    number, line = _next_word(lines, name, 'the number of notes')
    match = COUNT.match(line)
    if not match or int(match[0]) > MOST_DEGREES:
        raise ScaleError(f'{name}: line {number}: {_short(line)} is no number of notes in 0..{MOST_DEGREES}')
    count = int(match[0])
    pitches = [0.0]
    for done in range(count):
        number, line = _next_word(lines, name, f'pitch {done + 1} of {count}')
        pitches.append(_at_line(name, number, parse_pitch, line))
    period = pitches.pop() if count else 0.0
    return _at_line(name, number, Scale, tuple(pitches), period, description.strip())


def parse_pitch(text: str) -> float:
    """Return cents of a pitch: '408.' and '-5.0' are cents, '81/64' and '5' ratios; what follows it is ignored."""
    match = PITCH.match(text)
    if not match or NUMBER_GOES_ON.match(text, match.end()) or match.end() > LONGEST_NUMBER:
        raise ScaleError(f'{_short(text)} is no pitch; cents have a period (701.955), ratios one slash or none (3/2)')
    if match['cents']:
        return float(match['cents'])
    upper, lower = int(match['upper']), int(match['lower'] or 1)
    if upper <= 0 or lower <= 0:
        raise ScaleError(f'the ratio {_short(match[0])} is not above 0')
    try:
        return ratio_cents(upper, lower)
    except (OverflowError, ValueError) as error:
        raise ScaleError(f'the ratio {_short(match[0])} is too large or too small') from error


def parse_keyboard(text: str, name: str = 'mapping') -> Keyboard:
    """Return the Keyboard that the text of a .kbm file tells; entries left out at the end are unmapped keys."""
    lines = _lines(text)
    size, first, last, middle, reference_key, reference, octave = (
        _read_value(lines, name, *row) for row in MAPPING)
    if first > last:
        raise ScaleError(f'{name}: the first key {first:g} lies above the last key {last:g}')
    degrees = tuple(_read_entry(number, line, name) for _, (number, line) in zip(range(int(size)), _words(lines)))
    degrees += (None,) * (int(size) - len(degrees))
    if degrees and degrees[int(reference_key - middle) % len(degrees)] is None:
        raise ScaleError(f'{name}: the reference key {reference_key:g} is unmapped; it must play a degree')
    return Keyboard(degrees, first, last, int(middle), reference_key, reference, int(octave))


def _read_value(lines: Iterator[tuple[int, str]], name: str, what: str, low: float, high: float) -> float:
    number, line = _next_word(lines, name, f'the {what}')
    word = line.split()[0]
    whole = isinstance(low, int)
    pattern = r'-?\d{1,9}' if whole else r'(\d{1,20}(\.\d{0,40})?|\.\d{1,40})'
    if not re.fullmatch(pattern, word, re.ASCII) or not low <= float(word) <= high:
        raise ScaleError(f'{name}: line {number}: the {what} {_short(word)} is no {"whole " if whole else ""}number '
                         f'in {low:g}..{high:g}')
    return float(word)


def _read_entry(number: int, line: str, name: str) -> int | None:
    word = line.split()[0]
    if word in ('x', 'X'):
        return None
    if not re.fullmatch(r'-?\d{1,9}', word, re.ASCII) or abs(int(word)) > MOST_DEGREES:
        raise ScaleError(f"{name}: line {number}: {_short(word)} is neither a degree nor 'x'")
    return int(word)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Return the numbered lines that are no comments. A newline at the end begins no further line."""
    lines = NEWLINE.split(text)
    if lines[-1] == '':
        lines.pop()
    return iter([(number, line) for number, line in enumerate(lines, 1) if not line.startswith('!')])


def _words(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Return the lines that are not blank, without the spaces around them."""
    return ((number, line.strip()) for number, line in lines if line.strip())


def _next_word(lines: Iterator[tuple[int, str]], name: str, wanted: str) -> tuple[int, str]:
    found = next(_words(lines), None)
    if found is None:
        raise ScaleError(f'{name}: ends before {wanted}')
    return found


def _at_line(name: str, number: int, make, *arguments):
    """Return make(*arguments); a ScaleError gets file and line."""
    try:
        return make(*arguments)
    except ScaleError as error:
        raise ScaleError(f'{name}: line {number}: {error}') from error


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + '...')


def scale_text(scale: Scale, file_name: str = '') -> str:
    """Return a scale as the text of a .scl file that reads back the same; ratios are found again where exact."""
    pitches = [*scale.cents[1:], scale.period_cents]
    if len(pitches) == 1 and not scale.period_cents:
        pitches = []
    return '\n'.join([f'! {one_line(file_name)}', '!', _description(scale.name), f' {len(pitches)}', '!',
                      *(f' {pitch_text(pitch)}' for pitch in pitches)]) + '\n'


def keyboard_text(keyboard: Keyboard, file_name: str = '') -> str:
    """Return a mapping as the text of a .kbm file. Raise ScaleError for keys that are not MIDI's."""
    for key in (keyboard.middle, keyboard.reference_key):
        if key not in range(KEYS):
            raise ScaleError(f'key {key:g} is none of 0..{KEYS - 1}; .kbm has no place for it')
    rows = (
        ('Size of the map; the pattern repeats every so many keys', len(keyboard.degrees)),
        ('First MIDI key to retune', int(max(0, keyboard.first))),
        ('Last MIDI key to retune', int(min(KEYS - 1, keyboard.last))),
        ('Middle key, where the first entry of the map lies', keyboard.middle),
        ('Key whose frequency is given', int(keyboard.reference_key)),
        ('Its frequency in Hz', decimal(keyboard.reference)),
        ('Degree to which the pattern moves on when it repeats', keyboard.octave_degree))
    lines = [f'! {one_line(file_name)}']
    for comment, value in rows:
        lines += [f'! {comment}', str(value)]
    lines += ['! Degree of each key, x = unmapped', *('x' if d is None else str(d) for d in keyboard.degrees)]
    return '\n'.join(lines) + '\n'


def pitch_text(cents: float) -> str:
    """Return a pitch that `parse_pitch` reads back to the same bits: a ratio where one of small numbers fits."""
    if 0 <= cents < 12000:
        ratio = Fraction(2 ** (cents / 1200)).limit_denominator(4096)
        if ratio_cents(ratio.numerator, ratio.denominator) == cents:
            return f'{ratio.numerator}/{ratio.denominator}'
    return decimal(cents)


def decimal(value: float) -> str:
    """Return all digits of a number, with a period, without an exponent."""
    text = format(Decimal(repr(float(value))), 'f')
    return text if '.' in text else text + '.0'


def _description(text: str) -> str:
    text = one_line(text)
    return ' ' + text if text.startswith('!') else text


def one_line(text: str) -> str:
    return NEWLINE.sub(' ', text).strip()
