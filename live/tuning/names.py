"""Pitch names <-> Hz: A4 is 440 Hz, C4 the middle C, C-1 = 8.18 Hz key 0 of MIDI; cents may follow, 'Bb4+14'."""
import math
import re

from live.tuning.scale import ScaleError

A4, A4_KEY = 440.0, 69
LETTERS = {'C': 0, 'D': 2, 'E': 4, 'F': 5, 'G': 7, 'A': 9, 'B': 11}
SHIFTS = {'#': 1, '♯': 1, 'x': 2, 'b': -1, '♭': -1}
NAMES = 'C', 'C#', 'D', 'Eb', 'E', 'F', 'F#', 'G', 'G#', 'A', 'Bb', 'B'
NAME = re.compile(r'([A-Ga-g])([#♯x]{0,2}|[b♭]{0,2})(-?\d{1,2})(?:([+-]\d+(?:\.\d+)?))?', re.ASCII)
LOWEST, HIGHEST = 1e-3, 1e6     # Hz


def key_hz(key: float) -> float:
    """Return Hz of a key of MIDI in equal temperament; it may lie between two."""
    return A4 * 2.0 ** ((key - A4_KEY) / 12)


def parse_hz(text: str) -> float:
    """Return Hz of a name such as 'Bb4', 'C#-1', 'A4-31.2', or of a plain number; raise ScaleError."""
    try:
        hz = float(text.lower().removesuffix('hz'))
    except ValueError:
        hz = key_hz(_parse_key(text))
    if not LOWEST <= hz <= HIGHEST:
        raise ScaleError(f'{text!r} is outside {LOWEST:g}..{HIGHEST:g} Hz')
    return hz


def _parse_key(text: str) -> float:
    match = NAME.fullmatch(text.strip())
    if not match:
        raise ScaleError(f'{text!r} is no pitch; Bb4, C#-1, A4+14 (cents) or Hz are')
    letter, shifts, octave, cents = match.groups()
    key = LETTERS[letter.upper()] + sum(SHIFTS[shift] for shift in shifts) + 12 * (int(octave) + 1)
    return key + float(cents or 0) / 100


def pitch_name(hz: float) -> str:
    """Return the nearest name and, where it is not that to half a cent, how many cents from it."""
    key = A4_KEY + 12 * math.log2(hz / A4)
    nearest = round(key)
    cents = round(100 * (key - nearest))
    return f'{NAMES[nearest % 12]}{nearest // 12 - 1}' + (f' {cents:+d}' if cents else '')
