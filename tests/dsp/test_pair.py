import numpy as np
import pytest

from live.dsp.kernel import TICK
from live.dsp.pair import CUBIC, PAIR, QUADRATIC, render_ghost, render_pair, reset_pair

RATE = 48000
PAIRS = {'centre': 440.0, 'beat': 3.0, 'samplerate': RATE, 'balance': 0.0, 'spread': 0.0}
GHOSTS = {'ghost': 110.0, 'register': 2000.0, 'samplerate': RATE, 'kind': QUADRATIC, 'tones': 4, 'level': 1.0}


class Tones:
    """A pair or a ghost with its settings, rendered as a layer does it."""

    def __init__(self, render, settings):
        self.state, self.kernel, self.settings = np.zeros(1, PAIR)[0], render, dict(settings)
        reset_pair(self.state)

    def render(self, ticks, **changes):
        self.settings.update(changes)
        out = np.zeros((ticks, 2, TICK), np.float32)
        for left, right in out:
            self.kernel(self.state, *self.settings.values(), left, right)
        return out.transpose(1, 0, 2).reshape(2, -1)

    def second(self):
        self.render(10)
        return self.render(750)[0, :RATE].astype(np.float64)


def pair(**settings):
    return Tones(render_pair, {**PAIRS, **settings})


def ghost(**settings):
    return Tones(render_ghost, {**GHOSTS, **settings})


def lines(samples):
    """Amplitudes at whole Hz of one second."""
    return 2 * np.abs(np.fft.rfft(samples)) / len(samples)


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


@pytest.mark.parametrize('centre, beat', [(440.0, 4.0), (60.0, 10.0), (3000.0, 900.0)])
def test_tones_lie_half_a_beat_beside_the_centre(centre, beat):
    spectrum = lines(pair(centre=centre, beat=beat).second())
    assert sorted(np.argsort(spectrum)[-2:]) == [centre - beat / 2, centre + beat / 2]


def test_beats_keep_their_rate_while_the_centre_glides():
    """After ten seconds of glides the upper tone is ahead by the beats of ten seconds, to a millionth of a cycle."""
    tones = pair(beat=0.37)
    tones.render(1)
    begin = float(tones.state['turn'])
    for k in range(7500):
        tones.render(1, centre=440 + 300 * np.sin(0.01 * k))
    assert (float(tones.state['turn']) - begin - 0.37 * 10 + 0.5) % 1 - 0.5 == pytest.approx(0, abs=1e-6)


def test_what_is_heard_beats_at_the_rate_while_gliding():
    tones, envelope = pair(beat=5.0), []
    for k in range(1500):
        envelope.append((tones.render(1, centre=2000 + 0.5 * k) ** 2).mean())
    spectrum = np.abs(np.fft.rfft((envelope - np.mean(envelope)) * np.hanning(1500)))
    assert spectrum.argmax() * RATE / TICK / 1500 == pytest.approx(5.0)


@pytest.mark.parametrize('balance, spread', [(0.0, 0.0), (-1.0, 0.0), (1.0, 1.0), (0.5, 0.5)])
def test_level_is_that_of_every_source(balance, spread):
    out = pair(balance=balance, spread=spread, beat=10.0).render(2250)[:, :2 * RATE]
    assert np.sqrt((out ** 2).sum(0).mean()) == pytest.approx(0.25, rel=0.01)


def test_balance_and_spread_place_the_tones():
    lower = lines(pair(balance=-1.0, beat=10.0).second())
    assert lower[435] > 0.1 and lower[445] < 1e-4
    apart = pair(spread=1.0, beat=10.0)
    apart.render(10)
    left, right = (lines(side[:RATE]) for side in apart.render(750))
    assert left[435] > 0.1 > 1e-4 > left[445] and right[445] > 0.1 > 1e-4 > right[435]


@pytest.mark.parametrize('wanted', [55.0, 110.0, 466.0])
@pytest.mark.parametrize('tones', [2, 5, 8])
def test_a_square_law_hears_the_quadratic_ghost(wanted, tones):
    out = ghost(ghost=wanted, tones=tones).second()
    inside, outside = lines(out ** 2)[10:1000], lines(out)[10:1000]
    assert inside.argmax() + 10 == wanted
    assert 20 * np.log10(outside.max() / lines(out).max()) < -80


@pytest.mark.parametrize('wanted', [110.0, 800.0])
def test_a_cube_law_hears_the_cubic_ghost(wanted):
    out = ghost(ghost=wanted, register=1500.0, kind=CUBIC).second()
    inside, outside = lines(out ** 3)[10:1400], lines(out)[10:1400]
    assert inside.argmax() + 10 == wanted
    assert 20 * np.log10(outside.max() / lines(out).max()) < -80


def test_more_tones_make_a_stronger_ghost_at_the_same_level():
    strengths = [lines(ghost(tones=tones).second() ** 2)[110] for tones in (2, 4, 8)]
    assert strengths == sorted(strengths) and strengths[2] > 1.5 * strengths[0]


def test_the_ghost_grows_with_the_square_of_the_level():
    half, full = (lines(ghost(level=level).second() ** 2)[110] for level in (0.5, 1.0))
    assert full / half == pytest.approx(4, rel=0.01)


@pytest.mark.parametrize('leap', [{'centre': 880.0}, {'beat': 200.0}, {'balance': 1.0}, {'spread': 1.0}], ids=str)
def test_any_leap_of_a_pair_makes_no_click(leap):
    tones = pair()
    steady = bend(tones.render(2000)[0])
    assert bend(tones.render(20, **leap)[0]) < 1.5 * max(steady, bend(tones.render(2000)[0]))


@pytest.mark.parametrize('leap', [{'ghost': 300.0}, {'register': 3000.0}, {'kind': CUBIC}, {'tones': 8},
                                  {'level': 0.1}], ids=str)
def test_any_leap_of_a_ghost_makes_no_click(leap):
    tones = ghost()
    steady = bend(tones.render(2000)[0])
    assert bend(tones.render(20, **leap)[0]) < 1.5 * max(steady, bend(tones.render(2000)[0]))


@pytest.mark.parametrize('make', [pair, ghost])
def test_bad_numbers_leave_a_finite_sound(make):
    tones = make()
    for name, value in tones.settings.items():
        if isinstance(value, float):
            for bad in (np.nan, np.inf, -np.inf, 1e30, -1e30):
                assert np.abs(tones.render(20, **{name: bad})).max() < 1
            tones.render(1, **{name: value})


def test_reset_gives_the_same_bits():
    tones = pair(spread=0.3)
    first = tones.render(100)
    reset_pair(tones.state)
    assert np.array_equal(first, tones.render(100))
