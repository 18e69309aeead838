import numpy as np
import pytest

from live.dsp.output import KNEE, OUTPUT, finish_sample, reset_output, soft_limit


@pytest.fixture
def state():
    state = np.zeros(1, OUTPUT)[0]
    reset_output(state, 48000)
    return state


def finish(state, samples):
    return np.array([finish_sample(state, 0, 0.0, x) for x in samples])


@pytest.mark.parametrize('x', [0.0, 0.1, -0.69, 0.9])
def test_quiet_samples_pass_unbent(x):
    assert soft_limit(x) == x


def test_limit_is_monotone_smooth_and_below_1():
    x = np.linspace(-50, 50, 100001)
    y = np.array([soft_limit(v) for v in x])
    assert (np.diff(y) >= 0).all() and np.abs(y).max() < 1
    assert (soft_limit(KNEE + 1e-6) - KNEE) / 1e-6 == pytest.approx(1, abs=1e-4)


def test_dc_falls_away(state):
    assert abs(finish(state, np.full(48000, 0.5))[-1]) < 1e-3


def test_five_hertz_is_3_db_down(state):
    t = np.arange(96000) / 48000
    out = finish(state, 0.1 * np.sin(2 * np.pi * 5 * t))[48000:]
    assert 20 * np.log10(out.std() / (0.1 / np.sqrt(2))) == pytest.approx(-3.01, abs=0.05)


def test_what_the_limiter_let_pass_is_not_touched(state):
    assert finish_sample(state, 0, 0.85, 0.0) == 0.85


def test_synth_and_input_together_stay_below_1(state):
    assert 0.9 < finish_sample(state, 0, 0.89, 0.8) < 1
