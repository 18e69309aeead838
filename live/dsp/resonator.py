"""A bank of resonators, struck by noise or by the live input. [audio]

Each is a complex number that turns and shrinks: z <- r e^(i w) z + drive x, a pole that can be moved at any time. The
pole is moved in straight lines, which never leave the unit circle, so nothing can run away. Gain is bounded at any
decay: a sine that meets its resonator comes out at most BOOST times as loud; noise comes out at the power of every
other source. A quarter of the resonators is retuned each tick.
"""
import math

import numpy as np

from live.dsp.bank import HIGHEST, audible
from live.dsp.clamp import clamp
from live.dsp.degrees import degree_cents
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE
from live.dsp.random import hashed, uniform

MOST = 64
SEGMENT = 4             # ticks from one turn of a resonator to the next
LANE = MOST // SEGMENT
RMS = 0.25              # of what noise excites, at 0 dB
BOOST = 16.0            # largest gain of a sine
SHORTEST, LONGEST = 0.005, 120.0        # seconds of T60
TINY = 1e-30            # below, a resonator rests
LOUDEST = 100.0         # input; what is beyond (NaN is) does not strike
HARMONICS, SCALE = 0, 1                 # tuning: multiples of the root; degrees of the scale upwards from it
_NOISE, _PAN, _SIGN = -12, -13, -14     # voice and steps of the hash

RESONATOR = np.dtype([
    ('re', 'f8', (MOST,)), ('im', 'f8', (MOST,)),
    ('c', 'f8', (MOST,)), ('c_slope', 'f8', (MOST,)), ('s', 'f8', (MOST,)), ('s_slope', 'f8', (MOST,)),     # the pole
    ('hiss', 'f8', (MOST,)), ('hiss_slope', 'f8', (MOST,)),             # drive by noise
    ('drive', 'f8', (MOST,)), ('drive_slope', 'f8', (MOST,)),           # drive by the input
    ('left', 'f8', (MOST,)), ('left_slope', 'f8', (MOST,)), ('right', 'f8', (MOST,)), ('right_slope', 'f8', (MOST,)),
    ('noise', 'f8', (TICK,)), ('input', 'f8', (TICK,)), ('tick', 'i8'),
], align=True)


@kernel
def reset_resonator(state):
    """Begin from silence."""
    state.tick = 0
    for i in range(MOST):
        state.re[i] = state.im[i] = 0
        state.c[i] = state.c_slope[i] = state.s[i] = state.s_slope[i] = 0
        state.hiss[i] = state.hiss_slope[i] = state.drive[i] = state.drive_slope[i] = 0
        state.left[i] = state.left_slope[i] = state.right[i] = state.right_slope[i] = 0


@kernel
def retune_resonator(state, root, samplerate, seed, tuning, count, decay, damping_db, noise, spread, degrees):
    """Give the resonators whose turn it is their next straight lines."""
    per_sample = 1.0 / (SEGMENT * TICK)
    for i in range((state.tick % SEGMENT) * LANE, (state.tick % SEGMENT + 1) * LANE):
        ratio = i + 1.0 if tuning == HARMONICS else 2.0 ** (degree_cents(degrees, i) / 1200)
        hertz = min(root * ratio, HIGHEST * samplerate)
        seconds = max(SHORTEST, decay * 10.0 ** (-damping_db / 20 * math.log2(max(ratio, 1.0))))
        radius = math.exp(-math.log(1000.0) / (samplerate * seconds))
        angle = 2 * math.pi * hertz / samplerate
        heard = audible(root * ratio / samplerate * CYCLE) / math.sqrt(count) if i < count else 0.0
        pan = spread * (2 * uniform(seed, i, _PAN) - 1) if i else 0.0
        sign = 1.0 if uniform(seed, i, _SIGN) < 0.5 else -1.0          # neighbours that overlap do not add up
        hiss = sign * noise * RMS * math.sqrt(2 * (1 - radius * radius))
        drive = 2 * (1 - radius) * min(BOOST, 1 / math.sqrt(1 - radius))
        if state.tick < SEGMENT:
            state.c[i], state.s[i] = radius * math.cos(angle), radius * math.sin(angle)
        state.c_slope[i] = (radius * math.cos(angle) - state.c[i]) * per_sample
        state.s_slope[i] = (radius * math.sin(angle) - state.s[i]) * per_sample
        state.hiss_slope[i] = (hiss - state.hiss[i]) * per_sample
        state.drive_slope[i] = (drive - state.drive[i]) * per_sample
        state.left_slope[i] = (heard * math.sqrt((1 - pan) / 2) - state.left[i]) * per_sample
        state.right_slope[i] = (heard * math.sqrt((1 + pan) / 2) - state.right[i]) * per_sample


@kernel
def resonate(state, k):
    """Move every resonator on by sample k of the tick; return what both sides hear."""
    noise, sound = state.noise[k], state.input[k]
    left = right = 0.0
    for i in range(MOST):
        c, s = state.c[i] + k * state.c_slope[i], state.s[i] + k * state.s_slope[i]
        hiss, drive = state.hiss[i] + k * state.hiss_slope[i], state.drive[i] + k * state.drive_slope[i]
        re = c * state.re[i] - s * state.im[i] + hiss * noise + drive * sound
        state.im[i] = s * state.re[i] + c * state.im[i]
        state.re[i] = re
        left += (state.left[i] + k * state.left_slope[i]) * re
        right += (state.right[i] + k * state.right_slope[i]) * re
    return left, right


@kernel
def advance(state):
    """Move everything on along its straight lines, and let what has died away rest."""
    for i in range(MOST):
        state.c[i] += TICK * state.c_slope[i]
        state.s[i] += TICK * state.s_slope[i]
        state.hiss[i] += TICK * state.hiss_slope[i]
        state.drive[i] += TICK * state.drive_slope[i]
        state.left[i] += TICK * state.left_slope[i]
        state.right[i] += TICK * state.right_slope[i]
        rests = abs(state.re[i]) + abs(state.im[i]) < TINY
        state.re[i] = 0.0 if rests else state.re[i]
        state.im[i] = 0.0 if rests else state.im[i]


@kernel
def render_resonator(state, root, samplerate, seed, tuning, count, decay, damping_db, noise, spread, degrees,
                     in_left, in_right, left, right):
    """Add one tick to `left` and `right` (TICK,), excited by noise (0..1) and by the live input in_left, in_right.

    root: Hz; count: 1..MOST; decay: seconds in which the root falls by 60 dB; damping_db: shortens higher ones, dB of
    that time per octave; spread: 0 all in the middle .. 1 each at a place of its own.
    """
    count = clamp(count, 1, MOST)
    retune_resonator(state, clamp(root, 1.0, HIGHEST * samplerate), samplerate, seed, tuning, count,
                     clamp(decay, SHORTEST, LONGEST), clamp(damping_db, 0.0, 24.0), clamp(noise, 0.0, 1.0),
                     clamp(spread, 0.0, 1.0), degrees)
    unit = 12 ** 0.5 * 2.0 ** -53
    for k in range(TICK):
        bits = np.float64(hashed(seed, _NOISE, state.tick * TICK + k) >> np.uint64(11))
        state.noise[k] = bits * unit - 3 ** 0.5
        sound = 0.5 * (np.float64(in_left[k]) + np.float64(in_right[k]))
        state.input[k] = sound if abs(sound) < LOUDEST else 0.0
    for k in range(TICK):
        one, other = resonate(state, k)
        left[k] += np.float32(one)
        right[k] += np.float32(other)
    advance(state)
    state.tick += 1
