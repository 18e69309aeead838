import numpy as np
import pytest
import torch

from live.diffusion.colours import recolour
from live.diffusion.hold import KNEE, LATENT_FENCE, Hold, Moments, distance, find_map, limit

UNIT = Moments(np.zeros(4), np.eye(4))


def draw(seed, scale=1.0):
    """Some moments inside the fence."""
    generator = np.random.default_rng(seed)
    root = np.eye(4) * 0.8 + 0.2 * generator.standard_normal((4, 4))
    return Moments(0.3 * generator.standard_normal(4), scale ** 2 * root @ root.T)


def through(map_, moments):
    """What a map makes of moments."""
    matrix, offset = map_[:-1, :-1], map_[:-1, -1]
    return Moments(matrix @ moments.mean + offset, matrix @ moments.covariance @ matrix.T)


def measured(field):
    flat = field[0].flatten(1).double().numpy()
    return Moments(flat.mean(1), np.cov(flat, bias=True))


@pytest.mark.parametrize('seed', range(5))
def test_a_map_gives_the_wanted_moments(seed):
    now, wanted = draw(seed), draw(seed + 10)
    found = through(find_map(now, wanted), now)
    assert found.mean == pytest.approx(wanted.mean)
    assert found.covariance == pytest.approx(wanted.covariance)


def test_a_map_gives_them_to_a_field():
    field = torch.randn((1, 4, 64, 64), generator=torch.Generator().manual_seed(1)) * 2 + 1
    found = measured(recolour(field, find_map(measured(field), draw(3))))
    assert found.covariance == pytest.approx(draw(3).covariance, abs=1e-4)
    assert found.mean == pytest.approx(draw(3).mean, abs=1e-4)


def test_a_map_moves_no_more_than_it_must():
    """Of all maps that give the moments, the symmetric one is nearest to none at all."""
    now, wanted = draw(1), draw(2)
    matrix = find_map(now, wanted)[:-1, :-1]
    triangular = np.linalg.cholesky(wanted.covariance) @ np.linalg.inv(np.linalg.cholesky(now.covariance))

    def moved(matrix):
        return np.trace((matrix - np.eye(4)) @ now.covariance @ (matrix - np.eye(4)).T)
    assert matrix == pytest.approx(matrix.T)
    assert moved(matrix) < moved(triangular)


def test_nothing_is_mapped_where_nothing_is_held_and_nothing_is_outside():
    hold = Hold(4, LATENT_FENCE)
    for seed in range(3):
        hold.follow(draw(seed), 0.02, 60.0)
        assert np.array_equal(hold.pull(0.0, 0.02), np.eye(5))


def test_what_leaves_the_fence_is_put_back_at_once():
    hold = Hold(4, LATENT_FENCE)
    loud = Moments(np.array([3.0, 0, 0, 0]), np.diag([9.0, 1.0, 1.0, 0.04]))
    hold.follow(loud, 0.0, 60.0)
    found = through(hold.pull(0.0, 0.0), loud)
    assert found.mean[0] == pytest.approx(LATENT_FENCE.mean)
    assert found.deviation == pytest.approx([LATENT_FENCE.high, 1.0, 1.0, LATENT_FENCE.low])


def held(times, hold=0.3):
    """Moments that were unit, changed at once, after half a second of holding."""
    memory = Hold(4, LATENT_FENCE)
    memory.follow(UNIT, 0.0, 1e9)
    memory.follow(UNIT, 60.0, 1e9)
    now = Moments(np.full(4, 1.0), np.eye(4))
    for _ in range(times):
        memory.follow(now, 0.0, 1e9)
        now = through(memory.pull(hold, 0.15 / times), now)
    return now.mean[0]


def test_holding_is_as_firm_at_every_rate_of_dreams():
    assert held(1) == pytest.approx(held(20)) == pytest.approx(0.7 ** 5)
    assert held(1, 1.0) == pytest.approx(0.0)


def test_the_memory_follows_in_its_time():
    memory = Hold(4, LATENT_FENCE)
    new = Moments(np.full(4, 0.8), np.eye(4))
    for _ in range(400):
        memory.follow(UNIT, 0.1, 30.0)
    for _ in range(300):
        memory.follow(new, 0.1, 30.0)
    assert memory.reference.mean[0] == pytest.approx(2 / 3 * 0.8 * (1 - np.exp(-1)), rel=0.02)  # a third stays home


def test_the_memory_is_a_running_mean_while_it_is_young():
    memory = Hold(4, LATENT_FENCE)
    for value in (9.0, *[0.5] * 50):        # a first dream that was far off is soon forgotten
        memory.follow(Moments(np.full(4, min(1.4, value)), np.eye(4)), 0.1, 600.0)
    assert memory.reference.mean[0] == pytest.approx(0.5, abs=0.05)


def loop(gain, hold, dreams=3000, rate=25.0):
    """Contrast after a loop of dreams each of which multiplies it."""
    memory, now = Hold(4, LATENT_FENCE), UNIT
    for _ in range(dreams):
        now = Moments(now.mean + 0.002, now.covariance * gain ** 2)
        memory.follow(now, 1 / rate, 15.0)
        now = through(memory.pull(hold, 1 / rate), now)
    return now


@pytest.mark.parametrize('gain', [0.98, 1.01, 1.02])
def test_a_loop_that_burns_in_is_held(gain):
    held, free = loop(gain, 0.3), loop(gain, 0.0)
    assert 0.65 < held.deviation[0] < 1.5 and abs(held.mean[0]) < 0.3
    assert free.deviation[0] in (pytest.approx(LATENT_FENCE.high), pytest.approx(LATENT_FENCE.low))


def test_drift_counts_deviations_of_the_reference():
    reference = Moments(np.zeros(4), np.eye(4) * 0.25)
    assert distance(Moments(np.array([0, 0, 1.0, 0]), np.eye(4) * 0.25), reference) == pytest.approx(2.0)
    assert distance(Moments(np.zeros(4), np.eye(4) * 4.0), reference) == pytest.approx(3.0)
    assert distance(reference, reference) == 0


def test_a_flat_field_is_not_blown_up():
    flat = Moments(np.zeros(4), np.zeros((4, 4)))
    hold = Hold(4, LATENT_FENCE)
    hold.follow(flat, 0.0, 60.0)
    assert np.isfinite(hold.pull(1.0, 1.0)).all() and np.abs(hold.pull(1.0, 1.0)).max() <= 4.0


def test_the_limit_bends_softly_and_lets_small_values_be():
    values = torch.linspace(-50, 50, 2001)
    bent = limit(values, 4.0)
    assert bent.abs().max() <= 4.0 and (bent.diff() >= 0).all()
    small = values.abs() <= KNEE * 4.0
    assert bent[small].equal(values[small])
    assert bent.diff().abs().max() <= values.diff().max() + 1e-5       # no step
