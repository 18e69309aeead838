"""The search: what is drawn, what is bred, and that no seed loses against chance."""
import numpy as np
import pytest
import torch

from live.studio.match.belief import Belief, ask, draw_positions, most_likely
from live.studio.match.evolution import breed, choose_parents, evolve
from live.studio.match.generate import SHIPPED
from live.studio.match.network import POSITIONS, build_network, load_model
from live.studio.match.search import look_around, match
from live.studio.match.spectra import Distance
from live.studio.match.synth import RATE, SECONDS, open_synth

pytestmark = pytest.mark.usefixtures('one_thread')


@pytest.fixture(scope='module')
def synth():
    return open_synth('live', ['source', 'filter', 'root', 'stretch', 'cutoff'])


@pytest.fixture(scope='module')
def belief(synth):
    """Return what a network that has learnt nothing makes of noise."""
    torch.manual_seed(1)
    sound = np.random.default_rng(1).standard_normal(round(SECONDS * RATE)).astype(np.float32)
    return ask(build_network(synth).eval(), sound)


def sing(hertz=140.0):
    """Return a vowel: harmonics through three resonances."""
    time, sound = np.arange(round(SECONDS * RATE)) / RATE, 0
    for n in range(1, 60):
        gain = sum(1 / np.hypot(1 - (n * hertz / at) ** 2, n * hertz / at / 8) for at in (600, 1000, 2500)) / n ** 2
        sound = sound + gain * np.sin(2 * np.pi * n * hertz * time)
    return sound.astype(np.float32)


def test_a_belief_holds_every_set_of_choices_once_the_likeliest_first(belief):
    assert len(np.unique(belief.sets, axis=0)) == len(belief.sets) == 7 * 4
    assert (np.diff(belief.chances) <= 0).all() and belief.chances.sum() == pytest.approx(1)


def test_unlikely_choices_are_tried_as_well():
    belief = Belief(np.arange(4)[:, None], np.array([.97, .03, 0, 0]), np.ones((4, 1, POSITIONS)))
    chances = belief.loosened()
    assert chances.sum() == pytest.approx(1) and chances.min() > .05 and (np.diff(chances) <= 0).all()


def test_positions_are_drawn_as_they_are_likely_and_between_places():
    likely = np.zeros((2, POSITIONS))
    likely[0, 20], likely[1, [3, 60]] = 1, .5
    drawn = np.stack([draw_positions(likely, np.random.default_rng(seed)) for seed in range(200)])
    assert np.abs(drawn[:, 0] * (POSITIONS - 1) - 20).max() <= .5 and len(np.unique(drawn[:, 0])) == 200
    assert .4 < np.mean(drawn[:, 1] < .5) < .6
    assert most_likely(likely[:1]) == pytest.approx(20 / (POSITIONS - 1))


def test_what_is_drawn_is_in_range_and_silent_knobs_stand_at_default(synth, belief):
    settings = look_around(synth, belief, 200, np.random.default_rng(1))
    positions, heard = synth.to_positions(settings), synth.heard(settings)
    assert settings.shape == (200, 5) and (positions >= 0).all() and (positions <= 1).all()
    assert (settings == synth.defaults())[~heard].all() and len(np.unique(settings[:, synth.choices], axis=0)) == 28


def test_few_of_the_same_choices_go_on():
    chosen = np.array([[0], [0], [0], [1], [2.]])
    distances = np.array([.3, .1, .2, .9, .5])
    assert choose_parents(chosen, distances, 4, 2) == [1, 2, 4, 3]
    assert choose_parents(chosen, distances, 2, 5) == [1, 2]


def test_children_are_in_range_and_turn_or_choose_otherwise(synth, belief):
    random = np.random.default_rng(1)
    parents = look_around(synth, belief, 6, random)
    children = np.stack([breed(synth, belief, parents, random) for _ in range(400)])
    positions, heard = synth.to_positions(children), synth.heard(children)
    assert (positions >= 0).all() and (positions <= 1).all() and (children == synth.defaults())[~heard].all()
    assert not (children[:, None] == parents).all(-1).any()
    assert {tuple(row) for row in children[:, synth.choices]} > {tuple(row) for row in parents[:, synth.choices]}


def test_steps_are_hairs_as_well_as_leaps():
    synth = open_synth('live', ['root'])
    belief = Belief(np.zeros((1, 0), int), np.ones(1), np.ones((1, 1, POSITIONS)))
    parents, random = synth.to_settings(np.array([[.5]])), np.random.default_rng(1)
    steps = np.abs(synth.to_positions(np.stack([breed(synth, belief, parents, random) for _ in range(400)])) - .5)
    assert np.quantile(steps, .2) < .002 and np.quantile(steps, .8) > .05


def test_evolution_plays_what_it_may_and_finds_a_sharp_minimum(synth, belief):
    played = []

    def play(settings):
        played.extend(settings)
        return np.abs(synth.to_positions(settings)[:, 2] - .3) + (settings[:, 0] != 5)

    settings = look_around(synth, belief, 20, np.random.default_rng(2))
    evolve(play, synth, belief, settings, play(settings), 203, np.random.default_rng(2))
    assert len(played) == 223 and play(np.array(played)).min() < .001


@pytest.mark.slow
def test_no_seed_loses_against_the_best_of_200_random_patches():
    network, synth = load_model(SHIPPED)
    random = synth.render(synth.draw(200, np.random.default_rng(7)), [0] * 200)
    least = Distance(sing())(random).min()
    assert max(match(network, synth, sing(), 150, seed).distance for seed in (1, 2, 3)) < least
