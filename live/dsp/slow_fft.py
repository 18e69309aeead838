"""The spectrum of a long frame in parts, one a tick: four short transforms, then a pass that joins them. [audio]

The frame of 2 n real samples is taken as n complex ones, dealt out to four rows of n / 4 (decimation in time, Cooley
and Tukey 1965). Parts, in order: `deal`, `transform_row` of rows 0..3, `join`, and `untangle` of
`live/dsp/fft.py`. All work on re, im (n,); work space and tables are handed in.
"""
from live.dsp.fft import transform
from live.dsp.kernel import kernel


@kernel
def deal(history, oldest, window, re, im):
    """Deal a windowed circular history (2 n,), begun at `oldest`, out to four rows."""
    size, quarter = len(history), len(re) // 4
    for row in range(4):
        for k in range(quarter):
            place = 8 * k + 2 * row
            re[row * quarter + k] = history[(oldest + place) % size] * window[place]
            im[row * quarter + k] = history[(oldest + place + 1) % size] * window[place + 1]


@kernel
def transform_row(re, im, row, work, turn):
    """Transform one row; work: (2, n / 4); turn: twiddles(n / 2)."""
    begin, end = row * len(re) // 4, (row + 1) * len(re) // 4
    transform(re[begin:end], im[begin:end], work[0], work[1], turn)


@kernel
def join(re, im, turn):
    """Make of four rows' transforms that of the whole, in place; turn: twiddles(2 n)."""
    quarter = len(re) // 4
    for k in range(quarter):
        k1, k2, k3 = k + quarter, k + 2 * quarter, k + 3 * quarter
        c, s = turn[0, 2 * k], turn[1, 2 * k]
        c2, s2 = c * c - s * s, 2 * c * s
        c3, s3 = c * c2 - s * s2, c * s2 + s * c2
        ar, ai = re[k], im[k]
        br, bi = re[k1] * c - im[k1] * s, re[k1] * s + im[k1] * c
        cr, ci = re[k2] * c2 - im[k2] * s2, re[k2] * s2 + im[k2] * c2
        dr, di = re[k3] * c3 - im[k3] * s3, re[k3] * s3 + im[k3] * c3
        even_r, even_i, odd_r, odd_i = ar + cr, ai + ci, br + dr, bi + di
        apart_r, apart_i, turned_r, turned_i = ar - cr, ai - ci, bi - di, dr - br
        re[k], im[k] = even_r + odd_r, even_i + odd_i
        re[k1], im[k1] = apart_r + turned_r, apart_i + turned_i
        re[k2], im[k2] = even_r - odd_r, even_i - odd_i
        re[k3], im[k3] = apart_r - turned_r, apart_i - turned_i
