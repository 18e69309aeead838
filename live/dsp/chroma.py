"""Chroma folded to the scale that is played: how much of the sound lies on each of its degrees. [audio]

In: spectral peaks (live.dsp.peaks), which are sharper than bins: below 400 Hz one bin is wider than a semitone. A
peak's power goes to the two degrees around it, smoothly and by its place between them, so that no power is lost and a
tone that glides from one degree to the next carries its light over. The largest degree is 1, as `chroma_stft` of
librosa has it. Unlike there, a scale has any number of degrees, at any cents, in any order, and repeats at any period.
"""
import math

import numpy as np

from live.dsp.clamp import is_finite
from live.dsp.kernel import kernel
from live.signals import DEGREES


CHROMA = np.dtype([
    ('count', 'i8'), ('period', 'f8'),                                      # degrees; cents
    ('cents', 'f8', (DEGREES + 1,)), ('degree', 'i8', (DEGREES + 1,)),      # rising, and the first again at the end
], align=True)


@kernel
def set_chroma_scale(state, cents, count, period):
    """Take the first `count` of cents (DEGREES,) as degrees above the root; the scale repeats every `period` cents.

    A few microseconds for a scale in order, which is what scales nearly always are; call it when the scale changes.
    """
    state.period = period if period >= 1 and period <= 1e6 else 1200.0
    state.count = min(max(count, 0), DEGREES)
    for degree in range(state.count):
        place, folded = degree, fold_cents(cents[degree], state.period)
        while place > 0 and state.cents[place - 1] > folded:
            state.cents[place], state.degree[place] = state.cents[place - 1], state.degree[place - 1]
            place -= 1
        state.cents[place], state.degree[place] = folded, degree
    state.cents[state.count] = state.cents[0] + state.period
    state.degree[state.count] = state.degree[0]


@kernel
def fold_cents(cents, period):
    """Return cents brought into one period; 0 for what is not finite."""
    return cents - period * math.floor(cents / period) if is_finite(cents) else 0.0


@kernel
def find_degree(cents, count, wanted):
    """Return the place of the last of rising cents[:count] that is not above `wanted`; -1 where all are."""
    low, high = -1, count
    while high - low > 1:
        middle = (low + high) // 2
        if cents[middle] <= wanted:
            low = middle
        else:
            high = middle
    return low


@kernel
def fold_peaks(state, root, frequencies, amplitudes, peaks, out):
    """Write the share of each degree, the largest 1, to out (DEGREES,); root in Hz; all 0 where there is no sound."""
    for degree in range(DEGREES):
        out[degree] = 0.0
    if state.count > 0 and root > 0:
        for i in range(peaks):
            if frequencies[i] > 0:
                cents = fold_cents(1200 * math.log2(frequencies[i] / root), state.period)
                share_power(state, cents, amplitudes[i] * amplitudes[i], out)
    set_largest_to_1(out)


@kernel
def share_power(state, cents, power, out):
    """Add power to the two degrees around a place in the period."""
    place = find_degree(state.cents, state.count, cents)
    if place < 0:
        place, cents = state.count - 1, cents + state.period
    gap = state.cents[place + 1] - state.cents[place]
    part = (cents - state.cents[place]) / gap if gap > 0 else 0.0
    upper = min(1.0, part * part * (3 - 2 * part))
    out[state.degree[place]] += power * (1 - upper)
    out[state.degree[place + 1]] += power * upper


@kernel
def set_largest_to_1(values):
    """Divide by the largest of them, where that is above 0."""
    largest = 0.0
    for k in range(len(values)):
        largest = max(largest, values[k])
    factor = 1 / largest if largest > 1e-30 else 0.0
    for k in range(len(values)):
        values[k] = min(1.0, values[k] * factor)
