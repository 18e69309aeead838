"""Sound as rows to inject: the last slices' spectra, or their samples, as deviations for a prompt embedding.

In: a History. Out: (rows, width) deviations, about unit variance whatever the sound's level, and (rows, 1) gates 0..1
that close in silence, so that no noise is ever blown up to full size. All features follow their own running centre
and scale, causal, in seconds, so a phrase changes the picture and a different room does not. Cutting the slices into
other portions changes nothing. Runs on the dream's thread; numpy only. Knows nothing of prompts or parameters.

The fft feature lies on a logarithmic axis, 30 Hz to 16 kHz, with 3 dB an octave of tilt taken off. Measured on ten
drones, chords and noises at width 1024 against 1024 linear bins: pictures of different sounds stand 1.8 times as far
apart, a moved root 2.6 times, and the rows have the variance of real prompts (1.0 instead of 0.5): on a linear axis
a drone lives in 25 channels out of 1024.
"""
from typing import Protocol

import numpy as np

from live.conditioning.history import FLOOR, History, to_db
from live.signals import HOP, N_FFT

ROWS = 77                   # tokens of a CLIP prompt
LOW_HZ, HIGH_HZ = 30.0, 16000.0
TILT_DB = 3.0               # an octave: what most sounds fall by
FLOOR_DB = -80.0            # of a full-scale sine; below, leakage and noise
FULL_SCALE_DB = 20 * np.log10(N_FFT / 4)        # magnitude of a full-scale sine under a Hann window
LEAST_SPREAD_DB = 6.0       # a flat spectrum is not blown up
LEAST_SCALE = 1e-3          # samples: -60 dB
CHANNEL_CENTS = 10.0
KERNEL_CENTS = 12.0         # deviation of the bell that a partial draws
REACH = 6                   # channels to either side of it
BEHIND_DB = 18.0
GATE_DB = (-66.0, -54.0)    # rms: closed below, open above
FOLLOW = 5.0                # seconds in which centre and scale follow


class Feature(Protocol):
    """One reading of the sound."""
    def listen(self, history: History, new: int) -> None:
        """Take the last `new` slices of the history into the running statistics."""

    def tokens(self, history: History) -> tuple[np.ndarray, np.ndarray]:
        """Return deviations (rows, width), not yet clipped, and gates (rows, 1)."""


class Follower:
    """A causal mean: a plain average at first, then forgetting in FOLLOW seconds."""

    def __init__(self, samplerate: float, start: float) -> None:
        self._least = HOP / samplerate / FOLLOW
        self._count, self.value = 0, start

    def put(self, value: float) -> None:
        self._count += 1
        self.value += (value - self.value) * max(self._least, 1.0 / self._count)


class Spectrum:
    """Log-magnitudes on `width` channels of a logarithmic axis, one row a slice."""

    def __init__(self, width: int, samplerate: float) -> None:
        hertz = self._axis(width, samplerate)
        self._edges = hertz * N_FFT / samplerate - 0.5      # in bins after the first, which is no tone
        self._tilt = TILT_DB * np.log2(np.sqrt(hertz[1:] * hertz[:-1]) / 1000)
        self._centre = Follower(samplerate, FLOOR_DB)
        self._spread = Follower(samplerate, LEAST_SPREAD_DB)
        self._rows = np.full((ROWS, width), FLOOR_DB)       # decibels of the last slices

    def _axis(self, width: int, samplerate: float) -> np.ndarray:
        """Return the edges of the channels (width + 1,) in Hz."""
        return np.geomspace(LOW_HZ, min(HIGH_HZ, samplerate / 2), width + 1)

    def listen(self, history: History, new: int) -> None:
        heard = self._decibels(history.magnitudes[-new:])
        self._rows = np.concatenate((self._rows, heard))[-len(self._rows):]
        for row in heard[gate(history.rms[-new:]) > 0]:
            low, centre, high = np.percentile(row, (16, 50, 84))
            self._centre.put(centre)
            self._spread.put((high - low) / 2)

    def tokens(self, history: History) -> tuple[np.ndarray, np.ndarray]:
        return self._deviations(self._rows), gate(history.rms)[:, None]

    def _deviations(self, decibels: np.ndarray) -> np.ndarray:
        return (decibels - self._centre.value) / max(LEAST_SPREAD_DB, self._spread.value)

    def _decibels(self, magnitudes: np.ndarray) -> np.ndarray:
        return np.maximum(to_db(area_means(magnitudes[:, 1:], self._edges)) - FULL_SCALE_DB + self._tilt, FLOOR_DB)


class Linear(Spectrum):
    """Log-magnitudes on `width` channels of equal width in Hz, one row a slice: the FFT as it is."""

    def _axis(self, width: int, samplerate: float) -> np.ndarray:
        return np.linspace(0.5, N_FFT / 2 + 0.5, width + 1) * samplerate / N_FFT


class Cents(Spectrum):
    """Log-magnitudes at 10 cents a channel; a slice takes as many rows as its octaves fill, the newest slice last.

    What the synthesizer knows exactly is drawn as bells at its true place, in front of the FFT, whose bins are 85 cents
    wide at b-flat: it steps back by BEHIND_DB where something is known.
    """

    def __init__(self, width: int, samplerate: float) -> None:
        octaves = np.log2(min(HIGH_HZ, samplerate / 2) / LOW_HZ)
        self._width, self._spans = width, max(1, min(ROWS, int(octaves * 1200 / CHANNEL_CENTS / width + 0.5)))
        self._kept = -(-ROWS // self._spans)        # slices
        super().__init__(width * self._spans, samplerate)
        self._place = CHANNEL_CENTS * (np.arange(width * self._spans) + 0.5)

    def _axis(self, width: int, samplerate: float) -> np.ndarray:
        return LOW_HZ * 2 ** (CHANNEL_CENTS * np.arange(width + 1) / 1200)

    def tokens(self, history: History) -> tuple[np.ndarray, np.ndarray]:
        kept = slice(ROWS - self._kept, None)
        hertz, level = history.partial_hz[kept], history.partial_level[kept]
        behind = BEHIND_DB * (level.max(1, keepdims=True) > 0)
        decibels = np.maximum(self._rows[kept] - behind, self._draw(hertz, level))
        rows = self._deviations(decibels).reshape(-1, self._width)
        return rows[-ROWS:], np.repeat(gate(history.rms)[kept, None], self._spans, axis=0)[-ROWS:]

    def _draw(self, hertz: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Return decibels (n, channels) of partials (n, k): a bell each, the loudest stands in front."""
        drawn = np.full((len(hertz), len(self._place)), FLOOR_DB)
        reach = np.arange(-REACH, REACH + 1)
        cents = 1200 * np.log2(hertz / LOW_HZ)
        channel = np.floor(cents / CHANNEL_CENTS).astype(np.int64)[..., None] + reach
        there = (channel >= 0) & (channel < len(self._place)) & (level[..., None] > 0)
        apart = (CHANNEL_CENTS * (channel + 0.5) - cents[..., None]) / KERNEL_CENTS
        bell = to_db(level)[..., None] - 10 / np.log(10) * apart ** 2
        row = np.broadcast_to(np.arange(len(hertz))[:, None, None], there.shape)
        np.maximum.at(drawn, (row[there], channel[there]), bell[there])
        return np.maximum(drawn + self._tilt, FLOOR_DB)


class Waveform:
    """Samples row by row. Rows begin at whole multiples of width on the sample clock.

    So a row, once it stands, only moves through the matrix, and cross-attention does not see where a row stands: the
    picture holds still under a steady sound. Rows cut from the newest sample backwards change altogether every frame.
    """

    def __init__(self, width: int, samplerate: float) -> None:
        self._width = width
        self._scale = Follower(samplerate, LEAST_SCALE)

    def listen(self, history: History, new: int) -> None:
        open_rows = gate(history.rms)[-new:] > 0
        for row in history.samples[-new * HOP:].reshape(new, HOP)[open_rows]:
            self._scale.put(np.sqrt(np.pi / 2) * np.abs(row).mean())       # a robust standard deviation

    def tokens(self, history: History) -> tuple[np.ndarray, np.ndarray]:
        newest = len(history.samples) - history.end % self._width
        rows = history.samples[newest - ROWS * self._width:newest].reshape(ROWS, self._width)
        return rows / max(LEAST_SCALE, self._scale.value), gate(np.sqrt((rows ** 2).mean(1)))[:, None]


FEATURES = (Spectrum, Waveform, Cents, Linear)      # as embedding.feature counts them


def make_history(width: int) -> History:
    """Return a history long enough for every feature."""
    return History(ROWS, max((ROWS + 1) * width, ROWS * HOP))


def gate(rms: np.ndarray) -> np.ndarray:
    """Return 0 for silence, 1 for sound, smooth between."""
    low, high = GATE_DB
    x = np.clip((to_db(rms) - low) / (high - low), 0.0, 1.0)
    return x * x * (3 - 2 * x)


def area_means(magnitudes: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the root mean power (rows, n) between n + 1 edges, in bins; a bin's power lies flat over its width."""
    bins = magnitudes.shape[1]
    edges = np.clip(edges, 0.0, bins)
    power = np.zeros((len(magnitudes), bins + 1))
    np.cumsum(magnitudes ** 2, axis=1, out=power[:, 1:])
    whole = np.minimum(edges.astype(np.int64), bins - 1)
    below = power[:, whole] + (power[:, whole + 1] - power[:, whole]) * (edges - whole)
    return np.sqrt(np.maximum(np.diff(below, axis=1), 0.0) / np.maximum(np.diff(edges), FLOOR))
