"""A whole sound as a picture, and what a picture's pixels are as sound: the axis and the scale that both ways share.

In: a sound (n,) of any length. Out: levels (height, width) of 0..1, row 0 the highest, and pictures (height, width, 3)
uint8 in the colours of the stage's spectrogram. Level 1 is the loudest of the whole sound, 0 is RANGE_DB below it:
nothing depends on what came before, as it must on stage. A level is the power around a row, so a sine is as bright
wherever it lies; windows are long where rows are narrow (2048 samples at the top, 8192 at the bottom). numpy only.
"""
from dataclasses import dataclass

import numpy as np

from live.diffusion.spectrogram import HIGH_HZ, LOW_HZ, NARROWEST, RANGE_DB, make_palette, weigh_bins
from live.signals import BINS, N_FFT

WINDOWS = (1, 2, 4)         # times N_FFT
ROW_BINS = 2.0              # that a row is wide, at least, where a long enough window is at hand
SINE = 3 / 32               # power of a sine of amplitude 1 under a Hann window of n samples: n * n * this, all bins
AT_ONCE = 64                # columns
AXES = ('log', 'linear')
BRIGHTEST = 0.999       # of all pixels are below level 1: a speck of beating tones must not darken the rest
SILENCE = 1e-9              # power: -90 dB of a full-scale sine is nothing to blow up


@dataclass(frozen=True)
class Axis:
    """Where a picture's rows lie. low, high: Hz of the lower and upper edge; kind: one of AXES."""
    low: float = LOW_HZ
    high: float = HIGH_HZ
    kind: str = 'log'

    def edges(self, height: int, samplerate: float) -> np.ndarray:
        """Return the edges of the rows (height + 1,) in Hz, falling, none above half the rate."""
        space = np.geomspace if self.kind == 'log' else np.linspace
        return space(min(self.high, 0.499 * samplerate), self.low, height + 1)

    def hertz(self, height: int, samplerate: float) -> np.ndarray:
        """Return the middle of each row in Hz."""
        edges = self.edges(height, samplerate)
        return np.sqrt(edges[1:] * edges[:-1])


def draw_levels(sound: np.ndarray, samplerate: float, size: tuple[int, int], axis: Axis = Axis()) -> np.ndarray:
    """Return the levels (height, width) of a sound (n,) from its first sample to its last; size: (width, height)."""
    width, height = size
    edges = axis.edges(height, samplerate)
    times = choose_windows(edges, samplerate)
    power = np.zeros((width, height))
    for long in WINDOWS:
        if (rows := np.flatnonzero(times == long)).size:        # neighbours, for windows grow downwards
            span = edges[rows[0]:rows[-1] + 2]
            power[:, rows] = _hear(sound, samplerate, width, long, span)
    loudest = np.quantile(power, BRIGHTEST)
    if loudest < SILENCE:
        return np.zeros((height, width))
    return np.clip(10 * np.log10(np.maximum(power.T / loudest, 1e-12)) / RANGE_DB + 1, 0, 1)


def choose_windows(edges: np.ndarray, samplerate: float) -> np.ndarray:
    """Return by how much each row's window is longer than N_FFT: WINDOWS, never shorter than for the row above."""
    wanted = ROW_BINS * samplerate / (N_FFT * -np.diff(edges))
    chosen = np.array(WINDOWS)[np.minimum(np.searchsorted(WINDOWS, wanted), len(WINDOWS) - 1)]
    return np.maximum.accumulate(chosen)


def _hear(sound: np.ndarray, samplerate: float, width: int, long: int, edges: np.ndarray) -> np.ndarray:
    """Return the power (width, rows) between edges, of windows `long` times N_FFT around each column's moments."""
    n_fft = long * N_FFT
    index, weights, starts, _ = weigh_bins(edges, samplerate / long)
    reach = np.maximum(-np.diff(edges) * n_fft / samplerate, NARROWEST)
    each = max(1, -(-len(sound) // (width * N_FFT // 2)))       # windows a column, so that nothing is left out
    centres = np.round((np.arange(width * each) + 0.5) * len(sound) / (width * each)).astype(int)
    padded = np.pad(np.asarray(sound, np.float64), (n_fft // 2, n_fft))
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)
    window = np.hanning(n_fft)
    heard = []
    for start in range(0, len(centres), AT_ONCE):
        spectrum = np.fft.rfft(frames[centres[start:start + AT_ONCE]] * window)[:, :BINS]
        heard.append(np.add.reduceat((np.abs(spectrum) ** 2)[:, index] * weights, starts, axis=1))
    power = np.concatenate(heard).reshape(width, each, -1).mean(1)
    return power * reach / (SINE * n_fft ** 2)


def colour(levels: np.ndarray) -> np.ndarray:
    """Return levels as a picture (height, width, 3) uint8: night, deep blue, light blue, ivory."""
    palette = make_palette()
    chosen = palette[np.round(np.clip(levels, 0, 1) * (len(palette) - 1)).astype(np.intp)]
    return np.ascontiguousarray(chosen).view(np.uint8).reshape(*levels.shape, 4)[..., :3].copy()


def draw_sound(sound: np.ndarray, samplerate: float, size: tuple[int, int], axis: Axis = Axis()) -> np.ndarray:
    """Return the picture (height, width, 3) uint8 of a sound (n,) or (n, channels); size: (width, height)."""
    mono = sound if sound.ndim == 1 else sound.mean(1)
    return colour(draw_levels(mono, samplerate, size, axis))


def read_levels(pixels: np.ndarray) -> np.ndarray:
    """Return the levels (height, width) of any picture: those that the palette draws as bright, by the channels' mean.

    So what `colour` has drawn is read as it was, and any other picture by its brightness alone.
    """
    palette = make_palette().view(np.uint8).reshape(-1, 4)[:, :3].mean(1)
    return np.interp(pixels[..., :3].mean(2), np.maximum.accumulate(palette), np.linspace(0, 1, len(palette)))


def to_amplitude(levels: np.ndarray) -> np.ndarray:
    """Return amplitudes of levels: 1 at level 1, -RANGE_DB just above 0, nothing at 0."""
    return np.where(levels > 0, 10 ** ((levels - 1) * RANGE_DB / 20), 0.0)
