"""Chords in words: pitches joined by +, or Roman numerals in a key, counted in the steps of any system.

    A4   466.16   C4+E4+G4          pitches, in Hz or by name; after a name +14 is cents, from 100 on it is Hz
    I ii V6 I                       triads of the major scale: capitals major, small ones minor, o diminished, +
                                    augmented; 7 adds the seventh, 6 and 64 turn the triad over, b and # move its root

A triad is steps of twelve; in a system of other steps the same numbers are other pitches, and so a progression turns
microtonal. Each chord stands in the octave nearest to the one before.
"""
import re
from collections.abc import Sequence

from live.studio.files import StudioError
from live.studio.tones.systems import System
from live.tuning.names import parse_hz
from live.tuning.scale import ScaleError

ROOTS = {'I': 0, 'II': 2, 'III': 4, 'IV': 5, 'V': 7, 'VI': 9, 'VII': 11}
THIRDS = {'': (0, 4, 7), 'small': (0, 3, 7), 'o': (0, 3, 6), '+': (0, 4, 8)}
TURNS = {'': 0, '7': 0, '6': 1, '64': 2, '65': 1, '43': 2, '42': 3}      # figured bass: how often it is turned over
SEVENTHS = ('7', '65', '43', '42')
NUMERAL = re.compile(r'([b#]?)(VII|VI|V|IV|III|II|I|vii|vi|v|iv|iii|ii|i)([o+]?)(7|65|64|6|43|42)?')
CENTS = re.compile(r'(?:^|(?<=\+))([A-Ga-g][#♯xb♭]*-?\d{1,2})\+(\d{1,2}(?:\.\d+)?)(?=\+|$)')     # behind a name

Chord = tuple[float, ...]       # Hz


def parse_chords(words: Sequence[str], system: System) -> list[Chord]:
    """Return the chords that words tell; numerals are built on degree 0 of the system. Raise StudioError."""
    chords: list[Chord] = []
    before: tuple[int, ...] = ()
    for word in words:
        if match := NUMERAL.fullmatch(word):
            before = near(before, build_steps(*match.groups('')))
            chords.append(tuple(system.hz(step) for step in before))
        else:
            chords.append(_pitches(word))
    return chords


def _pitches(word: str) -> Chord:
    parts = [part for part in CENTS.sub(r'\1~\2', word).split('+') if part]
    try:
        return tuple(parse_hz(part.replace('~', '+')) for part in parts)
    except ScaleError as error:
        raise StudioError(f'{error}; chords are C4+E4+G4, or I ii V6 I') from error


def build_steps(shift: str, numeral: str, kind: str, figures: str) -> tuple[int, ...]:
    """Return the steps of a chord above the key, ascending."""
    root = ROOTS[numeral.upper()] + {'': 0, 'b': -1, '#': 1}[shift]
    steps = [root + step for step in THIRDS[kind or ('small' if numeral.islower() else '')]]
    if figures in SEVENTHS:
        steps.append(root + (9 if kind == 'o' else 10 if numeral.islower() or numeral == 'V' else 11))
    for _ in range(TURNS[figures]):
        steps.append(steps.pop(0) + 12)
    return tuple(steps)


def near(before: tuple[int, ...], steps: tuple[int, ...]) -> tuple[int, ...]:
    """Return a chord in the octave where its middle is nearest to that of the chord before."""
    if not before:
        return steps
    middle = sum(before) / len(before)
    return min((tuple(step + 12 * octave for step in steps) for octave in range(-4, 5)),
               key=lambda moved: abs(sum(moved) / len(moved) - middle))
