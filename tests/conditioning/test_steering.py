import numpy as np
import pytest
from hypothesis import given, settings, strategies
from hypothesis.extra import numpy as arrays

from live.conditioning.prompts import DIRECTIONS
from live.conditioning.steering import Steering, places, steer
from live.signals import HOP, PARTIALS, SLICE

RATE = 48000


def playing(cents=0.0, seconds=1.0, wander=0.0, level=0.1, centroid=600.0):
    """Return slices of sixteen known partials near 440 Hz and its octaves; wander: cents, each for itself."""
    slices = np.zeros(int(seconds * RATE / HOP), SLICE)
    random = np.random.default_rng(5)
    from_a = random.uniform(-12, 12, 16) + 1200 * (np.arange(16) % 3) + cents + wander * random.choice((-1, 1), 16)
    slices['partials'], slices['partial_level'][:, :16] = 16, 0.05
    slices['partial_hz'][:, :16] = 440 * 2 ** (from_a / 1200)
    slices['root'], slices['features']['rms'], slices['features']['centroid'] = 440, level, centroid
    slices['features']['flatness'] = 1e-3
    return slices


def weights_of(*portions):
    steering = Steering(RATE)
    for slices in portions:
        steering.listen(slices)
    return steering.weights()


def distance(one, other):
    return np.linalg.norm(weights_of(one) - weights_of(other))


def test_before_the_first_slice_nothing_is_led_anywhere():
    assert not Steering(RATE).weights().any()


def test_any_portions_give_the_same_weights():
    slices = np.concatenate((playing(), playing(30), playing(level=0.2)))
    assert np.array_equal(weights_of(slices), weights_of(*np.array_split(slices, 11)))


def test_what_stands_still_gives_the_same_weights_at_any_time():
    assert np.allclose(weights_of(playing(seconds=0.1)), weights_of(playing(seconds=3)))


def test_weights_are_of_about_unit_variance():
    random = np.random.default_rng(1)
    heard = [weights_of(playing(*random.uniform(-600, 600, 1), 0.1, 0, random.uniform(0.02, 0.3),
                                random.uniform(200, 2000))) for _ in range(60)]
    assert 0.3 < np.std(heard) < 2 and np.abs(heard).max() < 8


def test_led_by_places_alone_level_and_brightness_change_nothing_and_cents_do():
    def weights(slices):
        steering = Steering(RATE, values=False)
        steering.listen(slices)
        return steering.weights()
    assert np.allclose(weights(playing()), weights(playing(level=0.01, centroid=4000)))
    assert np.linalg.norm(weights(playing()) - weights(playing(5))) > 0.5


@pytest.mark.parametrize('cents, least', [(1, 0.1), (2, 0.2), (5, 0.5), (10, 1.0), (50, 1.0)])
def test_a_bend_of_cents_shows(cents, least):
    assert distance(playing(), playing(cents)) > least


def test_partials_that_wander_from_one_dream_to_the_next_show_less_than_five_cents():
    assert distance(playing(), playing(5)) > 3 * distance(playing(), playing(wander=0.7))


@pytest.mark.parametrize('change', [{'level': 0.2}, {'centroid': 1200}], ids=str)
def test_what_the_ear_notices_shows(change):
    assert distance(playing(), playing(**change)) > 0.4


def test_every_direction_takes_part_in_every_quantity():
    moved = np.abs(weights_of(playing(level=0.3)) - weights_of(playing(level=0.03)))
    assert (moved > 0.02 * moved.max()).sum() >= 12


def test_places_agree_over_octaves():
    power = np.ones((1, 2))
    octaves, alone = places(np.array([[220.0, 880.0]]), power), places(np.array([[440.0, 440.0]]), power)
    assert np.allclose(octaves, alone)


def test_without_partials_there_is_no_place():
    assert not places(np.ones((1, PARTIALS)), np.zeros((1, PARTIALS))).any()


def test_no_weight_leaves_the_text():
    text = np.random.default_rng(0).standard_normal((77, 32)).astype(np.float32)
    directions = np.random.default_rng(1).standard_normal((DIRECTIONS, 32))
    assert np.allclose(steer(text, directions, np.zeros(DIRECTIONS)), text, atol=1e-6)


def test_the_first_row_stays_and_the_others_keep_their_length():
    random = np.random.default_rng(0)
    text, directions = random.standard_normal((77, 32)).astype(np.float32), random.standard_normal((DIRECTIONS, 32))
    moved = steer(text, directions, random.standard_normal(DIRECTIONS))
    assert np.array_equal(moved[0], text[0]) and (moved[1:] != text[1:]).any(1).all()
    assert np.allclose(np.linalg.norm(moved, axis=1), np.linalg.norm(text, axis=1), rtol=1e-5)


FLOATS = strategies.floats(allow_nan=True, allow_infinity=True)


@settings(max_examples=60, deadline=None)
@given(hertz=arrays.arrays('f8', PARTIALS, elements=FLOATS, fill=FLOATS), level=FLOATS,
       rms=strategies.floats(0, 1e6))
def test_no_slice_gives_anything_but_finite_weights(hertz, level, rms):
    slices = playing(seconds=0.05)
    slices['partial_hz'], slices['partial_level'], slices['features']['rms'] = hertz, level, rms
    assert np.isfinite(weights_of(slices)).all()
