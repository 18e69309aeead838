"""A reverb that can hold a sound for ever: sixteen delay lines that feed each other through a Hadamard matrix. [audio]

A feedback delay network (Jot and Chaigne 1991): the matrix is orthogonal, so with nothing else in the loop no energy
comes or goes. A first-order shelf in each line takes from its delay's worth of sound what the decay asks for; the rate
of decay, in dB per second, is

    rate(f) = rate_high + (rate_low - rate_high) / (1 + (f / crossover)^2),    rate = 60 / T60.

The delays are prime numbers of samples, evenly spaced in ratio, and sway slowly, each at its own pace. A change of size
crossfades to other primes; nothing changes pitch. Before the network the sound passes the predelay and four allpasses,
which make its first echoes dense.

`freeze` shuts the door on new sound, opens the shelves and lets the sway come to rest: then what circulates in the
lines stays, to the bit but for rounding. A steady sound comes out as loud whatever the decay, since what enters is
scaled by what is lost.
"""
import math

import numpy as np

from live.dsp.clamp import clamp_or
from live.dsp.guard import audible
from live.dsp.kernel import TICK, kernel
from live.dsp.line import FADE, MIRROR, TAP, add_between, add_line, add_tap, faded, move_tap, reset_tap, \
    write_line
from live.dsp.oscillators import CYCLE, cosine
from live.dsp.ramps import add_ramp, multiply_ramp, silence

LINES = 16
RING = 2 ** 15                          # samples of a line: 0.16 s at size 2 and 192 kHz
SHORT, LONG = 0.0231, 0.1013            # seconds, shortest and longest delay at size 1
SMALLEST, LARGEST = 0.2, 2.0            # size
PREDELAY_RING = 2 ** 16
LONGEST_PREDELAY = 0.5                  # seconds
STAGES = 4                              # allpasses
STAGE_RING = 2 ** 11
STAGE_TIMES = np.array([[0.00235, 0.00361, 0.00565, 0.00874], [0.00265, 0.00377, 0.0059, 0.00898]])    # seconds
DIFFUSION = np.float32(0.6)
SWAY = 0.00012                          # seconds to each side at motion 1
SLOWEST, FASTEST = 0.07, 0.31           # Hz, of the sways
SETTLE = 1 / 64                         # change of the sway's depth in one tick
DOOR = 1 / 8                            # change of the freeze in one tick
SHORTEST_T60, LONGEST_T60 = 0.05, 600.0
LOUDEST = np.float32(8)                 # of what enters


def _primes(end: int) -> np.ndarray:
    sieve = np.ones(end, bool)
    sieve[:2] = False
    for n in range(2, int(end ** 0.5) + 1):
        sieve[n * n::n] = False
    return np.nonzero(sieve)[0]


_PRIMES = _primes(RING - MIRROR)
# Signs by bent functions of the line's number: as unlike as can be to every row of the matrix, so that what enters
# spreads evenly, and left and right hear all lines in ways that have nothing in common.
_B0, _B1, _B2, _B3 = (np.arange(LINES) >> bit & 1 for bit in range(4))
_ENTRY = (1 - 2 * (_B0 & _B2 ^ _B1 & _B3)).astype(np.float32)
_LEFT = 1 - 2 * (_B0 & _B1 ^ _B2 & _B3)
_EXIT = np.array([_LEFT, _LEFT * (1 - 2 * _B1)], np.float32)

_LINE = np.dtype([
    ('ring', 'f4', (RING + MIRROR,)), ('row', 'f4', (TICK,)),
    ('delay', 'i8'), ('last', 'i8'),                            # samples, now and before the crossfade
    ('phase', 'i4'), ('step', 'i4'), ('sway', 'f8'),            # samples that the delay is longer
    ('charge', 'f8'),                                           # of the shelf
    ('pole', 'f8'), ('high', 'f8'), ('lift', 'f8'),             # shelf: low pass; gain of the highs; of the lows, more
    ('pole_end', 'f8'), ('high_end', 'f8'), ('lift_end', 'f8'),
], align=True)
_STAGE = np.dtype([('ring', 'f4', (STAGE_RING + MIRROR,)), ('delay', 'i8'), ('past', 'f4', (TICK,))], align=True)
REVERB = np.dtype([
    ('lines', _LINE, (LINES,)), ('stages', _STAGE, (2, STAGES)),
    ('predelay', 'f4', (2, PREDELAY_RING + MIRROR)), ('predelay_tap', TAP),
    ('entering', 'f4', (2, TICK)), ('leaving', 'f4', (2, TICK)),
    ('fade', 'i8'),                                             # ticks of the crossfade to another size done
    ('settings', 'f8', (5,)),                                   # for which the shelves were set
    ('size', 'f8'), ('depth', 'f8'), ('frozen', 'f8'),          # depth: of the sway, samples; frozen: 0..1
    ('entry', 'f8'), ('entry_end', 'f8'), ('wet', 'f8'),        # gains
    ('age', 'i8'), ('samplerate', 'f8'),
], align=True)


@kernel
def reset_reverb(state, samplerate):
    """Begin from silence."""
    state.samplerate = samplerate
    state.size = state.depth = state.frozen = state.wet = 0.0
    state.entry = state.entry_end = 0.0
    for i in range(5):
        state.settings[i] = 0.0
    for i in range(LINES):
        line = state.lines[i]
        line.delay = line.last = 0
        line.phase, line.sway = np.int32(i * 268435456 - 2 ** 31), 0.0
        pace = SLOWEST * (FASTEST / SLOWEST) ** ((i * 7 % LINES) / (LINES - 1.0))
        line.step = np.int32(pace * TICK / samplerate * CYCLE)
    for channel in range(2):
        for i in range(STAGES):
            samples = min(STAGE_TIMES[channel, i] * samplerate, STAGE_RING - 2.0 * TICK)
            state.stages[channel, i].delay = prime_near(samples)
    clear_reverb(state)


@kernel
def clear_reverb(state):
    """Forget all sound, at the cost of a few stores; click-free once the output is muted."""
    state.age = 0
    state.fade = FADE
    reset_tap(state.predelay_tap)
    for i in range(LINES):
        state.lines[i].charge = 0.0


@kernel
def prime_near(samples):
    """Return the prime at or above a number, or the largest in the table."""
    return _PRIMES[min(np.searchsorted(_PRIMES, samples), len(_PRIMES) - 1)]


@kernel
def render_reverb(state, t60_low, t60_high, crossover, size, predelay, motion, freeze, wet, send_left, send_right,
                  left, right):
    """Add one tick of the reverberation of `send` to left and right, which may be the same buffers.

    t60_low, t60_high, predelay: seconds; crossover: Hz; size: 0.2..2; motion: 0..1; freeze: 0 or 1; wet: factor.
    """
    move_freeze(state, clamp_or(freeze, 0.0, 1.0, 0.0), clamp_or(motion, 0.0, 1.0, 0.0))
    move_size(state, clamp_or(size, SMALLEST, LARGEST, 1.0))
    set_shelves(state, clamp_or(t60_low, SHORTEST_T60, LONGEST_T60, 2.0),
                clamp_or(t60_high, SHORTEST_T60, LONGEST_T60, 2.0),
                clamp_or(crossover, 20.0, 0.45 * state.samplerate, 2000.0))
    enter(state, clamp_or(predelay, 0.0, LONGEST_PREDELAY, 0.0), send_left, send_right)
    for i in range(LINES):
        read_row(state, state.lines[i])
    leave(state, clamp_or(wet, 0.0, 4.0, 0.0), left, right)
    for i in range(LINES):
        absorb(state.lines[i], state.lines[i].row)
    mix_rows(state.lines)
    place = state.age % RING
    for i in range(LINES):
        line = state.lines[i]
        feed(line.row, _ENTRY[i], state.entering[i % 2])
        write_line(line.ring, place, line.row)
    state.age += TICK


@kernel
def move_freeze(state, freeze, motion):
    """Bring freeze and sway nearer to what is wanted; frozen lines sway no more."""
    state.frozen += min(max((freeze >= 0.5) - state.frozen, -DOOR), DOOR)
    deepest = SWAY * state.samplerate
    wanted = motion * deepest if state.frozen == 0 else 0.0
    state.depth += min(max(wanted - state.depth, -SETTLE * deepest), SETTLE * deepest)


@kernel
def move_size(state, size):
    """Begin a crossfade to the delays of another size, unless one is under way."""
    if state.fade < FADE:
        state.fade += 1
    if state.size == size or state.fade < FADE or (state.frozen > 0 and state.size > 0):
        return
    ratio = (LONG / SHORT) ** (1 / (LINES - 1.0))
    samples = max(state.samplerate * SHORT * size, 2.0 * TICK)
    samples *= min(1.0, (RING - 4 * MIRROR) / (samples * LONG / SHORT))
    for i in range(LINES):
        line = state.lines[i]
        line.last, line.delay = line.delay, prime_near(samples)
        samples *= ratio
    if state.size > 0:
        state.fade = 0
    state.size = size


@kernel
def set_shelves(state, t60_low, t60_high, crossover):
    """Aim the shelves of all lines at a decay, if it is another one than before."""
    for i in range(LINES):
        line = state.lines[i]
        line.pole, line.high, line.lift = line.pole_end, line.high_end, line.lift_end
    state.entry = state.entry_end
    old, shut = state.settings, 1 - state.frozen
    if old[0] == t60_low and old[1] == t60_high and old[2] == crossover and old[3] == state.size and old[4] == shut:
        return
    old[0], old[1], old[2], old[3], old[4] = t60_low, t60_high, crossover, state.size, shut
    warped = math.tan(math.pi * crossover / state.samplerate)
    lost = 0.0
    for i in range(LINES):
        line = state.lines[i]
        nepers = shut * 3 * math.log(10.0) * line.delay / state.samplerate
        low, high = math.exp(-nepers / t60_low), math.exp(-nepers / t60_high)
        corner = warped * math.sqrt(high / low)
        line.pole_end, line.high_end, line.lift_end = corner / (1 + corner), high, low - high
        lost += 1 - low * high
    state.entry_end = shut * math.sqrt(lost / LINES / (LINES // 2))


@kernel
def enter(state, predelay, send_left, send_right):
    """Write what enters the network: the sound, later by the predelay, and diffused."""
    place = state.age % PREDELAY_RING
    longest = PREDELAY_RING - 2.0 * TICK
    move_tap(state.predelay_tap, int(min(1 + predelay * state.samplerate, longest)))
    keep(send_left, state.entering[0])
    keep(send_right, state.entering[1])
    for channel in range(2):
        samples = state.entering[channel]
        write_line(state.predelay[channel], place, samples)
        silence(samples)
        add_tap(state.predelay[channel], place, state.age, state.predelay_tap, samples)
        for i in range(STAGES):
            diffuse(state.stages[channel, i], state.age, samples)
        multiply_ramp(state.entry, state.entry_end, samples)


@kernel
def keep(send, out):
    """Copy a tick, what is too loud for the network cut off."""
    for k in range(TICK):
        out[k] = min(max(audible(send[k]), -LOUDEST), LOUDEST)


@kernel
def diffuse(stage, age, samples):
    """Run a tick through a Schroeder allpass, in place."""
    past, place = stage.past, age % STAGE_RING
    silence(past)
    add_line(stage.ring, place, age, stage.delay, 1.0, 0.0, past)
    for k in range(TICK):
        samples[k] += DIFFUSION * past[k]
    write_line(stage.ring, place, samples)
    for k in range(TICK):
        samples[k] = past[k] - DIFFUSION * samples[k]


@kernel
def read_row(state, line):
    """Read a line's tick, between samples where it sways."""
    row, place = line.row, state.age % RING
    silence(row)
    line.phase = np.int32(line.phase + line.step)
    sway = state.depth * cosine(line.phase)
    whole = int(math.ceil(line.sway))
    fraction, slope = whole - line.sway, line.sway - sway
    share, rise = faded(state.fade), faded(state.fade + 1) - faded(state.fade)
    add_between(line.ring, place, state.age, line.delay + whole, fraction, slope, share, rise, row)
    if state.fade < FADE:
        add_between(line.ring, place, state.age, line.last + whole, fraction, slope, 1 - share, -rise, row)
    line.sway = sway


@kernel
def absorb(line, row):
    """Run a tick through the line's shelf: highs times `high`, lows times `high + lift`."""
    pole, high, lift, charge = line.pole, line.high, line.lift, line.charge
    pole_slope, high_slope = (line.pole_end - pole) / TICK, (line.high_end - high) / TICK
    lift_slope = (line.lift_end - lift) / TICK
    for k in range(TICK):
        part = k + 1
        low = charge + (pole + part * pole_slope) * (row[k] - charge)
        charge = 2 * low - charge
        row[k] = (high + part * high_slope) * row[k] + (lift + part * lift_slope) * low
    line.charge = charge


@kernel
def leave(state, wet, left, right):
    """Add the sum of the lines to the output, under different signs left and right."""
    for channel in range(2):
        samples = state.leaving[channel]
        silence(samples)
        for i in range(LINES):
            feed(samples, _EXIT[channel, i], state.lines[i].row)
    wet *= math.sqrt(0.5)
    add_ramp(state.wet, wet, state.leaving[0], left)
    add_ramp(state.wet, wet, state.leaving[1], right)
    state.wet = wet


@kernel
def feed(samples, factor, source):
    """Add a tick times a factor to another."""
    for k in range(TICK):
        samples[k] += factor * source[k]


@kernel
def mix_rows(lines):
    """Multiply the sixteen rows by the Hadamard matrix over 4, which keeps their energy."""
    span = 1
    while span < LINES:
        for i in range(LINES):
            if i & span == 0:
                cross(lines[i].row, lines[i + span].row, np.float32(0.5 if span & 10 else 1))
        span *= 2


@kernel
def cross(one, other, gain):
    """Replace two rows by their sum and their difference."""
    for k in range(TICK):
        a, b = one[k], other[k]
        one[k], other[k] = gain * (a + b), gain * (a - b)
