"""First stage: the autoencoder, on crops of pictures drawn as it goes.

Loss: pictures at three scales, their colours once more, both gradients, and the latents' own mean and deviation, so
that every channel is of zero mean and unit variance: no scaling factor, and the decoder's soft clamp at 3 stays out of
the way. A little noise on the latents teaches the decoder to take what a UNet says, which is never exact.

What eight channels cannot hold comes out soft: 0.3 of the energy above a quarter of Nyquist is left. So the decoder is
trained a second time, with the encoder held still, to make pictures that look as sharp as they were (eye.py), and
calm: shimmer is waves as long as a latent cell, which a loop of dreams feeds until all is dots. A fifth of it is left.
"""
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from live.studio.train.eye import patches, sliced
from live.studio.train.parts import build_autoencoder
from live.studio.train.pictures import FAMILIES, PALETTES, PICTURE_CELLS, PROPERTIES, draw
from live.studio.train.training import Training

POOL, REFRESHED = 512, 4        # pictures kept, and drawn anew each step
BATCH, CROP = 12, 128
LATENT_NOISE = 0.08
RATE, SHARPER_RATE = 2e-3, 1e-3
LOOK, SCALES = 0.3, 2           # weight of how crops look, and at how many sizes, each half the one before
STILLER = 0.45                  # of its shimmer that the decoder lets a picture have


def train_autoencoder(training: Training, steps: int) -> Any:
    """Train, or go on training, to `steps` in all; return the autoencoder."""
    model = build_autoencoder().to(training.device, memory_format=torch.channels_last)
    state = training.begin('autoencoder', {'model': model}, RATE, steps)
    pool = draw_random(POOL, training.generator)
    for step in state.steps():
        pool = torch.cat((pool[REFRESHED:], draw_random(REFRESHED, training.generator)))
        crops = crop(pool, training.generator).to(training.device, memory_format=torch.channels_last)
        with training.half():
            latents = model.encoder(crops * 2 - 1)
            noisy = latents + LATENT_NOISE * torch.randn_like(latents)
            decoded = model.decoder(noisy).float()
        latents = latents.float()
        loss = picture_loss(decoded, crops * 2 - 1) + statistics_loss(latents)
        state.step(loss, loss=loss)
        if state.is_time_for_sheet(step):
            training.sheet('autoencoder', (crops[:8], (decoded[:8] / 2 + 0.5).clamp(0, 1)))
    state.end()
    return model.eval()


def sharpen_decoder(training: Training, model: Any, steps: int) -> Any:
    """Train, or go on training, the decoder to `steps` more in all; what the encoder says stays as it is."""
    decoder, encoder = model.decoder.train().requires_grad_(True), model.encoder.eval().requires_grad_(False)
    state = training.begin('decoder', {'decoder': decoder}, SHARPER_RATE, steps)
    pool = draw_pairs(POOL // 2, training.generator)
    for step in state.steps():
        pool = torch.cat((pool[REFRESHED // 2:], draw_pairs(REFRESHED // 2, training.generator)))
        seen, wanted = (crop(pool, training.generator).to(training.device) * 2 - 1).split(3, 1)
        with training.half():
            latents = encoder(seen.contiguous(memory_format=torch.channels_last))
            decoded = decoder(latents + LATENT_NOISE * torch.randn_like(latents)).float()
        looks = compare_crops(decoded, wanted)
        loss = picture_loss(decoded, wanted)
        state.step(loss + LOOK * looks, loss=loss, looks=looks)
        if state.is_time_for_sheet(step):
            training.sheet('decoder', tuple((rows[:8] / 2 + 0.5).clamp(0, 1) for rows in (seen, wanted, decoded)))
    state.end()
    return model.eval()


def compare_crops(made: Tensor, true: Tensor) -> Tensor:
    """Return how unlike pictures look, pair by pair, wherever in them things lie; 0 is alike."""
    distances = []
    for _ in range(SCALES):
        distances.append(sliced(patches(made), patches(true)))
        made, true = (functional.avg_pool2d(pictures, 2) for pictures in (made, true))
    return torch.stack(distances).mean()


def draw_random(count: int, generator: torch.Generator) -> Tensor:
    """Return pictures (count, 3, 256, 256) of every family, palette and property, uniformly."""
    return draw(*sample(count, generator))


def draw_pairs(count: int, generator: torch.Generator) -> Tensor:
    """Return such pictures and, behind each, itself with less shimmer, (count, 6, 256, 256)."""
    noise, families, palettes, properties = sample(count, generator)
    still = properties.clone()
    still[:, PROPERTIES.index('shimmer')] *= STILLER
    return torch.cat([draw(noise, families, palettes, each) for each in (properties, still)], 1)


def sample(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return what `draw` takes."""
    return (torch.randn(count, 16, PICTURE_CELLS, PICTURE_CELLS, generator=generator),
            torch.randint(len(FAMILIES), (count,), generator=generator),
            torch.randint(len(PALETTES), (count,), generator=generator),
            torch.rand(count, len(PROPERTIES), generator=generator))


def crop(pool: Tensor, generator: torch.Generator) -> Tensor:
    """Return crops (BATCH, channels, CROP, CROP) at whole cells of the pool's pictures."""
    chosen = torch.randint(len(pool), (BATCH,), generator=generator).tolist()
    places = (16 * torch.randint((pool.shape[-1] - CROP) // 16 + 1, (BATCH, 2), generator=generator)).tolist()
    return torch.stack([pool[k, :, y:y + CROP, x:x + CROP] for k, (y, x) in zip(chosen, places)])


def picture_loss(said: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean difference at full, half and quarter size, of colours without light, and of the gradients."""
    loss = (said - wanted).abs().mean() + 2 * (said - wanted - (said - wanted).mean(1, keepdim=True)).abs().mean()
    for size in (2, 4):
        loss = loss + (functional.avg_pool2d(said, size) - functional.avg_pool2d(wanted, size)).abs().mean()
    for axis in (-1, -2):
        loss = loss + 3 * (said.diff(dim=axis) - wanted.diff(dim=axis)).abs().mean()
    return loss


def statistics_loss(latents: Tensor) -> Tensor:
    mean, std = latents.mean((0, 2, 3)), latents.std((0, 2, 3))
    return 0.1 * (mean.square() + (std - 1).square()).mean()
