"""Loudness as it is heard: ITU-R BS.1770-4, momentary (400 ms) and short-term (3 s), in LUFS, of stereo. [audio]

Compiled @exact and fed sample by sample: the same bits however the performance is cut. Each channel passes the two
filters of the K-weighting; mean squares are kept in parts of 10 ms, so both windows move on a hundred times a second
and lie within 5 ms of any sound (EBU Tech 3341, cases 13 and 14, need that). The filters are the analogue prototypes
that give the standard's coefficients at 48 kHz, mapped to any samplerate by the bilinear transform (De Man 2014,
'Evaluation of implementations of the EBU R128 loudness measurement'; libebur128 does the same).
"""
import math

import numpy as np

from live.dsp.kernel import exact

PARTS_PER_SECOND = 100
MOMENTARY, SHORT_TERM = 40, 300         # parts
LOWEST = -120.0                         # LUFS, of silence
LOUDEST = 1e6                           # sample value
OFFSET = -0.691                         # LUFS of a mean square of 1: BS.1770's

SHELF_FREQUENCY, SHELF_DB, SHELF_Q, SHELF_BEND = 1681.974450955533, 3.999843853973347, 0.7071752369554196, \
    0.4996667741545416                  # bend: the gain at the shelf's middle is the shelf's to this power
PASS_FREQUENCY, PASS_Q = 38.13547087602444, 0.5003270373238773

LOUDNESS = np.dtype([
    ('shelf', 'f8', (5,)), ('highpass', 'f8', (5,)),            # b0 b1 b2 a1 a2
    ('memory', 'f8', (2, 4)),                                   # channel; two of the shelf, two of the high-pass
    ('square', 'f8'), ('length', 'i8'), ('filled', 'i8'),       # of the part under way: sum, samples, of them taken
    ('parts', 'f8', (SHORT_TERM,)), ('place', 'i8'),            # mean squares, circular
    ('momentary', 'f8'), ('short_term', 'f8'),                  # what comes out, LUFS
], align=True)


@exact
def reset_loudness(state, samplerate):
    """Design the filters and begin from silence."""
    set_shelf(state.shelf, samplerate)
    set_highpass(state.highpass, samplerate)
    for channel in range(2):
        for k in range(4):
            state.memory[channel, k] = 0.0
    for k in range(SHORT_TERM):
        state.parts[k] = 0.0
    state.square, state.filled, state.place = 0.0, 0, 0
    state.length = max(1, int(samplerate / PARTS_PER_SECOND + 0.5))
    state.momentary = state.short_term = LOWEST


@exact
def set_shelf(filter, samplerate):
    """Fill the coefficients of the first filter: a head's rise of 4 dB at high frequencies."""
    k = math.tan(math.pi * min(SHELF_FREQUENCY / samplerate, 0.45))
    high = 10.0 ** (SHELF_DB / 20)
    middle = high ** SHELF_BEND
    a0 = 1 + k / SHELF_Q + k * k
    filter[0] = (high + middle * k / SHELF_Q + k * k) / a0
    filter[1] = 2 * (k * k - high) / a0
    filter[2] = (high - middle * k / SHELF_Q + k * k) / a0
    filter[3] = 2 * (k * k - 1) / a0
    filter[4] = (1 - k / SHELF_Q + k * k) / a0


@exact
def set_highpass(filter, samplerate):
    """Fill the coefficients of the second filter: a high-pass at 38 Hz."""
    k = math.tan(math.pi * min(PASS_FREQUENCY / samplerate, 0.45))
    a0 = 1 + k / PASS_Q + k * k
    filter[0], filter[1], filter[2] = 1.0, -2.0, 1.0            # the standard leaves its gain at high frequencies as is
    filter[3] = 2 * (k * k - 1) / a0
    filter[4] = (1 - k / PASS_Q + k * k) / a0


@exact
def weigh(state, channel, x):
    """Return a sample of a channel after the K-weighting (transposed direct form II)."""
    f, g, m = state.shelf, state.highpass, state.memory
    y = f[0] * x + m[channel, 0]
    m[channel, 0] = f[1] * x - f[3] * y + m[channel, 1]
    m[channel, 1] = f[2] * x - f[4] * y
    z = g[0] * y + m[channel, 2]
    m[channel, 2] = g[1] * y - g[3] * z + m[channel, 3]
    m[channel, 3] = g[2] * y - g[4] * z
    return z


@exact
def measure_loudness(state, left, right):
    """Take one frame; every 10 ms state.momentary and state.short_term move on."""
    left, right = weigh(state, 0, bounded(left)), weigh(state, 1, bounded(right))
    state.square += left * left + right * right
    state.filled += 1
    if state.filled >= state.length:
        state.parts[state.place] = state.square / state.length
        state.place = (state.place + 1) % SHORT_TERM
        state.square, state.filled = 0.0, 0
        state.momentary = loudness(state, MOMENTARY)
        state.short_term = loudness(state, SHORT_TERM)


@exact
def bounded(x):
    """Return x held within LOUDEST, 0 for NaN."""
    return min(max(x, -LOUDEST), LOUDEST) if x == x else 0.0


@exact
def loudness(state, count):
    """Return the loudness of the newest `count` parts in LUFS."""
    total = 0.0
    for k in range(1, count + 1):
        total += state.parts[(state.place - k) % SHORT_TERM]
    return max(LOWEST, OFFSET + 10 * math.log10(max(total / count, 1e-30)))
