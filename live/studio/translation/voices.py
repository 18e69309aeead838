"""A bank of sines led from column to column of a picture: what `additive` and `chirp` are played by.

In: for each column the frequency and gain of each voice. Out: stereo sound. A column stands at its middle; between two
middles everything ramps, tick by tick, on the kernels of the stage's picture source. The same seed gives the same
phases and places.
"""
import math

import numpy as np

from live.dsp.bank import HIGHEST, audible, bank_dtype, render_bank, reset_bank
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE

WIDTH = 0.6             # of the places of the voices: 0 all in the middle, 1 from wall to wall


def play_voices(hertz: np.ndarray, gains: np.ndarray, frames: int, samplerate: float, seed: int = 0) -> np.ndarray:
    """Return a sound (frames, 2) float32; hertz, gains: (columns, voices)."""
    generator = np.random.default_rng(seed)
    bank = np.zeros(1, bank_dtype(hertz.shape[1]))[0]
    bank['phase'] = generator.integers(-2 ** 31, 2 ** 31, hertz.shape[1])
    pan = WIDTH * generator.uniform(-1, 1, hertz.shape[1])
    out = np.zeros((2, -(-frames // TICK) * TICK), np.float32)
    steps = np.minimum(hertz / samplerate, HIGHEST) * CYCLE
    render_columns(bank, steps, gains.astype(np.float64), np.sqrt((1 - pan) / 2), np.sqrt((1 + pan) / 2), *out)
    return out[:, :frames].T


@kernel
def lead(bank, steps, gains, left_share, right_share, place):
    """Set where the voices shall be: at a place counted in columns, 0 the middle of the first."""
    last = len(steps) - 1
    column = min(max(int(math.floor(place)), 0), last)
    after, part = min(column + 1, last), min(max(place - column, 0.0), 1.0)
    for i in range(len(bank.phase)):
        step = steps[column, i] + part * (steps[after, i] - steps[column, i])
        gain = (gains[column, i] + part * (gains[after, i] - gains[column, i])) * audible(step)
        bank.step_end[i] = np.int32(step)
        bank.left_end[i], bank.right_end[i] = gain * left_share[i], gain * right_share[i]


@kernel
def render_columns(bank, steps, gains, left_share, right_share, left, right):
    """Fill `left` and `right` (whole ticks) with all columns, evenly."""
    reset_bank(bank)
    lead(bank, steps, gains, left_share, right_share, -0.5)
    for i in range(len(bank.phase)):
        bank.step[i], bank.left[i], bank.right[i] = bank.step_end[i], bank.left_end[i], bank.right_end[i]
    ticks = len(left) // TICK
    for tick in range(ticks):
        lead(bank, steps, gains, left_share, right_share, (tick + 1) * len(steps) / ticks - 0.5)
        frames = slice(tick * TICK, (tick + 1) * TICK)
        render_bank(bank, len(bank.phase), left[frames], right[frames])
