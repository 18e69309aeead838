"""The Board -> lamps, rings and motors of MIDI devices, by the [[feedback]] rules of their maps.

In: devices and where everything stands, looked at up to 30 times a second. Out: messages, only where something shows
another value than it should, and only so many at once that a slow device keeps up. A value that a knob itself has left
is not sent back to it. What a device shows is forgotten when it is plugged in again: then everything is sent anew.
"""
from collections.abc import Iterable, Iterator

from live.control.desk import Desk
from live.control.mapping import Binding, Map, Rule
from live.control.midi_controls import Control, encode
from live.control.midi_device import Device
from live.control.midi_out import MidiOutputs

Lamp = tuple[Control, Binding, Rule]
STATES = ('panic', 'recall', 'store')   # actions whose lamps have something to show
MOST = 32       # controls told at once: at 30 times a second what a MIDI cable carries


class Feedback:
    """Tells devices what they should show."""

    def __init__(self, desk: Desk, outputs: MidiOutputs) -> None:
        self.desk, self.outputs = desk, outputs
        self._lamps: dict[str, tuple[Map, list[Lamp]]] = {}     # by device
        self._settled: dict[str, tuple] = {}                    # what stood when all of a device's lamps were right

    def poll(self, devices: Iterable[Device]) -> None:
        """[midi] Send what has changed."""
        for device in devices:
            if device.mapping.rules and (output := self._find_output(device)):
                self._tell(device, output)

    def _find_output(self, device: Device) -> str:
        """Return the device's output: of the same name, else the only one whose name the map has, else ''."""
        if same := self.outputs.twin(device.name):
            return same
        found = {name for part in device.mapping.devices if part for name in self.outputs.matching(part)}
        return found.pop() if len(found) == 1 else ''

    def _tell(self, device: Device, output: str) -> None:
        if device.arrivals != self.outputs.arrivals(output):
            device.arrivals = self.outputs.arrivals(output)
            device.shown.clear()
        stands = self._all_that_shows(device)
        if self._settled.get(device.name) != stands:
            self._settled[device.name] = stands if self._send(device, output) else ()

    def _all_that_shows(self, device: Device) -> tuple:
        return (self.desk.board.values.tobytes(), self.desk.silenced, self.desk.scenes.revision, device.moves,
                device.arrivals, device.mapping)

    def _send(self, device: Device, output: str) -> bool:
        """Send what a device shows wrongly; True when nothing is left."""
        left = MOST
        for control, binding, rule in self._find_lamps(device):
            if not binding.is_button and device.holds(control, binding):
                device.shown.pop(control, None)
                continue
            value = self._value(binding, rule)
            if device.shown.get(control) == value:
                continue
            if left == 0:
                return False
            left -= 1
            if not all([self.outputs.send(output, message) for message in encode(rule.answer(control), value)]):
                return False
            device.shown[control] = value
        return True

    def _find_lamps(self, device: Device) -> list[Lamp]:
        known = self._lamps.get(device.name)
        if known is None or known[0] is not device.mapping:
            known = self._lamps[device.name] = device.mapping, list(lamps(device.mapping))
        return known[1]

    def _value(self, binding: Binding, rule: Rule) -> int:
        if binding.is_button:
            on = rule.on if binding.lit is None else binding.lit
            return on if self.is_lit(binding) else rule.off
        assert binding.param
        position = binding.find(binding.param.to_knob(self.desk.board[binding.param.name]))
        return round(rule.off + (rule.on - rule.off) * position)

    def is_lit(self, binding: Binding) -> bool:
        """Tell whether a button's lamp is on: what it does is on now, or the scene it goes to is stored."""
        if binding.param is None:
            return self._is_done(binding.action, binding.value)
        now, (low, high) = binding.param.to_knob(self.desk.board[binding.param.name]), binding.ends
        if binding.mode == 'trigger':
            return binding.param.from_knob(high) == self.desk.board[binding.param.name]
        return now > min(low, high) if binding.mode == 'step' else abs(now - high) < abs(now - low)

    def _is_done(self, action: str, number: float | None) -> bool:
        if action == 'panic':
            return self.desk.silenced
        return action in ('recall', 'store') and number in self.desk.scenes.stored


def lamps(mapping: Map) -> Iterator[Lamp]:
    """Return each bound control that shows something, with the first of its bindings."""
    for (kind, number), bindings in mapping.bindings.items():
        channels: set[int] = set()
        for binding in bindings:
            control = Control(kind, number, binding.channel or mapping.channel or 1)
            rule = mapping.rule(control)
            shows = not binding.action or binding.action in STATES
            if rule is not None and shows and control.channel not in channels:
                channels.add(control.channel)
                yield control, binding, rule
