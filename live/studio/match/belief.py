"""What the network makes of one sound: how likely each set of choices is, and where the knobs stand with it."""
from typing import NamedTuple

import numpy as np
import torch

from live.studio.match.network import POSITIONS, MatchNet
from live.studio.match.spectra import read_spectra
from live.studio.match.synth import Synth

MOST = 64               # likeliest sets of choices that it is asked about
ANY = 0.25              # share of draws in which all of them are alike


class Belief(NamedTuple):
    """sets (n, choices) int, likeliest first; chances (n,); likely (n, knobs, POSITIONS), of the knobs that turn."""
    sets: np.ndarray
    chances: np.ndarray
    likely: np.ndarray

    def loosened(self) -> np.ndarray:
        """Return chances (n,) of sets to be drawn by: the unlikely are tried as well, for the network may be wrong."""
        loose = np.sqrt(self.chances)
        return (1 - ANY) * loose / loose.sum() + ANY / len(loose)


@torch.inference_mode()
def ask(network: MatchNet, target: np.ndarray) -> Belief:
    """Return what the network makes of a sound (frames,)."""
    heard = network(read_spectra(target[None]).float())
    logs = torch.zeros(1)
    for logits in network.name_choices(heard):
        logs = (logs[:, None] + logits[0].log_softmax(0)).flatten()
    order = logs.argsort(descending=True, stable=True)[:MOST]
    sets = np.stack(np.unravel_index(order.numpy(), network.choices), 1).astype(np.int64) if network.choices \
        else np.zeros((1, 0), np.int64)
    logits = network.point_knobs(heard.expand(len(sets), -1), torch.from_numpy(sets))
    return Belief(sets, logs[order].exp().double().numpy(), logits.softmax(-1).double().numpy())


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


def draw_positions(likely: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return positions (knobs,) drawn as they are likely, (knobs, POSITIONS), and between the places as well."""
    cumulated = likely.cumsum(-1) / likely.sum(-1, keepdims=True)
    places = (cumulated < random.uniform(0, 1, (len(likely), 1))).sum(-1)
    return ((places + random.uniform(-.5, .5, len(likely))) / (POSITIONS - 1)).clip(0, 1)
