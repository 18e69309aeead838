"""Every partial moved by the same Hz, so that harmonic sounds become bells: through the FFT, or by a single sideband.

    fft     each frame's bins are moved by whole bins, what is left of the shift by a turning phase; frames overlap-add
    ssb     a long filter keeps the positive frequencies alone; their wave is turned at the shift's frequency

Both give up what would pass 0 Hz or half the samplerate, instead of folding it back, and both do it channel by channel.
"""
from collections.abc import Iterator
from functools import partial

import numpy as np

from live.studio.effects.stream import Reader, Shelf, Stream, walk

FRAME = 0.17            # seconds of a frame, about: a power of two of samples
OVERLAP = 4             # frames over each sample
TAPS = 0.085            # seconds of the filter, about
BETA = 9.0              # of its window: -90 dB
TURN = 2j * np.pi


def shift(stream: Stream, shelf: Shelf, hz: float, by: str) -> Stream:
    """Return the sound with every partial `hz` higher, as long as it was. by: 'fft' or 'ssb'."""
    reader = Reader(stream)
    if by == 'ssb':
        make = partial(shift_sideband, reader, analytic_filter(stream.samplerate, hz), stream.samplerate, hz)
        return stream.with_blocks(walk(reader, make, lambda frames: frames))
    made = Reader(stream.with_blocks(shift_bins(reader, stream.channels, stream.samplerate, hz)))
    return stream.with_blocks(walk(made, made.read, lambda seen: min(seen, reader.seen) if reader.ended else
                                   max(0, min(seen, reader.seen) - 1)))


def shift_bins(reader: Reader, channels: int, samplerate: int, hz: float) -> Iterator[np.ndarray]:
    """Yield the shifted sound hop by hop, to its end and a little more."""
    size = 2 ** round(np.log2(FRAME * samplerate))
    hop, bins = size // OVERLAP, round(hz * size / samplerate)
    window, rest = np.hanning(size + 1)[:-1, None], hz - bins * samplerate / size
    out, time = np.zeros((size, channels)), np.arange(size)[:, None]
    for number in range(1 - OVERLAP, 2 ** 62):
        start = number * hop
        spectrum = np.fft.rfft(reader.read(start, size) * window, axis=0)
        moved = move(spectrum, bins, size)
        # whole bins turn from the frame's own start, the rest from the beginning of the sound
        turn = np.exp(TURN * ((bins * start / size) % 1 + rest * (start + time) / samplerate))
        out += 2 * (np.fft.ifft(moved, axis=0) * turn).real * window
        if number >= 0:
            yield out[:hop] / (OVERLAP * 3 / 8)
        out = np.concatenate([out[hop:], np.zeros((hop, channels))])
        if reader.ended and start > reader.seen:
            return


def move(spectrum: np.ndarray, bins: int, size: int) -> np.ndarray:
    """Return a spectrum of `size` bins with the positive half moved by so many, and no negative half."""
    half = size // 2
    moved = np.zeros((size, spectrum.shape[1]), complex)
    low, high = max(1, 1 - bins), min(half, half - bins)
    if low < high:
        moved[low + bins:high + bins] = spectrum[low:high]
    return moved


def analytic_filter(samplerate: int, hz: float) -> np.ndarray:
    """Return the taps that keep what lies above 0 Hz and stays within the band once it is shifted, complex."""
    count = 2 * round(TAPS * samplerate / 2) + 1
    n = np.arange(count) - count // 2
    low, high = max(0.0, -hz) / samplerate, .5 - max(0.0, hz) / samplerate
    if high <= low:
        return np.zeros(count, complex)
    with np.errstate(invalid='ignore', divide='ignore'):
        ideal = (np.exp(TURN * high * n) - np.exp(TURN * low * n)) / (TURN * n)
    ideal[count // 2] = high - low
    return 2 * ideal * np.kaiser(count, BETA)


def shift_sideband(reader: Reader, taps: np.ndarray, samplerate: int, hz: float, start: int, count: int) -> np.ndarray:
    """Return the shifted frames start .. start + count."""
    half = len(taps) // 2
    held = reader.read(start - half, count + 2 * half)
    size = 2 ** int(np.ceil(np.log2(len(held) + len(taps))))
    spectrum = np.fft.fft(held, size, 0) * np.fft.fft(taps, size)[:, None]
    positive = np.fft.ifft(spectrum, axis=0)[2 * half:2 * half + count]
    cycles = (np.arange(start, start + count) * hz / samplerate % 1)[:, None]
    return (positive * np.exp(TURN * cycles)).real.astype(np.float32)
