"""Signals and their spectra for the tests of the analysis: what the callback has at hand once every hop."""
import numpy as np

from live.dsp.fft import magnitudes, twiddles
from live.signals import BINS, HOP, N_FFT

RATE = 48000
WINDOW = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)


def sine(frequency, seconds=0.2, amplitude=0.5, phase=0.3, rate=RATE):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate + phase)


def saw(frequency, seconds=0.2, amplitude=0.3, rate=RATE):
    """A saw without aliases: all harmonics below 0.45 of the rate."""
    numbers = range(1, int(0.45 * rate / frequency) + 1)
    return sum(sine(frequency * k, seconds, amplitude / k, 0.0, rate) for k in numbers)


def noise(seconds=1.0, amplitude=0.3, seed=4, rate=RATE):
    return amplitude * np.random.default_rng(seed).standard_normal(round(seconds * rate))


def signals():
    """A noise, a chirp and a cluster around B-flat, one second each."""
    t = np.arange(RATE) / RATE
    around = 466.16 * 2 ** np.random.default_rng(4).uniform(-.02, .02, 20)
    return {'noise': noise(), 'chirp': 0.5 * np.sin(2 * np.pi * (100 * t + 4000 * t * t)),
            'cluster': 0.05 * np.sin(2 * np.pi * np.outer(around, t)).sum(0)}


def spectrum(frame):
    """Magnitudes (BINS,) of one frame."""
    out = np.empty(BINS)
    magnitudes(frame, WINDOW, twiddles(N_FFT), np.empty((4, N_FFT // 2)), out)
    return out


def spectra(signal):
    """Magnitudes (hops, BINS) of every frame that lies wholly in a signal."""
    frames = np.lib.stride_tricks.sliding_window_view(signal, N_FFT)[::HOP]
    return np.array([spectrum(frame) for frame in frames])
