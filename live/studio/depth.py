"""Bit depth: 2^bits levels, rounded or dithered, written exactly as they are.

A full-scale sine over the rounding's noise is 6.02 bits + 1.76 dB (W. R. Bennett 1948). Dither with a triangular
density of two steps makes that noise independent of the sound (S. P. Lipshitz, R. A. Wannamaker and J. Vanderkooy 1992)
and costs 4.77 dB. 1.0 is one step above the highest level, so that what was read is written again to the bit.
"""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from live.studio.files import DEPTHS, StudioError, create_sound

WHOLE = ('WAV', 'W64', 'AIFF', 'FLAC', 'AU', 'CAF')     # hold whole numbers as they are


def quantise(sound: np.ndarray, bits: int, dither: np.random.Generator | None = None) -> np.ndarray:
    """Return the nearest of 2^bits levels as int32, clipped; dither: where its noise is drawn from."""
    steps = np.asarray(sound, np.float64) * 2.0 ** (bits - 1)
    if dither is not None:
        steps = steps + dither.random(steps.shape) - dither.random(steps.shape)
    return np.clip(np.rint(steps), -2 ** (bits - 1), 2 ** (bits - 1) - 1).astype(np.int32)


def dynamic_range_db(bits: int) -> float:
    """Return 20 log10 of the number of levels."""
    return float(20 * np.log10(2.0 ** bits))


class SoundWriter:
    """Writes blocks at a bit depth. clipped: samples that were too loud."""

    def __init__(self, file: soundfile.SoundFile, depth: str, dither: np.random.Generator | None) -> None:
        self.clipped, self.frames = 0, 0
        self._file, self._dither = file, dither
        self._bits = int(depth) if depth != '32' and file.format in WHOLE else 0

    def write(self, block: np.ndarray) -> None:
        self.frames += len(block)
        if not self._bits:
            self._file.write(block)
            return
        self.clipped += int(np.count_nonzero(np.abs(block) > 1))
        self._file.write(quantise(block, self._bits, self._dither) << (32 - self._bits))


@contextmanager
def open_writer(path: str | Path, samplerate: int, channels: int, depth: str = '32', dither: bool = False,
                seed: int = 0) -> Iterator[SoundWriter]:
    """Open a sound to write to; depth: one of DEPTHS."""
    if depth not in DEPTHS:
        raise StudioError(f'a depth of {depth} bits is none of {", ".join(DEPTHS)}')
    with create_sound(path, samplerate, channels, depth) as file:
        yield SoundWriter(file, depth, np.random.default_rng(seed) if dither else None)


def write_at_depth(path: str | Path, sound: np.ndarray, samplerate: int, depth: str = '24', dither: bool = False,
                   seed: int = 0) -> None:
    """Write (n,) or (n, channels)."""
    sound = sound[:, None] if sound.ndim == 1 else sound
    with open_writer(path, samplerate, sound.shape[1], depth, dither, seed) as writer:
        writer.write(sound)
