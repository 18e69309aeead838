"""What a dream is made from, and how far that has moved since the last one: whether another is worth making.

In: a Conditioning, the Board, the picture of init. Out: one number. Runs on the dream's thread. Knows nothing of torch
or models; what the loop itself does to a picture that stands still is not counted.
"""
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from live.diffusion.noise import FRESH, QUARTER, SPLIT, WALK
from live.params import PARAMS
from live.signals import Conditioning

SPARSE = 8              # every so many rows and columns of an init picture are compared
CHOICES = tuple(p.name for p in PARAMS if p.group == 'bend' or p.name in (
    'dream.steps', 'dream.size', 'dream.feedback', 'dream.loop', 'dream.noise'))


@dataclass(frozen=True)
class Ingredients:
    """choices: where those parameters stand of which any change is worth a dream."""
    embedding: np.ndarray
    strength: float
    walk: float
    seed: float
    init: np.ndarray | None
    choices: dict[str, float]

    @classmethod
    def gather(cls, conditioning: Conditioning, board: Any, init: np.ndarray | None) -> 'Ingredients':
        """[dream] Copy what may change later."""
        sparse = None if init is None else init[::SPARSE, ::SPARSE, :3].astype(np.float32)
        scale = 255.0 if init is not None and init.dtype == np.uint8 else 1.0
        return cls(conditioning.embedding.copy(), conditioning.strength, conditioning.walk, board['dream.seed'],
                   None if sparse is None else sparse / scale, {name: board[name] for name in CHOICES})

    def distance(self, other: 'Ingredients | None') -> float:
        """Return how far these are from others: 0 = the same, about 1 = nothing in common; infinite without others.

        The sum of what the embeddings differ by, of their size; the strengths; the noises, in quarter turns by the
        share they have; the init pictures (0..1), by theirs. Noise that is new each time is always infinitely far.
        """
        if other is None or self.choices != other.choices or self.embedding.shape != other.embedding.shape:
            return math.inf
        return (_difference(self.embedding, other.embedding) + abs(self.strength - other.strength)
                + self.strength * self._noise_distance(other) + self._init_distance(other))

    def _noise_distance(self, other: 'Ingredients') -> float:
        policy = self.choices['dream.noise']
        if policy in (FRESH, SPLIT):
            return math.inf if self.strength > 0 else 0.0
        return abs(self.seed - other.seed) + (abs(self.walk - other.walk) / QUARTER if policy == WALK else 0.0)

    def _init_distance(self, other: 'Ingredients') -> float:
        share = 1 - self.choices['dream.feedback']
        if share <= 0 or self.init is other.init is None:
            return 0.0
        if self.init is None or other.init is None or self.init.shape != other.init.shape:
            return math.inf
        return share * float(np.abs(self.init - other.init).mean())


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(one - other)) / max(1e-12, float(np.linalg.norm(other)))
