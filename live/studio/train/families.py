"""Families: what a picture is made of. Each turns a Material into light and tint, both (n, height, width).

Light is zero or more, in any unit (the camera in pictures.py exposes it); tint is 0..1 and leads through the palette's
hues. Every family answers to fineness, scatter, density and softness itself; light, shimmer and colour come later. Each
is a local, smooth function of the noise. Runs wherever pictures are drawn [any].
"""
from typing import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from live.studio.train.fields import CELL_PX, Material, Splats, between, step, threshold

Layers = tuple[Tensor, Tensor]


def dim(material: Material, channel: int) -> Tensor:
    """Return a slow field 0..1: air, depth, the tint of things."""
    return torch.sigmoid(1.1 * material.field(0, channel, 34.))


def motes(material: Material, channel: int, radius_px: Tensor, few: float, many: float) -> Tensor:
    """Return round motes, one or none a cell; each has its own size and brightness."""
    y, x = material.sites(channel)
    size = torch.exp(.35 * material.values(channel + 2))
    bright = material.present(channel + 3, few, many) * torch.exp(.5 * material.values(channel + 4) - .3)
    return Splats(material.shape, y, x, material.flat(radius_px) * size).sum(bright)


def dust(material: Material) -> Layers:
    """Motes at three depths in a slant of light: far ones are many and sharp, near ones large and faint."""
    radius = between(3.4, 1.1, material.fineness) * between(.85, 1.5, material.softness)
    near = 1 - torch.exp(-2.5 * motes(material, 0, 3.2 * radius, .03, .22))
    middle = motes(material, 5, 1.5 * radius, .05, .6)
    far = motes(material, 9, .8 * radius, .08, .95)
    air = torch.sigmoid(1.3 * material.gathered(material.field(0, 14, between(50, 26, material.fineness))))
    return .10 * air ** 2 + (.35 + air) * (.16 * near + .75 * middle + .8 * far), dim(material, 13)


def clouds(material: Material) -> Layers:
    """Banks of cloud lit from above: lit tops, dark bellies."""
    body = material.gathered(material.fractal(0, 54, 12, .45, 1.7))
    edge = between(.5, 1.6, material.softness)
    cover = threshold(between(.25, .85, material.density))
    thick = step(-cover * 0 + cover - .7 * edge, cover + 1.5 * edge, body)
    reach = between(9, 3, material.fineness)
    above = spread_down(body, reach)
    lit = torch.sigmoid(1.6 * (body - above))
    return .05 + thick * (.25 + 1.1 * lit * (.4 + thick)), (.25 + .6 * lit) * .9


def spread_down(field: Tensor, reach: Tensor) -> Tensor:
    """Return what lies above each place, by a fraction of the picture's rows given in pixels."""
    height = field.shape[-2]
    points = torch.arange(height) + .5
    bell = torch.exp(-.5 * ((points[:, None] - points[None, :] - 1.6 * reach) / reach) ** 2)
    return (bell / bell.sum(-1, keepdim=True).clamp(min=1e-3)) @ field


def sheet(field: Tensor, sharp: Tensor, fall: Tensor) -> Tensor:
    """A sheet seen along its edge: bright at the fold, fading to one side."""
    return torch.sigmoid(field / sharp) * torch.exp(-field.clamp(min=0) / fall)


def ink(material: Material) -> Layers:
    """Ink sinking in water: plumes folded into thin sheets, bright where a sheet is seen along its edge."""
    sigma = between(46, 13, material.fineness)
    body = material.gathered(material.field(0, 0, 1.5 * sigma, sigma))
    folds = .42 * material.field(0, 3, .8 * sigma, .5 * sigma) + .2 * material.field(1, 1, .4 * sigma, .25 * sigma)
    plume = body + folds
    sharp = between(.02, .12, material.softness)
    cover = threshold(between(.12, .65, material.density))
    inside = torch.sigmoid((plume - cover) / (3 * sharp))
    light = .7 * sheet(plume - cover, sharp, .30)
    for number, depth in enumerate((.45, .95, 1.5)):
        level = plume - cover - depth + .5 * material.field(0, 4 + number, .7 * sigma, .45 * sigma)
        light = light + (.55 - .1 * number) * sheet(level, sharp, .35) * inside
    return .035 + light + .12 * inside, torch.sigmoid(1.2 * folds + .8 * (plume - cover))


def embers(material: Material) -> Layers:
    """A bed of coals cracked by glow, and sparks rising from it."""
    y, _ = material.place
    sigma = between(26, 9.5, material.fineness)
    width = between(.10, .30, material.softness)
    coal = material.field(0, 0, .8 * sigma, sigma)
    cracks = torch.exp(-(coal + .3 * material.field(1, 1, sigma / 3)).abs() / width)
    cracks = cracks + .6 * torch.exp(-material.field(0, 2, .6 * sigma, .8 * sigma).abs() / width)
    heat = material.gathered(.9 * material.field(0, 3, 30.)) + .8 * (2.0 * y - .5)
    bed = torch.sigmoid(2.2 * (heat - threshold(between(.3, .7, material.density))))
    rows, columns = material.sites(4)
    radius = between(2.6, .9, material.flat(material.fineness)) * torch.exp(.3 * material.values(6))
    bright = material.present(7, .05, .75) * torch.exp(.6 * material.values(8))
    sparks = Splats(material.shape, rows, columns, 2.1 * radius, radius).sum(bright)
    return .03 + bed * (.10 + 1.0 * cracks) + 1.5 * sparks, torch.sigmoid(2.5 * bed * cracks + 1.5 * sparks - 1.2)


def aurora(material: Material) -> Layers:
    """Curtains of light: a bright lower hem, rays that fade upwards."""
    y, _ = material.place
    sigma = between(46, 15, material.fineness)
    count = between(1.2, 3.4, material.density)
    fade = between(.50, .24, material.density)
    rays_px = between(9, 3, material.fineness) * between(.8, 2, material.softness)
    rays = torch.exp(.75 * material.field(1, 0, 70., rays_px.clamp(min=4.5)) + .35 * material.field(2, 0, 60., rays_px / 2) - .4)
    pull = torch.exp(.55 * material.grip * (material.pull - .5))
    light = torch.zeros(len(material.noise), *material.shape)
    for number in range(4):
        hem = .48 * material.field(0, 2 + number, 70., sigma) + .12 * material.field(1, 1, 60., .5 * sigma)
        height = hem + (.55 - .42 * number) - y
        there = step(float(number) - .6, float(number) + .4, count)
        strength = torch.exp(.6 * material.field(0, 8 + number, 80., 1.5 * sigma))
        light = light + there * strength * sheet(height, between(.012, .06, material.softness), fade)
    light = light * rays * pull
    return .03 + light, torch.sigmoid(1.5 * (.1 - y) + .8 * material.field(0, 13, 36.))


def moss(material: Material) -> Layers:
    """Cushions of moss and crusts of lichen, lit from the side; bare dark ground between."""
    y, x = material.sites(0)
    size = between(9.5, 4.4, material.flat(material.fineness))
    lift = torch.exp(.3 * material.values(2))
    splats = Splats(material.shape, y, x, size * lift)
    body = material.gathered(material.fractal(3, 46, 22, .35))
    edge = between(.12, .6, material.softness)
    cover = threshold(between(.22, .88, material.density))
    patch = step(cover - edge, cover + edge, body)
    ones = torch.ones_like(lift)
    mass = splats.sum(ones)
    slope = (splats.slope_y(ones) + .6 * splats.slope_x(ones)) / (mass + .12) / size[..., None]
    grain = material.field(2, 0, between(3.6, 2.3, material.fineness))
    cushion = torch.sigmoid(-1.7 * slope + .55 * grain * (1.1 - material.softness) - .2) * (.35 + .75 * mass.clamp(max=1.2))
    rim = torch.exp(-((body - cover) / (.5 * edge + .1)) ** 2)
    return .035 + patch * (.16 + cushion) + .12 * rim * (.5 + cushion), torch.sigmoid(material.field(0, 9, 24.) + .9 * (patch - .5))


def ripples(material: Material) -> Layers:
    """Rings spreading from drops on dark water, their slopes catching the light."""
    height, width = material.shape
    half = height // 2, width // 2
    coarse = 4 * F.avg_pool2d(material.noise, 4)
    y, x = (torch.arange(size) * 2. + 1 for size in half)
    pull = F.adaptive_avg_pool2d(material.pull[:, None], coarse.shape[-2:])[:, 0]
    score = (coarse[:, 2] + material.grip * pull) / (1 + material.grip ** 2) ** .5
    share = between(.08, .85, material.density)
    there = torch.sigmoid((score - threshold(share)) / .15)
    wave = 2 * torch.pi / between(34, 9, material.fineness)
    surface = .12 * torch.nn.functional.interpolate(material.field(0, 5, 30., 60.)[:, None], size=half)[:, 0]
    for row in range(coarse.shape[-2]):
        for column in range(coarse.shape[-1]):
            centre = coarse[:, :, row, column, None, None]
            down = y[:, None] - (row + .5 + .45 * torch.tanh(centre[:, 0])) * 4 * CELL_PX
            across = x - (column + .5 + .45 * torch.tanh(centre[:, 1])) * 4 * CELL_PX
            distance = torch.sqrt(down * down + across * across + 9)
            reach = 46 * torch.exp(.3 * centre[:, 3])
            rings = torch.cos(distance * wave - 2 * centre[:, 4]) * torch.exp(-distance / reach)
            surface = surface + there[:, row, column, None, None] * rings
    surface = F.interpolate(surface[:, None], size=material.shape, mode='bicubic', align_corners=False)[:, 0]
    gloss = between(4.2, 1.8, material.softness)
    sky = .3 + .7 * dim(material, 14)
    return .05 + sky * torch.exp(gloss * (surface.clamp(-1.5, 1.1) - .75)), torch.sigmoid(1.6 * surface + .5 * material.field(0, 9, 40.))


def glass(material: Material) -> Layers:
    """Broken glass: flat shards, each with its own light and gradient, bright along their edges."""
    y, x = material.sites(0)
    fineness, softness = material.flat(material.fineness), material.flat(material.softness)
    share = between(.10, 1.0, fineness).clamp(max=.97)
    apart = CELL_PX / share ** .5
    stay = torch.sigmoid((material.values(2) - threshold(share)) / .1)
    radius = (apart * between(.20, .34, softness)).expand_as(y)
    splats, finer = Splats(material.shape, y, x, radius), Splats(material.shape, y, x, radius / 2 ** .5)
    weight = 1e-4 + stay
    mass = splats.sum(weight) + 1e-30
    glow_there = torch.sigmoid((material.scores(3) - threshold(between(.15, .8, material.flat(material.density)))) / .25)
    bright = weight * (.06 + glow_there * torch.exp(.5 * material.values(4) - .2))
    flat = splats.sum(bright) / mass
    slope = (splats.slope_y(bright * material.values(5)) + splats.slope_x(bright * material.values(6))) / mass / apart[..., None]
    edge = 1 - finer.sum(weight ** 2) / mass ** 2
    lead = edge.clamp(0, .6) ** 1.5
    light = (flat + .55 * slope).clamp(min=.01) * (1 - .6 * lead) + 1.1 * lead * (.08 + flat)
    return .02 + light, torch.sigmoid(splats.sum(weight * 1.6 * material.values(7)) / mass)


def veins(material: Material) -> Layers:
    """Veins and roots: thick ones fork into thin ones, tapering."""
    sigma = between(42, 12, material.fineness)
    width = between(.05, .16, material.softness) * between(1.1, .8, material.density)
    flow = material.gathered(material.field(0, 12, 40.))
    alive = torch.sigmoid(3 * (flow - threshold(between(.3, .9, material.density))))
    light = torch.zeros(len(material.noise), *material.shape)
    for number, scale in enumerate((1., .8, .62, .5)):
        line = material.field(0, number, scale * sigma) + .35 * material.field(1, number, .36 * scale * sigma)
        taper = torch.exp(.5 * material.field(0, 4 + number, 24.))
        there = step(float(number) - .9, float(number) + .4, between(.9, 4, material.density) - .2)
        light = light + there * .8 ** number * torch.exp(-line.abs() / (width * taper / (1 + .2 * number))) * taper
    flesh = torch.exp(-material.field(0, 0, sigma).abs() / .5)
    return .03 + alive * (light + .12 * flesh), torch.sigmoid(1.1 * material.field(0, 9, 30.) + light - .6)


def dunes(material: Material) -> Layers:
    """Dunes in low light: sharp crests, lit flanks, long shadows; smaller towards the far edge."""
    y, x = material.place
    sigma = between(40, 13, material.fineness) * torch.exp(.45 * y)
    swell = material.field(0, 0, .62 * sigma, 2.1 * between(40, 13, material.fineness))
    ridge = swell + .28 * material.field(1, 1, .34 * sigma, sigma.mean(-2, keepdim=True)) + .8 * y
    count = between(.8, 2.3, material.density)
    phase = 1.25 * count * ridge
    turn = torch.sin(phase) + .35 * torch.sin(2 * phase) + .12 * torch.sin(3 * phase)
    hard = between(5, 1.6, material.softness)
    lit = torch.sigmoid(hard * (turn - .1))
    pool = torch.exp(.45 * material.grip * (material.pull - .4))
    haze = .10 + .12 * step(.2, -1., y)
    return .04 + haze + lit * (.25 + .7 * turn.clamp(min=0) ** 1.5) * pool, torch.sigmoid(1.8 * (lit - .5) - .8 * y)


def nebula(material: Material) -> Layers:
    """Glowing gas behind dark lanes, and stars of every size."""
    gas = material.gathered(material.fractal(0, 52, 17, .55))
    cloud = torch.exp(1.15 * gas - .6)
    lanes = torch.sigmoid((material.fractal(5, 40, 13, .6).abs() - .32) / between(.08, .3, material.softness))
    small = between(1.7, .85, material.fineness)
    stars = 1.8 * motes(material, 8, small, .06, .85) + 5 * motes(material, 3, .9 * small, .01, .12)
    halo = motes(material, 3, 6 * small, .01, .12)
    light = .05 + .30 * cloud * (.22 + .78 * lanes) + stars + .5 * halo
    return light, torch.sigmoid(1.3 * material.field(0, 13, 30.) + .5 * (1 - lanes))


def silk(material: Material) -> Layers:
    """Folds of silk: wide, smooth, a sheen along every fold."""
    sigma = between(52, 21, material.fineness)
    drape = material.field(0, 0, 1.4 * sigma, .9 * sigma) + .5 * material.field(0, 1, 1.1 * sigma, 1.1 * sigma)
    count = between(1.1, 3.2, material.density)
    phase = torch.pi * count * drape + .5 * material.field(0, 2, 40.)
    sheen = (.5 + .5 * torch.sin(phase)) ** between(3.4, 1.3, material.softness)
    under = .5 + .5 * torch.sin(.5 * phase + 1 + .8 * material.field(0, 3, 40.))
    glint = torch.exp(between(26, 6, material.softness) * (torch.sin(phase - .5) - 1))
    pool = torch.exp(.5 * material.grip * (material.pull - .4))
    return .05 + pool * (.55 * sheen * (.35 + .65 * under) + .16 * under + .4 * glint * under), torch.sigmoid(2.2 * (under - .5) + sheen - .5)


def rain(material: Material) -> Layers:
    """Rain on a window at night: drops that bend the light, trails, and lights far out of focus."""
    lamps = 1 - torch.exp(-2.2 * motes(material, 9, torch.full_like(material.density, 13.), .10, .10))
    y, x = material.sites(0)
    size = between(4.6, 2.0, material.flat(material.fineness)) * torch.exp(.32 * material.values(2))
    there = material.present(3, .12, .97)
    splats = Splats(material.shape, y, x, 1.12 * size, size)
    mass = splats.sum(there)
    edge = between(.10, .34, material.softness)
    drop = step(.42 - edge, .42 + edge, mass)
    slope = splats.slope_y(there / size) / (mass + .05)
    bend = torch.sigmoid(2.4 * slope - .5)
    spark = Splats(material.shape, y - .7 * size, x - .3 * size, .3 * size).sum(there)
    run = there * step(.9, 1.5, material.values(4))
    trail = Splats(material.shape, y - 26, x, torch.full_like(size, 15.), .55 * size).sum(run)
    pane = .05 + .10 * dim(material, 14) + .5 * lamps
    light = pane * (1 - .75 * drop) + drop * (.9 * bend * (.35 + lamps)) + .9 * spark + .22 * trail
    return light, torch.sigmoid(1.4 * material.field(0, 8, 26.) + .6 * drop - .3)


def strands(material: Material) -> Layers:
    """Long threads of light, taut across the dark, some vibrating out of focus."""
    sigma = between(20, 5.5, material.fineness)
    width = between(.05, .16, material.softness)
    flow = material.gathered(material.field(0, 12, 36.))
    alive = torch.sigmoid(2.5 * (flow - threshold(between(.2, .92, material.density))))
    light = torch.zeros(len(material.noise), *material.shape)
    for number, level in enumerate((0, 1, 1, 1)):
        line = material.field(level, number, sigma * (1 - .1 * number), 150.)
        glowing = torch.exp(.8 * material.field(0, 5 + number, 20., 60.))
        there = step(float(number) - .9, float(number) + .4, between(.7, 4, material.density) - .2)
        light = light + there * glowing * (torch.exp(-line.abs() / width) + .10 * torch.exp(-line.abs() / (5 * width)))
    return .03 + light * (.12 + alive), torch.sigmoid(1.2 * material.field(0, 10, 20., 60.) + .3)


FAMILY_BY_NAME: dict[str, Callable[[Material], Layers]] = {
    drawing.__name__: drawing for drawing in
    (dust, clouds, ink, embers, aurora, moss, ripples, glass, veins, dunes, nebula, silk, rain, strands)}
FAMILIES = tuple(FAMILY_BY_NAME)
