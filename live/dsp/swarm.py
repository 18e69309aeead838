"""A million sines around a root, each wandering on its own: written into spectra, sounded by one inverse FFT. [audio]

Once per hop every partial adds four bins to a spectrum (`live/dsp/lobe.py`); an inverse FFT makes of it a frame two
hops long, and frames overlap by halves under Hann windows, which sum to 1 (Rodet and Depalle 1992; Freed, Rodet and
Depalle 1993, 'Synthesis and control of hundreds of sinusoidal partials on a desktop computer'). From frame to frame a
partial's phase advances by the mean of its old and new step: both frames agree where they cross, so that a steady
partial is a sine to -107 dB, and any leap of any scalar is a crossfade of one hop (10.7 ms at 48 kHz).

The work of a hop is spread over its ticks: the first turns the spectra that are full into sound, the other seven write
a seventh of the partials each into the next ones. A change is heard after one hop, at most two, and has arrived one
hop later. Sound lags the scalars by a hop and a half on average.

There are ROWS spectra, one for each place between left and right, mixed before the FFT. Neighbouring partials write to
different ones: of many partials in one note all write to the same few bins, and would wait for each other's sums.
Distributions and placements are those of `live/dsp/cluster.py`.
"""
import math

import numpy as np

from live.dsp.clamp import clamp
from live.dsp.cluster import BY_PITCH, DRIFT, EXPLICIT, GAUSSIAN, OCTAVES, RMS, SCALE, set_octave_gains
from live.dsp.degrees import WIDEST, degree_cents
from live.dsp.drift import COMMON, decay_and_kick
from live.dsp.fft import transform
from live.dsp.kernel import TICK, kernel
from live.dsp.lobe import OVERSAMPLING, add_lobe, lobe_window
from live.dsp.oscillators import CYCLE, cosine
from live.dsp.random import gaussian, hashed, hashed32, uniform

MOST = 2 ** 20          # partials
SHARES = 7              # ticks of a hop that write partials; one more transforms
HOP = (SHARES + 1) * TICK
FRAME = OVERSAMPLING * HOP
ROWS = 16               # places between left and right
ROW = FRAME + 32        # floats: complex bins, a few of them below 0
FIRST = 8               # where in a row bin -1 is, with which the lobe of a partial in bin 0 begins
BLOCK = 256             # partials computed at a time, in memory that stays in the cache
PLACES = 1024           # a partial lies at one of them, or scattered around it
HIGHEST = np.float32(0.45 * CYCLE)      # phase units per sample; partials above are silent

SWARM = np.dtype([
    ('phase', 'u4', (MOST,)), ('step', 'u4', (MOST,)),              # cycle = 2^32; per sample
    ('drift', 'f4', (MOST,)),                                       # deviations
    ('spectra', 'f4', (ROWS * ROW,)), ('mix', 'f4', (2, ROW)),
    ('work', 'f8', (4, FRAME)), ('turn', 'f8', (2, FRAME)),
    ('sound', 'f4', (2, HOP)), ('tail', 'f4', (2, HOP)),            # of this hop; of the last frame, for the next hop
    ('place', 'f4', (BLOCK,)), ('bins', 'i4', (BLOCK,)), ('fraction', 'f4', (BLOCK,)),     # of a block: octaves; ...
    ('cosine', 'f4', (BLOCK,)), ('sine', 'f4', (BLOCK,)),
    ('places', 'f4', (PLACES,)), ('exact', 'i8'),                   # octaves from the root; partials that stay on them
    ('octave', 'f4', (PLACES + OCTAVES,)), ('gain', 'f4', (PLACES + OCTAVES,)),     # of partials, in turn
    ('octave_gain', 'f8', (OCTAVES + 1,)),
    ('lowest', 'f4'), ('rows', 'f4'),                               # for placing by pitch: octaves; rows per octave
    ('common', 'f8'), ('decay', 'f8'), ('kick', 'f8'),
    ('tick', 'i8'), ('count', 'i8'),
], align=True)

_WINDOW = lobe_window(HOP)
_PHASE, _OFFSET, _WALK = -1, -2, -3    # steps of the hash that stand for a partial's constants
_HALF_HOP, _QUARTER = np.uint32(HOP // 2), np.uint32(2 ** 30)
_BIN_BITS = np.uint32(32 - int(math.log2(FRAME)))
_BIN_MASK, _PER_BIN = np.uint32(CYCLE / FRAME - 1), np.float32(FRAME / CYCLE)
_BYTES = np.float32(math.sqrt(12 / 4) / 256)        # four uniform bytes have deviation 256 sqrt(4 / 12)
_HALVES = np.float32(0.5 * math.sqrt(12 / 4) / 65536)       # four halves of words; half a spread is the deviation
_PER_HALF_TURN, _HALF = np.float32(2.0 ** -31), np.float32(0.5)
# Minimax fit of 2^x on |x| <= 1/2 (Lawson's iteration): largest relative error 7.5e-8, a ten-thousandth of a cent.
_E0, _E1, _E2 = np.float32(1.00000007), np.float32(0.693146967), np.float32(0.240221197)
_E3, _E4, _E5 = np.float32(0.0555071327), np.float32(0.00967554133), np.float32(0.00132764719)


@kernel
def reset_swarm(state, seed):
    """Put every partial to a random phase and drift, in silence."""
    state.tick = state.count = 0
    state.common = gaussian(seed, COMMON, 0)
    for i in range(MOST):
        state.phase[i] = np.uint32(hashed(seed, i, _PHASE) >> np.uint64(32))
        state.drift[i] = np.float32(gaussian(seed, i, 0))
        state.step[i] = 0
    for k in range(FRAME):
        angle = -math.pi * k / FRAME
        state.turn[0, k], state.turn[1, k] = math.cos(angle), math.sin(angle)
    for k in range(ROWS * ROW):
        state.spectra[k] = 0
    for k in range(HOP):
        state.sound[0, k] = state.sound[1, k] = state.tail[0, k] = state.tail[1, k] = 0


@kernel
def render_swarm(state, samplerate, seed, root_hz, count, spread_cents, octaves, tilt_db, width, drift_cents, half_life,
                 distribution, placement, correlation, degrees, left, right):
    """Do one tick's share of a hop's work and add one tick of sound to `left` and `right` (TICK,)."""
    turn = state.tick % (SHARES + 1)
    spread, octaves = clamp(spread_cents, 0.0, WIDEST) / 1200, clamp(octaves, 0, OCTAVES)
    if turn == 0:
        sound_frame(state, clamp(width, 0.0, 1.0))
        state.count = clamp(count, 0, MOST)
        step_walk(state, seed, samplerate, half_life)
        neighbours = max(degrees.count, 1) if distribution == EXPLICIT else 1
        set_octaves(state, octaves, clamp(tilt_db, -60.0, 60.0), neighbours)
        set_places(state, seed, spread, octaves, distribution, degrees)
    else:
        root_step = clamp(root_hz / samplerate, 0.0, 2.0 ** OCTAVES) * CYCLE    # octaves below one too high still sound
        drift, correlation = clamp(drift_cents, 0.0, DRIFT) / 1200, clamp(correlation, 0.0, 1.0)
        write_share(state, turn, seed, root_step, spread, octaves, drift * math.sqrt(correlation) * state.common,
                    drift * math.sqrt(1 - correlation), distribution, placement)
    for k in range(TICK):
        left[k] += state.sound[0, turn * TICK + k]
        right[k] += state.sound[1, turn * TICK + k]
    state.tick += 1


@kernel
def step_walk(state, seed, samplerate, half_life):
    """Move the walk that all share on by one hop, and note how far each partial's own walk shall move."""
    state.decay, state.kick = decay_and_kick(half_life, samplerate, SHARES + 1)
    state.common = state.common * state.decay + state.kick * gaussian(seed, COMMON, state.tick + 1)


@kernel
def set_octaves(state, octaves, tilt_db, neighbours):
    """Deal the octaves out in turn, each to so many neighbours."""
    set_octave_gains(state.octave_gain, octaves, tilt_db)
    for k in range(len(state.octave)):
        octave = k // neighbours % (octaves + 1)
        state.octave[k] = octave
        state.gain[k] = state.octave_gain[octave]


@kernel
def set_places(state, seed, spread, octaves, distribution, degrees):
    """Set the places that partials lie at, or around which they scatter, and the range of them all."""
    count = max(degrees.count, 1)
    state.exact = min(count * (octaves + 1), PLACES) if distribution == EXPLICIT else 1
    low, high = -spread, spread
    for k in range(PLACES):
        place = 0.0
        if distribution == EXPLICIT:
            place = degrees.cents[k % count] / 1200
            low, high = min(low, place - spread), max(high, place + spread)
        elif distribution == SCALE and k > 0:
            offset = 1200 * spread * (2 * uniform(seed, k, _OFFSET) - 1)
            degree = math.floor(offset * degrees.count / max(degrees.period, 1.0) + 0.5)
            place = degree_cents(degrees, int(degree)) / 1200
        state.places[k] = place
    state.lowest = low - octaves
    state.rows = ROWS / max(high - state.lowest, 1e-6)


@kernel
def write_share(state, turn, seed, root_step, spread, octaves, common, drift, distribution, placement):
    """Write this tick's seventh of the partials into the spectra; common, drift: octaves."""
    scatter = 0.0 if distribution == SCALE else spread
    blocks = (state.count + BLOCK - 1) // BLOCK
    for block in range(blocks * (turn - 1) // SHARES, blocks * turn // SHARES):
        drift_block(state, block, seed, np.float32(scatter), np.float32(common), np.float32(drift),
                    distribution == GAUSSIAN)
        step_block(state, block, np.float32(root_step), octaves, placement == BY_PITCH)
        for k in range(min(BLOCK, state.count - block * BLOCK)):
            add_lobe(state.spectra, state.bins[k], state.fraction[k], state.cosine[k], state.sine[k])


@kernel
def drift_block(state, block, seed, scatter, common, drift, gathered):
    """Move a block's partials on in their walks, and note where each then lies, in octaves from the root."""
    first = block * BLOCK
    walks, places, place = state.drift[first:first + BLOCK], state.places[first % PLACES:], state.place
    decay, kick = np.float32(state.decay), np.float32(state.kick) * _BYTES
    walk_key = np.uint32(hashed(seed, state.tick // (SHARES + 1), _WALK))
    place_key, again = np.uint32(hashed(seed, 0, _OFFSET)), np.uint32(hashed(seed, 1, _OFFSET))
    for k in range(BLOCK):
        i = np.uint32(np.uint32(first) + np.uint32(k))
        walks[k] = walks[k] * decay + kick * sum_of_bytes(hashed32(np.uint32(i ^ walk_key)))
        bits = hashed32(np.uint32(i ^ place_key))
        offset = np.float32(np.int32(bits)) * _PER_HALF_TURN
        if gathered:
            offset = _HALVES * (sum_of_halves(bits) + sum_of_halves(hashed32(np.uint32(bits ^ again))))
        place[k] = places[k] + scatter * offset + common + drift * walks[k]
    for k in range(min(BLOCK, state.exact - first)):
        place[k] = places[k] + common + drift * walks[k]


@kernel
def step_block(state, block, root_step, octaves, by_pitch):
    """Turn a block's places into phases, bins and amplitudes; root_step: phase units per sample."""
    first, turn = block * BLOCK, (block // (PLACES // BLOCK)) % (octaves + 1)
    phases, steps = state.phase[first:first + BLOCK], state.step[first:first + BLOCK]
    deal = first % PLACES + turn
    octave, gain, lowest, rows = state.octave[deal:], state.gain[deal:], state.lowest, state.rows
    place, bins, fraction, cosines, sines = state.place, state.bins, state.fraction, state.cosine, state.sine
    for k in range(BLOCK):
        aim = root_step * power_of_two(place[k] - octave[k])
        step = np.uint32(np.int32(min(aim, HIGHEST)))
        phase = np.uint32(phases[k] + np.uint32(np.uint32(steps[k] + step) * _HALF_HOP))
        phases[k], steps[k] = phase, step
        row = np.int32(np.int32(np.int32(k + block) * np.int32(7) + np.int32(ROWS // 2)) & np.int32(ROWS - 1))
        if by_pitch:
            row = min(max(np.int32((place[k] - octave[k] - lowest) * rows), np.int32(0)), np.int32(ROWS - 1))
        loud = gain[k] if aim < HIGHEST else np.float32(0)
        bins[k] = np.int32(row * np.int32(ROW) + np.int32(np.int32(step >> _BIN_BITS) * np.int32(2)) + np.int32(FIRST))
        fraction[k] = np.float32(np.int32(step & _BIN_MASK)) * _PER_BIN - _HALF
        cosines[k] = loud * cosine(np.int32(phase))
        sines[k] = loud * cosine(np.int32(phase - _QUARTER))


@kernel
def sum_of_bytes(bits):
    """Return the sum of four bytes around 0, float32: nearly Gaussian."""
    pairs = (bits & np.uint32(0xFF00FF)) + ((bits >> np.uint32(8)) & np.uint32(0xFF00FF))
    return np.float32(np.int32(np.uint32((pairs & np.uint32(0xFFFF)) + (pairs >> np.uint32(16))))) - np.float32(510)


@kernel
def sum_of_halves(bits):
    """Return the sum of two 16-bit numbers around 0, float32."""
    return np.float32(np.int32(np.uint32((bits & np.uint32(65535)) + (bits >> np.uint32(16))))) - np.float32(65535)


@kernel
def power_of_two(x):
    """Return 2^x of a float32 in -60 .. 60."""
    x = min(max(x, np.float32(-60)), np.float32(60))
    whole = np.int32(x + np.float32(64.5)) - np.int32(64)
    z = x - np.float32(whole)
    fraction = _E0 + z * (_E1 + z * (_E2 + z * (_E3 + z * (_E4 + z * _E5))))
    return fraction * np.int32((whole + np.int32(127)) << np.int32(23)).view(np.float32)


@kernel
def sound_frame(state, width):
    """Turn the spectra into a frame, add its first half to the last one's second, and clear them."""
    mix_rows(state, width, RMS * math.sqrt(2.0 / max(state.count, 1)))
    re, im = state.work[0], state.work[1]
    pack_stereo(state.mix[0], state.mix[1], re, im)
    # Real and imaginary part swapped before and after, a transform becomes its inverse.
    transform(im, re, state.work[2], state.work[3], state.turn)
    for k in range(HOP):
        before, after = (k - HOP) % FRAME, k
        state.sound[0, k] = state.tail[0, k] + re[before] * _WINDOW[k]
        state.sound[1, k] = state.tail[1, k] + im[before] * _WINDOW[k]
        state.tail[0, k] = re[after] * _WINDOW[HOP + k]
        state.tail[1, k] = im[after] * _WINDOW[HOP + k]


@kernel
def mix_rows(state, width, loudness):
    """Add the rows to state.mix, each at its place between left and right at constant power, and clear them."""
    for k in range(ROW):
        state.mix[0, k] = state.mix[1, k] = 0
    for row in range(ROWS):
        pan = width * (2 * row + 1 - ROWS) / ROWS
        left, right = np.float32(loudness * math.sqrt((1 - pan) / 2)), np.float32(loudness * math.sqrt((1 + pan) / 2))
        for k in range(ROW):
            value = state.spectra[row * ROW + k]
            state.mix[0, k] += left * value
            state.mix[1, k] += right * value
            state.spectra[row * ROW + k] = 0


@kernel
def pack_stereo(left, right, re, im):
    """Write the spectrum of (real part of left) + j (real part of right) to re, im (FRAME,).

    Bins below 0, where lobes of very low partials reach, fold back as conjugates like any other bin.
    """
    for k in range(FRAME):
        re[k] = im[k] = 0
    for place in range(0, ROW, 2):
        bin = (place - FIRST) // 2 - 1
        a, b, c, d = left[place], left[place + 1], right[place], right[place + 1]
        up, down = bin % FRAME, -bin % FRAME
        re[up] += 0.5 * (a - d)
        im[up] += 0.5 * (b + c)
        re[down] += 0.5 * (a + d)
        im[down] += 0.5 * (c - b)
