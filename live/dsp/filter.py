"""A stereo state-variable filter: low, band, high, notch, with a resonance that sings but stays bounded. [audio]

Trapezoidal integrators with zero-delay feedback (Zavalishin, 'The Art of VA Filter Design'; Simper, 'Linear
Trapezoidal Integrated SVF'): its states are the charges of the analog circuit, so the coefficients may move at every
sample. The cutoff glides at a steady ratio within a tick. All modes share one core and differ in the weights of its
three outputs, so a change of mode is a crossfade.

The band-pass charge meets extra damping above BOUND. That is what holds the level when the resonance is beyond the
point of self-oscillation; sounds below it pass through a linear filter.
"""
import math

import numpy as np

from live.dsp.clamp import clamp_or
from live.dsp.guard import audible
from live.dsp.kernel import TICK, kernel
from live.dsp.line import FADE, faded

MODES = ('off', 'low', 'band', 'high', 'notch')
OFF, LOW, BAND, HIGH, NOTCH = range(len(MODES))
KEY = 466.16            # Hz; root at which key tracking leaves the cutoff as it is
LOWEST = 5.0            # Hz
OPEN = 0.45             # highest cutoff, of the samplerate
BOUND = 0.7             # band-pass level above which damping grows
STEEPEST = 2.0          # largest change of the cutoff in one tick: an octave
SINGING = 2.02          # resonance 1 has damping 2 - SINGING: below 0
_UNITY_UP_TO = 0.25     # damping down to which the band-pass peaks at 0 dB

# Weights of input, damping * band, band and low in each mode.
_WEIGHTS = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [1, -1, 0, -1], [1, -1, 0, 0]], np.float64)

FILTER = np.dtype([
    ('charge', 'f8', (2, 2)),                           # channel; band and low
    ('mode', 'i8'), ('last', 'i8'), ('fade', 'i8'),     # fade: ticks of the crossfade from the last mode done
    ('weights', 'f8', (4,)), ('weights_end', 'f8', (4,)),
    ('warped', 'f8'), ('damping', 'f8'),                # tan(pi cutoff / samplerate) and 1 / Q, where they are now
    ('a1', 'f8', (TICK,)), ('a2', 'f8', (TICK,)), ('a3', 'f8', (TICK,)), ('bend', 'f8', (TICK,)),
    ('from_input', 'f8', (TICK,)), ('from_band', 'f8', (TICK,)), ('from_low', 'f8', (TICK,)),
    ('samplerate', 'f8'),
], align=True)


@kernel
def reset_filter(state, samplerate):
    """Begin off, with empty charges."""
    state.samplerate = samplerate
    state.warped, state.damping = 0.0, 2.0
    state.mode, state.last, state.fade = OFF, OFF, FADE
    clear_filter(state)


@kernel
def clear_filter(state):
    """Empty the charges; click-free once the sound is muted."""
    for channel in range(2):
        for i in range(2):
            state.charge[channel, i] = 0.0


@kernel
def process_filter(state, mode, cutoff, resonance, tracking, root, left, right):
    """Filter one tick in place; cutoff, root: Hz; resonance, tracking: 0..1; mode: place in MODES."""
    mode = int(clamp_or(float(mode), 0.0, len(MODES) - 1.0, 0.0))
    move_weights(state, mode)
    if state.mode == OFF and state.fade >= FADE:
        clear_filter(state)
        state.warped = 0.0          # next time it begins at its cutoff
        return
    cutoff = clamp_or(cutoff, LOWEST, 1e6, 1000.0)
    root, tracking = clamp_or(root, 1.0, 1e5, KEY), clamp_or(tracking, 0.0, 1.0, 0.0)
    tracked = min(max(cutoff * (root / KEY) ** tracking, LOWEST), OPEN * state.samplerate)
    warped = math.tan(math.pi * tracked / state.samplerate)
    fill_coefficients(state, warped, 2 - SINGING * clamp_or(resonance, 0.0, 1.0, 0.0))
    run_core(state, left, right)


@kernel
def move_weights(state, mode):
    """Set the weights of this tick; begin a crossfade to another mode, unless one is under way."""
    state.fade = min(state.fade + 1, FADE)
    if state.fade >= FADE and mode != state.mode:
        state.last, state.mode, state.fade = state.mode, mode, 0
    start, end = faded(state.fade), faded(state.fade + 1)
    for i in range(4):
        last, way = _WEIGHTS[state.last, i], _WEIGHTS[state.mode, i] - _WEIGHTS[state.last, i]
        state.weights[i], state.weights_end[i] = last + start * way, last + end * way


@kernel
def fill_coefficients(state, warped, damping):
    """Write the coefficients of every sample of the tick, from where they are to their ends."""
    g = state.warped if state.warped > 0 else warped
    warped = min(max(warped, g / STEEPEST), g * STEEPEST)
    ratio = (warped / g) ** (1.0 / TICK)
    for k in range(TICK):
        g *= ratio
        state.a2[k] = g
    start, slope = state.damping, (damping - state.damping) / TICK
    fill_core(start, slope, state.a1, state.a2, state.a3, state.bend)
    w, end = state.weights, state.weights_end
    fill_line(w[0], end[0], state.from_input)
    fill_line(w[3], end[3], state.from_low)
    fill_band(start, slope, w[1], (end[1] - w[1]) / TICK, w[2], (end[2] - w[2]) / TICK, state.from_band)
    state.warped, state.damping = warped, damping


@kernel
def fill_core(damping, slope, a1, a2, a3, bend):
    """Fill the coefficients of the core; a2 comes in as tan(pi cutoff / samplerate)."""
    for k in range(TICK):
        g = a2[k]
        one = 1 / (1 + g * (g + damping + (k + 1) * slope))
        a1[k], a2[k], a3[k] = one, g * one, g * g * one
        bend[k] = min(4 * g, 0.9)


@kernel
def fill_line(start, end, out):
    """Fill a tick with a straight line that arrives at `end` with its last sample."""
    slope = (end - start) / TICK
    for k in range(TICK):
        out[k] = start + (k + 1) * slope


@kernel
def fill_band(damping, slope, damped, damped_slope, plain, plain_slope, out):
    """Fill the weight of the band output."""
    for k in range(TICK):
        d = damping + (k + 1) * slope
        out[k] = (damped + (k + 1) * damped_slope) * d + (plain + (k + 1) * plain_slope) * max(d, _UNITY_UP_TO)


@kernel
def run_core(state, left, right):
    """Run both channels side by side: two chains of dependent steps cost as much time as one."""
    left_band, left_low = state.charge[0, 0], state.charge[0, 1]
    right_band, right_low = state.charge[1, 0], state.charge[1, 1]
    for k in range(TICK):
        left[k], left_band, left_low = step_core(state, k, audible(left[k]), left_band, left_low)
        right[k], right_band, right_low = step_core(state, k, audible(right[k]), right_band, right_low)
    state.charge[0, 0], state.charge[0, 1] = left_band, left_low
    state.charge[1, 0], state.charge[1, 1] = right_band, right_low


@kernel
def step_core(state, k, x, band, low):
    """Return the output of one sample and both charges after it."""
    rest = x - low
    v1 = state.a1[k] * band + state.a2[k] * rest
    v2 = low + state.a2[k] * band + state.a3[k] * rest
    y = state.from_input[k] * x + state.from_band[k] * v1 + state.from_low[k] * v2
    band, low = 2 * v1 - band, 2 * v2 - low
    band -= state.bend[k] * (band - min(max(band, -BOUND), BOUND))
    return np.float32(y), band, low
