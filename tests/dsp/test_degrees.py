import numpy as np
import pytest

from live.dsp.degrees import DEGREES, degree_cents, nearest_degree, set_degrees


def scale(cents, period=1200.0):
    degrees = np.zeros(1, DEGREES)[0]
    set_degrees(degrees, np.array(cents), len(cents), period)
    return degrees


def test_degrees_go_on_beyond_the_period_both_ways():
    major = scale([0.0, 200.0, 400.0, 500.0, 700.0, 900.0, 1100.0])
    assert [degree_cents(major, k) for k in (-8, -1, 0, 3, 7, 15)] == [-1300, -100, 0, 500, 1200, 2600]


@pytest.mark.parametrize('cents, nearest', [(0, 0), (240, 200), (1190, 1200), (-620, -600), (1851, 1800), (-590, -600)])
def test_nearest_degree_looks_across_periods(cents, nearest):
    assert nearest_degree(scale([0.0, 200.0, 600.0]), cents) == pytest.approx(nearest)


def test_a_period_need_not_be_an_octave():
    assert nearest_degree(scale([0.0], period=1901.955), 3700.0) == pytest.approx(3803.91)


def test_bad_lists_become_the_root():
    bad = scale([np.nan, np.inf], period=np.nan)
    assert bad['period'] == 1200 and nearest_degree(bad, 500.0) == 0 and degree_cents(bad, 3) == 1200
