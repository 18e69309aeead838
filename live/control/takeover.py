"""How a knob gets hold of a parameter that stands elsewhere. One Takeover for each control on each parameter.

    cross   waits until the knob reaches or passes the value; then they move together
    scale   moves at once, as much faster or slower as is needed for both to reach the ends together
    jump    goes where the knob is

Nobody tells that a patch, a scene or another hand has moved the parameter: it is seen because the value is no longer
the one this knob left. So what a knob knows outlives patches. Passing counts, not only nearness: a fast turn leaps
over any window. Pure; knows nothing of MIDI.
"""
from live.control.mapping import Binding

NEAR = 0.02     # of the knob's way


class Takeover:
    """Where a knob was seen last, 0..1, and what it left; None = not yet."""

    def __init__(self) -> None:
        self.position: float | None = None
        self.left: float | None = None          # the parameter's value after our last turn
        self.knob = 0.0                         # and its exact knob position, also between two choices

    def turn(self, binding: Binding, position: float, value: float) -> float | None:
        """Return the knob position that a parameter at a value shall go to, or None to leave it."""
        before, self.position = self.position, position
        target = self._target(binding, value)
        if binding.takeover == 'scale' and before is not None:
            return binding.place(scale(before, position, target))
        if self.holds(value) or reaches(binding, before, position, target, value):
            return binding.place(position)
        return None

    def holds(self, value: float) -> bool:
        """Tell whether a parameter stands where this knob has left it."""
        return self.left == value

    def waits(self, binding: Binding, value: float) -> bool:
        """Tell whether the knob is somewhere else and waits to reach a parameter."""
        if self.position is None or binding.takeover != 'cross' or self.holds(value):
            return False
        return not reaches(binding, None, self.position, self._target(binding, value), value)

    def click(self, binding: Binding, clicks: int, value: float) -> float:
        """Return the knob position that an encoder without ends turns a parameter to."""
        param = binding.param
        assert param
        low, high = sorted(binding.ends)
        start = self.knob if self.holds(value) else param.to_knob(value)
        if param.choices:
            step = (binding.step or 1) / (len(param.choices) - 1)
        else:
            step = (binding.step or 1 / 128) * (high - low)
        if binding.ends[0] > binding.ends[1]:
            step = -step
        return min(high, max(low, start + step * clicks))

    def leave(self, knob: float, value: float) -> None:
        """Remember what this knob has turned a parameter to."""
        self.knob, self.left = knob, value

    def forget(self) -> None:
        """Know nothing any more: the knob may have been turned while nobody saw it."""
        self.position = self.left = None

    def _target(self, binding: Binding, value: float) -> float:
        """Return where the knob would have to stand."""
        assert binding.param
        return binding.find(self.knob if self.holds(value) else binding.param.to_knob(value))


def reaches(binding: Binding, before: float | None, position: float, target: float, value: float) -> bool:
    """Tell whether a knob that came from one position to another has the value there or between."""
    assert binding.param
    return (binding.takeover == 'jump' or abs(position - target) <= NEAR
            or before is not None and (before - target) * (position - target) <= 0
            or binding.param.from_knob(binding.place(position)) == value)


def scale(before: float, position: float, target: float) -> float:
    """Return where a knob that stands for `target` goes when the real one moves: both arrive at the end together."""
    if position > before:
        return target + (1 - target) * (position - before) / (1 - before)
    return target * position / before if before > 0 else target
