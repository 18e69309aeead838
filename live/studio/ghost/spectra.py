"""Recordings as spectra, spectra as few numbers, and how far sounds lie apart.

A frame is 2048 samples, one every 512, in dB below a full-scale sine (live/dsp's own spectrum). Of the corpus the
principal directions are taken; a frame is its place along them, in deviations, so that every number has mean 0 and
deviation 1 over the corpus.
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from live.conditioning.spectrum import FULL_SCALE_DB
from live.signals import BINS
from live.studio.classify.dataset import is_sound
from live.studio.files import StudioError, cut_blocks, read_sound
from live.studio.listening import hear_blocks, make_hearing
from live.studio.progress import progress

FLOOR_DB = -90.0
SPAN_DB = 60.0          # below the loudest bin of a frame, within which sounds are compared
PEAK = 0.7
KEPT = 512              # frames of the corpus that are kept to compare with
LEAST_FRAMES = 16       # of a recording
MOST_FITTED = 16384     # frames from which the directions are taken


@dataclass(frozen=True)
class Space:
    """Where frames live. mean: (BINS,) dB; directions: (count, BINS) dB a deviation; kept: (n, BINS) of the corpus."""
    mean: np.ndarray
    directions: np.ndarray
    kept: np.ndarray

    @property
    def count(self) -> int:
        return len(self.directions)

    def places(self, frames_db: np.ndarray) -> np.ndarray:
        """Return frames (n, BINS) as places (n, count)."""
        lengths = np.maximum((self.directions ** 2).sum(1), 1e-12)
        return ((frames_db - self.mean) @ self.directions.T / lengths).astype(np.float32)

    @cached_property
    def remembered(self) -> np.ndarray:
        """The places of what is kept."""
        return self.places(self.kept)

    @cached_property
    def reach(self) -> float:
        """A tenth of the squared distance to the nearest other frame, as it mostly is: how far a memory reaches."""
        apart = _squared(self.remembered, self.remembered)
        np.fill_diagonal(apart, np.inf)
        return max(0.1 * float(np.median(apart.min(1))), 1e-6)

    def recall(self, place: np.ndarray) -> np.ndarray:
        """Return the frames of the corpus that lie nearest to a place (count,), blended by their nearness: a place."""
        apart = ((self.remembered - place) ** 2).sum(1)
        nearness = np.exp(-0.5 * (apart - apart.min()) / self.reach)
        return (nearness / nearness.sum()) @ self.remembered

    def frames(self, places: np.ndarray) -> np.ndarray:
        """Return places (n, count) as frames (n, BINS) in dB."""
        return np.clip(self.mean + places @ self.directions, FLOOR_DB, 0.0)


def fit_space(recordings: list[np.ndarray], count: int) -> Space:
    """Take the principal directions of recordings, (frames, BINS) dB each; at most `count`."""
    frames = np.concatenate(recordings)
    fitted = frames[::-(-len(frames) // MOST_FITTED)].astype(np.float64)
    mean = fitted.mean(0)
    variances, vectors = np.linalg.eigh(np.cov(fitted - mean, rowvar=False))
    variances, vectors = variances[::-1][:count], vectors[:, ::-1][:, :count]
    told = variances > 1e-6 * max(variances[0], 1e-6)
    if not told.any():
        raise StudioError('all recordings are silent, or all the same throughout: there is nothing to learn')
    vectors *= np.sign(vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])])     # one of two signs, always
    directions = (vectors * np.sqrt(np.maximum(variances, 0))).T[told]
    return Space(*(part.astype(np.float32) for part in (mean, directions, frames[::-(-len(frames) // KEPT)])))


def read_recordings(folder: str | Path, samplerate: int, tell: Callable[[str], None] = print) -> list[np.ndarray]:
    """Return every sound below a folder as frames (n, BINS) in dB; what cannot be read is left out and told."""
    folder = Path(folder)
    if not folder.is_dir():
        raise StudioError(f'{folder}: there is no such folder; it should hold recordings')
    recordings, skipped = [], []
    for path in progress(sorted(path for path in folder.rglob('*') if is_sound(path)), 'listening'):
        try:
            frames = frames_db(to_peak(read_sound(path, samplerate, mono=True)[0]), samplerate)
        except StudioError as error:
            skipped.append(str(error))
            continue
        if len(frames) >= LEAST_FRAMES:
            recordings.append(frames)
        else:
            skipped.append(f'{path}: it is shorter than {LEAST_FRAMES} frames')
    for sentence in skipped:
        tell(f'skipped: {sentence}')
    if not recordings:
        raise StudioError(f'{folder}: there is no recording in it that can be learnt from')
    return recordings


def to_peak(sound: np.ndarray) -> np.ndarray:
    """Return a sound whose largest sample is PEAK, so that each recording has the whole range of the frames."""
    return (sound * PEAK / max(float(np.abs(sound).max(initial=0)), 1e-9)).astype(np.float32)


def frames_db(sound: np.ndarray, samplerate: float) -> np.ndarray:
    """Return a sound (samples, channels) as frames (n, BINS) float32 in dB."""
    hearing = make_hearing(samplerate)
    heard = [slices['magnitudes'].copy() for slices in hear_blocks(cut_blocks(sound), hearing)]
    return to_frames(np.concatenate(heard))


def to_frames(magnitudes: np.ndarray) -> np.ndarray:
    return np.maximum(20 * np.log10(np.maximum(magnitudes, 1e-9)) - FULL_SCALE_DB, FLOOR_DB).astype(np.float32)


def to_magnitudes(frames: np.ndarray) -> np.ndarray:
    """Return frames in dB as magnitudes; what lies on the floor is silent."""
    return np.where(frames > FLOOR_DB + 0.5, 10 ** ((frames.astype(np.float64) + FULL_SCALE_DB) / 20), 0.0)


def spectral_distance(frames: np.ndarray, others: np.ndarray) -> float:
    """Return the mean, over frames, of the root mean square in dB to the nearest of `others`, each at its own level."""
    apart = np.sqrt(np.maximum(_squared(levelled(frames), levelled(others)), 0) / BINS)
    return float(apart.min(1).mean())


def levelled(frames: np.ndarray) -> np.ndarray:
    """Return frames whose loudest bin is at 0 dB, so that loudness tells nothing."""
    return np.maximum(frames - frames.max(1, keepdims=True), -SPAN_DB).astype(np.float64)


def _squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a ** 2).sum(1)[:, None] + (b ** 2).sum(1) - 2 * a @ b.T
