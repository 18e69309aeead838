"""A bank of sines whose frequencies and gains move in straight lines across each tick. [audio]

Its owner sets where each sine shall be at the end of the tick (`step_end`, `left_end`, `right_end`) and renders; that
end is the start of the next. Frequency ramps too, so even a leap of an octave within one tick bends the wave no more
than the wave bends by itself. Knows nothing of tuning: harmonic, freeze and table decide what the sines are.
"""
import numpy as np

from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE, cosine

HIGHEST = 0.45          # of the samplerate; above, a sine falls silent
FADING = 0.05           # of the samplerate: where, below HIGHEST, it begins to fall
RAMP = TICK * (TICK - 1) // 2


def bank_dtype(most: int) -> np.dtype:
    """Return the state of a bank of at most so many sines; steps in phase units per sample."""
    return np.dtype([
        ('phase', 'i4', (most,)),
        ('step', 'i4', (most,)), ('step_end', 'i4', (most,)),
        ('left', 'f4', (most,)), ('left_end', 'f4', (most,)),
        ('right', 'f4', (most,)), ('right_end', 'f4', (most,)),
    ], align=True)


@kernel
def reset_bank(bank):
    """Silence every sine; phases stay where they are."""
    for i in range(len(bank.phase)):
        bank.step[i] = bank.step_end[i] = 0
        bank.left[i] = bank.left_end[i] = bank.right[i] = bank.right_end[i] = 0


@kernel
def audible(step):
    """Return 1 for steps well below Nyquist, falling to 0 at HIGHEST; step: phase units per sample."""
    return min(1.0, max(0.0, (HIGHEST - step / CYCLE) / FADING))


@kernel
def turned(phase, step, slope, k):
    """Return an int32 phase k samples later; its step grows by `slope` every sample."""
    bend = np.int32(slope * np.int32((k * (k - 1)) >> 1))
    return np.int32(phase + np.int32(step * np.int32(k)) + bend)


@kernel
def advanced(phase, step, slope):
    """Return an int32 phase one tick later."""
    return np.int32(phase + np.int32(step * np.int32(TICK)) + np.int32(slope * np.int32(RAMP)))


@kernel
def add_chirp(phase, step, slope, left_gain, left_slope, right_gain, right_slope, left, right):
    """Add one tick of a sine whose step and gains are ramped to `left` and `right` (TICK,); return the phase after."""
    for k in range(TICK):
        s = cosine(turned(phase, step, slope, k))
        left[k] += (left_gain + np.float32(k) * left_slope) * s
        right[k] += (right_gain + np.float32(k) * right_slope) * s
    return advanced(phase, step, slope)


@kernel
def render_bank(bank, count, left, right):
    """Add one tick of the first `count` sines to `left` and `right` (TICK,); silent ones cost next to nothing."""
    per_sample = np.float32(1.0 / TICK)
    for i in range(count):
        silent = bank.left[i] == 0 and bank.right[i] == 0
        step = bank.step[i]
        slope = np.int32(np.int32(bank.step_end[i] - step) // TICK)     # wraps, as the steps of silent sines may
        if silent and bank.left_end[i] == 0 and bank.right_end[i] == 0:
            bank.phase[i] = advanced(bank.phase[i], step, slope)
        else:
            bank.phase[i] = add_chirp(
                bank.phase[i], step, slope, bank.left[i], (bank.left_end[i] - bank.left[i]) * per_sample,
                bank.right[i], (bank.right_end[i] - bank.right[i]) * per_sample, left, right)
        bank.step[i] = bank.step_end[i]
        bank.left[i], bank.right[i] = bank.left_end[i], bank.right_end[i]
