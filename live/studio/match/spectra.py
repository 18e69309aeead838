"""How sounds look to the matcher: what its network reads, and how far two sounds are from each other.

Everything is told apart from loudness: sounds are brought to one level first.
"""
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from live.studio.match.synth import RATE

SIZES = 512, 1024, 2048, 4096       # windows of the distance, a quarter apart
BATCH = 16              # sounds that are compared at once: their spectra stay in the cache
FAINT = 1e-4                        # magnitudes below, against a sine at the sound's level, are nothing
READ = 8192, 2048, 512              # windows of what is read
LOWEST, PER_OCTAVE, BINS = 32.703, 36, 304      # C1, up to 11.4 kHz
FLOOR_DB = -80.0
CHANNELS = 2 * len(READ) - 1        # means, and deviations where a window is short enough to see any
SILENCE = 1e-4                      # level of a sound that cannot be heard


def level(sounds: np.ndarray) -> np.ndarray:
    """Return the root mean square of sounds (..., frames)."""
    return np.sqrt(np.mean(np.square(sounds, dtype=np.float64), -1))


def to_one_level(sounds: np.ndarray) -> Tensor:
    """Return sounds (n, frames) float32 at a level of 1; silence stays silence."""
    loud = np.maximum(level(sounds), SILENCE)
    return torch.from_numpy((sounds / loud[:, None]).astype(np.float32))


def magnitudes(sounds: Tensor, size: int) -> Tensor:
    """Return (n, size // 2 + 1, times); a sine at a level of 1 stands at 1."""
    window = torch.hann_window(size)
    return torch.stft(sounds, size, size // 4, window=window, return_complex=True, center=False).abs() \
        / (window.sum() / 2 ** 0.5)


def as_heard(spectra: Tensor) -> Tensor:
    """Return the logarithm of magnitudes (n, bins, times) on the logarithmic axis, (n, BINS, times)."""
    return torch.matmul(filters(2 * (spectra.shape[1] - 1)), spectra.square()).clamp_min(FAINT ** 2).log() / 2


class Distance:
    """How far sounds are from one target (frames,): 0 is the same; noise against a tone is about 6.

    The mean over SIZES of spectral convergence and the difference of logarithms, as in Yamamoto et al., Parallel
    WaveGAN, 2020 (arXiv:1910.11480), equations 4 to 6; but logarithms are compared on a logarithmic axis, so that all
    octaves count alike, as they do to the ear.
    """

    def __init__(self, target: np.ndarray) -> None:
        spectra = [magnitudes(to_one_level(target[None]), size) for size in SIZES]
        self._targets = [(found, as_heard(found)) for found in spectra]

    def __call__(self, sounds: np.ndarray) -> np.ndarray:
        """Return distances (n,) of sounds (n, frames)."""
        return np.concatenate([self._compare(sounds[first:first + BATCH]) for first in range(0, len(sounds), BATCH)])

    @torch.inference_mode()
    def _compare(self, sounds: np.ndarray) -> np.ndarray:
        given = to_one_level(sounds)
        total = torch.zeros(len(given))
        for size, (target, heard) in zip(SIZES, self._targets):
            found = magnitudes(given, size)
            total += (found - target).norm(dim=(1, 2)) / target.norm()
            total += (as_heard(found) - heard).abs().mean((1, 2))
        return (total / len(SIZES)).double().numpy()


@torch.inference_mode()
def read_spectra(sounds: np.ndarray) -> Tensor:
    """Return what the network reads, (n, CHANNELS, BINS) float16 at about -1..1, of sounds (n, frames).

    Power on a logarithmic axis of PER_OCTAVE bins from LOWEST, at each of the windows READ: its mean over time in dB
    under the strongest bin, and how it moves in time (deviation in dB).
    """
    given, channels = to_one_level(sounds), []
    for size in READ:
        power = torch.matmul(filters(size), magnitudes(given, size).square())
        top = power.mean(2).amax(1).clamp_min(1e-12)[:, None]
        mean_db = 10 * (power.mean(2) / top).clamp_min(1e-12).log10()
        channels.append(mean_db.clamp(FLOOR_DB, 0) / (-FLOOR_DB / 2) + 1)
        if size < READ[0]:
            moves = 10 * (power / top[:, None]).clamp_min(10 ** (FLOOR_DB / 10)).log10()
            channels.append(moves.std(2) / 10)
    return torch.stack(channels, 1).half()


@lru_cache(len(READ) + len(SIZES))
def filters(size: int) -> Tensor:
    """Return (BINS, size // 2 + 1): triangles on a logarithmic axis, at least as wide as a bin of the FFT."""
    width = RATE / size
    bins = torch.arange(size // 2 + 1) * width
    centres = LOWEST * 2 ** (torch.arange(BINS) / PER_OCTAVE)
    halves = (centres * (2 ** (1 / PER_OCTAVE) - 1)).clamp_min(width)
    return (1 - (bins - centres[:, None]).abs() / halves[:, None]).clamp_min(0)


def choose_window(sound: np.ndarray, frames: int) -> np.ndarray:
    """Return the loudest `frames` frames of a sound (n,), sought in steps of a quarter; a short one is repeated."""
    if len(sound) < frames:
        return np.resize(sound, frames)
    starts: Sequence[int] = range(0, len(sound) - frames + 1, max(1, frames // 4))
    return max((sound[start:start + frames] for start in starts), key=level)
