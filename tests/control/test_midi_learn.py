"""Learning: what a control is, seen from what it sends, and what it is bound to then."""
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mido import Message

from live.control.mapping import Binding, Map
from live.control.midi_controls import Control, ControlReader, Move
from live.control.midi_device import Device
from live.control.midi_learn import PATIENCE, UNSURE, WATCH, Learn, classify, classify_values, with_binding, without
from live.params import find_param


@pytest.mark.parametrize('values, mode, sure', [
    ([40, 42, 45, 47], 'absolute', True),
    ([3, 2, 1, 0, 0], 'absolute', True),
    ([1, 2, 3, 4, 5], 'absolute', True),
    ([62, 63, 64, 65, 66], 'absolute', True),
    ([61, 63, 65, 67], 'absolute', True),
    ([63, 64, 63, 64, 65], 'absolute', True),
    ([125, 126, 127, 127, 127], 'absolute', True),
    ([12, 13, 12, 13, 14], 'absolute', True),
    ([127], 'absolute', False),
    ([45], 'absolute', False),
    ([127, 0], 'button', True),
    ([0, 127], 'button', False),
    ([127, 0, 127, 0], 'button', True),
    ([1, 1, 1], 'twos', False),
    ([1, 1, 2, 1, 3, 1], 'twos', False),
    ([1, 1, 2, 127, 127], 'twos', True),
    ([127, 127, 127], 'twos', True),
    ([1, 1, 65, 65], 'signed', True),
    ([65, 65, 1, 1], 'reversed', True),
    ([65, 65, 66, 65], 'offset', False),
    ([65, 66, 63, 62, 63], 'offset', True),
    ([63, 63, 63], 'offset', True),
])
def test_values_tell_what_sends_them(values, mode, sure):
    assert classify_values(values) == (mode, sure)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 127), min_size=3, max_size=40, unique=True).map(sorted), st.booleans())
def test_knob_that_moves_on_is_a_knob(values, falling):
    assert classify_values(values[::-1] if falling else values) == ('absolute', True)


def moves(*messages):
    reader = ControlReader()
    return [move for message in messages for move in reader.read(message)]


def cc(number, *values):
    return [Message('control_change', control=number, value=value) for value in values]


def note(number, velocity=90):
    return Message('note_on', note=number, velocity=velocity)


def both(coarse, fine, number):
    return [message for pair in zip(cc(number, *coarse), cc(number + 32, *fine)) for message in pair]


@pytest.mark.parametrize('messages, kind, number, mode', [
    (cc(7, 1, 4, 9), 'cc', 7, 'absolute'),
    (both((1, 1, 2), (5, 90, 3), 7), 'cc14', 7, 'absolute'),
    ([*cc(99, 2), *cc(98, 3), *both((1, 2, 3), (9, 8, 7), 6)], 'nrpn', 259, 'absolute'),
    ([*cc(99, 2), *cc(98, 3), *cc(6, 1, 5, 9)], 'nrpn7', 259, 'absolute'),
    ([Message('pitchwheel', pitch=pitch) for pitch in (5, 90, 300)], 'bend', 0, 'absolute'),
    ([note(104, 127), *(Message('pitchwheel', pitch=pitch) for pitch in (5, 90, 300))], 'bend', 0, 'absolute'),
    ([Message('aftertouch', value=value) for value in (5, 20, 60)], 'pressure', 0, 'absolute'),
    ([note(36), Message('aftertouch', value=60), Message('note_off', note=36)], 'note', 36, 'button'),
    ([*cc(10, 60), *cc(7, 1, 4, 9)], 'cc', 7, 'absolute'),
])
def test_messages_tell_what_control_moved(messages, kind, number, mode):
    guess = classify(moves(*messages))
    assert (guess.control, guess.mode, guess.sure) == (Control(kind, number, 1), mode, True)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Lesson:
    """A device, and learning that binds to it at once and saves nothing."""

    def __init__(self, desk, mapping=Map()):
        self.desk, self.clock = desk, Clock()
        self.device = Device('Knobs', desk, mapping)
        self.learn = Learn(desk, self.use, lambda: [self.device], self.clock)

    def use(self, device, changed):
        device.mapping = changed

    def do(self, *messages, after=WATCH):
        self.learn.watch(self.device, moves(*messages))
        self.clock.now += after
        self.learn.tick()

    def bound(self, control):
        return [(binding.target, binding.mode) for binding in self.device.mapping.find(control)]


@pytest.fixture
def lesson(desk):
    return Lesson(desk)


def test_armed_parameter_is_bound_to_the_knob_that_moves(lesson, desk):
    assert lesson.learn.arm('drone.root') and lesson.learn.armed == 'drone.root'
    lesson.do(*cc(21, 5, 6, 8, 9))
    assert lesson.bound(Control('cc', 21, 1)) == [('drone.root', 'absolute')] and lesson.learn.armed == ''
    assert desk.message == 'drone.root: a knob of Knobs, cc 21 on channel 1'


def test_what_is_not_sure_waits_for_more(lesson):
    lesson.learn.arm('drone.root')
    lesson.do(*cc(21, 1, 1, 1))
    assert lesson.learn.state['advice'] == 'drone.root: now a little to the left'
    lesson.do(*cc(21, 65, 65))
    assert lesson.bound(Control('cc', 21, 1)) == [('drone.root', 'signed')]


@pytest.mark.parametrize('end', [note(60, 0), Message('note_off', note=60)])
def test_a_key_held_before_is_let_go_and_not_learned(lesson, end):
    lesson.learn.arm('drone.root')
    assert not lesson.learn.watch(lesson.device, moves(end))
    lesson.clock.now += 10
    lesson.learn.tick()
    assert lesson.bound(Control('note', 60, 1)) == [] and lesson.learn.armed == 'drone.root'


def test_key_arms_what_was_moved_last_and_takes_it_back(lesson, desk):
    assert lesson.learn.turn_over().startswith('nothing was moved yet')
    desk.set('motes.size', 0.3)
    desk.set('motes.hue', 0.3)
    assert lesson.learn.turn_over() == 'motes.hue: turn a knob slowly to the right, or press a button'
    assert lesson.learn.turn_over() == 'motes.hue: learning cancelled' and lesson.learn.armed == ''


def test_what_stays_unsure_becomes_the_usual(lesson):
    lesson.learn.arm('drone.root')
    lesson.do(*cc(21, 1, 1, 1), after=UNSURE)
    assert lesson.bound(Control('cc', 21, 1)) == [('drone.root', 'twos')]


@pytest.mark.parametrize('name, mode', [('drone.hold', 'toggle'), ('drone.filter', 'step'), ('drone.root', 'momentary'),
                                        ('go', 'trigger'), ('recall 3', 'trigger')])
@pytest.mark.parametrize('messages, control', [(cc(41, 127, 0), Control('cc', 41, 1)),
                                               ([note(36)], Control('note', 36, 1))])
def test_button_does_what_suits_what_it_steers(lesson, name, mode, messages, control):
    assert lesson.learn.arm(name)
    lesson.do(*messages)
    assert lesson.bound(control) == [(name, mode)]


def test_latching_button_switches_as_it_says(lesson):
    lesson.learn.arm('drone.hold')
    lesson.do(*cc(41, 127), after=UNSURE)
    assert lesson.bound(Control('cc', 41, 1)) == [('drone.hold', 'absolute')]


def test_wrong_guess_is_mended_by_learning_again(lesson):
    lesson.learn.arm('drone.root')
    lesson.do(*cc(7, 1, 4, 9))
    lesson.learn.arm('drone.root')
    lesson.do(*both((1, 1, 2), (5, 90, 3), 7))
    assert set(lesson.device.mapping.bindings) == {('cc14', 7)}


def test_learned_control_does_nothing_else_any_more_unless_it_is_added(lesson):
    for name, add in (('drone.root', False), ('display.mix', False), ('motes.size', True)):
        lesson.learn.arm(name, add)
        lesson.do(*cc(21, 5, 6, 8, 9))
    assert lesson.bound(Control('cc', 21, 1)) == [('display.mix', 'absolute'), ('motes.size', 'absolute')]


def test_other_channel_keeps_its_own():
    before = Map(bindings={('cc', 7): (Binding(find_param('drone.root'), channel=1),
                                       Binding(find_param('display.mix'), channel=2))})
    mapping = with_binding(before, Control('cc', 7, 1), Binding(find_param('motes.hue')))
    assert [binding.target for binding in mapping.bindings['cc', 7]] == ['display.mix', 'motes.hue']


def test_forgotten_parameter_is_steered_by_nothing(lesson, desk):
    lesson.learn.arm('drone.root')
    lesson.do(*cc(21, 5, 6, 8, 9))
    assert lesson.learn.forget('drone.root') and lesson.device.mapping.bindings == {}
    assert not lesson.learn.forget('drone.root') and desk.message == 'drone.root: no control steers it'


def test_while_armed_a_control_does_nothing_and_after_it_does_again(lesson):
    assert not lesson.learn.watch(lesson.device, moves(*cc(21, 5)))
    lesson.learn.arm('drone.root')
    assert lesson.learn.watch(lesson.device, moves(*cc(21, 5)))
    lesson.learn.cancel()
    assert not lesson.learn.watch(lesson.device, moves(*cc(21, 5))) and lesson.learn.armed == ''


def test_second_device_is_not_heard_while_the_first_moves(lesson, desk):
    lesson.learn.arm('drone.root')
    lesson.do(*cc(21, 5), after=0)
    lesson.learn.watch(Device('Other', desk, Map()), [Move(Control('cc', 99, 1), value) for value in range(9)])
    lesson.do(*cc(21, 6, 7))
    assert lesson.bound(Control('cc', 21, 1))


def test_forgotten_arming_gives_up(lesson, desk):
    lesson.learn.arm('drone.root')
    lesson.clock.now = PATIENCE + 1
    lesson.learn.tick()
    assert lesson.learn.armed == '' and desk.message == 'drone.root: learning cancelled'


@pytest.mark.parametrize('name, sentence', [
    ('drone.rot', 'drone.rot is neither a parameter nor an action; did you mean drone.root?'),
    ('recal', 'recal is neither a parameter nor an action; did you mean recall?'),
    ('recall', 'recall: recall needs the number of a scene, as in recall 1'),
    ('recall x', 'recall x: recall needs the number of a scene, as in recall 1')])
def test_what_does_not_exist_is_not_armed(lesson, desk, name, sentence):
    assert not lesson.learn.arm(name) and lesson.learn.armed == '' and desk.message == sentence


def test_page_is_told_what_steers_what(lesson):
    lesson.learn.arm('recall 3')
    lesson.do(note(36))
    assert lesson.learn.state['bound'] == {'recall 3': ['Knobs: note 36 on channel 1']}


def test_without_leaves_other_bindings_of_the_same_control():
    two = Map(bindings={('cc', 7): (Binding(find_param('drone.root')), Binding(find_param('motes.hue')))})
    assert [binding.target for binding in without(two, 'drone.root').bindings['cc', 7]] == ['motes.hue']


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 119), st.integers(0, 127)), max_size=40))
def test_any_stream_is_classified_or_waits(stream):
    guess = classify(moves(*(Message('control_change', control=number, value=value) for number, value in stream)))
    assert guess is None if not stream else guess.control.kind in ('cc', 'cc14', 'nrpn', 'nrpn7')
