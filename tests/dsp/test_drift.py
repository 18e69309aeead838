import math

import numpy as np
import pytest

from live.dsp.drift import decay_and_kick, together
from live.dsp.kernel import TICK

RATE = 48000


@pytest.mark.parametrize('half_life', [0.05, 1.0, 600.0])
def test_half_is_forgotten_in_a_half_life(half_life):
    decay, _ = decay_and_kick(half_life, RATE, 1)
    assert decay ** (half_life * RATE / TICK) == pytest.approx(0.5, rel=1e-6)


def test_one_long_step_is_many_short_ones():
    """Mean and variance after 100 steps of one tick equal those after one step of 100."""
    decay, kick = decay_and_kick(0.3, RATE, 1)
    mean, variance = 1.0, 0.0
    for _ in range(100):
        mean, variance = mean * decay, variance * decay ** 2 + kick ** 2
    long_decay, long_kick = decay_and_kick(0.3, RATE, 100)
    assert mean == pytest.approx(long_decay) and math.sqrt(variance) == pytest.approx(long_kick)


@pytest.mark.parametrize('correlation', [0.0, 0.3, 1.0, 7.0, np.nan])
def test_together_keeps_deviation_1(correlation):
    common, own = np.random.default_rng(1).standard_normal((2, 20000))
    walk = np.array([together(c, o, correlation) for c, o in zip(common, own)])
    assert walk.std() == pytest.approx(1, abs=0.03)
