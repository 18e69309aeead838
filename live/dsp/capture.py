"""What is in the live input now: its sines, found a part a tick. [audio] Feeds the freeze; knows nothing of playing.

The newest FRAME samples are kept. When asked, their spectrum is taken (`live/dsp/slow_fft.py`), its peaks are measured
(`live/dsp/peaks.py`) one band a tick, and what is only a sidelobe of a louder peak is marked. No part takes longer than
a few hundredths of a tick of 64 samples at 48 kHz.
"""
import math

import numpy as np

from live.dsp.fft import untangle
from live.dsp.kernel import TICK, kernel
from live.dsp.peaks import find_peaks
from live.dsp.slow_fft import deal, join, transform_row

FRAME = 8192            # samples: 171 ms at 48 kHz, 5.9 Hz from bin to bin
BANDS = 8               # parts in which peaks are looked for
WIDTH = FRAME // 2 // BANDS             # bins of a band
CANDIDATES = BANDS * (WIDTH // 2 + 1)   # no more peaks can be in the spectrum
FLOOR = 1e-5            # amplitude, and share of the loudest, below which nothing counts
SIDELOBE = 2.0          # how far above the sidelobes of the louder a partial must stand
REACH = 40.0            # bins in which a louder peak is looked for
LOUDEST = 100.0         # input; what is beyond (NaN is) is not heard
ROWS, JOIN, UNTANGLE = 1, 5, 6          # stages: four rows of the transform, then one spectrum
PEAKS, MASKS, DONE = 7, 7 + BANDS, 7 + 2 * BANDS            # one band after the other, twice; the end

CAPTURE = np.dtype([
    ('history', 'f4', (FRAME,)), ('newest', 'i8'),              # circular
    ('stage', 'i8'),                                            # of the work; 0: none is under way
    ('window', 'f8', (FRAME,)), ('turn', 'f8', (2, FRAME // 2)), ('row_turn', 'f8', (2, FRAME // 8)),
    ('re', 'f8', (FRAME // 2,)), ('im', 'f8', (FRAME // 2,)), ('work', 'f8', (2, FRAME // 8)),
    ('magnitudes', 'f8', (FRAME // 2 + 1,)),
    ('frequency', 'f8', (CANDIDATES,)), ('amplitude', 'f8', (CANDIDATES,)), ('masked', 'i8', (CANDIDATES,)),
    ('first', 'i8', (BANDS + 1,)),                              # candidate of each band
], align=True)


@kernel
def reset_capture(state):
    """Begin with nothing heard."""
    state.newest = state.stage = 0
    for k in range(FRAME):
        state.history[k] = 0
        state.window[k] = 0.5 - 0.5 * math.cos(2 * math.pi * k / FRAME)
    for k in range(FRAME // 2):
        state.turn[0, k] = math.cos(2 * math.pi * k / FRAME)
        state.turn[1, k] = -math.sin(2 * math.pi * k / FRAME)
    for k in range(FRAME // 8):
        state.row_turn[0, k], state.row_turn[1, k] = state.turn[0, 4 * k], state.turn[1, 4 * k]


@kernel
def hear_capture(state, in_left, in_right):
    """Keep one tick of the live input (TICK,)."""
    for k in range(TICK):
        sound = np.float32(0.5) * (in_left[k] + in_right[k])
        state.history[(state.newest + k) % FRAME] = sound if abs(sound) < LOUDEST else np.float32(0)
    state.newest = (state.newest + TICK) % FRAME


@kernel
def begin_capture(state):
    """Take what is heard now; `go_on` does the rest."""
    deal(state.history, state.newest, state.window, state.re, state.im)
    state.stage = ROWS


@kernel
def go_on(state, samplerate):
    """Do one part of the work; return whether that was the last, and the candidates are complete."""
    stage = state.stage
    if stage == 0:
        return False
    if stage < JOIN:
        transform_row(state.re, state.im, stage - ROWS, state.work, state.row_turn)
    elif stage == JOIN:
        join(state.re, state.im, state.turn)
    elif stage == UNTANGLE:
        untangle(state.re, state.im, state.turn, state.magnitudes)
    elif stage < MASKS:
        pick(state, stage - PEAKS, samplerate / FRAME)
    else:
        mask(state, stage - MASKS, FRAME / samplerate)
    state.stage = (stage + 1) % DONE
    return state.stage == 0


@kernel
def pick(state, band, bin_width):
    """Note the peaks of one band of the spectrum."""
    begin, first = band * WIDTH, state.first[band] if band else 0
    part = state.magnitudes[max(begin - 1, 0):begin + WIDTH + 1]
    frequency, amplitude = state.frequency[first:], state.amplitude[first:]
    scale = (len(part) - 1) / (FRAME // 2)          # find_peaks takes the part for a whole spectrum
    found = find_peaks(part, bin_width, FLOOR / scale, frequency, amplitude)
    for k in range(found):
        frequency[k] += max(begin - 1, 0) * bin_width
        amplitude[k] *= scale
    state.first[0] = 0
    state.first[band + 1] = first + found


@kernel
def mask(state, band, per_hertz):
    """Count for each peak of one band the louder ones it is a sidelobe of: these fall as 1 / (pi d (d^2 - 1))."""
    frequency, amplitude = state.frequency, state.amplitude
    before, after = state.first[max(band - 1, 0)], state.first[min(band + 2, BANDS)]
    for i in range(state.first[band], state.first[band + 1]):
        masked, here, level = 0, frequency[i], math.pi / SIDELOBE * amplitude[i]
        for j in range(before, after):
            away = abs(frequency[j] - here) * per_hertz
            under = level * away * (away * away - 1) < amplitude[j]
            masked += under & (away > 1.5) & (away < REACH) & (SIDELOBE / math.pi * level < amplitude[j])
        state.masked[i] = masked


@kernel
def count_above(state, floor):
    """Return how many candidates that are no sidelobes are at least this loud."""
    count = 0
    for i in range(state.first[BANDS]):
        count += 1 if state.masked[i] == 0 and state.amplitude[i] >= floor else 0
    return count


@kernel
def floor_of(state, most):
    """Return the amplitude above which at most so many candidates lie, halving the interval in dB; at least FLOOR."""
    loudest = 0.0
    for i in range(state.first[BANDS]):
        loudest = max(loudest, state.amplitude[i])
    low, high = max(FLOOR, FLOOR * loudest), 2 * loudest + FLOOR
    if count_above(state, low) <= most:
        return low
    for _ in range(30):
        middle = math.sqrt(low * high)
        if count_above(state, middle) > most:
            low = middle
        else:
            high = middle
    return high
