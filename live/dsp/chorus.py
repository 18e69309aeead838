"""An ensemble: each channel is joined by three copies of itself whose delays sway. [audio]

The copies of a channel sway at rates that share no common measure (powers of the plastic number), those of the right
a quarter turn from those of the left: what is mono comes out wide, and nothing is turned over, so the sum of both
channels keeps its level. `depth` sets the largest change of pitch, DEEPEST at most, whatever the rate.
"""
import math

import numpy as np

from live.dsp.clamp import clamp_or
from live.dsp.guard import audible
from live.dsp.kernel import TICK, kernel
from live.dsp.line import MIRROR, between, write_line
from live.dsp.oscillators import cosine, increment

VOICES = 3
RING = 4096             # samples; the longest delay at 192 kHz is 3900
DEEPEST = 0.0157        # relative change of pitch: 27 cents
LONGEST = 0.005         # seconds, sway to each side
MIDDLES = (0.0105, 0.0128, 0.0149)      # seconds
RATES = (1.0, 0.7548776662, 0.5698402910)
SLEW = 0.01             # largest change of the sway in samples per sample
WET = 0.55              # gain of each copy
_QUARTER = np.int32(2 ** 30)

CHORUS = np.dtype([
    ('lines', 'f4', (2, RING + MIRROR)), ('place', 'i8'),
    ('phase', 'i4', (VOICES,)), ('sway', 'f8'),         # samples to each side
    ('dry', 'f8'), ('wet', 'f8'), ('samplerate', 'f8'),
    ('start', 'i4', (TICK,)), ('fraction', 'f4', (TICK,)),      # where each sample's six neighbours begin; how far
    ('near', 'f4', (6, TICK)), ('copies', 'f4', (2, TICK)),     # between them it lies; the neighbours
], align=True)


@kernel
def reset_chorus(state, samplerate):
    """Begin dry; the voices spread evenly over a cycle."""
    state.samplerate = samplerate
    state.dry, state.wet, state.sway = 1.0, 0.0, 0.0
    for voice in range(VOICES):
        state.phase[voice] = np.int32(voice * (2 ** 32 // VOICES) - 2 ** 31)
    clear_chorus(state)


@kernel
def clear_chorus(state):
    """Empty the lines (33 kB); click-free once the sound is muted."""
    state.place = 0
    for channel in range(2):
        line = state.lines[channel]
        for k in range(RING + MIRROR):
            line[k] = 0


@kernel
def process_chorus(state, rate, depth, mix, left, right):
    """Join one tick in place with its copies; rate: Hz of the fastest sway; depth: 0..1; mix: 0 dry .. 1 copies."""
    rate, depth = clamp_or(rate, 0.01, 8.0, 0.3), clamp_or(depth, 0.0, 1.0, 0.0)
    angle = 0.5 * math.pi * clamp_or(mix, 0.0, 1.0, 0.0)
    dry, wet = math.cos(angle), WET * math.sin(angle)
    reach = min(LONGEST, DEEPEST / (2 * math.pi * rate)) * depth * state.samplerate
    sway, limit = state.sway, SLEW * TICK
    sway_end = sway + min(max(reach - sway, -limit), limit)
    rate = min(rate, DEEPEST * state.samplerate / (2 * math.pi * max(sway, 1.0)))       # wide sways narrow first
    for k in range(TICK):
        left[k], right[k] = audible(left[k]), audible(right[k])
        state.copies[0, k] = state.copies[1, k] = 0
    write_line(state.lines[0], state.place, left)
    write_line(state.lines[1], state.place, right)
    for voice in range(VOICES):
        phase, step = state.phase[voice], increment(rate * RATES[voice], state.samplerate)
        middle = int(MIDDLES[voice] * state.samplerate)
        add_copy(state, 0, middle, sway, sway_end, phase, step)
        add_copy(state, 1, middle, sway, sway_end, np.int32(phase + _QUARTER), step)
        state.phase[voice] = np.int32(phase + np.int32(TICK * step))
    blend(state.dry, dry, state.wet, wet, state.copies[0], left)
    blend(state.dry, dry, state.wet, wet, state.copies[1], right)
    state.sway, state.dry, state.wet = sway_end, dry, wet
    state.place = (state.place + TICK) % RING


@kernel
def add_copy(state, channel, middle, sway, sway_end, phase, step):
    """Add a tick of a channel to its copies, delayed by `middle` samples and the sway at `phase`.

    Three passes, since the compiler vectorises all but the second, and none of it when they are one.
    """
    first = np.int32(state.place - middle - 2)
    find(first, np.float32(sway), np.float32((sway_end - sway) / TICK), phase, step, state.start, state.fraction)
    gather(state.lines[channel], state.start, state.near)
    interpolate(state.near, state.fraction, state.copies[channel])


@kernel
def find(first, sway, slope, phase, step, start, fraction):
    """Write where in the ring the neighbours of each delayed sample begin, and how far between them it lies."""
    for k in range(TICK):
        shift = (sway + np.float32(k) * slope) * cosine(np.int32(phase + np.int32(step * np.int32(k))))
        whole = np.int32(shift + np.float32(RING)) - np.int32(RING - 1)
        start[k] = (first + np.int32(k) - whole) & np.int32(RING - 1)
        fraction[k] = np.float32(whole) - shift


@kernel
def gather(line, start, near):
    """Copy the six neighbours of every sample to the rows of `near`."""
    for k in range(TICK):
        place = start[k]
        near[0, k], near[1, k], near[2, k] = line[place], line[place + 1], line[place + 2]
        near[3, k], near[4, k], near[5, k] = line[place + 3], line[place + 4], line[place + 5]


@kernel
def interpolate(near, fraction, out):
    """Add the sample between its neighbours to `out`."""
    a, b, c, d, e, f = near[0], near[1], near[2], near[3], near[4], near[5]
    for k in range(TICK):
        out[k] += between(a[k], b[k], c[k], d[k], e[k], f[k], fraction[k])


@kernel
def blend(dry, dry_end, wet, wet_end, copies, samples):
    """Mix the copies into a tick, both gains in straight lines."""
    dry_slope, wet_slope = np.float32((dry_end - dry) / TICK), np.float32((wet_end - wet) / TICK)
    dry, wet = np.float32(dry), np.float32(wet)
    for k in range(TICK):
        samples[k] = (dry + np.float32(k) * dry_slope) * samples[k] + (wet + np.float32(k) * wet_slope) * copies[k]
