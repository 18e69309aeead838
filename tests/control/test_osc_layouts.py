"""Surfaces for other programs: what is in docs/ is what is generated, and says only what the instrument understands."""
import json
import re
from pathlib import Path

import pytest
from osc_hands import send

from live.control.actions import ACTIONS
from live.control.osc_layouts import HANDS, LAYOUTS, max_patch, session
from live.params import LAYERS, PARAMS, find_param

DOCS = Path(__file__).parents[2] / 'docs'


def widgets(node):
    yield node
    for below in (*node.get('widgets', ()), *node.get('tabs', ())):
        yield from widgets(below)


@pytest.fixture
def surface():
    """All widgets of the session for Open Stage Control."""
    return list(widgets(session()['content']))


@pytest.fixture
def boxes():
    """All boxes of the patch for Max, by id."""
    return {row['box']['id']: row['box'] for row in max_patch()['patcher']['boxes']}


@pytest.mark.parametrize('name', LAYOUTS)
def test_the_file_is_what_is_generated(name):
    assert json.loads((DOCS / name).read_text()) == LAYOUTS[name](), 'write it again: live params --layouts'


def test_no_two_widgets_have_one_name(surface):
    names = [widget['id'] for widget in surface]
    assert len(set(names)) == len(names) and all(re.fullmatch(r'\w+', name) for name in names)


def test_every_parameter_has_a_widget_and_every_widget_an_address_that_is_known(surface, osc):
    used = {widget['address'].replace('@{layer}', layer) for widget in surface if 'address' in widget
            for layer in LAYERS[1:]}
    assert {param.address for param in PARAMS} <= used
    for address in used - {action.address for action in ACTIONS}:
        send(osc, address)
    assert osc.refused == 0


def test_a_fader_rests_where_its_parameter_does(surface):
    faders = {widget['address']: widget for widget in surface if widget['type'] == 'fader'}
    for name in HANDS:
        param = find_param(name)
        assert faders['/n' + param.address]['default'] == pytest.approx(param.to_knob(param.default), abs=1e-4)


def test_a_menu_sends_the_number_of_its_choice(surface, osc, desk):
    menu = next(widget for widget in surface if widget.get('address') == '/dream/noise')
    send(osc, '/dream/noise', float(menu['values']['values'][menu['values']['labels'].index('split')]))
    assert desk.board['dream.noise'] == 3


def test_cords_of_the_max_patch_end_at_boxes_and_outlets_that_are_there(boxes):
    for row in max_patch()['patcher']['lines']:
        (source, outlet), (destination, inlet) = row['patchline']['source'], row['patchline']['destination']
        assert outlet < boxes[source]['numoutlets'] and inlet < boxes[destination]['numinlets']


def test_boxes_of_the_max_patch_do_not_lie_on_each_other(boxes):
    places = [box['patching_rect'] for box in boxes.values()]
    for number, (x, y, width, height) in enumerate(places):
        for left, top, wide, high in places[:number]:
            assert x >= left + wide or left >= x + width or y >= top + high or top >= y + height


def test_messages_of_the_max_patch_are_understood(boxes, osc):
    for box in boxes.values():
        if box['maxclass'] == 'message':
            for message in box['text'].split(', '):
                address, *words = message.split(' ')
                send(osc, address, *words)
    assert 'unknown' not in osc.error and osc.malformed == 0


def test_a_dial_of_the_max_patch_sends_what_it_hears(boxes, osc, desk):
    for box in boxes.values():
        if box.get('text', '').startswith('prepend /n/'):
            send(osc, box['text'].split()[1], 1.0)
    assert all(desk.board[name] == pytest.approx(find_param(name).high) for name in HANDS)
