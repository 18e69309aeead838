"""The strongest beat: which pair it is, how fast, and where in it we are."""
import numpy as np
import pytest

from live.dsp.beat import BEAT, FASTEST, beating, find_beat
from live.dsp.oscillators import CYCLE


def find(partials, state=None):
    """The beat of partials (Hz, level, phase in cycles)."""
    state = np.zeros(1, BEAT)[0] if state is None else state
    frequencies, levels, phases = np.array(partials, float).reshape(-1, 3).T.copy()
    find_beat(state, frequencies, levels, (phases * CYCLE).astype(np.int64).astype(np.int32), len(frequencies))
    return state


@pytest.mark.parametrize('partials', [[], [(100, 1, 0)], [(100, 1, 0), (100 + 1.01 * FASTEST, 1, 0)],
                                      [(100, 1, 0), (100, 1, .5)], [(100, 0, 0), (101, 1, 0)]])
def test_nothing_beats_where_no_two_tones_lie_near_each_other(partials):
    state = find(partials)
    assert state['rate'] == 0 and beating(state, 1.0) == 0


def test_loudest_pair_is_chosen():
    state = find([(100, .1, 0), (101, .1, 0), (200, 1, 0), (203, .5, 0), (900, 1, 0)])
    assert abs(state['rate']) == 3


@pytest.mark.parametrize('order', [1, -1])
def test_phase_is_that_of_the_sum_of_the_two_tones(order):
    """Mean square of the sum over a few cycles is greatest where the beat says 1, least where it says -1."""
    tones = [(1000.0, 1.0, 0.3), (1002.0, 1.0, 0.9)][::order]
    state, time = find(tones), np.arange(48000) / 48000
    square = sum(np.cos(2 * np.pi * (f * time + phase)) for f, _, phase in tones) ** 2
    smooth = np.convolve(square, np.full(480, 1 / 480), 'same')[480:-480]
    said = np.array([beating(state, t) for t in time[480:-480:100]])
    assert np.corrcoef(smooth[::100], said)[0, 1] > 0.999


def test_pair_is_kept_until_another_is_clearly_stronger():
    state = find([(100, 1, 0), (101, 1, 0), (200, .9, 0), (202, 1, 0)])
    assert abs(find([(100, .9, 0), (101, 1, 0), (200, 1, 0), (202, 1, 0)], state)['rate']) == 1
    assert abs(find([(100, .5, 0), (101, 1, 0), (200, 1, 0), (202, 1, 0)], state)['rate']) == 2
