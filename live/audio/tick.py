"""One tick of the instrument: parameters glide, events are taken, all sources sound. [audio] The recipe of the sound.

This is the one place that sees the parameter record; everything below it gets scalars and buffers.
"""
import math

import numpy as np

from live.dsp.cluster import RANDOM, UNIFORM, render_cluster, retune_cluster, set_count
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE
from live.dsp.pulse import render_pulse, step_pattern
from live.params import SILENT_DB
from live.signals import GATE, PANIC, SEED
from live.wires import load_acquire

PANIC_TIME = 0.04       # seconds from panic to silence
CLOSE = 1e-9            # relative distance at which a glide has arrived
TINY = 1e-300


@kernel
def render_tick(arena):
    """Fill arena.left and arena.right (TICK,) and move every gain on by one tick."""
    take_events(arena)
    glide_params(arena)
    p = arena.params.now
    now = arena.ticks * TICK
    root_step = p.drone_root * 2.0 ** (p.drone_bend_cents / 1200) / arena.samplerate * CYCLE
    step_pattern(arena.pulse, now, arena.samplerate, arena.seed, p.pulse_step, p.pulse_chance, p.pulse_spread_cents,
                 p.pulse_attack, p.pulse_release)
    set_count(arena.cluster, int(p.drone_partials + 0.5))
    retune_cluster(arena.cluster, root_step, arena.samplerate, arena.seed, p.drone_spread_cents,
                   int(p.drone_octaves + 0.5), p.drone_tilt_db, p.drone_width, p.drone_drift_cents,
                   p.drone_drift_half_life, UNIFORM, RANDOM, 0.0, arena.degrees)
    move_gate(arena.gate, TICK / arena.samplerate, p.drone_attack, p.drone_release)
    move_gains(arena, p)
    for k in range(TICK):
        arena.left[k] = arena.right[k] = 0
    render_cluster(arena.cluster, root_step, arena.left, arena.right)
    ramp(arena.gain[0], arena.gain_end[0], arena.left, arena.right)
    render_pulse(arena.pulse, now, root_step, arena.gain[1], arena.gain_end[1] - arena.gain[1], arena.left, arena.right)
    arena.ticks += 1


@kernel
def take_events(arena):
    """Act on the events that wait, at most as many as the ring holds."""
    head = load_acquire(arena.events_head, 0)
    size = len(arena.events)
    for place in range(max(arena.events_tail, head - size), head):
        event = arena.events[place % size]
        if event.kind == GATE:
            arena.gate.panic = 0.0
            arena.gate.open = 1.0 if event.value > 0 else 0.0
            if event.value > 0:
                arena.gate.velocity = min(1.0, event.value)
        elif event.kind == PANIC:
            arena.gate.panic = 1.0
        elif event.kind == SEED:
            arena.seed = int(event.value)
    arena.events_tail = head


@kernel
def glide_params(arena):
    """Move every parameter towards its target, pitches and times in log; a target that is not finite is refused."""
    values = arena.params.values
    for i in range(len(values)):
        target, value = arena.board[i], values[i]
        if not math.isfinite(target):
            arena.stats.refused += 1
        elif abs(target - value) <= CLOSE * abs(target):
            values[i] = target
        elif arena.logarithmic[i]:
            values[i] = value * (max(target, TINY) / value) ** arena.glide[i]
        else:
            values[i] = value + (target - value) * arena.glide[i]


@kernel
def move_gate(gate, seconds, attack, release):
    """Open or close the gate a little further; after a panic, mute everything at once."""
    gate.place = min(1.0, gate.place + seconds / attack) if gate.open else max(0.0, gate.place - seconds / release)
    wanted = gate.velocity * gate.place * gate.place * (3 - 2 * gate.place)
    gate.level += (wanted - gate.level) * min(1.0, 100 * seconds)
    slope = seconds / PANIC_TIME
    gate.mute = max(0.0, gate.mute - slope) if gate.panic else min(1.0, gate.mute + slope)


@kernel
def move_gains(arena, p):
    """Set the gains at the end of this tick; those at its start are where the last one ended."""
    for k in range(len(arena.gain)):        # a slice assignment would allocate a copy
        arena.gain[k] = arena.gain_end[k]
    heard = arena.gate.level * arena.gate.mute
    gated = 1 - p.drone_gate * (1 - arena.pulse.gate)
    arena.pulse.gate += arena.pulse.gate_slope
    arena.gain_end[0] = gain(p.drone_level_db) * heard * gated
    arena.gain_end[1] = gain(p.pulse_level_db) * heard
    arena.gain_end[2] = gain(p.input_level_db) * arena.gate.mute
    arena.gain_end[3] = gain(p.stage_gain_db)
    arena.listen[0] = arena.listen[1]
    arena.listen[1] = p.input_analysis if arena.inputs else 0.0


@kernel
def gain(level_db):
    """Return the factor of a level in dB; the bottom of the range is silence."""
    return 10.0 ** (level_db / 20) if level_db > SILENT_DB + 0.01 else 0.0


@kernel
def ramp(start, end, left, right):
    """Multiply a tick by a straight line from `start` to `end`."""
    slope = np.float32((end - start) / TICK)
    for k in range(TICK):
        factor = np.float32(start) + np.float32(k) * slope
        left[k] *= factor
        right[k] *= factor
