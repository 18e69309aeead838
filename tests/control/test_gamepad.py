"""Gamepads on a Desk: sticks with speed, triggers, buttons; their maps, read strictly."""
import pytest

from live.control.gamepad import Gamepad, bend
from live.control.gamepad_map import PADS, PadError, find_pad, load_pad

MAP = '''
dead = 0.2
[axis]
left_x = { param = 'dream.strength', rate = 0.5 }
left_y = { param = 'drone.octaves', rate = 1 }
left_trigger = { param = 'drone.gate', low = 0.2, high = 0.8 }
[button]
a = { action = 'go' }
b = { action = 'recall', value = 3 }
x = 'stage.freeze'
y = { param = 'reverb.freeze', hold = true }
'''


@pytest.fixture
def read(tmp_path):
    def read_text(text):
        (tmp_path / 'pad.toml').write_text(text)
        return load_pad(tmp_path / 'pad.toml')
    return read_text


@pytest.fixture
def pad(desk, read):
    pad = Gamepad(desk, read(MAP))
    pad.tick(0.0)
    return pad


def push(pad, control, value, seconds=1.0):
    """Hold a stick for a while, ticked as by the conductor."""
    begin = pad._now
    pad.handle('axis', 0, control, value)
    for number in range(round(seconds * 100)):
        pad.tick(begin + (number + 1) / 100)
    pad.handle('axis', 0, control, 0.0)


def test_a_pushed_stick_moves_with_its_speed(pad, desk):
    push(pad, 'left_x', 1.0)
    assert desk.board['dream.strength'] == pytest.approx(0.95, abs=0.01)
    push(pad, 'left_x', -1.0, 0.5)
    assert desk.board['dream.strength'] == pytest.approx(0.70, abs=0.01)


def test_a_stick_at_rest_moves_nothing(pad, desk):
    push(pad, 'left_x', 0.19, 5)
    assert desk.changes == 0 and not pad.tick(100)


@pytest.mark.parametrize('value, speed', [(0, 0), (0.2, 0), (1, 1), (-1, -1), (0.59, 0.25), (float('nan'), 0)])
def test_a_stick_is_fine_near_its_middle(value, speed):
    assert bend(value, 0.2) == pytest.approx(speed)


def test_whole_numbers_are_reached_in_their_time(pad, desk):
    desk.set('drone.octaves', 0)
    push(pad, 'left_y', 1.0, 0.5)
    assert desk.board['drone.octaves'] == 3


def test_a_hand_elsewhere_is_followed(pad, desk):
    pad.handle('axis', 0, 'left_x', 1.0)
    pad.tick(0.1)
    desk.set('dream.strength', 0.1)
    pad.tick(0.2)
    assert desk.board['dream.strength'] == pytest.approx(0.15, abs=0.01)


def test_one_push_is_one_gesture(pad, desk):
    before = desk.board['dream.strength']
    push(pad, 'left_x', 1.0)
    desk.act('undo')
    assert desk.board['dream.strength'] == before


def test_a_trigger_holds_its_parameter(pad, desk):
    for value, gate in ((0, 0.2), (0.5, 0.5), (1, 0.8)):
        pad.handle('axis', 0, 'left_trigger', value)
        assert desk.board['drone.gate'] == pytest.approx(gate)


def test_buttons_act_when_pressed(pad, desk):
    done = []
    desk.offer('go', lambda: done.append('go'))
    desk.offer('recall', done.append)
    for button in 'ab':
        pad.handle('button', 0, button, True)
        pad.handle('button', 0, button, False)
    assert done == ['go', 3]


def test_switches_turn_over_or_are_held(pad, desk):
    states = []
    for button, pressed in (('x', True), ('x', False), ('x', True), ('y', True), ('y', False)):
        pad.handle('button', 0, button, pressed)
        states.append((desk.board['stage.freeze'], desk.board['reverb.freeze']))
    assert states == [(1, 0), (1, 0), (0, 0), (0, 1), (0, 0)]


def test_a_pad_that_is_unplugged_lets_go(pad, desk):
    pad.handle('plugged', 0, 'Pad', True)
    pad.handle('axis', 0, 'left_x', 1.0)
    assert pad.devices == {0: 'Pad'} and pad.tick(0.1)
    pad.handle('plugged', 0, '', False)
    assert pad.devices == {} and not pad.tick(0.2) and 'unplugged' in desk.message


def test_what_is_not_mapped_does_nothing(pad, desk):
    pad.handle('axis', 0, 'right_x', 1.0)
    pad.handle('button', 0, 'guide', True)
    assert desk.changes == desk.refused == 0 and not pad.tick(1)


@pytest.mark.parametrize('name', sorted(path.stem for path in PADS.glob('*.toml')))
def test_maps_that_come_with_the_instrument_are_good(name):
    mapping = load_pad(find_pad(name))
    assert mapping.description.endswith('.') and mapping.axes and mapping.buttons


@pytest.mark.parametrize('text, said', [
    ('deed = 1', 'deed is unknown; did you mean dead?'),
    ('description = 1', 'description is not a text'),
    ('dead = 1', 'dead = 1 is outside 0..0.9'),
    ('axis = 3', 'axis = 3 is not a table'),
    ('[axis]\nleft_z = {param = "dream.strength"}', 'axis.left_z is unknown; did you mean left_y?'),
    ('[axis]\nleft_x = "dream.strength"', 'axis.left_x = '),
    ('[axis]\nleft_x = {param = "dream.strengh"}', 'did you mean dream.strength?'),
    ('[axis]\nleft_x = {param = "dream.strength", rate = nan}', 'axis.left_x.rate = nan is outside'),
    ('[axis]\nleft_x = {param = "dream.strength", rate = 1, low = 0}', 'neither low nor high'),
    ('[axis]\nleft_x = {param = "dream.strength", high = 2}', 'dream.strength = 2 is outside 0..1'),
    ('[button]\na = 3', 'button.a = 3 is neither'),
    ('[button]\na = "dream.strength"', 'dream.strength is not a switch'),
    ('[button]\na = {action = "goo"}', "there is no action 'goo'; did you mean go?"),
    ('[button]\na = {action = "recall"}', 'recall needs value = the number of a scene'),
    ('[button]\na = {action = "go", value = 3}', 'go needs no value'),
    ('[button]\nbutton12 = {action = "go", colour = 1}', 'button.button12.colour is unknown'),
])
def test_a_mistake_is_told_in_one_sentence(read, text, said):
    with pytest.raises(PadError) as error:
        read(text)
    assert said in str(error.value) and str(error.value).startswith('pad.toml: ')


def test_joysticks_have_numbers(read):
    mapping = read('[axis]\naxis3 = {param = "dream.strength"}\n[button]\nhat1_up = {action = "go"}')
    assert list(mapping.axes) == ['axis3'] and list(mapping.buttons) == ['hat1_up']
