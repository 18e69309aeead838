"""What devices are told to show."""
from dataclasses import replace

import pytest

from live.control.map_files import MAPS
from live.control.mapping import Binding, Map, Rule, load_map
from live.control.midi_controls import Control, Move
from live.control.midi_device import Device
from live.control.midi_feedback import MOST, Feedback
from live.params import find_param


class Cables:
    """Outputs that keep what is sent: what MidiOutputs does, without ports. Messages are read back as (status, ...)."""

    def __init__(self):
        self.sent, self.works, self.times, self.names = [], True, 1, ['Knobs']

    def twin(self, name):
        return name if name in self.names else ''

    def matching(self, part):
        return [name for name in self.names if part in name]

    def arrivals(self, name):
        return self.times

    def send(self, name, message):
        self.sent += [tuple(message)] if self.works else []
        return self.works

    def take(self):
        sent, self.sent = self.sent, []
        return sent


RING = Rule('cc', 0, 127)
LAMP = Rule('note', 0, 127, on=5)


class Stage:
    def __init__(self, desk, mapping):
        self.desk, self.cables = desk, Cables()
        self.device = Device('Knobs', desk, mapping)
        self.feedback = Feedback(desk, self.cables)

    def poll(self):
        self.feedback.poll([self.device])
        return self.cables.take()

    def move(self, kind, number, value, channel=1):
        self.device.move(Move(Control(kind, number, channel), value))


def bind(**bindings):
    """Return a map: cc7='display.mix', note3=Binding(...)."""
    found = {}
    for key, value in bindings.items():
        kind = key.rstrip('0123456789')
        binding = Binding(find_param(value)) if isinstance(value, str) else value
        found[kind, int(key[len(kind):])] = (binding,)
    return Map('mine', bindings=found, rules=(RING, LAMP))


def toggle(name, **others):
    return Binding(find_param(name), mode='toggle', **others)


def test_ring_is_told_once_where_its_parameter_is(desk):
    desk.set('display.mix', 0.5)
    stage = Stage(desk, bind(cc7='display.mix'))
    assert stage.poll() == [(0xB0, 7, 64)] and stage.poll() == []
    desk.set('display.mix', 1)
    assert stage.poll() == [(0xB0, 7, 127)]


def test_knob_is_not_told_what_it_says_itself(desk):
    stage = Stage(desk, bind(cc7=Binding(find_param('display.mix'), takeover='jump')))
    stage.poll()
    stage.move('cc', 7, 30)
    assert stage.poll() == []
    desk.set('display.mix', 0)
    assert stage.poll() == [(0xB0, 7, 0)]


def test_ring_that_was_turned_away_and_set_back_is_told_again(desk):
    desk.set('display.mix', 1)
    stage = Stage(desk, bind(cc7=Binding(find_param('display.mix'), takeover='jump')))
    stage.poll()
    stage.move('cc', 7, 30)
    stage.poll()
    desk.set('display.mix', 1)
    assert stage.poll() == [(0xB0, 7, 127)]


def test_lamp_follows_its_switch_and_is_lit_again_after_a_press(desk):
    stage = Stage(desk, bind(note3=toggle('stage.blackout')))
    assert stage.poll() == [(0x90, 3, 0)]
    stage.move('note', 3, 127)
    assert stage.poll() == [(0x90, 3, 5)]
    stage.move('note', 3, 0)                # many devices put the lamp out now
    assert stage.poll() == [(0x90, 3, 5)]


def test_pad_has_a_colour_of_its_own(desk):
    desk.set('stage.freeze', 1)
    assert Stage(desk, bind(note3=toggle('stage.freeze', lit=45))).poll() == [(0x90, 3, 45)]


@pytest.mark.parametrize('choice, value', [('band', 5), ('high', 0)])
def test_pad_of_one_choice_is_lit_while_it_is_chosen(desk, choice, value):
    desk.set('drone.filter', choice)
    binding = Binding(find_param('drone.filter'), high=2, mode='trigger')
    assert Stage(desk, bind(note3=binding)).poll() == [(0x90, 3, value)]


def test_panic_pad_is_lit_while_silent(desk):
    stage = Stage(desk, bind(note3=Binding(action='panic', mode='trigger')))
    stage.poll()
    stage.move('note', 3, 127)
    assert desk.silenced and stage.poll() == [(0x90, 3, 5)]


def test_everything_is_told_anew_to_a_device_that_came_back(desk):
    stage = Stage(desk, bind(cc7='display.mix'))
    first = stage.poll()
    stage.cables.times += 1
    assert stage.poll() == first


@pytest.mark.parametrize('names, told', [(['nano CTRL'], 1), (['nano CTRL', 'nano other'], 0), (['synth'], 0)])
def test_output_of_another_name_is_known_by_the_map(desk, names, told):
    stage = Stage(desk, replace(bind(cc7='display.mix'), devices=('nano',)))
    stage.cables.names = names
    assert len(stage.poll()) == told


def test_what_could_not_be_sent_is_sent_later(desk):
    stage = Stage(desk, bind(cc7='display.mix'))
    stage.cables.works = False
    assert stage.poll() == []
    stage.cables.works = True
    assert len(stage.poll()) == 1


def test_no_more_is_sent_at_once_than_a_cable_carries(desk):
    stage = Stage(desk, bind(**{f'cc{number}': 'display.mix' for number in range(100)}))
    assert [len(stage.poll()) for _ in range(5)] == [MOST, MOST, MOST, 100 - 3 * MOST, 0]


def test_device_without_rules_hears_nothing(desk):
    assert Stage(desk, Map('mine', bindings=bind(cc7='display.mix').bindings)).poll() == []


def test_motor_fader_is_told_in_fourteen_bits(desk):
    desk.set('display.mix', 1)
    mapping = Map('mine', bindings={('bend', 0): (Binding(find_param('display.mix'), channel=3),)}, rules=(
        Rule('bend', on=16383),))
    assert Stage(desk, mapping).poll() == [(0xE2, 127, 127)]


def test_apc_pads_take_full_brightness_and_their_colour(desk):
    desk.set('stage.blackout', 1)
    stage = Stage(desk, load_map(MAPS / 'apc_mini_mk2.toml'))
    sent = [message for _ in range(4) for message in stage.poll()]
    assert (0x96, 2, 5) in sent and (0x96, 3, 0) in sent
    assert {message[0] for message in sent} == {0x96}


def test_twister_rings_and_segments_have_channels_of_their_own(desk):
    desk.set('drone.hold', 1)
    desk.set('display.mix', 1)
    stage = Stage(desk, load_map(MAPS / 'midi_fighter_twister.toml'))
    sent = [message for _ in range(4) for message in stage.poll()]
    assert (0xB1, 0, 50) in sent and (0xB0, 15, 127) in sent


def test_x_touch_lamps_are_numbered_from_nought_on_the_global_channel(desk):
    desk.set('stage.blackout', 1)
    desk.set('prompt.mix', 1)
    sent = Stage(desk, load_map(MAPS / 'x_touch_mini.toml')).poll()
    assert (0x90, 12, 1) in sent and (0xBA, 8, 127) in sent
