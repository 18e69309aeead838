import numpy as np
import pytest
from spectra import RATE, saw, sine
from test_peaks import peaks

from live.dsp.chroma import CHROMA, DEGREES, fold_peaks, set_chroma_scale
from live.signals import HOP, N_FFT

TWELVE = np.arange(12) * 100.0
SEVEN_JUST = 1200 * np.log2([1, 9 / 8, 5 / 4, 4 / 3, 3 / 2, 5 / 3, 15 / 8])
BOHLEN_PIERCE = np.arange(13) * 1901.955 / 13


def scale(cents, period=1200.0):
    state, table = np.zeros(1, CHROMA)[0], np.zeros(DEGREES)
    table[:len(cents)] = cents
    set_chroma_scale(state, table, len(cents), period)
    return state


def fold(state, frequencies, amplitudes, root=261.6256):
    out = np.full(DEGREES, np.nan)
    fold_peaks(state, root, np.array(frequencies, float), np.array(amplitudes, float), len(frequencies), out)
    return out


def defined(cents, period, frequencies, amplitudes, root=261.6256):
    """The definition, written for the eye: every peak's power between the two degrees around it."""
    steps = sorted((c % period, degree) for degree, c in enumerate(cents))
    steps = [(c + shift, degree) for shift in (-period, 0, period) for c, degree in steps]
    out = np.zeros(DEGREES)
    for frequency, amplitude in zip(frequencies, amplitudes):
        place = (1200 * np.log2(frequency / root)) % period
        below, above = max(s for s in steps if s[0] <= place), min(s for s in steps if s[0] > place)
        t = (place - below[0]) / (above[0] - below[0])
        out[below[1]] += amplitude ** 2 * (1 - t * t * (3 - 2 * t))
        out[above[1]] += amplitude ** 2 * t * t * (3 - 2 * t)
    return out / out.max()


@pytest.mark.parametrize('cents, period', [(TWELVE, 1200.0), (SEVEN_JUST, 1200.0), (BOHLEN_PIERCE, 1901.955),
                                           (SEVEN_JUST[::-1] + 1200, 1200.0), ([50.0], 1200.0), (TWELVE, 700.5)])
def test_chroma_is_what_its_definition_says(cents, period):
    random = np.random.default_rng(1)
    frequencies, amplitudes = 2 ** random.uniform(5, 13, 64), random.uniform(0, 1, 64)
    ours = fold(scale(cents, period), frequencies, amplitudes)
    assert ours == pytest.approx(defined(cents, period, frequencies, amplitudes), abs=1e-9)


@pytest.mark.parametrize('degree', range(12))
def test_a_sine_on_a_degree_lights_it_alone(degree):
    chroma = fold(scale(TWELVE), *peaks(sine(523.2511 * 2 ** (degree / 12), seconds=0.05)))
    assert chroma[degree] == pytest.approx(1) and np.delete(chroma, degree).max() < 1e-3


@pytest.mark.parametrize('off', [-10, 10])
@pytest.mark.parametrize('cents', [TWELVE, SEVEN_JUST, np.arange(24) * 50.0])
def test_ten_cents_off_still_lights_mostly_it(cents, off):
    for degree, c in enumerate(cents):
        chroma = fold(scale(cents), *peaks(sine(523.2511 * 2 ** ((c + off) / 1200), seconds=0.05)))
        assert chroma[degree] == pytest.approx(1) and np.delete(chroma, degree).sum() < 0.15


def test_halfway_lights_both():
    assert fold(scale(TWELVE), [261.6256 * 2 ** (150 / 1200)], [1])[1:3] == pytest.approx([1, 1])


def test_a_glide_carries_the_light_over_without_a_step():
    chroma = [fold(scale(SEVEN_JUST), [f], [1]) for f in 261.6256 * 2 ** np.linspace(-1, 1, 5000)]
    assert np.abs(np.diff(chroma, axis=0)).max() < 0.03


def test_loudest_classes_are_librosas_in_twelve_tones():
    """A just triad of saws: librosa smears more widely, yet both see the same classes rise above the others."""
    librosa = pytest.importorskip('librosa')
    signal = sum(saw(261.6256 * ratio, 0.5) for ratio in (1, 1.25, 1.5))
    theirs = librosa.feature.chroma_stft(y=signal, sr=RATE, n_fft=N_FFT, hop_length=HOP, center=False, tuning=0.0)
    ours = fold(scale(TWELVE), *peaks(signal))[:12]
    assert set(np.argsort(ours)[-3:]) == set(np.argsort(theirs.mean(1))[-3:]) == {0, 4, 7}
    assert np.corrcoef(ours, theirs.mean(1))[0, 1] > 0.8


@pytest.mark.parametrize('root, count, period', [(np.nan, 12, 1200.0), (0.0, 12, 1200.0), (-1.0, 12, 1200.0),
                                                 (261.0, 0, 1200.0)])
def test_without_root_or_degrees_all_is_dark(root, count, period):
    assert not fold(scale(TWELVE[:count], period), [440], [1], root).any()


@pytest.mark.parametrize('cents, period', [([np.nan, np.inf, 300], 1200.0), ([0, 0, 0], 1200.0), ([0, 700], np.nan),
                                           ([0, 700], 0.0), ([0, 700], -5.0), ([-1e300, 1e300], 1e-300)])
def test_wild_scales_stay_finite(cents, period):
    chroma = fold(scale(cents, period), [30, 440, 1e4], [1, 0.5, 1e-9])
    assert np.isfinite(chroma).all() and chroma.max() == pytest.approx(1) and chroma.min() >= 0


def test_silence_is_dark():
    assert not fold(scale(TWELVE), [], []).any()
