"""The keys of the window."""
import pytest

from live.control.keys import ACTION_OF, GAIN_STEP_DB, LEAVE_TIME, Keys
from live.signals import GATE, PANIC


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(desk, clock):
    return Keys(desk, clock)


@pytest.mark.parametrize('pause, action', [(0.1, 'leave'), (LEAVE_TIME, 'leave'), (LEAVE_TIME + 0.1, '')])
def test_escape_leaves_when_pressed_twice_in_time(keys, clock, pause, action):
    assert keys.press('escape') == ('', 'Esc again to leave')
    clock.now += pause
    assert keys.press('escape').action == action


def test_f_is_left_to_the_window(keys):
    assert keys.press('F').action == 'fullscreen'


@pytest.mark.parametrize('key, name', [('b', 'stage.blackout'), ('space', 'stage.freeze'), ('h', 'stage.overlay')])
def test_switch_keys_turn_on_and_off(keys, desk, key, name):
    assert keys.press(key).message.endswith('on') and desk.board[name] == 1
    assert keys.press(key).message.endswith('off') and desk.board[name] == 0


def test_p_panics_and_sounds_again(keys, desk):
    keys.press('p')
    keys.press('p')
    assert [kind for kind, _ in desk.sent()] == [PANIC, GATE]


def test_arrows_move_the_main_level(keys, desk):
    keys.press('down')
    assert desk.board['stage.gain_db'] == -GAIN_STEP_DB
    keys.press('up')
    assert desk.board['stage.gain_db'] == 0


@pytest.mark.parametrize('key', ACTION_OF)
def test_keys_do_actions_and_what_is_said_is_shown(keys, desk, key):
    desk.offer(ACTION_OF[key], lambda: desk.say('done'))
    assert keys.press(key).message == 'done'


@pytest.mark.parametrize('key, number', [('1', 1), ('9', 9), ('0', 10)])
def test_digits_recall_scenes(keys, desk, key, number):
    desk.offer('recall', lambda asked: desk.say(f'scene {asked:g}'))
    assert keys.press(key).message == f'scene {number}'


def test_a_key_whose_action_is_refused_shows_why(keys):
    assert 'scene 3 is empty' in keys.press('3').message


def test_keys_are_called_as_the_window_calls_them():
    import pygame
    names = {pygame.key.name(getattr(pygame, name)) for name in dir(pygame) if name.startswith('K_')}
    assert set(ACTION_OF) <= names


def test_other_keys_do_nothing(keys, desk):
    assert keys.press('q') == ('', '') and desk.changes == 0


def test_key_that_was_added_does_what_it_was_given(keys):
    keys.add('l', lambda: 'learning')
    assert keys.press('L').message == 'learning'
