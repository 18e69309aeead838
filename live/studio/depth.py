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

from live.studio.files import DEPTHS, StudioError, beside, check_folder, create_sound, cut_blocks

WHOLE = {'PCM_U8': 8, 'PCM_S8': 8, 'PCM_16': 16, 'PCM_24': 24}      # hold whole numbers as they are
MOST_BYTES = {'WAV': 0xffff0000, 'AIFF': 0x7fff0000}    # their sizes are 32-bit numbers


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

    def __init__(self, file: soundfile.SoundFile, dither: np.random.Generator | None) -> None:
        self.clipped = 0
        self._file, self._dither, self._bits = file, dither, WHOLE.get(file.subtype, 0)
        self._left = MOST_BYTES.get(file.format, np.inf)

    def write(self, block: np.ndarray) -> None:
        self._left -= block.size * (self._bits or 32) // 8
        if self._left < 0:
            raise StudioError(f'a .{self._file.format.lower()} file holds no more than 4 GB; write .w64 or .flac')
        for part in cut_blocks(block):
            if self._bits:
                self.clipped += int(np.count_nonzero(np.abs(part) > 1))
                part = quantise(part, self._bits, self._dither) << (32 - self._bits)
            self._file.write(part)


@contextmanager
def open_writer(path: str | Path, samplerate: int, channels: int, depth: str = '32', dither: bool = False,
                seed: int = 0) -> Iterator[SoundWriter]:
    """Open a sound to write to; depth: one of DEPTHS. What is half written when something goes wrong is taken away."""
    if depth not in DEPTHS:
        raise StudioError(f'a depth of {depth} bits is none of {", ".join(DEPTHS)}')
    with beside(check_folder(path)) as part, create_sound(part, samplerate, channels, depth) as file:
        yield SoundWriter(file, np.random.default_rng(seed) if dither else None)


def write_at_depth(path: str | Path, sound: np.ndarray, samplerate: int, depth: str = '24', dither: bool = False,
                   seed: int = 0) -> int:
    """Write (n,) or (n, channels); return how many samples were too loud."""
    sound = sound[:, None] if sound.ndim == 1 else sound
    with open_writer(path, samplerate, sound.shape[1], depth, dither, seed) as writer:
        writer.write(sound)
    return writer.clipped


def tell_clipped(path: str | Path, clipped: int, remedy: str) -> None:
    """Print how many samples of a file were too loud, if any were."""
    if clipped:
        print(f'{Path(path).name}: {clipped} samples were too loud and were cut; {remedy}')
