"""A tilt: one knob that turns the spectrum around 1 kHz, darker or brighter. [audio]

    H(s) = (g s + w) / (s + g w),   g = 10^(dB / 20):

-dB at the bottom, +dB at the top, 0 dB at the pivot, carried over by the bilinear transform with the pivot in place.
It is a low pass at g w, its low part turned down by g and what is left turned up by g.
"""
import math

import numpy as np

from live.dsp.clamp import clamp_or
from live.dsp.guard import audible
from live.dsp.kernel import TICK, kernel

PIVOT = 1000.0          # Hz
STEEPEST = 24.0         # dB
SLEW_DB = 0.5           # largest change in one tick

TILT = np.dtype([('charge', 'f8', (2,)), ('pole', 'f8'), ('low', 'f8'), ('high', 'f8'),
                 ('tilt_db', 'f8'), ('pivot', 'f8')], align=True)


@kernel
def reset_tilt(state, samplerate):
    """Begin level."""
    state.pivot = math.tan(math.pi * PIVOT / samplerate)
    state.low = state.high = 1.0
    state.tilt_db = 0.0
    state.pole = state.pivot / (1 + state.pivot)
    clear_tilt(state)


@kernel
def clear_tilt(state):
    """Empty the charges; click-free once the sound is muted."""
    state.charge[0] = state.charge[1] = 0.0


@kernel
def process_tilt(state, tilt_db, left, right):
    """Tilt one tick in place; tilt_db: gain of the top, and loss of the bottom."""
    way = clamp_or(tilt_db, -STEEPEST, STEEPEST, 0.0) - state.tilt_db
    state.tilt_db += min(max(way, -SLEW_DB), SLEW_DB)
    high = 10.0 ** (state.tilt_db / 20)
    pole, low = high * state.pivot / (1 + high * state.pivot), 1 / high
    pole_slope, low_slope, high_slope = (pole - state.pole) / TICK, (low - state.low) / TICK, (high - state.high) / TICK
    start, start_low, start_high = state.pole, state.low, state.high
    charge_left, charge_right = state.charge[0], state.charge[1]
    for k in range(TICK):
        a = start + (k + 1) * pole_slope
        down, up = start_low + (k + 1) * low_slope, start_high + (k + 1) * high_slope
        x, y = np.float64(audible(left[k])), np.float64(audible(right[k]))
        dark_left, dark_right = charge_left + a * (x - charge_left), charge_right + a * (y - charge_right)
        left[k], right[k] = up * x + (down - up) * dark_left, up * y + (down - up) * dark_right
        charge_left, charge_right = 2 * dark_left - charge_left, 2 * dark_right - charge_right
    state.charge[0], state.charge[1] = charge_left, charge_right
    state.pole, state.low, state.high = pole, low, high
