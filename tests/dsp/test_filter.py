from functools import partial

import numpy as np
import pytest
from playing import decibels, flip, gain_db, largest_bend, noise, play, sine

from live.dsp.filter import BAND, FILTER, HIGH, LOW, NOTCH, OFF, clear_filter, process_filter, reset_filter

BUTTERWORTH = (2 - 2 ** 0.5) / 2.02     # resonance


def make(rate=48000):
    state = np.zeros(1, FILTER)[0]
    reset_filter(state, float(rate))
    return state


def response(mode, frequency, cutoff=1000.0, resonance=BUTTERWORTH, tracking=0.0, root=440.0, rate=48000):
    samples = sine(frequency, 0.5, rate, 0.1)
    return gain_db(play(partial(process_filter, make(rate)), samples, mode, cutoff, resonance, tracking, root), samples)


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
@pytest.mark.parametrize('mode', [LOW, HIGH])
def test_butterworth_is_3_db_down_at_the_cutoff(mode, rate):
    assert response(mode, 1000, rate=rate) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize('mode, near, far', [(LOW, 2000, 4000), (HIGH, 500, 250)])
def test_slope_is_12_db_per_octave(mode, near, far):
    assert response(mode, near) - response(mode, far) == pytest.approx(12, abs=0.6)


def test_band_peaks_at_0_db_and_falls_by_6_db_per_octave():
    assert response(BAND, 1000, resonance=0.5) == pytest.approx(0, abs=0.05)
    assert response(BAND, 200, resonance=0.8) - response(BAND, 100, resonance=0.8) == pytest.approx(6, abs=0.4)


def test_notch_takes_out_its_frequency_alone():
    assert response(NOTCH, 1000) < -60
    assert response(NOTCH, 100) == pytest.approx(0, abs=0.1)


def test_off_passes_every_bit():
    samples = noise(0.1)
    assert np.array_equal(play(partial(process_filter, make()), samples, OFF, 100, 1, 0, 440), samples.astype('f4'))


@pytest.mark.parametrize('root', [116.54, 932.32])
def test_full_tracking_moves_the_cutoff_with_the_root(root):
    cutoff = 1000 * root / 466.16
    assert response(LOW, cutoff, tracking=1.0, root=root) == pytest.approx(-3.01, abs=0.05)
    assert response(LOW, 1000, tracking=0.0, root=root) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize('cutoff', [50, 1000, 12000])
def test_full_resonance_sings_at_the_cutoff_and_stays_bounded(cutoff):
    samples = np.zeros((2, 4 * 48000))
    samples[:, :480] = noise(0.01)
    out = play(partial(process_filter, make()), samples, LOW, cutoff, 1, 0, 440)[0, -48000:]
    peak = np.abs(np.fft.rfft(out * np.hanning(48000))).argmax()
    assert abs(peak - cutoff) <= max(1, 0.01 * cutoff)
    assert 0.3 < np.abs(out).max() < 1.5


def test_loud_noise_at_full_resonance_stays_bounded():
    process = partial(process_filter, make())
    assert np.abs(play(process, noise(1, level=1), flip(1, 4), flip(20, 2e4, 3), 1, 0, 440)).max() < 30


@pytest.mark.parametrize('frequency', [60, 466.16, 3000])
@pytest.mark.parametrize('change', [{'cutoff': flip(20, 20000)}, {'resonance': flip(0, 0.98)},
                                    {'mode': flip(OFF, LOW)}, {'mode': flip(LOW, HIGH)}, {'mode': flip(BAND, NOTCH)}])
def test_no_jump_clicks(change, frequency):
    settings = {'mode': LOW, 'cutoff': 1000.0, 'resonance': 0.3, 'tracking': 0.0, 'root': 440.0, **change}
    samples = sine(frequency, 0.5)
    out = play(partial(process_filter, make()), samples, *settings.values())
    soft = 8 * 0.5 / 96 ** 2                                    # the bend of a rise to 0.5 within 2 ms
    ring = largest_bend(sine(1000, 0.1)[0]) if 'resonance' in change else 0
    assert largest_bend(out[0, 64:]) < 1.5 * max(largest_bend(samples[0]), soft, ring)


def test_what_is_not_a_number_does_no_harm():
    process, samples = partial(process_filter, make()), noise(0.2)
    samples[:, 100], samples[:, 200] = np.nan, np.inf
    out = play(process, samples, LOW, flip(np.nan, 1e9), flip(np.nan, 7), np.nan, flip(0, np.nan))
    assert np.isfinite(out).all() and out[:, -64:].any()


def test_silence_stays_silence_and_clearing_ends_the_ring():
    state = make()
    process = partial(process_filter, state)
    assert not play(process, np.zeros((2, 640)), LOW, 1000, 1, 0, 440).any()
    play(process, noise(0.1), LOW, 100, 0.98, 0, 440)
    clear_filter(state)
    assert not play(process, np.zeros((2, 640)), LOW, 100, 0.98, 0, 440).any()


def test_reset_gives_the_same_bits():
    state = make()
    first = play(partial(process_filter, state), noise(0.1), LOW, flip(100, 5000), 0.5, 0, 440)
    reset_filter(state, 48000.0)
    assert np.array_equal(first, play(partial(process_filter, state), noise(0.1), LOW, flip(100, 5000), 0.5, 0, 440))


def test_resonance_raises_the_cutoff():
    assert response(LOW, 1000, resonance=0.9) == pytest.approx(decibels(1 / (2 - 2.02 * 0.9)), abs=0.1)
