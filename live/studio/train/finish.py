"""Last stage: the dreamer's finish, so that what one step shows is sharp and is what was said.

Regression has found where things lie, and leaves them soft: between what a network of this size cannot compute and how
things should look, it takes the mean. So from noise alone it now asks for the broad layout only (cells of 32 pixels).
The rest is said by how latents look (eye.py), by whether the eye names what was meant, and by a critic (critic.py).
Timesteps that still show their picture are held to it as before.
"""
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from live.studio.train.bank import Bank
from live.studio.train.critic import Critic, hinge, look_at, tell
from live.studio.train.denoiser import (HUBER, Noised, Words, alphas_cumprod, compute_plainly, condition, dreamt,
                                        make_noised, show)
from live.studio.train.eye import Eye, compare_seen, shares
from live.studio.train.training import Training

BATCH, RATE = 16, 5e-4
BROAD = 4                   # latent cells a side, within which noise alone need not say what lies where
DETAIL = 0.1                # what where exactly counts, from noise alone
FROM_NOISE = 0.67           # share of a batch at the last timestep
LOOK, NAME, PROPERTIES, CRITIC = 1.0, 0.1, 10.0, 0.1


def finish_denoiser(training: Training, bank: Bank, unet: Any, words: Words, vae: Any, eye: Eye, steps: int
                    ) -> tuple[Any, Words]:
    """Train, or go on training, to `steps` in all; return UNet and words."""
    critic = Critic().to(training.device)
    unet, words = unet.train().requires_grad_(True), words.train()
    compute_plainly(unet)
    state = training.begin('finish', {'unet': unet, 'words': words, 'critic': critic}, RATE, steps)
    alphas = alphas_cumprod().to(training.device)
    for step in state.steps():
        entries = bank.take(BATCH, training.generator)
        embedding = condition(words, entries, np.random.default_rng(step), training)
        noised = make_noised(entries, alphas, training, FROM_NOISE)
        with training.half():
            said = unet(noised.seen, noised.time, embedding, return_dict=False)[0].float()
        entries = {key: value.to(training.device) for key, value in entries.items()}
        made, true = (look_at(eye, latents) for latents in (dreamt(noised, said, alphas), entries['latent']))
        losses = {'place': place(noised, said, noised.time == len(alphas) - 1), 'look': compare_seen(made, true)}
        losses['name'], losses['properties'] = name(eye, made, entries)
        learning, losses['critic'] = hinge(critic, made, true, tell(entries))
        total = losses['place'] + LOOK * losses['look'] + NAME * losses['name'] + learning
        total = total + PROPERTIES * losses['properties'] + CRITIC * losses['critic']
        state.step(total, learning=learning, **losses)
        if state.is_time_for_sheet(step):
            show(training, bank, vae, state.averaged['unet'], state.averaged['words'], 'finish')
    state.end()
    return unet.eval(), words.eval()


def place(noised: Noised, said: Tensor, last: Tensor) -> Tensor:
    """Return how far things lie from where they should: everything, or the broad layout where noise alone says it."""
    error = huber(said, noised.wanted)
    broad = huber(*(functional.avg_pool2d(v, BROAD) for v in (said, noised.wanted)))
    return torch.where(last, broad + DETAIL * error, error).mean()


def huber(said: Tensor, wanted: Tensor) -> Tensor:
    return functional.huber_loss(said, wanted, reduction='none', delta=HUBER).mean((1, 2, 3)) / HUBER


def name(eye: Eye, seen: list[Tensor], entries: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Return how far the eye is from naming what was meant: words in nats, and the mean square of properties."""
    family, palette, properties = eye.tell(seen[1:])
    words = (functional.cross_entropy(family, shares(entries['family'].long()))
             + functional.cross_entropy(palette, entries['palette'].long()))
    return words, (properties - entries['properties']).square().mean()
