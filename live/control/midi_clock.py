"""MIDI clock -> beats and tempo: a delay-locked loop over the 24 ticks of a beat. Knows no time but what it is given.

Adriaensen, "Using a DLL to filter time" (2005): a second-order loop whose bandwidth begins wide and becomes narrow, so
that jitter of several ms leaves the tempo steady and the beat in phase. Ticks that were lost are counted; when they
seem lost again and again, the tempo has changed and the loop begins anew. [any] one thread at a time.
"""
import math

TICKS = 24              # of a beat
SLOWEST = 0.25          # seconds; a longer pause (10 beats a minute) is a clock that has stopped
WIDE, NARROW = 6.0, 0.4                 # Hz, the loop's bandwidth at first, and later
SETTLE = 48             # ticks from wide to narrow
STRANGERS = 6           # ticks in a row that come at another time: it is another tempo


class MidiClock:
    """A clock that is followed. running: between start and stop, while ticks come."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the tempo; the next tick is the first."""
        self._count = -1            # ticks since the start, less one
        self._stopped = False
        self._forget()

    def _forget(self) -> None:
        self._ticks = 0             # since the loop began
        self._period = math.nan     # seconds from tick to tick, smoothed
        self._last = self._time = -math.inf     # when a tick came; when, smoothed, the newest was due
        self._strange = 0

    def start(self) -> None:
        """The next tick is the first of the first beat."""
        self._count, self._stopped = -1, False

    def locate(self, beat: float) -> None:
        """Stand at a beat, from which go_on continues."""
        self._count = round(beat * TICKS) - 1

    def go_on(self) -> None:
        """The next tick is the one after where it was stopped."""
        self._stopped = False

    def stop(self) -> None:
        """Ticks may go on, beats stand still."""
        self._stopped = True

    def tick(self, now: float) -> None:
        """Take a tick that came at `now`, in seconds of a clock that never runs back."""
        pause, self._last = now - self._last, now
        if not pause <= SLOWEST:
            self._forget()
            self._last, self._time = now, now
            passed = 1
        elif math.isnan(self._period):
            self._period, self._time, passed = max(1e-4, pause), now, 1
        else:
            passed = self._follow(now)
        self._ticks += 1
        if not self._stopped:
            self._count += passed

    def _follow(self, now: float) -> int:
        """Move the loop by a tick; return how many ticks have passed, lost ones among them."""
        passed = max(1, round((now - self._time) / self._period))
        error = now - self._time - passed * self._period
        self._strange = self._strange + 1 if passed > 1 or abs(error) > self._period / 2 else 0
        if self._strange >= STRANGERS:
            self._begin_again(now)
            return 1
        width = NARROW + (WIDE - NARROW) * max(0.0, 1 - self._ticks / SETTLE)
        omega = min(0.5, 2 * math.pi * width * self._period)
        self._time += passed * self._period + math.sqrt(2) * omega * error
        self._period = max(1e-4, self._period + omega * omega * error / passed)
        return passed

    def _begin_again(self, now: float) -> None:
        """Take up another tempo from the next two ticks on."""
        self._forget()
        self._last = self._time = now

    def is_alive(self, now: float) -> bool:
        """Tell whether ticks come."""
        return now - self._last <= SLOWEST and self._ticks > 1

    def is_running(self, now: float) -> bool:
        return self.is_alive(now) and not self._stopped and self._count >= 0

    @property
    def bpm(self) -> float:
        """Beats a minute; NaN before two ticks have come."""
        return 60 / (TICKS * self._period)

    def beat(self, now: float) -> float:
        """Return beats since the start."""
        if not self.is_running(now):
            return max(0, self._count) / TICKS
        return (self._count + min(1.0, max(-1.0, (now - self._time) / self._period))) / TICKS
