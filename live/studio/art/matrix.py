"""Sound as the matrix that a model takes for a prompt's embedding, (rows, width): (77, 768), (77, 1024) or any other.

    waveform    row by row, the samples one after the other: rows * width of them, 1.3 s of 44.1 kHz at (77, 768)
    fft         n_fft = 2 * width - 2, so that the bins are as many as the width, a row each length // rows + 1 samples

So far it is the sound itself, as Sound Diffusion gave it to its model (`raw`). `scale` brings it to the range that the
model expects: fft goes to decibels, both to deviations from their own centre, and these to the mean and deviation of
all values of real prompts together; the first row, which begins every text, stays the text's. Channel by channel, as
on stage, a sound would only lean on the mean prompt: the pictures of five sounds stood a third as far apart.

The other layout (`transpose`) fills the matrix the other way round: samples down the columns; or the transform as it
lies in memory, frequency by frequency, so that a row holds the course of few frequencies in place of one moment of all.
numpy only.
"""
from dataclasses import dataclass

import numpy as np

from live.conditioning.history import to_db
from live.conditioning.prompts import Calibration
from live.studio.files import StudioError

FEATURES = ('waveform', 'fft')
SAMPLERATE = 44100
LIMIT = 3.0             # deviations of real prompts that sound may reach, as on stage
RANGE_DB = 80.0         # of a transform, below its loudest; what is fainter is leakage and noise
LEAST_SPREAD_DB = 6.0   # a flat spectrum is not blown up


@dataclass(frozen=True)
class Filling:
    """How sound fills a matrix. rows, width: of the matrix; raw: as it is, beyond all that the model has seen."""
    feature: str = 'fft'
    raw: bool = False
    transpose: bool = False


def count_samples(feature: str, rows: int, width: int, length: int) -> int:
    """Return how many samples of a sound of this length the matrix shows."""
    return rows * width if feature == 'waveform' else length


def fill(sound: np.ndarray, filling: Filling, rows: int, width: int) -> np.ndarray:
    """Return the matrix (rows, width) float64 of a sound (n,), as it is; silence follows a sound that is too short."""
    if filling.feature == 'waveform':
        samples = np.zeros(rows * width)
        samples[:len(sound)] = sound[:rows * width]
        return samples.reshape(width, rows).T if filling.transpose else samples.reshape(rows, width)
    hop = len(sound) // rows + 1
    return lay(transform(sound, np.arange(rows) * hop, width), filling.transpose)


def lay(moments: np.ndarray, transpose: bool) -> np.ndarray:
    """Return moments (rows, width) as they are, or by frequency: (width, rows) as it lies in memory."""
    return moments.T.reshape(moments.shape) if transpose else moments


def transform(sound: np.ndarray, centres: np.ndarray, width: int) -> np.ndarray:
    """Return the magnitudes (n, width) of Hann windows of 2 * width - 2 samples around each centre."""
    n_fft = 2 * width - 2
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    begin, half = int(centres.min()), n_fft // 2
    heard = sound[max(0, begin - half):int(centres.max()) + half].astype(np.float64)    # of a long sound, that alone
    padded = np.pad(heard, (max(0, half - begin), n_fft + int(np.ptp(centres))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)
    return np.abs(np.fft.rfft(frames[centres - begin] * window))


@dataclass(frozen=True)
class Scale:
    """What a sound's deviations are counted from. loudest: magnitude, for decibels; None for samples."""
    centre: float
    spread: float
    loudest: float | None = None

    def deviations(self, matrix: np.ndarray) -> np.ndarray:
        values = matrix if self.loudest is None else below(matrix, self.loudest)
        return (values - self.centre) / self.spread


def measure(matrix: np.ndarray, feature: str, name: str = 'this sound') -> Scale:
    """Return the scale of a sound by any rows of it; raise StudioError, with its name, where it is silent."""
    loudest = float(np.abs(matrix).max())
    if loudest == 0:
        raise StudioError(f'{name} is silence: there is nothing to fill an embedding with')
    if feature == 'waveform':
        return Scale(0.0, float(matrix.std()) or 1.0)
    decibels = below(matrix, loudest)
    low, centre, high = np.percentile(decibels[decibels > -RANGE_DB], (16, 50, 84))
    return Scale(float(centre), max(LEAST_SPREAD_DB, float(high - low) / 2), loudest)


def below(magnitudes: np.ndarray, loudest: float) -> np.ndarray:
    """Return decibels below the loudest."""
    return np.maximum(to_db(magnitudes / loudest), -RANGE_DB)


def scale(deviations: np.ndarray, calibration: Calibration, text: np.ndarray, depth: float = 1.0) -> np.ndarray:
    """Return deviations (rows, width) as an embedding in the range of real prompts; its first row is the text's.

    depth: how far it leads away from the mean of all prompts, 0..1.
    """
    centre, spread = find_range(calibration)
    embedding = (1 - depth) * calibration.mean + depth * (centre + spread * np.clip(deviations, -LIMIT, LIMIT))
    embedding[0] = text[0]
    return embedding.astype(np.float32)


def add(deviations: np.ndarray, calibration: Calibration, text: np.ndarray, weight: float) -> np.ndarray:
    """Return text and sound summed: deviations as far as real prompts spread, by their weight; not in the first row."""
    summed = text + weight * find_range(calibration)[1] * np.clip(deviations, -LIMIT, LIMIT)
    summed[0] = text[0]
    return summed.astype(np.float32)


def find_range(calibration: Calibration) -> tuple[float, float]:
    """Return mean and deviation of all values of real prompts, of all channels together."""
    square = np.mean(calibration.std ** 2 + calibration.mean ** 2)
    centre = float(calibration.mean.mean())
    return centre, float(np.sqrt(square - centre ** 2))
