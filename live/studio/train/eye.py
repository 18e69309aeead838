"""The eye: a small network that has learned to name what latents show, and what it sees on the way there.

Trained on the bank alone, then held still. Two latents look alike when what it sees in them is spread alike, wherever
it lies: that tells a blurred picture from a sharp one with other details, and silk from sand. In: latents (n, C, rows,
columns) of the autoencoder.
"""
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from live.studio.train.bank import Bank
from live.studio.train.parts import LATENT_CHANNELS
from live.studio.train.pictures import FAMILIES, PALETTES, PROPERTIES
from live.studio.train.training import Training

BATCH, RATE = 32, 3e-3
EXACT = 30.0                # weight of properties: of an error of 0.13 on the mean, half a nat each
CHANNELS = (48, 64, 96)     # of its stages, each at half the size of the one before
HIDDEN = 128                # between what it sees and properties: fine silk does not look as fine dust does
FILTERS = 24                # directions that each stage is compared in


class Eye(nn.Module):
    """Three stages of two convolutions; what they see, on the mean, tells family, palette and properties.

    Every convolution is normalised over the batch, and every stage is heard: so it knows after 60 steps what took a
    thousand with groups of channels and the last stage alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(nn.Sequential(*convolve(before, after), *convolve(after, after))
                                    for before, after in zip((LATENT_CHANNELS, *CHANNELS), CHANNELS))
        seen = 2 * sum(CHANNELS)
        self.level = nn.BatchNorm1d(seen)
        self.family, self.palette = nn.Linear(seen, len(FAMILIES)), nn.Linear(seen, len(PALETTES))
        self.properties = nn.Sequential(nn.Linear(seen, HIDDEN), nn.SiLU(), nn.Linear(HIDDEN, len(PROPERTIES)))

    def see(self, latents: Tensor) -> list[Tensor]:
        """Return what each stage sees."""
        seen: list[Tensor] = []
        for stage in self.stages:
            latents = stage(latents if not seen else functional.avg_pool2d(latents, 2))
            seen.append(latents)
        return seen

    def forward(self, latents: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits (n, families), (n, palettes) and properties (n, 6)."""
        return self.tell(self.see(latents))

    def tell(self, seen: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return the same from what each stage sees."""
        pooled = self.level(pool(seen))
        return self.family(pooled), self.palette(pooled), self.properties(pooled)


def convolve(before: int, after: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(before, after, 3, 1, 1), nn.BatchNorm2d(after), nn.SiLU()


def pool(seen: list[Tensor]) -> Tensor:
    """Return mean and deviation over the picture of each channel that was seen."""
    return torch.cat([part for maps in seen for part in (maps.mean((2, 3)), (maps.var((2, 3)) + 1e-4).sqrt())], 1)


def train_eye(training: Training, bank: Bank, steps: int) -> Eye:
    """Train, or go on training, to `steps` in all; return the eye, still."""
    eye = Eye().to(training.device)
    state = training.begin('eye', {'eye': eye}, RATE, steps)
    for _ in state.steps():
        entries = {key: value.to(training.device) for key, value in bank.take(BATCH, training.generator).items()}
        with training.half():
            family, palette, properties = (said.float() for said in eye(entries['latent']))
        wanted = shares(entries['family'].long())
        losses: dict[str, Any] = {
            'family': functional.cross_entropy(family, wanted),
            'palette': functional.cross_entropy(palette, entries['palette'].long()),
            'properties': (properties - entries['properties']).square().mean()}
        state.step(losses['family'] + losses['palette'] + EXACT * losses['properties'], **losses)
    state.end()
    return eye.eval().requires_grad_(False)


def shares(codes: Tensor) -> Tensor:
    """Return how much of each family is in pictures of these codes (pictures.py): one, or halves of two."""
    first, second = codes % len(FAMILIES), codes // len(FAMILIES) - 1
    one = functional.one_hot(first, len(FAMILIES)).float()
    two = functional.one_hot(second.clamp_min(0), len(FAMILIES)).float()
    return torch.where((second >= 0)[:, None], (one + two) / 2, one)


def compare_looks(made: list[Tensor], true: list[Tensor]) -> Tensor:
    """Return how unlike latents look, pair by pair, wherever in them things lie; 0 is alike.

    In: the latents, then what each stage of the eye sees in them. Sliced Wasserstein distance (Heitz et al. 2021) of
    patches and of what is seen: values along random directions, sorted, in deviations of the true ones.
    """
    pairs = [(patches(made[0]), patches(true[0])), *zip(made[1:], true[1:])]
    return torch.stack([sliced(*pair) for pair in pairs]).mean()


def patches(latents: Tensor, stride: int = 1) -> Tensor:
    """Return the 3x3 surroundings of every place, as channels, less their mean: texture without tone."""
    rows, columns = ((size - 3) // stride + 1 for size in latents.shape[2:])
    near = functional.unfold(latents, 3, stride=stride).unflatten(1, (latents.shape[1], 9))
    return (near - near.mean(2, keepdim=True)).flatten(1, 2).unflatten(2, (rows, columns))


def sliced(made: Tensor, true: Tensor) -> Tensor:
    directions = torch.randn(FILTERS, made.shape[1], device=made.device)
    said, wanted = (torch.einsum('fc,nchw->nfhw', directions, maps).flatten(2).sort(2).values for maps in (made, true))
    return ((said - wanted).abs().mean((0, 2)) / wanted.std((0, 2))).mean()
