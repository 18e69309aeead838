"""Numbers held in their range, and what is no number told, under the flags that kernels are compiled with."""
import math
import re
from pathlib import Path

import numpy as np
import pytest

from live.dsp.clamp import clamp, clamp_or, is_finite
from live.dsp.kernel import kernel

ROOMS = [Path(__file__).parents[2] / 'live' / room for room in ('dsp', 'audio')]


@kernel
def half_of_twice(x):
    return is_finite(np.float32(0.5) * (x + x))


@pytest.mark.parametrize('kind', [float, np.float32])
@pytest.mark.parametrize('value', [0.0, -1.5, 1e30, math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_told_also_of_what_was_computed(kind, value):
    assert is_finite(kind(value)) == half_of_twice(kind(value)) == math.isfinite(value)


@pytest.mark.parametrize('path', sorted(path for room in ROOMS for path in room.glob('*.py')),
                         ids=lambda path: path.stem)
def test_kernels_ask_with_is_finite(path):
    text = path.read_text(encoding='utf-8')
    asked = re.search(r'math\.(isfinite|isnan|isinf)\(', text)
    assert not asked or '@kernel' not in text


def test_nan_becomes_the_lowest_or_the_default():
    assert clamp(math.nan, 2, 5) == 2 and clamp(9, 2, 5) == 5 and clamp(-9, 2, 5) == 2
    assert clamp_or(math.nan, 2, 5, 3) == 3 and clamp_or(4, 2, 5, 3) == 4
