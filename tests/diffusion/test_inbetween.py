import dataclasses
import time

import numpy as np
import pytest
import torch

from live.diffusion.dream import Dream
from live.diffusion.inbetween import MOST, RETRY, Budget, arc, share_out
from live.diffusion.turbo import Turbo
from live.params import Board
from live.wires import Latest


@pytest.fixture
def small(tiny):
    return dataclasses.replace(tiny, size=64)


@pytest.fixture
def engine(small, conditioning):
    """One that has dreamt three times, each from noise alone."""
    made = Turbo(small)
    board = Board()
    board['dream.feedback'] = 0.0
    for number in range(3):
        made.dream(conditioning(strength=1.0, seed=number, end=4800 * number), board)
    return made


def draw(seed=0, size=16):
    return torch.randn((1, 4, size, size), generator=torch.Generator().manual_seed(seed))


def distance(one, other):
    return float(np.abs(one.astype(float) - other).mean())


def test_contrast_stays_on_the_way():
    old, new = draw(0), draw(1)
    ends, middle, line = float(old.std()), float(arc(old, new, 0.5).std()), float(torch.lerp(old, new, 0.5).std())
    assert middle == pytest.approx(ends, rel=0.05) and line < 0.75 * ends


def test_what_both_have_in_common_stays_as_it_is():
    old, new = draw(0) + 3.0, draw(1) + 3.0
    means = [float(arc(old, new, share).mean()) for share in share_out(5)]
    assert np.ptp([*means, float(old.mean()), float(new.mean())]) < 0.1


@pytest.mark.parametrize('new', [draw(0), draw(0) + 1e-6 * draw(1), -draw(0), torch.zeros(1, 4, 16, 16)])
def test_the_way_is_finite_wherever_it_leads(new):
    middle = arc(draw(0), new, 0.5)
    assert torch.isfinite(middle).all() and middle.abs().max() < 10


def test_a_latent_that_stays_is_itself_on_the_way():
    assert torch.allclose(arc(draw(), draw(), 0.3), draw(), atol=1e-5)


def test_pictures_on_the_way_leave_the_one_and_come_to_the_other(engine):
    old, new = engine.step.show(engine._before), engine.step.show(engine.latent)
    film = engine.between(4)
    assert all(picture.shape == new.shape and picture.dtype == np.uint8 for picture in film)
    assert (np.diff([distance(picture, old) for picture in (old, *film, new)]) > 0).all()
    assert (np.diff([distance(picture, new) for picture in (old, *film, new)]) < 0).all()


def test_nothing_leads_to_a_beginning(engine, small, conditioning):
    first = Turbo(small)
    first.dream(conditioning(), Board())
    engine.reset()
    assert first.between(3) == engine.between(3) == []


def test_nothing_leads_from_one_size_to_another(engine, conditioning):
    engine.model = dataclasses.replace(engine.model, size=32)
    engine.dream(conditioning(end=20000), Board())
    assert engine.between(3) == []


def test_asking_for_pictures_changes_no_later_dream(small, conditioning):
    films = []
    for count in (0, 3):
        engine = Turbo(small)
        films.append([(engine.dream(conditioning(end=4800 * number), Board()), engine.between(count))[0]
                      for number in range(4)])
    assert np.array_equal(*films)


@pytest.mark.parametrize('cost, dream, count', [(0.001, 1.0, MOST), (0.01, 0.1, 2), (0.03, 0.1, 0), (0.0001, 0.02, 1),
                                                (0.0001, 0.01, 0)])
def test_as_many_are_made_as_take_a_quarter_of_a_dream_and_are_seen(cost, dream, count):
    budget = Budget()
    budget.spend(1, cost)
    assert budget.count(dream) == count


def test_a_slow_first_one_is_forgiven():
    budget = Budget()
    budget.spend(budget.count(0.1), 5.0)
    counts = [budget.count(0.1) for _ in range(RETRY)]
    assert counts == [0] * (RETRY - 1) + [1]
    budget.spend(1, 0.01)
    assert budget.count(0.1) == 2


@pytest.mark.parametrize('motion, wanted', [(0, False), (1, False), (2, True)])
def test_the_thread_makes_them_when_they_are_wanted(small, conditioning, motion, wanted):
    board, output, seen = Board(), Latest(), []
    board['display.motion'], output.put = motion, seen.append
    dream = Dream(lambda rung, say: Turbo(small), lambda engine: conditioning(), board, output, Latest())
    dream.start()
    end = time.monotonic() + 30
    while time.monotonic() < end and len(seen) < 3:
        time.sleep(0.005)
    assert dream.stop(20) and any(picture.between for picture in seen) == wanted
