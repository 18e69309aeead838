"""Cross-modulation: one layer bends another, in level (ring) or in time (phase). [audio]

Safe in any loop, since nothing comes out louder than it went in: the modulator is bent into -1..1 before it acts; ring
modulation multiplies by 1 at most; phase modulation reads the carrier's near past, between two samples their weighted
mean. At depth 0 the carrier passes unchanged and undelayed.
"""
import numpy as np

from live.dsp.clamp import clamp
from live.dsp.kernel import TICK, kernel

REACH = 128             # samples of the past that phase modulation moves in, at full depth
GAIN = 6.0              # of the modulator: a layer of RMS 0.25 uses most of the range
GLIDE = 0.05            # seconds in which a depth goes from 0 to 1
LOUDEST = 1e3           # samples; what is beyond (NaN is) counts as silence
NEWEST = REACH + 1      # place of the first sample of this tick

CROSS = np.dtype([
    ('past', 'f4', (2, NEWEST + TICK + 1)),             # of the carrier
    ('ring', 'f8'), ('phase', 'f8'),                    # depths at the end of the last tick
], align=True)


@kernel
def reset_cross(state):
    """Forget the past; depths begin at 0."""
    state.ring = state.phase = 0.0
    for channel in range(2):
        for k in range(NEWEST + TICK + 1):
            state.past[channel, k] = 0


@kernel
def bent(x):
    """Return a modulator bent smoothly into -1..1: a rational tanh."""
    x = np.float32(GAIN) * (x if abs(x) < np.float32(LOUDEST) else np.float32(0))
    x = min(np.float32(3), max(np.float32(-3), x))
    return x * (np.float32(27) + x * x) / (np.float32(27) + np.float32(9) * x * x)


@kernel
def modulate(past, ring, ring_slope, phase, phase_slope, modulator, carrier):
    """Bend one channel of the carrier in place; ring and phase are depths, ramped."""
    for k in range(TICK):
        sound = carrier[k]
        past[NEWEST + k] = sound if abs(sound) < np.float32(LOUDEST) else np.float32(0)
    for k in range(TICK):
        m, along = bent(modulator[k]), np.float32(k)
        place = np.float32(NEWEST + k) - np.float32(REACH / 2) * (phase + along * phase_slope) * (np.float32(1) + m)
        before = np.int32(place)
        part = place - np.float32(before)
        moved = (np.float32(1) - part) * past[before] + part * past[before + 1]
        carrier[k] = moved * (np.float32(1) + (ring + along * ring_slope) * (m - np.float32(1)))
    for k in range(NEWEST):
        past[k] = past[k + TICK]


@kernel
def process_cross(state, ring, phase, samplerate, mod_left, mod_right, left, right):
    """Bend one tick of a carrier, `left` and `right` (TICK,), in place by the modulator mod_left, mod_right.

    ring, phase: depths 0..1. Two layers can bend each other if each is given the other as it was before.
    """
    most = TICK / (samplerate * GLIDE)
    ring = state.ring + min(most, max(-most, clamp(ring, 0.0, 1.0) - state.ring))
    phase = state.phase + min(most, max(-most, clamp(phase, 0.0, 1.0) - state.phase))
    if ring > 0 or phase > 0 or state.ring > 0 or state.phase > 0:
        rings, rings_slope = np.float32(state.ring), np.float32((ring - state.ring) / TICK)
        phases, phases_slope = np.float32(state.phase), np.float32((phase - state.phase) / TICK)
        modulate(state.past[0], rings, rings_slope, phases, phases_slope, mod_left, left)
        modulate(state.past[1], rings, rings_slope, phases, phases_slope, mod_right, right)
    else:
        remember(state.past[0], left)
        remember(state.past[1], right)
    state.ring, state.phase = ring, phase


@kernel
def remember(past, carrier):
    """Keep a tick of a carrier that is not bent."""
    for k in range(NEWEST):
        past[k] = past[k + TICK]
    for k in range(TICK):
        sound = carrier[k]
        past[NEWEST - TICK + k] = sound if abs(sound) < np.float32(LOUDEST) else np.float32(0)
