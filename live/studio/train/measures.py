"""Measures of pictures: light, fineness, scatter, density and shimmer of any pictures (n, 3, height, width), 0..1 colours.

They look at pictures alone, not at how they were made: with them it is shown that sound moves what a model dreams. Units
are their own (none is 0..1 by nature); what counts is the order. Runs wherever pictures are [any].
"""
import torch
import torch.nn.functional as F
from torch import Tensor

MEASURES = ('light', 'fineness', 'scatter', 'density', 'shimmer')
LUMINANCE = (.2126, .7152, .0722)


def measure(pictures: Tensor) -> Tensor:
    """Measure pictures (n, 3, height, width): (n, 5), columns as in MEASURES."""
    with torch.no_grad():
        light = sum(weight * pictures[:, channel] for channel, weight in enumerate(LUMINANCE))
        power, period = spectrum(light)
        columns = light.mean((1, 2)), fineness(power, period), scatter(light), density(light), shimmer(light)
        return torch.stack(columns, 1)


def spectrum(light: Tensor) -> tuple[Tensor, Tensor]:
    """Return the power (n, rows, bins) under a Hann window, and each bin's period in pixels (rows, bins)."""
    height, width = light.shape[-2:]
    window = torch.hann_window(height)[:, None] * torch.hann_window(width)
    power = torch.fft.rfft2((light - light.mean((1, 2), keepdim=True)) * window).abs() ** 2
    frequency = torch.sqrt(torch.fft.fftfreq(height)[:, None] ** 2 + torch.fft.rfftfreq(width) ** 2)
    return power, 1 / frequency.clamp(min=1e-4)


def fineness(power: Tensor, period: Tensor) -> Tensor:
    """The centre of the amplitude spectrum, in octaves below one pixel: structure's typical period, negative."""
    inside = (period < 128) & (period > 2.5)
    weight = power.sqrt() * inside / period
    return (weight * -torch.log2(period)).sum((1, 2)) / weight.sum((1, 2)).clamp(min=1e-9)


def detail(light: Tensor) -> Tensor:
    """The energy of structure in every pixel: what differs from its surroundings, relative to the light."""
    small = F.avg_pool2d(light[:, None], 2)
    around = F.avg_pool2d(small, 15, 1, 7, count_include_pad=False)
    return ((small - around)[:, 0]).square()


def scatter(light: Tensor) -> Tensor:
    """The evenness of structure over a 4x4 grid: the entropy of its shares."""
    share = F.adaptive_avg_pool2d(detail(light)[:, None].sqrt(), 4).flatten(1) + 1e-6
    share = share / share.sum(1, keepdim=True)
    return -(share * share.log()).sum(1)


def density(light: Tensor) -> Tensor:
    """The share of the picture that structure covers: how far from a few peaks in the dark."""
    energy = detail(light).flatten(1)
    return (energy.sqrt().mean(1) ** 2 / energy.mean(1).clamp(min=1e-12))


def shimmer(light: Tensor) -> Tensor:
    """How far the band of 7 to 12.5 px stands above its neighbours, in nepers of relative light."""
    power, period = spectrum(torch.log(light + .02))
    def level(low: float, high: float) -> Tensor:
        inside = (period >= low) & (period < high)
        return torch.log((power * inside).sum((1, 2)) / inside.sum() + 1e-9)
    return level(7, 12.5) - .5 * level(4.2, 6.2) - .5 * level(14, 22)
