import numpy as np
import pytest
from numba import njit

from live.dsp.kernel import TICK
from live.dsp.oscillators import CYCLE, add_sine, cosine


@njit
def _cosines(phases, out):
    for i in range(len(phases)):
        out[i] = cosine(phases[i])


def _tick(phase=0, step=0, left=1.0, slope=0.0):
    out = np.zeros((2, TICK), np.float32)
    end = add_sine(np.int32(phase), np.int32(step), np.float32(left), np.float32(slope), np.float32(0), np.float32(0),
                   out[0], out[1])
    return out, end


def test_cosine_is_within_120_db_of_the_true_one():
    phases = np.linspace(-2 ** 31, 2 ** 31 - 1, 1_000_001).astype(np.int32)
    out = np.empty(len(phases), np.float32)
    _cosines(phases, out)
    error = np.abs(out - np.cos(2 * np.pi * phases / CYCLE)).max()
    assert 20 * np.log10(error) < -118


def test_phase_wraps_without_a_step():
    step = int(997 / 48000 * CYCLE)
    phase, ticks = 0, []
    for _ in range(50):
        out, phase = _tick(phase, step)
        ticks.append(out[0])
    k = np.arange(50 * TICK)
    assert np.abs(np.concatenate(ticks) - np.cos(2 * np.pi * step / CYCLE * k)).max() < 2e-6


def test_gain_moves_in_a_straight_line():
    out, _ = _tick(left=0.25, slope=0.5 / TICK)
    assert out[0] == pytest.approx(0.25 + 0.5 * np.arange(TICK) / TICK, abs=1e-6)
    assert not out[1].any()
