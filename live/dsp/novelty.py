"""How new the sound is: onsets within a hop, and slow novelty over a second. [audio]

Input: `db` of live.dsp.mel, once per HOP. What lies below FLOOR_DB counts as empty, else the noise of quiet bands,
which is large in dB, would count for as much as the music.

onset    mean rise in dB of the bands over two hops ago, against the loudest of each band and its neighbours there, so
         that vibrato and drift make no onsets (Boeck and Widmer 2013, 'Maximum filter vibrato suppression for onset
         detection'); on the same levels equal to librosa's `onset.onset_strength` with lag 2 and max_size 3.
novelty  0..1: cosine distance between the bands of now and of a second ago, smoothed (Foote 2000, 'Automatic audio
         segmentation using a measure of audio novelty'), each as the cube root of its power, which is how loudness
         grows. A change of timbre or harmony counts, a change of level does not. Beats stay near 0.01, a chord
         changed under a held root gives 0.05, a tone added to a cluster 0.3.
"""
import math

import numpy as np

from live.dsp.kernel import kernel
from live.dsp.mel import MELS
from live.signals import HOP

FLOOR_DB = -30.0        # a sine of about -70 dBFS
LAG = 2                 # hops
PAST = 16               # smoothed frames kept
SPAN = 1.0              # seconds from the oldest of them to now
SMOOTH = 0.3            # seconds, time constant

NOVELTY = np.dtype([
    ('levels', 'f8', (LAG + 1, MELS)),                  # dB of the newest hops, circular
    ('smooth', 'f8', (MELS,)), ('past', 'f8', (PAST, MELS)),        # cube roots of power: now; before, circular
    ('hops', 'i8'), ('stride', 'i8'),                   # so far; from one kept frame to the next
    ('follow', 'f8'),                                   # share of the way that smoothing goes in a hop
    ('onset', 'f8'), ('novelty', 'f8'),                 # what comes out
], align=True)


@kernel
def reset_novelty(state, samplerate):
    """Begin from silence."""
    state.hops = 0
    state.stride = max(1, int(SPAN * samplerate / (HOP * (PAST - 1)) + 0.5))
    state.follow = 1 - math.exp(-HOP / (SMOOTH * samplerate))
    state.onset = state.novelty = 0.0
    for band in range(MELS):
        state.smooth[band] = cube_root(FLOOR_DB)
        for k in range(LAG + 1):
            state.levels[k, band] = FLOOR_DB
        for k in range(PAST):
            state.past[k, band] = state.smooth[band]


@kernel
def measure_novelty(state, db):
    """Take the levels db (MELS,) of the next hop; sets state.onset and state.novelty."""
    now = state.hops % (LAG + 1)
    for band in range(MELS):
        level = max(db[band], FLOOR_DB)
        state.levels[now, band] = level
        state.smooth[band] += state.follow * (cube_root(level) - state.smooth[band])
    state.onset = rise(state.levels[now], state.levels[(state.hops + 1) % (LAG + 1)])
    place, part = (state.hops // state.stride) % PAST, (state.hops % state.stride) / state.stride
    state.novelty = distance(state.smooth, state.past[place], state.past[(place + 1) % PAST], part)
    if state.hops % state.stride == state.stride - 1:
        for band in range(MELS):
            state.past[place, band] = state.smooth[band]
    state.hops += 1


@kernel
def rise(levels, before):
    """Return the mean rise of levels over the loudest of three neighbouring bands before."""
    total = 0.0
    for band in range(1, MELS - 1):
        total += max(0.0, levels[band] - max(before[band - 1], before[band], before[band + 1]))
    total += max(0.0, levels[0] - max(before[0], before[1]))
    total += max(0.0, levels[MELS - 1] - max(before[MELS - 2], before[MELS - 1]))
    return total / MELS


@kernel
def cube_root(level_db):
    """Return the cube root of a power given in dB."""
    return math.exp(level_db * (math.log(10.0) / 30))


@kernel
def distance(bands, older, newer, part):
    """Return the cosine distance of bands from a frame that lies `part` of the way between two others."""
    product = square = square_past = 0.0
    for band in range(MELS):
        here = bands[band]
        there = older[band] + part * (newer[band] - older[band])
        product += here * there
        square += here * here
        square_past += there * there
    return max(0.0, 1 - product / math.sqrt(square * square_past))
