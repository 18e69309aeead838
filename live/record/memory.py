"""The last minutes of sound and picture, kept in memory; one action writes them to files. [memory]

In: the ring of sound, Shots of a Film. Out: the files that a take would have made. Sound is kept as it was played,
23 MB a minute at 48 kHz; pictures as they were encoded, so that nothing is encoded twice: SHOT_BYTES at most, the
oldest go first. When the window has changed its size a Film begins anew; what was kept of the old size is forgotten,
and the oldest picture that is left stands from the beginning of the sound.
"""
import threading
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from live.record.recorder import Recorder
from live.record.take import Take, TakeError
from live.wires import Ring

if TYPE_CHECKING:
    from live.record.encoder import Shot

FETCH_TIME = 0.1        # seconds between two looks into the ring
BLOCK = 1 << 15         # frames fetched at once
SPARE_SECONDS = 30      # of sound beside the minutes asked for: to be written before they are overwritten
SHOT_BYTES = 1 << 29
MOST_CUT = 1            # second of sound that is left out, at most, so that all begin with the first key of a movie
WRITE_TIME = 300.0      # seconds for writing, at most
MINUTES, LEAST_CORES = 5.0, 4   # kept when nothing is asked for; where that is a small part of the machine


class Memory:
    """Keeps so many minutes. `add_shot` is what a Film calls."""

    def __init__(self, sound: Ring, samplerate: int, minutes: float) -> None:
        self.samplerate, self._length = samplerate, round(minutes * 60 * samplerate)
        self._source = sound.reader()
        head = np.full(8, self._source.place, np.int64)         # the same numbers as in the ring it is fetched from
        self._sound = Ring(np.zeros((self._length + SPARE_SECONDS * samplerate, 2), np.float32), head, BLOCK)
        self._begin = self._source.place
        self._groups: deque[list[Shot]] = deque()               # each begins with a key
        self._bytes = 0
        self._lock = threading.Lock()                           # of the groups
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name='memory', daemon=True)

    def start(self) -> None:
        """[main] Begin."""
        self._thread.start()

    def stop(self) -> None:
        """[main] End; what is kept can still be written."""
        self._stopping.set()
        if self._thread.ident:
            self._thread.join(5.0)

    def add_shot(self, shot: 'Shot') -> None:
        """[film] Keep a picture; forget those that are too old or too many."""
        with self._lock:
            if self._groups and self._groups[-1][-1].encoder is not shot.encoder:
                self._groups.clear()
                self._bytes = 0
            if shot.key:
                self._groups.append([])
            if self._groups:
                self._groups[-1].append(shot)
                self._bytes += len(shot.data)
            while len(self._groups) > 1 and (self._bytes > SHOT_BYTES
                                             or self._groups[1][0].sample <= shot.sample - self._length):
                self._bytes -= sum(len(old.data) for old in self._groups.popleft())

    def write(self, paths: list[Path], also: Callable[[Path, int, int], str] = lambda path, start, end: '') -> str:
        """[any] Write what is kept now, movies and sound alike; return what became of it, or raise TakeError.

        also: called with the first path, first sample and the one after the last; what it returns is told as well.
        """
        shots, end = self._shots(), self._sound.written
        start = max(self._begin, end - self._length)
        shots = shots[next((n for n, shot in enumerate(shots) if shot.key and shot.sample >= start), len(shots)):]
        if shots and shots[0].sample - start <= MOST_CUT * self.samplerate:
            start = shots[0].sample         # a movie begins with a key; one that begins later is seen from the start on
        if start >= end:
            raise TakeError('nothing has been kept yet')
        recorders: list[Recorder] = []
        with ExitStack() as opened:
            for path in paths:
                recorders.append(self._recorder(path, start, end, shots))
                opened.callback(recorders[-1].take.discard)
            opened.pop_all()        # all of them or none
        for recorder in recorders:
            recorder.start()
        return '; '.join(str(recorder.stop(WRITE_TIME)) for recorder in recorders) + also(paths[0], start, end)

    def _recorder(self, path: Path, start: int, end: int, shots: 'list[Shot]') -> Recorder:
        take = Take(path, self.samplerate, encoder=shots[0].encoder if shots else None)
        return Recorder(take, self._sound.reader(start), end - start, shots=shots)

    def _shots(self) -> 'list[Shot]':
        with self._lock:
            return list(chain(*self._groups))

    def _run(self) -> None:
        while not self._stopping.wait(FETCH_TIME):
            self.fetch()

    def fetch(self) -> None:
        """[memory] Keep the sound that is new, silence for what was lost."""
        block = np.zeros((BLOCK, 2), np.float32)
        while len(block) == BLOCK:
            block = self._source.get(BLOCK)
            lost = self._source.place - len(block) - self._sound.written
            for start in range(0, lost, BLOCK):
                self._sound.put(np.zeros((min(BLOCK, lost - start), 2), np.float32))
            self._sound.put(block)


def choose_minutes(asked: float | None, cores: int) -> tuple[float, str]:
    """Return how many minutes to keep, and why."""
    if asked is not None:
        return asked, 'it was asked for'
    if cores < LEAST_CORES:
        return 0.0, f'this machine has {cores} cores, and to encode all the time needs a part of one; --keep 5 does it'
    return MINUTES, 'nothing else was asked for'
