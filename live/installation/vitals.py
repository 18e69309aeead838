"""Whether the instrument lives, by its own counters; and what a monitor is told: /health and /metrics.

It lives while the callback has made sound and the window has shown a frame within PATIENCE seconds. A thread looks
once a second: neither a hanging window nor a hanging page is asked. Each look at which both have gone on since the one
before gives a BEAT to the supervisor. [vitals]
"""
import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from live.installation.supervisor import BEAT, LEAVING

STDOUT = 1              # what the supervisor reads, whatever Python has put in its place
LOOK = 1.0              # seconds
PATIENCE = 5.0          # seconds without a frame that are not yet an ill window
JSON, TEXT = 'application/json', 'text/plain; version=0.0.4'


@dataclass
class Pulse:
    """A counter that should grow. moved: when it last did."""
    count: Callable[[], int]
    last: int = -1
    moved: float = 0.0

    def look(self, now: float) -> bool:
        """Tell whether it has grown since the last look."""
        count = self.count()
        grown = count > self.last
        if grown:
            self.last, self.moved = count, now
        return grown


class Vitals:
    """Looks at counters by name. supervised: a supervisor reads what this process prints."""

    def __init__(self, counters: Mapping[str, Callable[[], int]], supervised: bool = False,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._supervised = clock, supervised
        self._pulses = {name: Pulse(count, moved=clock()) for name, count in counters.items()}
        self._grown: set[str] = set()           # since the last beat
        self.born, self.beats = clock(), 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name='vitals', daemon=True)

    def start(self) -> None:
        """[main]"""
        self._thread.start()

    def stop(self, intended: bool = True) -> None:
        """[main] Look no more; intended: the instrument has not failed."""
        self._ended.set()
        if intended:
            self._tell(LEAVING)

    def _run(self) -> None:
        while not self._ended.wait(LOOK):
            if self.look():
                self._tell(BEAT)

    def _tell(self, sign: bytes) -> None:
        if self._supervised:
            with contextlib.suppress(OSError):      # the supervisor has gone
                os.write(STDOUT, sign)

    def look(self) -> bool:
        """[vitals] True for a beat: every counter has grown since the one before."""
        now = self._clock()
        self._grown |= {name for name, pulse in self._pulses.items() if pulse.look(now)}
        beats = len(self._grown) == len(self._pulses)
        if beats:
            self._grown.clear()
            self.beats += 1
        return beats

    def health(self) -> dict:
        """[any] Return seconds since each counter grew, and whether all is well."""
        now = self._clock()
        still = {name: round(now - pulse.moved, 1) for name, pulse in self._pulses.items()}
        ill = [name for name, seconds in still.items() if seconds > PATIENCE]
        return {'ok': not ill, 'ill': ill, 'still_s': still, 'up_s': round(now - self.born, 1)}


def health_page(health: Mapping) -> tuple[int, str, str]:
    """Return status, text and kind of /health."""
    return (200 if health['ok'] else 503), json.dumps(health), JSON


def metrics_page(figures: Mapping[str, tuple[str, str, float]]) -> tuple[int, str, str]:
    """Return status, text and kind of /metrics; figures: name -> kind, help, value."""
    return 200, ''.join(metric_lines(figures)), TEXT


def metric_lines(figures: Mapping[str, tuple[str, str, float]]) -> Iterator[str]:
    """Yield Prometheus' text format, version 0.0.4."""
    for name, (kind, text, value) in figures.items():
        yield f'# HELP live_{name} {text}\n# TYPE live_{name} {kind}\nlive_{name} {float(value)!r}\n'
