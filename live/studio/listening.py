"""Sounds as the instrument hears them: slices of whole files, block by block, in constant memory.

In: what live.studio.files reads. Out: SLICEs (live/signals.py), by the kernels of the callback: live/audio/hearing.py.
"""
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from live.audio.hearing import Hearing
from live.signals import N_FFT
from live.studio.files import open_sound
from live.tuning.tuning import Tuning


def make_hearing(samplerate: float, tuning: Tuning = Tuning(), root: float | None = None) -> Hearing:
    """Return a Hearing whose chroma is folded to a tuning from its degree 0, or from `root` Hz."""
    return Hearing(samplerate, tuning.scale_cents(), tuning.period_cents, root or tuning.root)


def hear_file(path: str | Path, tuning: Tuning = Tuning(), root: float | None = None) -> Iterator[np.ndarray]:
    """Yield the slices of a file, some at a time; raise StudioError for what is no sound, is empty or holds NaN."""
    with open_sound(path) as source:
        yield from hear_blocks(source.blocks(), make_hearing(source.samplerate, tuning, root))


def hear_blocks(blocks: Iterable[np.ndarray], hearing: Hearing) -> Iterator[np.ndarray]:
    """Yield slices, at least one in all: what is shorter than a frame is followed by silence."""
    channels = 1
    for block in blocks:
        channels = block.shape[1]
        yield hearing.hear(block)
    if hearing.frames < N_FFT:
        yield hearing.hear(np.zeros((N_FFT - hearing.frames, channels), np.float32))
