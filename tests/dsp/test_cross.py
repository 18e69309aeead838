import numpy as np
import pytest
from scipy.special import jv

from live.dsp.cross import CROSS, REACH, bent, process_cross, reset_cross
from live.dsp.kernel import TICK

RATE = 48000
T = np.arange(RATE) / RATE


class Cross:
    """A modulation with its depths, as the tick does it."""

    def __init__(self, ring=0.0, phase=0.0):
        self.state, self.ring, self.phase = np.zeros(1, CROSS)[0], ring, phase
        reset_cross(self.state)

    def process(self, modulator, carrier):
        out = np.array(carrier, np.float32)[:len(carrier) // TICK * TICK]
        for k in range(0, len(out), TICK):
            mod = np.asarray(modulator[k:k + TICK], np.float32)
            process_cross(self.state, self.ring, self.phase, RATE, mod, mod, out[k:k + TICK], out[k:k + TICK].copy())
        return out


def sine(frequency, level=0.25):
    return level * np.sin(2 * np.pi * frequency * T)


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


def lines(samples):
    """Amplitudes at whole Hz of one second."""
    return 2 * np.abs(np.fft.rfft(samples, RATE)) / RATE


def test_depth_0_is_the_carrier_to_the_bit():
    carrier = sine(440).astype(np.float32)
    assert np.array_equal(Cross().process(sine(100), carrier), carrier[:len(carrier) // TICK * TICK])


def test_full_ring_modulation_leaves_sum_and_difference():
    cross = Cross(ring=1.0)
    cross.process(sine(100, 0.02), sine(1000))
    spectrum = lines(cross.process(sine(100, 0.02), sine(1000)))
    assert spectrum[900] == pytest.approx(spectrum[1100], rel=0.01) and spectrum[900] > 20 * spectrum[1000]


def test_phase_modulation_has_the_sidebands_of_bessel():
    """The delay swings by REACH / 2 samples times the modulator, which is so quiet that it is hardly bent."""
    cross = Cross(phase=1.0)
    cross.process(sine(50, 0.03), sine(1000))
    spectrum = lines(cross.process(sine(50, 0.03), sine(1000)))
    index = 2 * np.pi * 1000 / RATE * REACH / 2 * bent(np.float32(0.03))
    assert spectrum[[1000, 1050, 1100]] / 0.25 == pytest.approx(np.abs(jv([0, 1, 2], index)), abs=0.01)


@pytest.mark.parametrize('ring, phase', [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5), (1.0, 1.0)])
def test_nothing_comes_out_louder_than_it_went_in(ring, phase):
    random = np.random.default_rng(1)
    carrier = np.sign(random.standard_normal(RATE))
    assert np.abs(Cross(ring, phase).process(100 * random.standard_normal(RATE), carrier)).max() <= 1 + 1e-6


def test_feedback_of_full_gain_stays_bounded():
    """The output is carrier and modulator of the next tick, with a kick now and then."""
    cross, out, peak = Cross(1.0, 1.0), np.ones(TICK, np.float32), 0.0
    for _ in range(5000):
        out = cross.process(out, out)
        peak = max(peak, np.abs(out).max())
    assert peak <= 1 + 1e-6


@pytest.mark.parametrize('ring, phase', [(0.0, 1.0), (1.0, 0.0)])
def test_depth_can_leap(ring, phase):
    cross = Cross()
    cross.process(sine(3), sine(440))
    cross.ring, cross.phase = ring, phase
    moving, settled = bend(cross.process(sine(3), sine(440))), bend(cross.process(sine(3), sine(440))[TICK:])
    assert moving < 2 * max(settled, bend(sine(440)))


def test_bad_numbers_leave_a_finite_sound():
    for bad in (np.nan, np.inf, -np.inf, 1e30):
        cross = Cross(bad, bad)
        assert np.isfinite(cross.process(np.full(1000, bad), sine(440)[:1000])).all()
        cross.ring = cross.phase = 0.7
        cross.process(sine(9), np.full(6400, bad))
        assert np.isfinite(cross.process(sine(9), sine(440))).all()
