"""Chroma of the twelve pitch classes from the bins of a spectrum, as librosa has it.

Each bin's power goes to the classes by a bell as wide as a bin is in semitones, at least one of them, and counts most
around the fifth octave (librosa 0.11, `librosa.filters.chroma`, after Ellis 2007, 'Chroma feature analysis and
synthesis'). Below 400 Hz a bin is wider than a semitone and lights its neighbours too; live.dsp.chroma, which is made
from peaks and knows any scale, does not.
"""
import numpy as np

from live.signals import BINS, N_FFT

CLASSES = 12
A0 = 27.5               # Hz
C, MIDDLE, WIDTH = 3, 5.0, 2.0          # semitones of C above A; octaves above A0: where most weight lies, and how wide


def class_filters(samplerate: float) -> np.ndarray:
    """Return the weights of all bins in all classes, C first: (CLASSES, BINS)."""
    octaves = np.log2(np.arange(1, BINS + 1) * samplerate / N_FFT / A0)
    octaves = np.concatenate(([octaves[0] - 1.5], octaves))         # the bin at 0 Hz, an octave and a half lower
    width = np.maximum(CLASSES * np.diff(octaves), 1.0)
    octaves = octaves[:-1]
    classes = (np.arange(CLASSES)[:, None] + C) % CLASSES
    away = (CLASSES * octaves - classes + CLASSES / 2) % CLASSES - CLASSES / 2
    bells = np.exp(-0.5 * (2 * away / width) ** 2)
    bells /= np.linalg.norm(bells, axis=0)
    return bells * np.exp(-0.5 * ((octaves - MIDDLE) / WIDTH) ** 2)


def class_shares(magnitudes: np.ndarray, filters: np.ndarray) -> np.ndarray:
    """Return how much of spectra (n, BINS) is of each class, the largest 1: (n, CLASSES); of silence 0."""
    power = magnitudes.astype(np.float64) ** 2 @ filters.T
    largest = power.max(1, keepdims=True)
    return power / np.where(largest > 0, largest, 1.0)
