"""Mel-frequency cepstral coefficients: the colour of a sound in 13 numbers. [audio]

librosa's definition (0.11, `librosa.feature.mfcc`): the first coefficients of the orthonormal DCT-II of the mel bands'
levels in dB. Input: `db` of live.dsp.mel. The first coefficient follows loudness, the others only timbre.
"""
import numpy as np

from live.dsp.kernel import kernel
from live.dsp.mel import MELS
from live.signals import MFCCS


def dct_basis() -> np.ndarray:
    """Return the rows of the orthonormal DCT-II: (MFCCS, MELS)."""
    order = np.arange(MFCCS)[:, None]
    rows = np.sqrt(2 / MELS) * np.cos(np.pi / MELS * order * (np.arange(MELS) + 0.5))
    rows[0] /= np.sqrt(2)
    return rows


@kernel
def mfcc(db, basis, out):
    """Write the coefficients of levels db (MELS,) to out (MFCCS,); basis: dct_basis()."""
    for row in range(len(out)):
        total = 0.0
        for band in range(MELS):
            total += basis[row, band] * db[band]
        out[row] = total
