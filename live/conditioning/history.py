"""The newest slices, kept: magnitudes, partials and level of the last 77, and samples enough for 77 rows.

In: slices as a Reader gives them, in any portions. Out: arrays whose last row or sample is the newest; before there
were enough, the front is silence. Runs on the dream's thread. Knows nothing of tokens or prompts.
"""
import numpy as np

from live.signals import BINS, PARTIALS

FLOOR = 1e-9        # linear; quieter than any converter
LOUDEST = 1e6       # no true magnitude or sample reaches it; a broken one must not poison the means
LEVEL_SLICES = 64   # slices (0.7 s at 48 kHz) that loudness is heard over: a cluster beats, and must not flicker
LEVEL_DB = (-60.0, 0.0)


class History:
    """magnitudes: (rows, BINS) float64; rms: (rows,) float64, linear; samples: (n,) float64; end: sample index.

    partial_hz, partial_level: (rows, PARTIALS) float64, known exactly; level 0 is none.
    """

    def __init__(self, rows: int, samples: int) -> None:
        self._rows, self._length = rows, samples
        self.reset()

    def reset(self) -> None:
        self.magnitudes = np.zeros((self._rows, BINS))
        self.partial_hz, self.partial_level = np.ones((2, self._rows, PARTIALS))
        self.partial_level[:] = 0.0
        self.rms = np.zeros(self._rows)
        self.samples = np.zeros(self._length)
        self.end = 0

    def put(self, slices: np.ndarray) -> None:
        """[dream] Append slices (n,) of dtype SLICE, oldest first."""
        if not len(slices):
            return
        self.magnitudes = _append(self.magnitudes, clean(slices['magnitudes']))
        there = np.arange(PARTIALS) < slices['partials'][:, None]
        hertz, level = clean(slices['partial_hz']), clean(slices['partial_level'])
        self.partial_hz = _append(self.partial_hz, np.where(there, np.maximum(hertz, 1.0), 1.0))
        self.partial_level = _append(self.partial_level, np.where(there, level, 0.0))
        self.rms = _append(self.rms, clean(slices['features']['rms']))
        self.samples = _append(self.samples, clean(slices['samples'], -LOUDEST).reshape(-1))
        self.end = int(slices['end'][-1])

    @property
    def level(self) -> float:
        """Loudness of the last LEVEL_SLICES slices on a scale of decibels, 0 = -60 dB, 1 = full scale."""
        low, high = LEVEL_DB
        return min(1.0, max(0.0, (float(to_db(self.loudness)) - low) / (high - low)))

    @property
    def loudness(self) -> np.ndarray:
        """The rms of the last LEVEL_SLICES slices together, linear."""
        return np.sqrt(np.mean(self.rms[-LEVEL_SLICES:] ** 2))


def to_db(linear: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.maximum(linear, FLOOR))


def clean(values: np.ndarray, low: float = 0.0) -> np.ndarray:
    """Return values as float64, what is broken or beyond all sound put back; NaN is 0."""
    return np.clip(np.nan_to_num(values.astype(np.float64)), low, LOUDEST)


def _append(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    return np.concatenate((old, new))[-len(old):]
