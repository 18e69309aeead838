from functools import partial

import numpy as np
import pytest
from playing import decibels, largest_bend, noise, play, sine

from live.dsp.limiter import LATENCY, LIMITER, clear_limiter, process_limiter, reset_limiter

CEILING = -1.0
TIME = np.arange(96000) / 48000


def make(rate=48000):
    state = np.zeros(1, LIMITER)[0]
    reset_limiter(state, float(rate))
    return state


def limit(samples, release=0.1):
    return play(partial(process_limiter, make()), np.atleast_2d(samples) * np.ones((2, 1)), release)


def true_peak_db(samples, times=16, reach=32):
    """Return the peak of the wave between the samples, by a windowed sinc that shares nothing with the limiter's."""
    time = np.arange(-reach * times, reach * times + 1) / times
    taps = np.sinc(time) * np.kaiser(len(time), 9)
    stuffed = np.zeros(len(samples) * times)
    stuffed[::times] = samples
    size = 2 ** int(np.ceil(np.log2(len(stuffed) + len(taps))))
    wave = np.fft.irfft(np.fft.rfft(stuffed, size) * np.fft.rfft(taps, size), size)
    return decibels(np.abs(wave).max())


def clicks(height, seed=3):
    wave = np.zeros(96000)
    wave[np.random.default_rng(seed).integers(0, 96000, 300)] = height
    return wave


HARD = {
    'quarter rate sine': 1.5 * np.sin(2 * np.pi * 12000 * TIME + np.pi / 4),
    'eleven kilohertz': np.sin(2 * np.pi * 11025.3 * TIME),
    'twenty kilohertz': 2 * np.sin(2 * np.pi * 20011 * TIME),
    'square': np.sign(np.sin(2 * np.pi * 997.3 * TIME) + 1e-9),
    'fast square': np.sign(np.sin(2 * np.pi * 5013 * TIME) + 1e-9),
    'loud square': 4 * np.sign(np.sin(2 * np.pi * 110 * TIME) + 1e-9),
    'noise': noise(2, level=0.35)[0],
    'loud noise': noise(2, level=4)[0],
    'clicks': clicks(1.0),
    'loud clicks': clicks(50.0) - clicks(30.0, 4),
    'bass': 4 * np.sin(2 * np.pi * 40 * TIME),
    'bursts': np.where(TIME % 0.1 < 0.01, 3, 0.01) * np.sin(2 * np.pi * 3000 * TIME),
    'chord': 0.5 * sum(np.sin(2 * np.pi * 466.16 * 2 ** (u / 500) * TIME) for u in range(-10, 10)),
}


@pytest.mark.parametrize('release', [0.005, 0.1])
@pytest.mark.parametrize('name', HARD)
def test_true_peak_stays_below_the_ceiling(name, release):
    wave = np.pad(HARD[name], 4 * LATENCY)              # it begins and ends at once, too
    assert true_peak_db(limit(wave, release)[0]) < CEILING + 0.1


@pytest.mark.parametrize('name', ['eleven kilohertz', 'twenty kilohertz', 'bass', 'clicks'])
def test_nothing_is_turned_down_for_nothing(name):
    assert true_peak_db(limit(HARD[name])[0]) > CEILING - 0.5


@pytest.mark.parametrize('samples', [noise(1, level=0.15), sine(466.16, 1, amplitude=0.85),
                                     sine(19000, 1, amplitude=0.8)])
def test_what_is_below_the_ceiling_passes_to_the_bit(samples):
    out = limit(samples)
    expected = samples.astype(np.float32)
    assert np.array_equal(out[:, LATENCY:], expected[:, :out.shape[1] - LATENCY]) and not out[:, :LATENCY].any()


def test_both_channels_are_turned_down_alike():
    out = limit(np.array([[2.0], [0.1]]) * np.sin(2 * np.pi * 440 * TIME))
    assert out[1] == pytest.approx(out[0] / 20, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize('release', [0.05, 0.5])
def test_gain_comes_back_with_the_release(release):
    wave = 0.2 * np.sin(2 * np.pi * 1000 * TIME)
    wave[24000:24480] *= 20
    out = limit(wave, release)[0]
    late = int(24480 + LATENCY + 100 + release * 48000)
    there, before = (np.abs(out[at - 96:at]).max() for at in (late, 24000))
    start = 1 - np.abs(out[24200:24400]).max() / 4
    assert (1 - there / before) / start == pytest.approx(np.exp(-1), abs=0.05)


def test_gain_moves_without_a_click():
    """A sine that grows 12 dB at once where it crosses 0: its bend grows no more than its height."""
    wave = 0.5 * np.sin(2 * np.pi * 100 * TIME)
    wave[24000:] *= 4
    out = limit(wave)[0]
    assert largest_bend(out[23000:25000]) < 1.05 * largest_bend(wave[23000:25000])
    assert largest_bend(out[26000:]) < 2 * 0.9 * (2 * np.pi * 100 / 48000) ** 2


def test_gain_reduction_is_told():
    state = make()
    play(partial(process_limiter, state), sine(1000, 0.2, amplitude=1.78), 1.0)
    assert decibels(state['deepest']) == pytest.approx(-6.2, abs=0.2)


def test_samples_that_are_not_finite_are_silent_and_counted():
    state, samples = make(), noise(1, level=0.1)
    samples[0, 1000], samples[1, 2000:2010], samples[0, 3000] = np.nan, np.inf, 3e38
    out = play(partial(process_limiter, state), samples, 0.1)
    assert np.isfinite(out).all() and np.abs(out).max() < 1 and state['muted'] == 11
    assert out[0, 1000 + LATENCY] == 0 and out[:, -64:].any()


@pytest.mark.parametrize('release', [np.nan, -1, 0, 1e9])
def test_any_release_is_safe(release):
    assert np.abs(limit(HARD['loud noise'], release)).max() < 0.9


def test_clearing_silences_and_reset_gives_the_same_bits():
    state = make()
    process = partial(process_limiter, state)
    first = play(process, noise(0.2, level=1), 0.1)
    clear_limiter(state)
    assert not play(process, np.zeros((2, 640)), 0.1).any()
    reset_limiter(state, 48000.0)
    assert np.array_equal(first, play(process, noise(0.2, level=1), 0.1))
