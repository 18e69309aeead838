"""Before the finish: one head of the UNet's pooled text is opened to what sound says.

Attention finds words at once, and values of the sound hardly ever, though the mean over all rows holds them: after
6,000 steps pooled text told nothing of fineness, density and beating, while a linear reading of that mean is mistaken
by 0.17 of 0..1. So the head that matters least is set to that mean and to that reading, found by ridge regression. What
to do with it the UNet learns by itself, within hundreds of steps.
"""
from typing import Any

import numpy as np
import torch
from torch import Tensor

from live.studio.train.bank import Bank
from live.studio.train.denoiser import Words, condition
from live.studio.train.pictures import PROPERTIES
from live.studio.train.training import Training

COUNT, PORTION = 3072, 96       # entries that the reading is found from; at once
RIDGE = 1.0
SEED = 5_000_000                # of the sounds made up for it
SHARE = 0.15                    # deviation that each property adds to pooled text, whose own is about one


@torch.no_grad()
def open_ear(training: Training, bank: Bank, unet: Any, words: Words) -> Tensor:
    """Open the least of the heads; return the mean square error of its reading of each property."""
    pooled, ear = unet.add_embedding, unet.add_embedding.pool
    training.generator.manual_seed(training.seed)
    means, contents, wanted = listen(training, bank, pooled, words)
    size = ear.dim_per_head
    heads = [slice(k * size, (k + 1) * size) for k in range(ear.num_heads)]
    least = min(heads, key=lambda head: float((contents[:, head] @ pooled.proj.weight[:, head].T).var(0).sum()))
    reading, offset = regress(means, wanted)
    for layer in (ear.k_proj, ear.v_proj):      # without keys, attention is the mean
        layer.weight[least], layer.bias[least] = 0.0, 0.0
    said, told = means @ reading + offset, slice(least.start, least.start + len(PROPERTIES))
    scale = SHARE / said.std(0)
    ear.v_proj.weight[told], ear.v_proj.bias[told] = (reading * scale).T, (offset - said.mean(0)) * scale
    outputs = pooled.proj.out_features
    directions = torch.linalg.qr(torch.randn(outputs, len(PROPERTIES), generator=training.generator))[0]
    pooled.proj.weight[:, least] = 0.0
    pooled.proj.weight[:, told] = outputs ** 0.5 * directions.to(means.device)
    return (said - wanted).square().mean(0)


def listen(training: Training, bank: Bank, pooled: Any, words: Words) -> tuple[Tensor, Tensor, Tensor]:
    """Return the mean over all rows (n, width) of embeddings, what the heads say of them, and their properties."""
    found = []
    for number in range(COUNT // PORTION):
        entries = bank.take(PORTION, training.generator)
        rows = pooled.norm1(condition(words, entries, np.random.default_rng(SEED + number), training))
        rows = torch.cat((rows.mean(1, keepdim=True) + pooled.pool.positional_embedding, rows), 1)
        found.append((rows.mean(1), pooled.pool(rows[:, 1:]), entries['properties'].to(training.device)))
    means, contents, wanted = (torch.cat(parts) for parts in zip(*found))
    return means, contents, wanted


def regress(means: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Return the ridge regression of (n, outputs) on (n, inputs): a matrix (inputs, outputs) and an offset."""
    centre, spread = means.mean(0), means.std(0) + 1e-6
    scaled = (means - centre) / spread
    square = scaled.T @ scaled + RIDGE * torch.eye(scaled.shape[1], device=means.device)
    reading = torch.linalg.solve(square, scaled.T @ (wanted - wanted.mean(0))) / spread[:, None]
    return reading, wanted.mean(0) - centre @ reading
