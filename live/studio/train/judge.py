"""The judge: a small classifier of pictures, trained on the picture maker's own output alone.

It has never seen a picture that a model made, so what it recognises in those is there. In: pictures (n, 3, height,
width), 0..1. Out: family, palette, and the features behind them, which pictures are compared by.
"""
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from live.studio.train.pictures import FAMILIES, PALETTES, PICTURE_CELLS, PROPERTIES, draw
from live.studio.train.training import Training

BATCH, RATE, STEPS = 24, 2e-3, 3000
CHANNELS = (24, 48, 96, 128)
SEEN = 128          # pixels a side


class Judge(nn.Module):
    """Four halving stages; mean and deviation over the picture of what the last three see; two answers."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip((3, *CHANNELS), CHANNELS):
            layers.append(nn.Sequential(
                nn.Conv2d(before, after, 5, 2, 2), nn.BatchNorm2d(after), nn.SiLU(),
                nn.Conv2d(after, after, 3, 1, 1), nn.BatchNorm2d(after), nn.SiLU()))
        self.body = nn.Sequential(*layers)
        seen = 2 * sum(CHANNELS[1:])
        self.level = nn.BatchNorm1d(seen)
        self.family, self.palette = nn.Linear(seen, len(FAMILIES)), nn.Linear(seen, len(PALETTES))

    def features(self, pictures: Tensor) -> Tensor:
        """Return (n, 544)."""
        small = functional.interpolate(pictures, (SEEN, SEEN), mode='area')
        maps, seen = small * 4 - 2, []
        for stage in self.body:
            maps = stage(maps)
            seen += [maps.mean((2, 3)), (maps.var((2, 3)) + 1e-4).sqrt()]
        return self.level(torch.cat(seen[2:], 1))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(pictures)
        return self.family(features), self.palette(features)


def train_judge(training: Training, steps: int = STEPS) -> Judge:
    judge = Judge().to(training.device)
    state = training.begin('judge', {'judge': judge}, RATE, steps)
    for _ in state.steps():
        pictures, families, palettes = draw_labelled(BATCH, training)
        with training.half():
            said = judge(pictures)
        loss, right = torch.zeros((), device=training.device), {}
        for name, logits, labels in zip(('family', 'palette'), said, (families, palettes)):
            loss = loss + functional.cross_entropy(logits.float(), labels.to(training.device))
            right[name] = (logits.argmax(1).cpu() == labels).float().mean()
        state.step(loss, **right)
    state.end()
    return judge.eval()


def draw_labelled(count: int, training: Training) -> tuple[Tensor, Tensor, Tensor]:
    """Return pictures (count, 3, 256, 256), families and palettes (count,), properties drawn as captions draw them."""
    generator = training.generator
    families = torch.randint(len(FAMILIES), (count,), generator=generator)
    palettes = torch.randint(len(PALETTES), (count,), generator=generator)
    properties = torch.rand(2, count, len(PROPERTIES), generator=generator).mean(0)
    noise = torch.randn(count, 16, PICTURE_CELLS, PICTURE_CELLS, generator=generator)
    return draw(noise.to(training.device), families, palettes, properties), families, palettes


@torch.inference_mode()
def frechet(first: Tensor, second: Tensor) -> float:
    """Return the Frechet distance of two sets of features (n, d) taken as Gaussians (Heusel et al. 2017)."""
    means, covariances = zip(*((x.double().mean(0), torch.cov(x.double().T)) for x in (first, second)))
    roots: Any = torch.linalg.eigvals(covariances[0] @ covariances[1]).sqrt().real.sum()
    return float((means[0] - means[1]).square().sum() + covariances[0].trace() + covariances[1].trace() - 2 * roots)
