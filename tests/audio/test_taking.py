"""What the sound takes from control, and what it tells of it."""
import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.offline import render
from live.params import SOURCES, find_number
from live.routes import Route
from live.signals import CLASSED, EVENT, GATE, HELD, MOVED, PANIC, ROUTED, SEED, SHOWN, TUNED

RATE, TICK = 48000, 64


@pytest.fixture
def arena():
    one = Arena(RATE, 1)
    one.board['drone.source'] = SOURCES.index('picture')
    one.reset(1)
    render(one, 10 * TICK)
    return one


def told(arena, kind, frames=TICK):
    """Render, and return (tick, place, value) of what was told of a kind."""
    reader = arena.taken.reader()
    render(arena, frames)
    return [(tick, place, value) for tick, which, place, value in reader.get().tolist() if which == kind]


@pytest.mark.parametrize('asked, taken', [(0.25, 0.25), (-5, -1.0), (1e300, 1.0)])
def test_a_value_is_told_once_at_its_tick_as_it_was_taken(arena, asked, taken):
    place = find_number('drone.pan')
    arena.board.values[place] = asked
    assert told(arena, MOVED, 3 * TICK) == [(10, place, taken)]


def test_what_is_not_finite_is_counted_and_never_taken(arena):
    place = find_number('drone.drift_cents')
    before = arena.targets[place]
    arena.board.values[place] = np.nan
    assert told(arena, MOVED) == [] and arena.targets[place] == before and arena.stats['refused'] == 1


@pytest.mark.parametrize('kind, value', [(GATE, 0.7), (PANIC, 0.0), (SEED, 12345.0)])
def test_an_event_is_told_at_the_tick_that_acts_on_it(arena, kind, value):
    render(arena, 30)
    arena.events.put(np.array([(kind, value)], EVENT))
    assert told(arena, kind, 10 * TICK) == [(11, 0, value)]


def test_scales_and_routes_are_taken_by_their_numbers_and_only_the_newest(arena):
    for count in (5, 7):
        arena.tune(np.arange(count) * 1200 / count, 1200.0)
    assert told(arena, TUNED) == [(10, 0, arena.tunings.written - 1)]
    assert arena.record['degrees_wanted']['count'][0] == 7
    arena.route(Route('lfo1', 'drone.pan', 0.5).rows())
    assert told(arena, ROUTED) == [(11, 0, 0)] and arena.record['modulation']['count'][0] == 1


def test_routes_that_are_in_force_are_not_taken_again(arena):
    for _ in range(2):
        arena.route(Route('lfo1', 'drone.pan', 0.5).rows())
        render(arena, TICK)
    assert arena.routings.written == 1


def test_a_picture_is_told_at_the_tick_in_which_it_begins_to_fade_in(arena):
    render(arena, RATE)             # the layer's own has faded in
    assert arena.show(np.eye(32))
    (tick, layer, number), = told(arena, SHOWN, 20 * TICK)
    assert (tick, layer, number) == (arena.frames // TICK - 20, 0, arena.pictures.written)
    item = arena.pictures.items[arena.pictures.written - 1]
    assert (item['light'][:32 * 32].reshape(32, 32) == 255 * np.eye(32)).all()


def test_every_spectrum_is_told_with_its_layer_and_reaches_it(arena):
    for layer in (1, 2):
        arena.freeze(layer, np.array([440.0, 550.0]), np.array([0.1, 0.05]))
    assert told(arena, HELD) == [(10, 1, 0), (10, 2, 1)]
    assert arena.record['layers'][0, 2]['freeze']['given_hertz'][:2].tolist() == [440.0, 550.0]


def test_classes_are_told_where_they_have_changed(arena):
    arena.classify(np.array([0.0, 0.75]))
    assert told(arena, CLASSED) == [(10, 1, 0.75)]
    arena.classify(np.array([0.0, 0.75, np.nan]))
    assert told(arena, CLASSED) == []


def test_nothing_is_told_while_nothing_changes(arena):
    reader = arena.taken.reader()
    render(arena, RATE // 10)
    assert not len(reader.get())
