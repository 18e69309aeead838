import numpy as np
import pytest
import torch

from live.diffusion.watch import REST, Watch, look_at

LATENT = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(1))


def picture(kind, seed=0, size=128):
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand((1, 3, size, size), generator=generator) * 2 - 1
    kinds = {'noise': noise, 'black': torch.full_like(noise, -1.0), 'grey': 0.005 * noise,
             'white': torch.full_like(noise, 1.2),
             'lights': torch.where(noise[:, :1].expand_as(noise) > 0.98, 1.0, -1.0),
             'corners': noise.sign() * 1.5}
    return kinds[kind]


def watch(kinds, seconds=0.1, moved=True):
    """Return when and how a film dies: kinds of pictures, seconds apart."""
    eye, before = Watch(), None
    for number, kind in enumerate(kinds):
        now = picture(kind, number)
        word = eye.look(look_at(LATENT, now, before), seconds, moved)
        if word:
            return word, round((number + 1) * seconds, 3)
        before = now
    return '', 0.0


def test_a_living_film_does_not_die():
    assert watch(['noise'] * 150) == ('', 0.0)


@pytest.mark.parametrize('kind, word', [('black', 'flat'), ('grey', 'flat'), ('white', 'flat'),
                                        ('corners', 'saturated')])
def test_flat_and_saturated_pictures_die_in_two_seconds(kind, word):
    assert watch([kind] * 40) == (word, pytest.approx(2.0, abs=0.11))


def test_lights_in_the_dark_are_alive():
    assert watch(['lights'] * 60) == ('', 0.0)


def test_a_flat_moment_is_no_death():
    assert watch((['black'] * 15 + ['noise']) * 4) == ('', 0.0)


def still(moved, seconds=0.1):
    eye, now = Watch(), picture('noise')
    figures = look_at(LATENT, now, now)
    return [eye.look(figures, seconds, moved) for _ in range(120)]


def test_a_picture_that_stands_while_all_moves_is_frozen_after_ten_seconds():
    words = still(True)
    assert words.index('frozen') in (99, 100)


def test_a_picture_that_stands_where_nothing_moves_is_not_dead():
    assert set(still(False)) == {''}


def test_nobody_dies_twice_within_the_rest():
    eye, figures = Watch(), look_at(LATENT, picture('black'))
    eye.reset(REST)
    words = [eye.look(figures, 0.5) for _ in range(40)]
    assert words.index('flat') == pytest.approx((REST + 2.0) / 0.5, abs=1.1)


def test_no_time_is_no_death():
    assert watch(['black'] * 50, seconds=0.0) == ('', 0.0)


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize('where', ['latent', 'picture'])
def test_one_broken_number_is_seen(value, where):
    fields = {'latent': LATENT.clone(), 'picture': picture('noise')}
    assert look_at(**fields).finite
    fields[where][0, 1, 3, 5] = value
    assert not look_at(**fields).finite


def test_figures_tell_what_numpy_tells():
    now, before = picture('noise', 1), picture('noise', 2)
    figures = look_at(LATENT, now, before)
    flat = LATENT[0].flatten(1).numpy()
    assert figures.latent.mean == pytest.approx(flat.mean(1), abs=1e-6)
    assert figures.latent.covariance == pytest.approx(np.cov(flat, bias=True), abs=1e-5)
    assert figures.picture.deviation == pytest.approx(np.full(3, 3 ** -0.5), rel=0.03)
    assert figures.change == pytest.approx(1 / 3, rel=0.05)       # of two even noises of 0..1
    assert figures.burnt == 0 and figures.light == pytest.approx(3 ** -0.5 / 2 * 0.752, rel=0.05)
