"""The picture maker: pictures follow noise, families, palettes and properties, and the measures see it."""
import pytest
import torch

from live.studio.train.fields import Material
from live.studio.train.measures import MEASURES, measure
from live.studio.train.palettes import PALETTES, colour
from live.studio.train.pictures import FAMILIES, PROPERTIES, blend_code, draw

# Families whose measure of a property does not follow it strictly.
LOOSE = {'scatter': ('moss',), 'density': ('aurora',)}


@pytest.fixture(autouse=True, scope='module')
def one_thread():
    """Draw as the trainer's workers draw; small matrices gain nothing from more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def noise(count, rows=16, columns=16, seed=11):
    return torch.randn(count, 16, rows, columns, generator=torch.Generator().manual_seed(seed))


def pictures(family, count=1, seed=11, cells=16, **properties):
    """Draw `count` pictures of one family; a property given as a tensor (count,) varies over them."""
    table = torch.tensor([.5, .5, .5, .5, .2, .5]).repeat(count, 1)
    for name, value in properties.items():
        table[:, PROPERTIES.index(name)] = torch.as_tensor(value, dtype=torch.float32)
    start = noise(1, cells, cells, seed).expand(count, -1, -1, -1)
    return draw(start, torch.full((count,), FAMILIES.index(family)), torch.zeros(count, dtype=torch.long), table)


@pytest.mark.parametrize('family', FAMILIES)
def test_pictures_are_neither_black_nor_flat_nor_burnt(family):
    dim, bright = measure(pictures(family, count=2, light=torch.tensor([0., 1.])))[:, 0]
    picture = pictures(family, light=1.)
    assert .005 < dim < bright < .75
    assert picture.dtype == torch.float32 and 0 <= picture.min() and picture.max() <= 1
    assert picture.std() > .03


@pytest.mark.parametrize('family', FAMILIES)
def test_the_same_noise_draws_the_same_picture_alone_or_in_a_batch(family):
    codes = torch.tensor([FAMILIES.index(family), 0, 1])
    properties = torch.full((3, 6), .5)
    together = draw(noise(3), codes, torch.tensor([0, 1, 2]), properties)[0]
    alone = draw(noise(3)[:1], codes[:1], torch.tensor([0]), properties[:1])[0]
    assert torch.allclose(together, alone, atol=.02)


@pytest.mark.parametrize('family', FAMILIES)
def test_pictures_are_drawn_where_their_noise_is(family):
    """On the device that holds shapes alone, whatever is made elsewhere is refused."""
    codes = torch.tensor([FAMILIES.index(family)])
    made = draw(noise(1).to('meta'), codes, torch.tensor([0]), torch.full((1, 6), .5))
    assert made.device.type == 'meta' and made.shape == (1, 3, 256, 256)
    assert draw(noise(1), codes, torch.tensor([0]), torch.full((1, 6), .5)).device.type == 'cpu'


@pytest.mark.parametrize('family', FAMILIES)
def test_near_noise_draws_a_near_picture(family):
    start, other = noise(1), noise(1, seed=12)
    near = .9998 ** .5 * start + .0002 ** .5 * other
    one, two, far = draw(torch.cat([start, near, other]), torch.full((3,), FAMILIES.index(family)),
                         torch.zeros(3, dtype=torch.long), torch.full((3, 6), .5))
    assert (one - two).abs().mean() < .2 * (one - far).abs().mean()


@pytest.mark.parametrize('family', FAMILIES)
@pytest.mark.parametrize('name', PROPERTIES)
def test_a_small_turn_of_a_property_makes_a_small_change(family, name):
    low, near, high = pictures(family, count=3, cells=8, **{name: torch.tensor([.4, .41, .8])})
    assert 0 < (low - near).abs().mean() < .35 * (low - high).abs().mean()


@pytest.mark.parametrize('name', MEASURES)
def test_measures_follow_their_property(name):
    values = torch.tensor([.05, .35, .65, .95])
    for family in sorted(set(FAMILIES) - set(LOOSE.get(name, ()))):
        seen = sum(measure(pictures(family, count=4, seed=seed, **{name: values}))[:, MEASURES.index(name)]
                   for seed in (11, 12, 13))
        assert (seen.diff() > 0).all(), f'{name} of {family}: {seen.tolist()}'


def test_wide_pictures_are_drawn_as_well():
    count = len(FAMILIES)
    blue = torch.zeros(count, dtype=torch.long)
    drawn = draw(noise(count, 8, 14), torch.arange(count), blue, torch.full((count, 6), .5))
    assert drawn.shape == (count, 3, 128, 224)
    assert drawn.isfinite().all() and (drawn.flatten(1).std(1) > .02).all()


def test_coarser_cells_hold_noise_of_the_same_kind():
    material = Material(noise(4), torch.full((4, 6), .5))
    assert material.coarser.shape == material.shape
    assert material.coarser.noise.std() == pytest.approx(1, abs=.05)


def test_two_families_blend():
    code = blend_code(FAMILIES.index('dust'), FAMILIES.index('clouds'))
    both = draw(noise(1), torch.tensor([code]), torch.tensor([0]), torch.full((1, 6), .5))
    dust, clouds = pictures('dust', shimmer=.5), pictures('clouds', shimmer=.5)
    apart = (dust - clouds).abs().mean()
    assert (both - dust).abs().mean() < apart and (both - clouds).abs().mean() < apart


def test_palettes_share_their_light_and_differ_in_hue():
    ramp = torch.linspace(0, 1, 64).expand(len(PALETTES), 1, 64)
    colours = colour(ramp, torch.full_like(ramp, .5), torch.arange(len(PALETTES)))
    light = (colours * torch.tensor([.2126, .7152, .0722])[:, None, None]).sum(1)
    middle = colours[:, :, 0, 24:44].mean(-1)
    assert (light.diff(dim=-1) > -.004).all()
    assert torch.pdist(middle).min() > .08
    assert middle[PALETTES.index('blue')].argmax() == 2
