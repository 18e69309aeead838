"""What a magnitude spectrum tells: centroid, bandwidth, rolloff, flatness, flux, band energies. [audio]

Definitions are librosa's (0.11, `librosa.feature.spectral_*`), so that figures mean what readers expect; of silence
all are 0 but flatness, which is 1, as there. Input: magnitudes (bins,) of one frame; one number out.
"""
import math

import numpy as np

from live.dsp.kernel import kernel

ROLLOFF = 0.85          # share of the summed magnitude below the rolloff frequency
AMIN = 1e-10            # power below which flatness takes a bin as empty


def band_edges(bands: int, low: float = 40.0, high: float = 16000.0) -> np.ndarray:
    """Return bands + 1 edges in Hz at equal ratios."""
    return np.geomspace(low, high, bands + 1)


@kernel
def total_and_centroid(magnitudes, bin_width):
    """Return the sum of the magnitudes and their mean frequency in Hz."""
    total = weighted = 0.0
    for k in range(len(magnitudes)):
        total += magnitudes[k]
        weighted += k * magnitudes[k]
    return total, bin_width * weighted / total if total > 0 else 0.0


@kernel
def bandwidth(magnitudes, bin_width, total, centroid):
    """Return the deviation of frequency around the centroid in Hz, weighted by magnitude."""
    if total <= 0:
        return 0.0
    weighted = 0.0
    for k in range(len(magnitudes)):
        distance = k * bin_width - centroid
        weighted += magnitudes[k] * distance * distance
    return math.sqrt(weighted / total)


@kernel
def rolloff(magnitudes, bin_width, total):
    """Return the frequency in Hz of the first bin up to which ROLLOFF of the magnitude lies."""
    below = 0.0
    for k in range(len(magnitudes)):
        below += magnitudes[k]
        if below >= ROLLOFF * total:
            return k * bin_width
    return 0.0


@kernel
def flatness(magnitudes):
    """Return geometric over arithmetic mean of the power: 0 for a tone, 1 for white noise."""
    log_sum = power_sum = 0.0
    for k in range(len(magnitudes)):
        power = max(AMIN, np.float64(magnitudes[k]) * magnitudes[k])
        log_sum += math.log(power)
        power_sum += power
    return math.exp(log_sum / len(magnitudes)) * len(magnitudes) / power_sum


@kernel
def flux_and_keep(magnitudes, previous):
    """Return the mean rise of magnitude over the frame before, and make this frame the previous one."""
    rise = 0.0
    for k in range(len(magnitudes)):
        rise += max(0.0, magnitudes[k] - previous[k])
        previous[k] = magnitudes[k]
    return rise / len(magnitudes)


@kernel
def band_powers(magnitudes, bin_width, edges, out):
    """Write the mean power per bin between edges[b] and edges[b + 1] Hz to out[b]; bins are shared in proportion."""
    for b in range(len(out)):
        low, high = edges[b] / bin_width + 0.5, edges[b + 1] / bin_width + 0.5     # bin k reaches from k to k + 1
        power = 0.0
        for k in range(int(low), min(int(high) + 1, len(magnitudes))):
            share = min(high, k + 1.0) - max(low, np.float64(k))
            power += max(0.0, share) * magnitudes[k] * magnitudes[k]
        out[b] = power / (high - low)


@kernel
def level_and_peak(frame):
    """Return root mean square and largest absolute value of a frame."""
    square = peak = 0.0
    for k in range(len(frame)):
        square += np.float64(frame[k]) * frame[k]
        peak = max(peak, abs(np.float64(frame[k])))
    return math.sqrt(square / len(frame)), peak
