"""What was done, so that it can be taken back and done again; and what was edited, so that it comes back. Plain data.

A gesture is the movement of one parameter with pauses below a second, new words, a patch, a scene recalled or stored.
A Moment holds what a gesture touched: before it, and after. An Edit holds what differs from a patch or scene as it was
loaded or stored. Used under the desk's lock; knows nothing of how things are put back.
"""
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from live.params import find_number
from live.patch import Patch
from live.tuning.tuning import Tuning

GESTURES = 50           # that can be taken back
PAUSE = 1.0             # seconds without a movement that end a gesture

Words = tuple[tuple[str, ...], str]     # prompts, and the negative one


@dataclass(frozen=True)
class Edit:
    """What a hand has changed in a patch or scene: parameters, and all words when one was changed."""
    values: Mapping[str, float] = field(default_factory=dict)
    words: Words | None = None

    def __len__(self) -> int:
        return len(self.values) + (self.words is not None)


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything but the stage: values (len(PARAMS),) as on a Board, words, and the patch they came from.

    tuning: the patch's, or what MIDI has made of it.
    """
    values: np.ndarray
    words: Words
    patch: Patch
    tuning: Tuning

    def edited(self, edit: Edit) -> 'Scene':
        """Return the scene with what a hand has changed in it."""
        if not edit:
            return self
        values = self.values.copy()
        for name, value in edit.values.items():
            values[find_number(name)] = value
        return replace(self, values=values, words=edit.words or self.words)


@dataclass(frozen=True, eq=False)
class Moment:
    """What a gesture touched, at one time. place: the patch or scene one was in; edits: by place."""
    place: str
    edits: Mapping[str, Edit] = field(default_factory=dict)
    value: tuple[str, float] | None = None
    words: Words | None = None
    scene: Scene | None = None
    slot: tuple[int, Scene | None] | None = None        # of the stored scenes
    cue: int | None = None


@dataclass
class Gesture:
    """One thing done. what: for the performer; time: of its last movement."""
    what: str
    before: Moment
    after: Moment
    time: float


class History:
    """The last gestures, and those that were taken back since."""

    def __init__(self) -> None:
        self.done: deque[Gesture] = deque(maxlen=GESTURES)
        self.undone: list[Gesture] = []

    def add(self, what: str, before: Moment, after: Moment, now: float) -> Gesture:
        """Remember a gesture, and return it; a movement that goes on is the same gesture."""
        self.undone.clear()
        gesture = self.moving(what, now)
        if gesture is None:
            gesture = Gesture(what, before, after, now)
            self.done.append(gesture)
        gesture.after, gesture.time = after, now
        return gesture

    def moving(self, what: str, now: float) -> Gesture | None:
        """Return the gesture that a movement goes on with, though others may have begun meanwhile."""
        for gesture in reversed(self.done):
            if gesture.before.scene is not None:
                return None
            if gesture.what == what and now - gesture.time <= PAUSE:
                return gesture
        return None

    def undo(self) -> Gesture | None:
        """Return the last gesture, to be taken back, or None."""
        return self._pass(self.done, self.undone)

    def redo(self) -> Gesture | None:
        """Return the gesture that was taken back last, to be done again, or None."""
        return self._pass(self.undone, self.done)

    @staticmethod
    def _pass(source, target) -> Gesture | None:
        if not source:
            return None
        gesture = source.pop()
        gesture.time = -np.inf          # a movement now is a new gesture
        target.append(gesture)
        return gesture
