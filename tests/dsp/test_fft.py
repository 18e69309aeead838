import numpy as np
import pytest

from live.dsp.fft import magnitudes, twiddles


@pytest.mark.parametrize('size', [8, 32, 128, 512, 2048])
def test_magnitudes_equal_numpys(size):
    frame = np.random.default_rng(size).standard_normal(size).astype(np.float32)
    window = np.hanning(size + 1)[:-1]
    out = np.empty(size // 2 + 1)
    magnitudes(frame, window, twiddles(size), np.empty((4, size // 2)), out)
    assert out == pytest.approx(np.abs(np.fft.rfft(frame * window)), abs=1e-9)
