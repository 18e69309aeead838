"""How routes follow: attack and release, the range that learns, the gate."""
import math

import numpy as np
import pytest

from live.dsp.follower import FOLLOWER, NARROWEST, follow, reset_follower

STEP = 64 / 48000


def run(x, floor=0.0, track=0.0, gate_db=-math.inf, level_db=-20.0, attack=0.0, release=0.0, state=None):
    """What comes out of a follower for each x, one a tick; level_db may be one for all or one each."""
    state = np.zeros(1, FOLLOWER)[0] if state is None else state
    levels = np.broadcast_to(level_db, np.shape(x))
    return np.array([follow(state, value, floor, track, gate_db, level, attack, release, STEP)
                     for value, level in zip(x, levels)])


def ticks(seconds):
    return round(seconds / STEP)


def swing(seconds, low=0.4, high=0.6, rate=1.0):
    return (low + high) / 2 + (high - low) / 2 * np.sin(2 * np.pi * rate * STEP * np.arange(ticks(seconds)))


def test_a_follower_that_nothing_is_asked_of_hands_on_the_bits():
    x = np.random.default_rng(1).uniform(-1, 1, 200)
    assert np.array_equal(run(x, floor=-1.0), x)


def test_what_is_out_of_range_is_held_at_its_ends():
    assert run([-3.0, 3.0, math.nan]).tolist() == [0, 1, 0]
    assert run([-3.0, 3.0, math.nan], floor=-1.0).tolist() == [-1, 1, -1]


@pytest.mark.parametrize('attack, release', [(0.1, 0.4), (0.5, 0.05)])
def test_attack_and_release_reach_two_thirds_in_their_time(attack, release):
    out = run(np.r_[0.0, np.ones(ticks(3)), np.zeros(ticks(3))], attack=attack, release=release)
    assert out[ticks(attack)] == pytest.approx(1 - math.exp(-1), abs=0.02)
    assert out[ticks(3) + ticks(release)] == pytest.approx(math.exp(-1), abs=0.02)


def test_attack_and_release_of_0_are_at_once():
    x = np.r_[0.0, 1.0, 0.2, 0.7]
    assert np.array_equal(run(x), x)


def test_tracked_range_stretches_a_small_swing_to_the_whole():
    out = run(swing(6), track=3.0)[ticks(3):]
    assert out.min() < 0.01 and out.max() > 0.99 and out.mean() == pytest.approx(0.5, abs=0.03)


def test_tracked_range_knows_no_future():
    x = swing(4)
    other = np.r_[x[:ticks(2)], np.ones(ticks(2))]
    assert np.array_equal(run(x, track=2.0)[:ticks(2)], run(other, track=2.0)[:ticks(2)])


def test_extremes_are_1_and_0_at_once():
    out = run(np.r_[np.full(100, 0.5), 0.8, 0.1, 0.9], track=10.0)
    assert out[-3:].tolist() == pytest.approx([1, 0, 1])


@pytest.mark.parametrize('seconds', [1.0, 4.0])
def test_an_extreme_is_forgotten_after_its_time_and_not_long_before(seconds):
    x = np.r_[1.0, swing(3 * seconds, rate=8 / seconds)]
    out = run(x, track=seconds)
    before, after = out[ticks(0.5 * seconds):ticks(0.8 * seconds)], out[ticks(1.7 * seconds):]
    assert before.max() < 0.4 and after.max() > 0.98


def test_range_narrows_without_a_jump():
    out = run(np.r_[1.0, swing(6, rate=0.5)], track=2.0)[1:]
    assert np.abs(np.diff(out)).max() < 0.02


def test_steady_sound_rests_in_the_middle_and_its_noise_stays_small():
    noise = 0.5 + 0.01 * NARROWEST * np.random.default_rng(2).standard_normal(ticks(4))
    assert np.abs(run(noise, track=1.0) - 0.5).max() < 0.1


def test_source_fades_to_0_below_the_gate():
    levels = np.array([-20.0, -40.0, -43.0, -46.0, -80.0])
    assert run(np.full(5, 0.8), gate_db=-40.0, level_db=levels).tolist() == pytest.approx([0.8, 0.8, 0.4, 0, 0])


def test_range_stands_still_below_the_gate():
    x, state = swing(2), np.zeros(1, FOLLOWER)[0]
    run(x, track=1.0, state=state)
    before = float(state['low']), float(state['high'])
    run(np.zeros(ticks(3)), track=1.0, gate_db=-40.0, level_db=-60.0, state=state)
    assert (float(state['low']), float(state['high'])) == before


def test_silence_at_the_start_tells_nothing_of_the_range():
    x = np.r_[np.zeros(ticks(1)), swing(2)]
    out = run(x, track=10.0, gate_db=-100.0, level_db=np.r_[np.full(ticks(1), -120.0), np.full(ticks(2), -20.0)])
    assert not out[:ticks(1)].any() and out[ticks(2):].min() < 0.01


def test_reset_forgets_the_range_and_begins_where_the_source_is():
    state = np.zeros(1, FOLLOWER)[0]
    first = run(swing(2), track=1.0, attack=1.0, release=1.0, state=state)
    reset_follower(state)
    assert np.array_equal(run(swing(2), track=1.0, attack=1.0, release=1.0, state=state), first)


def test_slow_following_uses_the_whole_tracked_range_too():
    """Of a slow swing under quick noise: the range is that of what is followed, not of the noise."""
    x = swing(12, rate=0.25) + 0.1 * np.random.default_rng(3).standard_normal(ticks(12))
    out = run(x, track=6.0, attack=0.3, release=0.3)[ticks(6):]
    assert out.min() < 0.02 and out.max() > 0.98


def test_value_stands_still_below_the_gate_and_hangs_on_as_long_as_the_release():
    levels = np.r_[np.full(10, -20.0), np.full(ticks(1), -90.0)]
    out = run(np.r_[np.full(10, 0.8), np.zeros(ticks(1))], gate_db=-40.0, level_db=levels, release=0.5)
    assert out[9] == 0.8 and out[10 + ticks(0.5)] == pytest.approx(0.8 * math.exp(-1), abs=0.02)
