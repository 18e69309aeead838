"""OSC patterns: what they mean, and that none takes long."""
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.dispatcher import Dispatcher

from live.control.osc_pattern import expand, match, plant
from live.params import PARAMS

ADDRESSES = [param.address for param in PARAMS]
TREE = plant(ADDRESSES)


@pytest.mark.parametrize('pattern, yes, no', [
    ('pan', 'pan', 'pa'), ('p?n', 'pan', 'pn'), ('*', '', None), ('*', 'anything', None), ('a*c', 'abc', 'ab'),
    ('a*b*c', 'axxbyyc', 'axxc'), ('[abc]x', 'bx', 'dx'), ('[a-c]x', 'cx', 'dx'), ('[!a-c]x', 'dx', 'ax'),
    ('[a-]', '-', 'b'), ('{pan,width}', 'width', 'pan,width'), ('{a,ab}c', 'abc', 'ab'),
    ('layer[2-4]', 'layer3', 'layer5'), ('*[0-9]', 'lfo1', 'lfo'), ('a.c', 'a.c', 'abc'), ('{,x}a', 'a', 'xx')])
def test_a_pattern_means_what_osc_says(pattern, yes, no):
    assert match(pattern, yes)
    assert no is None or not match(pattern, no)


@pytest.mark.parametrize('pattern', ['/*/pan', '/drone/*', '/{drone,layer2}/p*', '/layer?/gate', '/lfo[1-3]/r*',
                                     '/*/*_db', '/drone/pan', '/[!dl]*/level_db', '/none/*'])
def test_patterns_mean_to_us_what_they_mean_to_python_osc(pattern):
    peer = Dispatcher()
    for address in ADDRESSES:
        peer.map(address, lambda *_: None, address)
    assert set(expand(pattern, TREE)) == {handler.args[0] for handler in peer.handlers_for_address(pattern)}


def test_stars_do_not_cross_a_slash():
    assert expand('/*', TREE) == [] and expand('/drone*pan', TREE) == []


@pytest.mark.parametrize('pattern', ['/{drone/pan', '/[a/pan', '/' + 'a*' * 200])
def test_a_broken_pattern_is_refused(pattern):
    with pytest.raises(ValueError, match='is not closed|at most 200 characters'):
        expand(pattern, TREE)


@given(st.text('ab*?[]{},!-/', max_size=60))
def test_any_pattern_ends(pattern):
    try:
        assert set(expand('/' + pattern, TREE)) <= set(ADDRESSES)
    except ValueError:
        pass


def test_many_stars_take_no_longer_than_few():
    assert not match('*a' * 60 + 'b', 'a' * 200)    # a regular expression would take for ever
