import numpy as np
import pytest
from spectra import sine, spectra

from live.dsp.pitch_classes import class_filters, class_shares
from live.signals import HOP, N_FFT


@pytest.mark.parametrize('rate', [22050, 44100, 48000, 96000])
def test_shares_equal_librosas(rate):
    librosa = pytest.importorskip('librosa')
    signal = np.random.default_rng(2).standard_normal(9000)
    theirs = librosa.feature.chroma_stft(y=signal, sr=rate, n_fft=N_FFT, hop_length=HOP, center=False, tuning=0.0)
    assert class_shares(spectra(signal), class_filters(rate)) == pytest.approx(theirs.T, abs=1e-5)


@pytest.mark.parametrize('semitone', range(12))
def test_a_tone_lights_its_class(semitone):
    shares = class_shares(spectra(sine(1046.5 * 2 ** (semitone / 12))), class_filters(48000))
    assert (shares.argmax(1) == semitone).all()


def test_silence_is_dark():
    assert not class_shares(np.zeros((2, N_FFT // 2 + 1)), class_filters(48000)).any()
