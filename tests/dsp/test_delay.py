import numpy as np
import pytest
from playing import decibels, flip, largest_bend, noise, play, ramp_bend, sine

from live.dsp.delay import DELAY, clear_delay, render_delay, reset_delay
from live.dsp.line import FADE

OPEN = 20000.0


def make(rate=48000):
    state = np.zeros(1, DELAY)[0]
    reset_delay(state, float(rate))
    return state


def delay(state, samples, time=0.1, feedback=0.5, tone=OPEN, width=0.0, level=1.0):
    """Return sound and repeats: the delay adds to what it is sent."""
    return play(lambda *given: render_delay(state, *given[:5], *given[5:], *given[5:]), samples,
                time, feedback, tone, width, level)


def click(seconds, rate=48000):
    samples = np.zeros((2, int(seconds * rate)))
    samples[:, 640] = 1
    return samples


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
def test_a_thousand_milliseconds_fade_by_half_with_each_repeat(rate):
    out = delay(make(rate), click(3.9, rate), time=1.0, feedback=0.5, level=0.5)
    heard = out[0, 640 + rate * np.arange(4)]
    assert heard == pytest.approx([1, 0.5, 0.25, 0.125], abs=1e-6)
    assert np.count_nonzero(out[0]) == 4


@pytest.mark.parametrize('rate', [48000, 96000])
def test_four_seconds_are_possible(rate):
    out = delay(make(rate), click(4.1, rate), time=4.0)
    assert np.flatnonzero(out[0])[1] == 640 + 4 * rate


def test_ping_pong_goes_from_side_to_side():
    out = delay(make(), click(0.5), width=1.0, feedback=0.5)
    places = 640 + 4800 * np.arange(1, 5)
    assert out[0, places] == pytest.approx([1, 0, 0.25, 0], abs=1e-6)
    assert out[1, places] == pytest.approx([0, 0.5, 0, 0.125], abs=1e-6)


def test_tone_takes_3_db_from_its_frequency_with_each_repeat():
    samples = sine(2000, 0.05)
    samples = np.concatenate([samples, np.zeros((2, 9600))], 1)
    out = delay(make(), samples, time=0.08, feedback=0.9, tone=2000.0)[0]
    first, second = (out[start + 1200:start + 2300].std() for start in (3840, 7680))
    assert decibels(first / samples[0, 1200:2300].std()) == pytest.approx(-3, abs=0.4)
    assert decibels(second / first / 0.9) == pytest.approx(-3, abs=0.4)


@pytest.mark.parametrize('change', [{'time': flip(0.1, 0.37)}, {'time': lambda tick: 0.1 + 0.001 * tick},
                                    {'feedback': flip(0, 0.9)}, {'level': flip(0, 1)}, {'width': flip(0, 1)},
                                    {'tone': flip(20, 20000)}])
def test_no_jump_clicks(change):
    samples = sine(466.16, 2)
    out = delay(make(), samples, **{'feedback': 0.3, **change})[0]
    ramp = 0 if 'time' in change else ramp_bend(0.5)
    assert largest_bend(out) < 2.5 * (largest_bend(samples[0]) + ramp)


def test_a_change_of_time_keeps_the_pitch():
    out = delay(make(), sine(1000, 2), time=lambda tick: 0.1 + 0.0002 * tick, feedback=0.0)[0, 48000:]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out)))) ** 2
    frequency = np.fft.rfftfreq(len(out), 1 / 48000)
    assert spectrum[abs(frequency - 1000) < 3 * 48000 / FADE / 64].sum() > 0.999 * spectrum.sum()
    assert frequency[spectrum.argmax()] == pytest.approx(1000, abs=1)


def test_full_feedback_stays_bounded():
    assert np.abs(delay(make(), noise(4, level=2), time=0.02, feedback=7.0, level=1.0)).max() < 20


def test_what_is_not_a_number_or_absurd_does_no_harm():
    samples = noise(0.5)
    samples[:, 100], samples[:, 200], samples[:, 300] = np.nan, -np.inf, 3e38
    returns = np.zeros((2, 64), np.float32)
    state, out = make(), []
    for k in range(samples.shape[1] // 64):
        sent, returns = samples[:, k * 64:k * 64 + 64].astype(np.float32), np.zeros((2, 64), np.float32)
        wild = [np.nan, 1e9, -1.0, 0.01][k % 4]
        render_delay(state, wild, wild, wild, wild, 0.5, *sent, *returns)
        out.append(returns)
    assert np.isfinite(out).all() and np.abs(out).max() < 10


def test_clearing_silences_at_once_and_the_same_bits_follow():
    state = make()
    first = delay(state, noise(1), time=0.03)
    clear_delay(state)
    assert not delay(state, np.zeros((2, 9600)), time=0.03).any()
    reset_delay(state, 48000.0)
    assert np.array_equal(first, delay(state, noise(1), time=0.03))
