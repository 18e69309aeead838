"""A sound on its way through the pedals: blocks that are made when they are asked for, or a sound that waits on disk.

A pedal takes a Stream and gives one. Blocks are (n, channels) float32 of any n above 0. Memory holds a few blocks,
however long the sound is.
"""
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

BLOCK = 1 << 14         # frames that a pedal makes at once


@dataclass(frozen=True)
class Stream:
    """A sound that comes once."""
    samplerate: int
    channels: int
    blocks: Iterator[np.ndarray]

    def with_blocks(self, blocks: Iterator[np.ndarray]) -> 'Stream':
        return replace(self, blocks=blocks)


class Stored:
    """A sound on disk, raw float32, that can be read from anywhere and again."""

    def __init__(self, stream: Stream, folder: Path | None) -> None:
        self.samplerate, self.channels, self.frames = stream.samplerate, stream.channels, 0
        self._file = tempfile.TemporaryFile(dir=folder, prefix='.effects-')
        for block in stream.blocks:
            self._file.write(np.ascontiguousarray(block, '<f4').tobytes())
            self.frames += len(block)

    def read(self, start: int, count: int) -> np.ndarray:
        """Return count frames from start on; what lies outside is silence."""
        low, high = max(0, start), min(self.frames, start + count)
        out = np.zeros((count, self.channels), np.float32)
        if low < high:
            self._file.seek(4 * self.channels * low)
            data = self._file.read(4 * self.channels * (high - low))
            out[low - start:high - start] = np.frombuffer(data, '<f4').reshape(-1, self.channels)
        return out

    def blocks(self, start: int = 0, end: int | None = None) -> Iterator[np.ndarray]:
        """Yield it from its beginning to its end, or a part of it."""
        end = self.frames if end is None else end
        for at in range(start, end, BLOCK):
            yield self.read(at, min(BLOCK, end - at))

    def stream(self) -> Stream:
        return Stream(self.samplerate, self.channels, self.blocks())

    def close(self) -> None:
        self._file.close()


class Shelf:
    """Where sounds wait: points of the chain by name, and what a pedal must have whole. They go when it closes."""

    def __init__(self, folder: Path | None = None) -> None:
        self.points: dict[str, Stored] = {}
        self._folder = folder
        self._stored: list[Stored] = []

    def store(self, stream: Stream) -> Stored:
        stored = Stored(stream, self._folder)
        self._stored.append(stored)
        return stored

    def copy(self) -> 'Shelf':
        """Return a shelf of its own with the same points, which stay when it closes."""
        other = Shelf(self._folder)
        other.points |= self.points
        return other

    def __enter__(self) -> 'Shelf':
        return self

    def __exit__(self, *error: object) -> None:
        for stored in self._stored:
            stored.close()


class Reader:
    """Reads a stream at places that move forward; before its beginning and after its end there is silence.

    seen: frames that came so far; ended: whether that was all.
    """

    def __init__(self, stream: Stream) -> None:
        self.seen, self.ended = 0, False
        self._blocks, self._first = stream.blocks, 0
        self._held = np.zeros((0, stream.channels), np.float32)

    def read(self, start: int, count: int) -> np.ndarray:
        """Return (count, channels) from start on; what lies before start is let go of."""
        self._drop(start)
        return self.peek(start, count)

    def peek(self, start: int, count: int) -> np.ndarray:
        """Return the same, and let go of nothing."""
        self.see(start + count)
        low, high = max(start, self._first), min(start + count, self.seen)
        out = np.zeros((count, self._held.shape[1]), np.float32)
        if low < high:
            out[low - start:high - start] = self._held[low - self._first:high - self._first]
        return out

    def see(self, end: int) -> None:
        """Take blocks in until the frame before `end` is here, or the end."""
        parts = [self._held]
        while self.seen < end and not self.ended:
            block = next(self._blocks, None)
            if block is None:
                self.ended = True
            else:
                parts.append(block)
                self.seen += len(block)
        if len(parts) > 1:
            self._held = np.concatenate(parts)

    def _drop(self, start: int) -> None:
        away = min(max(0, start - self._first), len(self._held))
        if away >= BLOCK:
            self._held, self._first = self._held[away:].copy(), self._first + away


def walk(reader: Reader, make: Callable[[int, int], np.ndarray], length: Callable[[int], int]) -> Iterator[np.ndarray]:
    """Yield make(start, count), block after block; length(n): frames that come out of n, more of more."""
    start = 0
    while True:
        while not reader.ended and length(reader.seen) < start + BLOCK:
            reader.see(reader.seen + 1)
        count = min(BLOCK, length(reader.seen) - start)
        if count <= 0:
            return
        yield make(start, count).astype(np.float32, copy=False)
        start += count
