import numpy as np
import pytest

from live.conditioning.prompts import PromptBook
from live.diffusion.models import load_model
from live.signals import HOP, N_FFT, SLICE


def slice_up(sound):
    """Return the slices (n,) of mono samples, as the analysis makes them: Hann window, librosa's magnitudes and rms."""
    sound = np.asarray(sound, np.float64)
    sound = sound[:len(sound) // HOP * HOP]
    slices = np.zeros(len(sound) // HOP, SLICE)
    padded = np.concatenate((np.zeros(N_FFT - HOP), sound))
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    slices['magnitudes'] = np.abs(np.fft.rfft(frames * window))
    slices['features']['rms'] = np.sqrt((frames ** 2).mean(1))
    slices['samples'] = sound.reshape(-1, HOP)
    slices['end'] = HOP * np.arange(1, len(slices) + 1)
    return slices


def make_drone(root=466.16, seconds=2.0, level=0.1, seed=0, samplerate=48000):
    """Return a cluster of 64 sines within 24 cents of the root and of the octaves below it."""
    random = np.random.default_rng(seed)
    time = np.arange(int(seconds * samplerate)) / samplerate
    hertz = root * 2.0 ** (random.uniform(-24, 24, 64) / 1200 - random.integers(0, 4, 64))
    return level / 8 * np.sin(2 * np.pi * (time[:, None] * hertz + random.random(64))).sum(1)


@pytest.fixture(scope='session', autouse=True)
def one_core():
    """torch's workers wait for each other by spinning: on busy cores two of them are ten times slower than one."""
    import torch
    torch.set_num_threads(1)


@pytest.fixture(scope='session')
def slices_of():
    return slice_up


@pytest.fixture(scope='session')
def drone():
    return make_drone


@pytest.fixture(scope='session')
def tiny():
    return load_model('random:tiny', 'cpu')


@pytest.fixture(scope='session')
def book(tiny):
    return PromptBook(tiny.tokenizer, tiny.text_encoder)


@pytest.fixture(scope='session')
def calibration(book):
    return book.calibration()
