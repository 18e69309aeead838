"""The middle of the search: settings breed, and the sets of choices that lead nowhere die out.

The nearest of each set of choices are kept, as in MAP-Elites (Mouret and Clune, 2015, arXiv:1504.04909), so that a set
may catch up once its knobs are tuned; fewer and fewer parents go on. Steps are as often a hair as a third of the
range (the logarithm of their width is uniform), for a root counts in cents and a drive in decibels.
"""
from collections import Counter
from collections.abc import Callable

import numpy as np

from live.studio.match.belief import Belief, draw_positions
from live.studio.match.synth import Synth

PARENTS, LAST = 16, 4   # settings that breed, at first and at last
ALIKE = 2               # of them with the same choices, unless there are too few sets
BROOD = 10              # children of a generation
FAVOUR = 0.8            # how much less often a parent is taken than the next nearer one
OTHER, CROSSED = 0.05, 0.2      # chances that a child chooses otherwise, that it has a second parent
NARROWEST, WIDEST = -3.3, -0.5  # powers of ten of a step, in positions

Play = Callable[[np.ndarray], np.ndarray]       # settings (n, knobs) to distances (n,)


def evolve(play: Play, synth: Synth, belief: Belief, settings: np.ndarray, distances: np.ndarray, count: int,
           random: np.random.Generator) -> None:
    """Play `count` children of settings (n, knobs) that are so far away (n,), and of their children."""
    for born in range(0, count, BROOD):
        most = max(LAST, round(PARENTS * (1 - born / count)))
        keep = choose_parents(settings[:, synth.choices], distances, most, max(ALIKE, -(-most // len(belief.sets))))
        parents = settings[keep]
        children = np.stack([breed(synth, belief, parents, random) for _ in range(min(BROOD, count - born))])
        settings = np.concatenate((parents, children))
        distances = np.concatenate((distances[keep], play(children)))


def choose_parents(chosen: np.ndarray, distances: np.ndarray, most: int, alike: int) -> list[int]:
    """Return which of the settings go on, the nearest first; chosen: their choices (n, choices)."""
    kept: list[int] = []
    taken: Counter[tuple[float, ...]] = Counter()
    for k in distances.argsort(kind='stable'):
        taken[tuple(chosen[k])] += 1
        if taken[tuple(chosen[k])] <= alike:
            kept.append(int(k))
    return kept[:most]


def breed(synth: Synth, belief: Belief, parents: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a child (knobs,) of parents (n, knobs), the nearest first."""
    favour = FAVOUR ** np.arange(len(parents))
    first, second = parents[random.choice(len(parents), 2, p=favour / favour.sum())]
    child = first.copy()
    if random.uniform() < OTHER:
        choose_otherwise(synth, belief, child, random)
    turning = np.array(synth.continuous)
    if random.uniform() < CROSSED:
        taken = turning[random.uniform(size=len(turning)) < 0.5]
        child[taken] = second[taken]
    move(synth, child, random)
    return np.where(synth.heard(child[None])[0], child, synth.defaults())


def choose_otherwise(synth: Synth, belief: Belief, child: np.ndarray, random: np.random.Generator) -> None:
    """Change one choice; knobs that are heard from then on stand where the network believes they do."""
    chosen = child[synth.choices]
    neighbours = np.flatnonzero((belief.sets != chosen).sum(1) == 1)
    if len(neighbours):
        place = random.choice(neighbours)
        before = synth.heard(child[None])[0]
        child[synth.choices] = belief.sets[place]
        after = synth.heard(child[None])[0]
        for k, position in zip(synth.continuous, draw_positions(belief.likely[place], random)):
            if after[k] and not before[k]:
                child[k] = synth.knobs[k].param.from_knob(position)


def move(synth: Synth, child: np.ndarray, random: np.random.Generator) -> None:
    """Turn one knob that is heard; as often as not a second, and so on; what would leave its range turns back."""
    heard = synth.heard(child[None])[0]
    turning = [k for k in synth.continuous if heard[k]]
    for k in random.permutation(turning)[:random.geometric(0.5)]:
        param = synth.knobs[k].param
        position = abs(param.to_knob(child[k]) + random.standard_normal() * 10 ** random.uniform(NARROWEST, WIDEST))
        child[k] = param.from_knob(max(0.0, min(position, 2 - position)))
