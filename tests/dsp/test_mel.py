import numpy as np
import pytest
from spectra import RATE, signals, spectra

from live.dsp.mel import MEL, MELS, measure_mel, mel_filters, reset_mel
from live.signals import BINS, HOP, N_FFT


def levels(signal, rate=RATE):
    """Levels in dB (hops, MELS)."""
    state = np.zeros(1, MEL)[0]
    reset_mel(state, rate)
    return np.array([measure_mel(state, row) or state['db'].copy() for row in spectra(signal)])


@pytest.mark.parametrize('rate', [22050, 44100, 48000, 96000, 192000])
@pytest.mark.filterwarnings('ignore:Empty filters')
def test_filters_equal_librosas(rate):
    librosa = pytest.importorskip('librosa')
    theirs = librosa.filters.mel(sr=rate, n_fft=N_FFT, n_mels=MELS, dtype=np.float64)
    assert np.abs(mel_filters(rate) - theirs).max() < 1e-12


@pytest.mark.parametrize('name', signals())
def test_levels_equal_librosas(name):
    librosa = pytest.importorskip('librosa')
    signal = signals()[name]
    power = librosa.feature.melspectrogram(y=signal, sr=RATE, n_fft=N_FFT, hop_length=HOP, center=False, n_mels=MELS)
    assert levels(signal).T == pytest.approx(librosa.power_to_db(power, ref=1.0, top_db=None), abs=1e-4)


@pytest.mark.parametrize('sample', [0.0, np.nan])
def test_silence_and_nan_are_100_db_down(sample):
    assert (levels(np.full(N_FFT, sample)) == -100).all()


@pytest.mark.parametrize('rate', [8000, 44100, 192000])
def test_tables_hold_every_weight(rate):
    state = np.zeros(1, MEL)[0]
    reset_mel(state, rate)
    measure_mel(state, np.ones(BINS))
    assert 10 ** (state['db'] / 10) == pytest.approx(np.maximum(1e-10, mel_filters(rate).sum(1)))
