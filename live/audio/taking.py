"""What control has put is taken at the start of a tick, and told: values, events, scales, routes, spectra, pictures.

[audio] Nothing else in the sound reads what control writes. So whoever has what was taken, and at which tick, has the
performance: the same things taken at the same ticks give the same sound to the bit. They are told as TAKEN, in a ring;
scales, routes and spectra lie in rings of their own by the numbers that are told, pictures in that of Arena.
"""
import math

import numpy as np

from live.audio.modulation import ROUTE
from live.dsp.chroma import set_chroma_scale
from live.dsp.clamp import is_finite
from live.dsp.degrees import set_degrees
from live.dsp.follower import reset_follower
from live.dsp.freeze import MOST, put_frozen
from live.dsp.kernel import TICK, kernel
from live.routes import CLASSES, ROUTES
from live.signals import CLASSED, DEGREES, GATE, HELD, MOVED, PANIC, ROUTED, SEED, SHOWN, TUNED
from live.wires import load_acquire, store_release

RETUNE = 0.05           # seconds in which a new scale is reached when the tuning asks for no glide

TUNING = np.dtype([('cents', 'f8', (DEGREES,)), ('count', 'i8'), ('period', 'f8'), ('glide', 'f8')], align=True)
ROUTING = np.dtype([('route', ROUTE, (ROUTES,)), ('count', 'i8')], align=True)
SPECTRUM = np.dtype([('layer', 'i8'), ('count', 'i8'), ('hertz', 'f8', (MOST,)), ('level', 'f8', (MOST,))], align=True)


@kernel
def take_control(arena):
    """Take everything that is new."""
    take_board(arena)
    take_classes(arena)
    take_events(arena)
    take_spectra(arena)
    if take_tuning(arena):
        tell(arena, TUNED, 0, np.float64(arena.tunings_taken - 1))
    if take_routes(arena):
        tell(arena, ROUTED, 0, np.float64(arena.routings_taken - 1))


@kernel
def tell(arena, kind, place, value):
    """Write down what this tick has taken."""
    head = load_acquire(arena.taken_head, 0)
    item = arena.taken[head % len(arena.taken)]
    item.tick, item.kind, item.place, item.value = arena.ticks, kind, place, value
    store_release(arena.taken_head, 0, head + 1)


@kernel
def take_board(arena):
    """Take the values of the Board that have changed; one that is not finite is refused."""
    for i in range(len(arena.targets)):
        asked = arena.board[i]
        if not is_finite(asked):
            arena.stats.refused += 1
        else:
            target = min(arena.high[i], max(arena.low[i], asked))
            if target != arena.targets[i]:
                arena.targets[i] = target
                tell(arena, MOVED, i, target)


@kernel
def take_classes(arena):
    """Take how sure each class is, where that has changed."""
    shares = arena.modulation.classes
    for i in range(CLASSES):
        share = min(1.0, max(0.0, arena.classes[i]))
        if is_finite(share) and share != shares[i]:
            shares[i] = share
            tell(arena, CLASSED, i, share)


@kernel
def take_spectra(arena):
    """Hand the spectra that wait to their layers, which let them fade in when they can."""
    head = load_acquire(arena.spectra_head, 0)
    for number in range(max(arena.spectra_taken, head - len(arena.spectra)), head):
        spectrum = arena.spectra[number % len(arena.spectra)]
        hand_over(spectrum, arena.layers)
        tell(arena, HELD, spectrum.layer, np.float64(number))
    arena.spectra_taken = head


@kernel
def hand_over(spectrum, layers):
    """Hand a spectrum to its layer."""
    count = min(len(spectrum.hertz), max(0, spectrum.count))
    put_frozen(layers[spectrum.layer % len(layers)].freeze, spectrum.hertz[:count], spectrum.level[:count])


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
        tell(arena, event.kind, 0, event.value)
    arena.events_tail = head


@kernel
def take_tuning(arena):
    """Take the newest scale; return whether it is new."""
    head = load_acquire(arena.tunings_head, 0)
    if head == arena.tunings_taken:
        return False
    arena.tunings_taken = head
    newest = arena.tunings[(head - 1) % len(arena.tunings)]
    wear_tuning(newest, arena.degrees_wanted, arena.analysis.chroma)
    arena.degrees_pace = find_pace(newest.glide, arena.samplerate)
    return True


@kernel
def wear_tuning(tuning, degrees, chroma):
    """Put a scale in force: for what sounds, and for what is analyzed."""
    set_degrees(degrees, tuning.cents, tuning.count, tuning.period)
    set_chroma_scale(chroma, tuning.cents, tuning.count, tuning.period)


@kernel
def find_pace(glide, samplerate):
    """Return the share of its way that a degree goes in a tick, to be there after `glide` seconds."""
    return 1 - math.exp(-3 * TICK / samplerate / max(glide, RETUNE))


@kernel
def take_routes(arena):
    """Take the newest routes; return whether they are new."""
    head = load_acquire(arena.routings_head, 0)
    if head == arena.routings_taken:
        return False
    arena.routings_taken = head
    wear_routes(arena.routings[(head - 1) % len(arena.routings)], arena.modulation)
    return True


@kernel
def wear_routes(routing, state):
    """Put routes in force, which learn anew."""
    state.count = routing.count
    for r in range(ROUTES):
        state.route[r] = routing.route[r]
        reset_follower(state.follower[r])


@kernel
def tell_pictures(arena):
    """Tell the pictures that have begun to fade in in this tick, or are there at once in a layer that is silent."""
    for number in range(len(arena.layers)):
        table = arena.layers[number].table
        if table.seen != table.told:
            table.told = table.seen
            coming = table.now if table.seen == table.done[0] else 1 - table.now
            tell(arena, SHOWN, number, np.float64(table.picture[coming].number))
