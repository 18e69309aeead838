"""The look-ahead limiter of the master: true peaks stay at -1 dBFS, what is quieter passes to the bit. [audio]

True peaks are those of the wave between the samples. They are sought at four times the rate (ITU-R BS.1770, annex 2),
with a parabola through the highest three points, behind two filters, long and short: within 2 kHz of Nyquist meters
differ, and the sterner one counts. The gain that each peak asks for, the same for both channels, is held for a window
by a sliding minimum, let go by an exponential, and smoothed by a window that is shorter by a plateau: so it has
arrived, softly, when the peak does. Sound comes out LATENCY samples late. Samples that are not finite are muted and
counted before anything else. Buffers of two ticks begin with the past and end with the present.
"""
import math

import numpy as np

from live.dsp.clamp import clamp_or
from live.dsp.kernel import TICK, kernel

CEILING_DB = -1.0
MARGIN_DB = 0.2         # for what no filter of finite length can see
LATENCY = TICK
REACH = 24              # samples to each side that the longer filter needs
ATTACK = 33             # samples of the smoothing window
HOLD = 50               # samples of the sliding minimum: ATTACK and a plateau of 8 to each side of the peak
_CEILING = np.float32(10 ** ((CEILING_DB - MARGIN_DB) / 20))
_FILTERS = ((24, 3.0), (10, 5.0))       # reach in samples, beta of the Kaiser window
_BLINDING = np.float32(1e6)     # +120 dBFS: louder samples would overflow a filter
_TINY = np.float32(1e-9)


def _quarters(reach: int, beta: float) -> np.ndarray:
    """Return (3, 2 REACH) taps: the wave a quarter, half and three quarters of the way from a sample to the next."""
    time = np.arange(2 * REACH) - REACH + 1 - np.arange(1, 4)[:, None] / 4
    window = np.i0(beta * np.sqrt(np.maximum(0, 1 - (time / reach) ** 2))) * (abs(time) < reach)
    taps = np.sinc(time) * window
    return taps / taps.sum(1, keepdims=True)


_TAPS = np.array([_quarters(*kind) for kind in _FILTERS], np.float32)
_SMOOTH = (np.hanning(ATTACK + 2)[1:-1] / np.hanning(ATTACK + 2).sum()).astype(np.float32)

LIMITER = np.dtype([
    ('samples', 'f4', (2, 2 * TICK)),
    ('quarter', 'f4', (TICK,)), ('half', 'f4', (TICK,)),        # what lies between samples; [0]: of the tick before
    ('third', 'f4', (2, len(_FILTERS), TICK + 1)), ('peak', 'f4', (TICK,)),
    ('excess', 'f4', (2 * TICK,)),                              # 1 - gain, as each sample asks for it
    ('most', 'f4', (2 * TICK,)), ('wider', 'f4', (2 * TICK,)),  # its maximum over windows that double
    ('held', 'f4', (2 * TICK,)), ('reduction', 'f4', (TICK,)),
    ('release', 'f4'),                                          # where the exponential is
    ('deepest', 'f8'),                                          # gain at the quietest point of the tick
    ('muted', 'i8'),                                            # samples that were not finite
    ('samplerate', 'f8'),
], align=True)


@kernel
def reset_limiter(state, samplerate):
    """Begin from silence."""
    state.samplerate = samplerate
    state.muted = 0
    clear_limiter(state)


@kernel
def clear_limiter(state):
    """Forget the last samples; click-free once the sound is muted."""
    state.deepest, state.release = 1.0, np.float32(0)
    for channel in range(2):
        for i in range(len(_FILTERS)):
            state.third[channel, i, TICK] = 0
    for k in range(2 * TICK):
        state.samples[0, k] = state.samples[1, k] = 0
        state.excess[k] = state.most[k] = state.wider[k] = state.held[k] = 0


@kernel
def process_limiter(state, release, left, right):
    """Limit one tick in place, LATENCY samples late; release: seconds to come back by 63 %."""
    release = clamp_or(release, 0.001, 10.0, 0.1)
    for k in range(TICK):
        state.peak[k] = 0
    state.muted += take(left, state.samples[0]) + take(right, state.samples[1])
    for channel in range(2):
        for i in range(len(_FILTERS)):
            find_peaks(_TAPS[i], state.samples[channel], state.quarter, state.half, state.third[channel, i], state.peak)
    ask(state.peak, state.excess)
    hold(state)
    let_go(state, np.float32(math.exp(-1 / (release * state.samplerate))))
    smooth(state.held, state.reduction)
    state.deepest = 1 - apply(state.samples[0], state.reduction, left)
    apply(state.samples[1], state.reduction, right)


@kernel
def shift(buffer):
    """Make what was the tick the past."""
    for k in range(TICK):
        buffer[k] = buffer[TICK + k]


@kernel
def take(samples, buffer):
    """Append a tick to a buffer; return how many samples were not finite, and are silence now."""
    shift(buffer)
    bad = 0
    for k in range(TICK):
        x = samples[k]
        finite = abs(x) < np.inf
        bad += not finite
        buffer[TICK + k] = min(max(x, -_BLINDING), _BLINDING) if finite else np.float32(0)
    return bad


@kernel
def find_peaks(taps, samples, quarter, half, third, peak):
    """Raise `peak` to the highest magnitude between each sample and the next, as seen REACH samples later."""
    third[0] = third[TICK]
    convolve(taps[0], samples, quarter)
    convolve(taps[1], samples, half)
    convolve(taps[2], samples, third[1:])
    now, after, late = samples[TICK - REACH:], samples[TICK - REACH + 1:], third[1:]
    for k in range(TICK):
        a, b, c, d = abs(now[k]), abs(quarter[k]), abs(half[k]), abs(late[k])
        first, second = max(crest(abs(third[k]), a, b), crest(a, b, c)), max(crest(b, c, d), crest(c, d, abs(after[k])))
        peak[k] = max(peak[k], max(first, second))


@kernel
def convolve(taps, samples, out):
    """Write the value that 2 REACH taps give between sample and next, four taps at a time."""
    for k in range(TICK):
        out[k] = 0
    for i in range(0, 2 * REACH, 4):
        a, b, c, d = taps[i], taps[i + 1], taps[i + 2], taps[i + 3]
        past = samples[TICK - 2 * REACH + 1 + i:]
        for k in range(TICK):
            out[k] += a * past[k] + b * past[k + 1] + c * past[k + 2] + d * past[k + 3]


@kernel
def crest(before, here, after):
    """Return the top of the parabola through three magnitudes, were the middle one the highest."""
    curve = max(here + here - before - after, _TINY)
    side = min(abs(after - before), curve)
    return here + np.float32(0.125) * side * side / curve


@kernel
def ask(peak, excess):
    """Append how much less than 1 the gain has to be for each peak."""
    shift(excess)
    out, one = excess[TICK:], np.float32(1)
    for k in range(TICK):
        out[k] = one - _CEILING / max(peak[k], _CEILING)


@kernel
def hold(state):
    """Append the largest excess of the last HOLD samples: of windows of 2, 4, 8, 16, 32, and two of 32."""
    one, other = state.most, state.wider
    widen(state.excess, 1, one)
    widen(one, 2, other)
    widen(other, 4, one)
    widen(one, 8, other)
    widen(other, 16, one)
    shift(state.held)
    out, late = state.held[TICK:], one[TICK - HOLD + 32:]
    for k in range(TICK):
        out[k] = max(one[TICK + k], late[k])


@kernel
def widen(values, span, out):
    """Write the larger of each value and the one `span` before it."""
    for k in range(span):
        out[k] = values[k]
    now, later = values[span:], out[span:]
    for k in range(2 * TICK - span):
        later[k] = max(values[k], now[k])


@kernel
def let_go(state, decay):
    """Let the held excess fall no faster than an exponential."""
    falling, held = state.release, state.held[TICK:]
    for k in range(TICK):
        falling = max(held[k], falling * decay)
        held[k] = falling
    state.release = falling


@kernel
def smooth(held, out):
    """Write the weighted mean of the last ATTACK values."""
    for k in range(TICK):
        out[k] = 0
    for i in range(ATTACK):
        weight, past = _SMOOTH[i], held[TICK - i:]
        for k in range(TICK):
            out[k] += weight * past[k]


@kernel
def apply(samples, reduction, out):
    """Write the tick before, turned down; return the largest reduction."""
    most = np.float32(0)
    for k in range(TICK):
        out[k] = samples[k] - reduction[k] * samples[k]
        most = max(most, reduction[k])
    return most
