"""Palettes: from a light 0..1 and a tint 0..1 to colours; the one place that knows colours.

Every palette is a path through OKLCH (Ottosson 2020, 'A perceptual color space for image processing'): all share one
lightness, so that a picture's light hardly depends on its palette; hue and chroma are their own. Tint leads between
the two hues of a palette, so that depth has colour. Runs wherever pictures are drawn [any].
"""
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

LIGHTS = 512
TINTS = 24


class Palette(NamedTuple):
    """Hues in degrees of OKLCH, in the dark, the middle and the light; their turn with tint; chroma of the middle."""

    dark: float
    middle: float
    light: float
    turn: float
    chroma: float


PALETTE_BY_NAME = {
    'blue':    Palette(262, 252, 225,  26, .150),
    'indigo':  Palette(282, 279, 282,  14, .185),
    'teal':    Palette(215, 195, 182,  24, .105),
    'violet':  Palette(294, 304, 316,  20, .190),
    'silver':  Palette(255, 250, 240,  30, .012),
    'amber':   Palette(35,  58,  78,  22,  .155),
    'rose':    Palette(-12, 6,   12,  20,  .170),
    'emerald': Palette(165, 152, 142,  24, .150),
    'crimson': Palette(18,  26,  34,  14,  .215),
    'gold':    Palette(68,  86,  96,  16,  .150),
}
PALETTES = tuple(PALETTE_BY_NAME)


def to_rgb(lightness: Tensor, chroma: Tensor, hue: Tensor) -> Tensor:
    """Turn OKLCH (hue in radians) into sRGB 0..1, clipped, last axis the channels."""
    a, b = chroma * torch.cos(hue), chroma * torch.sin(hue)
    long = (lightness + .3963377774 * a + .2158037573 * b) ** 3
    medium = (lightness - .1055613458 * a - .0638541728 * b) ** 3
    short = (lightness - .0894841775 * a - 1.2914855480 * b) ** 3
    linear = torch.stack([
        4.0767416621 * long - 3.3077115913 * medium + .2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - .3413193965 * short,
        -.0041960863 * long - .7034186147 * medium + 1.7076147010 * short], -1).clamp(0, 1)
    return torch.where(linear < .0031308, 12.92 * linear, 1.055 * linear.clamp(min=1e-6) ** (1 / 2.4) - .055)


def ramp(palette: Palette) -> Tensor:
    """Return the colours (TINTS, LIGHTS, 3) of a palette."""
    light = torch.linspace(0, 1, LIGHTS)
    tint = torch.linspace(-1, 1, TINTS)[:, None]
    lightness = (.085 + .89 * light).expand(TINTS, LIGHTS)
    before, after = (1 - 2 * light).clamp(min=0), (2 * light - 1).clamp(min=0)
    hue = palette.middle + (palette.dark - palette.middle) * before ** 1.2 + (palette.light - palette.middle) * after
    chroma = palette.chroma * (1 - .68 * before ** 1.6) * (1 - .86 * after ** 1.3)
    return to_rgb(lightness, chroma.expand(TINTS, LIGHTS), torch.deg2rad(hue + palette.turn * tint * (1 - .3 * after)))


@cache
def ramps(device: torch.device) -> Tensor:
    """All palettes as one table (3, palettes * TINTS * LIGHTS)."""
    return torch.stack([ramp(palette) for palette in PALETTE_BY_NAME.values()]).reshape(-1, 3).T.contiguous().to(device)


def colour(light: Tensor, tint: Tensor, palettes: Tensor) -> Tensor:
    """Colour light and tint (n, height, width), both 0..1, by palettes (n,): (n, 3, height, width)."""
    index = (light * (LIGHTS - 1) + .5).to(torch.int32) + LIGHTS * (tint * (TINTS - 1) + .5).to(torch.int32)
    index += (palettes.to(torch.int32) * (TINTS * LIGHTS))[:, None, None]
    return torch.stack([row[index] for row in ramps(light.device)], 1)
