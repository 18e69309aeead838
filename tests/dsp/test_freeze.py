import numpy as np
import pytest

from live.dsp.capture import DONE, FRAME
from live.dsp.degrees import DEGREES, set_degrees
from live.dsp.freeze import FREEZE, MOST, ask_freeze, hear_freeze, put_frozen, render_freeze, reset_freeze
from live.dsp.kernel import TICK

RATE = 48000
CHORD = np.array([220.0, 277.3, 331.9, 1003.7])
LEVELS = np.array([0.3, 0.2, 0.1, 0.02])


class Freeze:
    """A freeze with its settings, rendered as a layer does it."""

    def __init__(self, rate=RATE, **settings):
        self.state, self.rate = np.zeros(1, FREEZE)[0], rate
        self.degrees = np.zeros(1, DEGREES)[0]
        set_degrees(self.degrees, 100.0 * np.arange(12), 12, 1200.0)
        self.settings = {'root': 220.0, 'shift_cents': 0.0, 'snap': 0.0, 'glide': 0.2, 'drift_cents': 0.0,
                         'half_life': 1.0, 'correlation': 0.0, 'blend': 0.2, 'spread': 0.0, **settings}
        reset_freeze(self.state, 1)

    def render(self, sound, **changes):
        """Let samples (n,) be heard; return what is frozen (2, n)."""
        self.settings.update(changes)
        root, *rest = self.settings.values()
        ticks = np.asarray(sound, np.float32)[:len(sound) // TICK * TICK].reshape(-1, TICK)
        out = np.zeros((len(ticks), 2, TICK), np.float32)
        for tick, (left, right) in zip(ticks, out):
            hear_freeze(self.state, tick, tick)
            render_freeze(self.state, root, self.rate, 1, *rest, self.degrees, left, right)
        return out.transpose(1, 0, 2).reshape(2, -1)

    def freeze(self, sound, seconds=1.0, **changes):
        """Hear a sound, freeze it, and return what stands afterwards in silence."""
        self.render(sound, **changes)
        ask_freeze(self.state)
        self.render(np.zeros((DONE + 2) * TICK + self.rate))
        return self.render(np.zeros(int(seconds * self.rate)))[0].astype(np.float64)

    @property
    def side(self):
        return self.state['side'][self.state['now']]


def chord(rate=RATE, seconds=0.5, frequencies=CHORD, levels=LEVELS):
    t = np.arange(int(seconds * rate)) / rate
    return (levels[:, None] * np.sin(2 * np.pi * frequencies[:, None] * t + np.arange(len(levels))[:, None])).sum(0)


def cents(a, b):
    return 1200 * np.log2(np.asarray(a) / b)


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
def test_a_chord_is_frozen_to_its_sines_and_nothing_else(rate):
    frozen = Freeze(rate)
    frozen.freeze(chord(rate))
    assert frozen.side['count'] == 4
    assert np.abs(cents(frozen.side['heard'][:4], CHORD)).max() < 0.5
    assert frozen.side['amplitude'][:4] == pytest.approx(LEVELS, rel=0.01)


def test_what_is_frozen_sounds_as_it_was_when_all_is_silent():
    out = Freeze().freeze(chord(), 4.0)[:4 * RATE]
    spectrum = 2 * np.abs(np.fft.rfft(out * np.hanning(len(out)))) / (len(out) / 2)
    for frequency, level in zip(CHORD, LEVELS):
        near = slice(int(4 * frequency) - 3, int(4 * frequency) + 5)
        assert spectrum[near].max() * np.sqrt(2) == pytest.approx(level, rel=0.2)
        spectrum[near] = 0
    assert spectrum.max() < 1e-3


def test_a_rich_sound_is_frozen_to_its_loudest():
    random = np.random.default_rng(1)
    frozen = Freeze()
    out = frozen.freeze(0.1 * random.standard_normal(RATE))
    assert MOST - 8 <= frozen.side['count'] <= MOST
    assert 0.3 < out.std() / 0.1 < 1.2


def test_partials_are_retuned_together():
    frozen = Freeze()
    frozen.freeze(chord())
    frozen.render(np.zeros(RATE), shift_cents=-700.0)
    assert cents(frozen.side['hertz'][:4], CHORD) == pytest.approx(-700, abs=0.5)


@pytest.mark.parametrize('snap', [0.5, 1.0])
def test_partials_snap_to_the_scale(snap):
    frozen = Freeze(snap=snap)
    frozen.freeze(chord())
    heard = cents(CHORD, 220)
    wanted = heard + snap * (100 * np.round(heard / 100) - heard)
    assert cents(frozen.side['hertz'][:4], 220) == pytest.approx(wanted, abs=0.5)


def test_snapping_glides_in_its_time():
    frozen, path = Freeze(glide=0.5), []
    frozen.freeze(chord())
    for _ in range(40):
        frozen.render(np.zeros(16 * TICK), shift_cents=1200.0)
        path.append(cents(frozen.side['hertz'][0], 220))
    assert (np.diff(path) >= -1e-6).all()
    assert np.interp(0.5, 16 * TICK / RATE * np.arange(1, 41), path) == pytest.approx(1200 * 0.95, rel=0.04)


def test_drift_moves_partials_by_its_cents():
    frozen = Freeze(drift_cents=10.0, half_life=0.05)
    frozen.freeze(0.1 * np.random.default_rng(1).standard_normal(RATE))
    count = frozen.side['count']
    assert cents(frozen.side['hertz'][:count], frozen.side['heard'][:count]).std() == pytest.approx(10, rel=0.15)


def test_a_new_freeze_blends_in_without_a_click():
    frozen = Freeze()
    before = bend(frozen.freeze(chord()))
    frozen.render(chord(frequencies=CHORD * 1.3))
    ask_freeze(frozen.state)
    moving = bend(frozen.render(np.zeros(RATE))[0])
    after = bend(frozen.render(np.zeros(RATE))[0])
    assert moving < 1.5 * max(before, after) and np.abs(cents(frozen.side['heard'][:4], CHORD * 1.3)).max() < 0.5


def test_asking_while_under_way_freezes_once_more_afterwards():
    frozen = Freeze()
    frozen.render(chord())
    for _ in range(5):
        ask_freeze(frozen.state)
        frozen.render(np.zeros(2 * TICK))
    frozen.render(chord(frequencies=CHORD * 1.3, seconds=1.0))
    assert np.abs(cents(frozen.side['heard'][:4], CHORD * 1.3)).max() < 0.5


@pytest.mark.parametrize('leap', [{'shift_cents': 1200.0}, {'snap': 1.0}, {'drift_cents': 100.0}, {'spread': 1.0}],
                         ids=str)
def test_any_leap_makes_no_click(leap):
    frozen = Freeze()
    steady = bend(frozen.freeze(chord()))
    moving = bend(frozen.render(np.zeros(RATE), glide=0.0, **leap)[0])
    assert moving < 1.5 * max(steady, bend(frozen.render(np.zeros(RATE))[0]))


def test_silence_is_frozen_to_silence():
    frozen = Freeze()
    assert not frozen.freeze(np.zeros(FRAME)).any() and frozen.side['count'] == 0


def test_bad_numbers_leave_a_finite_sound():
    frozen = Freeze(snap=0.5)
    frozen.freeze(np.where(np.arange(RATE) % 1000, chord(seconds=1.0), np.nan))
    for name, value in frozen.settings.items():
        for bad in (np.nan, np.inf, -np.inf, 1e30, -1e30):
            assert np.abs(frozen.render(np.zeros(40 * TICK), **{name: bad})).max() < 2
        frozen.render(np.zeros(TICK), **{name: value})


def test_reset_gives_the_same_bits():
    frozen = Freeze(drift_cents=5.0, spread=1.0)
    first = frozen.freeze(chord())
    reset_freeze(frozen.state, 1)
    assert np.array_equal(first, frozen.freeze(chord()))


def levels_of(samples, frequencies, rate=RATE):
    """Amplitudes of sines in samples, by their projections."""
    t, window = np.arange(len(samples)) / rate, np.hanning(len(samples))
    return [2 * abs((samples * window * np.exp(-2j * np.pi * f * t)).sum()) / window.sum() for f in frequencies]


def test_partials_that_are_handed_in_sound_as_they_are():
    freeze = Freeze()
    put_frozen(freeze.state, CHORD, LEVELS)
    freeze.render(np.zeros(RATE))
    left = freeze.render(np.zeros(RATE))[0]
    assert levels_of(left, CHORD) == pytest.approx(LEVELS * np.sqrt(0.5), rel=0.01)


def test_partials_that_are_handed_in_outlive_a_reset_and_what_is_frozen_later_takes_their_place():
    freeze = Freeze()
    put_frozen(freeze.state, CHORD, LEVELS)
    reset_freeze(freeze.state, 1)
    freeze.render(np.zeros(RATE))
    assert freeze.side['count'] == len(CHORD)
    freeze.freeze(chord(frequencies=np.array([500.0]), levels=np.array([.3])))
    assert freeze.side['count'] == 1 and freeze.side['heard'][0] == pytest.approx(500, abs=.1)


def test_partials_that_are_handed_in_twice_fade_over_without_a_click():
    freeze = Freeze()
    put_frozen(freeze.state, CHORD, LEVELS)
    still = freeze.render(np.zeros(RATE))[0][RATE // 2:]
    put_frozen(freeze.state, 1.5 * CHORD[:2], LEVELS[:2])
    assert bend(freeze.render(np.zeros(RATE))[0]) < 2 * bend(still)
    assert freeze.side['count'] == 2


def test_what_is_no_partial_is_silent():
    freeze = Freeze()
    put_frozen(freeze.state, np.array([np.nan, np.inf, -5.0, 440.0] * 300), np.array([.1, .1, .1, np.nan] * 300))
    out = freeze.render(np.zeros(RATE))
    assert np.isfinite(out).all() and freeze.side['count'] == MOST
