import numpy as np
import pytest

from live.conditioning.history import History
from live.conditioning.tokens import Tokens
from live.signals import HOP, SLICE


def test_the_newest_comes_last(slices_of):
    history = History(4, 3 * HOP)
    sound = np.arange(6 * HOP) / (6 * HOP)
    slices = slices_of(sound)
    history.put(slices)
    assert np.array_equal(history.magnitudes, slices['magnitudes'][-4:].astype(float))
    assert np.allclose(history.samples, sound[-3 * HOP:])
    assert history.end == 6 * HOP


def test_before_there_is_enough_the_front_is_silence(slices_of):
    history = History(4, 3 * HOP)
    history.put(slices_of(np.ones(HOP)))
    assert not history.magnitudes[:3].any() and history.magnitudes[3].any()
    assert not history.samples[:2 * HOP].any() and (history.samples[2 * HOP:] == 1).all()


def test_any_portions_give_the_same(slices_of, drone):
    slices = slices_of(drone(seconds=1))
    one, other = History(20, 9 * HOP), History(20, 9 * HOP)
    one.put(slices)
    for portion in np.array_split(slices, 7):
        other.put(portion)
    assert np.array_equal(one.magnitudes, other.magnitudes) and np.array_equal(one.samples, other.samples)


@pytest.mark.parametrize('rms, level', [(0, 0), (1e-4, 0), (1e-3, 0), (10 ** -1.5, 0.5), (1, 1), (9, 1)])
def test_level_goes_by_decibels(rms, level):
    slices = np.zeros(77, SLICE)
    slices['features']['rms'] = rms
    history = History(77, HOP)
    history.put(slices)
    assert history.level == pytest.approx(level, abs=1e-6)


@pytest.mark.filterwarnings('error')
@pytest.mark.parametrize('broken', [np.nan, np.inf, -np.inf, 3e38])
def test_a_broken_slice_poisons_no_average(broken, slices_of, drone):
    slices = slices_of(drone(seconds=0.2))
    tokens = Tokens(64, 48000)
    spoilt = slices[3:4].copy()
    spoilt['magnitudes'] = broken
    for portion in (slices[:3], spoilt, slices[4:]):
        tokens.listen(portion)
    assert np.isfinite(tokens.rows()).all()


def test_what_is_not_a_number_is_silence():
    slices = np.zeros(10, SLICE)
    slices['features']['rms'] = slices['samples'] = slices['magnitudes'] = np.nan
    history = History(10, 10 * HOP)
    history.put(slices)
    assert not history.magnitudes.any() and not history.samples.any() and history.level == 0
