"""Last stage: UNet and text encoder together, from noise to picture in one step.

The usual way to a one-step model is to train a many-step one and distil it, because from noise alone the best single
guess is the blurred mean of all pictures. Here every picture was drawn from its noise (pictures.py), so noise and words
say which picture is meant, and plain regression finds where things lie. What a network of this size cannot compute in
one step would still be blurred; so half of the loss asks how it looks instead, wherever things lie (eye.py): no critic,
no second network to be balanced.

Half of each batch stands at the last timestep with its own noise and nothing else: the trace of the picture that the
schedule leaves there (7 %) would be found first, and is not there when it matters. The rest is spread over the others,
with its own noise or with fresh, which is what img2img and further steps need; some of it starts from another entry's
latent, so that new words are obeyed within the loop.
"""
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from live.studio.train.bank import Bank
from live.studio.train.eye import Eye, compare_looks
from live.studio.train.parts import SCHEDULE, SPECIAL, TOKENS, WIDTH, build_text_encoder, build_unet
from live.studio.train.pictures import PROPERTIES
from live.studio.train.sounds import make_rows
from live.studio.train.training import Training

BATCH, RATE = 32, 1e-3
FROM_NOISE = 0.5            # share of a batch at the last timestep
FRESH = 0.4                 # share of the rest whose noise is not its own
FOREIGN = 0.15              # share of the rest that starts from another entry's latent, at or above FOREIGN_TIME
LEAST_TIME, FOREIGN_TIME = 60, 550
HEARD = (0.25, 1.0)         # weight of the sound where it says what words do not
HEARD_ANYWAY = 0.45         # weights below stand where it says nothing else, too
INJECTED, MOST_INJECTED = 0.25, 0.5     # share with sound injected into the words, and how much of it at most
DEPTH = (0.6, 1.5)
LIMIT = 3.0                 # deviations, as live/conditioning/mix.py clips them
FOLLOW = 0.02               # share by which the statistics of content tokens follow
HUBER = 0.3                 # deviations of a latent: beyond, differences count linearly
LOOK = 1.0                  # weight of how it looks against where it lies


class Words(torch.nn.Module):
    """The text encoder with the statistics of its content tokens, which sound is scaled by."""

    def __init__(self, tokenizer: Any) -> None:
        super().__init__()
        self.encoder = build_text_encoder(tokenizer)
        self.mean, self.std = (torch.nn.Parameter(torch.full((WIDTH,), value), requires_grad=False)
                               for value in (0.0, 1.0))

    def forward(self, tokens: Tensor) -> Tensor:
        text = self.encoder(tokens)[0]
        if self.training:
            self._follow(text.detach().float()[tokens >= len(SPECIAL)])
        return text

    def _follow(self, content: Tensor) -> None:
        self.mean.lerp_(content.mean(0), FOLLOW)
        self.std.lerp_(content.std(0).clamp_min(1e-4), FOLLOW)


class Noised(NamedTuple):
    """What the UNet is shown, and what it shall say. time (n,) long; wanted, latent: (n, C, rows, columns)."""
    seen: Tensor
    time: Tensor
    wanted: Tensor


def train_denoiser(training: Training, bank: Bank, tokenizer: Any, vae: Any, eye: Eye, steps: int
                   ) -> tuple[Any, Words]:
    """Train, or go on training, to `steps` in all; return UNet and words."""
    unet, words = build_unet().to(training.device), Words(tokenizer).to(training.device)
    compute_plainly(unet)
    state = training.begin('denoiser', {'unet': unet, 'words': words}, RATE, steps)
    alphas = alphas_cumprod().to(training.device)
    for step in state.steps():
        entries = bank.take(BATCH, training.generator)
        embedding = condition(words, entries, np.random.default_rng(step), training)
        noised = make_noised(entries, alphas, training)
        with training.half():
            said = unet(noised.seen, noised.time, embedding, return_dict=False)[0].float()
        errors = functional.huber_loss(said, noised.wanted, reduction='none', delta=HUBER).mean((1, 2, 3)) / HUBER
        last = noised.time == len(alphas) - 1
        look = compare_looks(eye, dreamt(noised, said, alphas), entries['latent'].to(training.device))
        state.step(errors.mean() + LOOK * look, noise=errors[last].mean(), rest=errors[~last].mean(), look=look)
        if state.is_time_for_sheet(step):
            show(training, bank, vae, state.averaged['unet'], state.averaged['words'], 'denoiser')
    state.end()
    return unet.eval(), words.eval()


def compute_plainly(unet: Any) -> None:
    """Have attention computed step by step: on a processor, torch's fused one takes a fifth longer to learn from."""
    from diffusers.models.attention_processor import AttnProcessor
    unet.set_attn_processor(AttnProcessor())


def condition(words: Words, entries: dict[str, Tensor], random: np.random.Generator, training: Training) -> Tensor:
    """Return embeddings (n, 2 * TOKENS, WIDTH) as live/conditioning/mix.py makes them: words, then words with sound."""
    count = len(entries['family'])
    text = words(entries['tokens'].long().to(training.device)).float()
    rows = make_rows(entries['properties'].numpy(), PROPERTIES, WIDTH, random)
    deviations = torch.from_numpy(rows).to(training.device) * uniform(count, DEPTH, training)
    sound = words.mean + words.std * deviations.clamp(-LIMIT, LIMIT)
    heard = uniform(count, HEARD, training)
    heard = heard * (entries['sounding'].to(training.device)[:, None, None] | (heard < HEARD_ANYWAY))
    injected = uniform(count, (0, MOST_INJECTED), training) * (uniform(count, (0, 1), training) < INJECTED)
    return join(text, sound, heard, injected)


def join(text: Tensor, sound: Tensor, heard: Tensor, injected: Tensor) -> Tensor:
    """Return words with `injected` (n, 1, 1) of the sound's newest spectrum, then again with `heard` of all of it."""
    words = text.clone()
    words[:, 1:] += injected * (sound[:, :1] - text[:, 1:])
    tiled = sound[:, torch.arange(TOKENS - 1, device=sound.device) % sound.shape[1]]
    behind = words.clone()
    behind[:, 1:] += heard * (tiled - words[:, 1:])
    return torch.cat((words, behind), 1)


def make_noised(entries: dict[str, Tensor], alphas: Tensor, training: Training, from_noise: float = FROM_NOISE
                ) -> Noised:
    latent, noise = (entries[key].to(training.device) for key in ('latent', 'noise'))
    count, last = len(latent), len(alphas) - 1
    chance = torch.rand(3, count, device=training.device)
    time = torch.randint(LEAST_TIME, last, (count,), device=training.device)
    time[:int(count * from_noise)] = last
    rest = time < last
    own = noise
    noise = torch.where((rest & (chance[0] < FRESH))[:, None, None, None], torch.randn_like(noise), noise)
    start = latent
    foreign = (rest & (chance[1] < FOREIGN) & (time >= FOREIGN_TIME))[:, None, None, None]
    start, noise = torch.where(foreign, latent.roll(1, 0), start), torch.where(foreign, own, noise)
    a, b = (share[time].sqrt()[:, None, None, None] for share in (alphas, 1 - alphas))
    seen = torch.where(rest[:, None, None, None], a * start, 0 * start) + b * noise
    return Noised(seen, time, (a * seen - latent) / b)


def dreamt(noised: Noised, said: Tensor, alphas: Tensor) -> Tensor:
    """Return the latents that the UNet's v stands for."""
    a, b = (share[noised.time].sqrt()[:, None, None, None] for share in (alphas, 1 - alphas))
    return a * noised.seen - b * said


def uniform(count: int, limits: tuple[float, float], training: Training) -> Tensor:
    low, high = limits
    return low + (high - low) * torch.rand(count, 1, 1, device=training.device)


def alphas_cumprod() -> Tensor:
    from diffusers import DDIMScheduler
    scheduler: Any = DDIMScheduler(**SCHEDULE)
    return scheduler.alphas_cumprod.float()


@torch.inference_mode()
def dream(unet: Any, embedding: Tensor, start: Tensor, noise: Tensor, time: int, alphas: Tensor) -> Tensor:
    """Return the latents of one step, as the instrument makes it."""
    a, b = float(alphas[time].sqrt()), float((1 - alphas[time]).sqrt())
    seen = a * start + b * noise
    moment = torch.full((len(seen),), time, device=seen.device)
    return a * seen - b * unet(seen, moment, embedding, return_dict=False)[0].float()


@torch.inference_mode()
def show(training: Training, bank: Bank, vae: Any, unet: Any, words: Any, name: str, columns: int = 12) -> None:
    """Write a sheet: real pictures, one step from their noise, one from other noise, img2img at strength 0.6."""
    entries = bank.take(columns, torch.Generator().manual_seed(99))
    embedding = condition(words, entries, np.random.default_rng(99), training)
    latent, noise = (entries[key].to(training.device) for key in ('latent', 'noise'))
    other = torch.randn(noise.shape, generator=torch.Generator().manual_seed(98)).to(training.device)
    alphas = alphas_cumprod()
    rows = [latent] + [dream(unet, embedding, start, noise, time, alphas) for start, noise, time in (
        (torch.zeros_like(latent), noise, 999), (torch.zeros_like(latent), other, 999), (latent, other, 600))]
    training.sheet(name, tuple((vae.decoder(row) / 2 + 0.5).clamp(0, 1) for row in rows))
