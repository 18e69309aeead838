"""The dreamer: UNet and text encoder together, from noise to picture in one step.

The usual way to a one-step model is to train a many-step one and distil it, because from noise alone the best single
guess is the blurred mean of all pictures. Here every picture was drawn from its noise (pictures.py), so noise and words
say which picture is meant, and regression finds where things lie. What a network of this size cannot compute in one
step would be blurred still: so from noise alone regression asks for the broad layout (cells of 32 pixels) and little
more, and the rest is said by how latents look, wherever in them things lie, and by whether the eye names what was meant
(eye.py). Timesteps that still show their picture are held to it.

The first steps know place alone, on crops, which are a quarter as dear. With the eye from the start the dreamer finds
patterns that the eye takes for what was meant, the same from every noise, and stays there. Then come whole latents with
all the rest, and a critic (critic.py), which says what is still wrong.

Much of each batch stands at the last timestep with its own noise and nothing else: the trace of the picture that the
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
from live.studio.train.critic import Critic, hinge, look_at, tell
from live.studio.train.eye import Eye, compare_looks, shares
from live.studio.train.parts import SCHEDULE
from live.studio.train.training import Training
from live.studio.train.words import Words, condition

BATCH, RATE = 16, 1e-3
PLACED, CROP = 0.135, 16    # first share of the steps, on twice as many crops of so many cells a side
FROM_NOISE = 0.67           # share of a batch at the last timestep
FRESH = 0.4                 # share of the rest whose noise is not its own
FOREIGN = 0.15              # share of the rest that starts from another entry's latent, at or above FOREIGN_TIME
LEAST_TIME, FOREIGN_TIME = 60, 550
HUBER = 0.3                 # deviations of a latent: beyond, differences count linearly
BROAD = 4                   # latent cells a side, within which noise alone need not say what lies where
DETAIL = 0.1                # what where exactly counts, from noise alone
LOOK, NAME, PROPERTIES, CRITIC = 1.0, 0.3, 20.0, 0.2


class Noised(NamedTuple):
    """What the UNet is shown, and what it shall say. time: (n,) long; seen, wanted: (n, C, rows, columns)."""
    seen: Tensor
    time: Tensor
    wanted: Tensor


def train_denoiser(training: Training, bank: Bank, unet: Any, words: Words, vae: Any, eye: Eye, steps: int
                   ) -> tuple[Any, Words]:
    """Train, or go on training, to `steps` in all; return UNet and words."""
    critic = Critic().to(training.device)
    compute_plainly(unet)
    state = training.begin('denoiser', {'unet': unet, 'words': words, 'critic': critic}, RATE, steps)
    alphas = alphas_cumprod().to(training.device)
    for step in state.steps():
        placed = step < PLACED * steps
        entries = bank.take(2 * BATCH if placed else BATCH, training.generator)
        if placed:
            entries = crop(entries, training.generator)
        embedding = condition(words, entries, np.random.default_rng(step), training)
        noised = make_noised(entries, alphas, training)
        with training.half():
            said = unet(noised.seen, noised.time, embedding, return_dict=False)[0].float()
        if placed:
            losses = {'place': huber(said, noised.wanted).mean()}
            total = losses['place']
        else:
            entries = {key: value.to(training.device) for key, value in entries.items()}
            made, true = (look_at(eye, latents) for latents in (dreamt(noised, said, alphas), entries['latent']))
            losses = {'place': place(noised, said, noised.time == len(alphas) - 1), 'look': compare_looks(made, true)}
            losses['name'], losses['properties'] = name(eye, made, entries)
            losses['learning'], losses['critic'] = hinge(critic, made, true, tell(entries))
            total = (losses['place'] + LOOK * losses['look'] + NAME * losses['name']
                     + PROPERTIES * losses['properties'] + losses['learning'] + CRITIC * losses['critic'])
        state.step(total, **losses)
        if state.is_time_for_sheet(step):
            show(training, bank, vae, state.averaged['unet'], state.averaged['words'])
    state.end()
    return unet.eval(), words.eval()


def compute_plainly(unet: Any) -> None:
    """Have attention computed step by step: on a processor, torch's fused one takes a fifth longer to learn from."""
    from diffusers.models.attention_processor import AttnProcessor
    unet.set_attn_processor(AttnProcessor())


def crop(entries: dict[str, Tensor], generator: torch.Generator) -> dict[str, Tensor]:
    """Return the entries with CROP cells a side of latent and noise, cut where cells of drawing begin."""
    places = (entries['latent'].shape[-1] - CROP) // 2 + 1
    y, x = (2 * torch.randint(places, (2,), generator=generator)).tolist()
    return {**entries, **{key: entries[key][:, :, y:y + CROP, x:x + CROP] for key in ('latent', 'noise')}}


def make_noised(entries: dict[str, Tensor], alphas: Tensor, training: Training, from_noise: float = FROM_NOISE
                ) -> Noised:
    latent, noise = (entries[key].to(training.device) for key in ('latent', 'noise'))
    count, last = len(latent), len(alphas) - 1
    chance = torch.rand(3, count, device=training.device)
    time = torch.randint(LEAST_TIME, last, (count,), device=training.device)
    time[torch.randperm(count, device=training.device)[:int(count * from_noise)]] = last
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
def show(training: Training, bank: Bank, vae: Any, unet: Any, words: Any, columns: int = 12) -> None:
    """Write a sheet: real pictures, one step from their noise, one from other noise, img2img at strength 0.6."""
    entries = bank.take(columns, torch.Generator().manual_seed(99))
    embedding = condition(words, entries, np.random.default_rng(99), training)
    latent, noise = (entries[key].to(training.device) for key in ('latent', 'noise'))
    other = torch.randn(noise.shape, generator=torch.Generator().manual_seed(98)).to(training.device)
    alphas = alphas_cumprod()
    rows = [latent] + [dream(unet, embedding, start, noise, time, alphas) for start, noise, time in (
        (torch.zeros_like(latent), noise, 999), (torch.zeros_like(latent), other, 999), (latent, other, 600))]
    training.sheet('denoiser', tuple((vae.decoder(row) / 2 + 0.5).clamp(0, 1) for row in rows))
