"""The dream's thread: newest slices in, newest picture out, for as long as the show lasts.

In: how to load an engine and how to condition it (both given as functions, so that this room knows neither prompts nor
sound), the Board, the newest picture of the motes. Out: Pictures in a Latest slot, and figures to poll. Everything that
touches torch happens on this one thread: CUDA graphs and contexts are bound to it.

Nothing that goes wrong in here reaches the sound or the window: a failure is caught, kept as one sentence, and tried
again after a pause that doubles from 0.5 s to 30 s. A dream that is not finite is dropped the same way.
"""
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from live.params import Board
from live.signals import Conditioning, Picture
from live.wires import Latest

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0      # seconds between tries
IDLE = 0.004            # seconds between looks for a new slice; one comes every 10.7 ms
RATE_FRAMES = 24        # dreams over which fps is counted
PATIENCE = 2            # failures in a row that an engine survives before it is loaded anew
NICENESS = 5            # this thread gives way to sound and window where the system can tell threads apart


class Engine(Protocol):
    """What this thread needs of an engine; diffusion/turbo.py's Turbo is one."""
    @property
    def name(self) -> str: ...

    @property
    def reason(self) -> str: ...

    def dream(self, conditioning: Conditioning, feedback: float, noise: int,
              init: np.ndarray | None) -> np.ndarray: ...


@dataclass(frozen=True)
class DreamStats:
    """Where the dream stands. error: the last failure in one sentence, '' while all is well."""
    model: str = 'loading'
    reason: str = ''
    fps: float = 0.0
    frames: int = 0
    restarts: int = 0
    error: str = ''


class Dream:
    """The thread. load and condition are called on it alone; condition returns None while there is no new slice."""

    def __init__(self, load: Callable[[], Engine], condition: Callable[[Engine], Conditioning | None], board: Board,
                 output: Latest[Picture], init: Latest[np.ndarray],
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._load, self._condition, self._board = load, condition, board
        self._output, self._init, self._clock = output, init, clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name='dream', daemon=True)    # a hung driver holds no exit
        self._engine: Engine | None = None
        self._times: deque[float] = deque(maxlen=RATE_FRAMES)
        self._model, self._reason, self._error = 'loading', '', ''
        self._frames = self._restarts = self._failures = 0

    def start(self) -> None:
        """[main]"""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """[main] End the thread; False when it did not end in time."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def stats(self) -> DreamStats:
        """[any]"""
        return DreamStats(self._model, self._reason, self._fps(), self._frames, self._restarts, self._error)

    def _run(self) -> None:
        give_way()
        while not self._stop.is_set():
            try:
                busy = self._work()
            except Exception as error:      # whatever a model, a driver or a prompt does, the show goes on
                self._fail(error)
                self._stop.wait(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self._failures - 1)))
            else:
                if not busy:
                    self._stop.wait(IDLE)
        self._engine = None         # its memory is given back on the thread that took it

    def _work(self) -> bool:
        """Load, or make one dream; False when there was nothing to do."""
        if self._engine is None:
            self._engine = self._load()
            self._model, self._reason = self._engine.name, self._engine.reason
        if self._board['stage.freeze'] >= 0.5:
            return False
        conditioning = self._condition(self._engine)
        if conditioning is None:
            return False
        pixels = self._engine.dream(conditioning, self._board['dream.feedback'], int(self._board['dream.noise']),
                                    self._init.get())
        self._output.put(Picture(pixels, conditioning.end, self._frames))
        self._frames += 1
        self._times.append(self._clock())
        self._failures, self._error = 0, ''
        return True

    def _fail(self, error: Exception) -> None:
        self._restarts += 1
        self._failures += 1
        self._error = describe(error)
        if self._failures >= PATIENCE:
            self._engine = None

    def _fps(self) -> float:
        """Return dreams per second over the last ones; it falls while none come."""
        times = tuple(self._times)
        if len(times) < 2:
            return 0.0
        return (len(times) - 1) / max(1e-9, max(times[-1], self._clock() - IDLE) - times[0])


def give_way() -> None:
    """[dream] Leave one core to sound and window, and give way to them on the others.

    torch's workers wait for each other by spinning. With one on every core they fight the sound and the window, and
    lose: on two busy cores random:tiny was measured at 55..78 dreams a second by one worker, 1..31 by two.
    """
    import torch
    cores = len(os.sched_getaffinity(0)) if sys.platform == 'linux' else os.cpu_count() or 1
    torch.set_num_threads(max(1, cores - 1))
    if sys.platform == 'linux':
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)    # Linux: of this thread alone
        except OSError:
            pass        # a container may refuse; the sound has a scheduling class of its own


def describe(error: Exception) -> str:
    """Return an error as one line for the overlay."""
    lines = str(error).strip().splitlines()
    return f'{type(error).__name__}: {lines[0][:200]}' if lines else type(error).__name__
