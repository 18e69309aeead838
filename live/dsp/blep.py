"""Saw, pulse and triangle for low drones: a few detuned voices with their corners rounded by splines. [audio]

Each jump is replaced by the integral of a cubic B-spline over four samples, each corner of the triangle by its double
integral (Valimaki and Huovilainen 2007, 'Antialiasing oscillators in subtractive synthesis', the spline as kernel):

    after a jump of 1:          h(u) = ((2 - u)^4 - 4 (1 - u)^4) / 24,      u samples away, powers of what is positive
    after a bend of 1/sample:   r(u) = ((2 - u)^5 - 4 (1 - u)^5) / 120

without branches, so that the loops use vector registers. The spline dulls the top; a filter of three samples over the
sum gives most of that back (0.6 dB are missing at 10 kHz). Measured at 48 kHz, strongest alias of a saw against its
fundamental: -102 dB below 8 kHz and -52 dB in all at 220 Hz, -93 and -41 dB at 997 Hz. `live/dsp/harmonic.py` makes
the same waves with no alias at all.
Voices drift as the cluster's partials do.
"""
import math

import numpy as np

from live.dsp.bank import advanced, turned
from live.dsp.clamp import clamp, clamp_or
from live.dsp.drift import COMMON, decay_and_kick, together
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE, increment
from live.dsp.random import gaussian, hashed

VOICES = 16
RMS = 0.25              # of the whole at 0 dB, however many voices it has
LIKE_PULSE = np.float32(3 ** -0.5)      # brings a square to the power of a saw
HIGHEST = 0.2           # of the samplerate: above, the four samples of a jump would meet those of the next
FADING = 0.01           # of the samplerate: where, below HIGHEST, a voice begins to fall silent
SHARPEN = 1 / 6         # of the filter that undoes the spline's fall
GLIDE = 0.02            # seconds in which shape, width and number of voices change
SAW, PULSE, TRIANGLE = 0, 1, 2
DRIFT = 1200.0          # cents of deviation at most

_PHASE = -8             # step of the hash that stands for a voice's constant
_UNIT = np.float32(1 / CYCLE)
_ONE, _TWO = np.float32(1), np.float32(2)
_TWELFTH, _FIFTEENTH = np.float32(1 / 12), np.float32(1 / 15)

BLEP = np.dtype([
    ('phase', 'i4', (VOICES,)), ('step', 'i4', (VOICES,)),
    ('own', 'f8', (VOICES,)), ('common', 'f8'),                 # deviations of drift
    ('left', 'f4', (VOICES,)), ('right', 'f4', (VOICES,)),      # gains at the end of the last tick
    ('share', 'f8', (3,)), ('presence', 'f8', (VOICES,)),       # of each shape; of each voice, 0..1
    ('width', 'f8'), ('tick', 'i8'),
    ('mono', 'f4', (TICK,)), ('sum', 'f4', (2, TICK + 2)),      # one voice; all, after the last two samples
], align=True)


@kernel
def reset_blep(state, seed):
    """Begin from silence, every voice at a random phase."""
    state.tick = 0
    state.width = -1.0
    state.common = gaussian(seed, COMMON, 0)
    for shape in range(3):
        state.share[shape] = 0
    for v in range(VOICES):
        state.phase[v] = np.int32(hashed(seed, v, _PHASE) >> np.uint64(32))
        state.own[v] = gaussian(seed, v, 0)
        state.step[v] = 0
        state.left[v] = state.right[v] = 0
        state.presence[v] = 0
    for k in range(TICK + 2):
        state.sum[0, k] = state.sum[1, k] = 0


@kernel
def saw(phase, per_step):
    """Return a rising saw of -1..1 that falls at phase 0; per_step: 1 / step."""
    sign = np.float32(math.copysign(_ONE, np.float32(phase)))
    u = abs(np.float32(phase)) * per_step
    far, near = max(np.float32(0), _TWO - u), max(np.float32(0), _ONE - u)
    far, near = far * far, near * near
    rounding = (far * far - np.float32(4) * near * near) * _TWELFTH
    return np.float32(phase) * (_TWO * _UNIT) + sign * (rounding - _ONE)


@kernel
def corner(u):
    """Return 15 times what a corner of 8 per sample lacks, u samples away from it."""
    far, near = max(np.float32(0), _TWO - u), max(np.float32(0), _ONE - u)
    far2, near2 = far * far, near * near
    return far2 * far2 * far - np.float32(4) * near2 * near2 * near


@kernel
def triangle(phase, step, per_step):
    """Return a triangle of -1..1 whose top is at phase 0; step: cycles per sample; per_step: 1 / phase units."""
    away = abs(np.float32(phase))
    top, bottom = away * per_step, (np.float32(0.5 * CYCLE) - away) * per_step
    return _ONE - np.float32(4) * _UNIT * away + step * _FIFTEENTH * (corner(bottom) - corner(top))


@kernel
def add_saw(phase, step, slope, per_step, gain, gain_slope, out):
    """Add a tick of a saw."""
    for k in range(TICK):
        out[k] += (gain + np.float32(k) * gain_slope) * saw(turned(phase, step, slope, k), per_step)


@kernel
def add_pulse(phase, step, slope, per_step, width, narrowing, gain, gain_slope, out):
    """Add a tick of a pulse, the difference of two saws; width: phase units, narrowing per sample."""
    for k in range(TICK):
        first = turned(phase, step, slope, k)
        second = np.int32(first - np.int32(width - np.int32(narrowing * np.int32(k))))
        out[k] += (gain + np.float32(k) * gain_slope) * (saw(second, per_step) - saw(first, per_step))


@kernel
def add_triangle(phase, step, slope, per_step, gain, gain_slope, out):
    """Add a tick of a triangle."""
    cycles = np.float32(1) / (per_step * np.float32(CYCLE))
    for k in range(TICK):
        out[k] += (gain + np.float32(k) * gain_slope) * triangle(turned(phase, step, slope, k), cycles, per_step)


@kernel
def toward(now, wanted, most):
    """Return a value moved towards another by at most so much."""
    return now + min(most, max(-most, wanted - now))


@kernel
def sound_voice(state, v, step, shape, width, most):
    """Write a tick of voice v to state.mono, its shapes crossfading; width: of the pulse at the end of the tick."""
    out, before = state.mono, state.step[v] if state.step[v] > 0 else step
    slope = np.int32((step - before) // TICK)
    per_step = np.float32(2.0 / (before + step))
    wide, narrowing = int(state.width * CYCLE), int((state.width - width) * CYCLE / TICK)
    for k in range(TICK):
        out[k] = 0
    for kind in range(3):
        gain = np.float32(state.share[kind])
        gain_slope = np.float32((toward(gain, 1.0 if kind == shape else 0.0, most) - gain) / TICK)
        if gain == 0 and gain_slope == 0:
            continue
        if kind == SAW:
            add_saw(state.phase[v], before, slope, per_step, gain, gain_slope, out)
        elif kind == PULSE:
            add_pulse(state.phase[v], before, slope, per_step, np.int32(wide), np.int32(narrowing),
                      gain * LIKE_PULSE, gain_slope * LIKE_PULSE, out)
        else:
            add_triangle(state.phase[v], before, slope, per_step, gain, gain_slope, out)
    state.phase[v] = advanced(state.phase[v], before, slope)
    state.step[v] = step


@kernel
def mix_voice(state, v, left_gain, right_gain):
    """Add state.mono to the sum, its gains ramped from where they were."""
    left, left_slope = state.left[v], np.float32((left_gain - state.left[v]) / TICK)
    right, right_slope = state.right[v], np.float32((right_gain - state.right[v]) / TICK)
    for k in range(TICK):
        state.sum[0, k + 2] += (left + np.float32(k) * left_slope) * state.mono[k]
        state.sum[1, k + 2] += (right + np.float32(k) * right_slope) * state.mono[k]
    state.left[v], state.right[v] = left_gain, right_gain


@kernel
def sharpen(samples, out):
    """Add the sum, brightened, to a tick of output, and keep its last two samples."""
    a = np.float32(SHARPEN)
    for k in range(TICK):
        out[k] += samples[k + 1] + a * (2 * samples[k + 1] - samples[k] - samples[k + 2])
    samples[0], samples[1] = samples[TICK], samples[TICK + 1]
    for k in range(TICK):
        samples[k + 2] = 0


@kernel
def render_blep(state, frequency, samplerate, seed, shape, width, voices, spread_cents, drift_cents, half_life,
                correlation, spread, left, right):
    """Add one tick to `left` and `right` (TICK,).

    shape: SAW, PULSE or TRIANGLE; width: of the pulse, 0..1; voices: 1..VOICES, from spread_cents below to above;
    spread: 0 all in the middle .. 1 from left to right.
    """
    frequency, top = clamp(frequency, 1.0, samplerate), HIGHEST * samplerate
    width, voices = clamp_or(width, 0.02, 0.98, 0.5), clamp(voices, 1, VOICES)
    spread_cents, spread = clamp(spread_cents, 0.0, 1200.0), clamp(spread, 0.0, 1.0)
    drift_cents = clamp(drift_cents, 0.0, DRIFT)
    most = TICK / (samplerate * GLIDE)
    if state.tick == 0:
        begin(state, shape, width, voices)
    width = toward(state.width, width, most)
    decay, kick = decay_and_kick(half_life, samplerate, 1)
    state.common = state.common * decay + kick * gaussian(seed, COMMON, state.tick + 1)
    power = 0.0
    for v in range(VOICES):
        state.own[v] = state.own[v] * decay + kick * gaussian(seed, v, state.tick + 1)
        state.presence[v] = toward(state.presence[v], 1.0 if v < voices else 0.0, most)
        power += state.presence[v] * state.presence[v]
    loudness = RMS * math.sqrt(3 / power)
    for v in range(VOICES):
        if state.presence[v] > 0 or state.left[v] + state.right[v] > 0:
            place = min(1.0, 2 * v / (voices - 1) - 1) if voices > 1 else 0.0
            cents = spread_cents * place + drift_cents * together(state.common, state.own[v], correlation)
            pan = spread * (place if v % 2 == 0 else -place)
            hertz = frequency * 2.0 ** (cents / 1200)
            gain = loudness * state.presence[v] * clamp((top - hertz) / (FADING * samplerate), 0.0, 1.0)
            sound_voice(state, v, increment(min(hertz, top), samplerate), shape, width, most)
            mix_voice(state, v, gain * math.sqrt((1 - pan) / 2), gain * math.sqrt((1 + pan) / 2))
    finish(state, shape, width, most, left, right)


@kernel
def begin(state, shape, width, voices):
    """Start as the first tick asks, with nothing to glide from."""
    state.width = width
    for kind in range(3):
        state.share[kind] = 1.0 if kind == shape else 0.0
    for v in range(VOICES):
        state.presence[v] = 1.0 if v < voices else 0.0


@kernel
def finish(state, shape, width, most, left, right):
    """Hand out the sum and move on to the next tick."""
    for kind in range(3):
        state.share[kind] = toward(state.share[kind], 1.0 if kind == shape else 0.0, most)
    state.width = width
    sharpen(state.sum[0], left)
    sharpen(state.sum[1], right)
    state.tick += 1
