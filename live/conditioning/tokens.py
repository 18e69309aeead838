"""Sound as sixteen tokens that stand behind the words: its spectrum now and long ago, its partials, its state.

    4 rows  its spectrum on a logarithmic axis, averaged over 50 ms, 0.5 s, 5 s and 50 s
    4 rows  its partials within the octave, in four registers; at width 1024 a channel is 1.2 cents
    8 rows  one quantity of VALUES each, 0..1, as waves along the channels: a small step turns the fast ones visibly

In: slices, in any portions. Out: deviations (ROWS, width) of about unit variance. Attention does not notice the order
of rows, so a row says what it is by its own shape. What the synthesizer knows exactly (partials, beats, drift) is taken
from it; sound from outside is read from the peaks that were measured. The functions take any number of slices at once,
so that a model can be trained on the very tokens it will be played with. Runs on the dream's thread; numpy only.
"""
from functools import lru_cache

import numpy as np

from live.conditioning.history import FLOOR, LOUDEST, clean, to_db
from live.conditioning.spectrum import FLOOR_DB, FULL_SCALE_DB, HIGH_HZ, LEAST_SPREAD_DB, LOW_HZ, TILT_DB, area_means
from live.signals import BINS, HOP, N_FFT

SCALES = (0.05, 0.5, 5.0, 50.0)     # seconds
VALUES = ('level', 'brightness', 'spread', 'density', 'beating', 'drift', 'pitch', 'noise')
REGISTERS = 4
ROWS = len(SCALES) + REGISTERS + len(VALUES)
STEADY = 0.2                        # seconds over which the values are smoothed: in half of it, beats move the level
QUIETEST_DB = -60.0                 # of the loudest partial
LOWEST_HZ = 27.5                    # where octaves are counted from
BEATS_HZ = 0.05, 20.0, 40.0         # no beat yet, the fastest, two tones
KERNEL_CENTS = 8.0                  # deviation of the bell that a partial draws
WAVES = (0.25, 12.0)                # turns of the slowest and the fastest channel as a value goes from 0 to 1


class Tokens:
    """Follows the slices; `rows()` is what is heard now."""

    def __init__(self, width: int, samplerate: float) -> None:
        self._width, self._samplerate = width, samplerate
        self.reset()

    def reset(self) -> None:
        self._power = np.zeros((len(SCALES), BINS))
        self._values = np.zeros(len(VALUES))
        self._count = 0
        self._newest: np.ndarray | None = None

    def listen(self, slices: np.ndarray) -> None:
        """[dream] Take slices (n,) of dtype SLICE, oldest first."""
        if not len(slices):
            return
        self._newest = slices[-1:].copy()
        heard = clean(slices['magnitudes']) ** 2
        for power, values in zip(heard, measure(slices)):
            self._count += 1
            shares = [max(1.0 / self._count, 1 - np.exp(-HOP / self._samplerate / s)) for s in (*SCALES, STEADY)]
            self._power += (power - self._power) * np.array(shares[:-1])[:, None]
            self._values += (values - self._values) * shares[-1]

    @property
    def values(self) -> np.ndarray:
        """[dream] VALUES as they are heard now, 0..1."""
        return self._values.copy()

    def rows(self) -> np.ndarray:
        """[dream] Return deviations (ROWS, width); zeros before the first slice."""
        if self._newest is None:
            return np.zeros((ROWS, self._width))
        spectra = spectrum_rows(np.sqrt(self._power), self._width, self._samplerate)
        return np.concatenate((spectra, register_rows(self._newest, self._width)[0],
                               value_rows(self._values, self._width)))


def measure(slices: np.ndarray) -> np.ndarray:
    """Return VALUES (n, 8), each 0..1 on a scale that the ear would choose, of slices (n,)."""
    said, (hertz, power) = slices['features'], loudest(slices)
    share = power / np.maximum(power.sum(1, keepdims=True), FLOOR)
    cents = 1200 * np.log2(hertz / np.maximum(slices['root'], 1.0)[:, None])
    spread = np.sqrt((share * ((cents + 600) % 1200 - 600) ** 2).sum(1))      # around the octaves of the root
    number = np.exp(-(share * np.log(np.maximum(share, FLOOR))).sum(1))
    drift = np.sqrt((slices['drift_cents'].astype(np.float64) ** 2).mean(1))
    values = (
        1 + to_db(said['rms']) / 60,
        _octaves(said['centroid'], 80.0, 8000.0),
        np.log1p(spread / 2) / np.log1p(300),
        np.log2(np.maximum(number, 1.0)) / 6,
        _beating(slices['beat_hz']),
        np.log1p(drift) / np.log1p(100),
        _octaves(slices['root'], LOWEST_HZ, LOWEST_HZ * 256),
        1 + np.log10(np.maximum(said['flatness'], FLOOR)) / 4)
    return np.clip(np.nan_to_num(np.stack(values, 1)), 0.0, 1.0)


def loudest(slices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Hz and power (n, 64) of the partials: known ones, else those that were measured; power 0 is none."""
    known = slices['partials'][:, None] > 0
    count = np.where(known, slices['partials'][:, None], slices['peaks'][:, None])
    hertz = np.where(known, slices['partial_hz'], slices['peak_hz'])
    level = np.where(known, slices['partial_level'], slices['peak_level'])
    there = (np.arange(hertz.shape[1]) < count) & np.isfinite(hertz) & np.isfinite(level) & (hertz > FLOOR)
    return np.where(there, hertz, 1.0), np.where(there, np.clip(level, 0.0, LOUDEST), 0.0) ** 2


def spectrum_rows(magnitudes: np.ndarray, width: int, samplerate: float) -> np.ndarray:
    """Return (n, width) of magnitudes (n, BINS): decibels on the logarithmic axis, rows of mean 0 and deviation 1."""
    hertz = np.geomspace(LOW_HZ, min(HIGH_HZ, samplerate / 2), width + 1)
    tilt = TILT_DB * np.log2(np.sqrt(hertz[1:] * hertz[:-1]) / 1000)
    means = area_means(magnitudes[:, 1:], hertz * N_FFT / samplerate - 0.5)
    return _standardise(np.maximum(to_db(means) - FULL_SCALE_DB + tilt, FLOOR_DB), LEAST_SPREAD_DB)


def register_rows(slices: np.ndarray, width: int) -> np.ndarray:
    """Return (n, REGISTERS, width): partials by their place in the octave: below the root, from it, above, on top."""
    hertz, power = loudest(slices)
    level = np.clip(1 + 10 * np.log10(np.maximum(power / np.maximum(power.max(1, keepdims=True), FLOOR), FLOOR))
                    / -QUIETEST_DB, 0, 1)
    octaves = np.log2(hertz / LOWEST_HZ)
    register = np.clip(np.floor(np.log2(hertz / np.maximum(slices['root'], 1.0)[:, None]) + 0.02) + 1, 0, REGISTERS - 1)
    apart = np.abs(octaves[:, :, None] % 1 - np.arange(width) / width)
    bell = level[:, :, None] * np.exp(-0.5 * (1200 * np.minimum(apart, 1 - apart)
                                              / max(KERNEL_CENTS, 1200 / width)) ** 2)
    drawn = np.stack([(bell * (register == k)[:, :, None]).max(1) for k in range(REGISTERS)], 1)
    return _standardise(drawn, 0.05)


def value_rows(values: np.ndarray, width: int) -> np.ndarray:
    """Return (..., values, width): each value as waves along the channels, of unit variance, with phases of its own."""
    turns, phases = _waves(values.shape[-1], width)
    return np.sqrt(2) * np.cos(2 * np.pi * (values[..., None] * turns + phases))


@lru_cache(maxsize=8)
def _waves(count: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return turns (width,) and phases (count, width) of the channels; not to be written to."""
    phases = np.stack([np.random.default_rng(number).uniform(0, 1, width) for number in range(count)])
    return np.geomspace(*WAVES, width), phases


def _beating(hertz: np.ndarray) -> np.ndarray:
    """Return how fast pairs of partials beat (n, pairs) on the mean; those too far apart to be heard beating do not."""
    there = hertz > 0
    place = np.interp(np.log2(np.where(there, hertz, 1.0)), np.log2(BEATS_HZ), (0.0, 1.0, 0.0))
    return (there * place).sum(1) / np.maximum(there.sum(1), 1)


def _octaves(hertz: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.log2(np.maximum(hertz, FLOOR) / low) / np.log2(high / low)


def _standardise(rows: np.ndarray, least: float) -> np.ndarray:
    return (rows - rows.mean(-1, keepdims=True)) / np.maximum(rows.std(-1, keepdims=True), least)
