"""Frequency systems as the command line tells them, through `live/tuning`, and the table of their tones.

    a name          one of SYSTEMS
    a number        so many equal steps of the octave
    a file          name.scl, name.ascl
    a patch's words 'harmonics = [1, 16], fundamental = 3.14', 'nested = [{edo = 5}, {edo = 7}]' ...
"""
import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from live.patch import SCALES
from live.spelling import hint
from live.studio.files import StudioError
from live.tuning import systems
from live.tuning.names import pitch_name
from live.tuning.scale import MOST_CENTS, Scale, ScaleError
from live.tuning.table import read_tuning
from live.tuning.tuning import KEYS, Tuning

MOST_TONES = 16384
#   name            words of a patch's [tuning]                             what it is
SYSTEMS = (
    ('semitones',     'edo = 12, reference = 440, reference_note = 69',     'twelve equal steps, on A4'),
    ('quarter-tones', 'edo = 24, reference = 440, reference_note = 69',     'twenty-four equal steps, on A4'),
    ('diatonic',      'cents = [200, 400, 500, 700, 900, 1100], reference = 440, reference_note = 69',
     'the major scale, on A4'),
    ('overtones',     'harmonics = [1, 32], fundamental = 3.14',            'the series on 3.14 Hz'),
    ('keys',          'edo = 12, reference = 440, reference_note = 69, middle = 0',
     '128 semitones from C-1, 8.18 Hz'),
)
WORDS_BY_NAME = {name: words for name, words, _ in SYSTEMS}


@dataclass(frozen=True)
class System:
    """A scale at a place. root: Hz of degree 0; tones: how many a table of it has."""
    scale: Scale
    root: float
    tones: int

    def hz(self, degree: int) -> float:
        return self.root * 2.0 ** (self.scale.at(degree) / 1200)

    def rows(self) -> list[tuple[int, str, float, float]]:
        """Return degree, nearest name, Hz and cents above the root of every tone."""
        return [(degree, pitch_name(self.hz(degree)), self.hz(degree), self.scale.at(degree))
                for degree in range(self.tones)]


def system(text: str, root: float | None = None, tones: int | None = None, inside: Sequence[str] = ()) -> System:
    """Return the system that a text tells; raise StudioError.

    inside: systems of which each is put, whole, into every step of the one before.
    """
    tuning = _read(text)
    scale = tuning.scale
    try:
        if inside:
            scale = systems.nest(scale, *(_read(words).scale for words in inside))
    except ScaleError as error:
        raise StudioError(f'{" inside ".join((*inside[::-1], text))}: {error}') from error
    if tones is None:
        tones = KEYS if text == 'keys' and not inside else len(scale.cents) + bool(scale.period_cents)
    if not 1 <= tones <= MOST_TONES:
        raise StudioError(f'{tones} tones are outside 1..{MOST_TONES}')
    if abs(scale.at(tones - 1)) > MOST_CENTS:
        raise StudioError(f'{tones} tones reach {scale.at(tones - 1):g} cents; a system ends at {MOST_CENTS:g}')
    return System(scale, tuning.root if root is None else root, tones)


def _read(text: str) -> Tuning:
    words = WORDS_BY_NAME.get(text, text)
    if text.isdigit():
        words = f'edo = {text}, reference = 440, reference_note = 69'
    elif Path(text).suffix in ('.scl', '.ascl'):
        words = f'file = {str(Path(text).name)!r}'
    elif '=' not in words:
        raise StudioError(f'there is no system {text!r}{hint(text, WORDS_BY_NAME)} (known: {", ".join(WORDS_BY_NAME)}; '
                          "or a number of equal steps, a .scl file, or words as 'edo = 19')")
    try:
        return read_tuning(tomllib.loads(f't = {{{words}}}')['t'], (Path(text).parent, SCALES))
    except (KeyError, ValueError) as error:
        raise StudioError(f'{text}: {error.args[0]}') from error


def tones_between(found: System, begin: float, end: float) -> list[float]:
    """Return Hz of the tones from `begin`, on which the system stands, to `end`, upwards or downwards."""
    scale = Scale(tuple(found.scale.folded), abs(found.scale.period_cents))
    way = 1 if end >= begin else -1
    last = 1200 * way * math.log2(end / begin) + .01
    tones: list[float] = []
    while len(tones) < (MOST_TONES if scale.period_cents else len(scale.cents)):
        cents = scale.at(way * len(tones))
        if way * cents > last or not scale.period_cents and way < 0 and tones:
            break
        tones.append(begin * 2.0 ** (cents / 1200))
    return tones
