"""Simple waves as the Fourier series they are, in double precision: exact, and no alias, for files. [any]

The amplitudes are those of `live/dsp/harmonic.py`, up to the last harmonic below half the samplerate. Summed by
Clenshaw's recurrence (1955): two multiplications a harmonic and sample.
"""
import math

import numpy as np

from live.dsp.harmonic import PULSE, SAW, TRIANGLE, amplitude
from live.dsp.kernel import exact

SINE = -1
#   wave        spectrum    width   factor that brings it to -1..1
WAVES = {
    'sine':     (SINE,      .5,     1.0),
    'triangle': (TRIANGLE,  .5,     8 / math.pi ** 2),
    'square':   (PULSE,     .5,     4 / math.pi),
    'pulse':    (PULSE,     .2,     4 / math.pi),
    'saw':      (SAW,       .5,     2 / math.pi),
}
MOST = 1 << 16          # harmonics


def make_wave(wave: str, hz: float, samplerate: float, frames: int, first: int = 0) -> np.ndarray:
    """Return `frames` samples (n,) float64 from sample `first` on; silence where the first harmonic is too high."""
    spectrum, width, factor = WAVES[wave]
    count = min(MOST, math.ceil(samplerate / 2 / hz) - 1, 1 if spectrum == SINE else MOST)
    out = np.zeros(frames)
    if count > 0:
        series = np.array([1.0 if spectrum == SINE else factor * amplitude(spectrum, n, 0.0, 0.0, width)
                           for n in range(1, count + 1)])
        sum_series(series, spectrum in (SINE, SAW), hz / samplerate, first, out)
    return out


@exact
def sum_series(series, rising, step, first, out):
    """Write the sum of series[n - 1] cos(n x) to out, or sin(n x) where `rising`; step: cycles a sample."""
    for k in range(len(out)):
        cycles = (first + k) * step
        x = 2 * math.pi * (cycles - math.floor(cycles))
        twice = 2 * math.cos(x)
        one, two = 0.0, 0.0
        for n in range(len(series) - 1, -1, -1):
            one, two = series[n] + twice * one - two, one
        out[k] = one * math.sin(x) if rising else one * math.cos(x) - two
