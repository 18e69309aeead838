import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.offline import render
from live.signals import BANDS, HOP, N_FFT
from live.dsp.features import band_edges

RATE = 48000
T = np.arange(RATE) / RATE
RANDOM = np.random.default_rng(4)
SIGNALS = {
    'noise': 0.3 * RANDOM.standard_normal(RATE),
    'chirp': 0.5 * np.sin(2 * np.pi * (100 * T + 4000 * T * T)),
    'cluster': 0.05 * np.sin(2 * np.pi * np.outer(466.16 * 2 ** (RANDOM.uniform(-.02, .02, 20)), T)).sum(0),
}


@pytest.fixture(scope='module', params=SIGNALS)
def heard(request):
    """The signal through the live input, and the slices of every frame that lies wholly in it."""
    signal = SIGNALS[request.param].astype(np.float32)
    arena = Arena(RATE, inputs=1)
    arena.board['input.analysis'] = 1
    arena.reset(0)
    render(arena, HOP, np.zeros((HOP, 1), np.float32))          # the share of the input glides in
    slices = arena.slices.reader()
    render(arena, RATE, signal[:, None])
    slices = slices.get()
    return signal, slices[(slices['end'] - HOP) >= N_FFT]


def close(ours, theirs, rel=1e-4):
    return ours == pytest.approx(np.asarray(theirs)[:len(ours)], rel=rel)


@pytest.mark.parametrize('name', ['centroid', 'bandwidth', 'rolloff', 'flatness'])
def test_spectral_features_equal_librosas(heard, name):
    librosa = pytest.importorskip('librosa')
    signal, slices = heard
    extra = {'sr': RATE} if name != 'flatness' else {}
    theirs = getattr(librosa.feature, f'spectral_{name}')(y=signal, n_fft=N_FFT, hop_length=HOP, center=False, **extra)
    assert close(slices['features'][name], theirs[0])


def test_rms_and_peak_equal_librosas_and_numpys(heard):
    librosa = pytest.importorskip('librosa')
    signal, slices = heard
    theirs = librosa.feature.rms(y=signal, frame_length=N_FFT, hop_length=HOP, center=False)[0]
    assert close(slices['features']['rms'], theirs)
    frames = np.lib.stride_tricks.sliding_window_view(signal, N_FFT)[::HOP]
    assert close(slices['features']['peak'], np.abs(frames).max(1))


def test_magnitudes_equal_librosas(heard):
    librosa = pytest.importorskip('librosa')
    signal, slices = heard
    theirs = np.abs(librosa.stft(signal, n_fft=N_FFT, hop_length=HOP, center=False)).T[:len(slices)]
    assert np.abs(slices['magnitudes'] - theirs).max() < 1e-4 * theirs.max()


def test_flux_is_the_mean_rise_of_the_magnitudes(heard):
    _, slices = heard
    rises = np.maximum(0, np.diff(slices['magnitudes'].astype(float), axis=0)).mean(1)
    assert close(slices['features']['flux'][1:], rises, rel=1e-3)


def test_bands_share_out_the_power(heard):
    _, slices = heard
    edges, width = band_edges(BANDS), RATE / N_FFT
    power = slices['magnitudes'].astype(float) ** 2
    frequency = np.arange(power.shape[1]) * width
    inside = (frequency > edges[0]) & (frequency < edges[-1])
    ours = (slices['features']['bands'] * np.diff(edges) / width).sum(1)
    assert ours == pytest.approx(power[:, inside].sum(1), rel=0.02)


def test_slices_carry_the_samples_they_end_with(heard):
    signal, slices = heard
    for item in slices[::20]:
        end = item['end'] - HOP
        assert item['samples'] == pytest.approx(signal[end - HOP:end], abs=1e-6)
