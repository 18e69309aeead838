"""Scenes taking over, in time: the Board goes from where it stands to where a scene wants it. [control]

In: Departures, each with what it moves, whereto, and when. Out: values on the Board at every tick. One departure of a
kind is under way and one waits; a new one takes the place of the waiting, and, when its time has come, of the other.
What a hand moves meanwhile is released: a value that is not what was written last was written by somebody else. Whoever
ticks holds the desk's lock, so no hand is overlooked. Knows nothing of scenes, patches or beats.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from live.control.passage import EASINGS, Passage
from live.params import Board


@dataclass(frozen=True, eq=False)
class Departure:
    """A change to come. index: parameters it moves; at_once: of these, those that change at the start.

    target: (len(PARAMS),); time: when it begins, on the clock that ticks; seconds: how long it takes; curve: of
    EASINGS. meanwhile: by index, what stands from when it begins until all is there. depart, half, arrive: called when
    it begins, when half of the way is done, when all is there.
    """
    index: np.ndarray
    target: np.ndarray
    time: float
    seconds: float = 0.0
    curve: str = 'ease'
    at_once: tuple[int, ...] = ()
    meanwhile: Mapping[int, float] = field(default_factory=dict)
    depart: Callable[[], None] = lambda: None
    half: Callable[[], None] = lambda: None
    arrive: Callable[[], None] = lambda: None


class Transit:
    """What is under way and what waits, of one kind. values: those of a Board, written in place."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values
        self._waiting: Departure | None = None
        self._going: Departure | None = None
        self._passed = self._now = 0.0
        self._free = np.zeros(0, bool)                  # of hands
        self._lasting: list[tuple[int, float]] = []

    @property
    def busy(self) -> bool:
        """Something is under way, or waits."""
        return self._going is not None or self._waiting is not None

    @property
    def waiting(self) -> bool:
        return self._waiting is not None

    @property
    def place(self) -> float:
        """Part of its time that has passed of what is under way, 0..1; 1 when nothing is."""
        return min(1.0, self._passed / self._going.seconds) if self._going and self._going.seconds else 1.0

    def wait(self, departure: Departure) -> None:
        """Let a departure wait for its time, in the place of one that waits."""
        self._waiting = departure

    def cancel(self) -> None:
        """Forget what is under way and what waits; the Board stays where it stands."""
        self._waiting = self._going = None

    def tick(self, now: float, held: bool = False) -> None:
        """Bring the Board to where it is to be now. held: what is under way stands still."""
        if self._waiting and now >= self._waiting.time:
            self._depart(self._waiting, now)
        elif self._going and not held:
            self._passed += max(0.0, now - self._now)
        self._now = now
        if self._going:
            self._move(self._going)

    def _depart(self, departure: Departure, now: float) -> None:
        """Begin where the Board stands now; hands that were on it have let go."""
        self._halved = False
        self._waiting, self._going, self._passed = None, departure, now - departure.time
        departure.depart()
        index = departure.index
        differs = (self._values[index] != departure.target[index]) | np.isin(index, list(departure.meanwhile))
        index = index[differs]
        self._passage = Passage(self._values, departure.target, index, departure.at_once)
        self._free = np.ones(len(index), bool)
        self._written = self._values[index]
        self._lasting = [(int(np.flatnonzero(index == key)[0]), value) for key, value in departure.meanwhile.items()]

    def _move(self, going: Departure) -> None:
        index, place = self._passage.index, self.place
        self._free &= self._values[index] == self._written
        way = EASINGS[going.curve](place)
        if way >= 0.5 and not self._halved:
            self._halved = True
            going.half()
        wanted = self._passage.at(way)
        if place < 1.0 and self._lasting:
            wanted = wanted.copy()
            for number, value in self._lasting:
                wanted[number] = value
        self._values[index[self._free]] = wanted[self._free]
        self._written = wanted
        if place >= 1.0:
            self._going = None
            going.arrive()

    def settle(self, values: np.ndarray, all_of_it: bool = False) -> None:
        """Put into a copy of the Board's values what stands only meanwhile as it will be; or all that is under way."""
        for number in range(len(self._free)) if all_of_it else [number for number, _ in self._lasting]:
            if self._going and self._free[number]:
                values[self._passage.index[number]] = self._passage.second[number]


def values_of(board: Board) -> np.ndarray:
    """Return a Board's values, (len(PARAMS),), to be read and written in place."""
    return board.values
