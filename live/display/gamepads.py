"""Gamepads as SDL finds them: opened when they are plugged in, and their events as plain tuples. [main]

    ('plugged', device, name, True or False)
    ('axis', device, 'left_x', -1..1)       up and right are positive; triggers go from 0 to 1
    ('button', device, 'a', True or False)

What SDL knows as a gamepad has names everywhere the same; of any other joystick: axis1, button1, hat1_up. Events come
also while another window has the keyboard. Knows nothing of what they do. Written for what pygame and pygame-ce have
in common.
"""
import contextlib
import os
from collections.abc import Iterator
from typing import Any

import pygame
from pygame._sdl2 import controller

AXES = ('left_x', 'left_y', 'right_x', 'right_y', 'left_trigger', 'right_trigger')      # in SDL's order
BUTTONS = ('a', 'b', 'x', 'y', 'back', 'guide', 'start', 'left_stick', 'right_stick', 'left_shoulder',
           'right_shoulder', 'up', 'down', 'left', 'right', 'misc', 'paddle1', 'paddle2', 'paddle3', 'paddle4',
           'touchpad')
DOWNWARDS = ('left_y', 'right_y')       # SDL's positive is down
HAT = (('left', 0, -1), ('right', 0, 1), ('down', 1, -1), ('up', 1, 1))

Move = tuple[str, int, str, float | bool]


class Gamepads:
    """What is plugged in, by number."""

    def __init__(self) -> None:
        os.environ.setdefault('SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS', '1')
        with contextlib.suppress(pygame.error):     # a system without joysticks
            controller.init()
            pygame.joystick.init()
        self._pads: dict[int, Any] = {}         # Controller
        self._sticks: dict[int, Any] = {}       # Joystick
        self._hats: dict[tuple[int, int], tuple[int, int]] = {}

    def read(self, event: pygame.event.Event) -> Iterator[Move]:
        """Yield what an event of SDL tells of gamepads."""
        if event.type == pygame.JOYDEVICEADDED:
            yield from self._open(event.device_index)
        elif event.type == pygame.JOYDEVICEREMOVED:
            yield from self._close(event.instance_id)
        elif event.type == pygame.CONTROLLERAXISMOTION and event.axis < len(AXES):
            yield 'axis', event.instance_id, AXES[event.axis], place(AXES[event.axis], event.value)
        elif event.type in (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP) and event.button < len(BUTTONS):
            yield 'button', event.instance_id, BUTTONS[event.button], event.type == pygame.CONTROLLERBUTTONDOWN
        elif getattr(event, 'instance_id', None) in self._sticks:
            yield from self._read_stick(event)

    def _open(self, index: int) -> Iterator[Move]:
        try:
            device, name = self._open_pad(index) if controller.is_controller(index) else self._open_stick(index)
        except pygame.error:        # unplugged meanwhile
            return
        yield 'plugged', device, name, True

    def _open_pad(self, index: int) -> tuple[int, str]:
        pad = controller.Controller(index)
        device = pad.as_joystick().get_instance_id()
        self._pads[device] = pad
        return device, pad.name

    def _open_stick(self, index: int) -> tuple[int, str]:
        stick = pygame.joystick.Joystick(index)
        self._sticks[stick.get_instance_id()] = stick
        return stick.get_instance_id(), stick.get_name()

    def _close(self, device: int) -> Iterator[Move]:
        if self._pads.pop(device, None) or self._sticks.pop(device, None):
            self._hats = {key: value for key, value in self._hats.items() if key[0] != device}
            yield 'plugged', device, '', False

    def _read_stick(self, event: pygame.event.Event) -> Iterator[Move]:
        if event.type == pygame.JOYAXISMOTION:
            yield 'axis', event.instance_id, f'axis{event.axis + 1}', max(-1.0, min(1.0, event.value))
        elif event.type in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            yield 'button', event.instance_id, f'button{event.button + 1}', event.type == pygame.JOYBUTTONDOWN
        elif event.type == pygame.JOYHATMOTION:
            yield from self._read_hat(event)

    def _read_hat(self, event: pygame.event.Event) -> Iterator[Move]:
        """Yield the four buttons that a hat is, those that have changed."""
        key = event.instance_id, event.hat
        before, self._hats[key] = self._hats.get(key, (0, 0)), tuple(event.value)
        for name, axis, sign in HAT:
            pressed = event.value[axis] == sign
            if pressed != (before[axis] == sign):
                yield 'button', event.instance_id, f'hat{event.hat + 1}_{name}', pressed

    def close(self) -> None:
        """Let all go."""
        for opened in (*self._pads.values(), *self._sticks.values()):
            opened.quit()
        self._pads.clear()
        self._sticks.clear()
        controller.quit()
        pygame.joystick.quit()


def place(axis: str, value: int) -> float:
    """Return where an axis stands, of SDL's 16 bits."""
    position = max(-1.0, value / 32767)
    return -position if axis in DOWNWARDS else position
