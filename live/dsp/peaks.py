"""Spectral peaks between the bins: frequency and amplitude of the loudest sines in a Hann-windowed spectrum. [audio]

The magnitudes a, b, c of three bins around a peak give its distance d in bins from the middle one and its height,

    d = 2 (c - a) / (a + 2 b + c),    height = (a + 2 b + c) / 3 / prod_{n >= 3} (1 - d^2 / n^2),

both exact for one sine under a Hann window (Agrez 2002, 'Weighted multipoint interpolated DFT to improve amplitude
estimation of multifrequency signal', with the window's transform sin(pi x) / (pi x (1 - x^2)) put in). What is left is
leakage: of other sines nearer than four bins, and of the sine's own mirror image below 0 Hz, which for 2048 samples at
48 kHz makes errors of 0.002 cents at 220 Hz, 0.05 at 110 Hz and 4 at 55 Hz.
"""
from live.dsp.kernel import kernel

_P2, _P4, _P6 = 0.394934, 0.087898, 0.014754    # 1 / prod as a series in d^2, from sums of n^-2, n^-4, n^-6 over n >= 3


@kernel
def find_peaks(magnitudes, bin_width, floor, frequencies, amplitudes):
    """Write the loudest peaks of a spectrum, loudest first, and return how many there are.

    magnitudes: (bins,) of a Hann-windowed frame of 2 (bins - 1) samples. frequencies in Hz and amplitudes (full scale
    = 1), both (most,), are valid up to the count; peaks of an amplitude below `floor` are left out.
    """
    count = 0
    scale = 2.0 / (3 * (len(magnitudes) - 1))
    for k in range(1, len(magnitudes) - 1):
        below, here, above = magnitudes[k - 1], magnitudes[k], magnitudes[k + 1]
        if here > below and here >= above:
            total = below + 2 * here + above
            offset = 2 * (above - below) / total
            d2 = offset * offset
            amplitude = scale * total * (1 + d2 * (_P2 + d2 * (_P4 + d2 * _P6)))
            if amplitude >= floor:
                count = keep(frequencies, amplitudes, count, (k + offset) * bin_width, amplitude)
    return count


@kernel
def keep(frequencies, amplitudes, count, frequency, amplitude):
    """Take a peak in among the loudest, which stand in order; return how many there are then."""
    place = min(count, len(amplitudes) - 1)
    if count == len(amplitudes) and amplitude <= amplitudes[place]:
        return count
    while place > 0 and amplitudes[place - 1] < amplitude:
        amplitudes[place], frequencies[place] = amplitudes[place - 1], frequencies[place - 1]
        place -= 1
    amplitudes[place], frequencies[place] = amplitude, frequency
    return min(count + 1, len(amplitudes))
