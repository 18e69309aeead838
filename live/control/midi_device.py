"""One MIDI device as the instrument knows it: its stream, its map, where its knobs stand. Kept while it is unplugged.

In: moves of its controls. Out: what the map binds them to, on the Desk: parameters turned, actions done. Each device is
handled by one thread at a time; `pending` and `holds` may be asked from any. Knows nothing of ports.
"""
from live.control.desk import Desk
from live.control.mapping import Binding, Map
from live.control.midi_controls import RELATIVE, Control, ControlReader, Move
from live.control.midi_sync import Arrival
from live.control.takeover import Takeover
from live.params import SWITCH

PRESSED = 0.5       # of a button's way
PRESS_STEP = 1 / 8  # of a parameter's way that a press of a 'step' button goes


class Device:
    """A controller. shown: what feedback last sent for each control; arrivals: how often its lamps went dark;
    moves: of bound controls so far."""

    def __init__(self, name: str, desk: Desk, mapping: Map, reason: str = '') -> None:
        self.name, self.desk, self.mapping, self.reason = name, desk, mapping, reason
        self.reader = ControlReader()
        self.arrival = Arrival()
        self.bend_cents: dict[int, float] = {}      # by channel, where the device has told its bend range
        self.shown: dict[Control, int] = {}
        self.arrivals = self.moves = 0
        self.keys: set[int] = set()                 # that are down and play
        self._takeovers: dict[tuple[Control, str], Takeover] = {}
        self._pressed: dict[Control, bool] = {}

    def move(self, move: Move) -> bool:
        """Do what a control is bound to; False when it is bound to nothing."""
        bindings = self.mapping.find(move.control)
        if not bindings:
            return False
        self.moves += 1
        pressed, changed = self._press(move)
        for binding in bindings:
            if binding.is_button:
                self.shown.pop(move.control, None)      # many put their own lamp out when a button is let go
                if changed:
                    self._push(binding, pressed)
            elif binding.mode in RELATIVE:
                self._click(binding, move)
            else:
                self._turn(binding, move)
        return True

    def _press(self, move: Move) -> tuple[bool, bool]:
        """Return whether a button is pressed now, and whether that is new."""
        pressed = move.value > 0 if move.control.kind == 'note' else move.position >= PRESSED
        before = self._pressed.get(move.control, False)
        self._pressed[move.control] = pressed
        return pressed, pressed != before

    def _push(self, binding: Binding, pressed: bool) -> None:
        if binding.action:
            if pressed:
                self.desk.act(binding.action, 1 if binding.value is None else binding.value)
        elif binding.param and (pressed or binding.mode == 'momentary'):
            self.desk.turn(binding.param.name, self._pushed(binding, pressed))

    def _pushed(self, binding: Binding, pressed: bool) -> float:
        """Return the knob position that a button sends its parameter to."""
        assert binding.param
        low, high = binding.ends
        if binding.mode in ('momentary', 'trigger'):
            return high if pressed else low
        now = binding.param.to_knob(self.desk.board[binding.param.name])
        if binding.mode == 'toggle':
            return low if abs(now - high) < abs(now - low) else high
        return next_step(binding, now)

    def _click(self, binding: Binding, move: Move) -> None:
        clicks = RELATIVE[binding.mode](move.value)
        if clicks and binding.param:
            takeover = self._takeover(move.control, binding)
            self._set(binding, takeover, takeover.click(binding, clicks, self.desk.board[binding.param.name]))

    def _turn(self, binding: Binding, move: Move) -> None:
        assert binding.param
        takeover = self._takeover(move.control, binding)
        if binding.param.choices == SWITCH:
            self._set(binding, takeover, binding.place(move.position))
            return
        knob = takeover.turn(binding, move.position, self.desk.board[binding.param.name])
        if knob is not None:
            self._set(binding, takeover, knob)

    def _set(self, binding: Binding, takeover: Takeover, knob: float) -> None:
        assert binding.param
        self.desk.turn(binding.param.name, knob)
        takeover.leave(knob, self.desk.board[binding.param.name])

    def _takeover(self, control: Control, binding: Binding) -> Takeover:
        return self._takeovers.setdefault((control, binding.target), Takeover())

    def holds(self, control: Control, binding: Binding) -> bool:
        """[any] Tell whether a parameter stands where this control has left it."""
        takeover = self._takeovers.get((control, binding.target))
        return takeover is not None and takeover.holds(self.desk.board[binding.target])

    @property
    def pending(self) -> dict[str, float]:
        """Name of a parameter -> knob position 0..1 of the control here that waits to reach it."""
        waiting = {}
        for (control, name), takeover in list(self._takeovers.items()):
            for binding in self.mapping.find(control):
                if binding.target == name and not binding.is_button and binding.mode == 'absolute' \
                        and takeover.position is not None and takeover.waits(binding, self.desk.board[name]):
                    waiting[name] = binding.place(takeover.position)
        return waiting

    @property
    def held(self) -> set[str]:
        """Names of the parameters that a control here has hold of."""
        return {name for (_, name), takeover in list(self._takeovers.items()) if takeover.holds(self.desk.board[name])}

    def let_go(self) -> None:
        """Let go of what hands held when it was unplugged: keys, the wheel, buttons that count while they are held."""
        while self.keys:
            self.desk.release(self.keys.pop())
        self.desk.unbend(self.name)
        for control in [control for control, pressed in self._pressed.items() if pressed]:
            for binding in self.mapping.find(control):
                if binding.mode == 'momentary':
                    self._push(binding, False)
        self._pressed.clear()

    def renew(self) -> None:
        """Begin anew after it was unplugged: its knobs may have been turned, its lamps are dark."""
        self.let_go()
        self.reader, self.arrival = ControlReader(), Arrival()
        self.shown.clear()
        for takeover in self._takeovers.values():
            takeover.forget()


def next_step(binding: Binding, now: float) -> float:
    """Return the knob position one press further; beyond an end it begins at the other."""
    assert binding.param
    low, high = sorted(binding.ends)
    if binding.param.choices:
        step = (binding.step or 1) / (len(binding.param.choices) - 1)
    else:
        step = (binding.step or PRESS_STEP) * (high - low)
    gone = now + step
    if low - 1e-9 <= gone <= high + 1e-9:
        return gone
    return low if step > 0 else high
