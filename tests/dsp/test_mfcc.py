import numpy as np
import pytest
from spectra import RATE, signals
from test_mel import levels

from live.dsp.mel import MELS
from live.dsp.mfcc import dct_basis, mfcc
from live.signals import HOP, MFCCS, N_FFT


def coefficients(signal):
    out = np.empty((len(signal), MFCCS))
    for row, db in zip(out, signal):
        mfcc(db, dct_basis(), row)
    return out


def distance(ours, theirs):
    """Largest error of a frame, relative to the length of its vector of coefficients."""
    return (np.abs(ours - theirs).max(1) / np.linalg.norm(theirs, axis=1)).max()


@pytest.mark.parametrize('name', signals())
def test_coefficients_equal_librosas_of_the_same_levels(name):
    librosa = pytest.importorskip('librosa')
    signal = signals()[name]
    power = librosa.feature.melspectrogram(y=signal, sr=RATE, n_fft=N_FFT, hop_length=HOP, center=False, n_mels=MELS)
    theirs = librosa.feature.mfcc(S=librosa.power_to_db(power, ref=1.0, top_db=None), n_mfcc=MFCCS)
    assert distance(coefficients(levels(signal)), theirs.T) < 1e-5


def test_coefficients_equal_librosas_defaults_where_its_cut_at_80_db_does_not_bite():
    librosa = pytest.importorskip('librosa')
    signal = signals()['noise']
    theirs = librosa.feature.mfcc(y=signal, sr=RATE, n_mfcc=MFCCS, n_fft=N_FFT, hop_length=HOP, center=False)
    assert coefficients(levels(signal)) == pytest.approx(theirs.T, rel=1e-3, abs=1e-3)


def test_basis_is_orthonormal():
    assert dct_basis() @ dct_basis().T == pytest.approx(np.eye(MFCCS), abs=1e-12)


def test_loudness_moves_only_the_first_coefficient():
    quiet, loud = coefficients(levels(signals()['noise'])), coefficients(levels(2 * signals()['noise']))
    assert loud[:, 1:] == pytest.approx(quiet[:, 1:], abs=1e-6)
    assert (loud - quiet)[:, 0] == pytest.approx(20 * np.log10(2) * np.sqrt(MELS))
