"""How a route follows its source: within a range that learns, gated by level, with attack and release. [audio]

In, once a tick: a source on its way from 0 to 1, or from -1 to 1. Out: what the route's amount is multiplied by.

The tracked range is the least and the most of the last seconds. Those are kept in PARTS parts, of which the oldest is
forgotten when a new one begins: no future is needed, and memory stays the same however long it reaches. The range
widens at once and narrows softly, in a part's time.
"""
import numpy as np

from live.dsp.clamp import clamp
from live.dsp.kernel import kernel

PARTS = 8
NARROWEST = 0.02        # of the source's whole way: a steady sound rests in the middle, its noise is not blown up
GATE_FADE_DB = 6.0      # below the gate's level
SILENCE_DB = -100.0     # what is fainter tells nothing of ranges

FOLLOWER = np.dtype([
    ('value', 'f8'), ('begun', 'i8'),                           # what comes out; whether it has
    ('ranged', 'i8'), ('low', 'f8'), ('high', 'f8'),            # whether there is a range, and the range
    ('least', 'f8', (PARTS,)), ('most', 'f8', (PARTS,)), ('part', 'i8'), ('age', 'f8'),     # seconds of this part
], align=True)


@kernel
def reset_follower(state):
    """Forget the range; begin where the source will be."""
    state.begun = state.ranged = 0


@kernel
def follow(state, x, floor, track, gate_db, level_db, attack, release, seconds):
    """Take the source for the next `seconds` and return what the route makes of it.

    floor: -1 or 0, lowest x; track: seconds of the range, 0 is none; gate_db: -inf is none; level_db: of the sound;
    attack, release: seconds, two thirds of the way.
    """
    x = clamp(x, floor, 1.0)
    if track > 0:
        if level_db > max(gate_db, SILENCE_DB):
            widen(state, x, track / PARTS, seconds)
        x = placed(state, x)
    approach(state, x * opening(level_db, gate_db), attack, release, seconds)
    return state.value


@kernel
def widen(state, x, length, seconds):
    """Let the range take in x and forget what is PARTS * length seconds old."""
    if not state.ranged:
        state.ranged, state.part, state.age = 1, 0, 0.0
        state.low = state.high = x
        for k in range(PARTS):
            state.least[k] = state.most[k] = x
    state.age += seconds
    if state.age > length:
        state.part, state.age = (state.part + 1) % PARTS, 0.0
        state.least[state.part] = state.most[state.part] = x
    state.least[state.part] = min(state.least[state.part], x)
    state.most[state.part] = max(state.most[state.part], x)
    least, most = x, x
    for k in range(PARTS):
        least, most = min(least, state.least[k]), max(most, state.most[k])
    ease = min(1.0, seconds / length)
    state.low = min(least, state.low + (least - state.low) * ease)
    state.high = max(most, state.high + (most - state.high) * ease)


@kernel
def placed(state, x):
    """Return where x lies in the range, 0..1; 0 before there is one."""
    width = max(state.high - state.low, NARROWEST)
    return clamp((x - 0.5 * (state.low + state.high)) / width + 0.5, 0.0, 1.0) if state.ranged else 0.0


@kernel
def opening(level_db, gate_db):
    """Return how far a gate is open, 0..1."""
    return clamp(1 + (level_db - gate_db) / GATE_FADE_DB, 0.0, 1.0)


@kernel
def approach(state, wanted, attack, release, seconds):
    """Move the value towards what is wanted; the first is reached at once."""
    away = wanted - state.value
    time = attack if away > 0 else release
    if state.begun and seconds < time:
        state.value += away * (seconds / time)
    else:
        state.value, state.begun = wanted, 1
