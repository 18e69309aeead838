"""A camera, or a film that goes round and round, as pictures that dreams can begin from.

In: what --camera says; the size and the time of each picture that is wanted. Out: the newest one, (height, width, 4)
uint8 RGBA. A camera that is lost is looked for again, at first after 0.5 s, later every 10 s, and told once.

After `start` everything runs on a thread of its own, [camera], and only while somebody asks: five seconds later the
device is given back. Without it films are read by who asks, up to the time that is asked for, so that offline pictures
come out the same every time. Knows nothing of parameters or dreams.
"""
import math
import time
from collections.abc import Callable
from contextlib import closing

import numpy as np

from live.diffusion.on_demand import OnDemand
from live.diffusion.video import WRONG, Film, Size, find_source, fit_frame, read_frames

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0      # seconds between tries
LINGER = 5.0                # seconds that a camera stays open when nobody asks
LATEST = 0.5                # seconds a film may lag behind the clock; then it goes on from where it is


class Camera(OnDemand):
    """The newest picture of a camera.

    lost: how often it went or was not there; trouble: why, '' while it is there; say: told once about each reason.
    """

    NAME = 'camera'

    def __init__(self, device: str, say: Callable[[str], None]) -> None:
        super().__init__()
        self.source, self.lost = find_source(device), 0
        self._say, self._told = say, set[str]()
        self.trouble = ''
        self._newest: np.ndarray | None = None
        self._size: Size = (256, 256)
        self._asked, self._pause = -math.inf, FIRST_PAUSE
        self._film = Film(self.source)

    def picture(self, size: Size, seconds: float) -> np.ndarray | None:
        """Return the newest picture, None while there is none. seconds: where a film without a thread stands."""
        self._size, self._asked = size, time.monotonic()
        self._wake.set()
        if self._thread is None:
            try:
                self._keep(self._film.at(seconds))
            except WRONG as error:
                self._film = Film(self.source)
                self._lose(error)
        return self._newest

    @property
    def _is_wanted(self) -> bool:
        return not self._stopping.is_set() and time.monotonic() - self._asked < LINGER

    def _run(self) -> None:
        """[camera]"""
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                self._watch()
            except Exception as error:      # drivers have errors of their own; a camera must come back from all
                self._lose(error)
                self._stopping.wait(self._pause)
                self._pause = min(LONGEST_PAUSE, 2 * self._pause)

    def _watch(self) -> None:
        """Keep the newest picture until nobody wants it; raise one of WRONG when the source is lost."""
        began = time.monotonic()
        with closing(read_frames(self.source)) as frames:
            for when, frame in frames:
                if self.source.is_film:
                    began = max(began, time.monotonic() - when - LATEST)
                    self._stopping.wait(max(0.0, began + when - time.monotonic()))
                if not self._is_wanted:
                    break
                self._keep(frame)
        self._newest = None

    def _keep(self, frame) -> None:
        self._newest = fit_frame(frame, self._size)
        self._pause, self.trouble = FIRST_PAUSE, ''

    def _lose(self, error: Exception) -> None:
        self._newest = None
        self.lost += 1
        self.trouble = f'{self.source.name}: {getattr(error, "strerror", None) or error}'
        if self.trouble not in self._told:
            self._told.add(self.trouble)
            self._say(f'{self.trouble}; it is looked for again')
