import math

import numpy as np
import pytest
from numba import njit
from playing import decibels, flip, largest_bend, noise, play, ramp_bend, sine

from live.dsp.intrinsics import flush_denormals, restore_denormals
from live.dsp.kernel import TICK
from live.dsp.reverb import LINES, REVERB, clear_reverb, prime_near, render_reverb, reset_reverb

HALL = {'t60_low': 3.0, 't60_high': 1.5, 'crossover': 2000.0, 'size': 1.0, 'predelay': 0.0, 'motion': 1.0,
        'freeze': 0.0, 'wet': 1.0}


def make(rate=48000):
    state = np.zeros(1, REVERB)[0]
    reset_reverb(state, float(rate))
    return state


def reverberate(state, samples, **settings):
    """Return the reverberation alone."""
    def process(*given):
        left, right = given[-2:]
        sent = left.copy(), right.copy()
        left[:] = right[:] = 0
        render_reverb(state, *given[:-2], *sent, left, right)
    return play(process, samples, *{**HALL, **settings}.values())


def burst(seconds, rate=48000):
    samples = np.zeros((2, int(seconds * rate)))
    samples[:, :2000] = noise(2000 / rate, rate)[:, :2000]
    return samples


def octave(samples, middle, rate):
    """Return the part of samples within an octave, by a smooth window on the spectrum of a longer signal."""
    spectrum = np.fft.rfft(samples, 2 * len(samples))
    distance = np.log2(np.maximum(np.fft.rfftfreq(2 * len(samples), 1 / rate), 1e-9) / middle)
    return np.fft.irfft(spectrum * np.exp(-0.5 * (distance / 0.2) ** 2))[:len(samples)]


def decay(samples, rate):
    """Return the T60 of a tail by backward integration, from 5 to 35 dB below its start (ISO 3382)."""
    energy = np.cumsum(samples[::-1] ** 2)[::-1]
    level = 10 * np.log10(energy / energy[0] + 1e-30)
    inside = np.flatnonzero((level < -5) & (level > -35))
    return -60 / np.polyfit(inside / rate, level[inside], 1)[0]


@pytest.mark.parametrize('rate, low, high, crossover, size', [
    (48000, 3.0, 1.5, 2000, 1.0), (44100, 10.0, 4.0, 1000, 1.0), (96000, 2.0, 0.5, 3000, 1.5),
    (48000, 1.0, 3.0, 500, 0.5)])
def test_decay_keeps_to_its_law_in_every_octave(rate, low, high, crossover, size):
    samples = burst(1.4 * max(low, high), rate)
    out = reverberate(make(rate), samples, t60_low=low, t60_high=high, crossover=crossover, size=size)[0].astype(float)
    for middle in (125, 250, 500, 1000, 2000, 4000, 8000):
        law = 1 / high + (1 / low - 1 / high) / (1 + (middle / crossover) ** 2)
        assert decay(octave(out, middle, rate), rate) == pytest.approx(1 / law, rel=0.15), middle


def test_tail_is_dense_and_even():
    """Echo density: how many samples lie beyond one deviation, against a Gaussian (Abel and Huang 2006)."""
    samples = np.zeros((2, 48000))
    samples[:, 0] = 1
    out = reverberate(make(), samples)[0]
    windows = out[4800:43200].reshape(-1, 960)
    beyond = (np.abs(windows) > windows.std(1, keepdims=True)).mean(1) / math.erfc(0.5 ** 0.5)
    assert beyond[:5].mean() > 0.85 and beyond[5:].mean() == pytest.approx(1, abs=0.1)


def test_tail_rings_at_no_single_frequency():
    """The spectrum of Gaussian noise has peaks 10 log10(ln n) above its mean; modes, 0.8 per Hz, go a little beyond."""
    samples = np.zeros((2, 3 * 48000))
    samples[:, 0] = 1
    out = reverberate(make(), samples, t60_high=3.0)[0, 48000:]
    power = np.abs(np.fft.rfft(out * np.hanning(len(out))))[500:40000] ** 2
    local = np.convolve(power, np.ones(1000) / 1000, 'same')
    assert 10 * np.log10((power / local)[1000:-1000].max()) < 10 * np.log10(np.log(len(power))) + 6


def test_left_and_right_have_little_in_common():
    out = reverberate(make(), np.tile(noise(3)[0], (2, 1)))[:, 48000:]
    assert abs(np.corrcoef(out)[0, 1]) < 0.2
    assert decibels(out[0].std() / out[1].std()) == pytest.approx(0, abs=0.7)


@pytest.mark.parametrize('t60', [0.3, 1.0, 3.0, 10.0])
def test_steady_sound_is_as_loud_whatever_the_decay(t60):
    out = reverberate(make(), noise(max(2, t60)), t60_low=t60, t60_high=t60)
    assert decibels(out[:, -48000:].std() / 0.1) == pytest.approx(-1.5, abs=2)


def test_frozen_sound_keeps_its_energy_for_a_minute_and_takes_in_nothing():
    state = make()
    before = reverberate(state, noise(3))[:, -24000:].std()
    levels = []
    for second in range(60):
        out = reverberate(state, noise(1, level=0.5, seed=second), freeze=1.0)
        levels.append(decibels(out.std() / before))
    assert np.abs(levels).max() < 1
    assert np.abs(np.array(levels[1:]) - levels[1]).max() < 0.2


def test_energy_in_the_frozen_lines_never_grows():
    state = make()
    reverberate(state, noise(3))
    reverberate(state, np.zeros((2, 48000)), freeze=1.0)
    first = circulating(state)
    reverberate(state, noise(60), freeze=1.0)
    assert circulating(state) / first == pytest.approx(1, abs=1e-3)


def circulating(state):
    """Sum of squares of the samples that are still to come out of the lines."""
    place = state['age'] % 2 ** 15
    return sum((line['ring'][(place - 1 - np.arange(line['delay'])) % 2 ** 15].astype(float) ** 2).sum()
               for line in state['lines'])


def test_unfreezing_lets_the_sound_decay():
    state = make()
    reverberate(state, noise(2))
    held = reverberate(state, np.zeros((2, 96000)), freeze=1.0)[:, -4800:].std()
    out = reverberate(state, np.zeros((2, 48000 * 5)))
    assert decibels(out[:, -4800:].std() / held) < -60


def test_predelay_is_heard_as_such():
    samples = np.zeros((2, 24000))
    samples[:, 640] = 1
    first = [np.flatnonzero(np.abs(reverberate(make(), samples, predelay=p, motion=0.0)[0]) > 0)[0] for p in (0.0, 0.1)]
    assert first[1] - first[0] == 4800


@pytest.mark.parametrize('rate', [44100, 48000, 96000, 192000])
@pytest.mark.parametrize('size', [0.2, 1.0, 2.0])
def test_delays_are_different_primes(rate, size):
    state = make(rate)
    reverberate(state, np.zeros((2, TICK)), size=size)
    delays = sorted(int(line['delay']) for line in state['lines'])
    assert len(set(delays)) == LINES and all(d == prime_near(d) for d in delays)
    assert all(d % n for d in delays for n in range(2, int(d ** 0.5) + 1))


@pytest.mark.parametrize('change', [
    {'size': flip(0.5, 1.5, 200)}, {'size': lambda tick: 0.5 + tick / 1000}, {'t60_low': flip(0.1, 60)},
    {'t60_high': flip(0.1, 60)}, {'crossover': flip(50, 15000)}, {'predelay': flip(0, 0.3)}, {'motion': flip(0, 1)},
    {'freeze': flip(0, 1, 150)}, {'wet': flip(0, 1)}])
def test_no_jump_clicks(change):
    out = reverberate(make(), sine(466.16, 3), **change)[0]
    steady = 0.5 * (2 * np.pi * 466.16 / 48000) ** 2
    loudest = np.abs(out).max()
    assert largest_bend(out) < 2.5 * (steady * max(1, loudest / 0.5) + ('wet' in change) * ramp_bend(loudest))


def test_what_is_not_a_number_or_absurd_does_no_harm():
    samples = noise(1)
    samples[:, 100], samples[:, 200], samples[:, 300] = np.nan, -np.inf, 3e38
    wild = {name: (lambda tick, k=k: [np.nan, 1e9, -1.0, 0.5][(tick // 5 + k) % 4]) for k, name in enumerate(HALL)}
    out = reverberate(make(), samples, **wild)
    assert np.isfinite(out).all() and np.abs(out).max() < 50


def test_clearing_silences_at_once_and_the_same_bits_follow():
    state = make()
    first = reverberate(state, noise(1))
    clear_reverb(state)
    assert not reverberate(state, np.zeros((2, 48000))).any()
    reset_reverb(state, 48000.0)
    assert np.array_equal(first, reverberate(state, noise(1)))


@njit
def _tail(state, ticks, left, right, silence):
    """Run the reverb as the callback does, denormals flushed; return the ticks until it is silent."""
    mode, quiet = flush_denormals(), 0
    for tick in range(ticks):
        for k in range(TICK):
            left[k] = right[k] = 0
        render_reverb(state, 0.3, 0.3, 2000.0, 1.0, 0.0, 1.0, 0.0, 1.0, silence, silence, left, right)
        if np.any(left != 0) or np.any(right != 0):
            quiet = tick
    restore_denormals(mode)
    return quiet


def test_the_tail_ends_in_true_silence():
    state = make()
    reverberate(state, noise(0.5), t60_low=0.3, t60_high=0.3)
    buffers = np.zeros((3, TICK), np.float32)
    assert 0.3 < _tail(state, 8000, *buffers) * TICK / 48000 < 0.3 * 800 / 60
