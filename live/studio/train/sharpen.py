"""Third stage: what regression leaves soft is sharpened by a critic that looks at latents.

Where noise and words do not say everything (img2img with fresh noise, what words leave open, what a network of this
size cannot compute), regression gives the mean of what may be meant. The critic is told family, palette and properties
and has to tell the UNet's latents from true ones; the UNet is to convince it, and stays tied to the regression that it
comes from, so words and sound keep their meaning. Losses: relativistic pairing with zero-centred gradient penalties on
both sides (Huang et al. 2024, R3GAN), which needs no tricks.
"""
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from live.studio.train.bank import Bank
from live.studio.train.denoiser import Words, alphas_cumprod, condition, make_noised, show
from live.studio.train.parts import LATENT_CHANNELS, build_unet
from live.studio.train.pictures import FAMILIES, PALETTES, PROPERTIES
from live.studio.train.training import Training

BATCH, RATE, CRITIC_RATE = 24, 1e-4, 3e-4
WEIGHT = 0.06               # of the critic against the regression
PENALTY, PENALISED = 0.3, 4     # weight of the gradient penalty; once in so many steps
CHANNELS = 96


class Critic(nn.Module):
    """Says at every place of a latent, and of its halves and quarters, how true it looks for these labels."""

    def __init__(self) -> None:
        super().__init__()
        self.family, self.palette = nn.Embedding(len(FAMILIES), CHANNELS), nn.Embedding(len(PALETTES), CHANNELS)
        self.properties = nn.Linear(len(PROPERTIES), CHANNELS)
        self.enter = nn.Conv2d(LATENT_CHANNELS, CHANNELS, 3, 1, 1)
        self.stages = nn.ModuleList(nn.Sequential(
            nn.Conv2d(CHANNELS, CHANNELS, 3, 1, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(CHANNELS, CHANNELS, 3, 1, 1), nn.LeakyReLU(0.2)) for _ in range(3))
        self.told = nn.ModuleList(nn.Linear(CHANNELS, CHANNELS) for _ in range(3))
        self.say = nn.ModuleList(nn.Conv2d(CHANNELS, 1, 1) for _ in range(3))

    def forward(self, latents: Tensor, entries: dict[str, Tensor]) -> Tensor:
        """Return (n,): the mean of all that is said."""
        label = self._label(entries)
        x, said = self.enter(latents), []
        for stage, told, say in zip(self.stages, self.told, self.say):
            x = (x + stage(x)) * 0.7071
            said.append((say(x) + (x * told(label)[:, :, None, None]).mean(1, keepdim=True)).mean((1, 2, 3)))
            x = functional.avg_pool2d(x, 2)
        return torch.stack(said).mean(0)

    def _label(self, entries: dict[str, Tensor]) -> Tensor:
        code = entries['family'].long()
        first, second = code % len(FAMILIES), code // len(FAMILIES) - 1
        family = torch.where((second >= 0)[:, None], (self.family(first) + self.family(second.clamp_min(0))) / 2,
                             self.family(first))
        return family + self.palette(entries['palette'].long()) + self.properties(entries['properties'] * 2 - 1)


def sharpen(training: Training, bank: Bank, tokenizer: Any, vae: Any, unet: Any, words: Words, steps: int
            ) -> tuple[Any, Words]:
    """Train, or go on training, to `steps` in all, from the second stage's UNet and words; return both."""
    critic = Critic().to(training.device)
    critics = training.begin('critic', {'critic': critic}, CRITIC_RATE, steps)
    state = training.begin('sharpen', {'unet': unet, 'words': words}, RATE, steps)
    alphas = alphas_cumprod().to(training.device)
    for step in state.steps():
        entries = bank.take(BATCH, training.generator)
        labels = {key: entries[key].to(training.device) for key in ('family', 'palette', 'properties')}
        true = entries['latent'].to(training.device)
        embedding = condition(words, entries, np.random.default_rng(step + 10 ** 9), training)
        noised = make_noised(entries, alphas, training)
        with training.half():
            said = unet(noised.seen, noised.time, embedding, return_dict=False)[0].float()
        a, b = (share[noised.time].sqrt()[:, None, None, None] for share in (alphas, 1 - alphas))
        made = a * noised.seen - b * said
        critics.step(critic_loss(critic, true, made.detach(), labels, step))
        errors = functional.huber_loss(said, noised.wanted, delta=0.3) / 0.3
        doubt = functional.softplus(critic(true, labels).detach() - critic(made, labels)).mean()
        state.step(errors + WEIGHT * doubt, error=errors, doubt=doubt)
        if state.is_time_for_sheet(step):
            show(training, bank, vae, state.averaged['unet'], state.averaged['words'], 'sharpen')
    critics.end()
    state.end()
    return unet.eval(), words.eval()


def critic_loss(critic: Critic, true: Tensor, made: Tensor, labels: dict[str, Tensor], step: int) -> Tensor:
    """Return the critic's loss; every PENALISED steps with the penalties on its slope at true and at made latents."""
    if step % PENALISED:
        return functional.softplus(critic(made, labels) - critic(true, labels)).mean()
    true, made = true.requires_grad_(), made.requires_grad_()
    said_true, said_made = critic(true, labels), critic(made, labels)
    slopes = torch.autograd.grad([said_true.sum(), said_made.sum()], [true, made], create_graph=True)
    penalty = torch.stack([slope.square().sum((1, 2, 3)).mean() for slope in slopes]).sum()
    return functional.softplus(said_made - said_true).mean() + PENALTY * PENALISED * penalty


def load_second_stage(training: Training, tokenizer: Any) -> tuple[Any, Words]:
    """Return the averaged UNet and words of the second stage's checkpoint."""
    unet, words = build_unet(), Words(tokenizer)
    held = torch.load(training.folder / 'denoiser.pt', map_location='cpu', weights_only=True)['averaged']
    unet.load_state_dict(held['unet'])
    words.load_state_dict(held['words'])
    return unet.to(training.device), words.to(training.device)
