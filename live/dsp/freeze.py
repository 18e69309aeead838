"""The live input frozen into partials: up to 512 sines that stay when the sound is gone, and can be retuned. [audio]

When asked, the sines that are in the input are found (`live/dsp/capture.py`, which takes 30 ms), and the loudest become
a bank that fades in while the old one fades out. Partials from elsewhere may be handed in (`put_frozen`): they fade in
just so.

Partials keep the pitch they were heard at, shifted, drawn towards the nearest degree of the scale as far as `snap`
says, and drifting. They glide in cents.
"""
import math

import numpy as np

from live.dsp.bank import HIGHEST, audible, bank_dtype, render_bank, reset_bank
from live.dsp.capture import BANDS, CAPTURE, begin_capture, floor_of, go_on, hear_capture, reset_capture
from live.dsp.clamp import clamp, clamp_or
from live.dsp.degrees import nearest_degree
from live.dsp.drift import COMMON, decay_and_kick, together
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE
from live.dsp.random import gaussian, hashed, uniform

MOST = 512
SEGMENT = 16            # ticks from one turn of a partial to the next
LANE = MOST // SEGMENT
MOVE = 0.3              # share of its way between left and right that a partial goes in each turn
DRIFT, SHIFT = 1200.0, 9600.0           # cents at most
HIGHEST_HZ = 1e6        # of partials that are handed in
_PHASE, _PAN = -15, -17                 # steps of the hash that stand for a partial's constants

FROZEN = np.dtype([
    ('bank', bank_dtype(MOST)),
    ('heard', 'f8', (MOST,)), ('amplitude', 'f4', (MOST,)),     # Hz and level as they were
    ('place', 'f8', (MOST,)), ('own', 'f8', (MOST,)),           # cents away from that by shift and snap; drift
    ('hertz', 'f8', (MOST,)), ('hertz_slope', 'f8', (MOST,)),   # now; per tick
    ('left', 'f4', (MOST,)), ('right', 'f4', (MOST,)),          # shares
    ('count', 'i8'), ('gain', 'f8'),
], align=True)

FREEZE = np.dtype([
    ('side', FROZEN, (2,)), ('now', 'i8'), ('fade', 'f8'),      # now: the side that sounds or fades in; how far
    ('capture', CAPTURE), ('asked', 'i8'), ('taken', 'i8'), ('tick', 'i8'), ('common', 'f8'),
    ('given_hertz', 'f8', (MOST,)), ('given_level', 'f8', (MOST,)), ('given_count', 'i8'),     # from elsewhere
    ('given', 'i8'), ('got', 'i8'),                             # times it was handed in; of them taken
], align=True)


@kernel
def put_frozen(state, hertz, levels):
    """Hand in the first MOST partials of a spectrum, Hz and amplitudes (n,)."""
    state.given_count = min(len(hertz), len(levels), MOST)
    for i in range(state.given_count):
        state.given_hertz[i], state.given_level[i] = hertz[i], levels[i]
    state.given += 1


@kernel
def reset_freeze(state, seed):
    """Begin with nothing heard and nothing frozen but what was handed in."""
    state.got = 0
    state.now = state.asked = state.taken = state.tick = 0
    state.fade, state.common = 1.0, gaussian(seed, COMMON, 0)
    reset_capture(state.capture)
    for k in range(2):
        reset_frozen(state.side[k], seed)


@kernel
def reset_frozen(side, seed):
    """Forget one spectrum."""
    side.count, side.gain = 0, 0.0
    reset_bank(side.bank)
    for i in range(MOST):
        side.bank.phase[i] = np.int32(hashed(seed, i, _PHASE) >> np.uint64(32))
        side.own[i] = gaussian(seed, i, 0)
        side.heard[i] = side.amplitude[i] = side.place[i] = side.hertz[i] = side.hertz_slope[i] = 0
        side.left[i] = side.right[i] = 0


@kernel
def ask_freeze(state):
    """Freeze what is heard now; asked again while that is under way, freeze once more afterwards."""
    state.asked += 1


@kernel
def hear_freeze(state, in_left, in_right):
    """Keep one tick of the live input (TICK,)."""
    hear_capture(state.capture, in_left, in_right)


@kernel
def work_on(state, samplerate, shift):
    """Do one part of a freeze, if one is under way or asked for and the last one has faded in."""
    if state.capture.stage > 0:
        if go_on(state.capture, samplerate):
            take(state, shift)
    elif state.fade < 1:
        return
    elif state.got != state.given:
        take_given(state, shift)
    elif state.taken != state.asked:
        state.taken = state.asked
        begin_capture(state.capture)


@kernel
def take(state, shift):
    """Give the loudest sines to the side that is silent, and let it fade in."""
    heard, floor = state.capture, floor_of(state.capture, MOST)
    side = other_side(state)
    for i in range(heard.first[BANDS]):
        if heard.masked[i] == 0 and heard.amplitude[i] >= floor and side.count < MOST:
            add_partial(side, heard.frequency[i], heard.amplitude[i], shift)


@kernel
def take_given(state, shift):
    """Give the partials that were handed in to the side that is silent, and let it fade in."""
    state.got = state.given
    side = other_side(state)
    for i in range(min(state.given_count, MOST)):
        add_partial(side, clamp_or(state.given_hertz[i], 1.0, HIGHEST_HZ, 1.0),
                    clamp_or(state.given_level[i], 0.0, 1.0, 0.0), shift)


@kernel
def other_side(state):
    """Return the side that is silent, emptied; it fades in from now on."""
    state.now = 1 - state.now
    state.fade = 0.0
    side = state.side[state.now]
    side.count = 0
    return side


@kernel
def add_partial(side, hertz, amplitude, shift):
    """Let a partial sound where it was heard, shifted."""
    i = side.count
    side.heard[i], side.amplitude[i], side.place[i] = max(hertz, 1.0), amplitude, shift
    side.hertz[i], side.hertz_slope[i] = side.heard[i] * 2.0 ** (shift / 1200), 0.0
    side.left[i] = side.right[i] = math.sqrt(0.5)
    side.count = i + 1


@kernel
def retune_frozen(side, state, samplerate, seed, root, shift, snap, pull, drift_cents, decay, kick, correlation, spread,
                  degrees):
    """Give the partials whose turn it is their next straight lines; pull: share of the way that is left."""
    lane = (state.tick % SEGMENT) * LANE
    for i in range(lane, min(lane + LANE, side.count)):
        side.own[i] = side.own[i] * decay + kick * gaussian(seed, i, state.tick + 1)
        wanted = shift
        if snap > 0:
            cents = 1200 * math.log2(side.heard[i] / root) + shift
            wanted += snap * (nearest_degree(degrees, cents) - cents)
        side.place[i] += pull * (wanted - side.place[i])
        cents = side.place[i] + drift_cents * together(state.common, side.own[i], correlation)
        hertz = min(side.heard[i] * 2.0 ** (cents / 1200), 0.49 * samplerate)
        side.hertz_slope[i] = (hertz - side.hertz[i]) / SEGMENT
        pan = spread * (2 * uniform(seed, i, _PAN) - 1)
        side.left[i] += MOVE * (math.sqrt((1 - pan) / 2) - side.left[i])
        side.right[i] += MOVE * (math.sqrt((1 + pan) / 2) - side.right[i])


@kernel
def sound_frozen(side, gain, samplerate, left, right):
    """Add one tick of a side whose gain goes to `gain`."""
    for i in range(side.count):
        side.hertz[i] += side.hertz_slope[i]
        step = side.hertz[i] / samplerate * CYCLE
        side.bank.step_end[i] = np.int32(step)
        if side.gain == 0:
            side.bank.step[i] = side.bank.step_end[i]
        level = side.amplitude[i] * gain * audible(step)
        side.bank.left_end[i], side.bank.right_end[i] = level * side.left[i], level * side.right[i]
    render_bank(side.bank, side.count, left, right)
    side.gain = gain


@kernel
def render_freeze(state, root, samplerate, seed, shift_cents, snap, glide, drift_cents, half_life, correlation, blend,
                  spread, degrees, left, right):
    """Add one tick of what is frozen to `left` and `right` (TICK,).

    root: Hz that the degrees count from; snap: 0 as heard .. 1 on the nearest degree; glide, blend: seconds in which a
    new pitch is reached and a new freeze fades in; spread: 0 all in the middle .. 1 each at a place of its own.
    """
    root, shift = clamp(root, 1.0, HIGHEST * samplerate), clamp_or(shift_cents, -SHIFT, SHIFT, 0.0)
    segment = SEGMENT * TICK / samplerate
    pull = 1 - math.exp(-3 * segment / clamp(glide, segment, 600.0))
    work_on(state, samplerate, shift)
    decay, kick = decay_and_kick(half_life, samplerate, 1)
    state.common = state.common * decay + kick * gaussian(seed, COMMON, state.tick + 1)
    decay, kick = decay_and_kick(half_life, samplerate, SEGMENT)
    state.fade = min(1.0, state.fade + TICK / (samplerate * clamp(blend, 0.02, 30.0)))
    for k in range(2):
        angle = 0.5 * math.pi * (state.fade if k == state.now else 1 - state.fade)
        gain = math.sin(angle) if angle > 0 else 0.0
        if gain == 0 and state.side[k].gain == 0:
            continue
        retune_frozen(state.side[k], state, samplerate, seed, root, shift, clamp(snap, 0.0, 1.0), pull,
                      clamp(drift_cents, 0.0, DRIFT), decay, kick, correlation, clamp(spread, 0.0, 1.0), degrees)
        sound_frozen(state.side[k], gain, samplerate, left, right)
    state.tick += 1
