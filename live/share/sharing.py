"""Frames to other programs, each way out on a thread of its own. [share]

In: frames from the window's thread, which never waits: each way out has one place for a frame, and the newest wins.
Out: what the ways out make of them. One that fails is told once, closed, and tried again every few seconds; the others
and the show go on. Knows nothing of what the ways out are.
"""
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from live.share.output import Kind, Output, find_kind, open_output
from live.wires import Latest

RETRY = 5.0             # seconds until what failed is tried again
EARLY = 0.1             # of a frame's time that it may be early: windows and outputs do not beat in step
LEAVE_TIME = 2.0        # seconds that closing may take


class Way:
    """One way out and its thread. open: makes the Output; sent, passed: frames given to it and passed over."""

    def __init__(self, kind: Kind, open_it: Callable[[], Output], say: Callable[[str], None]) -> None:
        self.kind, self._open, self._say = kind, open_it, say
        self.output: Output | None = None
        self.trouble = self._told = ''          # '' while all is well; where frames are found
        self.sent = self.passed = 0
        self._frames: Latest[tuple[np.ndarray, int]] = Latest()
        self._next = 0.0
        self._offered, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f'share {kind.name}', daemon=True)

    def start(self) -> None:
        """[main]"""
        self._thread.start()

    def stop(self) -> None:
        """[main] End; one whose library hangs is left behind."""
        self._stopping.set()
        self._offered.set()
        if self._thread.ident:
            self._thread.join(LEAVE_TIME)

    def due(self, now: float) -> bool:
        """[main] Tell whether a frame is wanted now."""
        return self.output is not None and now >= self._next

    def put(self, pixels: np.ndarray, sample_index: int, now: float) -> None:
        """[main] Offer a frame."""
        step = 1 / self.kind.fps
        self._next = max(self._next + step, now + (1 - EARLY) * step)
        self._frames.put((pixels, sample_index))
        self._offered.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve()
            except Exception as error:      # each library has errors of its own
                self._fail(error)
                self._stopping.wait(RETRY)
        self._close()

    def _serve(self) -> None:
        """Open, and send what comes until told to stop."""
        output = self.output = self._open()
        seen = self._frames.count
        while True:
            self._offered.wait()
            self._offered.clear()
            if self._stopping.is_set():
                return
            count, frame = self._frames.count, self._frames.get()
            if frame is not None and count != seen:
                output.send(*frame)
                self.sent, self.passed, seen = self.sent + 1, self.passed + count - seen - 1, count
                self._tell(output.where)

    def _tell(self, where: str) -> None:
        """Tell where frames are found, once they are there."""
        if where != self._told or self.trouble:
            self._say(f'{self.kind.name}: {where}')
        self._told, self.trouble = where, ''

    def _fail(self, error: Exception) -> None:
        trouble = f'{self.kind.name}: {error or type(error).__name__}'
        if trouble != self.trouble:
            self._say(f'{trouble}; it is tried again every {RETRY:g} s')
        self.trouble = trouble
        self._close()

    def _close(self) -> None:
        output, self.output = self.output, None
        try:
            if output is not None:
                output.close()
        except Exception as error:      # it is gone anyway
            self.trouble = self.trouble or str(error)


class Sharing:
    """All ways out that were asked for. words: as in --share, such as ['ndi', 'websocket:8041'].

    Raises ShareError for what cannot be had at all. say: told where frames are found, and what goes wrong.
    """

    def __init__(self, words: Sequence[str], lan: bool = False, say: Callable[[str], None] = print) -> None:
        found = [find_kind(word) for word in words]
        self.ways = [Way(kind, partial(open_output, kind, argument, lan), say) for kind, argument in found]

    def start(self) -> None:
        """[main]"""
        for way in self.ways:
            way.start()

    def stop(self) -> None:
        """[main]"""
        for way in self.ways:
            way.stop()

    def due(self, now: float | None = None) -> bool:
        """[main] Tell whether anybody wants a frame now."""
        now = time.monotonic() if now is None else now
        return any(way.due(now) for way in self.ways)

    def send(self, pixels: np.ndarray, sample_index: int, now: float | None = None) -> None:
        """[main] Give a frame to those who want one, and come back at once. Do not write to it any more."""
        now = time.monotonic() if now is None else now
        for way in self.ways:
            if way.due(now):
                way.put(pixels, sample_index, now)

    def status(self) -> list[dict]:
        """[any] Return what became of the frames so far, as plain data."""
        return [{'name': way.kind.name, 'where': way.output.where if way.output else '', 'sent': way.sent,
                 'passed_over': way.passed, 'trouble': way.trouble} for way in self.ways]
