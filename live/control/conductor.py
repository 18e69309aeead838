"""The conductor: one thread that lets time pass for tempo, scenes and cues. A hundred ticks a second while something
moves, twenty while nothing does; what a controller begins wakes it at once.

In: a Desk, and others that want ticks: objects with tick(now), which tell whether they are moving. Out: nothing of its
own. A tick that raises is told and counted, and the next one comes.
"""
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from live.control.threads import hurry

if TYPE_CHECKING:
    from live.control.desk import Desk

TICK, IDLE = 0.01, 0.05         # seconds


class Ticking(Protocol):
    def tick(self, now: float) -> bool: ...


class Conductor:
    """Lets time pass. others: ticked as well, after tempo, cues and scenes. errors: ticks that have raised."""

    def __init__(self, desk: 'Desk', others: Sequence[Ticking] = ()) -> None:
        self.desk, self.others = desk, list(others)
        self.ticks = self.errors = 0
        self.longest = 0.0              # seconds a tick took
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name='conductor', daemon=True)

    def start(self) -> None:
        """[main]"""
        self._thread.start()

    def stop(self) -> None:
        """[main]"""
        self._ended.set()
        self.desk.stir()
        if self._thread.ident is not None:
            self._thread.join(2)
        self.desk.tempo.close()

    def tick(self, now: float) -> bool:
        """[control] Let everything stand where it is to be now; True while something moves."""
        desk = self.desk
        desk.tempo.tick(now)
        desk.cues.tick(now)
        moving = desk.scenes.tick(now)
        return any([other.tick(now) for other in self.others]) or moving

    def _run(self) -> None:
        hurry()
        while not self._ended.is_set():
            moving = self._try()
            if moving:
                time.sleep(TICK)
            else:
                self.desk.stirred.wait(IDLE)
            self.desk.stirred.clear()

    def _try(self) -> bool:
        began = time.monotonic()
        try:
            return self.tick(began)
        except Exception as error:      # whatever it was, the show goes on
            self.errors += 1
            self.desk.say(f'conductor: {type(error).__name__}: {error}')
            return False
        finally:
            self.ticks += 1
            self.longest = max(self.longest, time.monotonic() - began)
