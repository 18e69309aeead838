"""What the half hour of faults can tell about memory: growth of 0, 1 and 3 MB an hour from noise as it was recorded."""
import importlib
import math
import sys
from pathlib import Path

import numpy as np
import pytest

FAULTS, REST_TIME = 8, 19.0     # one rest after another, in seconds, as in half an hour with the model that ships
NOISE = 0.5e6                   # bytes that the lowest count of a rest lies above what is held


@pytest.fixture(scope='module')
def memory():
    """bench/soak_memory.py."""
    sys.path.insert(0, str(Path(__file__).parents[1] / 'bench'))
    yield importlib.import_module('soak_memory')
    sys.path.pop(0)


def half_hour(memory, grown, seed, noise=NOISE):
    """Return looks over 25 minutes in which so many MB an hour grow, formats changing with every other model."""
    chance = np.random.default_rng(seed)
    looks = []
    for number in range(round(1500 / REST_TIME)):
        time, fault, wide = number * REST_TIME, number % FAULTS, chance.random() < 0.2
        size = 410e6 + grown * 1e6 / 3600 * time + 1e6 * fault + 12e6 * wide + chance.exponential(noise)
        looks.append(memory.Look(time, size, f'{fault} {wide}'))
    return looks


@pytest.mark.parametrize('grown', [0.0, 1.0, 3.0])
def test_growth_is_found_and_its_interval_holds_it(memory, grown):
    slopes = [memory.slope(half_hour(memory, grown, seed)) for seed in range(100)]
    assert np.median([slope.median for slope in slopes]) == pytest.approx(grown, abs=0.1)
    assert np.percentile([abs(slope.median - grown) for slope in slopes], 95) < 0.9
    assert np.mean([slope.low <= grown <= slope.high for slope in slopes]) >= 0.9


def test_0_and_3_mb_an_hour_are_told_apart_every_time(memory):
    still, growing = ([memory.judge(memory.slope(half_hour(memory, grown, seed)), memory.Slope(0, -9, 9), 1.0)
                       for seed in range(100)] for grown in (0.0, 3.0))
    assert still.count(False) == 0 and still.count(True) >= 98 and growing.count(False) >= 98


def test_a_step_at_every_fault_is_growth(memory):
    looks = [memory.Look(REST_TIME * n, 1e6 * (n // FAULTS), str(n % FAULTS)) for n in range(80)]
    assert memory.slope(looks).median == pytest.approx(3600 / (FAULTS * REST_TIME), rel=0.01)


def test_other_faults_and_other_formats_are_not_compared(memory):
    looks = [memory.Look(float(n), 1e8 * n, str(n)) for n in range(50)]
    assert memory.slope(looks) == (0.0, -math.inf, math.inf)


def test_what_is_resident_is_judged_where_it_is_sure(memory):
    held = memory.Slope(0.2, -0.5, 0.9)
    assert memory.judge(held, memory.Slope(5.0, -20, 30), 1.0) is True
    assert memory.judge(held, memory.Slope(30.0, 12, 40), 1.0) is False


@pytest.mark.parametrize('low, told', [(0.6, None), (1.1, False)])
def test_a_slope_over_the_limit_is_over_where_its_interval_is(memory, low, told):
    assert memory.judge(memory.Slope(1.5, low, 2.0), memory.Slope(0, -9, 9), 1.0) is told


def test_what_a_process_asks_for_is_held_until_it_is_given_back(memory):
    before = memory.held()
    if before is None:
        pytest.skip('the malloc of this machine does not tell')
    block = np.ones(5 << 20, np.uint8)
    grown = memory.held() - before
    del block
    assert grown == pytest.approx(5 << 20, rel=0.1) and memory.held() - before < 1 << 20
