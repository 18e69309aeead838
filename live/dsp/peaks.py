"""Spectral peaks between the bins: frequency and amplitude of the loudest sines in a Hann-windowed spectrum. [audio]

The magnitudes a, b, c of three bins around a peak give its distance d in bins from the middle one and its height,

    d = 2 (c - a) / (a + 2 b + c),    height = (a + 2 b + c) / 3 / prod_{n >= 3} (1 - d^2 / n^2),

both exact for one sine under a Hann window (Agrez 2002, 'Weighted multipoint interpolated DFT to improve amplitude
estimation of multifrequency signal', with the window's transform sin(pi x) / (pi x (1 - x^2)) put in). What is left is
leakage: of other sines nearer than four bins, and of the sine's own mirror image below 0 Hz.
"""
from live.dsp.kernel import kernel

PEAKS = 64
_P2, _P4, _P6 = 0.394934, 0.087898, 0.014754    # 1 / prod as a series in d^2, from sums of n^-2, n^-4, n^-6 over n >= 3


@kernel
def find_peaks(magnitudes, bin_width, floor, frequencies, amplitudes):
    """Write the loudest peaks of a spectrum, loudest first, and return how many there are.

    magnitudes: (bins,) of a Hann-windowed frame of 2 (bins - 1) samples. frequencies in Hz and amplitudes (full scale
    = 1), both (most,), are valid up to the count; peaks of an amplitude below `floor` are left out.
    """
    most, count = len(amplitudes), 0
    scale = 2.0 / (3 * (len(magnitudes) - 1))
    for k in range(1, len(magnitudes) - 1):
        below, here, above = magnitudes[k - 1], magnitudes[k], magnitudes[k + 1]
        if here > below and here >= above:
            total = below + 2 * here + above
            offset = 2 * (above - below) / total
            d2 = offset * offset
            amplitude = scale * total * (1 + d2 * (_P2 + d2 * (_P4 + d2 * _P6)))
            if amplitude >= floor:
                count = keep(amplitudes, frequencies, most, count, amplitude, (k + offset) * bin_width)
    sort_falling(amplitudes, frequencies, count)
    return count


@kernel
def keep(keys, values, most, count, key, value):
    """Take a pair in among the largest; return how many there are. Once full they form a heap, the smallest on top."""
    if count < most:
        keys[count], values[count] = key, value
        count += 1
        if count == most:
            make_heap(keys, values, count)
    elif key > keys[0]:
        keys[0], values[0] = key, value
        sink(keys, values, 0, count)
    return count


@kernel
def make_heap(keys, values, count):
    """Arrange pairs so that none is larger than its children, at 2 i + 1 and 2 i + 2."""
    for i in range(count // 2 - 1, -1, -1):
        sink(keys, values, i, count)


@kernel
def sink(keys, values, i, count):
    """Let pair i sink to its place in the heap."""
    key, value = keys[i], values[i]
    child = 2 * i + 1
    while child < count:
        if child + 1 < count and keys[child + 1] < keys[child]:
            child += 1
        if key <= keys[child]:
            break
        keys[i], values[i] = keys[child], values[child]
        i, child = child, 2 * child + 1
    keys[i], values[i] = key, value


@kernel
def sort_falling(keys, values, count):
    """Sort pairs by key, largest first."""
    make_heap(keys, values, count)
    for last in range(count - 1, 0, -1):
        smallest, value = keys[0], values[0]
        keys[0], values[0] = keys[last], values[last]
        sink(keys, values, 0, last)
        keys[last], values[last] = smallest, value
