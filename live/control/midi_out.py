"""MIDI to devices: opened when something is first sent to them, found again by their name after they were unplugged.

In: whole messages as bytes, for an output by its name or for all whose names hold some words; from any thread. Out:
the devices. Nothing raises: what cannot be sent is counted as lost. An output that is missing is a normal state.

Whoever looks for inputs calls `scan` after each look, with the same MidiSystem, and `close` before it closes that: when
a JACK server dies, all of its clients must be gone before the next is opened. Outputs that nobody uses are not opened,
for on Windows an open output is lost to all other programs. Knows nothing of what the messages mean.
"""
import re
import threading
from collections.abc import Sequence
from typing import Any

from live.control import midi_system
from live.control.midi_system import CLIENT, NUMBERS, OURS, MidiSystem

LOOPS = ('midi through', 'iac driver')      # what they get they say: never sent to unless named
DIRECTIONS = re.compile(r'\b(in|out|input|output|capture|playback)\b|\bmidi(in|out)(?=\d*\b)|[^a-z0-9]+')
CHANNELS = 16
SILENCE = tuple(bytes([0xB0 | channel, number, 0]) for number in (120, 121, 123) for channel in range(CHANNELS))


class Output:
    """One open output. Several threads send; one message at a time."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self._lock = threading.Lock()

    def send(self, message: Sequence[int]) -> bool:
        with self._lock:
            if self._port is None:
                return False
            try:
                self._port.send_message(message)
            except (ValueError, midi_system.rtmidi.RtMidiError):
                return False
        return True

    def close(self) -> None:
        with self._lock:
            if self._port is not None:
                self._port.delete()
                self._port = None


class MidiOutputs:
    """The outputs there are. sent, lost: messages so far; lost ones had no output, or one that failed."""

    def __init__(self) -> None:
        self.sent = self.lost = 0
        self._api = ''
        self._client: Any = None                    # asks for the list, kept open
        self._found: dict[str, str] = {}            # name -> full name; replaced as a whole
        self._open: dict[str, Output] = {}
        self._arrivals: dict[str, int] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """Names of the outputs there are now, without the system's numbers; the second of a name ends in ' #2'."""
        return list(self._found)

    def arrivals(self, name: str) -> int:
        """Return how often an output has been plugged in: when it grows, its lamps are dark."""
        return self._arrivals.get(name, 0)

    def twin(self, name: str) -> str:
        """Return the output of the device with this input, or ''; systems name the two directions differently."""
        if name in self._found:
            return name
        wanted = plain(name)
        return next((known for known in self._found if plain(known) == wanted), '')

    def scan(self, system: MidiSystem) -> None:
        """[midi] See what has been plugged in, close what has been unplugged."""
        if not system.api or midi_system.rtmidi is None:
            return
        with self._lock:
            self._api = system.api
            found = self._look()
            for name in [name for name in self._open if found.get(name) != self._found.get(name)]:
                self._open.pop(name).close()
            for name, full in found.items():
                if self._found.get(name) != full:
                    self._arrivals[name] = self._arrivals.get(name, 0) + 1
            self._found = found

    def _look(self) -> dict[str, str]:
        try:
            if self._client is None:
                self._client = self._make(f'{CLIENT} looking out')
            return stable_names(self._client.get_ports())
        except midi_system.rtmidi.RtMidiError:
            return {}

    def _make(self, client: str) -> Any:
        return midi_system.rtmidi.MidiOut(getattr(midi_system.rtmidi, f'API_{self._api}'), name=client)

    def close(self) -> None:
        """[midi] Close everything, the list's client too; `scan` begins anew."""
        with self._lock:
            self._found = {}
            while self._open:
                self._open.popitem()[1].close()
            if self._client is not None:
                self._client.delete()
                self._client = None

    def send(self, name: str, message: Sequence[int]) -> bool:
        """[any] Send a whole message to an output; False when it is not there."""
        output = self._open.get(name) or self._connect(name)
        done = output is not None and output.send(message)
        self.sent, self.lost = self.sent + done, self.lost + (not done)
        return done

    def broadcast(self, message: Sequence[int], part: str = '') -> int:
        """[any] Send to every output whose name holds `part`, in any case; return how many took it.

        What echoes to inputs, as ALSA's Midi Through does, is passed over unless `part` names it.
        """
        return sum(self.send(name, message) for name in self.matching(part))

    def matching(self, part: str = '') -> list[str]:
        """Return the names that hold `part`; without it all but those that echo to inputs."""
        part = part.casefold().strip()
        names = [(name, name.casefold()) for name in self.names]
        return [name for name, folded in names if (part in folded if part else not folded.startswith(LOOPS))]

    def panic(self, part: str = '') -> int:
        """[any] Silence every device: all sound off, controllers reset, all notes off, on 16 channels."""
        return sum(self.broadcast(message, part) for message in SILENCE)

    def _connect(self, name: str) -> Output | None:
        with self._lock:
            if name in self._open or name not in self._found:
                return self._open.get(name)
            port = None
            try:
                port = self._make(CLIENT)
                port.open_port(port.get_ports().index(self._found[name]), name='out')
            except (ValueError, midi_system.rtmidi.RtMidiError):    # unplugged meanwhile, or taken by another program
                if port is not None:
                    port.delete()
                return None
            self._open[name] = Output(port)
            return self._open[name]


def stable_names(full_names: Sequence[str]) -> dict[str, str]:
    """Return name without the system's numbers -> full name, in order; what is ours is left out."""
    found: dict[str, str] = {}
    counts: dict[str, int] = {}
    for full in full_names:
        if not OURS.match(full):
            name = NUMBERS.sub('', full)
            counts[name] = counts.get(name, 0) + 1
            found[name if counts[name] == 1 else f'{name} #{counts[name]}'] = full
    return found


def plain(name: str) -> str:
    """Return a name without the words that differ between a device's two directions."""
    return ' '.join(DIRECTIONS.sub(' ', name.casefold()).split())
