import numpy as np
import pytest

from live.dsp.harmonic import HARMONIC, PULSE, SAW, SEGMENT, TILTED, TRIANGLE, render_harmonic, reset_harmonic
from live.dsp.kernel import TICK

RATE = 48000


class Harmonic:
    """A spectrum with its settings, rendered as a layer does it."""

    def __init__(self, rate=RATE, **settings):
        self.state, self.rate = np.zeros(1, HARMONIC)[0], rate
        self.settings = {
            'frequency': 110.0, 'spectrum': TILTED, 'harmonics': 1024, 'tilt_db': 6.0, 'balance': 0.0, 'width': 0.5,
            'stretch': 0.0, 'formant': 1000.0, 'formant_octaves': 1.0, 'formant_db': 0.0, 'aligned': 1, 'spread': 0.0,
            **settings}
        reset_harmonic(self.state)

    def render(self, ticks, **changes):
        self.settings.update(changes)
        frequency, *rest = self.settings.values()
        out = np.zeros((ticks, 2, TICK), np.float32)
        for left, right in out:
            render_harmonic(self.state, frequency, self.rate, 1, *rest, left, right)
        return out.transpose(1, 0, 2).reshape(2, -1)

    def steady(self, seconds=1):
        """One whole second (or more) of mono after everything has settled: bins of 1 Hz."""
        self.render(200)
        return self.render(-(-seconds * self.rate // TICK))[0, :seconds * self.rate].astype(np.float64)


def lines(samples):
    """Amplitudes at whole Hz of one second."""
    return 2 * np.abs(np.fft.rfft(samples)) / len(samples)


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


WAVES = {SAW: lambda n, w: 1 / n, PULSE: lambda n, w: np.sin(np.pi * n * w) / n, TRIANGLE: lambda n, w: n % 2 / n ** 2}


@pytest.mark.parametrize('spectrum', list(WAVES))
@pytest.mark.parametrize('width', [0.5, 0.2])
def test_waves_have_the_series_of_the_book(spectrum, width):
    spectrum_lines = lines(Harmonic(spectrum=spectrum, width=width).steady())
    n = np.arange(1, 40)
    heard, book = spectrum_lines[110 * n], np.abs(WAVES[spectrum](n, width))
    assert heard / heard.max() == pytest.approx(book / book.max(), abs=2e-4)


def test_aligned_saw_rises_in_a_straight_line():
    period = Harmonic(frequency=100.0, spectrum=SAW).steady()[:480]
    period = np.roll(period, -int(period.argmin()))[40:440]
    line = np.polyval(np.polyfit(np.arange(400), period, 1), np.arange(400))
    assert np.abs(period - line).max() < 0.02 * np.ptp(period) and line[-1] > line[0]


def test_aligned_harmonics_stay_so_through_glides():
    """Phases after glides equal n times that of the first to within a hundred-thousandth of a cycle."""
    voice = Harmonic(spectrum=SAW, frequency=100.0)
    for k in range(400):
        voice.render(1, frequency=100 + 37.7 * np.sin(k))
    voice.render(50, frequency=100.0)
    state, n = voice.state, np.arange(1, 100)
    expected = (n * int(state['base']) + 2 ** 30 + 2 ** 31) % 2 ** 32 - 2 ** 31
    away = (state['bank']['phase'][:99] - expected + 2 ** 31) % 2 ** 32 - 2 ** 31
    assert np.abs(away).max() < 1e-5 * 2 ** 32


def test_a_saw_that_was_stretched_is_one_again():
    voice = Harmonic(frequency=100.0, spectrum=SAW)
    before = voice.steady()
    voice.render(700, stretch=0.01)
    after = (voice.render(4, stretch=0.0), voice.steady())[1]
    away = np.sort(after) - np.sort(before)         # the same shape, wherever it begins
    assert np.abs(away).max() < 0.02 * np.ptp(before)


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
@pytest.mark.parametrize('frequency', [997.0, 5003.0])
def test_nothing_folds_back_from_nyquist(frequency, rate):
    out = Harmonic(rate, frequency=frequency, tilt_db=0.0).steady()
    power = lines(out * np.hanning(len(out)) * 2)
    harmonics = np.arange(1, int(rate / 2 / frequency) + 1) * int(frequency)
    for k in (-3, -2, -1, 0, 1, 2, 3):
        power[np.minimum(harmonics + k, len(power) - 1)] = 0
    assert 20 * np.log10(power[10:].max() / 0.1) < -80


@pytest.mark.parametrize('tilt', [3.0, 6.0, 12.0])
def test_tilt_is_per_octave(tilt):
    power = lines(Harmonic(tilt_db=tilt).steady())
    fall = 20 * np.log10(power[110] / power[[220, 440, 880]])
    assert fall == pytest.approx(tilt * np.arange(1, 4), abs=0.05)


def test_balance_leaves_odd_or_even_alone():
    odd, even = (lines(Harmonic(balance=b).steady()) for b in (-1.0, 1.0))
    assert odd[220] < 1e-5 < 1e-2 < odd[110] and even[330] < 1e-5 < 1e-2 < even[220]


def test_stretch_is_that_of_a_stiff_string():
    power = lines(Harmonic(stretch=1e-3, tilt_db=3.0).steady(4) * np.hanning(4 * RATE))
    for n in (2, 5, 9):
        place = 110 * n * np.sqrt(1 + 1e-3 * n * n)
        near = slice(int(4 * place) - 12, int(4 * place) + 13)
        assert (power[near].argmax() + near.start) / 4 == pytest.approx(place, abs=0.25)


def test_formant_lifts_its_place_by_its_height():
    plain, lifted = (lines(Harmonic(frequency=100.0, formant_db=db).steady()) for db in (0.0, 20.0))
    gain = 20 * np.log10(lifted[100 * np.arange(1, 100)] / plain[100 * np.arange(1, 100)])
    assert gain[9] - gain[98] == pytest.approx(20, abs=0.1)
    assert np.interp(1000 * 2 ** 0.5, 100 * np.arange(1, 100), gain - gain[98]) == pytest.approx(10, abs=0.4)


@pytest.mark.parametrize('settings', [{}, {'spectrum': SAW}, {'balance': -1.0}, {'frequency': 30.0, 'tilt_db': 0.0},
                                      {'formant_db': 30.0}, {'spread': 1.0}])
def test_level_is_that_of_every_source(settings):
    voice = Harmonic(**{'aligned': 0, **settings})
    voice.render(200)
    out = voice.render(1500)
    assert np.sqrt((out ** 2).mean(1).sum() / 2) == pytest.approx(0.25 / np.sqrt(2), rel=0.05)


LEAPS = [{'frequency': 660.0}, {'frequency': 27.5}, {'tilt_db': 24.0}, {'balance': 1.0}, {'stretch': 0.01},
         {'formant_db': 20.0}, {'aligned': 0}, {'spread': 1.0}, {'harmonics': 4}, {'spectrum': SAW},
         {'spectrum': PULSE}, {'spectrum': TRIANGLE}]


@pytest.mark.parametrize('leap', LEAPS, ids=str)
def test_any_leap_makes_no_click(leap):
    voice = Harmonic(tilt_db=12.0)
    steady = bend(voice.render(400)[0, 8000:])
    moving = bend(voice.render(4 * SEGMENT, **leap)[0])
    settled = bend(voice.render(400)[0, 8000:])
    assert moving < 2 * max(steady, settled)


def test_bad_numbers_leave_a_finite_sound():
    voice = Harmonic()
    voice.render(50)
    for name, value in voice.settings.items():
        if isinstance(value, float):
            for bad in (np.nan, np.inf, -np.inf, 1e30, -1e30):
                assert np.abs(voice.render(20, **{name: bad})).max() < 4
            voice.render(1, **{name: value})


def test_reset_gives_the_same_bits():
    voice = Harmonic(stretch=0.001, aligned=0, spread=1.0)
    first = voice.render(200)
    reset_harmonic(voice.state)
    assert np.array_equal(first, voice.render(200))
