"""The syncopated pulses: now and then a step sounds, at a random place inside the note. [audio]

A pattern of steps at a steady or swinging rate; each step is drawn from chance, as {0, 0, 1} is chance 1/3, or from a
Euclidean pattern and then from chance. A step that sounds
starts a sine somewhere within the spread around the root, with soft edges. The same steps open the gate that cuts into
the cluster. Steps are timed to the sample, whatever the tick; within a tick, levels move in straight lines.
"""
import math

import numpy as np

from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE, add_sine
from live.dsp.random import uniform

VOICES = 32
PEAK = 0.35             # of one pulse at 0 dB
SILENCE = 1e-5          # envelope below which a voice is free again
RANDOM, EUCLID = 0, 1   # patterns
FLOOR = 0.25            # to which a breathing gate ebbs
QUARTER = -2 ** 30      # phase at which the cosine is zero and rises

PULSE = np.dtype([
    ('phase', 'i4', (VOICES,)),
    ('start', 'f8', (VOICES,)),                         # sample index, may lie between samples
    ('attack', 'f8', (VOICES,)), ('release', 'f8', (VOICES,)),      # samples
    ('ratio', 'f8', (VOICES,)), ('place', 'f8', (VOICES,)),         # to the root; -1 left .. 1 right
    ('alive', 'i8', (VOICES,)),
    ('next_step', 'f8'), ('steps', 'i8'),               # sample index of the next step; steps so far
    ('begun', 'f8'), ('cents', 'f8'), ('newest', 'i8'),  # pulses so far; place and voice of the newest
    ('level', 'f8'),                                    # envelope of the newest, 0..1
    ('open', 'f8'), ('gate', 'f8'), ('gate_slope', 'f8'),   # the pattern now; its soft form, 0..1; per tick
], align=True)


@kernel
def reset_pulse(state):
    """Forget all pulses; the first step comes at once."""
    for v in range(VOICES):
        state.alive[v] = 0
    state.next_step = 0.0
    state.steps = state.newest = 0
    state.begun = state.cents = state.level = state.open = state.gate = state.gate_slope = 0.0


@kernel
def envelope(age, attack, release):
    """Return 0..1 at `age` samples: a smooth rise, then an exponential fall by 60 dB in `release` samples."""
    if age <= 0:
        return 0.0
    if age < attack:
        x = age / attack
        return x * x * (3 - 2 * x)
    return 10.0 ** (-3 * (age - attack) / release)


@kernel
def step_pattern(state, now, samplerate, seed, step, chance, spread_cents, attack, release, pattern, hits, steps,
                 rotation, swing, breathe):
    """Begin the pulses whose steps lie in the tick that starts at sample `now`; times in seconds.

    pattern: RANDOM or EUCLID; hits, steps, rotation: of the Euclidean pattern; swing: part of a step by which every
    other one comes late; breathe: 1 = the gate only swells and ebbs.
    """
    state.next_step = min(state.next_step, now + TICK + step * samplerate * (1 + swing))    # steps were longer before
    while state.next_step < now + TICK:
        hit = pattern == RANDOM or is_hit(state.steps + rotation, hits, steps)
        state.open = 1.0 if hit and uniform(seed, state.steps, -4) < chance else 0.0
        if state.open:
            place = 2 * uniform(seed, state.steps, -5) - 1
            begin_pulse(state, place, spread_cents, attack * samplerate, min(release, 12 * step) * samplerate)
        late = 1 + swing if state.steps % 2 == 0 else 1 - swing
        state.next_step += max(1.0, step * samplerate * late)
        state.steps += 1
    rise = TICK / (samplerate * max(attack, 0.005))
    fall = TICK / (samplerate * max(0.5 * step, 0.02))
    wanted = state.open
    if breathe > 0:
        rise = fall = TICK / (samplerate * max(1.5 * step, 0.5))
        wanted = FLOOR + (1 - FLOOR) * state.open
    state.gate_slope = min(rise, max(-fall, wanted - state.gate))


@kernel
def is_hit(step, hits, steps):
    """Return whether a step of a Euclidean pattern sounds: hits as evenly as can be (Toussaint 2005)."""
    steps = max(steps, 1)
    return (step % steps) * hits % steps < min(hits, steps)


@kernel
def begin_pulse(state, place, spread_cents, attack, release):
    """Start a pulse at the next step, on a voice that is free; times in samples."""
    for v in range(VOICES):
        if not state.alive[v]:
            state.alive[v] = 1
            state.phase[v] = QUARTER
            state.start[v] = state.next_step
            state.attack[v] = attack
            state.release[v] = release
            state.place[v] = place
            state.ratio[v] = 2.0 ** (spread_cents * place / 1200)
            state.newest = v
            state.begun += 1
            state.cents = spread_cents * place
            return


@kernel
def render_pulse(state, now, root_step, gain, gain_slope, left, right):
    """Add one tick of all pulses to `left` and `right` (TICK,); gain moves by gain_slope in the tick.

    Unheard pulses live and die like others: `level` and `begun` are what pictures and routes follow.
    """
    state.level = 0.0
    for v in range(VOICES):
        if state.alive[v]:
            age = now - state.start[v]
            start = envelope(age, state.attack[v], state.release[v])
            end = envelope(age + TICK, state.attack[v], state.release[v])
            state.alive[v] = age + TICK < state.attack[v] or end > SILENCE
            if v == state.newest:
                state.level = end
            if gain > 0 or gain + gain_slope > 0:
                add_pulse(state, v, start * gain, end * (gain + gain_slope), root_step, left, right)


@kernel
def add_pulse(state, v, start, end, root_step, left, right):
    """Add one tick of voice v whose level goes from `start` to `end`."""
    pan = 0.7 * state.place[v]
    low, high = PEAK * math.sqrt((1 - pan) / 2), PEAK * math.sqrt((1 + pan) / 2)
    slope = (end - start) / TICK
    step = np.int32(min(state.ratio[v] * root_step, 0.45 * CYCLE))
    state.phase[v] = add_sine(state.phase[v], step, np.float32(start * low), np.float32(slope * low),
                              np.float32(start * high), np.float32(slope * high), left, right)
