"""Parameters on their way: they glide to their targets, and modulators move what sounds beside them. [audio]

    targets --glide--> params --routes--> sounding

Nothing but control writes the Board. A route adds amount * source to one parameter: in plain units, or in octaves where
a knob's curve is exponential. Sources are counted as live.routes lists them; each route follows its own in its own way
(live.dsp.follower). Routes to the same parameter add up, and come and go softly. A route to all layers runs in each of
them a golden angle apart. Modulators can be modulated: they hear of it one tick later.
"""
import math

import numpy as np

from live.dsp.beat import beating
from live.dsp.follower import FOLLOWER, follow
from live.dsp.kernel import TICK, kernel
from live.dsp.lfo import GOLDEN, modulator
from live.params import ROOM, SILENT_DB
from live.routes import CLASSES, DEGREES, LFOS, ROUTES, Row

(LEVEL, CENTROID, FLUX, GATE, PULSE, BANDWIDTH, ROLLOFF, FLATNESS, ONSET, NOVELTY, LOUDNESS, LOUDNESS_SHORT, PITCH,
 DRIFT, BEAT, BEAT_RATE, CHROMA) = range(LFOS, LFOS + 17)
CLASS = CHROMA + DEGREES
CLOSE = 1e-9            # relative distance at which a glide has arrived
SOFT = 0.005            # seconds in which routes move a parameter
SURE = 0.8              # confidence from which a pitch counts
FAINTEST = 1e-12        # of what is counted in octaves
_LEVELS = -41           # voice of the hash: the random levels of the first modulator

LFO = np.dtype([('rate', 'f8'), ('wave', 'f8'), ('slew', 'f8')])        # the parameters of one, as they lie in RECORD
ROUTE = np.dtype([(name, 'i8' if kind is int else 'f8') for name, kind in Row.__annotations__.items()], align=True)
MODULATION = np.dtype([
    ('route', ROUTE, (ROUTES,)), ('count', 'i8'), ('follower', FOLLOWER, (ROUTES,)),    # those in force
    ('phase', 'f8', (LFOS,)), ('pitch', 'f8'),                          # cycles; Hz of the live input's last tone
    ('classes', 'f8', (CLASSES,)),                                      # how sure each is, written from outside
    ('wanted', 'f8', (ROOM,)), ('shift', 'f8', (ROOM,)),  # how far routes move parameters: soon, and now
], align=True)


@kernel
def glide_params(arena):
    """Move every parameter towards its target, pitches and times in log."""
    values = arena.params.values
    for i in range(len(values)):
        target, value = arena.targets[i], values[i]
        if abs(target - value) <= CLOSE * abs(target):
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
    """Run the modulators on by a tick; remember the last pitch."""
    for source in range(LFOS):
        state.phase[source] += arena.sounding.lfos[source].rate * (TICK / arena.samplerate)
    if arena.analysis.pitch.confidence >= SURE:
        state.pitch = arena.analysis.pitch.frequency


@kernel
def aim_shifts(arena, state):
    """Sum up by how much the routes want to move each parameter; what is silent stays silent."""
    seconds = TICK / arena.samplerate
    newest = arena.slices[(arena.slices_head[0] - 1) % len(arena.slices)]
    level_db = decibels(newest.features.rms)
    for i in range(len(state.wanted)):
        state.wanted[i] = 0.0
    for r in range(min(state.count, ROUTES)):
        route = state.route[r]
        if route.source < LFOS:
            x = lfo(arena, state, route.source, route.voice)
        else:
            x = measured(arena, state, newest, route.source)
        if route.octaves:
            x = math.log2(max(x, FAINTEST))
        level = follow(state.follower[r], (x - route.zero) * route.scale, route.floor, route.track, route.gate_db,
                       level_db, route.attack, route.release, seconds)
        if arena.level[route.target] == 0 or arena.params.values[route.target] > SILENT_DB:
            state.wanted[route.target] += route.amount * level


@kernel
def measured(arena, state, newest, source):
    """Return where a source stands that is not a modulator, in its own unit; newest: slice."""
    f, beat = newest.features, arena.analysis.beat
    if source == LEVEL:
        return decibels(f.rms)
    if source == CENTROID:
        return f.centroid
    if source == FLUX:
        return f.flux
    if source == GATE:
        return arena.gate.level
    if source == PULSE:
        return arena.pulse.level
    if source == BANDWIDTH:
        return f.bandwidth
    if source == ROLLOFF:
        return f.rolloff
    if source == FLATNESS:
        return f.flatness
    if source == ONSET:
        return f.onset
    if source == NOVELTY:
        return f.novelty
    if source == LOUDNESS:
        return arena.analysis.loudness.momentary
    if source == LOUDNESS_SHORT:
        return arena.analysis.loudness.short_term
    if source == PITCH:
        return state.pitch
    if source == DRIFT:
        return np.float64(newest.drift_cents[0])
    if source == BEAT:
        return beating(beat, (arena.ticks * TICK - newest.end) / arena.samplerate)
    if source == BEAT_RATE:
        return abs(beat.rate)
    if source >= CLASS:
        return state.classes[min(source - CLASS, CLASSES - 1)]
    return f.chroma[source - CHROMA]


@kernel
def decibels(level):
    """Return dB of an amplitude; silence is -120."""
    return 20 * math.log10(max(level, 1e-6))


@kernel
def lfo(arena, state, source, voice):
    """Return where a modulator stands for a voice, -1..1."""
    q = arena.sounding.lfos[source]
    return modulator(int(q.wave + 0.5), state.phase[source] + GOLDEN * voice, q.slew, arena.seed, _LEVELS - source)


@kernel
def sounding_root(p):
    """Return Hz of the note, bend included."""
    return p.drone_root * 2.0 ** (p.drone_bend_cents / 1200)
