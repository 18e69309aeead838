"""Delay lines: rings of samples that are written and read a tick at a time, between samples too. [audio]

A line is a float32 array of a power of two of samples, the ring, and MIRROR more that repeat its start, so that any
tick of it lies in one piece: loops over it need no index to wrap, and vectorise. `place` is where the present tick
begins in the ring, `age` how many samples have been written since the line was cleared: what is older is silence, which
makes clearing a line of any length a matter of setting its age to 0.
"""
import numpy as np

from live.dsp.kernel import TICK, kernel

MIRROR = 2 * TICK
SHORTEST = TICK + 3     # samples; least delay at which a tick can be read before it is written
FADE = 32               # ticks from one delay to another
TAP = np.dtype([('delay', 'i8'), ('last', 'i8'), ('fade', 'i8')], align=True)   # fade: ticks of the crossfade done
_SIXTH, _24TH, _120TH = np.float32(1 / 6), np.float32(1 / 24), np.float32(1 / 120)


@kernel
def write_line(line, place, samples):
    """Write one tick."""
    out, ring = line[place:], len(line) - MIRROR
    for k in range(TICK):
        out[k] = samples[k]
    if place < MIRROR:
        out = line[ring + place:]
        for k in range(TICK):
            out[k] = samples[k]


@kernel
def add_line(line, place, age, delay, gain, slope, out):
    """Add the tick of `delay` samples ago to `out`, its gain moving by `slope` in the tick."""
    past = line[(place - delay) & (len(line) - MIRROR - 1):]
    first, gain, slope = np.int32(min(max(delay - age, 0), TICK)), np.float32(gain), np.float32(slope / TICK)
    for k in range(TICK):
        factor = gain + np.float32(k) * slope if np.int32(k) >= first else np.float32(0)
        out[k] += factor * past[k]


@kernel
def reset_tap(tap):
    """Forget where the tap is: its next delay is taken at once."""
    tap.delay = tap.last = 0
    tap.fade = FADE


@kernel
def move_tap(tap, delay):
    """Begin a crossfade to another delay in samples, unless one is under way; once a tick, before add_tap."""
    if tap.fade < FADE:
        tap.fade += 1
    if tap.delay == 0:
        tap.delay = delay
    if tap.fade >= FADE and tap.delay != delay:
        tap.last, tap.delay, tap.fade = tap.delay, delay, 0


@kernel
def faded(fade):
    """Return the share of the new delay, 0..1, `fade` ticks after the old one."""
    x = min(1.0, fade / FADE)
    return x * x * (3 - 2 * x)


@kernel
def add_tap(line, place, age, tap, out):
    """Add the tick that a tap reads to `out`."""
    share, slope = faded(tap.fade), faded(tap.fade + 1) - faded(tap.fade)
    add_line(line, place, age, tap.delay, share, slope, out)
    if tap.fade < FADE:
        add_line(line, place, age, tap.last, 1 - share, -slope, out)


@kernel
def add_between(line, place, age, delay, fraction, fraction_slope, gain, slope, out):
    """Add the tick of `delay - fraction` samples ago to `out`; fraction and gain move by their slopes in the tick."""
    past = line[(place - delay - 2) & (len(line) - MIRROR - 1):]
    first, gain, slope = np.int32(min(max(delay + 2 - age, 0), TICK)), np.float32(gain), np.float32(slope / TICK)
    fraction, fraction_slope = np.float32(fraction), np.float32(fraction_slope / TICK)
    for k in range(TICK):
        factor = gain + np.float32(k) * slope if np.int32(k) >= first else np.float32(0)
        y = between(past[k], past[k + 1], past[k + 2], past[k + 3], past[k + 4], past[k + 5],
                    fraction + np.float32(k) * fraction_slope)
        out[k] += factor * y


@kernel
def between(a, b, c, d, e, f, x):
    """Return the value x of the way from c to d, on the polynomial through six samples: c itself at x = 0.

    Gauss's forward formula; flat within 0.2 dB up to a fifth of the samplerate wherever x lies.
    """
    one, two = np.float32(1), np.float32(2)
    d1, d2, d3 = d - c, d - two * c + b, e - b + np.float32(3) * (c - d)
    d4 = e + a - np.float32(4) * (d + b) + np.float32(6) * c
    d5 = f - a + np.float32(5) * (b - e) + np.float32(10) * (d - c)
    inner = d4 * _24TH + (x + two) * d5 * _120TH
    return c + x * (d1 + (x - one) * (np.float32(0.5) * d2 + (x + one) * (d3 * _SIXTH + (x - two) * inner)))
