"""The way between two states: ends, middle in knob space, what switches, and what a silent layer does."""
import numpy as np
import pytest

from live.control.passage import EASINGS, HALF, WHOLE, Passage
from live.params import PARAMS, SILENT_DB, Board, find_number, find_param

ALL = np.arange(len(PARAMS))


def state(**values):
    """Return the defaults with some values; '__' stands for the dot."""
    board = Board()
    for name, value in values.items():
        board[name.replace('__', '.')] = value
    return np.array([value for _, value in board.items()])


def middle(first, second, name, x=0.5, at_once=()):
    return Passage(first, second, ALL, at_once).at(x)[find_number(name)]


SOUNDS = {f'layer{number}__level_db': -12 for number in range(2, 9)}


@pytest.mark.parametrize('param', PARAMS, ids=lambda p: p.name)
def test_half_of_the_way_is_half_of_the_knob(param):
    if HALF[find_number(param.name)] or param.name.endswith('.level_db'):
        return
    field = param.name.replace('.', '__')
    first, second = (state(**SOUNDS | {field: param.from_knob(x)}) for x in (0.2, 0.8))
    near = 1 if WHOLE[find_number(param.name)] else 1e-9        # where only whole numbers are heard
    assert middle(first, second, param.name) == pytest.approx(param.from_knob(0.5), rel=1e-9, abs=near)


@pytest.mark.parametrize('name', ['drone.source', 'dream.steps', 'pulse.hits', 'reverb.freeze'])
def test_choices_and_counts_change_at_the_half(name):
    param = find_param(name)
    first, second = (state(**{name.replace('.', '__'): value}) for value in (param.low, param.high))
    assert [middle(first, second, name, x) for x in (0.49, 0.5)] == [param.low, param.high]


def test_octaves_of_a_layer_go_one_by_one():
    way = Passage(state(drone__octaves=4), state(drone__octaves=0), ALL)
    octaves = [way.at(x)[find_number('drone.octaves')] for x in np.linspace(0, 1, 41)]
    assert list(dict.fromkeys(octaves)) == [4, 3, 2, 1, 0]


def test_ends_are_exact():
    random = np.random.default_rng(1)
    first, second = (np.array([p.from_knob(x) for p, x in zip(PARAMS, random.random(len(PARAMS)))]) for _ in range(2))
    way = Passage(first, second, ALL)
    assert (way.at(0) == first).all() and (way.at(1) == second).all()


def test_the_whole_way_stays_within_the_ranges():
    low, high = np.array([p.low for p in PARAMS]), np.array([p.high for p in PARAMS])
    for x in np.linspace(0, 1, 21):
        values = Passage(low, high, ALL).at(x)
        assert np.isfinite(values).all() and (values >= low).all() and (values <= high).all()


def test_two_layers_that_cross_keep_their_power():
    first = state(drone__level_db=-9, layer2__level_db=SILENT_DB)
    second = state(drone__level_db=SILENT_DB, layer2__level_db=-9)
    for x in np.linspace(0.02, 0.98, 25):
        levels = Passage(first, second, ALL).at(x)[list(map(find_number, ('drone.level_db', 'layer2.level_db')))]
        assert 10 * np.log10((10 ** (levels / 10)).sum()) == pytest.approx(-9, abs=0.01)


def test_a_layer_that_comes_is_from_the_start_what_it_will_be():
    first = state(layer2__source=0, layer2__cutoff=100)
    second = state(layer2__source=3, layer2__cutoff=5000, layer2__level_db=-6)
    assert middle(first, second, 'layer2.source', 0.01) == 3
    assert middle(first, second, 'layer2.cutoff', 0.01) == 5000


def test_a_layer_that_goes_stays_what_it_was_to_the_end():
    first = state(drone__level_db=-6, drone__source=3, drone__cutoff=100)
    second = state(drone__level_db=SILENT_DB, drone__source=0, drone__cutoff=5000, drone__root=100)
    assert middle(first, second, 'drone.source', 0.99) == 3
    assert middle(first, second, 'drone.cutoff', 0.99) == pytest.approx(100)
    assert middle(first, second, 'drone.root', 0.99) < 110         # the note is all layers'


def test_what_is_asked_for_changes_at_the_start():
    number = find_number('prompt.mix')
    assert middle(state(), state(prompt__mix=0.7), 'prompt.mix', 1e-6, (number,)) == 0.7


@pytest.mark.parametrize('name', EASINGS)
def test_easings_run_from_0_to_1_and_never_back(name):
    places = np.array([EASINGS[name](x) for x in np.linspace(0, 1, 101)])
    assert places[0] == 0 and places[-1] == 1 and (np.diff(places) >= 0).all()
