import math

import numpy as np
import pytest
import torch

from live.diffusion.noise import COARSE, FIXED, FRESH, QUARTER, SPLIT, WALK, Noise, split

SHAPE = (1, 4, 64, 64)
POLICIES = (FIXED, FRESH, WALK, SPLIT)


def same(one, other):
    return torch.corrcoef(torch.stack((one.flatten(), other.flatten())))[0, 1].item()


def coarse(noise):
    """What of it varies slowly."""
    frequency = torch.hypot(torch.fft.fftfreq(64)[:, None], torch.fft.rfftfreq(64)[None])
    return torch.fft.irfft2(torch.fft.rfft2(noise) * (frequency < COARSE / 2))


@pytest.mark.parametrize('policy', POLICIES)
@pytest.mark.parametrize('seed', [0.0, 0.3, 41.5])
def test_noise_has_unit_variance_at_every_angle_and_seed(policy, seed):
    for walk in np.linspace(0, 7, 9):
        assert Noise().draw(policy, (1, 4, 128, 128), walk, seed, 3).std() == pytest.approx(1.0, abs=0.015)


@pytest.mark.parametrize('policy', POLICIES)
def test_same_inputs_give_the_same_noise_whatever_came_before(policy):
    used = Noise(seed=5)
    for number in range(5):
        used.draw(policy, SHAPE, number * 0.9, number * 0.4, number)
    assert used.draw(policy, SHAPE, 2.0, 0.7, 9).equal(Noise(seed=5).draw(policy, SHAPE, 2.0, 0.7, 9))
    assert not used.draw(policy, SHAPE, 2.0, 0.7, 9).equal(Noise(seed=6).draw(policy, SHAPE, 2.0, 0.7, 9))


def test_fixed_noise_stays_and_fresh_noise_does_not():
    fixed, fresh = ([Noise().draw(policy, SHAPE, walk=k, number=k) for k in (1, 2)] for policy in (FIXED, FRESH))
    assert fixed[0].equal(fixed[1])
    assert abs(same(*fresh)) < 0.05


def test_whole_seeds_are_the_noises_of_those_seeds():
    assert Noise(seed=3).draw(WALK, SHAPE, 0.4, seed=2.0).equal(Noise(seed=5).draw(WALK, SHAPE, 0.4))


def test_between_seeds_lies_the_great_circle():
    one, between, other = (Noise().draw(FIXED, SHAPE, seed=seed) for seed in (7, 7.5, 8))
    assert torch.allclose(between, (one + other) / math.sqrt(2), atol=1e-6)


@pytest.mark.parametrize('policy', [FIXED, FRESH, WALK, SPLIT])
def test_a_small_turn_of_the_seed_is_a_small_change(policy):
    places = [Noise().draw(policy, SHAPE, 0.3, seed, 1) for seed in (1.98, 1.999, 2.0, 2.001, 2.02)]
    assert all((b - a).std() < 0.04 for a, b in zip(places, places[1:]))


def test_the_walk_never_jumps():
    noise = Noise()
    steps = [noise.draw(WALK, SHAPE, angle) for angle in np.arange(0, 4 * math.pi, 0.05)]
    assert max((b - a).std().item() for a, b in zip(steps, steps[1:])) < 0.06      # 0.05 radians on a unit sphere


def test_the_walk_never_comes_back():
    start = Noise().draw(WALK, SHAPE)
    assert all(abs(same(start, Noise().draw(WALK, SHAPE, quarter * QUARTER))) < 0.05 for quarter in range(1, 40))


def test_split_noise_is_coarse_of_one_and_fine_of_the_other():
    one, other = (Noise().draw(FRESH, SHAPE, number=number) for number in (1, 2))
    mixed = split(one, other)
    assert same(coarse(mixed), coarse(one)) > 0.99
    assert same(mixed - coarse(mixed), other - coarse(other)) > 0.9


def test_split_noise_is_as_loud_at_every_frequency():
    power = sum((torch.fft.rfft2(Noise().draw(SPLIT, SHAPE, number=k, seed=k)).abs() ** 2).mean((0, 1)) / 4096
                for k in range(40)) / 40
    frequency = torch.hypot(torch.fft.fftfreq(64)[:, None], torch.fft.rfftfreq(64)[None])
    for low in np.arange(0, 0.5, 0.05):
        band = (frequency >= low) & (frequency < low + 0.05)
        assert power[band].mean() == pytest.approx(1.0, abs=0.06)


def test_split_noise_keeps_its_coarse_part_from_dream_to_dream():
    first, second = (Noise().draw(SPLIT, SHAPE, walk=0.3, number=number) for number in (1, 2))
    assert same(coarse(first), coarse(second)) > 0.99
    assert same(first, second) < 0.3


@pytest.mark.parametrize('policy', POLICIES)
def test_on_the_way_to_another_seed_noise_has_unit_variance(policy):
    noise = Noise(seed=1)
    for seed in (2, 2, 2, 9, 9, 1, 1):          # also between neighbours, and back again
        noise.follow(seed, 0.3)
        assert noise.draw(policy, (1, 4, 128, 128), 0.4, 0.5, 3).std() == pytest.approx(1.0, abs=0.015)


def test_turning_round_on_the_way_to_another_seed_is_no_jump():
    noise, places = Noise(seed=1), []
    for seed in [2] * 10 + [3] * 10 + [1] * 30:
        noise.follow(seed, 0.05)
        places.append(noise.draw(FIXED, SHAPE))
    assert max((b - a).std().item() for a, b in zip(places, places[1:])) < 0.12     # 0.05 quarter turns are 0.08
    assert noise.is_at(1) and places[-1].equal(Noise(seed=1).draw(FIXED, SHAPE))
