"""Parameters on their way: they glide to the Board, and modulators move what sounds beside it. [audio]

    board --glide--> params --routes--> sounding

Nothing but control writes the Board. A route adds amount * source to one parameter: in plain units, or in octaves where
a knob's curve is exponential. A route to all layers runs in each of them a golden angle apart.
"""
import math

import numpy as np

from live.dsp.kernel import TICK, kernel
from live.dsp.lfo import GOLDEN, modulator
from live.params import MOVERS, SILENT_DB

ROUTES = 64             # at most, all layers counted
LFOS = 4
CLOSE = 1e-9            # relative distance at which a glide has arrived
TINY = 1e-300
SMOOTH = 0.05           # seconds in which a measured source is followed

ROUTE = np.dtype([('source', 'i8'), ('target', 'i8'), ('amount', 'f8'), ('voice', 'i8')], align=True)
MODULATION = np.dtype([
    ('route', ROUTE, (ROUTES,)), ('count', 'i8'),
    ('phase', 'f8', (LFOS,)), ('level', 'f8', (len(MOVERS),)),          # cycles; where each measured source stands
], align=True)


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
        elif arena.logarithmic[i] and target > 0 and value > 0:
            values[i] = value * (max(target, TINY) / value) ** arena.glide[i]
        else:
            values[i] = value + (target - value) * arena.glide[i]


@kernel
def modulate(arena):
    """Fill what sounds in this tick from where the parameters stand and what moves them."""
    values, sounding, state = arena.params.values, arena.sounding.values, arena.modulation
    for i in range(len(values)):
        sounding[i] = min(arena.high[i], max(arena.low[i], values[i]))
    move_sources(arena, state)
    p = arena.params.now
    for r in range(min(state.count, ROUTES)):
        route = state.route[r]
        source, target = route.source, route.target
        if arena.level[target] and values[target] <= SILENT_DB:
            continue                                    # what is silent stays silent
        level = lfo(arena.seed, state, p, source, route.voice) if source < LFOS else state.level[source]
        moved = sounding[target] * 2.0 ** (route.amount * level) if arena.logarithmic[target] \
            else sounding[target] + route.amount * level
        sounding[target] = min(arena.high[target], max(arena.low[target], moved))


@kernel
def move_sources(arena, state):
    """Run the modulators on by a tick, and follow what has been measured."""
    p, seconds = arena.params.now, TICK / arena.samplerate
    state.phase[0] += p.lfo1_rate * seconds
    state.phase[1] += p.lfo2_rate * seconds
    state.phase[2] += p.lfo3_rate * seconds
    state.phase[3] += p.lfo4_rate * seconds
    follow = min(1.0, seconds / SMOOTH)
    newest = arena.slices[(arena.slices_head[0] - 1) % len(arena.slices)].features
    for source in range(LFOS, len(state.level)):
        if source == LFOS:
            now = 1 + math.log10(max(newest.rms, 1e-3)) / 3         # -60..0 dB
        elif source == LFOS + 1:
            now = math.log2(max(newest.centroid, 40.0) / 40) / 8    # 40 Hz .. 10 kHz
        elif source == LFOS + 2:
            now = min(1.0, newest.flux)
        elif source == LFOS + 3:
            now = arena.gate.level
        else:
            now = arena.pulse.level
        state.level[source] += (min(1.0, max(0.0, now)) - state.level[source]) * follow


@kernel
def lfo(seed, state, p, source, voice):
    """Return where a modulator stands for a voice, -1..1."""
    phase = state.phase[source] + GOLDEN * voice
    if source == 0:
        return modulator(int(p.lfo1_wave), phase, p.lfo1_slew, seed, -41)
    if source == 1:
        return modulator(int(p.lfo2_wave), phase, p.lfo2_slew, seed, -42)
    if source == 2:
        return modulator(int(p.lfo3_wave), phase, p.lfo3_slew, seed, -43)
    return modulator(int(p.lfo4_wave), phase, p.lfo4_slew, seed, -44)
