from functools import partial

import numpy as np
import pytest
from playing import decibels, flip, gain_db, largest_bend, noise, play, sine

from live.dsp.tilt import TILT, clear_tilt, process_tilt, reset_tilt


def make(rate=48000):
    state = np.zeros(1, TILT)[0]
    reset_tilt(state, float(rate))
    return state


def response(tilt_db, frequency, rate=48000):
    samples = sine(frequency, 1, rate)
    return gain_db(play(partial(process_tilt, make(rate)), samples, tilt_db), samples)


def law(tilt_db, frequency):
    g, s = 10 ** (tilt_db / 20), 1j * frequency / 1000
    return decibels((g * s + 1) / (s + g))


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
@pytest.mark.parametrize('tilt_db', [-12, -3, 3, 12])
@pytest.mark.parametrize('frequency', [20, 200, 1000, 4000])
def test_tilt_follows_its_law(tilt_db, frequency, rate):
    assert response(tilt_db, frequency, rate) == pytest.approx(law(tilt_db, frequency), abs=0.2)


@pytest.mark.parametrize('tilt_db', [-6, 6])
def test_ends_are_turned_by_the_tilt(tilt_db):
    assert response(tilt_db, 20) == pytest.approx(-tilt_db, abs=0.2)
    assert response(tilt_db, 20000) == pytest.approx(tilt_db, abs=0.2)


def test_level_passes_unchanged():
    out = play(partial(process_tilt, make()), noise(0.2), 0)
    assert out == pytest.approx(noise(0.2)[:, :out.shape[1]], abs=1e-7)


@pytest.mark.parametrize('frequency', [60, 466.16, 3000])
def test_no_jump_clicks(frequency):
    samples = sine(frequency, 1)
    out = play(partial(process_tilt, make()), samples, flip(-12, 12, 100))
    loudest = 10 ** (12 / 20)
    soft = 8 * 0.5 * loudest / 96 ** 2                          # the bend of a rise to the loudest within 2 ms
    assert largest_bend(out[0, 64:]) < 1.5 * max(soft, loudest * largest_bend(samples[0]))


def test_what_is_not_a_number_does_no_harm():
    samples = noise(0.2)
    samples[:, 100], samples[:, 200] = np.nan, np.inf
    out = play(partial(process_tilt, make()), samples, flip(np.nan, 1e9))
    assert np.isfinite(out).all() and out[:, -64:].any()


def test_clearing_silences_and_reset_gives_the_same_bits():
    state = make()
    process = partial(process_tilt, state)
    first = play(process, noise(0.1), 6)
    clear_tilt(state)
    assert not play(process, np.zeros((2, 640)), 6).any()
    reset_tilt(state, 48000.0)
    assert np.array_equal(first, play(process, noise(0.1), 6))
