import math

import numpy as np
import pytest

from live.dsp.lfo import GOLDEN, HOLD, SINE, TRIANGLE, WALK, modulator, point

SHAPES = [SINE, TRIANGLE, WALK, HOLD]
STEP = 1e-3


def play(wave, phases, slew=0.3, seed=7, voice=-41):
    return np.array([modulator(wave, phase, slew, seed, voice) for phase in phases])


def phases(cycles):
    return np.arange(0, cycles, STEP)


@pytest.mark.parametrize('wave, reach', [(SINE, 1), (TRIANGLE, 1), (WALK, 0.75), (HOLD, 0.95)])
def test_shape_uses_its_range_and_stays_within_1(wave, reach):
    values = play(wave, phases(60))
    assert values.min() >= -1 and values.max() <= 1
    assert values.max() >= reach - 1e-4 and values.min() <= 1e-4 - reach


@pytest.mark.parametrize('wave, steepest', [(SINE, 2 * math.pi), (TRIANGLE, 4), (WALK, 4), (HOLD, 2 * 1.5 / 0.3)])
def test_shape_is_continuous(wave, steepest):
    assert np.abs(np.diff(play(wave, phases(60)))).max() <= steepest * STEP * 1.01


@pytest.mark.parametrize('wave', [SINE, TRIANGLE])
def test_periodic_shape_repeats_every_cycle_around_0(wave):
    one = play(wave, phases(1))
    assert play(wave, phases(1) + 12345) == pytest.approx(one, abs=1e-9)
    assert one.mean() == pytest.approx(0, abs=1e-9)


def test_walk_has_no_corners():
    """A corner bends by a change of slope times STEP, a smooth path by its second derivative times STEP squared."""
    assert np.abs(np.diff(play(WALK, phases(200)), 2)).max() < 30 * STEP ** 2


def test_walk_has_no_corner_at_its_extremes():
    seeds = [seed for seed in range(4000) if point(seed, -41, 0) > 0.9 and point(seed, -41, 1) > 0.9
             and point(seed, -41, -1) < -0.5 and point(seed, -41, 2) < -0.5]
    assert seeds
    for seed in seeds[:5]:
        path = play(WALK, phases(1), seed=seed)
        assert np.abs(np.diff(path, 2)).max() < 30 * STEP ** 2 and path.max() < 1


@pytest.mark.parametrize('slew', [0.1, 0.5, 1.0])
def test_hold_moves_for_its_slew_and_then_stands(slew):
    moving = np.abs(np.diff(play(HOLD, phases(40), slew=slew).reshape(40, -1), axis=1)) > 0
    assert moving.mean() == pytest.approx(slew, abs=0.02)
    assert not moving[:, round(slew / STEP) + 1:].any()


def test_hold_without_slew_still_moves_softly():
    assert np.abs(np.diff(play(HOLD, phases(200), slew=0.0))).max() < 0.5


@pytest.mark.parametrize('wave', [WALK, HOLD])
def test_random_shapes_depend_on_seed_and_voice_alone(wave):
    once = play(wave, phases(20))
    assert np.array_equal(once, play(wave, phases(20)))
    assert abs(np.corrcoef(once, play(wave, phases(20), seed=8))[0, 1]) < 0.6
    assert abs(np.corrcoef(once, play(wave, phases(20), voice=-42))[0, 1]) < 0.6


@pytest.mark.parametrize('wave', SHAPES)
def test_phase_before_0_and_after_years_is_a_place_like_any_other(wave):
    values = play(wave, [-1000.25, -0.5, 1e9 + 0.25, 2e10])
    assert np.isfinite(values).all() and np.abs(values).max() <= 1


def test_voices_a_golden_angle_apart_are_never_together():
    places = np.sort(GOLDEN * np.arange(8) % 1)
    assert np.diff(np.append(places, places[0] + 1)).min() > 0.09
    sines = np.array([play(SINE, phases(1) + GOLDEN * voice) for voice in range(8)])
    assert sines.std(0).min() > 0.5
