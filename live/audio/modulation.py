"""Parameters on their way: they glide to the Board, and modulators move what sounds beside it. [audio]

    board --glide--> params --routes--> sounding

Nothing but control writes the Board. A route adds amount * source to one parameter: in plain units, or in octaves where
a knob's curve is exponential. Routes to the same parameter add up, and come and go softly. A route to all layers runs
in each of them a golden angle apart. Modulators can be modulated: they hear of it one tick later.
"""
import math

import numpy as np

from live.dsp.kernel import TICK, kernel
from live.dsp.lfo import GOLDEN, modulator
from live.params import MOVERS, PARAMS, ROUTES, SILENT_DB

LFOS = 4
CLOSE = 1e-9            # relative distance at which a glide has arrived
SMOOTH = 0.05           # seconds in which a measured source is followed
SOFT = 0.005            # seconds in which routes move a parameter
_LEVELS = -41           # voice of the hash: the random levels of the first modulator

LFO = np.dtype([('rate', 'f8'), ('wave', 'f8'), ('slew', 'f8')])        # the parameters of one, as they lie in RECORD
ROUTE = np.dtype([('source', 'i8'), ('target', 'i8'), ('amount', 'f8'), ('voice', 'i8')], align=True)
MODULATION = np.dtype([
    ('route', ROUTE, (ROUTES,)), ('count', 'i8'),
    ('phase', 'f8', (LFOS,)), ('level', 'f8', (len(MOVERS),)),          # cycles; where each measured source stands
    ('wanted', 'f8', (len(PARAMS),)), ('shift', 'f8', (len(PARAMS),)),  # how far routes move parameters: soon, and now
], align=True)


@kernel
def glide_params(arena):
    """Move every parameter towards its target, pitches and times in log; a target that is not finite is refused."""
    values = arena.params.values
    for i in range(len(values)):
        target, value = min(arena.high[i], max(arena.low[i], arena.board[i])), values[i]
        if not math.isfinite(arena.board[i]):
            arena.stats.refused += 1
        elif abs(target - value) <= CLOSE * abs(target):
            values[i] = target
        elif arena.logarithmic[i]:
            values[i] = value * (target / value) ** arena.glide[i]
        else:
            values[i] = value + (target - value) * arena.glide[i]


@kernel
def modulate(arena):
    """Fill what sounds in this tick from where the parameters stand and what moves them."""
    values, sounding, state = arena.params.values, arena.sounding.values, arena.modulation
    move_sources(arena, state)
    aim_shifts(arena, state)
    follow = min(1.0, TICK / (SOFT * arena.samplerate))
    for i in range(len(values)):
        away = state.wanted[i] - state.shift[i]
        state.shift[i] = state.wanted[i] if abs(away) < CLOSE else state.shift[i] + away * follow
        moved = values[i]
        if state.shift[i] != 0:
            moved = moved * 2.0 ** state.shift[i] if arena.logarithmic[i] else moved + state.shift[i]
        sounding[i] = min(arena.high[i], max(arena.low[i], moved))


@kernel
def move_sources(arena, state):
    """Run the modulators on by a tick, and follow what has been measured."""
    seconds = TICK / arena.samplerate
    for source in range(LFOS):
        state.phase[source] += arena.sounding.lfos[source].rate * seconds
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
def aim_shifts(arena, state):
    """Sum up by how much the routes want to move each parameter; what is silent stays silent."""
    for i in range(len(state.wanted)):
        state.wanted[i] = 0.0
    for r in range(min(state.count, ROUTES)):
        route = state.route[r]
        source, target = route.source, route.target
        if arena.level[target] == 0 or arena.params.values[target] > SILENT_DB:
            level = lfo(arena, state, source, route.voice) if source < LFOS else state.level[source]
            state.wanted[target] += route.amount * level


@kernel
def lfo(arena, state, source, voice):
    """Return where a modulator stands for a voice, -1..1."""
    q = arena.sounding.lfos[source]
    return modulator(int(q.wave + 0.5), state.phase[source] + GOLDEN * voice, q.slew, arena.seed, _LEVELS - source)


@kernel
def sounding_root(p):
    """Return Hz of the note, bend included."""
    return p.drone_root * 2.0 ** (p.drone_bend_cents / 1200)
