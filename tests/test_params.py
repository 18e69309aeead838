"""The registry: names, ranges, curves; the Board."""
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.params import (BY_ADDRESS, BY_NAME, CURVES, HEARD, LAYERS, PARAMS, RECORD, ROOM, Board, Param, describe,
                         find_param, hint, markdown_table)

each_param = pytest.mark.parametrize('param', PARAMS, ids=lambda p: p.name)
POSITIONS = np.linspace(0, 1, 101)


def test_names_are_unique_also_as_fields_and_addresses():
    names = [name for p in PARAMS for name in (p.name, *p.was)]
    assert len(set(names)) == len(names) == len(BY_NAME) == len(BY_ADDRESS)
    assert len(RECORD.names) == len(HEARD) <= len(PARAMS) <= ROOM


@each_param
def test_row_is_well_formed(param):
    assert re.fullmatch(r'[a-z_]+[1-8]?\.[a-z_]+[1-8]?', param.name)
    assert param.curve in CURVES and param.doc.endswith('.')
    assert param.low <= param.default <= param.high and param.low < param.high and param.glide >= 0
    assert not param.choices or (param.curve, param.low, param.high) == ('step', 0, len(param.choices) - 1)


@each_param
def test_unit_stands_in_the_name(param):
    for unit, suffix in (('dB', '_db'), ('cents', '_cents')):
        assert (param.unit == unit) == param.name.endswith(suffix)


@each_param
def test_curve_reaches_both_ends_and_rises_all_the_way(param):
    values = [param.from_knob(x) for x in POSITIONS]
    assert (values[0], values[-1]) == pytest.approx((param.low, param.high))
    assert all(a <= b for a, b in zip(values, values[1:])) and min(values) >= param.low and max(values) <= param.high


@each_param
def test_position_of_a_value_gives_the_value_back(param):
    for x in POSITIONS:
        value = param.from_knob(x)
        assert param.from_knob(param.to_knob(value)) == pytest.approx(value)


@each_param
@pytest.mark.parametrize('position', [-1, 2, math.nan, math.inf, -math.inf])
def test_knob_beyond_its_ends_stays_in_range(param, position):
    assert param.low <= param.from_knob(position) <= param.high


@each_param
@given(value=st.floats())
def test_clamp_gives_an_allowed_value_for_any_float(param, value):
    clamped = param.clamp(value)
    assert param.low <= clamped <= param.high and param.clamp(clamped) == clamped
    assert param.curve not in ('step', 'count') or clamped == int(clamped)


@each_param
def test_default_is_read_from_its_own_text(param):
    text = param.text(param.default).removesuffix(param.unit).strip()
    assert param.parse(text if param.choices else float(text)) == pytest.approx(param.default, rel=1e-3)


@pytest.mark.parametrize('name, value, sentence', [
    ('drone.drift_cents', 201, 'drone.drift_cents = 201 cents is outside 0..200'),
    ('drone.drift_cents', math.inf, 'drone.drift_cents = inf cents is outside 0..200'),
    ('drone.drift_cents', math.nan, 'drone.drift_cents = nan is not a number'),
    ('drone.drift_cents', '5', "drone.drift_cents = '5' is not a number"),
    ('drone.drift_cents', True, 'drone.drift_cents = True is not a number'),
    ('dream.noise', 'wlak', "dream.noise = 'wlak' is none of fixed, fresh, walk, split; did you mean walk?"),
    ('dream.noise', 4, 'dream.noise = 4 is none of fixed, fresh, walk, split'),
    ('dream.noise', True, 'dream.noise = True is none of fixed, fresh, walk, split'),
])
def test_parse_tells_what_is_allowed(name, value, sentence):
    with pytest.raises(ValueError) as caught:
        find_param(name).parse(value)
    assert str(caught.value) == sentence


@pytest.mark.parametrize('value', ['on', 1, True])
def test_switch_is_parsed_from_word_number_and_truth(value):
    assert find_param('drone.hold').parse(value) == 1


def test_misspelt_name_gets_a_hint():
    with pytest.raises(KeyError, match=r'drone.spred_cents is unknown; did you mean drone.spread_cents\?'):
        find_param('drone.spred_cents')


def test_nothing_near_gives_no_hint():
    assert hint('xyzzy', BY_NAME) == ''


def test_board_begins_at_the_defaults():
    assert Board().items() == [(p.name, p.default) for p in PARAMS]


@pytest.mark.parametrize('param', HEARD, ids=lambda p: p.name)
def test_board_writes_the_field_that_kernels_read(param):
    board = Board()
    board[param.name] = param.low
    assert board[param.name] == board.record[param.field][0] == param.low
    assert sum(value != p.default for p, (_, value) in zip(PARAMS, board.items())) <= 1


def test_board_shares_memory_that_it_is_given():
    memory = np.zeros(ROOM)
    Board(memory)['drone.root'] = 100
    assert memory.view('f8')[[p.name for p in PARAMS].index('drone.root')] == 100


def test_board_clamps_and_turns():
    board = Board()
    board['motes.hue'] = 7
    board.turn('drone.octaves', 0.5)
    assert (board['motes.hue'], board['drone.octaves']) == (1, 3)


def test_board_tells_a_whole_choice_where_routes_have_moved_it_half_way():
    board = Board()
    board.record['dream_steps'], board.record['dream_strength'] = 2.7, 0.7
    assert (board['dream.steps'], board['dream.strength']) == (3, 0.7)


def test_board_refuses_unknown_names():
    with pytest.raises(KeyError, match='did you mean drone.root?'):
        Board()['drone.rot'] = 1


def test_old_name_leads_to_the_new_row(monkeypatch):
    row = Param('drone.new', '', 0, 1, 0, 'lin', 0, 'x.', was=('drone.old',))
    monkeypatch.setitem(BY_NAME, 'drone.old', row)
    assert find_param('drone.old').name == 'drone.new'


def test_description_and_table_have_a_row_for_each():
    assert [row['name'] for row in describe()] == [p.name for p in PARAMS]
    shown = [p for p in PARAMS if p.group not in LAYERS[1:]]        # the other layers share one row
    assert len(markdown_table().splitlines()) == len(shown) + 3


def test_a_knob_with_one_position_stands_there():
    assert Param('shader.only', '', 0, 0, 0, 'step', 0, '', ('one',)).to_knob(0) == 0.0
