"""Scales: degrees, folding, snapping, and what is no scale."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.tuning.scale import MOST_CENTS, MOST_DEGREES, Scale, ScaleError, ratio_cents

CENTS = st.lists(st.floats(-5000, 5000), max_size=30).map(lambda cents: (0.0, *cents))
PERIOD = st.one_of(st.just(0.0), st.floats(1, 5000), st.floats(-5000, -1))
SCALES = st.builds(Scale, CENTS, PERIOD)


@pytest.mark.parametrize('upper, lower, cents', [(2, 1, 1200), (3, 2, 701.9550008654), (81, 64, 407.8200034616),
                                                 (2 ** 31 - 1, 2 ** 31 - 2, 8.06e-07), (1, 1, 0)])
def test_ratio_has_its_size_in_cents(upper, lower, cents):
    assert ratio_cents(upper, lower) == pytest.approx(cents, rel=1e-3 if cents < 1 else 1e-12)


@pytest.mark.parametrize('degree, cents', [(0, 0), (1, 200), (2, 500), (3, 1300), (-1, -800), (-3, -1300), (7, 2800)])
def test_degrees_go_on_below_and_beyond_the_period(degree, cents):
    assert Scale((0, 200, 500), 1300).at(degree) == cents


def test_folded_is_one_period_ascending_each_pitch_once():
    assert Scale((0, 1300, -100, 100), 1200).folded.tolist() == [0, 100, 1100]


@pytest.mark.parametrize('cents, nearest', [(0, 0), (49, 0), (51, 100), (-40, 0), (1180, 1200), (2349, 2400),
                                            (-1149, -1100), (-1151, -1200)])
def test_pitch_snaps_to_the_nearest_degree_of_any_octave(cents, nearest):
    assert Scale((0, 100, 300), 1200).snap([cents])[0] == nearest


@given(SCALES, st.lists(st.floats(-20000, 20000), min_size=1, max_size=5))
def test_snapping_twice_is_snapping_once_and_nothing_is_nearer(scale, cents):
    snapped = scale.snap(cents)
    assert scale.snap(snapped) == pytest.approx(snapped, abs=1e-6)
    shifts = np.arange(-2, 3) * scale.period_cents
    periods = np.floor(np.subtract(cents, 0) / scale.period_cents) * scale.period_cents if scale.period_cents else 0
    every = (scale.folded[:, None] + shifts).ravel()
    for value, near, base in zip(cents, snapped, np.broadcast_to(periods, len(cents))):
        assert abs(near - value) <= np.abs(every + base - value).min() + 1e-6


def test_what_is_not_finite_is_not_snapped():
    snapped = Scale((0, 700)).snap([np.nan, np.inf, -np.inf])
    assert np.isnan(snapped[0]) and snapped[1:].tolist() == [np.inf, -np.inf]


@pytest.mark.parametrize('cents, period, names, sentence', [
    ((), 1200, (), 'a scale of 0 degrees is outside 1..16384'),
    ((0,) * (MOST_DEGREES + 1), 1200, (), 'a scale of 16385 degrees is outside'),
    ((0, float('nan')), 1200, (), 'nan cents is outside'),
    ((0,), 2 * MOST_CENTS, (), '2e[+]06 cents is outside'),
    ((1, 2), 1200, (), 'degree 0 lies at 1 cents; a scale begins at 0'),
    ((0, 1), 1200, ('a',), '1 names for 2 degrees')])
def test_what_is_no_scale_is_refused(cents, period, names, sentence):
    with pytest.raises(ScaleError, match=sentence):
        Scale(cents, period, '', names)
