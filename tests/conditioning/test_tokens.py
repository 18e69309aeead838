"""What the tokens call beating."""
import numpy as np
import pytest

from live.conditioning.tokens import VALUES, measure
from live.signals import SLICE


def beating(*hertz):
    slices = np.zeros(1, SLICE)
    slices['beat_hz'][0, :len(hertz)] = hertz
    return measure(slices)[0, VALUES.index('beating')]


def test_faster_beats_are_more_until_twenty_a_second():
    values = [beating(hertz) for hertz in (0.05, 0.2, 1, 5, 20)]
    assert np.all(np.diff(values) > 0) and (values[0], values[-1]) == pytest.approx((0, 1))


@pytest.mark.parametrize('hertz', [40, 110, 466])
def test_partials_too_far_apart_are_two_tones_and_do_not_beat(hertz):
    assert beating(hertz) == 0


def test_pairs_that_do_not_beat_make_the_whole_calmer():
    assert beating(5, 466) == pytest.approx(beating(5) / 2)


def test_without_pairs_nothing_beats():
    assert beating() == 0
