import numpy as np
import pytest

from live.dsp.bank import HIGHEST, audible, bank_dtype, render_bank, reset_bank
from live.dsp.kernel import TICK
from live.dsp.oscillators import CYCLE

RATE = 48000


def bank():
    state = np.zeros(1, bank_dtype(4))[0]
    reset_bank(state)
    return state


def render(state, ticks, frequency=440.0, gain=0.5):
    out = np.zeros((ticks, 2, TICK), np.float32)
    for left, right in out:
        state['step_end'][0] = frequency / RATE * CYCLE
        state['left_end'][0] = state['right_end'][0] = gain
        render_bank(state, 4, left, right)
    return out.transpose(1, 0, 2).reshape(2, -1)


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


def test_a_leap_of_an_octave_bends_hardly_more_than_the_tones():
    state = bank()
    both = render(state, 20), render(state, 3, 880.0), render(state, 20, 880.0)
    assert bend(np.concatenate(both, axis=1)) < 1.4 * bend(both[2][0])


def test_a_sweep_ends_on_the_frequency_asked_for():
    state = bank()
    render(state, 5)
    render(state, 1, 3000.0)
    out = render(state, 750, 3000.0)[0]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    assert spectrum.argmax() * RATE / len(out) == pytest.approx(3000, abs=1)


def test_silent_sines_keep_time():
    """A sine that was silent for a while comes back in the phase it would have had."""
    heard, paused = bank(), bank()
    render(heard, 1), render(paused, 1)
    for _ in range(10):
        render(heard, 1), render(paused, 1, gain=0.0)
    render(heard, 2), render(paused, 2)
    assert render(paused, 4) == pytest.approx(render(heard, 4))


def test_tones_fall_silent_before_nyquist():
    assert audible(0.3 * CYCLE) == 1 and audible(HIGHEST * CYCLE) == 0 and audible(0.425 * CYCLE) == pytest.approx(0.5)
