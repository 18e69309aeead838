"""Tuning: a Scale on a Keyboard, from keys to Hz. Pure; knows nothing of files, MIDI ports or sound.

Frozen: whoever retunes makes a new one, so any thread may hold one. A key may lie between two keys; a key that the
keyboard does not map has the frequency NaN.
"""
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from live.signals import DEGREES
from live.tuning.scale import Scale, ScaleError
from live.tuning.systems import equal

KEYS = 128                  # of MIDI


@dataclass(frozen=True)
class Keyboard:
    """Which degree of the scale each key plays, as Scala's .kbm tells it.

    degrees: of key `middle` and the keys above it, None = unmapped; the pattern repeats, each time `octave_degree`
    degrees higher (0: the whole scale). Without degrees every key is one degree higher than the key before.
    first, last: keys outside are unmapped. reference: Hz of `reference_key`, which may lie outside and between keys.
    """
    degrees: tuple[int | None, ...] = ()
    first: float = -math.inf
    last: float = math.inf
    middle: int = 70
    reference_key: float = 70.0
    reference: float = 466.16
    octave_degree: int = 0

    def degree(self, key: int, scale_size: int) -> int | None:
        """Return the degree of a key, whether it lies within first..last or not."""
        if not self.degrees:
            return key - self.middle
        octave, index = divmod(key - self.middle, len(self.degrees))
        degree = self.degrees[index]
        return None if degree is None else degree + octave * (self.octave_degree or scale_size)


@dataclass(frozen=True)
class Tuning:
    """What every key sounds like.

    glide: seconds in which what sounds goes over to this tuning. semitones: keys that MIDI has tuned one by one, in
    semitones of equal temperament with key 69 = 440 Hz; offsets: cents that MIDI adds to each of the 12 pitch classes.
    words: the table of a patch that told all this.
    """
    scale: Scale = equal(12)
    keyboard: Keyboard = Keyboard()
    glide: float = 0.0
    semitones: Mapping[int, float] = field(default_factory=dict, hash=False)
    offsets: tuple[float, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.keyboard.reference < math.inf:
            raise ScaleError(f'the reference {self.keyboard.reference:g} Hz is not above 0')
        if math.isnan(self._origin):
            raise ScaleError(f'the reference key {self.keyboard.reference_key:g} is not mapped to a degree')

    @cached_property
    def _origin(self) -> float:
        """Cents of the reference key above degree 0."""
        return between(self._scale_cents, self.keyboard.reference_key)

    @property
    def root(self) -> float:
        """Hz of degree 0."""
        return self.keyboard.reference * 2.0 ** (-self._origin / 1200)

    def _scale_cents(self, key: int) -> float:
        degree = self.keyboard.degree(key, len(self.scale.cents))
        return math.nan if degree is None else self.scale.at(degree)

    def _cents(self, key: int) -> float:
        """Return cents of a whole key above the reference; NaN when unmapped."""
        if key in self.semitones:
            cents = 100 * (self.semitones[key] - 69) - 1200 * math.log2(self.keyboard.reference / 440)
        elif self.keyboard.first <= key <= self.keyboard.last:
            cents = self._scale_cents(key) - self._origin
        else:
            return math.nan
        return cents + self.offsets[key % 12] if self.offsets else cents

    def frequency(self, key: float) -> float:
        """Return Hz of a key, always above 0 and finite; NaN for a key that is not mapped."""
        octaves = between(self._cents, key) / 1200
        if math.isnan(octaves):
            return math.nan
        return self.keyboard.reference * 2.0 ** min(900.0, max(-900.0, octaves))

    @cached_property
    def frequencies(self) -> np.ndarray:
        """Hz of MIDI's keys: (128,) float64, NaN where unmapped."""
        table = np.array([self.frequency(key) for key in range(KEYS)])
        table.setflags(write=False)
        return table

    def nearest_key(self, frequency: float) -> int:
        """Return the key of MIDI's 128 that is nearest to a frequency in Hz."""
        with np.errstate(all='ignore'):
            distance = np.abs(np.log2(self.frequencies / frequency))
        if np.isnan(distance).all():
            return round(self.keyboard.reference_key)
        return int(np.nanargmin(distance))

    @cached_property
    def sounding_scale(self) -> Scale:
        """The scale as it sounds: once MIDI has retuned keys, the twelve from the middle key."""
        if not self.semitones and not self.offsets:
            return self.scale
        middle = self.keyboard.middle
        cents = [cents for key in range(middle, middle + 12) if not math.isnan(cents := self._cents(key))]
        return Scale(tuple(pitch - cents[0] for pitch in cents), 1200.0, 'tuned by MIDI') if cents else self.scale

    @property
    def period_cents(self) -> float:
        """Size of the period of `scale_cents`; 0 when nothing repeats."""
        return abs(self.sounding_scale.period_cents)

    def scale_cents(self, limit: int = DEGREES) -> np.ndarray:
        """Return the degrees of one period, ascending: (n,) float64 cents, n <= limit; of more, every nth is taken."""
        degrees = self.sounding_scale.folded
        return degrees[::-(-len(degrees) // limit)].copy()

    def degrees_hz(self, root: float) -> np.ndarray:
        """Return Hz of one period of the scale upwards from a root: (n,) float64."""
        return root * 2.0 ** (self.sounding_scale.folded / 1200)

    def snap(self, frequencies: np.ndarray, root: float) -> np.ndarray:
        """Return the pitch of the scale on `root` Hz nearest to each frequency; what is no frequency stays as it is."""
        frequencies = np.asarray(frequencies, np.float64)
        with np.errstate(all='ignore'):
            cents = 1200 * np.log2(frequencies / root)
            snapped = root * 2.0 ** (self.sounding_scale.snap(cents) / 1200)
        return np.where(np.isfinite(cents), snapped, frequencies)

    def retuned(self, semitones: Mapping[int, float], offsets: tuple[float, ...] = ()) -> 'Tuning':
        """Return this tuning with some keys tuned anew, in MIDI's semitones, or all 12 pitch classes moved by cents."""
        return replace(self, semitones={**self.semitones, **semitones}, offsets=offsets or self.offsets)


def between(pitch, key: float) -> float:
    """Return pitch(key) for a key that may lie between two; NaN when either of them, or the key itself, is none."""
    if not math.isfinite(key):
        return math.nan
    low = math.floor(key)
    part = key - low
    return pitch(low) + part * (pitch(low + 1) - pitch(low)) if part else pitch(low)
