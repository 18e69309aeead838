"""Additive spectra: up to 1,024 harmonics of a root, none of them above Nyquist. [audio]

Alias-free by construction: each harmonic fades out before Nyquist and in again as the root moves. Amplitudes and
ratios are computed in turn, one lane in SEGMENT ticks as in the cluster, and move in straight lines between. Harmonic n
lies at n sqrt(1 + B n^2), as on a stiff string (Fletcher 1964), B being the stretch.

    TILTED      every harmonic, falling by `tilt_db` per octave
    SAW, PULSE, TRIANGLE    the Fourier series itself, phases included: the exact form of the wave

Over each lie the balance of odd and even harmonics and one formant. The power of the whole is kept, so spectra are
compared by colour, not level. Unstretched harmonics keep their phases for ever: harmonic n is n times the first one's.
A harmonic whose phase is to change falls silent, changes, and rises again.
"""
import math

import numpy as np

from live.dsp.bank import HIGHEST, advanced, audible, bank_dtype, render_bank, reset_bank
from live.dsp.clamp import clamp, clamp_or
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE
from live.dsp.random import hashed, uniform

MOST = 1024
SEGMENT = 16            # ticks from one turn of a harmonic to the next
LANE = 16               # neighbouring harmonics that are computed together
RMS = 0.25              # of the whole at 0 dB
STIFFEST = 0.1          # stretch B at most
LEVELLING = 0.02        # seconds
LEAST_POWER = 0.01      # of a spectrum that is brought to RMS; weaker ones stay weak
PER_OCTAVE = 1 / (20 * math.log10(2))
TILTED, SAW, PULSE, TRIANGLE = 0, 1, 2, 3
QUARTER = 2 ** 30       # phase at which the cosine is a falling sine, and the sum of them a rising saw
_PHASE, _PAN = -6, -7   # steps of the hash that stand for a harmonic's constants

HARMONIC = np.dtype([
    ('bank', bank_dtype(MOST)),
    ('base', 'i4'), ('base_step', 'i4'),                        # phase and step of the first harmonic
    ('offset', 'i4', (MOST,)), ('wanted', 'i4', (MOST,)),       # phase beside n times the base
    ('ratio', 'f8', (MOST,)), ('ratio_slope', 'f8', (MOST,)),
    ('wish', 'f4', (MOST,)),                                    # level it would have, were its phase right
    ('level', 'f4', (MOST,)), ('level_slope', 'f4', (MOST,)), ('level_end', 'f4', (MOST,)),
    ('left', 'f4', (MOST,)), ('right', 'f4', (MOST,)),          # shares of a harmonic
    ('tick', 'i8'), ('active', 'i8'), ('stretched', 'i8'),      # active: harmonics at work; stretched: ticks still
    ('scale', 'f8'),
], align=True)


@kernel
def reset_harmonic(state):
    """Begin from silence."""
    reset_bank(state.bank)
    state.base = state.base_step = 0
    state.tick = state.active = state.stretched = 0
    state.scale = 0.0
    for i in range(MOST):
        state.bank.phase[i] = state.offset[i] = state.wanted[i] = 0
        state.ratio[i], state.ratio_slope[i] = i + 1, 0
        state.wish[i] = state.level[i] = state.level_slope[i] = state.level_end[i] = 0
        state.left[i] = state.right[i] = 0


@kernel
def amplitude(spectrum, n, tilt_db, balance, width):
    """Return the signed amplitude of harmonic n; balance: -1 odd alone .. 1 even alone; width of the pulse 0..1."""
    even = n % 2 == 0
    side = min(1.0, 1 + balance) if even else min(1.0, 1 - balance)
    if spectrum == SAW:
        return side / n
    if spectrum == PULSE:
        return side * math.sin(math.pi * n * width) / n
    if spectrum == TRIANGLE:
        return 0.0 if even else side / (n * n)
    return side * n ** (-tilt_db * PER_OCTAVE)


@kernel
def formant_gain(frequency, centre, octaves, gain_db):
    """Return the gain of a formant: in dB a bell over log frequency, at half its height `octaves` wide."""
    away = math.log2(max(frequency, 1.0) / centre) / (0.5 * octaves)
    return 10.0 ** (gain_db / 20 * 2.0 ** (-min(away * away, 64.0)))


@kernel
def retune_harmonic(state, frequency, seed, spectrum, harmonics, tilt_db, balance, width, stretch, formant,
                    formant_octaves, formant_db, aligned, spread):
    """Give the harmonics whose turn it is their next straight lines."""
    start = QUARTER if spectrum == SAW or spectrum == TILTED else 0
    for lane in range((state.tick % SEGMENT) * LANE, MOST, SEGMENT * LANE):
        for i in range(lane, lane + LANE):
            n = i + 1
            ratio = n * math.sqrt(1 + stretch * n * n)
            state.wish[i] = 0
            if i < harmonics:
                state.wish[i] = amplitude(spectrum, n, tilt_db, balance, width)
                if formant_db != 0:
                    state.wish[i] *= formant_gain(ratio * frequency, formant, formant_octaves, formant_db)
            aim(state, i, ratio, np.int32(start if aligned else hashed(seed, i, _PHASE) >> np.uint64(32)))
            pan = spread * (2 * uniform(seed, i, _PAN) - 1) if i else 0.0
            state.left[i], state.right[i] = math.sqrt((1 - pan) / 2), math.sqrt((1 + pan) / 2)


@kernel
def aim(state, i, ratio, wanted):
    """Start harmonic i on straight lines to its ratio and level, in silence first if its phase is to change."""
    level = state.wish[i]
    if wanted != state.wanted[i]:
        if state.level_end[i] == 0:
            state.offset[i] = state.wanted[i] = wanted
            state.bank.phase[i] = in_step(state, i)
        else:
            level = 0.0
    state.level[i] = state.level_end[i]
    state.level_end[i] = level
    state.level_slope[i] = (level - state.level[i]) / SEGMENT
    state.ratio_slope[i] = (ratio - state.ratio[i]) / SEGMENT


@kernel
def in_step(state, i):
    """Return the phase of harmonic i that goes with the base."""
    return np.int32(np.int32(np.int32(i + 1) * state.base) + state.offset[i])


@kernel
def align(state, first, active):
    """Put harmonics exactly in step with the base, in phase and frequency."""
    for i in range(first, active):
        state.bank.phase[i] = in_step(state, i)
        state.bank.step[i] = np.int32(np.int32(i + 1) * state.base_step)


@kernel
def steer(state, root_step, active):
    """Set where the bank shall be at the end of the tick."""
    whole = np.int32(root_step)
    for i in range(active):
        n = i + 1
        state.ratio[i] += state.ratio_slope[i]
        state.level[i] += state.level_slope[i]
        beside = min((state.ratio[i] - n) * root_step, 0.5 * CYCLE)
        state.bank.step_end[i] = np.int32(np.int32(np.int32(n) * whole) + np.int32(beside))
        gain = state.level[i] * state.scale * audible(state.ratio[i] * root_step)
        state.bank.left_end[i], state.bank.right_end[i] = gain * state.left[i], gain * state.right[i]


@kernel
def follow(state, root_step, active):
    """Move the base on by a tick; stretched harmonics leave it, and note by how much."""
    whole = np.int32(root_step)
    state.base = advanced(state.base, state.base_step, np.int32((whole - state.base_step) // TICK))
    state.base_step = whole
    if state.stretched:
        for i in range(active):
            state.offset[i] = np.int32(state.bank.phase[i] - np.int32(np.int32(i + 1) * state.base))


@kernel
def settle(state):
    """Note where stretched harmonics have got to, so that they are put back where the wave has them."""
    for i in range(MOST):
        state.wanted[i] = state.offset[i]


@kernel
def level_out(state, count, samplerate):
    """Glide the gain of the whole to where the power of the harmonics below Nyquist is that of RMS, and never above."""
    power = now = 0.0
    for i in range(count):
        power += state.wish[i] * state.wish[i]
        level = state.level[i] + state.level_slope[i]
        now += level * level
    wanted = RMS * math.sqrt(2 / max(LEAST_POWER, power))
    glided = state.scale + (wanted - state.scale) * (1 - math.exp(-TICK / (samplerate * LEVELLING)))
    state.scale = min(glided, RMS * math.sqrt(2 / max(LEAST_POWER, now)))


@kernel
def render_harmonic(state, frequency, samplerate, seed, spectrum, harmonics, tilt_db, balance, width, stretch, formant,
                    formant_octaves, formant_db, aligned, spread, left, right):
    """Add one tick to `left` and `right` (TICK,).

    frequency, formant: Hz; harmonics: 1..MOST; formant_octaves, formant_db: width and height of the bell; aligned: 0
    random phases, 1 those of the wave; spread: 0 all in the middle .. 1 each harmonic at a place of its own.
    """
    top = HIGHEST * samplerate
    frequency = clamp(frequency, 1.0, top)
    stretch = clamp(stretch, 0.0, STIFFEST)
    retune_harmonic(state, frequency, seed, spectrum, clamp(harmonics, 1, MOST), clamp(tilt_db, -24.0, 96.0),
                    clamp(balance, -1.0, 1.0), clamp(width, 0.01, 0.99), stretch, clamp(formant, 20.0, top),
                    clamp(formant_octaves, 0.1, 10.0), clamp_or(formant_db, -60.0, 60.0, 0.0), aligned,
                    clamp(spread, 0.0, 1.0))
    root_step = frequency / samplerate * CYCLE
    count = min(MOST, int(top / frequency) + 1)
    active = max(count, state.active)
    level_out(state, count, samplerate)
    align(state, state.active if state.stretched else 0, active)
    if aligned and stretch == 0 and state.stretched == 1:
        settle(state)
    state.stretched = 2 * SEGMENT if stretch > 0 else max(state.stretched - 1, 0)
    steer(state, root_step, active)
    render_bank(state.bank, active, left, right)
    follow(state, root_step, active)
    state.active = count
    state.tick += 1
