from functools import partial

import numpy as np
import pytest
from playing import decibels, flip, gain_db, largest_bend, noise, play, sine

from live.dsp.saturation import LATENCY, SATURATION, clear_saturation, process_saturation, reset_saturation


def make():
    state = np.zeros(1, SATURATION)[0]
    reset_saturation(state)
    return state


def saturate(samples, drive_db, mix=1.0):
    return play(partial(process_saturation, make()), samples, drive_db, mix)


def alias_db(samples, frequency):
    """Level of all that is no harmonic below Nyquist, under that of the fundamental; whole cycles in a second."""
    spectrum = np.abs(np.fft.rfft(samples[-48000:])) ** 2
    harmonics = np.arange(frequency, 24000, frequency)
    alias = spectrum[10:].sum() - spectrum[harmonics].sum()
    return 10 * np.log10(alias / spectrum[frequency])


@pytest.mark.parametrize('frequency', [1249, 4999])
def test_alias_of_a_loud_sine_is_20_db_below_the_naive_curve(frequency):
    samples = sine(frequency, 1.5, amplitude=1.0)
    driven = 10 * samples[0]
    naive = alias_db(driven / np.sqrt(1 + driven ** 2), frequency)
    assert alias_db(saturate(samples, 20)[0].astype(float), frequency) < naive - 20


@pytest.mark.parametrize('drive_db', [0, 12, 24, 48])
def test_level_of_a_usual_sine_hardly_depends_on_drive(drive_db):
    samples = sine(440, 0.5, amplitude=0.35)
    assert gain_db(saturate(samples, drive_db), samples) == pytest.approx(0, abs=3.5)


@pytest.mark.parametrize('frequency', [50, 1000, 10000, 18000])
@pytest.mark.parametrize('mix', [0.0, 1.0])
def test_quiet_sound_keeps_its_spectrum(frequency, mix):
    samples = sine(frequency, 0.5, amplitude=0.001)
    expected = decibels(np.sqrt(1 + 0.35 ** 2)) * mix
    assert gain_db(saturate(samples, 0, mix), samples) == pytest.approx(expected, abs=0.3)


def test_dry_and_wet_are_in_step():
    samples = sine(1000, 0.2, amplitude=0.001)
    for mix in (0.0, 0.5, 1.0):
        out = saturate(samples, 0, mix)[0, 2000:6000]
        late = samples[0, 2000 - LATENCY:6000 - LATENCY]
        assert np.corrcoef(out, late)[0, 1] > 0.99999


def test_steady_and_repeated_samples_are_no_special_case():
    for level in (0.0, 1e-30, 0.25, 1.0):
        out = saturate(np.full((2, 640), level), 12)
        g = 10 ** (12 / 20)
        curve = np.sqrt(1 + (0.35 * g) ** 2) / g * g * level / np.sqrt(1 + (g * level) ** 2)
        assert out[0, -64:] == pytest.approx(curve, abs=1e-5)


def test_saturation_bends_symmetrically():
    out = saturate(sine(1000, 1.0), 24)[0, -24000:]
    spectrum = np.abs(np.fft.rfft(out))
    assert decibels(spectrum[1500] / spectrum[500]) > -12           # third harmonic
    assert decibels(spectrum[1000] / spectrum[500]) < -80           # second


@pytest.mark.parametrize('change', [(flip(0, 48), 1.0), (24.0, flip(0, 1)), (flip(0, 48), 0.5)])
def test_no_jump_clicks(change):
    samples = sine(300, 0.5)
    steady = max(largest_bend(saturate(samples, drive)[0, 256:]) for drive in (0, 24, 48))
    assert largest_bend(play(partial(process_saturation, make()), samples, *change)[0, 256:]) < 1.5 * steady


def test_what_is_not_a_number_or_absurd_does_no_harm():
    samples = noise(0.2)
    samples[:, 100], samples[:, 200], samples[:, 300] = np.nan, -np.inf, 3e38
    out = play(partial(process_saturation, make()), samples, flip(np.nan, 1e9), flip(np.nan, -3))
    assert np.isfinite(out).all() and out[:, -64:].any() and np.abs(out).max() < 2


def test_loud_sound_is_bounded():
    assert np.abs(saturate(noise(0.2, level=100), 0)[:, 256:]).max() < 2.5      # it begins dry


def test_silence_stays_silence_and_reset_gives_the_same_bits():
    state = make()
    process = partial(process_saturation, state)
    assert not play(process, np.zeros((2, 640)), 48, 1).any()
    first = play(process, noise(0.1), 12, 1)
    clear_saturation(state)
    assert not play(process, np.zeros((2, 640)), 12, 1).any()
    assert np.array_equal(first[:, 128:], play(process, noise(0.1), 12, 1)[:, 128:])
