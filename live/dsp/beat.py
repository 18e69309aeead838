"""The strongest beat among partials that are known exactly: how fast it is, and where in it we are. [audio]

Two tones beat as deep as the product of their levels is large; faster than FASTEST the ear hears roughness instead
(Helmholtz 1863, 'On the Sensations of Tone', chapter 8). Neither is measured: frequency and phase are the oscillators'.
"""
import math

import numpy as np

from live.dsp.kernel import kernel
from live.dsp.oscillators import CYCLE

FASTEST = 20.0          # Hz
LOYALTY = 1.5           # a pair that beats is left for one that is stronger by this

BEAT = np.dtype([
    ('rate', 'f8'), ('turn', 'f8'),                     # Hz, of the one above the other; cycles; 0 where nothing beats
    ('one', 'i8'), ('other', 'i8'),                     # their places in the list
], align=True)


@kernel
def find_beat(state, frequencies, levels, phases, count):
    """Choose a pair of the first `count` partials: Hz, levels, and int32 phases of cosines, all of the same moment."""
    strongest, one, other = 0.0, 0, 0
    for i in range(count):
        for j in range(i):
            strength = levels[i] * levels[j]
            if i == state.one and j == state.other:
                strength *= LOYALTY
            if strength > strongest and 0 < abs(frequencies[i] - frequencies[j]) <= FASTEST:
                strongest, one, other = strength, i, j
    state.one, state.other, state.rate, state.turn = one, other, 0.0, 0.0
    if strongest > 0:
        state.rate = frequencies[one] - frequencies[other]
        state.turn = np.int32(phases[one] - phases[other]) / CYCLE


@kernel
def beating(state, seconds):
    """Return 1 while the pair adds, -1 while it cancels, `seconds` after it was found; 0 where nothing beats."""
    return math.cos(2 * math.pi * (state.turn + state.rate * seconds)) if state.rate != 0 else 0.0
