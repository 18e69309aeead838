"""Slower or faster at the same pitch, and another pitch at the same length: a phase vocoder. Any number of channels.

Each frame keeps its spectrum; what changes is a rotation of each bin, so that every partial goes on where the frame
before has left it. The rotation comes from the same frame one hop earlier (no phase is unwrapped), is that of the
nearest peak for all bins around it (J. Laroche and M. Dolson 1999, 'identity phase locking'), and the same for all
channels, so that the stereo image stands.

Attacks are neither smeared nor doubled: while the window passes over one, time runs at the speed of the original and
bins keep their rotation; new energy is taken with the phase it has (after A. Roebel 2003). Before and after time makes
up for it, so that each attack lies where the stretch puts it.
"""
from collections.abc import Iterator

import numpy as np

from live.studio.effects.onsets import Onsets
from live.studio.effects.simple import change_speed
from live.studio.effects.stream import BLOCK, Reader, Shelf, Stream, walk

WINDOW = 0.085          # seconds, about: a power of two of samples
OVERLAP = 4             # frames over each sample
NEW = 16.0              # a bin is new where its power grew by so much in a hop


def window_size(samplerate: int) -> int:
    return 2 ** max(6, round(np.log2(WINDOW * samplerate)))


def stretch(stream: Stream, shelf: Shelf, factor: float) -> Stream:
    """Return the sound `factor` times as long at the same pitch."""
    if factor == 1:
        return stream
    return stream.with_blocks(_trimmed(stream, factor))


def _trimmed(stream: Stream, factor: float) -> Iterator[np.ndarray]:
    reader = Reader(stream)
    made = Reader(stream.with_blocks(vocode(reader, stream.channels, stream.samplerate, factor)))
    return walk(made, made.read, lambda seen: min(seen, round(reader.seen * factor)) if reader.ended else
                max(0, seen - 1 - round(factor)))


def pitch(stream: Stream, shelf: Shelf, ratio: float) -> Stream:
    """Return the sound at `ratio` times its pitch, to the sample as long as it was."""
    if ratio == 1:
        return stream
    counted = Counter(stream)
    changed = Reader(change_speed(stretch(counted.stream, shelf, ratio), shelf, ratio))

    def blocks() -> Iterator[np.ndarray]:
        yield from counted.fit(changed)
    return stream.with_blocks(blocks())


class Counter:
    """Counts the frames that pass, so that what is made of them can be made as long."""

    def __init__(self, stream: Stream) -> None:
        self.frames = 0
        self.stream = stream.with_blocks(self._count(stream.blocks))

    def _count(self, blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        for block in blocks:
            self.frames += len(block)
            yield block

    def fit(self, reader: Reader) -> Iterator[np.ndarray]:
        """Yield what a reader has, cut or with silence to the length of what passed."""
        start = 0
        while True:
            reader.see(start + 2 * BLOCK)
            count = BLOCK if not reader.ended else min(BLOCK, self.frames - start)
            if count <= 0:
                return
            yield reader.read(start, count)
            start += count


def vocode(reader: Reader, channels: int, samplerate: int, factor: float) -> Iterator[np.ndarray]:
    """Yield the stretched sound hop by hop, without end."""
    size = window_size(samplerate)
    hop = size // OVERLAP
    window = np.hanning(size + 1)[:-1, None]
    places = Places(Onsets(reader, size // 32), factor, size)
    turner = Turner(size, channels)
    out = np.zeros((size, channels))
    for number in range(-1, 2 ** 62):       # the frame before the first one reaches into its first hop
        place = places.at(number * hop)
        held = reader.read(place - size // 2 - hop, size + hop)
        back, here = (np.fft.rfft(held[at:at + size] * window, axis=0) for at in (0, hop))
        out += np.fft.irfft(turner.turn(back, here, place), size, axis=0) * window
        if number > 1:
            yield out[:hop] / (OVERLAP * 3 / 8)
        out = np.concatenate([out[hop:], np.zeros((hop, channels))])
        if reader.ended and number * hop > reader.seen * factor + size:
            return


class Turner:
    """Rotates the bins of frame after frame so that partials go on."""

    def __init__(self, size: int, channels: int) -> None:
        self._hop = size // OVERLAP
        self._place: int | None = None
        self._turn = np.ones((size // 2 + 1, 1), complex)
        self._last = np.zeros((size // 2 + 1, channels), complex)

    def turn(self, back: np.ndarray, here: np.ndarray, place: int) -> np.ndarray:
        """Return frame `here` (bins, channels), rotated; back: the frame one hop before it in the sound."""
        power, before = (np.square(np.abs(frame)).sum(1) for frame in (here, back))
        if self._place is None or place != self._place + self._hop:
            self._turn = spread(power, unit((self._last * back.conj()).sum(1, keepdims=True)))
        self._turn = np.where((power > NEW * before)[:, None], 1, self._turn)
        self._place, self._last = place, here * self._turn
        return self._last


def unit(values: np.ndarray) -> np.ndarray:
    size = np.abs(values)
    return np.where(size > 1e-12, values / np.maximum(size, 1e-12), 1)


def spread(power: np.ndarray, turns: np.ndarray) -> np.ndarray:
    """Return for each bin the turn of the nearest peak; a peak is larger than two bins to each side."""
    padded = np.pad(power, 2)
    peaks = np.flatnonzero((power > padded[:-4]) & (power > padded[1:-3]) & (power >= padded[3:-1])
                           & (power >= padded[4:]) & (power > 0))
    if not len(peaks):
        return turns
    nearest = np.searchsorted((peaks[1:] + peaks[:-1]) / 2, np.arange(len(power)))
    return turns[peaks[nearest]]


class Places:
    """Where in the sound each frame of the result is read: steadily, but attacks pass at their own speed.

    Straight lines between knots, (sample of the result, sample of the sound).
    """

    def __init__(self, onsets: Onsets, factor: float, size: int) -> None:
        self._onsets, self._factor = onsets, factor
        self._before, self._after = size // 2, size // 4    # of an attack, that pass unstretched
        self._bend = int(size * max(1.0, 1 / factor))       # of the sound, in which time makes up for it
        self._knots = [(0.0, 0.0)]
        self._last = -2 ** 62

    def at(self, made: int) -> int:
        """Return the place in the sound of sample `made` of the result; call it with ever larger ones."""
        for onset in self._onsets.until(int(made / self._factor) + 3 * (self._bend + self._before)):
            self._add(onset)
        knots = self._knots
        while len(knots) > 2 and knots[1][0] <= made:
            del knots[0]
        after = next((number for number, knot in enumerate(knots) if knot[0] > made), len(knots))
        x, y = knots[max(0, after - 1)]
        if 0 < after < len(knots):
            return round(y + (made - x) * (knots[after][1] - y) / (knots[after][0] - x))
        return round(y + (made - x) / self._factor)

    def _add(self, onset: int) -> None:
        """Bend time around an attack, unless it comes too soon after another."""
        nearest = (self._before + self._after) * max(1.0, 1 / self._factor) + 1
        if onset - self._last < nearest:
            return
        self._last = onset
        begin, end = onset - self._before, onset + self._after
        lead = begin - self._bend
        if len(self._knots) > 1 and self._knots[-1][1] > lead:      # still making up for the one before
            self._knots.pop()
        start = self._factor * onset - self._before, float(begin)
        if not (self._knots[-1][0] < start[0] and self._knots[-1][1] < start[1]):
            self._knots.pop()
        elif self._knots[-1][1] < lead:
            self._knots.append((self._factor * lead, lead))
        tail = end + self._bend
        self._knots += [start, (self._factor * onset + self._after, end), (self._factor * tail, tail)]
