"""Sine oscillators: int32 phase, polynomial cosine, a tick at a time. [audio]

The phase of a partial is an int32 that wraps around once a cycle: exact for ever, and free of drift. The inner loops
run over the samples of one tick without branch or division: that lets the compiler use vector registers.
"""
import numpy as np

from live.dsp.kernel import TICK, kernel

CYCLE = 2.0 ** 32       # phase units
_HALF_TURN = np.float32(2.0 ** -31)
_HALF = np.float32(0.5)
# Minimax fit of sin(pi z) on |z| <= 1/2, odd, degree 7 (Lawson's iteration): largest error 5.9e-7, -124 dB.
_C1, _C3 = np.float32(3.141582022133288), np.float32(-5.16714279566854)
_C5, _C7 = np.float32(2.541899020830303), np.float32(-0.5546361790001172)


@kernel
def cosine(phase):
    """Return cos of an int32 phase, float32."""
    z = _HALF - abs(np.float32(phase) * _HALF_TURN)
    w = z * z
    return z * (_C1 + w * (_C3 + w * (_C5 + w * _C7)))


@kernel
def increment(frequency, samplerate):
    """Return the phase step per sample of a frequency in Hz, held below Nyquist."""
    return np.int32(min(0.499, max(0.0, frequency / samplerate)) * CYCLE)


@kernel
def add_sine(phase, step, left_gain, left_slope, right_gain, right_slope, left, right):
    """Add one tick of a sine, its gains ramped linearly, to `left` and `right` (TICK,); return the phase after it."""
    for k in range(TICK):
        s = cosine(np.int32(phase + np.int32(step * np.int32(k))))
        left[k] += (left_gain + np.float32(k) * left_slope) * s
        right[k] += (right_gain + np.float32(k) * right_slope) * s
    return np.int32(phase + np.int32(step * np.int32(TICK)))
