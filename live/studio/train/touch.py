"""Last stage: the decoder learns the touch of drawn pictures, for dreams as well.

An autoencoder this small gives back a third of the fine energy of what it was shown, and of a dream, whose latents are
softer than any it has learnt from, next to nothing. So with encoder, UNet and text encoder held still, the decoder is
trained once more, on both. What was drawn is held to its picture. A dream keeps its broad layout and is asked how it
looks beside the picture that was meant: patches at three sizes (sliced Wasserstein distance, eye.py), and a
critic, which sees farther: that rows of dots are no texture. Looks alone are met by a few beads of black and white as
well as by texture everywhere; so what changes in the near layout counts by its square.
"""
import copy
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from live.studio.train.autoencoder import LATENT_NOISE, picture_loss
from live.studio.train.bank import Bank
from live.studio.train.critic import hinge
from live.studio.train.denoiser import alphas_cumprod, dreamt, make_noised
from live.studio.train.eye import patches, sliced
from live.studio.train.parts import SCALE, drawing_noise
from live.studio.train.pictures import draw
from live.studio.train.training import Training
from live.studio.train.words import Words, condition

POOL, REFRESHED = 192, 3        # examples kept, and made anew each step
BATCH, CROP = 6, 16             # crops; cells of a latent a side
RATE, AVERAGE = 1e-3, 0.99       # the averaged weights follow within a hundred steps: slower ones stay soft
FROM_NOISE = 0.5                # share of dreams from noise alone
SIZES = 3                       # at which looks are compared, each half the one before
BROAD, NEAR = 16, 4             # pixels a side, within which a dream may change, and may change but little
LOOK, LAYOUT, STRAY, CRITIC = 2.0, 4.0, 20.0, 0.2
CRITIC_CHANNELS, CRITIC_SIZES = (32, 64, 96), 2


class Critic(nn.Module):
    """Verdicts (n, places) on surroundings of 38 pixels at each size: high where they look drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Sequential(
            *(layer for before, after in zip((3, *CRITIC_CHANNELS), CRITIC_CHANNELS)
              for layer in (nn.Conv2d(before, after, 4, 2, 1), nn.LeakyReLU(0.2))),
            nn.Conv2d(CRITIC_CHANNELS[-1], 1, 3, 1, 1)) for _ in range(CRITIC_SIZES))

    def forward(self, sizes: list[Tensor]) -> Tensor:
        return torch.cat([head(pictures).flatten(1) for head, pictures in zip(self.heads, sizes)], 1)


class Examples(NamedTuple):
    """Drawn pictures (n, 3, rows, columns) of -1..1, the latents of each, and those of a dream of the same."""
    pictures: Tensor
    drawn: Tensor
    dreamt: Tensor


def finish_decoder(training: Training, bank: Bank, unet: Any, words: Words, vae: Any, steps: int) -> Any:
    """Train, or go on training, the decoder to `steps` in all; return the autoencoder."""
    before = copy.deepcopy(vae.decoder).eval().requires_grad_(False)
    decoder, critic = vae.decoder.train().requires_grad_(True), Critic().to(training.device)
    state = training.begin('touch', {'decoder': decoder, 'critic': critic}, RATE, steps, AVERAGE)
    pool = make_examples(training, bank, unet, words, POOL)
    for step in state.steps():
        fresh = make_examples(training, bank, unet, words, REFRESHED)
        pool = Examples(*(torch.cat((old[REFRESHED:], new)) for old, new in zip(pool, fresh)))
        wanted, drawn, dreams = crop(pool, training.generator)
        with training.half():
            given = torch.cat((drawn, dreams))
            decoded = decoder(given + LATENT_NOISE * torch.randn_like(given)).float()
        again, made = decoded.chunk(2)
        with torch.no_grad():
            layout = before(dreams).float()
        true, known, new = halve(wanted), halve(again), halve(made)
        broad, near = (functional.avg_pool2d(made, size) - functional.avg_pool2d(layout, size)
                       for size in (BROAD, NEAR))
        losses = {'again': picture_loss(again, wanted), 'look': (compare(known, true) + compare(new, true)) / 2,
                  'layout': broad.abs().mean(), 'stray': near.square().mean()}
        losses['learning'], losses['critic'] = hinge(critic, new, true)
        state.step(losses['again'] + LOOK * losses['look'] + LAYOUT * losses['layout'] + STRAY * losses['stray']
                   + CRITIC * losses['critic'] + losses['learning'], **losses)
        if state.is_time_for_sheet(step):
            training.sheet('touch', tuple(rows / 2 + 0.5 for rows in (wanted, again, layout, made)))
    state.end()
    return vae.eval()


@torch.no_grad()
def make_examples(training: Training, bank: Bank, unet: Any, words: Words, count: int) -> Examples:
    """Draw entries of the bank again, and dream them: half from their noise alone."""
    made = []
    alphas = alphas_cumprod().to(training.device)
    for portion in [REFRESHED] * (count // REFRESHED):
        entries = bank.take(portion, training.generator)
        seed = int(torch.randint(2 ** 31, (), generator=training.generator))
        embedding = condition(words, entries, np.random.default_rng(seed), training)
        noised = make_noised(entries, alphas, training, FROM_NOISE)
        with training.half():
            said = unet(noised.seen, noised.time, embedding, return_dict=False)[0].float()
        latent, noise = (entries[key].to(training.device) for key in ('latent', 'noise'))
        pictures = draw(drawing_noise(noise), entries['family'].long(), entries['palette'].long(),
                        entries['properties'])
        made.append(Examples(pictures * 2 - 1, latent, dreamt(noised, said, alphas)))
    return Examples(*(torch.cat(parts) for parts in zip(*made)))


def crop(pool: Examples, generator: torch.Generator) -> Examples:
    """Return crops of BATCH examples: CROP cells of the latents, and what they stand for."""
    chosen = torch.randint(len(pool.pictures), (BATCH,), generator=generator).tolist()
    places = torch.randint(pool.drawn.shape[-1] - CROP + 1, (BATCH, 2), generator=generator).tolist()
    return Examples(*(torch.stack([part[k, :, scale * y:scale * (y + CROP), scale * x:scale * (x + CROP)]
                                   for k, (y, x) in zip(chosen, places)])
                      for part, scale in zip(pool, (SCALE, 1, 1))))


def halve(pictures: Tensor) -> list[Tensor]:
    """Return pictures at SIZES sizes, each half the one before."""
    sizes = [pictures]
    for _ in range(SIZES - 1):
        sizes.append(functional.avg_pool2d(sizes[-1], 2))
    return sizes


def compare(made: list[Tensor], true: list[Tensor]) -> Tensor:
    """Return how unlike pictures look, pair by pair, wherever in them things lie; 0 is alike.

    Every other row and column is looked at, now these and now those: sorting takes longer than all the rest.
    """
    y, x = torch.randint(2, (2,)).tolist()
    looked = [[patches(pictures[..., y:, x:], 2) for pictures in sizes] for sizes in (made, true)]
    return torch.stack([sliced(*pair) for pair in zip(*looked)]).mean()
