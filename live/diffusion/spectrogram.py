"""The sound of the last seconds as a picture that dreams can begin from.

In: slices as a Reader gives them, in any portions. Out: pictures (height, width, 4) uint8 RGBA: 30 Hz at the bottom to
16 kHz on top on a logarithmic axis, the newest sound at the right. Columns stand at whole multiples of their length on
the sample clock, and the picture moves between them by parts of a pixel: it scrolls evenly however slices and pictures
come. Same slices, same picture. [any] one thread at a time; numpy only. Knows nothing of parameters or dreams.
"""
from functools import lru_cache

import numpy as np

from live.signals import BINS, N_FFT

SECONDS = 8.0
LOW_HZ, HIGH_HZ = 30.0, 16000.0
TILT_DB = 3.0               # an octave, taken off: what most sounds fall by
RANGE_DB = 60.0             # from black to the brightest
QUIETEST_DB = -48.0         # of a full-scale sine; the brightest never falls below it, so silence stays dark
RISE_DB, FALL_DB = 60.0, 1.5                    # a second, by which the brightest follows the sound
FULL_SCALE_DB = 20 * np.log10(N_FFT / 4)        # magnitude of a full-scale sine under a Hann window
NARROWEST = 1.5             # bins that a row hears to each side, at least; with fewer, low rows would show steps
FAINTEST, LOUDEST = 1e-12, 1e12                 # power
LEVELS = 1024               # of colour
DEPTH = 1.9                 # above 1 more of the picture lies in the deep blues, and only the loudest parts shine
COLOURS = ('#02040c', '#071636', '#0e2f6e', '#1f58ad', '#4c90d9', '#8fc3ee', '#d3e8f4', '#fff3dd')


class Spectrogram:
    """The picture and its past. size: (width, height) in pixels."""

    def __init__(self, samplerate: float, size: tuple[int, int] = (512, 512)) -> None:
        self.size = width, height = size
        self._samplerate = samplerate
        self._step = SECONDS * samplerate / width           # samples in a column
        self._index, self._weights, self._starts, hertz = make_rows(height, samplerate)
        self._tilt = TILT_DB * np.log2(hertz / 1000) - FULL_SCALE_DB
        self._work = np.zeros((height, width), np.float32)
        self._palette = make_palette()
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        width, height = self.size
        self._past = np.zeros((height, 2 * (width + 1)), np.float32)    # levels; twice, so that any stretch is whole
        self._before = np.zeros(height)
        self._loudest = QUIETEST_DB
        self._end = self._column = -1       # sample, and the column in which it lies

    def put(self, slices: np.ndarray) -> None:
        """Append slices (n,) of dtype SLICE, oldest first."""
        for slice_ in slices:
            self._append(int(slice_['end']), self._decibels(slice_['magnitudes']))

    def picture(self) -> np.ndarray:
        """Return the picture (height, width, 4) uint8 RGBA of what was put so far."""
        width, height = self.size
        part = np.float32(max(0, self._end) / self._step % 1.0)
        first = (self._column + 1) % (width + 1)
        before, after = (self._past[:, start:start + width] for start in (first, first + 1))
        np.subtract(after, before, out=self._work)
        np.multiply(self._work, part, out=self._work)
        np.add(self._work, before, out=self._work)
        return self._palette[self._work.astype(np.intp)].view(np.uint8).reshape(height, width, 4)

    def _decibels(self, magnitudes: np.ndarray) -> np.ndarray:
        """Return what each row hears, (height,), of a full-scale sine, without the tilt."""
        power = np.nan_to_num(magnitudes.astype(np.float64), posinf=0.0, neginf=0.0) ** 2
        heard = np.add.reduceat(power[self._index] * self._weights, self._starts)
        return 10 * np.log10(np.clip(heard, FAINTEST, LOUDEST)) + self._tilt

    def _append(self, end: int, decibels: np.ndarray) -> None:
        """Fill the columns up to sample `end`, from what was heard before to what is heard now."""
        newest = int(end / self._step)
        if end <= self._end:
            self.reset()                    # the clock began anew
        if self._end < 0:
            self._loudest = max(QUIETEST_DB, float(decibels.max()))
            self._end, self._column = end - 1, newest
        length = end - self._end
        now = self._levels(decibels, length / self._samplerate)
        for column in range(max(self._column + 1, newest - self.size[0]), newest + 1):
            part = (column * self._step - self._end) / length
            self._write(column, self._before + part * (now - self._before))
        self._before, self._end, self._column = now, end, newest

    def _levels(self, decibels: np.ndarray, seconds: float) -> np.ndarray:
        """Return levels of colour against the loudest of the last time, `seconds` after those before."""
        risen = min(float(decibels.max()), self._loudest + RISE_DB * seconds)
        self._loudest = max(QUIETEST_DB, self._loudest - FALL_DB * seconds, risen)
        return np.clip((decibels - self._loudest) / RANGE_DB + 1, 0, 1) * (LEVELS - 1)

    def _write(self, column: int, levels: np.ndarray) -> None:
        period = self.size[0] + 1
        self._past[:, column % period] = self._past[:, column % period + period] = levels


@lru_cache(maxsize=4)
def make_rows(height: int, samplerate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the rows of a logarithmic axis; see `weigh_bins`."""
    return weigh_bins(np.geomspace(min(HIGH_HZ, samplerate / 2), LOW_HZ, height + 1), samplerate)    # row 0 on top


def weigh_bins(edges: np.ndarray, samplerate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return which bins each row hears, with what weight, where each row's bins begin, and the rows' middles in Hz.

    edges: of the rows in Hz, falling. Each row is a raised cosine over the bins around it, as wide as the row, and
    never narrower than NARROWEST.
    """
    hertz = np.sqrt(edges[1:] * edges[:-1])
    index: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    for middle, width in zip(hertz * N_FFT / samplerate, -np.diff(edges) * N_FFT / samplerate):
        reach = max(width, NARROWEST)
        bins = np.arange(int(np.ceil(middle - reach)), int(np.floor(middle + reach)) + 1)
        weight = 1 + np.cos(np.pi * (bins - middle) / reach)
        index.append(np.clip(bins, 1, BINS - 1))
        weights.append(weight / weight.sum())
    starts = np.cumsum([0] + [len(bins) for bins in index[:-1]])
    return np.concatenate(index), np.concatenate(weights), starts, hertz


def make_palette() -> np.ndarray:
    """Return the colours of all levels, (LEVELS,) uint32 of four bytes RGBA: night, deep blue, light blue, ivory."""
    marks = np.array([[int(colour[i:i + 2], 16) for i in (1, 3, 5)] for colour in COLOURS])
    places = np.linspace(0, 1, LEVELS) ** DEPTH * (len(marks) - 1)
    rgb = np.stack([np.interp(places, np.arange(len(marks)), channel) for channel in marks.T], 1)
    rgba = np.concatenate((rgb, np.full((LEVELS, 1), 255)), 1).round().astype(np.uint8)
    return rgba.view(np.uint32).reshape(-1)
