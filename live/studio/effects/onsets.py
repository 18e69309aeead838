"""Where attacks lie: cells of a few milliseconds whose energy, highs first, is suddenly several times what it was."""
from collections.abc import Iterator

import numpy as np

from live.studio.effects.stream import Reader

MEMORY = 8              # cells that a new one is compared with
RISE = 6.0              # times their mean
SILENCE = 1e-9          # power of the first difference, below which nothing begins
SHARE = 0.1             # of the cell's largest power, where the attack itself lies


class Onsets:
    """Looks for attacks ahead of who reads the sound. cell: samples."""

    def __init__(self, reader: Reader, cell: int) -> None:
        self._reader, self._cell, self._place = reader, max(1, cell), 0
        self._past = np.zeros(MEMORY)
        self._sample: np.ndarray | None = None

    def until(self, place: int) -> Iterator[int]:
        """Yield the attacks up to about a place, each once."""
        self._reader.see(place)
        while self._place + self._cell <= min(place, self._reader.seen):
            cell = self._reader.peek(self._place, self._cell).astype(np.float64)
            before = np.zeros_like(cell[0]) if self._sample is None else self._sample
            rise = np.square(np.diff(cell, axis=0, prepend=before[None])).sum(1)
            power = float(rise.mean())
            if power > RISE * self._past.mean() + SILENCE:
                yield self._place + int(np.argmax(rise > SHARE * rise.max()))
            self._past[:-1], self._past[-1] = self._past[1:], power
            self._sample = cell[-1]
            self._place += self._cell
