"""A cluster of sines around a root, each wandering on its own. [audio]

Partials are retuned in turn: every partial once in SEGMENT ticks, a sixteenth of them each tick. Between two of its
turns a partial's ratio and gains move in straight lines, so every change arrives as a glide of 21 ms (at 48 kHz), and
the cost is spread evenly. Drift is an Ornstein-Uhlenbeck walk in its exact discrete form,

    x <- x e^(-theta T) + sqrt(1 - e^(-2 theta T)) n,   n ~ N(0, 1),

of deviation 1 whatever T, scaled to cents (Gillespie 1996, 'Exact numerical simulation of the Ornstein-Uhlenbeck
process and its integral').
A partial that is to move to another octave falls silent, moves, and rises again.
"""
import math

import numpy as np

from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE, add_sine
from live.dsp.random import gaussian, hashed, uniform

MOST = 65536            # partials
SEGMENT = 16            # ticks from one turn of a partial to the next
LANE = 16               # neighbouring partials that are retuned together
RMS = 0.25              # of the whole cluster at 0 dB, however many partials it has
HIGHEST = 0.45 * CYCLE  # phase units per sample; partials above fall silent

CLUSTER = np.dtype([
    ('phase', 'i4', (MOST,)),
    ('octave', 'i4', (MOST,)),                                          # octaves below the root
    ('drift', 'f8', (MOST,)),                                           # deviations
    ('ratio', 'f8', (MOST,)), ('ratio_end', 'f8', (MOST,)), ('ratio_slope', 'f8', (MOST,)),     # to the root; per tick
    ('left', 'f4', (MOST,)), ('left_end', 'f4', (MOST,)), ('left_slope', 'f4', (MOST,)),        # gains; per tick
    ('right', 'f4', (MOST,)), ('right_end', 'f4', (MOST,)), ('right_slope', 'f4', (MOST,)),
    ('octave_gain', 'f8', (8,)),
    ('tick', 'i8'),
    ('count', 'i8'), ('fading', 'i8'), ('fading_until', 'i8'),          # wanted; still sounding, until which tick
], align=True)

_PHASE, _OFFSET, _PAN = -1, -2, -3      # steps of the hash that stand for a partial's constants


@kernel
def reset_cluster(state, seed):
    """Put every partial to a random phase and drift, silent."""
    state.tick = state.count = state.fading = state.fading_until = 0
    for i in range(MOST):
        state.phase[i] = np.int32(hashed(seed, i, _PHASE) >> np.uint64(32))
        state.drift[i] = gaussian(seed, i, 0)
        state.octave[i] = 0
        state.ratio[i] = state.ratio_end[i] = 1
        state.left[i] = state.left_end[i] = state.left_slope[i] = 0
        state.right[i] = state.right_end[i] = state.right_slope[i] = 0
        state.ratio_slope[i] = 0


@kernel
def set_count(state, count):
    """Ask for `count` partials; those beyond it fade out before they are left out of the work."""
    count = min(max(count, 1), MOST)
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
def retune_cluster(state, root_step, samplerate, seed, spread_cents, octaves, tilt_db, width, drift_cents, half_life):
    """Give the partials whose turn it is their next straight lines; root_step: phase units per sample."""
    decay = 2.0 ** (-SEGMENT * TICK / (samplerate * half_life))
    kick = math.sqrt(1 - decay * decay)
    loudness = RMS * math.sqrt(2.0 / state.count)
    set_octave_gains(state.octave_gain, octaves, tilt_db)
    active = max(state.count, state.fading)
    for lane in range((state.tick % SEGMENT) * LANE, active, SEGMENT * LANE):
        for i in range(lane, min(lane + LANE, active)):
            state.drift[i] = state.drift[i] * decay + kick * gaussian(seed, i, state.tick + 1)
            octave = i % (octaves + 1)
            offset = 2 * uniform(seed, i, _OFFSET) - 1 if i else 0.0        # the first partial is the root itself
            ratio = 2.0 ** ((spread_cents * offset + drift_cents * state.drift[i]) / 1200 - octave)
            sounds = i < state.count and ratio * root_step < HIGHEST
            gain = loudness * state.octave_gain[octave] if sounds else 0.0
            if octave != state.octave[i] and state.left_end[i] + state.right_end[i] > 0:
                gain = 0.0                                                  # fall silent where it is, move next time
                ratio = state.ratio_end[i]
            else:
                state.octave[i] = octave
            aim(state, i, ratio, gain, width * (2 * uniform(seed, i, _PAN) - 1))


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
    """Add one tick of all partials to `left` and `right` (TICK,); root_step: phase units per sample."""
    per_sample = np.float32(1.0 / TICK)
    for i in range(max(state.count, state.fading)):
        step = np.int32(min(state.ratio[i] * root_step, HIGHEST))
        state.phase[i] = add_sine(state.phase[i], step, state.left[i], state.left_slope[i] * per_sample,
                                  state.right[i], state.right_slope[i] * per_sample, left, right)
        state.ratio[i] += state.ratio_slope[i]
        state.left[i] += state.left_slope[i]
        state.right[i] += state.right_slope[i]
    state.tick += 1
