"""Band noise: a band of so many cents around a root, in stereo. [audio]

Slow complex noise, four poles low, is moved up to the root by a sine and its quadrature. So the band is as steep and as
narrow as asked for at any pitch, and a root that leaps moves the band without disturbing what is in it. White noise is
brought to the power of the band before the filter, not after: a band that narrows suddenly is never louder.
"""
import math

import numpy as np

from live.dsp.bank import HIGHEST, advanced, audible, turned
from live.dsp.clamp import clamp
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE, cosine
from live.dsp.random import hashed

POLES = 4
CHANNELS = 4            # real and imaginary, twice: what both sides share, and what differs
RMS = 0.25              # of the whole at 0 dB
NARROWEST, WIDEST = 0.1, 9600.0                         # cents
ONE_POLE = 1 / math.sqrt(2 ** (1 / POLES) - 1)          # corner of each pole, for the four to be 3 dB down at 1
QUARTER = np.int32(2 ** 30)
_NOISE = -11            # voice of the hash

NOISE = np.dtype([
    ('pole', 'f8', (CHANNELS, POLES)), ('coefficient', 'f8'), ('spread', 'f8'), ('gain', 'f8'),
    ('phase', 'i4'), ('step', 'i4'), ('tick', 'i8'), ('band', 'f8', (CHANNELS, TICK)),
], align=True)


@kernel
def reset_noise(state):
    """Begin from silence."""
    state.coefficient = state.spread = state.gain = 0.0
    state.phase = state.step = state.tick = 0
    for channel in range(CHANNELS):
        for pole in range(POLES):
            state.pole[channel, pole] = 0


@kernel
def drive_of(coefficient):
    """Return the gain that brings white noise of deviation 1 to deviation 1 behind the four poles."""
    b = (1 - coefficient) * (1 - coefficient)
    rest = coefficient * (2 - coefficient)                              # 1 - b
    cubed = rest * rest * rest
    squared = coefficient * coefficient
    return cubed / (squared * squared) * math.sqrt(rest / (1 + 9 * b + 9 * b * b + b * b * b))


@kernel
def draw(state, seed, start, slope):
    """Fill the band with white noise that the poles bring to deviation 1: four numbers from each hash."""
    unit = 12 ** 0.5 / 65536
    for k in range(TICK):
        drive = unit * drive_of(start + k * slope)
        bits = hashed(seed, _NOISE, state.tick * TICK + k)
        for channel in range(CHANNELS):
            state.band[channel, k] = (np.float64(bits >> np.uint64(16 * channel) & np.uint64(65535)) - 32767.5) * drive


@kernel
def narrow(pole, band, start, slope):
    """Send one channel through its poles, whose coefficient is ramped."""
    a, b, c, d = pole[0], pole[1], pole[2], pole[3]
    for k in range(TICK):
        coefficient = start + k * slope
        a += coefficient * (band[k] - a)
        b += coefficient * (a - b)
        c += coefficient * (b - c)
        d += coefficient * (c - d)
        band[k] = d
    pole[0], pole[1], pole[2], pole[3] = a, b, c, d


@kernel
def lift(state, step, shared, shared_slope, apart, apart_slope, left, right):
    """Move the band up to the root and add it to both sides."""
    band, before = state.band, state.step if state.step > 0 else step
    slope = np.int32((step - before) // TICK)
    for k in range(TICK):
        phase = turned(state.phase, before, slope, k)
        real, imaginary = cosine(phase), cosine(np.int32(phase - QUARTER))
        both = (shared + k * shared_slope) * (band[0, k] * real - band[1, k] * imaginary)
        side = (apart + k * apart_slope) * (band[2, k] * real - band[3, k] * imaginary)
        left[k] += np.float32(both + side)
        right[k] += np.float32(both - side)
    state.phase, state.step = advanced(state.phase, before, slope), step


@kernel
def render_noise(state, frequency, samplerate, seed, bandwidth_cents, spread, left, right):
    """Add one tick to `left` and `right` (TICK,).

    bandwidth_cents: between the places 3 dB down; spread: 0 the same on both sides .. 1 nothing in common.
    """
    frequency = clamp(frequency, 1.0, HIGHEST * samplerate)
    octaves = clamp(bandwidth_cents, NARROWEST, WIDEST) / 2400
    corner = min(0.5 * frequency * (2.0 ** octaves - 2.0 ** -octaves), 0.2 * samplerate)
    coefficient = 1 - math.exp(-2 * math.pi * corner * ONE_POLE / samplerate)
    spread = clamp(spread, 0.0, 1.0)
    step = np.int32(frequency / samplerate * CYCLE)
    gain = math.sqrt(0.5) * RMS * audible(step)
    if state.tick == 0:
        state.coefficient = coefficient
    start, slope = state.coefficient, (coefficient - state.coefficient) / TICK
    draw(state, seed, start, slope)
    for channel in range(CHANNELS):
        narrow(state.pole[channel], state.band[channel], start, slope)
    before, after = math.pi / 4 * state.spread, math.pi / 4 * spread
    shared, apart = state.gain * math.cos(before), state.gain * math.sin(before)
    lift(state, step, shared, (gain * math.cos(after) - shared) / TICK, apart, (gain * math.sin(after) - apart) / TICK,
         left, right)
    state.coefficient, state.spread, state.gain = coefficient, spread, gain
    state.tick += 1
