"""From a sound to settings: the network's guess, refined by a search that needs no gradient.

The network names the likeliest choices and where each knob may stand; what it says is drawn from, played and compared.
Some more are drawn from anywhere. From the best few CMA-ES goes on (Hansen, The CMA Evolution Strategy: A Tutorial,
2016, arXiv:1604.00772), its first steps as wide as the network is unsure; half of the way the best goes on alone.
"""
import warnings
from typing import Any, NamedTuple

import numpy as np
import torch

from live.studio.match.network import POSITIONS, MatchNet
from live.studio.match.spectra import Distance, read_spectra
from live.studio.match.synth import Synth, Tell

EVALUATIONS = 600       # sounds that are played at most
DRAWS = 12              # for each set of choices, besides the likeliest
SETS, STARTS = 4, 3     # sets of choices that are tried; from so many of them the search begins
SCOUTS = 0.25           # share of the sounds that are drawn anywhere, for what is like nothing the network has heard
NARROWEST, WIDEST = 0.01, 0.2       # first steps, in positions


class Match(NamedTuple):
    """settings (knobs,) and how far their sound is; the same of what the network said first; sounds played."""
    settings: np.ndarray
    distance: float
    guess: np.ndarray
    guess_distance: float
    evaluations: int


class Start(NamedTuple):
    """Where a search may begin: settings (knobs,), how unsure each knob is, and the distance."""
    settings: np.ndarray
    unsure: np.ndarray
    distance: float


class Player:
    """Plays settings, compares them with the target, counts, and keeps the best."""

    def __init__(self, synth: Synth, target: np.ndarray, seed: int, tell: Tell) -> None:
        self._synth, self._seed, self._tell = synth, seed, tell
        self._distance = Distance(target)
        self.played, self.best, self.least = 0, synth.defaults(), np.inf

    def __call__(self, settings: np.ndarray) -> np.ndarray:
        """Return distances (n,) of settings (n, knobs)."""
        distances = self._distance(self._synth.render(settings, [self._seed] * len(settings)))
        self.played += len(settings)
        nearest = int(distances.argmin())
        if distances[nearest] < self.least:
            self.best, self.least = settings[nearest], float(distances[nearest])
        self._tell(len(settings))
        return distances


def match(network: MatchNet, synth: Synth, target: np.ndarray, evaluations: int = EVALUATIONS, seed: int = 0,
          tell: Tell = lambda count: None) -> Match:
    """Return settings whose sound is near the target (frames,).

    evaluations: sounds that are played at most; 1 asks for the network's guess alone.
    """
    random = np.random.default_rng(seed)
    sets, likely = ask(network, synth, target)
    play = Player(synth, target, seed, tell)
    guess = settle(synth, sets[0], most_likely(likely[0]))
    guess_distance = float(play(guess[None])[0])
    if evaluations * (1 - SCOUTS) > len(sets) + 1:
        scouts = int(evaluations * SCOUTS)
        draws = min(DRAWS, (evaluations - 1 - scouts) // len(sets) - 1)
        starts = [try_out(synth, play, chosen, logits, draws, random) for chosen, logits in zip(sets, likely)]
        starts += [scout(synth, play, scouts, random)] if scouts else []
        refine(synth, play, sorted(starts, key=lambda start: start.distance)[:STARTS], evaluations, seed)
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


def try_out(synth: Synth, play: Player, chosen: np.ndarray, likely: np.ndarray, draws: int,
            random: np.random.Generator) -> Start:
    """Play the likeliest settings with these choices and so many that are drawn; return the best."""
    cumulated = likely.cumsum(-1) / likely.sum(-1, keepdims=True)
    drawn = (cumulated[None] < random.uniform(0, 1, (draws, len(likely), 1))).sum(-1) / (POSITIONS - 1)
    settings = np.stack([settle(synth, chosen, row) for row in (most_likely(likely), *drawn)])
    distances = play(settings)
    places = np.linspace(0, 1, POSITIONS)
    mean = (likely * places).sum(-1, keepdims=True)
    unsure = np.sqrt((likely * (places - mean) ** 2).sum(-1))
    return Start(settings[distances.argmin()], unsure, float(distances.min()))


def scout(synth: Synth, play: Player, count: int, random: np.random.Generator) -> Start:
    """Play settings from anywhere; return the best."""
    settings = synth.draw(count, random)
    distances = play(settings)
    return Start(settings[distances.argmin()], np.full(len(synth.continuous), WIDEST / 2), float(distances.min()))


def refine(synth: Synth, play: Player, starts: list[Start], evaluations: int, seed: int) -> None:
    """Search on from each start, then from the best alone, until enough sounds were played."""
    searches = [Search(synth, start, seed) for start in starts]
    share = (evaluations - play.played) // 2 // max(1, len(searches))
    for search in searches:
        until = play.played + share
        while play.played + search.generation <= until and search.goes_on:
            search.step(play)
    for search in sorted(searches, key=lambda search: search.least):
        while play.played + search.generation <= evaluations and search.goes_on:
            search.step(play)


class Search:
    """CMA-ES over the knobs that are heard, choices held."""

    def __init__(self, synth: Synth, start: Start, seed: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            import cma
        self._synth, self._settings, self.least = synth, start.settings, start.distance
        heard = synth.heard(start.settings[None])[0]
        self._knobs = [k for k in synth.continuous if heard[k]]
        steps = dict(zip(synth.continuous, start.unsure.clip(NARROWEST, WIDEST)))
        spare = [0.5] * (2 - len(self._knobs))          # cma knows no line: a knob alone gets a companion
        self._strategy: Any = cma.CMAEvolutionStrategy(
            [*synth.to_positions(start.settings[None])[0, self._knobs], *spare], 1.0,
            {'bounds': [0, 1], 'CMA_stds': [*(steps[k] for k in self._knobs), *spare], 'maxstd': np.inf,
             'seed': seed + 1, 'verbose': -9})

    @property
    def generation(self) -> int:
        """Return how many sounds a step plays."""
        return int(self._strategy.popsize)

    @property
    def goes_on(self) -> bool:
        return not self._strategy.stop()

    def step(self, play: Player) -> None:
        """Play one generation."""
        asked = self._strategy.ask()
        settings = np.repeat(self._settings[None], len(asked), 0)
        for row, positions in zip(settings, asked):
            row[self._knobs] = [self._synth.knobs[k].param.from_knob(x) for k, x in zip(self._knobs, positions)]
        distances = play(settings)
        self.least = min(self.least, float(distances.min()))
        self._strategy.tell(asked, list(distances))
