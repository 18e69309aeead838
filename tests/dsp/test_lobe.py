import numpy as np
from numba import njit

from live.dsp.lobe import BINS, OVERSAMPLING, add_lobe, lobe_cubics, lobe_window

HOP = 512
FRAME = OVERSAMPLING * HOP


@njit
def _add(spectrum, place, z, re, im):
    add_lobe(spectrum, place, z, re, im)


def frame(frequency, amplitude=1.0):
    """The Hann-windowed complex sine that four bins make; frequency in bins, the middle of the frame at phase 0."""
    first = int(frequency) - 1
    spectrum = np.zeros(2 * FRAME, np.float32)
    _add(spectrum, 2 * first, np.float32(frequency % 1 - 0.5), np.float32(amplitude.real), np.float32(amplitude.imag))
    sound = np.fft.ifft(spectrum[::2] + 1j * spectrum[1::2]) * FRAME
    return np.concatenate((sound[-HOP:], sound[:HOP])) * lobe_window(HOP)


def test_four_bins_make_a_windowed_sine_to_100_db():
    n = np.arange(-HOP, HOP)
    hann = 0.5 + 0.5 * np.cos(np.pi * n / HOP)
    for frequency in np.linspace(20, 21, 41):
        error = frame(frequency, 0.6 + 0.8j) - (0.6 + 0.8j) * np.exp(2j * np.pi * frequency * n / FRAME) * hann
        assert 20 * np.log10(np.abs(error).max()) < -99


def test_a_lobe_is_added_to_what_is_there_and_touches_four_bins():
    spectrum = np.ones(40, np.float32)
    _add(spectrum, 10, np.float32(0.25), np.float32(2), np.float32(0))
    lobe = np.vander([0.25], 4, increasing=True)[0] @ lobe_cubics()
    assert np.allclose(spectrum[10:10 + 2 * BINS:2], 1 + 2 * lobe)
    assert np.all(np.delete(spectrum, range(10, 10 + 2 * BINS, 2)) == 1)


def test_lobe_is_even():
    cubics = lobe_cubics()
    left, right = (np.vander([z], 4, increasing=True)[0] @ cubics for z in (0.3, -0.3))
    assert np.allclose(left, right[::-1])
