from functools import partial

import numpy as np
import pytest
from playing import decibels, flip, largest_bend, noise, play, ramp_bend, sine

from live.dsp.chorus import CHORUS, DEEPEST, clear_chorus, process_chorus, reset_chorus


def make(rate=48000):
    state = np.zeros(1, CHORUS)[0]
    reset_chorus(state, float(rate))
    return state


def chorus(samples, rate=0.5, depth=1.0, mix=0.5, samplerate=48000):
    return play(partial(process_chorus, make(samplerate)), samples, rate, depth, mix)


def test_dry_passes_every_bit():
    assert np.array_equal(chorus(noise(0.2), mix=0.0), noise(0.2).astype(np.float32))


@pytest.mark.parametrize('mix', [0.3, 0.7, 1.0])
def test_level_of_noise_hardly_depends_on_the_mix(mix):
    out = chorus(noise(4), mix=mix)
    assert decibels(out[:, 48000:].std() / 0.1) == pytest.approx(0, abs=1.5)


@pytest.mark.parametrize('band', [(100, 500), (500, 3000), (3000, 12000)])
def test_copies_are_as_bright_as_the_sound(band):
    samples = noise(8)
    out = chorus(samples, mix=1.0)
    inside = slice(band[0] * 8, band[1] * 8)
    gain = np.abs(np.fft.rfft(out[0]))[inside].std() / np.abs(np.fft.rfft(samples[0]))[inside].std()
    assert decibels(gain) == pytest.approx(decibels(0.5 * 3 ** 0.5), abs=1)


def test_mono_comes_out_wide_and_its_sum_keeps_its_level():
    mono = np.tile(noise(8)[0], (2, 1))
    out = chorus(mono, mix=1.0)[:, 48000:]
    assert np.corrcoef(out)[0, 1] < 0.6
    assert -4 < decibels((0.5 * out.sum(0)).std() / out[0].std()) <= 0


@pytest.mark.parametrize('rate', [0.2, 1.0, 5.0])
@pytest.mark.parametrize('samplerate', [44100, 96000])
def test_pitch_sways_by_its_depth_and_no_further(rate, samplerate):
    """The instantaneous frequency of one copy alone would reach DEEPEST; that of the sum of three stays around it."""
    tone = sine(2000, 8, samplerate)
    out = chorus(tone, rate, mix=1.0, samplerate=samplerate)[0, samplerate:].astype(float)
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out)))) ** 2
    frequency = np.fft.rfftfreq(len(out), 1 / samplerate)
    near = abs(frequency / 2000 - 1) < 1.3 * DEEPEST + 5 * rate / 2000
    assert spectrum[~near].sum() < 1e-4 * spectrum.sum()
    width = np.sqrt((spectrum * (frequency / 2000 - 1) ** 2).sum() / spectrum.sum())
    assert 0.3 * min(DEEPEST, 2 * np.pi * rate * 0.005) < width < DEEPEST


@pytest.mark.parametrize('change', [{'rate': flip(0.05, 8)}, {'depth': flip(0, 1)}, {'mix': flip(0, 1)}])
def test_no_jump_clicks(change):
    samples = sine(466.16, 2)
    out = play(partial(process_chorus, make()), samples, *{'rate': 0.5, 'depth': 0.5, 'mix': 0.7, **change}.values())
    ramp = ramp_bend(0.5) if 'mix' in change else 0
    assert largest_bend(out[0, 2000:]) < 2.5 * largest_bend(samples[0]) + 2 * ramp


def test_what_is_not_a_number_or_absurd_does_no_harm():
    samples = noise(0.3)
    samples[:, 100], samples[:, 200], samples[:, 300] = np.nan, -np.inf, 3e38
    out = play(partial(process_chorus, make(192000)), samples, flip(np.nan, 1e9), flip(np.nan, 9), flip(np.nan, -3))
    assert np.isfinite(out).all() and out[:, -64:].any() and np.abs(out).max() < 3


def test_clearing_silences_and_reset_gives_the_same_bits():
    state = make()
    process = partial(process_chorus, state)
    assert not play(process, np.zeros((2, 6400)), 1, 1, 1).any()
    reset_chorus(state, 48000.0)
    first = play(process, noise(0.2), 1, 1, 1)
    clear_chorus(state)
    assert not play(process, np.zeros((2, 6400)), 1, 1, 1).any()
    reset_chorus(state, 48000.0)
    assert np.array_equal(first, play(process, noise(0.2), 1, 1, 1))
