"""One device: what its buttons, knobs and encoders do to the desk."""
import pytest

from live.control.mapping import Binding, Map
from live.control.midi_controls import Control, Move
from live.control.midi_device import Device
from live.params import find_param


@pytest.fixture
def hold(desk):
    """A function that binds control 1 of a kind and returns one that moves it and returns the parameter."""
    def hold(name, kind='note', **entries):
        binding = Binding(find_param(name), **entries)
        device = Device('Knobs', desk, Map(bindings={(kind, 1): (binding,)}))
        return lambda *values: [device.move(Move(Control(kind, 1, 1), value)) and desk.board[name] for value in values]
    return hold


@pytest.mark.parametrize('kind', ['note', 'cc'])
def test_toggle_turns_over_at_each_press(hold, kind):
    assert hold('stage.freeze', kind, mode='toggle')(127, 0, 127, 0) == [1, 1, 0, 0]


def test_toggle_goes_between_two_values(hold, desk):
    desk.set('display.mix', 0.25)
    assert hold('display.mix', mode='toggle', low=0.25, high=0.75)(100, 0, 100) == [0.75, 0.75, 0.25]


def test_momentary_lasts_while_it_is_held(hold):
    assert hold('stage.freeze', mode='momentary')(90, 0) == [1, 0]


def test_momentary_ends_when_its_device_begins_anew(desk):
    binding = Binding(find_param('stage.freeze'), mode='momentary')
    device = Device('Knobs', desk, Map(bindings={('note', 1): (binding,)}))
    device.move(Move(Control('note', 1, 1), 90))
    device.renew()
    assert desk.board['stage.freeze'] == 0


def test_trigger_sets_and_stays(hold):
    assert hold('drone.filter', mode='trigger', high=2)(90, 0) == [2, 2]


def test_step_goes_through_the_choices_round_and_round(hold):
    press = hold('drone.filter', mode='step')
    assert [press(90, 0)[0] for _ in range(6)] == [1, 2, 3, 4, 0, 1]


def test_step_back_goes_round_the_other_way(hold):
    press = hold('drone.filter', mode='step', step=-1)
    assert [press(90, 0)[0] for _ in range(3)] == [4, 3, 2]


def test_button_that_trembles_is_one_press(hold):
    assert hold('stage.freeze', 'cc', mode='toggle')(127, 126, 127, 0) == [1, 1, 1, 1]


@pytest.mark.parametrize('mode, value', [('twos', 127), ('offset', 63), ('signed', 65), ('reversed', 1)])
def test_encoder_moves_the_parameter_from_where_it_is(hold, desk, mode, value):
    desk.set('display.mix', 0.5)
    assert hold('display.mix', 'cc', mode=mode, step=0.1)(value) == [pytest.approx(0.4)]


def test_one_button_does_several_things(desk):
    both = tuple(Binding(find_param(name), mode='toggle') for name in ('stage.freeze', 'stage.blackout'))
    Device('Knobs', desk, Map(bindings={('note', 1): both})).move(Move(Control('note', 1, 1), 99))
    assert desk.board['stage.freeze'] == desk.board['stage.blackout'] == 1


def test_action_is_done_at_the_press_alone(desk):
    done = []
    desk.offer('recall', done.append)
    device = Device('Knobs', desk, Map(bindings={('note', 1): (Binding(action='recall', value=3, mode='trigger'),)}))
    for value in (99, 0, 99):
        device.move(Move(Control('note', 1, 1), value))
    assert done == [3, 3]


def test_unbound_control_is_left_to_others(desk):
    device = Device('Knobs', desk, Map(bindings={('note', 1): (Binding(find_param('stage.freeze'), channel=2),)}))
    assert not device.move(Move(Control('note', 1, 1), 99)) and device.move(Move(Control('note', 1, 2), 99))


def test_pending_shows_where_the_knob_stands_until_it_has_hold(desk):
    device = Device('Knobs', desk, Map(bindings={('cc', 1): (Binding(find_param('display.mix'), low=0.2, high=0.6),)}))
    desk.set('display.mix', 0.5)
    device.move(Move(Control('cc', 1, 1), 0))
    assert device.pending == {'display.mix': pytest.approx(0.2)}
    device.move(Move(Control('cc', 1, 1), 127))
    assert device.pending == {} and device.held == {'display.mix'}
