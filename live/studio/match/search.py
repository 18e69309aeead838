"""From a sound to settings: the network's guess, refined by a search that needs no gradient.

The network names the likeliest choices and where each knob may stand; what it says is drawn from, and more come from
anywhere, for what is like nothing it has heard. All are played and compared. From the nearest CMA-ES goes on, choices
held (Hansen, The CMA Evolution Strategy: A Tutorial, 2016, arXiv:1604.00772); round by round the farther half of these
searches is given up, as in successive halving (Jamieson and Talwalkar, 2016, arXiv:1502.07943).
"""
import warnings
from collections import Counter
from typing import Any, NamedTuple

import numpy as np
import torch

from live.studio.match.network import POSITIONS, MatchNet
from live.studio.match.spectra import Distance, read_spectra
from live.studio.match.synth import Synth, Tell

LOOKED, TRUST = 0.3, 0.4    # share of the sounds to begin with, and of these the share that the network says
SETS = 4                # likeliest sets of choices that are drawn from
STARTS, ALIKE = 8, 2    # searches that begin, and of them with the same choices
STEP = 0.05             # first step, in positions


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
    play = Player(synth, target, seed, tell)
    sets, likely = ask(network, synth, target)
    guess = settle(synth, sets[0], most_likely(likely[0]))
    guess_distance = float(play(guess[None])[0])
    looked = int(evaluations * LOOKED)
    if looked > 1:
        settings = look_around(synth, sets, likely, looked, np.random.default_rng(seed))
        starts = choose_starts(synth, settings, play(settings))
        refine(play, [Search(synth, *start, seed) for start in starts], evaluations)
    return Match(play.best, play.least, guess, guess_distance, play.played)


@torch.inference_mode()
def ask(network: MatchNet, synth: Synth, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the likeliest sets of choices (n, choices), and where knobs stand with each (n, knobs, POSITIONS)."""
    heard = network(read_spectra(target[None]).float())
    chances = torch.zeros(1)
    for logits in network.name_choices(heard):
        chances = (chances[:, None] + logits[0].log_softmax(0)).flatten()
    order = chances.argsort(descending=True, stable=True)[:SETS].numpy()
    sets = np.stack(np.unravel_index(order, network.choices), 1) if network.choices else np.zeros((1, 0), np.int64)
    logits = network.point_knobs(heard.expand(len(sets), -1), torch.from_numpy(sets.astype(np.int64)))
    return sets, logits.softmax(-1).double().numpy()


def settle(synth: Synth, chosen: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return settings (knobs,) of choices and of positions of the other knobs; what is not heard stands at default."""
    settings = synth.defaults()
    settings[synth.choices] = chosen
    for k, position in zip(synth.continuous, positions):
        settings[k] = synth.knobs[k].param.from_knob(position)
    return np.where(synth.heard(settings[None])[0], settings, synth.defaults())


def most_likely(likely: np.ndarray) -> np.ndarray:
    """Return the likeliest positions (knobs,) of (knobs, POSITIONS): the centre of what lies around the highest."""
    places = np.arange(POSITIONS)
    near = np.where(np.abs(places - likely.argmax(-1)[:, None]) <= 2, likely, 0)
    return (near * places).sum(-1) / near.sum(-1) / (POSITIONS - 1)


def look_around(synth: Synth, sets: np.ndarray, likely: np.ndarray, count: int, random: np.random.Generator
                ) -> np.ndarray:
    """Return settings (count, knobs): what the network says, each set's likeliest first, and the rest from anywhere."""
    said = []
    for number in range(max(1, int(count * TRUST))):
        k = number % len(sets)
        positions = most_likely(likely[k]) if number < len(sets) else draw_positions(likely[k], random)
        said.append(settle(synth, sets[k], positions))
    return np.concatenate((said, synth.draw(count - len(said), random)))


def draw_positions(likely: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return positions (knobs,) drawn as they are likely, (knobs, POSITIONS)."""
    cumulated = likely.cumsum(-1) / likely.sum(-1, keepdims=True)
    return (cumulated < random.uniform(0, 1, (len(likely), 1))).sum(-1) / (POSITIONS - 1)


def choose_starts(synth: Synth, settings: np.ndarray, distances: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Return the nearest settings and their distances, no set of choices more than ALIKE times."""
    starts: list[tuple[np.ndarray, float]] = []
    taken: Counter[tuple[float, ...]] = Counter()
    for k in distances.argsort(kind='stable'):
        chosen = tuple(settings[k, synth.choices])
        taken[chosen] += 1
        if taken[chosen] <= ALIKE:
            starts.append((settings[k], float(distances[k])))
    return starts[:STARTS]


def refine(play: Player, searches: list['Search'], evaluations: int) -> None:
    """Search on from each start, then from the nearer half, until one is left; all rounds play as many sounds."""
    rounds = len(searches).bit_length()
    for left in range(rounds, 0, -1):
        share = (evaluations - play.played) // left // len(searches)
        for search in searches:
            search.go_on(play, share)
        searches = sorted(searches, key=lambda search: search.least)[:max(1, len(searches) // 2)]


class Search:
    """CMA-ES over the knobs that are heard, choices held."""

    def __init__(self, synth: Synth, settings: np.ndarray, distance: float, seed: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            import cma
        self._synth, self._settings, self.least = synth, settings, distance
        heard = synth.heard(settings[None])[0]
        self._knobs = [k for k in synth.continuous if heard[k]]
        spare = [0.5] * (2 - len(self._knobs))          # cma knows no line: a knob alone gets a companion
        self._strategy: Any = cma.CMAEvolutionStrategy(
            [*synth.to_positions(settings[None])[0, self._knobs], *spare], STEP,
            {'bounds': [0, 1], 'maxstd': np.inf, 'seed': seed + 1, 'verbose': -9})

    def go_on(self, play: Player, count: int) -> None:
        """Play generations, at most so many sounds, as long as they get anywhere."""
        for _ in range(count // self._strategy.popsize):
            if not self._strategy.stop():
                self._step(play)

    def _step(self, play: Player) -> None:
        asked = self._strategy.ask()
        settings = np.repeat(self._settings[None], len(asked), 0)
        for row, positions in zip(settings, asked):
            row[self._knobs] = [self._synth.knobs[k].param.from_knob(x) for k, x in zip(self._knobs, positions)]
        distances = play(settings)
        self.least = min(self.least, float(distances.min()))
        self._strategy.tell(asked, list(distances))
