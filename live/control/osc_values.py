"""What can be asked for by address: every parameter, in plain units and as a knob position below /n, and words.

In: the Desk. Out: arguments of OSC messages. Feedback, answers and the OSCQuery tree are all made from this list, so
that they know the same addresses. [any]
"""
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from live.control.desk import Desk
from live.control.osc_pattern import expand, is_pattern, plant
from live.control.osc_packet import Argument
from live.params import PARAMS, PROMPTS, SCENES, Param
from live.patch import CHAINS

MIRROR = '/n'
PATTERNS = 256      # remembered
COSTLY = 20         # new patterns in a second, each up to a millisecond of work
WHOLE = ('step', 'count')

Arguments = tuple[Argument, ...]


class Learner(Protocol):
    """What arms a parameter or an action, so that the next MIDI controller moved steers it."""

    @property
    def armed(self) -> str: ...

    def arm(self, name: str) -> bool: ...

    def cancel(self) -> object: ...


class Budget:
    """So many a second."""

    def __init__(self, most: int) -> None:
        self.most, self._second, self._spent = most, 0, 0

    def spend(self) -> bool:
        """Return whether one more is allowed."""
        second = int(time.monotonic())
        if second != self._second:
            self._second, self._spent = second, 0
        self._spent += 1
        return self._spent <= self.most


class Values:
    """What can be asked for.

    places: addresses of all parameters in plain units, then of all in the mirror, and their places in `addresses`;
    words: address -> what stands there.
    """

    def __init__(self, desk: Desk, learn: Learner | None = None) -> None:
        self.desk, self.learn = desk, learn
        plain = [param.address for param in PARAMS]
        self.places = {address: place for place, address in enumerate((*plain, *(MIRROR + each for each in plain)))}
        self.words: dict[str, Callable[[], Arguments]] = {
            **{f'/prompt/{number + 1}': self._prompt(number) for number in range(PROMPTS)},
            '/prompt/negative_text': lambda: (desk.negative.get() or '',),
            **{f'/shaders/{place}': self._shaders(number) for number, place in enumerate(CHAINS)},
            '/patch': lambda: (desk.patch.name,),
            '/scene/names': self._scene_names,
            '/learn': lambda: (learn.armed if learn else '',),
            '/message': lambda: (desk.message,)}
        self.addresses = (*self.places, *self.words)
        self._tree = plant(self.addresses)
        self._patterns: dict[str, tuple[str, ...]] = {}
        self._budget = Budget(COSTLY)

    def answer(self, address: str, by_name: bool = False) -> Arguments:
        """Return what stands at an address; raise KeyError where there is none."""
        if address in self.words:
            return self.words[address]()
        place = self.places[address]
        param = PARAMS[place % len(PARAMS)]
        value = self.desk.board[param.name]
        return plain_argument(param, value, by_name) if place < len(PARAMS) else param.to_knob(value),

    def numbers(self) -> np.ndarray:
        """Return where the parameters of all places stand, in plain units, float32 as OSC carries them."""
        return np.tile(self.desk.board.values.astype('f4'), 2)

    def expand(self, address: str) -> tuple[str, ...]:
        """Return what an address, a group (/drone; / is all but the mirror) or a pattern means; raise ValueError."""
        if not is_pattern(address):
            return self._group(address.rstrip('/'))
        if address not in self._patterns:
            if not self._budget.spend():
                raise ValueError('too many different patterns at once')
            if len(self._patterns) >= PATTERNS:
                self._patterns.clear()
            self._patterns[address] = tuple(expand(address, self._tree))
        return self._patterns[address]

    def _group(self, name: str) -> tuple[str, ...]:
        if name in self.places or name in self.words:
            return name,
        return tuple(address for address in self.addresses
                     if address.startswith(name + '/') and (name or not address.startswith(MIRROR + '/')))

    def _prompt(self, number: int) -> Callable[[], Arguments]:
        def read() -> Arguments:
            prompts = self.desk.prompts.get() or ()
            return (prompts[number] if number < len(prompts) else '',)
        return read

    def _shaders(self, number: int) -> Callable[[], Arguments]:
        return lambda: (' '.join(self.desk.patch.shaders[number]),)

    def _scene_names(self) -> Arguments:
        scenes = map(self.desk.scenes.stored.get, range(1, SCENES + 1))
        return tuple(scene.patch.name if scene else '' for scene in scenes)


def plain_argument(param: Param, value: float, by_name: bool = False) -> Argument:
    """Return a value as OSC tells it: whole numbers as such, a choice by its name where asked to."""
    if by_name and is_menu(param):
        return param.text(value)
    return int(value) if param.curve in WHOLE else float(value)


def is_menu(param: Param) -> bool:
    """Tell whether a parameter is a choice among more than off and on."""
    return len(param.choices) > 2
