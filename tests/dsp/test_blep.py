import numpy as np
import pytest

from live.dsp.blep import BLEP, PULSE, SAW, TRIANGLE, VOICES, render_blep, reset_blep
from live.dsp.kernel import TICK

RATE = 48000


class Blep:
    """A few voices with their settings, rendered as a layer does it."""

    def __init__(self, rate=RATE, **settings):
        self.state, self.rate = np.zeros(1, BLEP)[0], rate
        self.settings = {'frequency': 220.0, 'shape': SAW, 'width': 0.5, 'voices': 1, 'spread_cents': 0.0,
                         'drift_cents': 0.0, 'half_life': 1.0, 'correlation': 0.0, 'spread': 0.0, **settings}
        reset_blep(self.state, 1)

    def render(self, ticks, **changes):
        self.settings.update(changes)
        frequency, *rest = self.settings.values()
        out = np.zeros((ticks, 2, TICK), np.float32)
        for left, right in out:
            render_blep(self.state, frequency, self.rate, 1, *rest, left, right)
        return out.transpose(1, 0, 2).reshape(2, -1)

    def lines(self):
        """Amplitudes at whole Hz of one second, under a window of low skirts."""
        self.render(50)
        samples = self.render(-(-self.rate // TICK))[0, :self.rate].astype(np.float64)
        window = np.blackman(self.rate)
        return 2 * np.abs(np.fft.rfft(samples * window)) / window.sum()


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


SERIES = {SAW: lambda n, w: 1 / n, PULSE: lambda n, w: np.abs(np.sin(np.pi * n * w)) / n,
          TRIANGLE: lambda n, w: n % 2 / n ** 2}


@pytest.mark.parametrize('shape', list(SERIES))
@pytest.mark.parametrize('width', [0.5, 0.2])
def test_waves_have_the_series_of_the_book(shape, width):
    n = np.arange(1, 20)
    heard, book = Blep(shape=shape, width=width).lines()[220 * n], SERIES[shape](n, width)
    assert heard / heard.max() == pytest.approx(book / book.max(), abs=3e-3)


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
@pytest.mark.parametrize('frequency, below_8_khz, everywhere', [(55, -105, -58), (220, -95, -49), (997, -85, -36)])
def test_alias_is_far_below_the_fundamental(frequency, below_8_khz, everywhere, rate):
    lines = Blep(rate, frequency=float(frequency)).lines()
    fundamental = lines[frequency]
    for n in range(rate // 2 // frequency + 2):
        lines[max(0, n * frequency - 4):n * frequency + 5] = 0
    assert 20 * np.log10(lines[:8000].max() / fundamental) < below_8_khz
    assert 20 * np.log10(lines.max() / fundamental) < everywhere


def test_what_is_too_high_is_silent_and_not_at_another_pitch():
    lines = Blep(voices=2, spread_cents=100.0, frequency=9300.0).lines()
    assert lines[8770:8785].max() > 0.05 and lines[9550:9900].max() < 1e-3
    assert not Blep(frequency=12000.0).render(20).any()


def test_the_top_is_within_a_decibel():
    n = np.arange(1, 46)
    lines = Blep().lines()
    assert np.abs(20 * np.log10(lines[220 * n] * n / lines[220])).max() < 1


@pytest.mark.parametrize('voices', [1, 2, 7, 16])
def test_level_does_not_depend_on_the_number_of_voices(voices):
    voice = Blep(voices=voices, spread_cents=15.0, spread=1.0)
    voice.render(50)
    out = voice.render(6000)
    assert np.sqrt((out ** 2).sum(0).mean()) == pytest.approx(0.25, rel=0.15)


def test_voices_lie_from_below_to_above():
    lines = Blep(voices=3, spread_cents=50.0, frequency=1000.0).lines()
    found = [k for k in range(950, 1050) if lines[k] > 0.02 and lines[k] == lines[k - 2:k + 3].max()]
    assert found == pytest.approx(1000 * 2 ** (np.array([-50, 0, 50]) / 1200), abs=0.6)


def test_drift_moves_a_voice_by_its_cents():
    voice, steps = Blep(drift_cents=20.0, half_life=0.01), []
    for _ in range(4000):
        voice.render(1)
        steps.append(voice.state['step'][0])
    cents = 1200 * np.log2(np.array(steps) / 2 ** 32 * RATE / 220)
    assert cents.std() == pytest.approx(20, rel=0.1) and abs(cents.mean()) < 3


LEAPS = [{'shape': SAW}, {'shape': PULSE}, {'frequency': 440.0}, {'width': 0.1}, {'voices': VOICES}, {'spread': 1.0},
         {'spread_cents': 100.0}, {'drift_cents': 50.0}]


@pytest.mark.parametrize('leap', LEAPS, ids=str)
def test_any_leap_makes_no_click(leap):
    """Triangles bend least, so a click would show."""
    voice = Blep(shape=TRIANGLE, voices=4, spread_cents=10.0)
    steady = bend(voice.render(1000)[0])
    moving = bend(voice.render(40, **leap)[0])
    assert moving < 1.6 * max(steady, bend(voice.render(1000)[0]))


def test_bad_numbers_leave_a_finite_sound():
    voice = Blep()
    for name, value in voice.settings.items():
        if isinstance(value, float):
            for bad in (np.nan, np.inf, -np.inf, 1e30, -1e30):
                assert np.abs(voice.render(20, **{name: bad})).max() < 2
            voice.render(1, **{name: value})


def test_reset_gives_the_same_bits():
    voice = Blep(voices=5, drift_cents=9.0, spread=0.7)
    first = voice.render(200)
    reset_blep(voice.state, 1)
    assert np.array_equal(first, voice.render(200))
