"""A scale as the kernels see it: up to MOST_DEGREES places in cents and the period at which they repeat. [audio]

Filled by whoever holds the tuning, read by clusters, resonators and frozen spectra. Degree 0 is the first place in the
list; degree `count` is the first one a period higher, degree -1 the last one a period lower. The list need not rise.
"""
import math

import numpy as np

from live.dsp.clamp import clamp, clamp_or, is_finite
from live.dsp.kernel import kernel
from live.signals import DEGREES as MOST_DEGREES

WIDEST = 12000.0        # cents: no place lies further from the root

DEGREES = np.dtype([('cents', 'f8', (MOST_DEGREES,)), ('count', 'i8'), ('period', 'f8')], align=True)


@kernel
def set_degrees(degrees, cents, count, period):
    """Take the first `count` of cents (n,); what is not finite becomes the root, no places the root alone."""
    degrees.count = clamp(count, 1, min(len(cents), MOST_DEGREES))
    degrees.period = clamp_or(period, 1.0, WIDEST, 1200.0)
    for k in range(degrees.count):
        known = k < len(cents) and is_finite(cents[k])
        degrees.cents[k] = clamp(cents[k], -WIDEST, WIDEST) if known else 0.0


@kernel
def degree_cents(degrees, degree):
    """Return cents of a degree of any number above or below the root."""
    count = max(degrees.count, 1)
    turns = math.floor(degree / count)
    return degrees.cents[degree - turns * count] + turns * degrees.period


@kernel
def nearest_degree(degrees, cents):
    """Return cents of the degree nearest to a place in cents."""
    nearest, distance = cents, 1e9
    period = max(degrees.period, 1.0)
    for k in range(degrees.count):
        away = cents - degrees.cents[k]
        away -= period * math.floor(away / period + 0.5)
        if abs(away) < distance:
            nearest, distance = cents - away, abs(away)
    return nearest
