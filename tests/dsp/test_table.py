import numpy as np
import pytest

from live.dsp.kernel import TICK
from live.dsp.table import COLUMNS, ROWS, TABLE, put_picture, render_table, reset_table, shrunk

RATE = 48000


class Table:
    """A table with its settings, rendered as a layer does it."""

    def __init__(self, picture=None, **settings):
        self.state = np.zeros(1, TABLE)[0]
        self.settings = {'low': 100.0, 'high': 6400.0, 'samplerate': RATE, 'rate': 0.5, 'blend': 0.1, 'spread': 0.0,
                         **settings}
        reset_table(self.state, 1)
        if picture is not None:
            put_picture(self.state, picture)
            rate, self.settings['rate'] = self.settings['rate'], 0.0
            self.render(RATE // TICK // 4)
            self.settings['rate'] = rate

    def render(self, ticks, **changes):
        self.settings.update(changes)
        out = np.zeros((ticks, 2, TICK), np.float32)
        for left, right in out:
            render_table(self.state, *self.settings.values(), left, right)
        return out.transpose(1, 0, 2).reshape(2, -1)


def drawing(rows=48, columns=64):
    """A circle, a cross and a bar."""
    y, x = np.mgrid[0:1:rows * 1j, 0:1:columns * 1j]
    circle = np.exp(-((np.hypot(x - 0.35, y - 0.5) - 0.25) / 0.03) ** 2)
    cross = np.exp(-((np.abs(x - 0.75) - np.abs(y - 0.4)) / 0.04) ** 2) * (np.abs(x - 0.75) < 0.15)
    return np.maximum(np.maximum(circle, cross), (np.abs(y - 0.9) < 0.02) * 0.7)


def spectrogram(samples, low, high, rows, columns, n=2048):
    """Magnitudes at rows of log frequency (highest first) and columns of time."""
    starts = np.linspace(0, len(samples) - n, columns).astype(int)
    frames = np.abs(np.fft.rfft([samples[s:s + n] * np.hanning(n) for s in starts], 4 * n))
    places = np.geomspace(high, low, rows) * 4 * n / RATE
    return np.array([np.interp(places, np.arange(frames.shape[1]), frame) for frame in frames]).T


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


def test_the_spectrogram_shows_the_drawing():
    picture = drawing()
    table = Table(picture, rate=0.25, low=400.0, high=12800.0)
    heard = spectrogram(table.render(4 * RATE // TICK)[0], 400, 12800, *picture.shape)
    assert np.corrcoef(heard.ravel(), picture.ravel())[0, 1] > 0.9


def test_the_top_row_is_the_highest():
    picture = np.zeros((10, 4))
    picture[0] = 1
    out = Table(picture).render(750)[0]
    assert np.abs(np.fft.rfft(out * np.hanning(len(out)))).argmax() == pytest.approx(6400, abs=2)


@pytest.mark.parametrize('rate', [1.0, -1.0])
def test_the_line_sweeps_forth_and_back(rate):
    picture = np.zeros((4, 100))
    picture[:, 10:20] = 1
    table = Table(picture, rate=rate)
    level = np.abs(table.render(750)[0]).reshape(-1, TICK).max(1)
    loud = np.nonzero(level > 0.5 * level.max())[0].mean() / 750
    assert loud == pytest.approx(0.15 if rate > 0 else 0.85, abs=0.02)


def test_level_is_that_of_every_source():
    random = np.random.default_rng(1)
    out = Table(random.uniform(0, 1, (256, 512)), rate=0.5, spread=1.0).render(3000)
    assert np.sqrt((out ** 2).sum(0).mean()) == pytest.approx(0.25, rel=0.1)


def test_a_new_picture_fades_in_without_a_click():
    table = Table(drawing(), rate=0.0)
    table.render(10)
    steady = bend(table.render(400)[0])
    assert put_picture(table.state, drawing()[:, ::-1])
    moving = bend(table.render(150)[0])
    assert moving < 1.5 * max(steady, bend(table.render(400)[0]))


def test_the_same_picture_again_changes_nothing():
    table, other = Table(drawing(), rate=0.3), Table(drawing(), rate=0.3)
    put_picture(table.state, drawing())
    assert table.render(300) == pytest.approx(other.render(300), abs=1e-6)


def test_a_picture_waits_until_the_last_has_faded_in():
    table = Table(drawing())
    assert put_picture(table.state, drawing())
    assert not put_picture(table.state, drawing())
    table.render(100)
    assert put_picture(table.state, drawing())


@pytest.mark.parametrize('leap', [{'low': 400.0}, {'high': 1600.0}, {'spread': 1.0}, {'rate': 40.0}], ids=str)
def test_any_leap_makes_no_click(leap):
    table = Table(drawing(), rate=0.0)
    table.state['place'] = 0.35
    steady = bend(table.render(1500)[0])
    moving = bend(table.render(40, **leap)[0])
    assert moving < 1.5 * max(steady, bend(table.render(1500)[0]))


def test_large_pictures_are_averaged():
    assert shrunk(np.arange(12.0)[:, None], 4).ravel() == pytest.approx([1, 4, 7, 10])
    table = Table(np.ones((1000, 2000)))
    assert table.state['picture'][table.state['now']]['level'].min() == 1
    assert (ROWS, COLUMNS) == (256, 512)


@pytest.mark.parametrize('picture', [np.full((3, 3), np.nan), np.full((3, 3), np.inf), -np.ones((2, 2)),
                                     np.zeros((1, 1)), np.full((300, 600), 1e30)], ids=str)
def test_bad_pictures_stay_bounded(picture):
    assert np.abs(Table(picture).render(300)).max() < 4


@pytest.mark.parametrize('shape', [(0, 5), (5, 0), (5,), (4, 4, 3)])
def test_what_is_no_picture_is_refused(shape):
    assert not put_picture(Table().state, np.ones(shape))


def test_bad_numbers_leave_a_finite_sound():
    table = Table(drawing())
    for name, value in table.settings.items():
        if isinstance(value, float):
            for bad in (np.nan, np.inf, -np.inf, 1e30, -1e30):
                assert np.abs(table.render(20, **{name: bad})).max() < 2
            table.render(1, **{name: value})


def test_no_picture_is_silent_and_reset_gives_the_same_bits():
    table = Table()
    assert not table.render(20).any()
    reset_table(table.state, 1)
    put_picture(table.state, drawing())
    first = table.render(200)
    reset_table(table.state, 1)
    put_picture(table.state, drawing())
    assert np.array_equal(first, table.render(200))
