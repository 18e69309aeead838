"""Gamepads: SDL's own virtual devices are plugged in, moved and unplugged, and the events are SDL's."""
import ctypes
from pathlib import Path

import pygame
import pytest

from live.control.gamepad_map import AXES as MAPPED_AXES, BUTTONS as MAPPED_BUTTONS
from live.display.gamepads import AXES, BUTTONS, Gamepads

PAD, STICK = 1, 0       # kinds of virtual device, as SDL counts them


class Virtual:
    """SDL's virtual joysticks; the library is the one that pygame has loaded."""

    def __init__(self):
        self.sdl = ctypes.CDLL(find_sdl())
        self.sdl.SDL_JoystickOpen.restype = ctypes.c_void_p
        self.opened = []

    def plug(self, kind, axes, buttons, hats=0):
        index = self.sdl.SDL_JoystickAttachVirtual(kind, axes, buttons, hats)
        assert index >= 0
        self.opened.append(ctypes.c_void_p(self.sdl.SDL_JoystickOpen(index)))

    def unplug(self):
        if self.opened:
            self.opened.pop()
            self.sdl.SDL_JoystickDetachVirtual(len(self.opened))

    def axis(self, number, value):
        self.sdl.SDL_JoystickSetVirtualAxis(self.opened[-1], number, ctypes.c_int16(value))

    def button(self, number, pressed):
        self.sdl.SDL_JoystickSetVirtualButton(self.opened[-1], number, int(pressed))

    def hat(self, value):
        self.sdl.SDL_JoystickSetVirtualHat(self.opened[-1], 0, value)


def find_sdl():
    maps = Path('/proc/self/maps')
    lines = maps.read_text().splitlines() if maps.exists() else []
    loaded = [line.split()[-1] for line in lines if 'libSDL2-2' in line]
    if not loaded:
        pytest.skip('where SDL lies is known on Linux alone')
    return loaded[0]


@pytest.fixture
def gamepads(monkeypatch):
    monkeypatch.setenv('SDL_VIDEODRIVER', 'dummy')
    pygame.display.init()
    pygame.display.set_mode((16, 16))
    gamepads = Gamepads()
    pygame.event.clear()
    yield gamepads
    gamepads.close()
    pygame.display.quit()


@pytest.fixture
def virtual(gamepads):
    virtual = Virtual()
    yield virtual
    while virtual.opened:
        virtual.unplug()


def moves(gamepads):
    return [move for event in pygame.event.get() for move in gamepads.read(event)]


def test_what_is_plugged_in_and_out_is_told(gamepads, virtual):
    virtual.plug(PAD, 6, 15)
    (kind, device, name, plugged), = moves(gamepads)
    assert kind == 'plugged' and 'Controller' in name and plugged
    virtual.unplug()
    assert moves(gamepads) == [('plugged', device, '', False)]


def test_sticks_triggers_and_buttons_have_names_and_come_once(gamepads, virtual):
    virtual.plug(PAD, 6, 15)
    moves(gamepads)
    virtual.axis(0, 32767)
    virtual.axis(1, -32768)
    virtual.axis(4, 32767)
    virtual.button(0, True)
    told = [(kind, name, pytest.approx(value)) for kind, _, name, value in moves(gamepads)]
    assert ('axis', 'left_x', 1) in told and ('axis', 'left_y', 1) in told      # up is positive
    assert ('axis', 'left_trigger', 1) in told and ('button', 'a', True) in told and len(told) == 4
    virtual.button(0, False)
    assert [move[2:] for move in moves(gamepads)] == [('a', False)]


def test_a_joystick_that_is_no_gamepad_has_numbers(gamepads, virtual):
    virtual.plug(STICK, 3, 4, hats=1)
    assert moves(gamepads)[0][0] == 'plugged'
    virtual.axis(2, -32768)
    virtual.button(3, True)
    virtual.hat(1)
    told = [(name, value) for *_, name, value in moves(gamepads)]
    assert told == [('axis3', -1), ('button4', True), ('hat1_up', True)]
    virtual.hat(2)
    assert [(name, value) for *_, name, value in moves(gamepads)] == [('hat1_right', True), ('hat1_up', False)]


def test_two_pads_have_two_numbers(gamepads, virtual):
    virtual.plug(PAD, 6, 15)
    virtual.plug(PAD, 6, 15)
    assert len({device for kind, device, *_ in moves(gamepads) if kind == 'plugged'}) == 2


def test_keys_and_the_mouse_are_none_of_ours(gamepads):
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_a))
    assert moves(gamepads) == []


def test_maps_know_the_names_of_the_window():
    assert MAPPED_AXES == AXES and MAPPED_BUTTONS == BUTTONS
