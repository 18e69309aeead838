"""The last stage before the speakers: DC block, soft limit, guard against NaN. [audio] Compiled @exact.

Works sample by sample, so a performance gives the same bits however it is cut into blocks.
"""
import math

import numpy as np

from live.dsp.kernel import exact

KNEE = 0.7              # linear below, then bent so that 1 is never reached
DC_CORNER = 5.0         # Hz

OUTPUT = np.dtype([('last_in', 'f8', (2,)), ('last_out', 'f8', (2,)), ('pole', 'f8')], align=True)


@exact
def reset_output(state, samplerate):
    """Begin from silence."""
    for channel in range(2):
        state.last_in[channel] = state.last_out[channel] = 0.0
    state.pole = math.exp(-2 * math.pi * DC_CORNER / samplerate)


@exact
def soft_limit(x):
    """Return x below the knee; above, a curve with the same slope there that comes near 1 and stays below it."""
    over = abs(x) - KNEE
    if over <= 0:
        return x
    bent = KNEE + (1 - KNEE) * over / (over + (1 - KNEE))
    return min(bent, 0.999999) if x > 0 else max(-bent, -0.999999)


@exact
def finish_sample(state, channel, x):
    """Return one finished sample of a channel; NaN and infinity come back as NaN for the caller to count."""
    if not math.isfinite(x):
        state.last_in[channel] = state.last_out[channel] = 0.0
        return math.nan
    y = x - state.last_in[channel] + state.pole * state.last_out[channel]
    state.last_in[channel] = x
    state.last_out[channel] = y
    return soft_limit(y)
