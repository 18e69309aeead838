"""The spectrum of a real frame: a Stockham FFT of half the length, then one pass to untangle it. [audio]

Twiddle factors and work space are made beforehand and handed in; nothing is allocated. Double precision.
Stockham's ordering (Cochran et al. 1967, 'What is the fast Fourier transform?') needs no bit reversal.
"""
import numpy as np

from live.dsp.kernel import kernel


def twiddles(n: int) -> np.ndarray:
    """Return cos and sin of -2 pi k / n for k < n/2: shape (2, n // 2)."""
    angle = -2 * np.pi * np.arange(n // 2) / n
    return np.stack((np.cos(angle), np.sin(angle)))


@kernel
def transform(re, im, re2, im2, turn):
    """Transform n complex numbers in place, n a power of 4; turn: twiddles(2 n); re2, im2 (n,): work space."""
    n = len(re)
    half = n // 2
    length, stride = half, 1
    while length >= 1:
        for j in range(length):
            c, s = turn[0, 2 * j * stride], turn[1, 2 * j * stride]
            a, b, out = stride * j, stride * (j + length), 2 * stride * j
            for k in range(stride):
                xr, xi, yr, yi = re[a + k], im[a + k], re[b + k], im[b + k]
                re2[out + k] = xr + yr
                im2[out + k] = xi + yi
                dr, di = xr - yr, xi - yi
                re2[out + stride + k] = dr * c - di * s
                im2[out + stride + k] = dr * s + di * c
        re, re2 = re2, re
        im, im2 = im2, im
        length //= 2
        stride *= 2


@kernel
def magnitudes(frame, window, turn, work, out):
    """Write |DFT| of frame * window to out (n + 1,).

    frame, window: (2 n,); turn: twiddles(2 n); work: (4, n).
    """
    n = len(out) - 1
    re, im = work[0], work[1]
    for k in range(n):
        re[k] = frame[2 * k] * window[2 * k]
        im[k] = frame[2 * k + 1] * window[2 * k + 1]
    transform(re, im, work[2], work[3], turn)
    untangle(re, im, turn, out)


@kernel
def untangle(re, im, turn, out):
    """Write the magnitudes of a real frame to out (n + 1,) from its n complex bins re, im (n,)."""
    n = len(out) - 1
    out[0], out[n] = abs(re[0] + im[0]), abs(re[0] - im[0])
    for k in range(1, n):
        even_r, even_i = 0.5 * (re[k] + re[n - k]), 0.5 * (im[k] - im[n - k])
        odd_r, odd_i = 0.5 * (im[k] + im[n - k]), 0.5 * (re[n - k] - re[k])
        c, s = turn[0, k], turn[1, k]
        real, imag = even_r + odd_r * c - odd_i * s, even_i + odd_r * s + odd_i * c
        out[k] = np.sqrt(real * real + imag * imag)
