"""Families: what a picture is made of. Each turns a Material into light and tint, both (n, height, width).

Light is zero or more, in any unit (the camera in pictures.py exposes it); tint is 0..1 and leads through the
palette's hues. Every family answers to fineness, scatter, density and softness itself; light, shimmer and colour come
later. Each is a local, smooth function of the noise. Runs wherever pictures are drawn [any].
"""
from typing import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from live.studio.train.fields import CELL_PX, Material, Splats, between, relief, step, threshold

Layers = tuple[Tensor, Tensor]


def dim(material: Material, channel: int) -> Tensor:
    """Return a slow field 0..1: air, depth, the tint of things."""
    return torch.sigmoid(1.1 * material.field(0, channel, 34.))


def motes(material: Material, channel: int, radius_px: Tensor, few: float, many: float, stray: float = .52) -> Tensor:
    """Return round motes, one or none a cell; each has its own size and brightness."""
    y, x = material.sites(channel, stray)
    size = torch.exp(.35 * material.values(channel + 2))
    bright = material.present(channel + 3, few, many) * torch.exp(.5 * material.values(channel + 4) - .3)
    return Splats(material.shape, y, x, material.flat(radius_px) * size).sum(bright)


def dust(material: Material) -> Layers:
    """Motes at two depths in a slant of light: far ones are many and sharp, near ones large and faint."""
    radius = between(3.6, 1.6, material.fineness) * between(.85, 1.4, material.softness)
    near = 1 - torch.exp(-2.5 * motes(material.coarser, 0, 3. * radius, .10, .75, .38))
    far = 1 - torch.exp(-2.5 * motes(material, 5, radius, .06, .90, .38))
    air = torch.sigmoid(1.3 * material.gathered(material.field(0, 14, between(50, 26, material.fineness))))
    return .06 * air ** 2 + (.35 + air) * (.28 * near + .9 * far), dim(material, 13)


def clouds(material: Material) -> Layers:
    """Banks of cloud lit from above: lit tops, dark bellies."""
    sigma = between(60, 11, material.fineness)
    billow = material.field(1, 1, .30 * sigma, .42 * sigma).abs() - .8
    billow = billow + .5 * material.field(2, 0, .14 * sigma, .2 * sigma).abs() - .4
    body = material.gathered(material.field(0, 0, .7 * sigma, 1.3 * sigma))
    body = body - between(.16, .5, material.fineness) * billow
    cover = -threshold(between(.85, .22, material.density)) - .15
    edge = between(.35, 1., material.softness)
    thick = step(cover - edge, cover + 2.2 * edge, body)
    lit = torch.sigmoid(.55 * sigma * relief(body + .2 * material.field(0, 1, sigma), -1, -.5) + .8)
    sky = .05 + .06 * torch.sigmoid(-2. * material.place[0] - .5)
    return sky + thick * (.22 + 1.0 * lit * (.35 + .65 * thick)), .15 + .7 * lit * thick


def sheet(field: Tensor, sharp: Tensor, fall: Tensor) -> Tensor:
    """A sheet seen along its edge: bright at the fold, fading to one side."""
    return torch.sigmoid(field / sharp) * torch.exp(-field.clamp(min=0) / fall)


def ink(material: Material) -> Layers:
    """Ink sinking in water: plumes folded into thin sheets, bright where a sheet is seen along its edge."""
    sigma = between(40, 12, material.fineness)
    sharp = between(.025, .16, material.softness)
    folds = .5 * material.field(0, 3, 1.1 * sigma, .45 * sigma) + .22 * material.field(1, 1, .55 * sigma, .22 * sigma)
    plume = material.gathered(material.field(0, 0, 1.9 * sigma, .9 * sigma)) + folds
    cover = -threshold(between(.85, .30, material.density)) - .75
    body = torch.sigmoid((plume - cover) / .35)
    light = torch.zeros_like(plume)
    for number in range(5):
        curl = .55 * material.field(0, 4 + number, 1.2 * sigma, .5 * sigma)
        level = .9 * plume + curl - (cover + .15 + .5 * number)
        light = light + (1 - .12 * number) * sheet(level, sharp, torch.full_like(sharp, .26))
    return .03 + body * (.10 + .75 * light), torch.sigmoid(1.6 * folds + .5 * (plume - cover) - .4)


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
    contrast = between(.30, 1.25, material.density)
    rays = .9 * material.field(1, 0, 70., rays_px) + .4 * material.field(2, 0, 60., rays_px / 2)
    rays = torch.exp(contrast * rays - .5 * contrast ** 2)
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
    size = between(8.5, 4.2, material.flat(material.fineness)) * torch.exp(.3 * material.values(2))
    tufts = Splats(material.shape, y, x, size).sum(torch.ones_like(size)).clamp(max=1.3)
    grain = material.field(2, 0, between(4.2, 2.3, material.fineness))
    grain = grain + .6 * material.field(1, 1, between(11, 5, material.fineness))
    edge = between(.10, .6, material.softness)
    cover = -threshold(between(.88, .2, material.density))
    body = material.gathered(material.field(0, 3, between(44, 20, material.fineness))) + .22 * grain + .5 * (tufts - .7)
    patch = step(cover - edge, cover + edge, body)
    lit = relief(between(10, 5, material.fineness) * (tufts + .16 * grain), -1, -.7)
    cushion = (.18 + torch.sigmoid(1.5 * lit - .7)) * (.45 + .6 * tufts)
    rim = torch.exp(-((body - cover) / (.4 * edge + .1)) ** 2)
    ground = .04 + .03 * torch.sigmoid(grain)
    tint = torch.sigmoid(.8 * material.field(0, 9, 24.) + .9 * (patch - .5) + .5 * lit)
    return ground + patch * cushion + .10 * rim, tint


def ripples(material: Material) -> Layers:
    """Rings spreading from drops on dark water, their slopes catching the light."""
    height, width = material.shape
    half = height // 2, width // 2
    coarse = 4 * F.avg_pool2d(material.noise, 4)
    y, x = (torch.arange(size) * 2. + 1 for size in half)
    rows, columns = coarse.shape[-2:]
    pull = F.adaptive_avg_pool2d(material.pull[:, None], (rows, columns))[:, 0]
    score = (coarse[:, 2] + material.grip * pull) / (1 + material.grip ** 2) ** .5
    share = between(.12, .9, material.density)
    there = torch.sigmoid((score - threshold(share)) / .15)
    wave = 2 * torch.pi / between(34, 9, material.fineness)
    surface = .12 * F.interpolate(material.field(0, 5, 30., 60.)[:, None], size=half)[:, 0]
    for row in range(rows):
        for column in range(columns):
            centre = coarse[:, :, row, column, None, None]
            down = y[:, None] - (row + .5 + .45 * torch.tanh(centre[:, 0])) * 4 * CELL_PX
            across = x - (column + .5 + .45 * torch.tanh(centre[:, 1])) * 4 * CELL_PX
            distance = torch.sqrt(down * down + across * across + 9)
            reach = 60 * torch.exp(.3 * centre[:, 3])
            rings = torch.cos(distance * wave - 2 * centre[:, 4]) * torch.exp(-distance / reach)
            surface = surface + there[:, row, column, None, None] * 1.3 * rings
    slope = relief(surface, -1, -.35) / wave / 1.8
    surface, slope = (F.interpolate(field[:, None], size=material.shape, mode='bicubic', align_corners=False)[:, 0]
                      for field in (surface, slope))
    gloss = between(3.6, 1.6, material.softness)
    glint = torch.exp(gloss * (slope.clamp(-1.5, 1.2) - .55))
    sky = .25 + .75 * dim(material, 14)
    tint = torch.sigmoid(1.3 * surface + .6 * material.field(0, 9, 40.))
    return .04 + sky * (.07 + .09 * torch.sigmoid(3 * surface) + 1.1 * glint), tint


def glass(material: Material) -> Layers:
    """Broken glass: flat shards, each with its own light and gradient, bright along their edges."""
    y, x = material.sites(0)
    fineness, softness = material.flat(material.fineness), material.flat(material.softness)
    share = between(.08, .98, fineness)
    apart = CELL_PX / share ** .5
    stay = torch.sigmoid((material.values(2) - threshold(share)) / .1)
    radius = (apart * between(.12, .2, softness)).expand_as(y)
    splats, finer = Splats(material.shape, y, x, radius), Splats(material.shape, y, x, radius / 2 ** .5)
    weight = 1e-9 + stay
    mass = splats.sum(weight) + 1e-36
    lit = threshold(between(.15, .8, material.flat(material.density)))
    glow_there = torch.sigmoid((material.scores(3) - lit) / .25)
    bright = weight * (.06 + glow_there * torch.exp(.5 * material.values(4) - .2))
    flat = splats.sum(bright) / mass
    slope = splats.slope_y(bright * material.values(5)) + splats.slope_x(bright * material.values(6))
    slope = slope / mass / apart[..., None]
    edge = 1 - finer.sum(weight ** 2) / mass.clamp(min=1e-18) ** 2
    lead = edge.clamp(0, .6)
    light = (flat + .55 * slope).clamp(min=.01) * (1 - .6 * lead) + 1.5 * lead * (.08 + flat)
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
    """Ridges of dunes behind each other, crests in low light, hazier towards the far ones."""
    y, _ = material.place
    sigma = between(80, 17, material.fineness)
    edge = between(.006, .05, material.softness)
    count = between(2.2, 8.5, material.density)
    light = .20 * torch.exp(-(1 + y) * 1.3) * (1 + .2 * material.field(0, 15, 40., 80.))
    tint = torch.full_like(light, .25)
    for number in range(8):
        depth = (number + .5) / count
        scale = .5 + .75 * depth
        profile = material.field(0, number, 90., scale * sigma)
        profile = profile + .16 * material.field(1, number % 4, 40., .28 * scale * sigma)
        crest = -.75 + 1.7 * depth.clamp(max=1.2) + between(.18, .10, material.fineness) * scale * profile
        below = (y - crest).clamp(min=0) / scale
        shade = .4 * material.field(0, 8 + number % 7, 40.)
        facing = torch.sigmoid(1.6 * scale * sigma * relief(profile, 0, -1) + shade)
        lit = (.25 + .75 * facing) * torch.exp(-between(2.6, 1.5, material.softness) * below)
        slope = .01 + .10 * (1 - depth).clamp(min=0) + (.35 + .65 * depth.clamp(max=1)) * lit
        slope = slope + .35 * facing * torch.exp(-below / between(.03, .09, material.softness))
        here = torch.sigmoid((y - crest) / edge) * step(.0, .8, count - number)
        light, tint = light + here * (slope - light), tint + here * (.15 + .7 * lit - tint)
    sand = between(.04, .30, material.fineness) * material.field(2, 0, 2.3, between(14, 4, material.fineness))
    return .015 + light * (1 + sand * tint) * torch.exp(.45 * material.grip * (material.pull - .4)), tint


def nebula(material: Material) -> Layers:
    """Glowing gas behind dark lanes, and stars of every size."""
    gas = material.gathered(material.fractal(0, 56, 11, .65))
    cloud = torch.exp(1.15 * gas - .6)
    lanes = torch.sigmoid((material.fractal(5, 44, 10, .6).abs() - .32) / between(.08, .3, material.softness))
    small = between(1.9, .85, material.fineness)
    bright = between(.55, 2.2, material.fineness)
    stars = 1.6 * motes(material, 8, small, .03, .95) + 4.5 * motes(material, 3, .9 * small, .01, .14)
    halo = motes(material, 3, 6 * small, .01, .14)
    light = .05 + .30 * cloud * (.22 + .78 * lanes) + bright * stars + .5 * halo
    return light, torch.sigmoid(1.3 * material.field(0, 13, 30.) + .5 * (1 - lanes))


def silk(material: Material) -> Layers:
    """Hanging folds of silk: soft flanks, a sheen along every fold, a second weave showing through."""
    sigma = between(44, 13, material.fineness)
    drape = material.field(0, 0, 3.2 * sigma, sigma) + .45 * material.field(0, 1, 1.3 * sigma, 1.1 * sigma)
    count = between(.75, 2.0, material.density)
    height = torch.sin(2.2 * count * drape + .6 * material.field(0, 2, 40.)) + .35 * torch.sin(3.7 * count * drape + 1)
    slope = relief(height, -.35, -1) * sigma / (1.6 * count)
    facing = torch.sigmoid(between(3.2, 1.5, material.softness) * (slope + .15 * height))
    sheen = torch.exp(-((slope - .55) / between(.16, .5, material.softness)) ** 2)
    pool = torch.exp(.5 * material.grip * (material.pull - .4)) * (.45 + .8 * dim(material, 3))
    tint = torch.sigmoid(1.1 * slope + .7 * material.field(0, 9, 34.))
    return .04 + pool * (.10 + .50 * facing + .45 * sheen * (.6 + .4 * height)), tint


def rain(material: Material) -> Layers:
    """Rain on a window at night: drops that bend the light, trails, and lights far out of focus."""
    lamps = 1 - torch.exp(-1.6 * motes(material, 9, torch.full_like(material.density, 10.), .09, .09))
    y, x = material.sites(0, .45)
    size = between(6.4, 3.0, material.flat(material.fineness)) * torch.exp(.34 * material.values(2))
    there = material.present(3, .10, .97)
    mass = Splats(material.shape, y, x, 1.15 * size, size).sum(there)
    edge = between(.07, .3, material.softness)
    drop = step(.5 - edge, .5 + edge, mass)
    bend = torch.sigmoid(2.2 * relief(mass, 1, .2) * between(6.4, 3.0, material.fineness) - .9)
    spark = Splats(material.shape, y - .55 * size, x - .3 * size, .26 * size).sum(there)
    run = there * step(.7, 1.3, material.values(4))
    trail = Splats(material.shape, y - 30, x, torch.full_like(size, 15.), .5 * size).sum(run)
    pane = .045 + .07 * dim(material, 14) + .34 * lamps
    light = pane * (1 - .8 * drop) + drop * bend * (.45 + 1.3 * lamps) + .9 * spark + .20 * trail
    return light, torch.sigmoid(1.2 * material.field(0, 8, 26.) + .7 * drop - .4)


def strands(material: Material) -> Layers:
    """Long threads of light, taut across the dark, some vibrating out of focus."""
    sigma = between(32, 6, material.fineness)
    length = between(190, 90, material.fineness)
    width = between(.05, .16, material.softness)
    flow = material.gathered(material.field(0, 12, 36.))
    alive = torch.sigmoid(2.5 * (flow - threshold(between(.2, .92, material.density))))
    light = torch.zeros(len(material.noise), *material.shape)
    for number, level in enumerate((0, 1, 1, 1)):
        line = material.field(level, number, sigma * (1 - .1 * number), length)
        glowing = torch.exp(.8 * material.field(0, 5 + number, 20., 60.))
        there = step(float(number) - .9, float(number) + .4, between(.7, 4, material.density) - .2)
        light = light + there * glowing * (torch.exp(-line.abs() / width) + .10 * torch.exp(-line.abs() / (5 * width)))
    return .03 + light * (.12 + alive), torch.sigmoid(1.2 * material.field(0, 10, 20., 60.) + .3)


FAMILY_BY_NAME: dict[str, Callable[[Material], Layers]] = {
    drawing.__name__: drawing for drawing in
    (dust, clouds, ink, embers, aurora, moss, ripples, glass, veins, dunes, nebula, silk, rain, strands)}
FAMILIES = tuple(FAMILY_BY_NAME)
