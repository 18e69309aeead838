"""How a route follows its source: attack and release, a range that learns, a gate. [audio]

In, once a tick: a source on its way from 0 to 1, or from -1 to 1. Out: what the route's amount is multiplied by.

    source --attack, release--> value --place in the tracked range--> * gate, which opens and closes as slowly

Below the gate's level the value stands still: what is measured in silence means nothing, and the range learns nothing.
The tracked range is the least and the most the value was in the last seconds. Those are kept in PARTS parts, of which
the oldest is forgotten when a new one begins: no future is needed, and memory stays the same however long it reaches.
The range widens at once and narrows softly, in a part's time.
"""
import numpy as np

from live.dsp.clamp import clamp
from live.dsp.kernel import kernel

PARTS = 8
NARROWEST = 0.02        # of the source's whole way: a steady sound rests in the middle, its noise is not blown up
GATE_FADE_DB = 6.0      # below the gate's level

FOLLOWER = np.dtype([
    ('begun', 'i8'), ('open', 'f8'),                            # whether it runs; how far the gate is open
    ('known', 'i8'), ('value', 'f8'),                           # whether the source has been heard; where it stands
    ('low', 'f8'), ('high', 'f8'),                              # the tracked range, as soft as it narrows
    ('least', 'f8', (PARTS,)), ('most', 'f8', (PARTS,)), ('part', 'i8'), ('age', 'f8'),     # seconds of this part
], align=True)


@kernel
def reset_follower(state):
    """Forget the range; begin where the source will be."""
    state.begun = state.known = 0


@kernel
def follow(state, x, floor, track, gate_db, level_db, attack, release, seconds):
    """Take the source for the next `seconds` and return what the route makes of it.

    floor: -1 or 0, lowest x; track: seconds of the range, 0 is none; gate_db: -inf is none; level_db: of the sound;
    attack, release: seconds, two thirds of the way.
    """
    open_now = opening(level_db, gate_db)
    if not state.begun:
        state.begun, state.open = 1, open_now
    state.open = approached(state.open, open_now, attack, release, seconds)
    if level_db > gate_db:
        x = clamp(x, floor, 1.0)
        if not state.known:
            begin(state, x)
        state.value = approached(state.value, x, attack, release, seconds)
        if track > 0:
            widen(state, state.value, track / PARTS, seconds)
    if not state.known:
        return 0.0
    return state.open * (placed(state) if track > 0 else state.value)


@kernel
def begin(state, x):
    """Let the first value be where the source is, and all that is known of its range."""
    state.known, state.part, state.age = 1, 0, 0.0
    state.value = state.low = state.high = x
    for k in range(PARTS):
        state.least[k] = state.most[k] = x


@kernel
def widen(state, x, length, seconds):
    """Let the range take in x and forget what is PARTS * length seconds old."""
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
def placed(state):
    """Return where the value lies in its range, 0..1."""
    width = max(state.high - state.low, NARROWEST)
    return clamp((state.value - 0.5 * (state.low + state.high)) / width + 0.5, 0.0, 1.0)


@kernel
def opening(level_db, gate_db):
    """Return how far a gate is open, 0..1."""
    return clamp(1 + (level_db - gate_db) / GATE_FADE_DB, 0.0, 1.0)


@kernel
def approached(value, wanted, attack, release, seconds):
    """Return a value that has moved towards what is wanted for some seconds."""
    time = attack if wanted > value else release
    return value + (wanted - value) * (seconds / time) if seconds < time else wanted
