"""Gamepads -> Desk: a pushed stick moves a parameter with a speed, a trigger holds one, buttons do actions.

In: what the window tells of gamepads, as plain tuples, and ticks of the conductor, which move what sticks push. A pad
that is unplugged lets everything go. Knows nothing of SDL.
"""
import math
from typing import TYPE_CHECKING

from live.control.gamepad_map import Axis, Button, PadMap

if TYPE_CHECKING:
    from live.control.desk import Desk

FULL = 0.98             # of a stick's way: few reach their end
FORGET = 0.02           # of a knob: further away, somebody else has moved it


class Gamepad:
    """All gamepads that are plugged in, by one map. devices: their names by number."""

    def __init__(self, desk: 'Desk', mapping: PadMap = PadMap()) -> None:
        self.desk, self.mapping = desk, mapping
        self.devices: dict[int, str] = {}
        self._pushed: dict[tuple[int, str], float] = {}     # sticks out of their middle: speed -1..1
        self._places: dict[str, float] = {}     # of knobs that sticks move, finer than a parameter may be
        self._now = math.inf

    def handle(self, kind: str, device: int, control: str, value: float | bool) -> None:
        """[main] Take ('axis', device, name, -1..1), ('button', device, name, pressed), ('plugged', device, name, in).

        Up and right are positive; triggers go from 0 to 1.
        """
        if kind == 'plugged':
            self._plug(device, control, bool(value))
        elif kind == 'axis' and (axis := self.mapping.axes.get(control)):
            self._push((device, control), axis, float(value))
        elif kind == 'button' and (button := self.mapping.buttons.get(control)):
            self._press(button, bool(value))

    def _plug(self, device: int, name: str, plugged: bool) -> None:
        if plugged:
            self.devices[device] = name
        else:
            self.devices.pop(device, None)
            self._pushed = {key: speed for key, speed in self._pushed.items() if key[0] != device}
        self.desk.say(f'gamepad: {name}' if plugged else 'a gamepad was unplugged')

    def _push(self, key: tuple[int, str], axis: Axis, value: float) -> None:
        if not axis.rate:
            self.desk.turn(axis.param.name, axis.low + (axis.high - axis.low) * min(1.0, max(0.0, value)))
            return
        speed = bend(value, self.mapping.dead)
        pushed = {other: speed for other, speed in self._pushed.items() if other != key}
        self._pushed = {**pushed, key: speed} if speed else pushed     # replaced whole: the conductor reads it
        self.desk.stir()

    def _press(self, button: Button, pressed: bool) -> None:
        if button.param and button.hold:
            self.desk.set(button.param.name, float(pressed))
        elif pressed and button.param:
            self.desk.toggle(button.param.name)
        elif pressed:
            self.desk.act(button.action, button.value)

    def tick(self, now: float) -> bool:
        """[control] Move what is pushed; True while something is."""
        passed, self._now = max(0.0, now - self._now), now
        pushed = self._pushed
        if not pushed:
            self._places.clear()
        for (_, control), speed in pushed.items():
            self._move(self.mapping.axes[control], speed * passed)
        return bool(pushed)

    def _move(self, axis: Axis, way: float) -> None:
        """Turn a knob by `way` of its rate; whole numbers and choices are reached in their own time."""
        param = axis.param
        stands = param.to_knob(self.desk.board[param.name])
        place = self._places.get(param.name, stands)
        if abs(place - stands) > FORGET and param.clamp(param.from_knob(place)) != self.desk.board[param.name]:
            place = stands
        self._places[param.name] = place = min(1.0, max(0.0, place + axis.rate * way))
        if way:
            self.desk.turn(param.name, place)


def bend(value: float, dead: float) -> float:
    """Return how fast a stick at -1..1 moves, -1..1: not at all near its middle, finely around it."""
    if not math.isfinite(value) or abs(value) <= dead:
        return 0.0
    return math.copysign(min(1.0, (abs(value) - dead) / (FULL - dead)) ** 2, value)
