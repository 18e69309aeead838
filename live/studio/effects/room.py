"""The instrument's own reverb as a pedal: `live/dsp/reverb.py`, tick by tick, on pairs of channels.

A mono sound becomes stereo, as the room is.
"""
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from live.dsp.kernel import TICK
from live.studio.effects.simple import match_channels
from live.studio.effects.stream import BLOCK, Reader, Shelf, Stream


def reverb(stream: Stream, shelf: Shelf, level_db: float, decay: float, decay_high: float, crossover: float,
           size: float, predelay: float, motion: float) -> Stream:
    """Return the sound and, `level_db` loud, its reverberation, until that has fallen by 60 dB."""
    stream = match_channels(stream, 2) if stream.channels == 1 else stream
    knobs = decay, decay_high, crossover, size, predelay, motion, 0.0, 10 ** (level_db / 20)
    tail = math.ceil((max(decay, decay_high) + predelay) * stream.samplerate)
    return replace(stream, blocks=_blocks(stream, tuple(map(float, knobs)), tail))


def _blocks(stream: Stream, settings: tuple[float, ...], tail: int) -> Iterator[np.ndarray]:
    from live.dsp.reverb import REVERB, reset_reverb
    reader, pairs = Reader(stream), range(0, stream.channels, 2)
    rooms = np.zeros(len(pairs), REVERB)
    for room in rooms:
        reset_reverb(room, float(stream.samplerate))
    start = 0
    while True:
        block = reader.read(start, BLOCK)
        count = BLOCK if not reader.ended else min(BLOCK, reader.seen + tail - start)
        if count <= 0 or not reader.seen:
            return
        wet = [reverberate(room, settings, block[:, at:at + 2]) for room, at in zip(rooms, pairs)]
        yield (block + np.concatenate(wet, 1)[:, :stream.channels])[:count]
        start += count


def reverberate(room: np.void, settings: tuple[float, ...], block: np.ndarray) -> np.ndarray:
    """Return the reverberation (BLOCK, 2) of (BLOCK, 1 or 2) that goes on from the block before."""
    from live.dsp.reverb import render_reverb
    left, right = (np.ascontiguousarray(block[:, side]) for side in (0, -1))
    out = np.zeros((2, len(block)), np.float32)
    for k in range(0, len(block), TICK):
        tick = slice(k, k + TICK)
        render_reverb(room, *settings, left[tick], right[tick], out[0, tick], out[1, tick])
    return out.T
