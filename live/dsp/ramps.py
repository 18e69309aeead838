"""Ticks of sound under gains that move in straight lines. [audio]"""
import numpy as np

from live.dsp.clamp import is_finite
from live.dsp.kernel import TICK, kernel


@kernel
def silence(samples):
    """Fill a tick with nothing."""
    for k in range(TICK):
        samples[k] = 0


@kernel
def count_bad(samples):
    """Return how many samples of a tick are not finite."""
    bad = 0
    for k in range(TICK):
        bad += not is_finite(samples[k])
    return bad


@kernel
def multiply_ramp(gain, gain_end, samples):
    """Multiply a tick by a gain that arrives at its end with the next one's first sample."""
    gain, slope = np.float32(gain), np.float32((gain_end - gain) / TICK)
    for k in range(TICK):
        samples[k] *= gain + np.float32(k) * slope


@kernel
def add_ramp(gain, gain_end, samples, out):
    """Add a tick to `out` under such a gain."""
    gain, slope = np.float32(gain), np.float32((gain_end - gain) / TICK)
    for k in range(TICK):
        out[k] += (gain + np.float32(k) * slope) * samples[k]
