import numpy as np
import pytest

from live.dsp.cluster import (
    BY_PITCH, EXPLICIT, GAUSSIAN, LANE, SCALE, SEGMENT, UNIFORM, cluster_dtype, render_cluster, reset_cluster,
    retune_cluster, set_count)
from live.dsp.degrees import DEGREES, set_degrees
from live.dsp.kernel import TICK
from live.dsp.oscillators import CYCLE

RATE = 48000
SMALL = cluster_dtype(4096)
FIFTHS = [0.0, 203.9, 386.3, 498.0, 702.0]


class Cluster:
    """A cluster with its settings, rendered as the tick does it."""

    def __init__(self, count=1, **settings):
        self.state = np.zeros(1, SMALL)[0]
        self.count, self.root = count, 440.0
        self.degrees = np.zeros(1, DEGREES)[0]
        set_degrees(self.degrees, np.array(FIFTHS), len(FIFTHS), 1200.0)
        self.settings = {'spread_cents': 0.0, 'octaves': 0, 'tilt_db': 0.0, 'width': 0.0, 'drift_cents': 0.0,
                         'half_life': 1.0, 'distribution': 0, 'placement': 0, 'correlation': 0.0, **settings}
        reset_cluster(self.state, 1)

    def cents(self):
        """Where the partials are, after every one has had its turns."""
        self.render(2 * SEGMENT)
        return 1200 * np.log2(self.state['ratio'][:self.count])

    def render(self, ticks):
        out = np.zeros((ticks, 2, TICK), np.float32)
        for tick in out:
            step = self.root / RATE * CYCLE
            set_count(self.state, self.count)
            retune_cluster(self.state, step, RATE, 1, *self.settings.values(), self.degrees)
            render_cluster(self.state, step, tick[0], tick[1])
        return out.transpose(1, 0, 2).reshape(2, -1)


def frequency(samples):
    """Frequency of a steady sine by the peak of a long spectrum, parabola through its logarithm."""
    spectrum = np.log(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) + 1e-12)
    k = int(spectrum.argmax())
    a, b, c = spectrum[k - 1:k + 2]
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / len(samples)


def test_one_partial_sounds_the_root():
    out = Cluster(1).render(1000)[0, 10000:]
    assert 1200 * np.log2(frequency(out) / 440) == pytest.approx(0, abs=0.05)


def test_level_does_not_depend_on_the_number_of_partials():
    levels = [Cluster(count, spread_cents=600.0).render(1500)[0, 8000:].std() for count in (16, 256, 2048)]
    assert max(levels) / min(levels) < 1.35


def test_partials_stay_inside_the_spread():
    cents = Cluster(500, spread_cents=50.0).cents()
    assert -50 <= cents.min() < -45 and 45 < cents.max() <= 50


@pytest.mark.parametrize('distribution, spread', [(UNIFORM, 1200.0), (EXPLICIT, 0.0)])
def test_tilt_rises_within_the_spread_too_and_keeps_the_level(distribution, spread):
    flat, tilted = (Cluster(600, spread_cents=spread, distribution=distribution, tilt_db=tilt) for tilt in (0.0, -12.0))
    for cluster in (flat, tilted):
        cluster.render(3 * SEGMENT)
    gains = 20 * np.log10(tilted.state['left_end'][:600] * 2 ** 0.5)
    slope = np.polyfit(tilted.cents() / 1200, gains, 1)[0]
    assert slope == pytest.approx(-12, abs=0.1)
    powers = [np.square(c.state['left_end'][:600].astype(float)).sum() for c in (flat, tilted)]
    assert 10 * np.log10(powers[1] / powers[0]) == pytest.approx(0, abs=0.5)


def test_octaves_reach_downwards():
    cluster = Cluster(12, octaves=2)
    cluster.render(2 * SEGMENT)
    assert sorted(set(cluster.state['ratio'][:12])) == [0.25, 0.5, 1.0]


@pytest.mark.parametrize('half_life', [0.1, 1.0])
def test_drift_wanders_with_its_deviation_and_half_life(half_life):
    cluster = Cluster(3000, drift_cents=10.0, half_life=half_life)
    before = cluster.state['drift'][:3000].copy()
    ticks = round(half_life * RATE / TICK / SEGMENT) * SEGMENT
    cluster.render(ticks)
    after = cluster.state['drift'][:3000]
    assert after.std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef(before, after)[0, 1] == pytest.approx(0.5, abs=0.06)


def largest_bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


@pytest.mark.parametrize('change', [{'count': 2000}, {'count': 3}, {'root': 466.16}, {'root': 880.0}])
def test_a_change_makes_no_click(change):
    """The second difference, which a click makes large, stays near that of the steady sounds around it."""
    cluster = Cluster(100, spread_cents=30.0)
    steady = largest_bend(cluster.render(400)[0, 4000:])
    for name, value in change.items():
        setattr(cluster, name, value)
    moving = largest_bend(cluster.render(100)[0])
    settled = largest_bend(cluster.render(400)[0, 4000:])
    assert moving < 2 * max(steady, settled)


def test_a_partial_changes_octave_in_silence():
    cluster = Cluster(64, spread_cents=20.0)
    steady = largest_bend(cluster.render(400)[0, 4000:])
    cluster.settings['octaves'] = 3
    assert largest_bend(cluster.render(100)[0]) < 2 * steady
    assert set(cluster.state['octave'][:64]) == {0, 1, 2, 3}


def test_partials_above_nyquist_are_silent():
    cluster = Cluster(10)
    cluster.root = 30000.0
    assert not cluster.render(3 * SEGMENT).any()


def test_width_0_is_mono_and_width_1_is_not():
    mono, wide = (Cluster(200, width=w, spread_cents=50.0).render(300)[:, 4000:] for w in (0.0, 1.0))
    assert np.array_equal(mono[0], mono[1])
    assert np.corrcoef(wide)[0, 1] < 0.9


def test_gaussian_cents_crowd_at_the_root():
    cents = Cluster(4000, spread_cents=50.0, distribution=GAUSSIAN).cents()
    assert cents.std() == pytest.approx(25, rel=0.05) and abs(np.median(cents)) < 2


def test_scale_degrees_lie_on_the_scale_within_the_spread():
    cents = Cluster(500, spread_cents=1200.0, distribution=SCALE).cents()
    places = {round(degree + octave, 1) for degree in FIFTHS for octave in (-1200, 0, 1200)}
    assert {round(c, 1) for c in cents} == {p for p in places if abs(p) <= 1200}


def test_listed_places_come_first_and_are_exact():
    cents = Cluster(500, spread_cents=4.0, distribution=EXPLICIT).cents()
    assert cents[:5] == pytest.approx(FIFTHS, abs=1e-6)
    away = np.abs(cents - np.tile(FIFTHS, 100))
    assert 3.5 < away.max() <= 4


def test_listed_places_fill_every_octave():
    cents = Cluster(20, octaves=3, distribution=EXPLICIT, spread_cents=9.0).cents()
    assert cents == pytest.approx([c - 1200 * octave for octave in range(4) for c in FIFTHS], abs=1e-6)


def test_placed_by_pitch_the_low_are_left_and_the_high_are_right():
    cluster = Cluster(300, spread_cents=600.0, placement=BY_PITCH, width=1.0)
    cents, state = cluster.cents(), cluster.state
    pan = (state['right'] ** 2 - state['left'] ** 2)[:300] / (state['right'] ** 2 + state['left'] ** 2)[:300]
    assert np.corrcoef(cents, pan)[0, 1] > 0.999


@pytest.mark.parametrize('correlation', [0.0, 0.5, 1.0])
def test_voices_drift_together_as_far_as_they_are_told(correlation):
    cluster = Cluster(LANE, drift_cents=10.0, half_life=0.02, correlation=correlation)
    walks = []
    for _ in range(1500):
        cluster.render(SEGMENT)
        walks.append(cluster.state['drift'][:LANE].copy())
    walks = np.array(walks)
    assert walks.std() == pytest.approx(1, abs=0.08)
    assert np.corrcoef(walks.T)[np.triu_indices(LANE, 1)].mean() == pytest.approx(correlation, abs=0.08)


def test_settings_that_are_not_numbers_leave_a_finite_sound():
    cluster = Cluster(64, spread_cents=20.0)
    cluster.render(40)
    for name in ('spread_cents', 'tilt_db', 'width', 'drift_cents', 'half_life', 'correlation'):
        cluster.settings[name] = np.nan
    cluster.root = np.nan
    assert np.isfinite(cluster.render(100)).all()


@pytest.mark.parametrize('name, value', [('spread_cents', 1200.0), ('distribution', SCALE), ('placement', BY_PITCH),
                                         ('tilt_db', 24.0), ('width', 1.0), ('drift_cents', 100.0)])
def test_any_setting_can_leap(name, value):
    cluster = Cluster(100, spread_cents=30.0, octaves=2)
    steady = largest_bend(cluster.render(400)[0, 4000:])
    cluster.settings[name] = value
    moving = largest_bend(cluster.render(100)[0])
    assert moving < 2 * max(steady, largest_bend(cluster.render(400)[0]))


def test_root_above_nyquist_leaves_its_lower_octaves_where_they_are():
    cluster = Cluster(2, octaves=1)
    cluster.root = 30000.0
    cluster.render(3 * SEGMENT)
    out = cluster.render(400)[0]
    assert frequency(out) == pytest.approx(15000, rel=1e-4)
