"""Words and sound as the UNet reads them; and the stage in which they are told to mean something.

Told by the losses of pictures alone, text encoder and pooled embedding stay on a plateau for thousands of steps, and
all families stay one texture. So before the UNet learns anything, these two alone learn to tell family and palette by
two linear heads, which are thrown away, and properties along directions of their own: they leave the plateau within 200
steps. The directions are given, and long: told by a head that may amplify them, fineness and density come to lie so low
in the pooled embedding that the UNet does not find them in thousands of steps.
"""
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from live.studio.train.bank import Bank
from live.studio.train.eye import shares
from live.studio.train.parts import SPECIAL, TOKENS, WIDTH, build_text_encoder
from live.studio.train.pictures import FAMILIES, PALETTES, PROPERTIES
from live.studio.train.sounds import make_rows
from live.studio.train.training import Training

BATCH, RATE = 48, 2e-3
EXACT = 10.0                # weight of the mean square error of properties
LOUD = 8.0                  # by how much a property moves pooled text from 0 to 1, whose length is 16
HEARD = (0.25, 1.0)         # weight of the sound where it says what words do not
HEARD_ANYWAY = 0.45         # weights below stand where it says nothing else, too
INJECTED, MOST_INJECTED = 0.25, 0.5     # share with sound injected into the words, and how much of it at most
DEPTH = (0.6, 1.5)
LIMIT = 3.0                 # deviations, as live/conditioning/mix.py clips them
FOLLOW = 0.02               # share by which the statistics of content tokens follow


class Words(nn.Module):
    """The text encoder with the statistics of its content tokens, which sound is scaled by."""

    def __init__(self, tokenizer: Any) -> None:
        super().__init__()
        self.encoder = build_text_encoder(tokenizer)
        self.mean, self.std = (nn.Parameter(torch.full((WIDTH,), value), requires_grad=False) for value in (0.0, 1.0))

    def forward(self, tokens: Tensor) -> Tensor:
        text = self.encoder(tokens)[0]
        if self.training:
            self._follow(text.detach().float()[tokens >= len(SPECIAL)])
        return text

    def _follow(self, content: Tensor) -> None:
        self.mean.lerp_(content.mean(0), FOLLOW)
        self.std.lerp_(content.std(0).clamp_min(1e-4), FOLLOW)


def teach_words(training: Training, bank: Bank, unet: Any, words: Words, steps: int) -> None:
    """Train, or go on training, text encoder and pooled embedding to `steps` in all."""
    pooled = unet.add_embedding
    size = pooled.proj.out_features
    heads = nn.ModuleList(nn.Linear(size, len(names)) for names in (FAMILIES, PALETTES)).to(training.device)
    training.generator.manual_seed(training.seed)
    directions = torch.randn(size, len(PROPERTIES), generator=training.generator)
    directions = torch.linalg.qr(directions)[0].to(training.device) / LOUD
    state = training.begin('words', {'pooled': pooled, 'words': words, 'heads': heads}, RATE, steps)
    for step in state.steps():
        entries = bank.take(BATCH, training.generator)
        said = pooled(condition(words, entries, np.random.default_rng(step), training))
        family, palette = (head(said) for head in heads)
        entries = {key: value.to(training.device) for key, value in entries.items()}
        losses = {'family': functional.cross_entropy(family, shares(entries['family'].long())),
                  'palette': functional.cross_entropy(palette, entries['palette'].long()),
                  'properties': (0.5 + said @ directions - entries['properties']).square().mean()}
        state.step(losses['family'] + losses['palette'] + EXACT * losses['properties'], **losses)
    state.end()


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


def uniform(count: int, limits: tuple[float, float], training: Training) -> Tensor:
    low, high = limits
    return low + (high - low) * torch.rand(count, 1, 1, device=training.device)
