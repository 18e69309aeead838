import numpy as np
import pytest
from numba import njit
from spectra import noise, saw, sine

from live.dsp.pitch import PITCH, hear_pitch, measure_pitch, reset_pitch
from live.signals import HOP

RATE = 48000
FREQUENCIES = [30.0, 37.1, 55.0, 82.41, 110.0, 233.08, 466.16, 880.0, 1318.5, 1999.0, 2000.0]


@njit
def feed(state, samples):
    for k in range(len(samples)):
        hear_pitch(state, samples[k])


def tracker(rate=RATE):
    state = np.zeros(1, PITCH)[0]
    reset_pitch(state, rate)
    return state


def track(sound, rate=RATE, state=None):
    """Frequency and confidence after every hop: (hops, 2)."""
    state = tracker(rate) if state is None else state
    found = []
    for place in range(0, len(sound) - HOP + 1, HOP):
        feed(state, sound[place:place + HOP])
        measure_pitch(state)
        found.append((state['frequency'], state['confidence']))
    return np.array(found)


def steady(sound, rate=RATE):
    """Of a sound of 0.3 s, the readings whose window it fills."""
    return track(sound, rate)[round(0.1 * rate / HOP):]


def cents(found, frequency):
    return 1200 * np.log2(np.maximum(found, 1e-9) / frequency)


@pytest.mark.parametrize('rate', [22050, 44100, 48000, 96000])
@pytest.mark.parametrize('wave', [sine, saw])
@pytest.mark.parametrize('noise_db', [None, -40])
def test_steady_tones_are_within_3_cents(rate, wave, noise_db):
    for frequency in FREQUENCIES:
        sound = wave(frequency, 0.3, rate=rate)
        if noise_db is not None:
            sound = sound + noise(0.3, sound.std() * 10 ** (noise_db / 20), rate=rate)
        found = steady(sound, rate)
        assert np.abs(cents(found[:, 0], frequency)).max() < 3, frequency
        assert found[:, 1].min() > 0.9


def test_pitch_between_two_short_lags_is_no_octave_too_low():
    for frequency in np.linspace(1500, 2000, 101):
        assert np.abs(cents(steady(sine(frequency, 0.2, rate=44100), 44100)[:, 0], frequency)).max() < 3


def test_pitch_of_a_missing_fundamental_is_heard():
    sound = sum(sine(110.0 * k, 0.3, 0.1) for k in (3, 4, 5, 7))
    assert np.abs(cents(steady(sound)[:, 0], 110)).max() < 3


def test_vibrato_is_followed():
    t = np.arange(RATE) / RATE
    swing = 50 * np.sin(2 * np.pi * 5 * t)
    found = track(0.5 * np.sin(2 * np.pi * np.cumsum(440 * 2 ** (swing / 1200)) / RATE))[10:]
    middle = (np.arange(10, 10 + len(found)) + 1) * HOP - round(0.025 * RATE)       # of the window that was measured
    assert np.abs(cents(found[:, 0], 440) - swing[middle]).max() < 6


def test_noise_has_little_confidence_and_a_tone_in_much_noise_more():
    hiss, tone = noise(1.0, 0.1), sine(220.0, 1.0, 0.3)
    assert track(hiss)[20:, 1].mean() < 0.6 < 0.8 < track(hiss + tone)[20:, 1].mean()


@pytest.mark.parametrize('sound', [np.zeros(RATE), np.full(RATE, np.nan), sine(220.0, 1.0, 1e-5)])
def test_silence_and_nan_are_0_hz_and_no_confidence(sound):
    assert not track(sound).any()


@pytest.mark.parametrize('sound', [np.ones(RATE), np.full(RATE, np.inf), np.full(RATE, 1e300), noise(1.0, 1e30)])
def test_wild_input_stays_finite_and_bounded(sound):
    found = track(sound)
    assert np.isfinite(found).all() and (found[:, 0] >= 0).all() and (found[:, 0] < 2100).all()
    assert (found[:, 1] >= 0).all() and (found[:, 1] <= 1).all()


def test_nan_is_forgotten_after_the_window():
    state = tracker()
    track(np.full(RATE, np.nan), state=state)
    assert np.abs(cents(track(sine(220.0, 0.3), state=state)[10:, 0], 220)).max() < 3


def test_any_cut_gives_the_same_bits():
    sound, whole, cut = saw(123.4, 0.5), tracker(), tracker()
    feed(whole, sound)
    for part in np.split(sound, np.cumsum(np.random.default_rng(3).integers(1, 700, 30))):
        feed(cut, part)
    measure_pitch(whole)
    measure_pitch(cut)
    assert whole.tobytes() == cut.tobytes()


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
def test_low_pass_keeps_the_pitches_and_stops_what_would_fold(rate):
    state = tracker(rate)
    taps, length = state['taps'], state['length']
    response = np.abs(np.fft.rfft(taps[:length], 8192))
    frequency = np.arange(4097) / 8192 * state['factor']
    assert np.abs(20 * np.log10(response[frequency < 0.25])).max() < 0.02
    assert 20 * np.log10(response[frequency > 0.43].max()) < -60
