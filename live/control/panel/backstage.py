"""What the performer's page is given: plain parts of the instrument, each of which may be missing but the first four.

View carries the picture from the window's thread to the page: small, and only while somebody looks.
"""
import io
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from live.control.desk import Desk
from live.params import Board
from live.patch import list_patches
from live.wires import Latest, Reader

if TYPE_CHECKING:
    from live.control.midi import MidiInput

VIEW_RATE = 5.0         # pictures a second
VIEW_SIDE = 320         # pixels of the longer side, at most
QUALITY = 70            # of the JPEG
LOOKING = 1.5           # seconds that a picture is made for after somebody has looked


class View:
    """A small view of the output. The window asks `due` and puts; the page calls `look` and reads `jpeg`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pictures: Latest[np.ndarray] = Latest()
        self._until = self._next = 0.0
        self._encoded = 0, b''

    def look(self) -> None:
        """[control] Have pictures made for a while."""
        self._until = self._clock() + LOOKING

    def due(self) -> bool:
        """[main] Tell whether a picture is wanted now."""
        now = self._clock()
        if now >= self._until or now < self._next:
            return False
        self._next = now + 1 / VIEW_RATE
        return True

    def put(self, pixels: np.ndarray) -> None:
        """[main] Give a picture: (height, width, 3 or 4) uint8, row 0 on top."""
        self._pictures.put(pixels)

    @property
    def count(self) -> int:
        """Pictures given so far."""
        return self._pictures.count

    def jpeg(self) -> bytes:
        """[control] Return the newest picture, encoded once; b'' while there is none."""
        count, pixels = self._pictures.count, self._pictures.get()
        if pixels is not None and count != self._encoded[0]:
            self._encoded = count, encode(pixels)
        return self._encoded[1]


def encode(pixels: np.ndarray) -> bytes:
    """Return a picture as JPEG."""
    from PIL import Image
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[..., :3])).save(out, 'JPEG', quality=QUALITY)
    return out.getvalue()


@dataclass
class Backstage:
    """What the page shows and steers.

    sounding: what modulators make of the board; slices: a reader of SLICE; stats: the callback's counters, a record
    with the histogram 'load', 'underflows' and 'late'; figures: numbers by the names of frame.METERS, those known.
    midi: steers and learns; recording: whether a take runs.
    """
    desk: Desk
    sounding: Board
    slices: Reader
    stats: np.ndarray
    figures: Callable[[], Mapping[str, float]] = dict
    view: View | None = None
    midi: 'MidiInput | None' = None
    recording: Callable[[], bool] = bool
    patches: Callable[[], list[str]] = list_patches
