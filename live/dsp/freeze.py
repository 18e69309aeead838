"""The live input frozen into partials: up to 512 sines that stay when the sound is gone, and can be retuned. [audio]

The newest FRAME samples are kept. When asked, their spectrum is taken, its peaks are measured (`live/dsp/peaks.py`),
what is only a sidelobe of a louder one is left out, and the loudest become a bank of sines. That work is cut into
parts, one a tick, none of which takes long. The new bank fades in while the old one fades out.

Partials keep the pitch they were heard at, shifted, drawn towards the nearest degree of the scale as far as `snap`
says, and drifting. They glide in cents.
"""
import math

import numpy as np

from live.dsp.bank import HIGHEST, audible, bank_dtype, render_bank, reset_bank
from live.dsp.clamp import clamp, clamp_or
from live.dsp.degrees import nearest_degree
from live.dsp.drift import COMMON, decay_and_kick, together
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE
from live.dsp.peaks import find_peaks
from live.dsp.random import gaussian, hashed, uniform
from live.dsp.slow_fft import deal, join, transform_row, untangle

MOST = 512
FRAME = 8192            # samples: 171 ms at 48 kHz, 5.9 Hz from bin to bin
BANDS = 8               # parts in which peaks are looked for
WIDTH = FRAME // 2 // BANDS             # bins of a band
CANDIDATES = BANDS * (WIDTH // 2 + 1)   # no more peaks can be in the spectrum
SEGMENT = 16            # ticks from one turn of a partial to the next
LANE = MOST // SEGMENT
MOVE = 0.3              # share of its way between left and right that a partial goes in each turn
FLOOR = 1e-5            # amplitude, and share of the loudest, below which nothing is frozen
SIDELOBE = 2.0          # how far above the sidelobes of the louder a partial must stand
REACH = 40.0            # bins in which a louder peak is looked for
LOUDEST = 100.0         # input; what is beyond (NaN is) is not heard
DRIFT, SHIFT = 1200.0, 9600.0           # cents at most
ROWS, JOIN, UNTANGLE = 1, 5, 6          # stages of the work: four rows of the transform, then one spectrum
PEAKS, MASKS, CHOICE = 7, 7 + BANDS, 7 + 2 * BANDS          # one band after the other, twice; the end
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
    ('history', 'f4', (FRAME,)), ('newest', 'i8'),              # circular
    ('asked', 'i8'), ('taken', 'i8'), ('stage', 'i8'), ('tick', 'i8'), ('common', 'f8'),
    ('window', 'f8', (FRAME,)), ('turn', 'f8', (2, FRAME // 2)), ('row_turn', 'f8', (2, FRAME // 8)),
    ('re', 'f8', (FRAME // 2,)), ('im', 'f8', (FRAME // 2,)), ('work', 'f8', (2, FRAME // 8)),
    ('magnitudes', 'f8', (FRAME // 2 + 1,)),
    ('frequency', 'f8', (CANDIDATES,)), ('amplitude', 'f8', (CANDIDATES,)), ('masked', 'i8', (CANDIDATES,)),
    ('first', 'i8', (BANDS + 1,)),                              # candidate of each band
], align=True)


@kernel
def reset_freeze(state, seed):
    """Begin with nothing heard and nothing frozen."""
    state.now = state.newest = state.asked = state.taken = state.stage = state.tick = 0
    state.fade, state.common = 1.0, gaussian(seed, COMMON, 0)
    for k in range(FRAME):
        state.history[k] = 0
        state.window[k] = 0.5 - 0.5 * math.cos(2 * math.pi * k / FRAME)
    for k in range(FRAME // 2):
        state.turn[0, k] = math.cos(2 * math.pi * k / FRAME)
        state.turn[1, k] = -math.sin(2 * math.pi * k / FRAME)
    for k in range(FRAME // 8):
        state.row_turn[0, k], state.row_turn[1, k] = state.turn[0, 4 * k], state.turn[1, 4 * k]
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
    for k in range(TICK):
        sound = np.float32(0.5) * (in_left[k] + in_right[k])
        state.history[(state.newest + k) % FRAME] = sound if abs(sound) < LOUDEST else np.float32(0)
    state.newest = (state.newest + TICK) % FRAME


@kernel
def work_on(state, samplerate, shift):
    """Do one part of a freeze, if one is under way or asked for."""
    stage = state.stage
    if stage == 0:
        if state.taken == state.asked or state.fade < 1:
            return
        state.taken = state.asked
        deal(state.history, state.newest, state.window, state.re, state.im)
    elif stage < JOIN:
        transform_row(state.re, state.im, stage - ROWS, state.work, state.row_turn)
    elif stage == JOIN:
        join(state.re, state.im, state.turn)
    elif stage == UNTANGLE:
        untangle(state.re, state.im, state.turn, state.magnitudes)
    elif stage < MASKS:
        pick(state, stage - PEAKS, samplerate / FRAME)
    elif stage < CHOICE:
        mask(state, stage - MASKS, FRAME / samplerate)
    else:
        choose(state, shift)
    state.stage = 0 if stage == CHOICE else stage + 1


@kernel
def pick(state, band, bin_width):
    """Note the peaks of one band of the spectrum."""
    begin, first = band * WIDTH, state.first[band] if band else 0
    part = state.magnitudes[max(begin - 1, 0):begin + WIDTH + 1]
    frequency, amplitude = state.frequency[first:], state.amplitude[first:]
    scale = (len(part) - 1) / (FRAME // 2)          # find_peaks takes the part for a whole spectrum
    found = find_peaks(part, bin_width, FLOOR / scale, frequency, amplitude)
    for k in range(found):
        frequency[k] += max(begin - 1, 0) * bin_width
        amplitude[k] *= scale
    state.first[0] = 0
    state.first[band + 1] = first + found


@kernel
def mask(state, band, per_hertz):
    """Count for each peak of one band the louder ones it is a sidelobe of: these fall as 1 / (pi d (d^2 - 1))."""
    frequency, amplitude = state.frequency, state.amplitude
    before, after = state.first[max(band - 1, 0)], state.first[min(band + 2, BANDS)]
    for i in range(state.first[band], state.first[band + 1]):
        masked, here, level = 0, frequency[i], math.pi / SIDELOBE * amplitude[i]
        for j in range(before, after):
            away = abs(frequency[j] - here) * per_hertz
            under = level * away * (away * away - 1) < amplitude[j]
            masked += under & (away > 1.5) & (away < REACH) & (SIDELOBE / math.pi * level < amplitude[j])
        state.masked[i] = masked


@kernel
def count_above(state, floor):
    """Return how many candidates that are no sidelobes are at least this loud."""
    count = 0
    for i in range(state.first[BANDS]):
        count += 1 if state.masked[i] == 0 and state.amplitude[i] >= floor else 0
    return count


@kernel
def choose(state, shift):
    """Give the loudest candidates to the side that is silent, and let it fade in."""
    loudest = 0.0
    for i in range(state.first[BANDS]):
        loudest = max(loudest, state.amplitude[i])
    low, high = max(FLOOR, FLOOR * loudest), 2 * loudest + FLOOR
    if count_above(state, low) > MOST:
        for _ in range(30):                         # halve the interval of loudness, in dB
            middle = math.sqrt(low * high)
            if count_above(state, middle) > MOST:
                low = middle
            else:
                high = middle
        low = high
    state.now = 1 - state.now
    state.fade = 0.0
    side, count = state.side[state.now], 0
    for i in range(state.first[BANDS]):
        if state.masked[i] == 0 and state.amplitude[i] >= low and count < MOST:
            side.heard[count], side.amplitude[count] = max(state.frequency[i], 1.0), state.amplitude[i]
            side.place[count] = shift
            side.hertz[count], side.hertz_slope[count] = side.heard[count] * 2.0 ** (shift / 1200), 0.0
            side.left[count] = side.right[count] = math.sqrt(0.5)
            count += 1
    side.count = count


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
