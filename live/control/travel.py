"""Travelling by hand: stage.position leads from scene A to scene B through all scenes stored between them. [control]

Between two scenes everything lies where `Passage` puts it; the prompts of both are there, weighted, so that the dream
goes along the sphere from one to the other. A fader's steps are smoothed; from wherever one was, one is on the way
within a second. What a hand moves beside the fader is released, until a scene is recalled or a patch loaded.
"""
import math
from typing import TYPE_CHECKING

import numpy as np

from live.control.history import PAUSE, Gesture, Moment, Scene
from live.control.passage import EASINGS, Passage
from live.params import PARAMS, PROMPTS, STAGE, find_number

if TYPE_CHECKING:
    from live.control.desk import Desk
    from live.control.scenes import Scenes

CATCH, CAUGHT = 1.0, 2.0        # seconds from where one was to the way; until the words, too, are there
SMOOTH = 0.05           # seconds in which the fader is followed
NEAR = 1e-4             # of the fader: there
HAND_TRANSITION = 0.3   # seconds in which the words follow the hand

MOVED = np.array([n for n, p in enumerate(PARAMS)
                  if p.group != STAGE and p.name not in ('tempo.follow', 'tempo.quantise')])
WEIGHTS = [find_number(f'prompt.weight{number + 1}') for number in range(PROMPTS)]
POSITION, SCENE_A, SCENE_B, BPM, ROOT, MIX, TRANSITION = map(find_number, (
    'stage.position', 'stage.scene_a', 'stage.scene_b', 'tempo.bpm', 'drone.root', 'prompt.mix', 'prompt.transition'))
SPOKEN = (*WEIGHTS, MIX, TRANSITION)


class Travel:
    """The hand on the fader. values: those of the Board, written in place."""

    def __init__(self, scenes: 'Scenes', desk: 'Desk', values: np.ndarray) -> None:
        self._scenes, self._desk, self._values = scenes, desk, values
        self._now = -math.inf
        self._gesture: Gesture | None = None
        self.cancel()

    def cancel(self) -> None:
        """Leave the way; the next movement of the fader comes back to it."""
        self._on_the_way, self._resting, self._seen = False, True, self._values[POSITION]
        self._passage: tuple | None = None
        self._worn: Scene | None = None

    def tick(self, now: float) -> bool:
        """Bring the Board to where the fader is; True while it gets there."""
        wanted, passed = self._values[POSITION], now - self._now
        self._now = now
        if wanted != self._seen:
            self._move(wanted, now)
        if self._on_the_way and not self._resting:
            self._follow(wanted, passed, now)
        return not self._resting

    def _move(self, wanted: float, now: float) -> None:
        """Mind a movement of the fader: set out, or go on."""
        self._seen = wanted
        if len(self._slots()) < 2:
            self._desk.say('stage.position travels between stored scenes: store two or more from A to B')
            return
        if not self._on_the_way:
            self._set_out(wanted, now)
        if self._gesture is None or now - self._gesture.time > PAUSE or not self._on_the_way:
            self._gesture = self._scenes.begin_travel()
        self._gesture.time = now
        self._on_the_way, self._resting = True, False

    def _set_out(self, wanted: float, now: float) -> None:
        self._place, self._begun, self._start = wanted, now, self._values[MOVED]
        self._free = np.ones(len(MOVED), bool)          # of hands
        self._written = self._start
        self._gesture = None

    def _slots(self) -> list[int]:
        """Return the numbers of the stored scenes on the way, A first."""
        a, b = int(self._values[SCENE_A]), int(self._values[SCENE_B])
        return sorted((n for n in self._scenes.stored if min(a, b) <= n <= max(a, b)), reverse=a > b)

    def _follow(self, wanted: float, passed: float, now: float) -> None:
        slots = self._slots()
        if len(slots) < 2:
            self.cancel()
            return
        away = wanted - self._place
        self._place = wanted if abs(away) < NEAR else self._place + away * (1 - math.exp(-passed / SMOOTH))
        segment = min(int(self._place * (len(slots) - 1)), len(slots) - 2)
        x = self._place * (len(slots) - 1) - segment
        first, second, passage = self._find_passage(slots[segment], slots[segment + 1])
        self._resting = self._place == wanted and now - self._begun >= CATCH
        values = passage.at(x).copy()
        self._wear(first if x < 0.5 else second)
        self._put_words(first, second, x, values)
        self._write(values, now)
        if self._resting and self._gesture:
            self._gesture.after = Moment('', scene=self._scenes.capture())

    def _find_passage(self, first: int, second: int) -> tuple[Scene, Scene, Passage]:
        key = first, second, self._scenes.revision
        if self._passage is None or self._passage[0] != key:
            a, b = self._scenes.find(first), self._scenes.find(second)
            self._passage = key, (a, b, Passage(a.values, b.values, MOVED))
        return self._passage[1]

    def _wear(self, nearest: Scene) -> None:
        if self._worn is not nearest and (self._worn is None or self._worn.patch is not nearest.patch
                                          or self._worn.tuning is not nearest.tuning):
            self._desk.wear(nearest.patch, nearest.tuning)
        self._worn = nearest

    def _put_words(self, first: Scene, second: Scene, x: float, values: np.ndarray) -> None:
        """Put the words of both scenes; their weights into the values that are on their way to the Board."""
        mixed = mix_words(first, second, x)
        if mixed is None:
            words = (first if x < 0.5 else second).words
        else:
            words = mixed[0], (first if x < 0.5 else second).words[1]
            values[np.searchsorted(MOVED, WEIGHTS)] = mixed[1]
            values[np.searchsorted(MOVED, MIX)] = 0.0
        if not self._resting:
            values[np.searchsorted(MOVED, TRANSITION)] = HAND_TRANSITION if self._now - self._begun > CAUGHT else CATCH
        if words != self._desk.words:
            self._desk.put_words(words)

    def _write(self, values: np.ndarray, now: float) -> None:
        caught = (now - self._begun) / CATCH
        if caught < 1:
            everywhere, aim = self._values.copy(), self._values.copy()
            everywhere[MOVED], aim[MOVED] = self._start, values
            values = Passage(everywhere, aim, MOVED, SPOKEN).at(EASINGS['ease'](caught))
        self._free &= self._values[MOVED] == self._written
        free = self._free.copy()
        free[np.searchsorted(MOVED, ROOT)] &= not self._desk.key_held
        free[np.searchsorted(MOVED, BPM)] &= not self._values[find_number('tempo.follow')]
        self._values[MOVED[free]] = values[free]
        self._written = self._values[MOVED]


def weigh(scene: Scene) -> dict[str, float]:
    """Return how much of each text a scene is, in sum 1; prompt.mix is in it."""
    texts = scene.words[0]
    weights = scene.values[WEIGHTS][:len(texts)].copy()
    if len(weights) > 1:
        mix = scene.values[MIX]
        weights[:2] = weights[0] * (1 - mix), weights[1] + weights[0] * mix
    if weights.sum() <= 0:
        weights[0] = 1.0
    weighed: dict[str, float] = {}
    for text, weight in zip(texts, weights / weights.sum()):
        if weight > 0:
            weighed[text] = weighed.get(text, 0.0) + weight
    return weighed


def mix_words(first: Scene, second: Scene, x: float) -> tuple[tuple[str, ...], np.ndarray] | None:
    """Return the texts of two scenes and (PROMPTS,) weights at x between them; None where a scene's own words will do.

    They will at both ends, where both say the same, and where there are too many to be mixed.
    """
    a, b = weigh(first), weigh(second)
    texts = tuple(dict.fromkeys((*a, *b)))
    if x in (0.0, 1.0) or len(texts) > PROMPTS or a == b:
        return None
    weights = np.zeros(PROMPTS)
    weights[:len(texts)] = [(1 - x) * a.get(text, 0.0) + x * b.get(text, 0.0) for text in texts]
    return texts, weights
