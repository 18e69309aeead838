"""Teach the network to hear how a sound was made: batches come, are listened to, and go; what was heard is kept.

A round is one batch: its spectra go to a memory, and the network takes STEPS steps, each over sounds of that memory
drawn at random. The first sounds are held out; training ends early when it no longer gets better on them. The same
seed gives the same network on the same machine.
"""
import copy
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from live.studio.files import StudioError
from live.studio.match.batches import Batch, read_batches, stream
from live.studio.match.network import MatchNet, build_network, measure_loss, save_model
from live.studio.match.spectra import SILENCE, level, read_spectra
from live.studio.match.synth import Synth, Tell, open_synth
from live.studio.progress import progress_bar

MINIBATCH, RATE = 128, 1.5e-3
STEPS = 10              # of a round
WARM_UP = 100           # steps in which the rate rises
ROUNDS = 60             # where no new sounds come
HELD_OUT = 2            # batches that only judge
PATIENCE = 12           # rounds without getting better
KEEP = 32768            # sounds in memory, 3 KB each
NOISE_DB = -90.0, -30.0         # against the sound, of the noise that is added: recordings are never clean


class Heard(NamedTuple):
    """What is learnt from, as measure_loss takes it."""
    spectra: Tensor
    chosen: Tensor
    positions: Tensor
    heard: Tensor

    def join(self, other: 'Heard') -> 'Heard':
        """Return both, the oldest forgotten."""
        return Heard(*(torch.cat(pair)[-KEEP:] for pair in zip(self, other)))

    def take(self, rows: Tensor) -> 'Heard':
        return Heard(self.spectra[rows].float(), *(values[rows] for values in self[1:]))


class Trained(NamedTuple):
    """losses: of the held-out sounds, round by round; the network is the one of the least."""
    network: MatchNet
    losses: list[float]
    sounds: int

    def figures(self) -> dict[str, Any]:
        return {'sounds': self.sounds, 'loss': round(min(self.losses), 4), 'rounds': len(self.losses)}


def train_match(out: str | Path, synth: str = 'live', sounds: int = 16384, dataset: str | Path | None = None,
                batch: int = 256, rounds: int | None = None, seed: int = 1, steer: Sequence[str] = (),
                scratch: str | Path | None = None) -> Trained:
    """Train a network for a synthesizer and write the model folder; arguments as of `live studio match train`."""
    player = open_synth(synth, steer)
    folder = Path(out)
    if not folder.parent.is_dir():
        raise StudioError(f'{folder}: there is no folder {folder.parent}; make it first')
    if dataset is not None:
        batches, rounds = read_batches(player, Path(dataset), batch), rounds or ROUNDS
    else:
        batches = stream(player, sounds, seed, batch, Path(scratch) if scratch else None)
        rounds = rounds or max(1, -(-sounds // batch) - HELD_OUT)
    with progress_bar(rounds, f'{player.name}: training') as bar:
        trained = train(player, batches, rounds, seed, tell=bar.update)
    save_model(folder, trained.network, player, {**trained.figures(), 'seed': seed})
    return trained


def listen(synth: Synth, batch: Batch, random: np.random.Generator) -> Heard:
    """Return what is learnt from a batch; silent sounds are left out."""
    loud = level(batch.sounds) > SILENCE
    settings, sounds = batch.settings[loud], batch.sounds[loud]
    faint = level(sounds) * 10 ** (random.uniform(*NOISE_DB, len(sounds)) / 20)
    sounds = sounds + (random.standard_normal(sounds.shape) * faint[:, None]).astype(np.float32)
    order = [*synth.choices, *synth.continuous]
    return Heard(read_spectra(sounds), torch.from_numpy(settings[:, synth.choices].round().astype(np.int64)),
                 torch.from_numpy(synth.to_positions(settings)[:, synth.continuous].astype(np.float32)),
                 torch.from_numpy(synth.heard(settings)[:, order].astype(np.float32)))


def train(synth: Synth, batches: Iterator[Batch], rounds: int, seed: int = 1, held_out: int = HELD_OUT,
          tell: Tell = lambda rounds: None, patience: int = PATIENCE) -> Trained:
    """Train on batches, the first `held_out` of which only judge; raise StudioError if there are too few.

    rounds: at most; when no batch comes any more it goes on with what it remembers.
    """
    torch.manual_seed(seed)
    generator, random = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    network = build_network(synth)
    judge = gather(synth, batches, held_out, random)
    memory = gather(synth, batches, 1, random)
    teacher = Teacher(network, rounds * STEPS)
    best, losses, sounds = copy.deepcopy(network.state_dict()), [math.inf], len(memory.spectra)
    for number in range(rounds):
        for _ in range(STEPS):
            rows = torch.randint(len(memory.spectra), (min(MINIBATCH, len(memory.spectra)),), generator=generator)
            teacher.step(memory.take(rows))
        loss = judge_network(network, judge)
        if loss < min(losses):
            best = copy.deepcopy(network.state_dict())
        losses.append(loss)
        tell(1)
        if number - int(np.argmin(losses[1:])) >= patience:
            break
        batch = next(batches, None) if number < rounds - 1 else None
        if batch is not None:
            memory, sounds = memory.join(listen(synth, batch, random)), sounds + len(batch.sounds)
    network.load_state_dict(best)
    return Trained(network.eval(), losses[1:], sounds)


def gather(synth: Synth, batches: Iterator[Batch], count: int, random: np.random.Generator) -> Heard:
    """Return what is heard in the next `count` batches."""
    found: Heard | None = None
    for _ in range(count):
        batch = next(batches, None)
        if batch is None:
            raise StudioError('there are too few sounds to train on and to judge by; make more, or smaller batches')
        heard = listen(synth, batch, random)
        found = heard if found is None else found.join(heard)
    if found is None or not len(found.spectra):
        raise StudioError('all these sounds are silent; nothing can be learnt from them')
    return found


class Teacher:
    """The optimizer and its rate: up in a line, down in a half cosine."""

    def __init__(self, network: MatchNet, steps: int) -> None:
        self._network, self._steps, self._done = network, steps, 0
        self._optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.02)

    def step(self, lesson: Heard) -> None:
        self._done += 1
        for group in self._optimizer.param_groups:
            group['lr'] = RATE * min(1.0, self._done / WARM_UP) \
                * max(0.01, 0.5 + 0.5 * math.cos(math.pi * self._done / self._steps))
        loss = measure_loss(self._network.train(), *lesson)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimizer.step()


@torch.inference_mode()
def judge_network(network: MatchNet, judge: Heard) -> float:
    """Return the loss on sounds that are never learnt from."""
    rows = torch.arange(len(judge.spectra))
    return float(measure_loss(network.eval(), *judge.take(rows)))
