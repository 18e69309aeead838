"""Measures of pictures: light, fineness, scatter, density and shimmer of any pictures (n, 3, height, width), 0..1.

They look at pictures alone, not at how they were made: with them it is shown that sound moves what a model dreams.
Each has its own unit; what counts is the order. Runs wherever pictures are [any]; knows nothing of families and
noise.
"""
import torch
import torch.nn.functional as F
from torch import Tensor

MEASURES = ('light', 'fineness', 'scatter', 'density', 'shimmer')
LUMINANCE = (.2126, .7152, .0722)
# Below this light nothing is seen: relative contrast is measured against it.
DARK = .03


def measure(pictures: Tensor) -> Tensor:
    """Measure pictures (n, 3, height, width): (n, 5), columns as in MEASURES."""
    with torch.no_grad():
        light = (pictures * torch.tensor(LUMINANCE)[:, None, None]).sum(1)
        return torch.stack([light.mean((1, 2)), fineness(light), scatter(light), density(light), shimmer(light)], 1)


def spectrum(light: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the power (n, rows, bins) under a Hann window and each bin's two frequencies in cycles a pixel."""
    height, width = light.shape[-2:]
    window = torch.hann_window(height)[:, None] * torch.hann_window(width)
    power = torch.fft.rfft2((light - light.mean((1, 2), keepdim=True)) * window).abs() ** 2
    upright = torch.fft.fftfreq(height).abs()[:, None].expand(power.shape[1:])
    return power, upright, torch.fft.rfftfreq(width).expand(power.shape[1:])


def fineness(light: Tensor) -> Tensor:
    """Return how steep details are for their contrast: the mean square of their frequency, in nepers.

    Details: what stands out of the mean over 49 pixels, in the root of the light.
    """
    light = light[:, None].sqrt()
    detail = light - F.avg_pool2d(F.pad(light, (24,) * 4, mode='replicate'), 49, 1)
    slopes = detail.diff(dim=-1).square().mean((1, 2, 3)) + detail.diff(dim=-2).square().mean((1, 2, 3))
    return torch.log(slopes / detail.var((1, 2, 3)).clamp(min=1e-9) + 1e-9)


def scatter(light: Tensor) -> Tensor:
    """Return how evenly light spreads over a 4x4 grid: the entropy of its shares."""
    share = F.adaptive_avg_pool2d(light[:, None], 4).flatten(1) + 1e-6
    share = share / share.sum(1, keepdim=True)
    return -(share * share.log()).sum(1)


def density(light: Tensor) -> Tensor:
    """Return the share of the picture that holds structure."""
    calm = F.avg_pool2d(light[:, None], 2)
    contrast = (calm - F.avg_pool2d(calm, 15, 1, 7, count_include_pad=False)).abs() / calm.mean((1, 2, 3), keepdim=True)
    return torch.sigmoid((F.avg_pool2d(contrast, 9, 1, 4) - .08) / .03).mean((1, 2, 3))


def shimmer(light: Tensor) -> Tensor:
    """Return by how much lying waves of 24 to 42 px stand above shorter and longer ones, in nepers of power."""
    power, upright, across = spectrum(torch.log(light + DARK))

    def level(band: Tensor) -> Tensor:
        band = band & (across < .016)
        return torch.log((power * band).sum((1, 2)) / band.sum() + 1e-9)
    beside = (upright > .012) & (upright < .02) | (upright > .05) & (upright < .08)
    return level((upright > .024) & (upright < .042)) - level(beside)
