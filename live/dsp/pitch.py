"""Pitch of the live input: YIN, 30 Hz to 2 kHz. [audio]

de Cheveigne and Kawahara 2002, 'YIN, a fundamental frequency estimator for speech and music': the difference of the
sound from itself, shifted by a lag, is divided by its mean over all shorter lags; the first lag at which that dips
below THRESHOLD is the period. Here the period is then measured again over 2, 4, 8 ... periods, for as long as the
sound repeats that well: an error of the interpolated dip counts that many times less.

Samples are fed one by one. They are low-passed and decimated to 10-20 kHz, which keeps two periods of 30 Hz (67 ms) as
short as 800 samples. What measure_pitch costs depends on the samplerate alone; of silence, next to nothing.
"""
import math

import numpy as np

from live.dsp.kernel import exact, kernel

LOWEST, HIGHEST = 30.0, 2000.0      # Hz
LOWEST_RATE = 10000.0               # Hz, after decimation
LAGS = 700                          # room for 30 Hz at twice that
WIDTH = 24                          # of the low-pass, decimated samples
MOST_FACTOR = 16                    # of decimation: 192 kHz
TAPS = WIDTH * MOST_FACTOR
CUTOFF = 0.34                       # of the decimated rate; passes 0.25, stops 0.43 by 60 dB
THRESHOLD = 0.1                     # depth of a dip that is a period
SILENCE = 1e-4                      # root mean square
LOUDEST = 1e3                       # sample value

PITCH = np.dtype([
    ('factor', 'i8'), ('rate', 'f8'), ('lags', 'i8'),           # of decimation, a power of 2; Hz after it; searched
    ('taps', 'f4', (TAPS,)), ('length', 'i8'),                  # of the low-pass
    ('recent', 'f4', (2 * TAPS,)), ('place', 'i8'),             # circular, written twice: any window is in one piece
    ('history', 'f4', (4 * LAGS,)), ('newest', 'i8'),           # the same, decimated; where the next ones go
    ('difference', 'f8', (LAGS + 1,)),
    ('frequency', 'f8'), ('confidence', 'f8'),                  # what comes out: Hz, 0 of silence; 0..1
], align=True)


def reset_pitch(state: np.void, samplerate: float) -> None:
    """Design the low-pass and begin from silence. Allocates: not for the callback."""
    for name in PITCH.names or ():
        state[name] = 0
    factor = 1
    while samplerate / (2 * factor) >= LOWEST_RATE and factor < MOST_FACTOR:
        factor *= 2
    rate = samplerate / factor
    length = WIDTH * factor
    time = (np.arange(length) - (length - 1) / 2) / factor
    taps = np.sinc(2 * CUTOFF * time) * np.kaiser(length, 7.0)
    state['factor'], state['rate'], state['length'] = factor, rate, length
    state['taps'][:length] = taps / taps.sum()
    state['lags'] = min(LAGS, math.ceil(rate / LOWEST) + 2)


@exact
def hear_pitch(state, sample):
    """Take one sample; NaN counts as silence."""
    x = np.float32(min(max(sample, -LOUDEST), LOUDEST)) if sample == sample else np.float32(0)
    state.recent[state.place] = state.recent[state.place + state.length] = x
    state.place = state.place + 1 if state.place + 1 < state.length else 0
    if state.place & (state.factor - 1) == 0:
        size = 2 * state.lags
        y = low_pass(state.recent[state.place:state.place + state.length], state.taps[:state.length])
        state.history[state.newest] = state.history[state.newest + size] = y
        state.newest = (state.newest + 1) % size


@kernel
def low_pass(recent, taps):
    """Return the sum of recent, weighted by taps."""
    total = np.float32(0)
    for k in range(len(taps)):
        total += recent[k] * taps[k]
    return total


@kernel
def measure_pitch(state):
    """Set state.frequency and state.confidence from the newest two periods of LOWEST."""
    state.frequency = state.confidence = 0.0
    lags, d = state.lags, state.difference
    samples = state.history[state.newest:state.newest + 2 * lags]
    if power(samples) > SILENCE * SILENCE:
        differences(samples, lags, d)
        lag, depth, mean = first_dip(d, lags, state.rate / HIGHEST)
        if lag > 0:
            state.frequency = state.rate / longer_period(d, lags, lag, mean)
            state.confidence = min(max(1 - depth, 0.0), 1.0)


@kernel
def power(samples):
    """Return the mean square."""
    total = np.float32(0)
    for k in range(len(samples)):
        total += samples[k] * samples[k]
    return total / len(samples)


@kernel
def differences(samples, lags, out):
    """Write the summed squares of the newest `lags` samples' differences from those `lag` earlier to out[lag].

    Slices, whose index begins at 0, let the compiler use vector registers; an index with an offset does not.
    """
    newest = samples[lags:2 * lags]
    for lag in range(lags + 1):
        earlier = samples[lags - lag:2 * lags - lag]
        total = np.float32(0)
        for k in range(len(newest)):
            change = newest[k] - earlier[k]
            total += change * change
        out[lag] = total


@kernel
def first_dip(d, lags, shortest):
    """Return the lag, the depth and the mean difference of the first dip below THRESHOLD, else of the deepest.

    Depth and place are those of a parabola through the dip, else a period between two short lags would be overlooked.
    The lag is 0 where there is no dip.
    """
    best, deepest, best_mean = 0, 1e30, 1.0
    total = d[1]
    for lag in range(2, lags):
        total += d[lag]
        if d[lag] < d[lag - 1] and d[lag] <= d[lag + 1]:
            offset, bottom = parabola(d[lag - 1], d[lag], d[lag + 1])
            mean = total / lag
            depth = bottom / mean if mean > 0 else 1e30
            if depth < deepest and lag + offset >= 0.99 * shortest:
                best, deepest, best_mean = lag, depth, mean
                if depth < THRESHOLD:
                    break
    return best, deepest, best_mean


@kernel
def parabola(a, b, c):
    """Return place (-0.5..0.5) and value of the lowest point of a parabola through three neighbours, b the lowest."""
    bend = a - 2 * b + c
    if bend <= 0:
        return 0.0, b
    return 0.5 * (a - c) / bend, max(0.0, b - 0.125 * (a - c) * (a - c) / bend)


@kernel
def longer_period(d, lags, lag, mean):
    """Return the period near `lag`, measured over as many periods as dip as deep and have room."""
    offset, _ = parabola(d[lag - 1], d[lag], d[lag + 1])
    period, count = lag + offset, 2
    while count * period + 3 < lags:
        lag = lowest_near(d, int(count * period + 0.5))
        offset, bottom = parabola(d[lag - 1], d[lag], d[lag + 1])
        if d[lag] > min(d[lag - 1], d[lag + 1]) or bottom > THRESHOLD * mean:
            break
        period = (lag + offset) / count
        count *= 2
    return period


@kernel
def lowest_near(d, lag):
    """Return the lag of the smallest difference within two of `lag`."""
    best = lag
    for near in range(lag - 2, lag + 3):
        if d[near] < d[best]:
            best = near
    return best
