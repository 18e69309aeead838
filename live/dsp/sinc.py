"""Between samples: band-limited interpolation with a windowed sinc, at any ratio of rates. [any]

After J. O. Smith, 'Digital Audio Resampling': a table of one wing of the kernel, read in straight lines. Read faster
than it was written, a sound loses what would fold: the kernel widens with the step. Every output sample is computed on
its own, so any cut into blocks gives the same bits. With Kaiser's beta 10 and 32 zero crossings a side it is flat to
0.9 of the band and folds below -95 dB.
"""
import numpy as np

from live.dsp.kernel import exact

CROSSINGS = 32          # of the sinc on one side, at a step of 1
PER_CROSSING = 1024     # entries of the table
BETA = 10.0
BAND = 0.945            # cutoff, of the lower Nyquist frequency


def make_wing() -> np.ndarray:
    """Return one wing of the kernel, its peak first: (CROSSINGS * PER_CROSSING + 2,)."""
    t = np.arange(CROSSINGS * PER_CROSSING + 2) / PER_CROSSING
    window = np.i0(BETA * np.sqrt(np.maximum(0, 1 - (t / CROSSINGS) ** 2))) / np.i0(BETA)
    return np.sinc(BAND * t) * BAND * window * (t < CROSSINGS)


WING = make_wing()


def reach(step: float) -> int:
    """Return how many samples before and after a place the kernel needs."""
    return int(np.ceil(CROSSINGS * max(1.0, step))) + 1


@exact
def interpolate(samples, place, step, wing, out):
    """Write out (n, channels), samples (m, channels) read at place, place + step ...; `reach` tells the margin."""
    scale = 1.0 / max(1.0, step)
    width = CROSSINGS / scale
    for k in range(len(out)):
        middle = place + k * step
        low, high = int(np.ceil(middle - width)), int(np.floor(middle + width))
        for c in range(out.shape[1]):
            total = 0.0
            for i in range(low, high + 1):
                at = abs(i - middle) * scale * PER_CROSSING
                whole = int(at)
                part = at - whole
                total += samples[i, c] * (wing[whole] + part * (wing[whole + 1] - wing[whole]))
            out[k, c] = total * scale
