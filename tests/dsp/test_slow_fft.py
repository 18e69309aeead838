import numpy as np
import pytest

from live.dsp.fft import twiddles, untangle
from live.dsp.slow_fft import deal, join, transform_row


@pytest.mark.parametrize('size', [512, 2048, 8192])
@pytest.mark.parametrize('oldest', [0, 64, 448])
def test_parts_make_the_spectrum_of_the_whole(size, oldest):
    random = np.random.default_rng(1)
    history, window = random.standard_normal(size).astype(np.float32), np.hanning(size)
    re, im, out = np.empty(size // 2), np.empty(size // 2), np.empty(size // 2 + 1)
    deal(history, oldest, window, re, im)
    for row in range(4):
        transform_row(re, im, row, np.empty((2, size // 8)), twiddles(size // 4))
    join(re, im, twiddles(size))
    untangle(re, im, twiddles(size), out)
    assert out == pytest.approx(np.abs(np.fft.rfft(np.roll(history, -oldest) * window)), abs=1e-9)
