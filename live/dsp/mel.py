"""Levels of 128 mel bands in dB: what MFCC and novelty are made from. [audio]

Bands are librosa's (0.11, `librosa.filters.mel`): triangles on Slaney's scale, straight to 1 kHz and logarithmic above,
each of area 1 (Slaney 1998, 'Auditory Toolbox'). Input: magnitudes (BINS,) of one frame. Decibels are those of
`librosa.power_to_db` with ref 1 and top_db None: its usual cut, 80 dB below the loudest moment of the whole recording,
cannot be known while the sound goes on. Silence is -100 dB. Knows nothing of time.
"""
import math

import numpy as np

from live.dsp.kernel import kernel
from live.signals import BINS

MELS = 128
AMIN = 1e-10            # power of silence

MEL = np.dtype([
    ('first', 'i8', (MELS,)), ('offset', 'i8', (MELS + 1,)),    # of each band: first bin; where its weights begin
    ('weight', 'f8', (2 * BINS,)),                              # a bin lies in two bands at most
    ('db', 'f8', (MELS,)),                                      # what comes out
], align=True)

_KNEE, _KNEE_MEL, _STEP = 1000.0, 15.0, math.log(6.4) / 27      # Hz, mel, log of Hz per mel above the knee


def mel_edges(highest: float) -> np.ndarray:
    """Return MELS + 2 frequencies in Hz, evenly spaced in mel from 0 to `highest`."""
    top = highest * _KNEE_MEL / _KNEE if highest < _KNEE else _KNEE_MEL + math.log(highest / _KNEE) / _STEP
    mel = np.linspace(0, top, MELS + 2)
    return np.where(mel < _KNEE_MEL, mel * _KNEE / _KNEE_MEL, _KNEE * np.exp(_STEP * (mel - _KNEE_MEL)))


def mel_filters(samplerate: float) -> np.ndarray:
    """Return the weights of all bins in all bands: (MELS, BINS)."""
    edges = mel_edges(samplerate / 2)[:, None]
    bins = np.linspace(0, samplerate / 2, BINS)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    triangles = np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle))
    return np.maximum(0, triangles) * 2 / (high - low)


def reset_mel(state: np.void, samplerate: float) -> None:
    """Fill the tables. Allocates: not for the callback."""
    offset = 0
    for band, weights in enumerate(mel_filters(samplerate)):
        bins = np.flatnonzero(weights)
        first, count = (bins[0], bins[-1] + 1 - bins[0]) if len(bins) else (0, 0)
        state['first'][band], state['offset'][band] = first, offset
        state['weight'][offset:offset + count] = weights[first:first + count]
        offset += count
    state['offset'][MELS] = offset
    state['db'] = 10 * math.log10(AMIN)


@kernel
def measure_mel(state, magnitudes):
    """Write the level of each band of a spectrum to state.db."""
    for band in range(MELS):
        start, end = state.offset[band], state.offset[band + 1]
        weights, bins = state.weight[start:end], magnitudes[state.first[band]:]
        power = 0.0
        for k in range(len(weights)):
            power += weights[k] * bins[k] * bins[k]
        state.db[band] = 10 * math.log10(power if power > AMIN else AMIN)      # NaN too counts as silence
