"""From a sound to settings: the network's guess, refined by a search that needs no gradient.

A fixed number of sounds is played, in three parts. Look around: the network says how likely choices are and where knobs
stand; settings are drawn from that, with some knobs that stand anywhere, for what is like nothing it has heard. Evolve:
the nearest breed, each set of choices for itself at first (evolution.py). Polish: from the nearest of all CMA-ES goes
on in small steps, choices held (Hansen, The CMA Evolution Strategy: A Tutorial, 2016, arXiv:1604.00772).
"""
import warnings
from typing import NamedTuple

import numpy as np

from live.studio.match.belief import Belief, ask, draw_positions, most_likely, settle
from live.studio.match.evolution import evolve
from live.studio.match.network import MatchNet
from live.studio.match.spectra import Distance
from live.studio.match.synth import Synth, Tell

LOOKED, POLISHED = 0.3, 0.35    # shares of the sounds to begin with, and to end with
LIKELIEST = 12          # sets of choices that are heard at their likeliest
STEP = 0.01             # first step of polishing, in positions


class Match(NamedTuple):
    """settings (knobs,) and how far their sound is; the same of what the network said first; sounds played."""
    settings: np.ndarray
    distance: float
    guess: np.ndarray
    guess_distance: float
    evaluations: int


class Player:
    """Plays settings, compares them with the target, counts, and keeps the best."""

    def __init__(self, synth: Synth, target: np.ndarray, seed: int, tell: Tell) -> None:
        self._synth, self._seed, self._tell = synth, seed, tell
        self._distance = Distance(target)
        self.played, self.best, self.least = 0, synth.defaults(), np.inf

    def __call__(self, settings: np.ndarray) -> np.ndarray:
        """Return distances (n,) of settings (n, knobs)."""
        distances = self._distance(self._synth.render(settings, [self._seed] * len(settings), tell=self._tell))
        self.played += len(settings)
        nearest = int(distances.argmin())
        if distances[nearest] < self.least:
            self.best, self.least = settings[nearest], float(distances[nearest])
        return distances


def match(network: MatchNet, synth: Synth, target: np.ndarray, evaluations: int, seed: int = 0,
          tell: Tell = lambda count: None) -> Match:
    """Return settings whose sound is near the target (frames,).

    evaluations: sounds that are played at most; 1 asks for the network's guess alone.
    """
    play, random, belief = Player(synth, target, seed, tell), np.random.default_rng(seed), ask(network, target)
    settings = look_around(synth, belief, max(1, int(evaluations * LOOKED)), random)
    distances = play(settings)
    evolve(play, synth, belief, settings, distances, int(evaluations * (1 - POLISHED)) - play.played, random)
    polish(play, synth, evaluations - play.played, seed)
    return Match(play.best, play.least, settings[0], float(distances[0]), play.played)


def look_around(synth: Synth, belief: Belief, count: int, random: np.random.Generator) -> np.ndarray:
    """Return settings (count, knobs): the network's guess, the likeliest with other choices, and what is drawn."""
    guesses = [settle(synth, chosen, most_likely(likely))
               for chosen, likely in zip(belief.sets[:min(count, LIKELIEST)], belief.likely)]
    places = random.choice(len(belief.sets), count - len(guesses), p=belief.loosened())
    return np.stack([*guesses, *(draw_loosely(synth, belief, place, random) for place in places)])


def draw_loosely(synth: Synth, belief: Belief, place: int, random: np.random.Generator) -> np.ndarray:
    """Return settings (knobs,) with this set of choices: knobs as they are likely, a share of them anywhere."""
    positions = draw_positions(belief.likely[place], random)
    anywhere = random.uniform(size=len(positions)) < random.uniform() ** 2
    return settle(synth, belief.sets[place], np.where(anywhere, random.uniform(size=len(positions)), positions))


def polish(play: Player, synth: Synth, count: int, seed: int) -> None:
    """Play generations of CMA-ES from the nearest settings, at most `count` sounds, as long as they get anywhere."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        import cma
    best = play.best
    heard = synth.heard(best[None])[0]
    turning = [k for k in synth.continuous if heard[k]]
    spare = [0.5] * (2 - len(turning))          # cma knows no line: a knob alone gets a companion
    strategy = cma.CMAEvolutionStrategy([*synth.to_positions(best[None])[0, turning], *spare], STEP, {
        'bounds': [0, 1], 'maxstd': np.inf, 'seed': seed + 1, 'verbose': -9})
    for _ in range(count // strategy.popsize):
        if strategy.stop():
            return
        asked = strategy.ask()
        settings = np.repeat(best[None], len(asked), 0)
        for row, positions in zip(settings, asked):
            row[turning] = [synth.knobs[k].param.from_knob(x) for k, x in zip(turning, positions)]
        strategy.tell(asked, list(play(settings)))
