"""Smooth fields and motes made from noise: the brushes of the picture maker.

In: the noise a model will later be given as its own, (n, 16, rows, columns), one cell for every 16x16 pixels. Out:
fields (n, height, width) which follow the noise locally and smoothly, so that a one-step model can learn them by
plain regression. Everything here is a product of small matrices (Gaussians separate into rows and columns): quick on
one thread, exact at the borders, and free in scale. Runs wherever pictures are drawn [any]; knows nothing of
families, palettes and words.
"""
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

CELL_PX = 16
CHANNELS = 16


def between(low: float, high: float, amount: Tensor) -> Tensor:
    """Go from low to high geometrically as amount goes from 0 to 1."""
    return low * (high / low) ** amount


def step(low: float | Tensor, high: float | Tensor, value: Tensor) -> Tensor:
    """Rise smoothly from 0 at low to 1 at high."""
    ramp = ((value - low) / (high - low)).clamp(0, 1)
    return ramp * ramp * (3 - 2 * ramp)


def threshold(share: Tensor) -> Tensor:
    """Return the level which a standard normal value exceeds with the probability `share`."""
    return 2 ** .5 * torch.erfinv(1 - 2 * share)


def bells(points: Tensor, centres: Tensor, sigma: Tensor) -> Tensor:
    """Return Gaussians (n, points, centres); sigma broadcasts to that shape."""
    return torch.exp(-.5 * ((points[..., :, None] - centres[..., None, :]) / sigma) ** 2)


def spread_noise(noise: Tensor, height: int, width: int, sigma_y: Tensor, sigma_x: Tensor) -> Tensor:
    """Smooth noise (n, rows, columns) into a field (n, height, width) of variance one everywhere; sigmas in pixels."""
    def weights(cells: int, size: int, sigma: Tensor) -> Tensor:
        centres = (torch.arange(cells) + .5) * (size / cells)
        bell = bells(torch.arange(size) + .5, centres, sigma)
        return bell / bell.square().sum(-1, keepdim=True).sqrt()
    rows, columns = noise.shape[-2:]
    return weights(rows, height, sigma_y) @ noise @ weights(columns, width, sigma_x).transpose(-1, -2)


def blur(field: Tensor, sigma: Tensor) -> Tensor:
    """Blur a field (n, height, width) by Gaussians of sigma (n, 1, 1) pixels; the borders do not darken."""
    def weights(size: int) -> Tensor:
        points = torch.arange(size) + .5
        bell = bells(points, points, sigma)
        return bell / bell.sum(-1, keepdim=True)
    return weights(field.shape[-2]) @ field @ weights(field.shape[-1]).transpose(-1, -2)


def glow(field: Tensor, sigma_px: float) -> Tensor:
    """Blur widely: at a quarter of the size, which nobody can see."""
    small = F.avg_pool2d(field[:, None], 4)[:, 0]
    wide = blur(small, torch.full((len(field), 1, 1), sigma_px / 4))
    return F.interpolate(wide[:, None], size=field.shape[-2:], mode='bilinear', align_corners=False)[:, 0]


def relief(height: Tensor, toward_y: float, toward_x: float) -> Tensor:
    """Return how far slopes face the light, a height of one in a pixel counting one; the light comes from (y, x)."""
    wide = F.pad(height[:, None], (1, 1, 1, 1), mode='replicate')[:, 0]
    down = wide[:, 2:, 1:-1] - wide[:, :-2, 1:-1]
    across = wide[:, 1:-1, 2:] - wide[:, 1:-1, :-2]
    return -.5 * (toward_y * down + toward_x * across)


class Splats:
    """Separable Gaussians at places (n, m): sums of them weighted by values (n, m) are matrix products."""

    def __init__(self, shape: tuple[int, int], y: Tensor, x: Tensor, radius_y: Tensor, radius_x: Tensor | None = None):
        radius_x = radius_y if radius_x is None else radius_x
        self.offset_y = (torch.arange(shape[0]) + .5)[:, None] - y[:, None, :]
        self.offset_x = (torch.arange(shape[1]) + .5)[:, None] - x[:, None, :]
        self.bell_y = torch.exp(-.5 * (self.offset_y / radius_y[:, None, :]) ** 2)
        self.bell_x = torch.exp(-.5 * (self.offset_x / radius_x[:, None, :]) ** 2)

    def sum(self, values: Tensor) -> Tensor:
        return (self.bell_y * values[:, None, :]) @ self.bell_x.transpose(-1, -2)

    def slope_y(self, values: Tensor) -> Tensor:
        """Sum values weighted by the height above or below the place, in pixels."""
        return (self.bell_y * self.offset_y * values[:, None, :]) @ self.bell_x.transpose(-1, -2)

    def slope_x(self, values: Tensor) -> Tensor:
        return (self.bell_y * values[:, None, :]) @ (self.bell_x * self.offset_x).transpose(-1, -2)


class Material:
    """Noise and properties of some pictures, and the fields a family makes of them."""

    def __init__(self, noise: Tensor, properties: Tensor, cell_px: int = CELL_PX):
        self.noise, self._properties, self.cell_px = noise, properties, cell_px
        self.rows, self.columns = noise.shape[-2:]
        self.shape = self.rows * cell_px, self.columns * cell_px
        columns = properties.clamp(0, 1).T[..., None, None]
        self.light, self.fineness, self.scatter, self.density, self.shimmer, self.softness = columns

    @cached_property
    def coarser(self) -> 'Material':
        """The same pictures, of even rows and columns, in cells of twice the side: their noise is the sum of four."""
        return Material(2 * F.avg_pool2d(self.noise, 2), self._properties, 2 * self.cell_px)

    @cached_property
    def levels(self) -> tuple[Tensor, Tensor, Tensor]:
        """The noise in cells of 16 px (16 channels), of 8 px (4 channels) and of 4 px (1 channel)."""
        return self.noise, F.pixel_shuffle(self.noise, 2), F.pixel_shuffle(self.noise, 4)

    def field(self, level: int, channel: int, sigma_y: Tensor | float, sigma_x: Tensor | float | None = None) -> Tensor:
        """Return a field of variance one; sigmas in pixels, never finer than the level's cells can carry."""
        finest = .56 * self.cell_px / 2 ** level
        sigma_y = torch.as_tensor(sigma_y).clamp(min=finest)
        sigma_x = sigma_y if sigma_x is None else torch.as_tensor(sigma_x).clamp(min=finest)
        return spread_noise(self.levels[level][:, channel], *self.shape, sigma_y, sigma_x)

    def fractal(self, channel: int, coarse_px: float, fine_px: float, roughness: float = .5) -> Tensor:
        """Return three octaves whose scale follows fineness."""
        sigma = between(coarse_px, fine_px, self.fineness)
        first = self.field(0, channel, sigma)
        second = self.field(1, channel % 4, sigma / 2.2)
        third = self.field(2, 0, sigma / 4.8)
        total = first + roughness * second + roughness ** 2 * third
        return total / (1 + roughness ** 2 + roughness ** 4) ** .5

    @cached_property
    def place(self) -> tuple[Tensor, Tensor]:
        """Rows (1, height, 1) and columns (1, 1, width) from -1 to 1."""
        # On its device by name: transformers replaces linspace by one that the context of a device does not reach.
        down, across = (torch.linspace(-1, 1, size, device=self.noise.device) for size in self.shape)
        return down[None, :, None], across[None, None, :]

    @cached_property
    def pull(self) -> Tensor:
        """Where structures gather: high in one or two regions, rather about the middle."""
        y, x = self.place
        return .8 * self.field(0, 15, 42.) + .9 * (.75 - 1.5 * (y * y + x * x)).clamp(min=-1.5)

    @cached_property
    def grip(self) -> Tensor:
        return 2.2 * (1 - self.scatter) ** 1.3

    def gathered(self, field: Tensor) -> Tensor:
        """Lead a field of variance one towards the pull, keeping its distribution over the whole picture."""
        return (field + self.grip * self.pull) / (1 + self.grip ** 2) ** .5

    def sites(self, channel: int, stray: float = .52) -> tuple[Tensor, Tensor]:
        """Return one place a cell, (n, cells) rows and columns in pixels, from two channels.

        stray: how far from the middle, in cells.
        """
        jitter = stray * self.cell_px * torch.tanh(.7 * self.noise[:, channel:channel + 2])
        y = (torch.arange(self.rows) + .5)[:, None] * self.cell_px + jitter[:, 0]
        x = (torch.arange(self.columns) + .5) * self.cell_px + jitter[:, 1]
        return y.flatten(1), x.flatten(1)

    def scores(self, channel: int) -> Tensor:
        """Return one standard normal value a cell, (n, cells), led towards the pull."""
        pull = F.avg_pool2d(self.pull[:, None], self.cell_px)[:, 0]
        grip = self.grip
        return ((self.noise[:, channel] + grip * pull) / (1 + grip ** 2) ** .5).flatten(1)

    def values(self, channel: int) -> Tensor:
        return self.noise[:, channel].flatten(1)

    @staticmethod
    def flat(column: Tensor) -> Tensor:
        """Shape a property (n, 1, 1) for use beside sites (n, cells)."""
        return column[..., 0]

    def present(self, channel: int, few: float, many: float) -> Tensor:
        """Return how present each cell's mote is, 0..1: the share of present ones goes with density."""
        share = between(few, many, self.flat(self.density))
        return torch.sigmoid((self.scores(channel) - threshold(share)) / .12)
