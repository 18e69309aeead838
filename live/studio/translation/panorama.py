"""A picture of any width, dreamt window by window, without seams.

In: a picture as high as the model's, an engine, an embedding. Out: a picture of the same size. Windows overlap by a
half and fade into each other; the noise is drawn once for all, so where two windows overlap they dream nearly the same.
"""
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from live.studio.art.engine import Engine
from live.studio.progress import progress


def find_width(engine: Engine, seconds: float, seconds_across: float) -> int:
    """Return the pixels across a sound: one window's worth takes so many seconds, a shorter sound has it alone."""
    width = engine.size[0]
    return max(width, round(width * seconds / seconds_across / engine.scale) * engine.scale)


def place_windows(width: int, window: int, scale: int) -> list[int]:
    """Return where windows begin, in pixels: evenly, whole latent pixels, overlapping by about a half."""
    count = 1 if width <= window else 1 + -(-(width - window) * 2 // window)
    return [round(start / scale) * scale for start in np.linspace(0, width - window, count)]


def paint_panorama(engine: Engine, picture: np.ndarray, embedding: np.ndarray, strength: float,
                   what: str = 'art') -> np.ndarray:
    """Return the picture (height, width, 3) uint8 dreamt over at this strength."""
    width, window, scale = picture.shape[1], engine.size[0], engine.scale
    noise = engine.make_noise(width // scale)
    total, weight = np.zeros(picture.shape), np.zeros((width, 1))
    starts = place_windows(width, window, scale)
    for start, shares in zip(progress(starts, what), fade(starts, window)):
        columns = slice(start, start + window)
        part = noise[..., start // scale:(start + window) // scale].contiguous()
        total[:, columns] += shares[:, None] * engine.paint(embedding, picture[:, columns], strength, part)
        weight[columns] += shares[:, None]
    return np.round(total / weight).astype(np.uint8)


def fade(starts: list[int], window: int) -> Iterator[np.ndarray]:
    """Yield the share (window,) of each window's columns: one that has no neighbour at a side ends abruptly there."""
    overlaps = [before + window - after for before, after in pairwise(starts)]
    for left, right in zip((0, *overlaps), (*overlaps, 0)):
        shares = np.ones(window)
        if left:
            shares[:left] *= rise(left)
        if right:
            shares[-right:] *= rise(right)[::-1]
        yield shares


def rise(count: int) -> np.ndarray:
    return np.sin(np.pi / 2 * (np.arange(count) + 0.5) / count) ** 2
