"""First stage: the autoencoder, on crops of pictures drawn as it goes.

Loss: pictures at three scales, their colours once more, both gradients, and the latents' own mean and deviation, so
that every channel is of zero mean and unit variance: no scaling factor, and the decoder's soft clamp at 3 stays out of
the way. A little noise on the latents teaches the decoder to take what a UNet says, which is never exact.

What eight channels cannot hold comes out soft; the last stage (touch.py) sees to that.
"""
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from live.studio.train.parts import build_autoencoder
from live.studio.train.pictures import FAMILIES, PALETTES, PICTURE_CELLS, PROPERTIES, draw
from live.studio.train.training import Training

POOL, REFRESHED = 512, 2        # pictures kept, and drawn anew each step
BATCH, CROP = 12, 128
LATENT_NOISE = 0.08
RATE = 2e-3


def train_autoencoder(training: Training, steps: int) -> Any:
    """Train, or go on training, to `steps` in all; return the autoencoder."""
    model = build_autoencoder().to(training.device, memory_format=torch.channels_last)
    state = training.begin('autoencoder', {'model': model}, RATE, steps)
    pool = draw_random(POOL, training)
    for step in state.steps():
        pool = torch.cat((pool[REFRESHED:], draw_random(REFRESHED, training)))
        crops = crop(pool, training.generator).contiguous(memory_format=torch.channels_last)
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


def draw_random(count: int, training: Training) -> Tensor:
    """Return pictures (count, 3, 256, 256) of every family, palette and property, uniformly."""
    generator = training.generator
    return draw(torch.randn(count, 16, PICTURE_CELLS, PICTURE_CELLS, generator=generator).to(training.device),
                torch.randint(len(FAMILIES), (count,), generator=generator),
                torch.randint(len(PALETTES), (count,), generator=generator),
                torch.rand(count, len(PROPERTIES), generator=generator))


def crop(pool: Tensor, generator: torch.Generator) -> Tensor:
    """Return crops (BATCH, 3, CROP, CROP) at whole cells of the pool's pictures."""
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
