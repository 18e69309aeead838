import numpy as np
import pytest
from spectra import RATE, noise, sine, spectrum

from live.dsp.peaks import find_peaks
from live.signals import PEAKS
from live.signals import BINS, N_FFT


def peaks(signal, rate=RATE, floor=1e-5, most=PEAKS):
    """Frequencies and amplitudes of the peaks of a signal's first frame."""
    frequencies, amplitudes = np.full(most, np.nan), np.full(most, np.nan)
    count = find_peaks(spectrum(signal[:N_FFT]), rate / N_FFT, floor, frequencies, amplitudes)
    return frequencies[:count], amplitudes[:count]


def cents(a, b):
    return 1200 * np.log2(a / b)


@pytest.mark.parametrize('rate', [44100, 48000, 96000])
@pytest.mark.parametrize('phase', [0.0, 1.0, 2.0, 4.0])
def test_a_sine_at_220_hz_is_found_within_a_third_of_a_cent(rate, phase):
    for frequency in 220 * 2 ** np.linspace(0, 5, 31):
        found, _ = peaks(sine(frequency, phase=phase, rate=rate), rate)
        assert abs(cents(found[0], frequency)) < 0.3


def test_amplitude_does_not_depend_on_the_place_between_bins():
    for frequency in np.arange(40, 42, 0.05) * RATE / N_FFT:
        assert peaks(sine(frequency, amplitude=0.3))[1][0] == pytest.approx(0.3, rel=1e-4)


@pytest.mark.parametrize('frequency, bound', [(55, 5), (82.4, 0.5), (110, 0.1), (220, 0.01)])
def test_low_sines_are_off_by_no_more_than_their_mirror_image_makes(frequency, bound):
    off = [cents(peaks(sine(frequency, phase=phase))[0][0], frequency) for phase in np.linspace(0, 2 * np.pi, 16)]
    assert np.abs(off).max() < bound


def test_a_chord_comes_loudest_first():
    wanted = {300.0: 0.4, 700.0: 0.2, 1234.5: 0.1, 5000.0: 0.05}
    found, amplitudes = peaks(sum(sine(f, amplitude=a) for f, a in wanted.items()), floor=0.01)
    assert found == pytest.approx(list(wanted), rel=2e-4)
    assert amplitudes == pytest.approx(list(wanted.values()), rel=5e-3)


def test_a_lone_sine_has_no_other_peak_60_db_down():
    for frequency in np.linspace(400, 440, 41):
        assert len(peaks(sine(frequency), floor=0.5e-3)[0]) == 1


@pytest.mark.parametrize('most', [1, 2, 7, 64, 600])
def test_the_loudest_of_many_are_kept_in_order(most):
    everything = peaks(noise(), floor=0.0, most=BINS)
    found = peaks(noise(), floor=0.0, most=most)
    order = np.argsort(-everything[1])[:most]
    assert (np.diff(found[1]) <= 0).all() and len(found[1]) == min(most, len(everything[1]))
    assert np.array_equal(found[1], everything[1][order]) and np.array_equal(found[0], everything[0][order])


@pytest.mark.parametrize('frame', [np.zeros(N_FFT), np.full(N_FFT, np.nan), np.full(N_FFT, 1e-30)])
def test_silence_and_nan_have_no_peaks(frame):
    assert len(peaks(frame)[0]) == 0
