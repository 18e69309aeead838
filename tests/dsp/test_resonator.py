import numpy as np
import pytest

from live.dsp.degrees import DEGREES, set_degrees
from live.dsp.kernel import TICK
from live.dsp.resonator import BOOST, HARMONICS, MOST, RESONATOR, SCALE, render_resonator, reset_resonator

RATE = 48000


class Bank:
    """A bank with its settings, rendered as a layer does it."""

    def __init__(self, rate=RATE, **settings):
        self.state, self.rate = np.zeros(1, RESONATOR)[0], rate
        self.degrees = np.zeros(1, DEGREES)[0]
        set_degrees(self.degrees, np.array([0.0, 386.3, 702.0]), 3, 1200.0)
        self.settings = {'root': 220.0, 'tuning': HARMONICS, 'count': 1, 'decay': 1.0, 'damping_db': 0.0, 'noise': 0.0,
                         'spread': 0.0, **settings}
        reset_resonator(self.state)

    def render(self, sound, **changes):
        """Send samples (n,) through the bank: (2, n)."""
        self.settings.update(changes)
        root, *rest = self.settings.values()
        ticks = np.asarray(sound, np.float32)[:len(sound) // TICK * TICK].reshape(-1, TICK)
        out = np.zeros((len(ticks), 2, TICK), np.float32)
        for tick, (left, right) in zip(ticks, out):
            render_resonator(self.state, root, self.rate, 1, *rest, self.degrees, tick, tick, left, right)
        return out.transpose(1, 0, 2).reshape(2, -1)

    def strike(self, seconds):
        """Settle in silence, then answer a click."""
        self.render(np.zeros(10 * TICK))
        sound = np.zeros(int(seconds * self.rate))
        sound[0] = 1
        return self.render(sound)[0].astype(np.float64)


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
@pytest.mark.parametrize('decay', [0.1, 1.0, 20.0])
def test_a_struck_resonator_falls_by_60_db_in_its_decay(decay, rate):
    out = Bank(rate, decay=decay).strike(1.0 if decay > 0.5 else 0.2)
    part = len(out) // 4
    fall = 20 * np.log10(out[part:2 * part].std() / out[2 * part:3 * part].std())
    assert fall == pytest.approx(60 * part / rate / decay, rel=0.03)


@pytest.mark.parametrize('tuning, ratios', [(HARMONICS, [1, 2, 3, 4]), (SCALE, [1, 1.25, 1.5, 2])])
def test_resonators_are_tuned(tuning, ratios):
    out = Bank(tuning=tuning, count=4, decay=5.0).strike(2.0)
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    found = sorted(np.argsort(np.where(spectrum == np.maximum(np.roll(spectrum, 1), np.maximum(
        spectrum, np.roll(spectrum, -1))), spectrum, 0))[-4:] * RATE / len(out))
    assert found == pytest.approx(220 * np.array(ratios), abs=0.6)


@pytest.mark.parametrize('decay', [0.005, 0.1, 1.0, 10.0, 120.0])
def test_a_sine_on_its_resonator_is_at_most_boosted(decay):
    t = np.arange(int(min(4 * decay + 1, 20) * RATE)) / RATE
    out = Bank(decay=decay).render(np.sin(2 * np.pi * 220 * t))
    assert np.hypot(*out).max() < 1.02 * BOOST


@pytest.mark.parametrize('count, decay', [(1, 0.2), (16, 1.0), (64, 1.0), (16, 0.02)])
def test_noise_comes_out_at_the_level_of_every_source(count, decay):
    bank = Bank(count=count, decay=decay, noise=1.0, spread=1.0, root=110.0)
    bank.render(np.zeros(2 * RATE))
    heard = np.sqrt((bank.render(np.zeros(8 * RATE)) ** 2).sum(0).mean())
    assert heard == pytest.approx(0.25, rel=0.25)


def test_silence_in_is_silence_out():
    assert not Bank(count=64).render(np.zeros(RATE)).any()


def test_the_tail_comes_to_rest_without_denormals():
    bank = Bank(decay=0.02)
    bank.strike(1.0)
    assert not bank.state['re'].any() and not bank.state['im'].any()


def test_damping_shortens_the_high():
    bank = Bank(count=4, decay=2.0, damping_db=6.0)
    bank.render(np.zeros(10 * TICK))
    radius = np.hypot(bank.state['c'], bank.state['s'])[:4]
    assert np.log(radius[0]) / np.log(radius[[1, 3]]) == pytest.approx([10 ** (-6 / 20), 10 ** (-12 / 20)], rel=1e-6)


LEAPS = [{'root': 500.0}, {'tuning': SCALE}, {'count': 1}, {'count': MOST}, {'decay': 0.05}, {'decay': 60.0},
         {'spread': 1.0}, {'noise': 0.0}]


@pytest.mark.parametrize('leap', LEAPS, ids=str)
def test_any_leap_makes_no_click(leap):
    bank = Bank(count=8, noise=1.0, decay=0.5)
    steady = bend(bank.render(np.zeros(2 * RATE))[0])
    moving = bend(bank.render(np.zeros(40 * TICK), **leap)[0])
    assert moving < 1.5 * max(steady, bend(bank.render(np.zeros(RATE))[0]))


def test_a_wild_root_never_runs_away():
    bank = Bank(count=MOST, decay=120.0, noise=1.0)
    random = np.random.default_rng(3)
    peaks = [np.abs(bank.render(np.zeros(TICK), root=10.0 ** random.uniform(0, 5), decay=10.0 ** random.uniform(-3, 3))
                    ).max() for _ in range(2000)]
    assert max(peaks) < 4


def test_bad_numbers_leave_a_finite_sound():
    bank = Bank(noise=1.0)
    bank.render(np.full(TICK, np.nan))
    for name, value in bank.settings.items():
        if isinstance(value, float):
            for bad in (np.nan, np.inf, -np.inf, 1e30, -1e30):
                assert np.abs(bank.render(np.zeros(20 * TICK), **{name: bad})).max() < 4
            bank.render(np.zeros(TICK), **{name: value})


def test_reset_gives_the_same_bits():
    bank = Bank(noise=1.0, count=20, spread=0.4)
    first = bank.render(np.zeros(RATE // 4))
    reset_resonator(bank.state)
    assert np.array_equal(first, bank.render(np.zeros(RATE // 4)))
