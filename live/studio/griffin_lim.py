"""Phases for magnitudes: the sound whose spectrogram comes nearest to one that was drawn, dreamt or predicted.

In: magnitudes (frames, n_fft // 2 + 1), one frame every n_fft // 4 samples. Out: samples. Griffin & Lim, 1984, with the
momentum of Perraudin, Balazs & Sondergaard, 2013, which comes nearer in fewer rounds. Begins with phases of a seed;
the same seed gives the same sound. numpy only.
"""
from collections.abc import Callable

import numpy as np

ROUNDS = 48
MOMENTUM = 0.99
TINY = 1e-12


def find_sound(magnitudes: np.ndarray, seed: int = 0, rounds: int = ROUNDS,
               tell: Callable[[int], object] = lambda rounds: None, turns: np.ndarray | None = None) -> np.ndarray:
    """Return (frames - 1) * hop samples, float64.

    tell: called with 1 after each round; turns: phases to begin with, else those of a seed.
    """
    n_fft = 2 * (magnitudes.shape[1] - 1)
    if turns is None:
        turns = np.random.default_rng(seed).uniform(0, 2 * np.pi, magnitudes.shape)
    wanted = magnitudes * np.exp(1j * turns)
    before = np.zeros_like(wanted)
    for _ in range(rounds):
        heard = analyse(synthesise(wanted), n_fft)
        ahead = heard + MOMENTUM * (heard - before)
        wanted = magnitudes * ahead / np.maximum(np.abs(ahead), TINY)
        before = heard
        tell(1)
    return synthesise(wanted)


def analyse(sound: np.ndarray, n_fft: int) -> np.ndarray:
    """Return the spectra (frames, n_fft // 2 + 1) of a sound; the first is around its first sample."""
    padded = np.pad(sound, n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::n_fft // 4]
    return np.fft.rfft(frames * make_window(n_fft))


def synthesise(spectra: np.ndarray) -> np.ndarray:
    """Return the sound whose spectra come nearest to these, by least squares."""
    n_fft = 2 * (spectra.shape[1] - 1)
    window = make_window(n_fft)
    frames = np.fft.irfft(spectra, n_fft) * window
    total, weight = overlap(frames), overlap(np.broadcast_to(window ** 2, frames.shape))
    inside = slice(n_fft // 2, len(total) - n_fft // 2)
    return total[inside] / np.maximum(weight[inside], TINY)


def overlap(frames: np.ndarray) -> np.ndarray:
    """Return frames (count, n) added up, each a quarter of its length after the one before."""
    count, n_fft = frames.shape
    quarters = frames.reshape(count, 4, n_fft // 4)
    total = np.zeros((count + 3, n_fft // 4))
    for k in range(4):
        total[k:k + count] += quarters[:, k]
    return total.reshape(-1)


def make_window(n_fft: int) -> np.ndarray:
    """Return the periodic Hann window."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
