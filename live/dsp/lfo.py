"""Slow modulators: pure functions of a phase in cycles, so that any voice may run ahead of another. [audio]

    sine, triangle      -1..1, once a cycle
    walk                a smooth path by one random point a cycle (Catmull-Rom), brought to -1..1
    hold                one random level a cycle; a jump takes `slew` of the cycle, softly

Voices that share a modulator run apart by the golden angle, so that no two of them ever go together (Vogel 1979).
"""
import math

from live.dsp.kernel import kernel
from live.dsp.random import uniform

GOLDEN = 0.3819660112501051         # of a cycle
SINE, TRIANGLE, WALK, HOLD = 0, 1, 2, 3
HEADROOM = 0.8          # the spline swings to 1.25, halfway between two points of 1 whose neighbours are -1


@kernel
def point(seed, voice, cycle):
    """Return the random level -1..1 of a cycle."""
    return 2 * uniform(seed, voice, cycle) - 1


@kernel
def modulator(wave, phase, slew, seed, voice):
    """Return -1..1 at `phase` cycles; voice: its own row of random levels."""
    cycle = math.floor(phase)
    x = phase - cycle
    if wave == SINE:
        return math.sin(2 * math.pi * x)
    if wave == TRIANGLE:
        return 1 - 4 * abs(x - 0.5)
    number = int(cycle)
    if wave == WALK:
        return through(point(seed, voice, number - 1), point(seed, voice, number), point(seed, voice, number + 1),
                       point(seed, voice, number + 2), x)
    part = min(1.0, x / max(slew, 0.01))
    before, after = point(seed, voice, number - 1), point(seed, voice, number)
    return before + (after - before) * part * part * (3 - 2 * part)


@kernel
def through(a, b, c, d, x):
    """Return a point on the Catmull-Rom spline from b to c, brought to -1..1: cut off, it would have corners."""
    return HEADROOM * (b + 0.5 * x * (c - a + x * (2 * a - 5 * b + 4 * c - d + x * (3 * (b - c) + d - a))))
