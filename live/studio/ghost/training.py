"""Training on whole sequences of frames; stages on the way are kept. Seeded; CPU.

A folder: ghost.json (rate, losses, stages), space.safetensors (live/studio/ghost/spectra.py), and the network after
10, 30, 100 ... steps and at the end: stage-000010.safetensors.
"""
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from live.signals import HOP
from live.studio.files import StudioError
from live.studio.ghost.network import GhostNetwork, loss_of
from live.studio.ghost.spectra import Space, fit_space, read_recordings
from live.studio.progress import progress_bar

BATCH = 16              # sequences a step
RATE, CLIP = 3e-3, 1.0
DIRECTIONS = 32
BLUR = 0.03             # deviations of noise on what is read, so that it finds its way back from its own mistakes
JSON, SPACE = 'ghost.json', 'space.safetensors'


def train_ghost(folder: str | Path, out: str | Path, steps: int = 2000, seconds: float = 1.5, samplerate: int = 24000,
                directions: int = DIRECTIONS, seed: int = 0) -> dict[str, Any]:
    """Learn from the recordings below a folder; return what is written to ghost.json."""
    check(steps, seconds, samplerate, directions)
    recordings = read_recordings(folder, samplerate)
    space = fit_space(recordings, directions)
    places = [space.places(frames) for frames in recordings]
    length = max(2, min(round(seconds * samplerate / HOP), max(map(len, places)) - 1))
    places = [place for place in places if len(place) > length]
    if len(places) < len(recordings):
        print(f'skipped: {len(recordings) - len(places)} recordings are shorter than the {length} frames of a sequence')
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    save_file({name: torch.from_numpy(np.ascontiguousarray(getattr(space, name)))
               for name in ('mean', 'directions', 'kept')}, out / SPACE)
    losses, stages = learn(places, space, out, steps, length, seed)
    said = {'samplerate': samplerate, 'length': length, 'recordings': len(recordings),
            'frames': sum(map(len, recordings)), 'seed': seed, 'stages': stages, 'losses': losses}
    (out / JSON).write_text(json.dumps(said) + '\n', encoding='utf-8')
    return said


def check(steps: int, seconds: float, samplerate: int, directions: int) -> None:
    for name, value, low, high in (('steps', steps, 1, 10 ** 7), ('seconds', seconds, 0.1, 60),
                                   ('samplerate', samplerate, 8000, 192000), ('directions', directions, 2, 512)):
        if not low <= value <= high:
            raise StudioError(f'--{name} {value:g} is outside {low:g}..{high:g}')


def learn(places: list[np.ndarray], space: Space, out: Path, steps: int, length: int, seed: int) -> tuple[
        list[float], list[int]]:
    """Train; return the loss of each step and the steps that were kept."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    network = GhostNetwork(space.count)
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    wanted, losses, stages = list(stage_steps(steps)), [], []
    with progress_bar(steps, 'ghost') as bar:
        for step in range(1, steps + 1):
            for group in optimizer.param_groups:
                group['lr'] = RATE * (0.55 + 0.45 * np.cos(np.pi * step / steps))
            losses.append(round(take_step(network, optimizer, draw(places, length, random)), 5))
            bar.update(1)
            bar.set_postfix_str(f'{np.mean(losses[-20:]):.3f}', refresh=False)
            if step in wanted:
                save_file(network.state_dict(), out / stage_name(step))
                stages.append(step)
    return losses, stages


def take_step(network: GhostNetwork, optimizer: torch.optim.Optimizer, sequences: torch.Tensor) -> float:
    heard = sequences[:, :-1] + BLUR * torch.randn_like(sequences[:, :-1])
    mean, spread, _ = network(heard)
    loss = loss_of(mean, spread, sequences[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
    optimizer.step()
    return float(loss.detach())


def draw(places: list[np.ndarray], length: int, random: np.random.Generator) -> torch.Tensor:
    """Return sequences (BATCH, length + 1, count) from anywhere in the recordings, longer ones more often."""
    room = np.array([len(recording) - length for recording in places], float)
    chosen = random.choice(len(places), BATCH, p=room / room.sum())
    starts = [int(random.integers(len(places[n]) - length)) for n in chosen]
    return torch.from_numpy(np.stack([places[n][start:start + length + 1] for n, start in zip(chosen, starts)]))


def stage_steps(steps: int) -> Iterator[int]:
    """Yield 10, 30, 100, 300 ... below `steps`, and `steps`."""
    decade = 10
    while decade < steps:
        yield decade
        if 3 * decade < steps:
            yield 3 * decade
        decade *= 10
    yield steps


def stage_name(step: int) -> str:
    return f'stage-{step:06d}.safetensors'
