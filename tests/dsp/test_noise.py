import numpy as np
import pytest

from live.dsp.kernel import TICK
from live.dsp.noise import NOISE, render_noise, reset_noise

RATE = 48000


class Noise:
    """A band with its settings, rendered as a layer does it."""

    def __init__(self, rate=RATE, **settings):
        self.state, self.rate = np.zeros(1, NOISE)[0], rate
        self.settings = {'frequency': 1000.0, 'bandwidth_cents': 200.0, 'spread': 0.0, **settings}
        reset_noise(self.state)

    def render(self, ticks, **changes):
        self.settings.update(changes)
        out = np.zeros((ticks, 2, TICK), np.float32)
        for left, right in out:
            render_noise(self.state, self.settings['frequency'], self.rate, 1, self.settings['bandwidth_cents'],
                         self.settings['spread'], left, right)
        return out.transpose(1, 0, 2).reshape(2, -1)


def power(samples, n=4800):
    """Mean power spectrum of many windowed parts: bins of 10 Hz at 48 kHz."""
    parts = samples[:len(samples) // n * n].reshape(-1, n).astype(np.float64) * np.hanning(n)
    return (np.abs(np.fft.rfft(parts)) ** 2).mean(0)


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
def test_band_is_3_db_down_at_its_edges(rate):
    spectrum = power(Noise(rate, bandwidth_cents=600.0).render(40000)[0], rate // 10)
    edges = 1000 * 2 ** (np.array([-300, 300]) / 1200)
    half = (edges[1] - edges[0]) / 2
    middle = spectrum[95:106].mean()
    for edge in (1000 - half, 1000 + half):
        near = spectrum[round(edge / 10) - 3:round(edge / 10) + 4].mean()
        assert 10 * np.log10(near / middle) == pytest.approx(-3, abs=0.6)


def test_skirts_fall_by_24_db_per_octave():
    spectrum = power(Noise(frequency=4000.0, bandwidth_cents=50.0).render(40000)[0])
    fall = 10 * np.log10(spectrum[450:453].mean() / spectrum[499:502].mean())      # 500 Hz and 1 kHz from the centre
    assert fall == pytest.approx(24, abs=2)


@pytest.mark.parametrize('settings', [{}, {'bandwidth_cents': 2400.0}, {'frequency': 100.0, 'bandwidth_cents': 1200.0},
                                      {'spread': 1.0}, {'frequency': 9000.0}])
def test_level_is_that_of_every_source(settings):
    noise = Noise(**settings)
    noise.render(2000)
    assert np.sqrt((noise.render(30000) ** 2).sum(0).mean()) == pytest.approx(0.25, rel=0.08)


@pytest.mark.parametrize('spread, correlation', [(0.0, 1.0), (0.5, 0.707), (1.0, 0.0)])
def test_spread_takes_from_what_both_sides_share(spread, correlation):
    assert np.corrcoef(Noise(spread=spread).render(20000))[0, 1] == pytest.approx(correlation, abs=0.08)


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


@pytest.mark.parametrize('leap', [{'frequency': 1600.0}, {'bandwidth_cents': 5.0}, {'bandwidth_cents': 4800.0},
                                  {'spread': 1.0}], ids=str)
def test_any_leap_makes_no_click(leap):
    noise = Noise()
    steady = bend(noise.render(3000)[0])
    moving = bend(noise.render(40, **leap)[0])
    assert moving < 1.5 * max(steady, bend(noise.render(3000)[0]))


def test_a_band_that_narrows_suddenly_is_not_louder():
    noise = Noise(bandwidth_cents=4800.0)
    before = np.abs(noise.render(4000)).max()
    assert np.abs(noise.render(4000, bandwidth_cents=0.1)).max() < 1.5 * before


def test_bad_numbers_leave_a_finite_sound():
    noise = Noise()
    for name, value in noise.settings.items():
        for bad in (np.nan, np.inf, -np.inf, 1e30, -1e30):
            assert np.abs(noise.render(20, **{name: bad})).max() < 4
        noise.render(1, **{name: value})


def test_reset_gives_the_same_bits():
    noise = Noise(spread=0.5)
    first = noise.render(100)
    reset_noise(noise.state)
    assert np.array_equal(first, noise.render(100))
