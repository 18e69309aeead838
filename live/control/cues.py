"""The cues of a set, performed: GO, BACK, any by number, those that follow by themselves, those of a time of day. [any]

In: a Setlist, the actions go, back and cue, the time. Out: patches and scenes that take over. HOLD and SAFE stop the
time to the next cue; one whose time of day has come meanwhile begins after them. Program change n is cue n + 1 while
there is a set. Ticked by the conductor.

A time of day counts once on a date, whatever the clock does when summer time ends; one that came while nothing played
has come when the performance is taken up again.
"""
import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from live.control.setlist import Cue, Setlist

if TYPE_CHECKING:
    from live.control.desk import Desk

SET_BACK = timedelta(hours=2)       # that clocks go back at most by themselves; if more, they were wrong before


class Cues:
    """Where in a set one is. number: of the cue one is in, from 1; 0 before the first. setlist: None while none.

    loop: after the last cue comes the first; in a set with times of day, the cues from one time on go round until the
    next. served: date and time of day that were the last to come when last looked at. clock: seconds; wall: the local
    time.
    """

    def __init__(self, desk: 'Desk', clock: Callable[[], float] = time.monotonic,
                 wall: Callable[[], datetime] = datetime.now) -> None:
        self.desk, self._clock, self._wall = desk, clock, wall
        self.setlist: Setlist | None = None
        self.number = 0
        self.loop = False
        self._passed = self._now = 0.0          # seconds in this cue; when last looked at
        self.served = datetime.min

    def load(self, setlist: Setlist, number: int = 0, served: datetime | None = None) -> None:
        """[main] Take up a set; number: of the cue one is in already; served: as it was then."""
        self.setlist = setlist
        self.served = served or self._due[0]
        self.stand_at(number)
        for action, function in (('go', self.go), ('back', self.back), ('cue', self.begin)):
            self.desk.offer(action, function)

    def stand_at(self, number: int) -> None:
        """Be at the beginning of a cue, which begins nothing."""
        self.number, self._passed, self._now = number, 0.0, self._clock()

    @property
    def next(self) -> Cue | None:
        """The cue that GO will begin."""
        cues = self.setlist.cues if self.setlist else ()
        place = self.number % len(cues) if cues and self.loop else self.number
        return cues[place] if place < len(cues) else None

    @property
    def asked(self) -> int:
        """The number of the cue whose time of day was the last; 0 where none has one."""
        return self._due[1]

    @property
    def _due(self) -> tuple[datetime, int]:
        """Date and time of day that were the last to come, and the number of their cue."""
        now = self._wall()
        cues = self.setlist.cues if self.setlist else ()
        today = [(datetime.combine(now, cue.at), number) for number, cue in enumerate(cues, 1) if cue.at]
        yesterday = [(moment - timedelta(1), number) for moment, number in today]
        return max([each for each in today if each[0] <= now] or yesterday, default=(datetime.min, 0))

    @property
    def _following(self) -> int:
        """The number of the cue that comes by itself, 0 where none does. One that has a time of day waits for it."""
        cues = self.setlist.cues if self.setlist else ()
        number = self.number % len(cues) + 1 if cues and (self.loop or self.number < len(cues)) else 0
        if number == 0 or cues[number - 1].at is None:
            return number
        begins = [place for place in range(1, self.number + 1) if cues[place - 1].at]
        return begins[-1] if begins and self.loop else 0

    @property
    def follows_in(self) -> float | None:
        """Seconds until the next cue begins by itself; None when it waits for GO."""
        cue = self._current
        if cue is None or cue.follow is None or not self._following:
            return None
        return max(0.0, cue.follow - self._passed)

    @property
    def _current(self) -> Cue | None:
        return self.setlist.cues[self.number - 1] if self.setlist and self.number else None

    def go(self) -> bool:
        """Begin the next cue."""
        if self.next is None or self.setlist is None:
            return self.desk.refuse('that was the last cue')
        return self.begin(self.number % len(self.setlist.cues) + 1)

    def back(self) -> bool:
        """Begin the cue before."""
        return self.begin(self.number - 1) if self.number > 1 else self.desk.refuse('this is the first cue')

    def begin(self, number: float) -> bool:
        """Begin a cue by its number, from 1; False when refused, and one stays where one is."""
        cues = self.setlist.cues if self.setlist else ()
        if not 1 <= number <= len(cues):
            return self.desk.refuse(f'there is no cue {number:g}: the set has {len(cues)}')
        with self.desk.lock:
            cue, scenes = cues[int(number) - 1], self.desk.scenes
            how = cue.morph, cue.curve, cue.quantise
            done = scenes.recall(cue.scene, *how) if cue.patch is None else scenes.load(cue.patch, *how)
            if done:
                gesture = scenes.history.done[-1]
                gesture.before = replace(gesture.before, cue=self.number)
                gesture.after = replace(gesture.after, cue=int(number))
                self.stand_at(int(number))
                self.desk.say(f'cue {self.number}: {cue.name}')
            return done

    def tick(self, now: float) -> None:
        """[control] Begin what follows by itself, or has its time."""
        passed, self._now = max(0.0, now - self._now), now
        scenes = self.desk.scenes
        if scenes.held or scenes.is_safe or scenes.is_waiting:
            return
        self._passed += passed
        moment, asked = self._due
        if asked and (moment > self.served or self.served - self._wall() > SET_BACK):
            self.served = moment
            self.begin(asked)
        if self.follows_in == 0.0:
            late = self._passed - (self._current.follow or 0.0) if self._current else 0.0
            done = self.begin(self._following)
            self._passed = late if done else -math.inf      # a scene that is not there is told once
