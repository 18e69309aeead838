"""The critic: tells drawn latents from dreamed ones, looking through the eye, which is held still.

What the eye sees is meaningful from the start, so a few small layers behind each of its stages learn within hundreds
of steps what is still wrong in a dream (Sauer et al. 2021, 'Projected GANs converge faster'); one more set looks at the
latents themselves. It is told what should be there, so that silk that looks like sand is wrong as well.
"""
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from live.studio.train.eye import CHANNELS, Eye, shares
from live.studio.train.parts import LATENT_CHANNELS
from live.studio.train.pictures import FAMILIES, PALETTES, PROPERTIES

WIDTH = 64
STRIDES = (2, 2, 2, 1)      # of the latents and of what each stage sees


class Critic(nn.Module):
    """Verdicts (n, places): high where a latent looks drawn."""

    def __init__(self) -> None:
        super().__init__()
        told = len(FAMILIES) + len(PALETTES) + len(PROPERTIES)
        self.told = nn.Linear(told, WIDTH * len(STRIDES))
        self.heads = nn.ModuleList(nn.Sequential(
            nn.Conv2d(channels, WIDTH, 3, stride, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(WIDTH, WIDTH, 3, 1, 1), nn.LeakyReLU(0.2))
            for channels, stride in zip((LATENT_CHANNELS, *CHANNELS), STRIDES))
        self.verdicts = nn.ModuleList(nn.Conv2d(WIDTH, 1, 1) for _ in STRIDES)

    def forward(self, seen: list[Tensor], told: Tensor) -> Tensor:
        """Judge what was seen (the latents first, then the eye's stages) of what was told (n, ...)."""
        keys = self.told(told).chunk(len(STRIDES), 1)
        found = []
        for maps, head, verdict, key in zip(seen, self.heads, self.verdicts, keys):
            maps = head(maps)
            fits = (maps * key[:, :, None, None]).mean(1, keepdim=True)
            found.append((verdict(maps) + fits).flatten(1))
        return torch.cat(found, 1)


def tell(entries: dict[str, Tensor]) -> Tensor:
    """Return what the critic is told of entries of the bank: (n, families + palettes + properties)."""
    palettes = functional.one_hot(entries['palette'].long(), len(PALETTES)).float()
    return torch.cat((shares(entries['family'].long()), palettes, entries['properties']), 1)


def hinge(critic: nn.Module, made: list[Tensor], true: list[Tensor], *told: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the critic has still to learn, and what the dreamer has: hinge losses.

    The first moves the critic alone, the second the dreamer alone, so one step down their sum moves both.
    """
    drawn, dreamed = critic(true, *told), critic([maps.detach() for maps in made], *told)
    still = {name: value.detach() for name, value in critic.named_parameters()}
    verdict: Any = torch.func.functional_call(critic, still, (made, *told))
    return functional.relu(1 - drawn).mean() + functional.relu(1 + dreamed).mean(), -verdict.mean()


def look_at(eye: Eye, latents: Tensor) -> list[Tensor]:
    """Return the latents, then what each stage of the eye sees in them."""
    return [latents, *eye.see(latents)]
