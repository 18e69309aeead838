"""A cluster of sines around a root, each wandering on its own or all together. [audio]

Partials are retuned in turn: every partial once in SEGMENT ticks, a sixteenth of them each tick. Between two of its
turns a partial's ratio and gains move in straight lines, so every change arrives as a glide of 21 ms (at 48 kHz), and
the cost is spread evenly. The root glides across each tick. How drift moves: `live/dsp/drift.py`.
A partial that is to move to another octave falls silent, moves, and rises again.

Where partials lie around the root:

    UNIFORM     anywhere within the spread, all places alike
    GAUSSIAN    crowded at the root; the spread is twice the deviation
    SCALE       on degrees of the scale, the furthest a spread away
    EXPLICIT    on the listed places in turn, an octave lower in each round; once all octaves are filled, scattered
                around them within the spread

How many a cluster can hold is fixed by its dtype, `cluster_dtype(most)`; the kernels take any.
"""
import math

import numpy as np

from live.dsp.bank import add_chirp
from live.dsp.clamp import clamp
from live.dsp.degrees import WIDEST, degree_cents
from live.dsp.drift import COMMON, decay_and_kick, together
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE, add_sine
from live.dsp.random import gaussian, hashed, uniform

MOST = 65536            # partials of the largest cluster
SEGMENT = 16            # ticks from one turn of a partial to the next
LANE = 16               # neighbouring partials that are retuned together
RMS = 0.25              # of the whole cluster at 0 dB, however many partials it has
HIGHEST = 0.45 * CYCLE  # phase units per sample; partials above fall silent
OCTAVES = 7             # at most, below the root
DRIFT = 1200.0          # cents of deviation at most

UNIFORM, GAUSSIAN, SCALE, EXPLICIT = 0, 1, 2, 3     # distribution
RANDOM, BY_PITCH = 0, 1                             # placement


def cluster_dtype(most: int) -> np.dtype:
    """Return the state of a cluster of at most so many partials: 72 bytes for each."""
    return np.dtype([
        ('phase', 'i4', (most,)),
        ('octave', 'i4', (most,)),                                      # octaves below the root
        ('drift', 'f8', (most,)), ('own', 'f8', (most,)),               # deviations: as heard; the partial's own walk
        ('ratio', 'f8', (most,)), ('ratio_end', 'f8', (most,)), ('ratio_slope', 'f8', (most,)),     # slopes: per tick
        ('left', 'f4', (most,)), ('left_end', 'f4', (most,)), ('left_slope', 'f4', (most,)),        # gains
        ('right', 'f4', (most,)), ('right_end', 'f4', (most,)), ('right_slope', 'f4', (most,)),
        ('octave_gain', 'f8', (OCTAVES + 1,)),
        ('lowest', 'f8'), ('range', 'f8'),                              # cents that all partials lie within
        ('common', 'f8'), ('root_step', 'f8'),                          # the walk all share; the root one tick ago
        ('tick', 'i8'),
        ('count', 'i8'), ('fading', 'i8'), ('fading_until', 'i8'),      # wanted; still sounding, until which tick
    ], align=True)


CLUSTER = cluster_dtype(MOST)

_PHASE, _OFFSET, _PAN = -1, -2, -3      # steps of the hash that stand for a partial's constants


@kernel
def reset_cluster(state, seed):
    """Put every partial to a random phase and drift, silent."""
    state.tick = state.count = state.fading = state.fading_until = 0
    state.common = gaussian(seed, COMMON, 0)
    state.lowest = state.range = state.root_step = 0
    for i in range(len(state.phase)):
        state.phase[i] = np.int32(hashed(seed, i, _PHASE) >> np.uint64(32))
        state.drift[i] = state.own[i] = gaussian(seed, i, 0)
        state.octave[i] = 0
        state.ratio[i] = state.ratio_end[i] = 1
        state.left[i] = state.left_end[i] = state.left_slope[i] = 0
        state.right[i] = state.right_end[i] = state.right_slope[i] = 0
        state.ratio_slope[i] = 0


@kernel
def set_count(state, count):
    """Ask for `count` partials; those beyond it fade out before they are left out of the work."""
    count = min(max(count, 1), len(state.phase))
    if state.tick >= state.fading_until:
        state.fading = 0
    if count < state.count:
        state.fading = max(state.fading, state.count)
        state.fading_until = state.tick + 3 * SEGMENT
    state.count = count


@kernel
def set_octave_gains(gains, octaves, tilt_db):
    """Fill gains[k] for k octaves below the root, the power of the whole kept at 1."""
    power = 0.0
    for k in range(octaves + 1):
        gains[k] = 10.0 ** (-k * tilt_db / 20)
        power += gains[k] * gains[k]
    for k in range(octaves + 1):
        gains[k] *= math.sqrt((octaves + 1) / power)


@kernel
def set_range(state, spread_cents, octaves, distribution, degrees):
    """Note between which places the partials lie, for placing them by pitch."""
    low, high = -spread_cents, spread_cents
    if distribution == EXPLICIT:
        low, high = WIDEST, -WIDEST
        for k in range(degrees.count):
            low, high = min(low, degrees.cents[k] - spread_cents), max(high, degrees.cents[k] + spread_cents)
    state.lowest = low - 1200 * octaves
    state.range = max(high - state.lowest, 1e-9)


@kernel
def place(seed, i, spread_cents, octaves, distribution, degrees):
    """Return where partial i lies against the root of its octave, in cents; the first is the root itself."""
    if distribution == EXPLICIT:
        count = max(degrees.count, 1)
        scatter = 2 * uniform(seed, i, _OFFSET) - 1 if i >= count * (octaves + 1) else 0.0
        return degrees.cents[i % count] + spread_cents * scatter
    if i == 0:
        return 0.0
    if distribution == GAUSSIAN:
        return 0.5 * spread_cents * gaussian(seed, i, _OFFSET)
    offset = spread_cents * (2 * uniform(seed, i, _OFFSET) - 1)
    if distribution == SCALE:
        return degree_cents(degrees, int(math.floor(offset * degrees.count / max(degrees.period, 1.0) + 0.5)))
    return offset


@kernel
def mean_power(slope, spread_cents, distribution, degrees):
    """Return the mean power of gains that rise by `slope` (logarithm per cent) over the places of the partials."""
    x = 2 * slope * spread_cents
    power = math.sinh(x) / x if abs(x) > 1e-9 else 1.0
    if distribution == EXPLICIT and slope != 0:
        listed = 0.0
        for k in range(degrees.count):
            listed += math.exp(2 * slope * degrees.cents[k])
        power *= listed / max(degrees.count, 1)
    return power


@kernel
def retune_cluster(state, root_step, samplerate, seed, spread_cents, octaves, tilt_db, width, drift_cents, half_life,
                   distribution, placement, correlation, degrees):
    """Give the partials whose turn it is their next straight lines; root_step: phase units per sample."""
    spread_cents, width = clamp(spread_cents, 0.0, WIDEST), clamp(width, 0.0, 1.0)
    octaves, tilt_db = clamp(octaves, 0, OCTAVES), clamp(tilt_db, -60.0, 60.0)
    drift_cents = clamp(drift_cents, 0.0, DRIFT)
    decay, kick = decay_and_kick(half_life, samplerate, 1)
    state.common = state.common * decay + kick * gaussian(seed, COMMON, state.tick + 1)
    decay, kick = decay_and_kick(half_life, samplerate, SEGMENT)
    loudness = RMS * math.sqrt(2.0 / max(state.count, 1))
    set_octave_gains(state.octave_gain, octaves, tilt_db)
    set_range(state, spread_cents, octaves, distribution, degrees)
    slope = math.log(10.0) / 20 * tilt_db / 1200                    # of the gain's logarithm, per cent
    loudness /= math.sqrt(mean_power(slope, spread_cents, distribution, degrees))
    neighbours = max(degrees.count, 1) if distribution == EXPLICIT else 1
    active = max(state.count, state.fading)
    for lane in range((state.tick % SEGMENT) * LANE, active, SEGMENT * LANE):
        for i in range(lane, min(lane + LANE, active)):
            state.own[i] = state.own[i] * decay + kick * gaussian(seed, i, state.tick + 1)
            state.drift[i] = together(state.common, state.own[i], correlation)
            octave = i // neighbours % (octaves + 1)
            above = place(seed, i, spread_cents, octaves, distribution, degrees)
            cents = above - 1200 * octave
            ratio = 2.0 ** ((cents + drift_cents * state.drift[i]) / 1200)
            sounds = i < state.count and ratio * root_step < HIGHEST
            gain = loudness * state.octave_gain[octave] * math.exp(slope * above) if sounds else 0.0
            if octave != state.octave[i] and state.left_end[i] + state.right_end[i] > 0:
                gain = 0.0                                                  # fall silent where it is, move next time
                ratio = state.ratio_end[i]
            else:
                state.octave[i] = octave
            where = (cents - state.lowest) / state.range if placement == BY_PITCH else uniform(seed, i, _PAN)
            aim(state, i, ratio, gain, width * (2 * clamp(where, 0.0, 1.0) - 1))


@kernel
def aim(state, i, ratio, gain, pan):
    """Start partial i on straight lines to a ratio and a gain; pan: -1 left .. 1 right, at constant power."""
    silent = state.left_end[i] + state.right_end[i] == 0
    state.ratio[i] = ratio if silent else state.ratio_end[i]
    state.left[i], state.right[i] = state.left_end[i], state.right_end[i]
    state.ratio_end[i] = ratio
    state.left_end[i] = gain * math.sqrt((1 - pan) / 2)
    state.right_end[i] = gain * math.sqrt((1 + pan) / 2)
    state.ratio_slope[i] = (ratio - state.ratio[i]) / SEGMENT
    state.left_slope[i] = (state.left_end[i] - state.left[i]) / SEGMENT
    state.right_slope[i] = (state.right_end[i] - state.right[i]) / SEGMENT


@kernel
def render_cluster(state, root_step, left, right):
    """Add one tick of all partials to `left` and `right` (TICK,); root_step: phase units per sample, at its end."""
    root_step = clamp(root_step, 0.0, 2.0 ** OCTAVES * HIGHEST)     # octaves below a root too high still sound
    start = state.root_step if state.root_step > 0 else root_step
    if start == root_step:
        add_steady(state, root_step, left, right)
    else:
        add_gliding(state, start, root_step, left, right)
    state.root_step = root_step
    state.tick += 1


@kernel
def add_steady(state, root_step, left, right):
    """Add one tick of all partials while the root stands still, which is nearly always and costs less."""
    per_sample = np.float32(1.0 / TICK)
    for i in range(max(state.count, state.fading)):
        step = np.int32(min(state.ratio[i] * root_step, HIGHEST))
        state.phase[i] = add_sine(state.phase[i], step, state.left[i], state.left_slope[i] * per_sample,
                                  state.right[i], state.right_slope[i] * per_sample, left, right)
        advance(state, i)


@kernel
def add_gliding(state, start, end, left, right):
    """Add one tick of all partials while the root goes from `start` to `end` phase units per sample."""
    per_sample = np.float32(1.0 / TICK)
    for i in range(max(state.count, state.fading)):
        step = np.int32(min(state.ratio[i] * start, HIGHEST))
        slope = np.int32((min(state.ratio[i] * end, HIGHEST) - step) / TICK)
        state.phase[i] = add_chirp(state.phase[i], step, slope, state.left[i], state.left_slope[i] * per_sample,
                                   state.right[i], state.right_slope[i] * per_sample, left, right)
        advance(state, i)


@kernel
def advance(state, i):
    """Move partial i on along its straight lines by one tick."""
    state.ratio[i] += state.ratio_slope[i]
    state.left[i] += state.left_slope[i]
    state.right[i] += state.right_slope[i]
