"""The picture maker: beautiful pictures whose only randomness is the noise a model will be given as its own.

In: noise (n, 16, rows, columns), one cell for every 16x16 pixels; a family, a palette and six properties a picture.
Out: pictures (n, 3, height, width), float32, 0..1. The same noise always gives the same picture, near noise a near
picture: so a one-step model can learn the way from noise to picture by plain regression, without blur. Families give
light and tint; here the camera follows: softness, glow, exposure, shimmer, vignette, colour. Runs wherever pictures
are drawn [any]; knows nothing of words (captions.py) and models.
"""
import torch
from torch import Tensor

from live.studio.train.families import FAMILIES, FAMILY_BY_NAME, Layers
from live.studio.train.fields import CELL_PX, CHANNELS, Material, between, blur, glow, step
from live.studio.train.measures import MEASURES, measure
from live.studio.train.palettes import PALETTES, colour

PROPERTIES = ('light', 'fineness', 'scatter', 'density', 'shimmer', 'softness')
PICTURE_CELLS = 16
WAVE_PX = 32

__all__ = ['CELL_PX', 'CHANNELS', 'FAMILIES', 'MEASURES', 'PALETTES', 'PICTURE_CELLS', 'PROPERTIES', 'draw', 'measure']


def draw(noise: Tensor, families: Tensor, palettes: Tensor, properties: Tensor) -> Tensor:
    """Draw pictures (n, 3, 16 rows, 16 columns) from noise (n, 16, rows, columns), indices (n,), properties (n, 6).

    A family's number plus len(FAMILIES) * (1 + a second family's number) blends the two: see `blend_code`. They are
    drawn where the noise is.
    """
    device = noise.device
    with torch.no_grad(), device:
        pictures = torch.empty(len(noise), 3, noise.shape[-2] * CELL_PX, noise.shape[-1] * CELL_PX)
        for code in families.unique().tolist():
            group = (families == code).nonzero()[:, 0]
            material = Material(noise[group], properties[group].to(device))
            pictures[group] = photograph(material, layers(material, code), palettes[group].to(device))
    return pictures


def blend_code(first: int, second: int) -> int:
    """Return the family number of two families in one picture."""
    return first + len(FAMILIES) * (1 + second)


def layers(material: Material, code: int) -> Layers:
    second, first = divmod(code, len(FAMILIES))
    light, tint = FAMILY_BY_NAME[FAMILIES[first]](material)
    if not second:
        return light, tint
    other, other_tint = FAMILY_BY_NAME[FAMILIES[second - 1]](material)
    light, other = (field / field.mean((1, 2), keepdim=True) for field in (light, other))
    return .55 * light + .45 * other, (tint + other_tint) / 2


def photograph(material: Material, layers: Layers, palettes: Tensor) -> Tensor:
    """Take the picture: soften, let it glow, expose, lay the shimmer over it, darken the corners, colour."""
    light, tint = layers
    light = blur(light, .3 + 3.4 * material.softness ** 2.2)
    pool = torch.exp(.28 * material.grip * (material.pull - .5).clamp(-2.5, 1.2))
    light = (light + .30 * glow(light, 11) + .10 * glow(light, 36)) * pool
    y, x = material.place
    light = light * (1 - .42 * step(.5, 2., y * y + x * x))
    light = light * between(.28, 2.0, material.light) / light.mean((1, 2), keepdim=True) ** .85 * .75
    light = light * (1 + material.shimmer ** 1.5 * water_light(material))
    light = light ** 1.35
    return colour((1.03 * light / (light + .8)).clamp(max=1), tint.clamp(0, 1), palettes)


def water_light(material: Material) -> Tensor:
    """Return light seen through moving water: lying waves, warped and drawn to lines, here and there; -0.95 or more.

    Unwarped they are WAVE_PX long, four cells of a latent: a wave that a latent can hold and a loop of dreams does not
    feed; to a small model all groups of four cells are alike.
    """
    height, width = material.shape
    y = (torch.arange(height) + .5)[:, None] * (2 * torch.pi / WAVE_PX)
    x = (torch.arange(width) + .5) * (2 * torch.pi / WAVE_PX)
    one, two, three = (2.6 * material.field(0, channel, 24.) for channel in (6, 10, 14))
    waves = torch.exp(1.3 * (torch.cos(y + one) + .7 * torch.cos(y + x / 2 + two) + .6 * torch.cos(y - x / 2 + three)))
    here = torch.sigmoid(1.6 * material.field(0, 2, 30.) + .2)
    return here * (1.3 * waves / waves.mean((1, 2), keepdim=True) - .95)
