"""Two tones by their centre and their beats in Hz; and ghosts, tones that only the ear makes. [audio]

Both are a comb of tones an exact gap apart. Tone k has k times the phase of the gap beside that of the lowest tone,
so beats keep their rate exactly, however the centre glides.

A ghost is a tone the ear's own distortion makes of others (Kendall, Haworth and Cadiz 2014, 'Sound synthesis with
auditory distortion products'): f2 - f1 of any two neighbours of a comb (QUADRATIC: the more tones, the stronger), or
2 f1 - f2 of a pair (CUBIC). It is not in the air: it comes and goes with the level at which the tones are played.
"""
import math

import numpy as np

from live.dsp.bank import HIGHEST, RAMP, add_chirp, advanced, audible
from live.dsp.clamp import clamp
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE

TONES = 8
RMS = 0.25              # of the whole at 0 dB
LOWEST = 1.0            # Hz
QUADRATIC, CUBIC = 0, 1

PAIR = np.dtype([
    ('phase', 'i4'), ('step', 'i4'),                            # of the lowest tone
    ('turn', 'f8'), ('rate', 'f8'),                             # of the gap: cycles, and cycles per sample
    ('left', 'f4', (TONES,)), ('right', 'f4', (TONES,)),        # gains at the end of the last tick
    ('left_end', 'f4', (TONES,)), ('right_end', 'f4', (TONES,)),
], align=True)


@kernel
def reset_pair(state):
    """Begin from silence, all tones in phase."""
    state.phase = state.step = 0
    state.turn = state.rate = 0.0
    for k in range(TONES):
        state.left[k] = state.right[k] = state.left_end[k] = state.right_end[k] = 0


@kernel
def render_comb(state, lowest, gap, samplerate, left, right):
    """Add one tick of tones at lowest + k gap Hz, whose gains go to left_end and right_end."""
    step, rate = np.int32(lowest / samplerate * CYCLE), gap / samplerate
    if state.step == 0:
        state.step, state.rate = step, rate
    slope, growth = np.int32((step - state.step) // TICK), (rate - state.rate) / TICK
    turn, per_sample = np.int64(state.turn * CYCLE), np.float32(1 / TICK)
    for k in range(TONES):
        if state.left[k] + state.right[k] + state.left_end[k] + state.right_end[k] > 0:
            heard = np.float32(audible(step + k * rate * CYCLE))
            state.left_end[k] *= heard
            state.right_end[k] *= heard
            add_chirp(np.int32(state.phase + k * turn), np.int32(state.step + np.int64(k * state.rate * CYCLE)),
                      np.int32(slope + np.int64(math.floor(k * growth * CYCLE + 0.5))),
                      state.left[k], (state.left_end[k] - state.left[k]) * per_sample,
                      state.right[k], (state.right_end[k] - state.right[k]) * per_sample, left, right)
        state.left[k], state.right[k] = state.left_end[k], state.right_end[k]
    state.phase = advanced(state.phase, state.step, slope)
    state.turn += TICK * state.rate + RAMP * growth
    state.turn -= math.floor(state.turn)
    state.step, state.rate = step, rate


@kernel
def render_pair(state, centre, beat, samplerate, balance, spread, left, right):
    """Add one tick of two tones to `left` and `right` (TICK,).

    centre, beat: Hz; balance: -1 the lower alone .. 1 the upper alone; spread: 0 both in the middle, where they beat in
    the air .. 1 one on each side, where they beat in the head.
    """
    centre = clamp(centre, 2 * LOWEST, HIGHEST * samplerate)
    beat = clamp(beat, 0.0, 2 * (centre - LOWEST))
    balance, spread = clamp(balance, -1.0, 1.0), clamp(spread, 0.0, 1.0)
    for k in range(TONES):
        state.left_end[k] = state.right_end[k] = 0
    for k in range(2):
        side = 2 * k - 1
        gain = RMS * math.sqrt(1 + side * balance)
        state.left_end[k] = gain * math.sqrt((1 - side * spread) / 2)
        state.right_end[k] = gain * math.sqrt((1 + side * spread) / 2)
    render_comb(state, centre - 0.5 * beat, beat, samplerate, left, right)


@kernel
def render_ghost(state, ghost, register, samplerate, kind, tones, level, left, right):
    """Add one tick of the tones that evoke a ghost to `left` and `right` (TICK,), all on both sides.

    ghost: Hz of the tone to be heard; register: Hz of the lowest tone played; kind: QUADRATIC or CUBIC; tones: 2..TONES
    of a quadratic comb; level: 0..1.
    """
    ghost = clamp(ghost, LOWEST, 0.2 * samplerate)
    register = clamp(register, LOWEST, 0.4 * samplerate)
    tones, gap = clamp(tones, 2, TONES), ghost
    if kind == CUBIC:
        register = max(register, 1.02 * ghost)
        tones, gap = 2, register - ghost
    gain = RMS * clamp(level, 0.0, 1.0) / math.sqrt(tones)
    for k in range(TONES):
        state.left_end[k] = state.right_end[k] = gain if k < tones else 0.0
    render_comb(state, register, gap, samplerate, left, right)
