"""The plain pedals: reverse, delay, gain, normalise, fade, layer, speed, rate, channels. From a Stream to a Stream.

Seconds become whole samples. What needs the whole sound has it on disk: `shelf`.
"""
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np

from live.dsp.sinc import WING, interpolate, reach
from live.studio.effects.stream import BLOCK, Reader, Shelf, Stored, Stream, walk
from live.studio.files import StudioError, open_sound

HELD = 4.0              # seconds of a sound that a delay holds in memory; what reaches further back is read from disk


def reverse(stream: Stream, shelf: Shelf) -> Stream:
    """Return the sound from its end to its beginning."""
    def blocks(stored: Stored) -> Iterator[np.ndarray]:
        for end in range(stored.frames, 0, -BLOCK):
            start = max(0, end - BLOCK)
            yield stored.read(start, end - start)[::-1]
    return stream.with_blocks(_later(lambda: blocks(shelf.store(stream))))


def _later(begin: Callable[[], Iterator[np.ndarray]]) -> Iterator[np.ndarray]:
    """Begin when the first block is asked for."""
    yield from begin()


def delay(stream: Stream, shelf: Shelf, time: float, fade: float, repeats: int, speed: float) -> Stream:
    """Return the sound and its repeats, each `time` later and `fade` times as loud as the one before.

    speed: that of the repeats: at 0.5 they are played at half speed, an octave lower and twice as long.
    """
    step = round(time * stream.samplerate)
    if speed != 1 or time * repeats > HELD:
        return stream.with_blocks(_later(lambda: _stored_delay(shelf.store(stream), shelf, step, fade, repeats, speed)))
    behind = step * repeats
    reader = Reader(stream)

    def make(start: int, count: int) -> np.ndarray:
        past = reader.read(start - behind, behind + count)
        return sum_repeats([past[behind - k * step:behind - k * step + count] for k in range(repeats + 1)], fade)
    return stream.with_blocks(walk(reader, make, lambda frames: frames + behind if frames else 0))


def _stored_delay(dry: Stored, shelf: Shelf, step: int, fade: float, repeats: int,
                  speed: float) -> Iterator[np.ndarray]:
    varied = dry if speed == 1 else shelf.store(change_speed(dry.stream(), shelf, speed))
    frames = max(dry.frames, step * repeats + varied.frames) if dry.frames else 0
    for start in range(0, frames, BLOCK):
        count = min(BLOCK, frames - start)
        yield sum_repeats([dry.read(start, count),
                           *(varied.read(start - k * step, count) for k in range(1, repeats + 1))], fade)


def sum_repeats(parts: list[np.ndarray], fade: float) -> np.ndarray:
    """Return the sum of parts, each `fade` times as loud as the one before."""
    out = parts[0].astype(np.float32)
    for k, part in enumerate(parts[1:], 1):
        out += np.float32(fade ** k) * part
    return out


def gain(stream: Stream, shelf: Shelf, db: float) -> Stream:
    """Return the sound louder by so many dB."""
    factor = np.float32(10 ** (db / 20))
    return stream.with_blocks(factor * block for block in stream.blocks)


def normalise(stream: Stream, shelf: Shelf, peak_db: float) -> Stream:
    """Return the sound with its largest sample at this level."""
    def blocks() -> Iterator[np.ndarray]:
        stored = shelf.store(stream)
        peak = max((float(np.abs(block).max()) for block in stored.blocks()), default=0.0)
        factor = np.float32(10 ** (peak_db / 20) / peak if peak else 1)
        yield from (factor * block for block in stored.blocks())
    return stream.with_blocks(_later(blocks))


def fade(stream: Stream, shelf: Shelf, rise: float, fall: float) -> Stream:
    """Return the sound rising from silence at its beginning, falling to it at its end: half a cosine."""
    def blocks() -> Iterator[np.ndarray]:
        stored = shelf.store(stream)
        up, down = (round(seconds * stream.samplerate) for seconds in (rise, fall))
        for start, block in zip(range(0, stored.frames, BLOCK), stored.blocks()):
            place = start + np.arange(len(block))
            swell = eased((place + .5) / max(up, .5)) * eased((stored.frames - place - .5) / max(down, .5))
            yield (block * swell[:, None]).astype(np.float32)
    return stream.with_blocks(_later(blocks))


def eased(part: np.ndarray) -> np.ndarray:
    return .5 - .5 * np.cos(np.pi * np.clip(part, 0, 1))


def layer(stream: Stream, shelf: Shelf, source: str, db: float, at: float) -> Stream:
    """Return the sound with another laid over it from `at` seconds on: a point of the chain, or a file."""
    first, factor = round(at * stream.samplerate), np.float32(10 ** (db / 20))

    def blocks() -> Iterator[np.ndarray]:
        with _Other(shelf, source) as other:
            under = Reader(stream)
            over = Reader(match_channels(change_rate(other, shelf, stream.samplerate), stream.channels, source))
            over.see(1)

            def make(start: int, count: int) -> np.ndarray:
                return under.read(start, count) + factor * over.read(start - first, count)
            start = 0
            while True:
                under.see(start + BLOCK)
                over.see(start - first + BLOCK)
                count = min(BLOCK, max(under.seen, first + over.seen) - start)
                if count <= 0:
                    return
                yield make(start, count)
                start += count
    return stream.with_blocks(_later(blocks))


class _Other:
    """Another sound: a point of the chain, or a file that is open as long as it is read."""

    def __init__(self, shelf: Shelf, source: str) -> None:
        self._stored, self._file = shelf.points.get(source), None if source in shelf.points else open_sound(source)

    def __enter__(self) -> Stream:
        if self._stored:
            return self._stored.stream()
        assert self._file
        sound = self._file.__enter__()
        return Stream(sound.samplerate, sound.channels, sound.blocks())

    def __exit__(self, *error) -> None:
        if self._file:
            self._file.__exit__(*error)


def match_channels(stream: Stream, channels: int, name: str = 'it') -> Stream:
    """Return the sound with so many channels: one goes to all, all may go to one."""
    if stream.channels == channels:
        return stream
    if stream.channels != 1 and channels != 1:
        raise StudioError(f'{name} has {stream.channels} channels and cannot be made {channels}; one of the two must '
                          'be 1')
    change = partial(np.repeat, repeats=channels, axis=1) if stream.channels == 1 else _mean
    return replace(stream, channels=channels, blocks=(change(block) for block in stream.blocks))


def _mean(block: np.ndarray) -> np.ndarray:
    return block.mean(1, keepdims=True, dtype=np.float32)


def channels(stream: Stream, shelf: Shelf, count: int) -> Stream:
    """Return the sound in mono, or a mono sound on so many channels."""
    return match_channels(stream, count, 'the sound')


def change_speed(stream: Stream, shelf: Shelf, factor: float) -> Stream:
    """Return the sound played faster (above 1) or slower, and so higher or lower, as a tape would be."""
    return stream.with_blocks(_resampled(stream, Fraction(factor)))


def change_rate(stream: Stream, shelf: Shelf, hz: int) -> Stream:
    """Return the same sound at another samplerate."""
    if hz == stream.samplerate:
        return stream
    return replace(stream, samplerate=hz, blocks=_resampled(stream, Fraction(stream.samplerate, hz)))


def _resampled(stream: Stream, step: Fraction) -> Iterator[np.ndarray]:
    """Yield the sound read at every `step` of its frames; the place is exact however far it is."""
    reader, margin = Reader(stream), reach(float(step))

    def make(start: int, count: int) -> np.ndarray:
        whole, part = divmod(start * step, 1)
        held = reader.read(whole - margin, 2 * margin + int(count * step) + 2)
        out = np.empty((count, stream.channels), np.float32)
        interpolate(held, margin + float(part), float(step), WING, out)
        return out
    return walk(reader, make, lambda frames: round(frames / step))
