"""The cues of a set, performed: GO, BACK, any by number, and those that follow by themselves. [any]

In: a Setlist, the actions go, back and cue, the time. Out: patches and scenes that take over. HOLD and SAFE stop the
time to the next cue. Program change n is cue n + 1 while there is a set. Ticked by the conductor.
"""
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from live.control.setlist import Cue, Setlist

if TYPE_CHECKING:
    from live.control.desk import Desk


class Cues:
    """Where in a set one is. number: of the cue one is in, from 1; 0 before the first. setlist: None while none.

    loop: after the last cue comes the first.
    """

    def __init__(self, desk: 'Desk', clock: Callable[[], float] = time.monotonic) -> None:
        self.desk, self._clock = desk, clock
        self.setlist: Setlist | None = None
        self.number = 0
        self.loop = False
        self._passed = self._now = 0.0          # seconds in this cue; when last looked at

    def load(self, setlist: Setlist, number: int = 0) -> None:
        """[main] Take up a set; number: of the cue one is in already."""
        self.setlist = setlist
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
    def follows_in(self) -> float | None:
        """Seconds until the next cue begins by itself; None when it waits for GO."""
        cue = self._current
        if cue is None or cue.follow is None or self.next is None:
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
        """[control] Begin what follows by itself."""
        passed, self._now = max(0.0, now - self._now), now
        scenes = self.desk.scenes
        if scenes.held or scenes.is_safe or scenes.is_waiting:
            return
        self._passed += passed
        if self.follows_in == 0.0:
            late = self._passed - (self._current.follow or 0.0) if self._current else 0.0
            self._passed = late if self.go() else -math.inf     # a scene that is not there is told once
