"""One layer: its source, what is done to it, and where it goes. [audio]

    source -> cross-modulation -> filter -> saturation -> chorus -> level, gate, pan -> mix, reverb, delay

A layer that is silent at both ends of a tick costs nothing. A change of source fades out, changes and fades in; waves
that are added up of sines are sources of their own.
"""
from functools import lru_cache

import numpy as np

from live.dsp.blep import BLEP, render_blep, reset_blep
from live.dsp.capture import FRAME
from live.dsp.chorus import CHORUS, clear_chorus, process_chorus, reset_chorus
from live.dsp.cluster import CLUSTER, render_cluster, reset_cluster, retune_cluster, set_count
from live.dsp.cross import CROSS, process_cross, reset_cross
from live.dsp.drift import COMMON, decay_and_kick
from live.dsp.filter import FILTER, clear_filter, process_filter, reset_filter
from live.dsp.freeze import FREEZE, ask_freeze, hear_freeze, render_freeze, reset_freeze, work_on
from live.dsp.harmonic import HARMONIC, MOST, render_harmonic, reset_harmonic
from live.dsp.kernel import TICK, kernel
from live.dsp.noise import NOISE, render_noise, reset_noise
from live.dsp.oscillators import CYCLE
from live.dsp.pair import PAIR, render_ghost, render_pair, reset_pair
from live.dsp.ramps import add_ramp, count_bad, multiply_ramp, silence
from live.dsp.random import gaussian
from live.dsp.resonator import RESONATOR, SCALE, render_resonator, reset_resonator
from live.dsp.saturation import SATURATION, clear_saturation, process_saturation, reset_saturation
from live.dsp.swarm import render_swarm
from live.dsp.table import TABLE, change, put_picture, render_table, reset_table
from live.params import LAYER_PARAMS, LAYERS, SILENT_DB, SOURCES, find_number

(CLUSTERED, SWARMED, ADDED, SAW, PULSE, TRIANGLE, NOISY, RESONATING, PAIRED, GHOST, CUBIC_GHOST, INPUT, FROZEN,
 PICTURED) = range(len(SOURCES))
EXACT = len(SOURCES)    # the first of the exact waves: saw, pulse, triangle
INTERVAL, STRIDE = find_number('drone.interval_cents'), len(LAYER_PARAMS)     # of the first layer; from one to the next
FADE = 0.02             # seconds in which a source fades out before it changes
WAKE = 0.004            # seconds in which the source of a layer that was silent comes in, ahead of filter and chorus
BLEND = 0.3             # seconds in which what is frozen anew and new pictures fade in
SNAP = 0.2              # seconds in which frozen partials reach another degree
FORMANT = 1.0           # octaves, width of the formant
SWAY, REACH = 0.6, 0.5  # Hz and depth of the chorus
NOBODY = -1             # layer that owns the swarm

LAYER = np.dtype([
    ('cluster', CLUSTER), ('harmonic', HARMONIC), ('blep', BLEP), ('noise', NOISE), ('resonator', RESONATOR),
    ('pair', PAIR), ('freeze', FREEZE), ('table', TABLE),
    ('cross', CROSS), ('filter', FILTER), ('saturation', SATURATION), ('chorus', CHORUS),
    ('source', 'i8'), ('fade', 'f8'), ('captured', 'i8'),       # source that sounds; how far it is faded in
    ('awake', 'f8'),                                            # how far the source has come in after a silence
    ('wander', 'f8'), ('hertz', 'f8'),                          # drift of the whole, deviations; centre as it sounds
    ('gains', 'f8', (4,)), ('gains_end', 'f8', (4,)),           # left, right, reverb, delay at both ends of the tick
    ('left', 'f4', (TICK,)), ('right', 'f4', (TICK,)),
], align=True)


def reset_layer(layer: np.void, number: int, samplerate: float, seed: int) -> None:
    """Begin from silence; every layer has its own random numbers, and a picture to begin with."""
    seed = layer_seed(seed, number)
    reset_cluster(layer['cluster'], seed)
    reset_harmonic(layer['harmonic'])
    reset_blep(layer['blep'], seed)
    reset_noise(layer['noise'])
    reset_resonator(layer['resonator'])
    reset_pair(layer['pair'])
    reset_freeze(layer['freeze'], seed)
    reset_table(layer['table'], seed)
    reset_cross(layer['cross'])
    reset_filter(layer['filter'], samplerate)
    reset_saturation(layer['saturation'])
    reset_chorus(layer['chorus'], samplerate)
    for field in ('fade', 'captured', 'awake', 'wander', 'hertz', 'gains', 'gains_end', 'left', 'right'):
        layer[field] = 0
    layer['source'] = NOBODY
    put_picture(layer['table'], drawing(seed))


@lru_cache(len(LAYERS))
def drawing(seed: int) -> np.ndarray:
    """Return a picture of hills, (128, 256) of 0..1, row 0 on top: what sounds until there is one from elsewhere."""
    random = np.random.default_rng(seed)
    rows, columns = np.arange(128)[:, None], np.linspace(0, 2 * np.pi, 256)
    picture = np.zeros((128, 256))
    for height in (100, 78, 56, 30):
        waves = sum(random.uniform(2, 9) / k * np.sin(k * columns + random.uniform(0, 6.3)) for k in (1, 2, 3, 5))
        picture += np.exp(-((rows - height - waves) / 1.2) ** 2) * random.uniform(0.5, 1)
    return picture.clip(0, 1)


@kernel
def layer_seed(seed, number):
    """Return the seed of a layer's random numbers."""
    return seed + 1000003 * number


@kernel
def render_layers(arena, root):
    """Add all layers to the mix and to what is sent; root: Hz, bend included."""
    for number in range(len(LAYERS)):
        layer, q = arena.layers[number], arena.sounding.layers[number]
        change_source(arena, layer, q, number)
        hear_input(arena, layer, q)
        aim_gains(arena, layer, q)
        if sounds(layer):
            silence(layer.left)
            silence(layer.right)
            if layer.awake == 0:
                begin_in_place(arena, number, q)
            layer.hertz = root * 2.0 ** ((q.interval_cents + drift(arena, layer, q, number)) / 1200)
            render_source(arena, layer, q, number, root, layer.hertz)
            arena.stats.nan += count_bad(layer.left) + count_bad(layer.right)
            wake(layer, TICK / (WAKE * arena.samplerate))
            process(arena.layers[number ^ 1], layer, q, root, arena.samplerate)
            mix(arena, layer)
        else:
            rest(arena, layer, q, number)


@kernel
def wanted_source(q):
    """Return the source that a layer is to have."""
    source = int(q.source + 0.5)
    return EXACT + source - SAW if SAW <= source <= TRIANGLE and q.exact > 0.5 else source


@kernel
def change_source(arena, layer, q, number):
    """Fade towards the source that is wanted."""
    wanted, step = wanted_source(q), TICK / (FADE * arena.samplerate)
    if layer.source == wanted:
        layer.fade = min(1.0, layer.fade + step)
    elif layer.fade > 0:
        layer.fade = max(0.0, layer.fade - step)
    else:
        layer.source = wanted
        if arena.swarm_owner == number:
            arena.swarm_owner = NOBODY
    if layer.source == SWARMED and arena.swarm_owner == NOBODY and level_gain(q.level_db) > 0:
        take_swarm(arena, layer, number)


@kernel
def take_swarm(arena, layer, number):
    """Let a layer have the only swarm; it may have waited in silence with its gains up, so it fades in anew."""
    arena.swarm_owner = number
    layer.fade = 0.0
    for k in range(2):
        layer.gains_end[k] = 0.0


@kernel
def level_gain(level_db):
    """Return the factor of a level in dB; the bottom of the range is silence."""
    return 10.0 ** (level_db / 20) if level_db > SILENT_DB + 0.01 else 0.0


@kernel
def aim_gains(arena, layer, q):
    """Set the gains at the end of this tick; those at its start are where the last one ended."""
    for k in range(4):
        layer.gains[k] = layer.gains_end[k]
    gated = 1 - q.gate * (1 - arena.pulse.gate)
    heard = level_gain(q.level_db) * arena.gate.level * layer.fade * gated
    layer.gains_end[0] = heard * min(1.0, 1 - q.pan)
    layer.gains_end[1] = heard * min(1.0, 1 + q.pan)
    layer.gains_end[2] = q.reverb
    layer.gains_end[3] = q.delay


@kernel
def sounds(layer):
    return layer.gains[0] + layer.gains[1] + layer.gains_end[0] + layer.gains_end[1] > 0


@kernel
def drift(arena, layer, q, number):
    """Return by how many cents the whole layer has wandered; 0 where every voice wanders on its own."""
    decay, kick = decay_and_kick(q.drift_half_life, arena.samplerate, 1)
    layer.wander = layer.wander * decay + kick * gaussian(layer_seed(arena.seed, number), COMMON - 1, arena.ticks)
    alone = layer.source <= SWARMED or layer.source == FROZEN or SAW <= layer.source <= TRIANGLE
    return 0.0 if alone else q.drift_cents * layer.wander


@kernel
def rest(arena, layer, q, number):
    """Be silent for the partner; go on freezing and changing pictures. One at the bottom gives the swarm away."""
    silence(layer.left)
    silence(layer.right)
    layer.awake = 0.0
    if layer.source == FROZEN:
        work_on(layer.freeze, arena.samplerate, frozen_shift(arena, q))
        layer.freeze.fade = 1.0         # nobody hears what was
    elif layer.source == PICTURED:
        change(layer.table, 1.0)
    if arena.swarm_owner == number and level_gain(q.level_db) == 0:
        arena.swarm_owner = NOBODY


@kernel
def begin_in_place(arena, number, q):
    """Go to the interval that is wanted at once: nobody has heard where the layer was."""
    place, now = INTERVAL + number * STRIDE, arena.params.layers[number]
    away = arena.targets[place] - now.interval_cents
    now.interval_cents += away
    q.interval_cents += away


@kernel
def wake(layer, step):
    """Let the source of a layer that was silent come in softly, on processors that have forgotten what was."""
    if layer.awake == 0:
        reset_cross(layer.cross)
        clear_filter(layer.filter)
        clear_saturation(layer.saturation)
        clear_chorus(layer.chorus)
    if layer.awake < 1:
        before, layer.awake = layer.awake, min(1.0, layer.awake + step)
        multiply_ramp(before, layer.awake, layer.left)
        multiply_ramp(before, layer.awake, layer.right)


@kernel
def render_source(arena, layer, q, number, root, hertz):
    """Add one tick of the layer's source, whose centre is at `hertz`, to its buffers; root: Hz of the note."""
    left, right, rate, seed = layer.left, layer.right, arena.samplerate, layer_seed(arena.seed, number)
    source = layer.source
    if source <= SWARMED:
        render_partials(arena, layer, q, number, seed, hertz)
    elif source == ADDED:
        render_harmonic(layer.harmonic, hertz, rate, seed, 0, int(q.partials + 0.5), -q.tilt_db, q.balance,
                        q.pulse_width, q.stretch, q.formant, FORMANT, q.formant_db, 0, q.width, left, right)
    elif source >= EXACT:
        render_harmonic(layer.harmonic, hertz, rate, seed, 1 + source - EXACT, MOST, -q.tilt_db, q.balance,
                        q.pulse_width, q.stretch, q.formant, FORMANT, q.formant_db, 1, q.width, left, right)
    elif source <= TRIANGLE:
        render_blep(layer.blep, hertz, rate, seed, source - SAW, q.pulse_width, int(q.partials + 0.5), q.spread_cents,
                    q.drift_cents, q.drift_half_life, q.drift_together, q.width, left, right)
    elif source == NOISY:
        render_noise(layer.noise, hertz, rate, seed, 2 * q.spread_cents, q.width, left, right)
    elif source == RESONATING:
        render_resonator(layer.resonator, hertz, rate, seed, SCALE, int(q.partials + 0.5), q.decay,
                         max(0.0, -q.tilt_db), q.noise, q.width, arena.degrees, arena.in_left, arena.in_right,
                         left, right)
    elif source == PAIRED:
        render_pair(layer.pair, hertz, q.beat, rate, q.balance, q.width, left, right)
    elif source <= CUBIC_GHOST:
        render_ghost(layer.pair, hertz, q.formant, rate, source - GHOST, int(q.partials + 0.5), 1.0, left, right)
    elif source == INPUT:
        add_ramp(1.0, 1.0, arena.in_left, left)
        add_ramp(1.0, 1.0, arena.in_right, right)
    elif source == FROZEN:
        render_frozen(arena, layer, q, seed, root)
    elif source == PICTURED:
        high = 2.0 ** (1 + 0.25 * q.octaves + q.spread_cents / 1200)
        render_table(layer.table, hertz / high, hertz * high, rate, q.sweep, BLEND, q.width, left, right)


@kernel
def render_partials(arena, layer, q, number, seed, hertz):
    """Add one tick of a cluster; of the swarm, if the layer has it."""
    left, right, rate, count = layer.left, layer.right, arena.samplerate, int(q.partials + 0.5)
    octaves, distribution, placement = int(q.octaves + 0.5), int(q.distribution + 0.5), int(q.placement + 0.5)
    if layer.source == CLUSTERED:
        step = hertz / rate * CYCLE
        set_count(layer.cluster, count)
        retune_cluster(layer.cluster, step, rate, seed, q.spread_cents, octaves, q.tilt_db, q.width, q.drift_cents,
                       q.drift_half_life, distribution, placement, q.drift_together, arena.degrees)
        render_cluster(layer.cluster, step, left, right)
    elif arena.swarm_owner == number:
        render_swarm(arena.swarm, rate, seed, hertz, count, q.spread_cents, octaves, q.tilt_db, q.width, q.drift_cents,
                     q.drift_half_life, distribution, placement, q.drift_together, arena.degrees, left, right)


@kernel
def render_frozen(arena, layer, q, seed, root):
    """Add one tick of what was frozen."""
    render_freeze(layer.freeze, root, arena.samplerate, seed, frozen_shift(arena, q), q.snap, SNAP, q.drift_cents,
                  q.drift_half_life, q.drift_together, BLEND, q.width, arena.degrees, layer.left, layer.right)


@kernel
def hear_input(arena, layer, q):
    """Keep one tick of the live input; `capture` turned on freezes it, or waits for the source that holds it."""
    if arena.inputs == 0:
        return
    hear_freeze(layer.freeze, arena.in_left, arena.in_right)
    asked = int(q.capture + 0.5)
    if asked > layer.captured and layer.source == FROZEN and arena.ticks >= FRAME // TICK:
        ask_freeze(layer.freeze)
        layer.captured = asked
    layer.captured = min(layer.captured, asked)


@kernel
def frozen_shift(arena, q):
    """Return by how many cents what is frozen is moved."""
    return q.interval_cents + arena.sounding.now.drone_bend_cents


@kernel
def process(partner, layer, q, root, samplerate):
    """Let the partner modulate the layer's tick, filter, saturate and chorus it.

    All of them run while the layer sounds: they cost 3 us together, and what has a past would click if it joined later.
    """
    left, right = layer.left, layer.right
    process_cross(layer.cross, q.ring, q.cross, samplerate, partner.left, partner.right, left, right)
    process_filter(layer.filter, int(q.filter + 0.5), q.cutoff, q.resonance, q.tracking, root, left, right)
    process_saturation(layer.saturation, q.drive_db, min(1.0, q.drive_db / 3), left, right)
    process_chorus(layer.chorus, SWAY, REACH, q.chorus, left, right)


@kernel
def mix(arena, layer):
    """Bring the layer to its level and add it to the mix and to what is sent."""
    a, b = layer.gains, layer.gains_end
    multiply_ramp(a[0], b[0], layer.left)
    multiply_ramp(a[1], b[1], layer.right)
    add_ramp(1.0, 1.0, layer.left, arena.left)
    add_ramp(1.0, 1.0, layer.right, arena.right)
    add_ramp(a[2], b[2], layer.left, arena.reverb_left)
    add_ramp(a[2], b[2], layer.right, arena.reverb_right)
    add_ramp(a[3], b[3], layer.left, arena.delay_left)
    add_ramp(a[3], b[3], layer.right, arena.delay_right)
