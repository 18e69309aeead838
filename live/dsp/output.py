"""The last stage before the speakers, for what the limiter has not seen: the live input. [audio] Compiled @exact.

The input passes without delay: DC block, sum with the synthesizer, soft limit. What comes in must be finite.

Works sample by sample, so a performance gives the same bits however it is cut into blocks.
"""
import math

import numpy as np

from live.dsp.kernel import exact

KNEE = 0.9              # linear below (the limiter's ceiling is .891), then bent so that 1 is never reached
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
def finish_sample(state, channel, synth, direct):
    """Return a channel's finished sample: synth, limited already, and the direct input."""
    y = direct - state.last_in[channel] + state.pole * state.last_out[channel]
    state.last_in[channel] = direct
    state.last_out[channel] = y
    return soft_limit(synth + y)
