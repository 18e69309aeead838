"""Routes in patches: what is read, what is refused, what the sound gets, and that writing and reading are inverse."""
import math
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.params import PARAMS, STAGE
from live.routes import BOUNDS, LISTED, MOVERS, NUMBERS, OPTIONS, Route, movers_table, read_routes, route_lines

README = Path(__file__).resolve().parents[1] / 'README.md'
POSITIVE = st.floats(.01, 100)
TARGETS = st.sampled_from([p.name for p in PARAMS if p.group != STAGE] + ['*.cutoff', '*.pan'])
LEARNT = st.fixed_dictionaries({}, optional={key: st.floats(low, high) for key, (low, high) in BOUNDS.items()})
RANGES = st.one_of(st.just({}), st.lists(POSITIVE, min_size=2, max_size=2, unique=True).map(
    lambda ends: {'low': min(ends), 'high': max(ends)}))
FOUND = st.builds(lambda source, target, amount, learnt, ends: Route(source, target, amount, **learnt, **ends),
                  st.sampled_from([m.name for m in MOVERS]), TARGETS, st.floats(-1e6, 1e6), LEARNT, RANGES)


def read(text):
    head = "[[route]]\nfrom = 'level'\nto = 'drone.pan'\namount = 1\n"
    return read_routes(tomllib.loads(head + text)['route'])


def row(source, **options):
    return Route(source, 'drone.pan', 1.0, **options).rows()[0]


@given(route=FOUND)
def test_route_that_is_written_is_read_back_the_same(route):
    assert read_routes(tomllib.loads('\n'.join(route_lines(route)))['route']) == (route,)


def test_plain_route_writes_no_more_than_it_needs():
    assert len(route_lines(*read(''))) == 4


def test_former_names_of_sources_still_load():
    assert read_routes([{'from': 'brightness', 'to': 'drone.pan', 'amount': 1}])[0].source == 'centroid'


@pytest.mark.parametrize('text, sentence', [
    ('attak = 1', r'\[\[route\]\] attak is unknown; did you mean attack\?'),
    ('attack = -1', 'route to drone.pan: attack = -1 is not a number in 0..600'),
    ('track = 0', 'route to drone.pan: track = 0 is not a number in 0.1..3600'),
    ('gate_db = true', 'route to drone.pan: gate_db = True is not a number in -100..0'),
    ('low = nan', 'route to drone.pan: low = nan is not a number'),
    ('low = 3', 'route to drone.pan: low = 3 is not below high = 0; a negative amount turns the way around'),
])
def test_mistake_in_an_option_is_told(text, sentence):
    with pytest.raises(ValueError, match=f'^{sentence}'):
        read(text)


@pytest.mark.parametrize('item, sentence', [
    ({'from': 'centriod'}, "route from 'centriod' is none of lfo1..4, level, centroid,.*did you mean centroid"),
    ({'from': 'chroma129'}, "route from 'chroma129' is none of .*chroma1..128"),
    ({'from': 'chroma8'}, 'route from chroma8: the scale has 7 degrees'),
    ({'from': 'centroid', 'low': 0}, 'route to drone.pan: low = 0 Hz must be above 0'),
    ({'from': 'centroid', 'high': 0}, 'route to drone.pan: high = 0 Hz must be above 0'),
    ({'to': 'stage.gain_db'}, 'route to stage.gain_db: the stage belongs to the performer'),
    ({'amount': '1'}, "route to drone.pan: amount = '1' is not a number"),
])
def test_mistake_in_source_or_target_is_told(item, sentence):
    with pytest.raises(ValueError, match=f'^{sentence}'):
        read_routes([{'from': 'lfo1', 'to': 'drone.pan', 'amount': 1, **item}], degrees=7)


@pytest.mark.parametrize('item', [{}, {'from': 'lfo1', 'to': 'drone.pan'}, 1])
def test_route_that_lacks_something_is_told(item):
    with pytest.raises(ValueError, match='needs from, to and amount'):
        read_routes([item])


@pytest.mark.parametrize('mover', LISTED.values(), ids=LISTED)
def test_source_without_options_runs_over_its_own_way(mover):
    plain = row(mover.name)
    ends = [(mover.scale(value) - plain.zero) * plain.scale for value in (mover.low, mover.high)]
    assert ends == pytest.approx([plain.floor, 1]) and plain.track == 0 and plain.gate_db == -math.inf


def test_own_range_makes_0_to_1_of_a_source_that_swings():
    assert row('lfo1').floor == -1 and row('lfo1', low=-0.5, high=0.5).floor == 0


def test_every_option_reaches_the_sound():
    plain = row('drift')
    for key in OPTIONS:
        assert row('drift', **{key: {'gate_db': -20.0, 'low': -10.0, 'high': 10.0}.get(key, 3.0)}) != plain


def test_every_source_is_named_once():
    assert len(NUMBERS) == len(MOVERS) + sum(len(m.was) for m in MOVERS)
    assert ', '.join(LISTED).startswith('lfo1..4, level, centroid') and 'chroma1..128' in LISTED


def test_readme_holds_the_generated_table_of_sources():
    assert movers_table() in README.read_text(encoding='utf-8')
