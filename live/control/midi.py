"""MIDI -> Desk: notes, pitch wheel, controllers by a map, program change, from every input or from one named.

    notes            press and release keys, in the tuning of the patch     CC by the map    what its knob turns
    pitch wheel      bends by the map's bend_cents                          CC 120           silence
    program change   loads the nth patch of the sorted list                 CC 123           lets all keys go
    SysEx            MIDI Tuning Standard: retunes keys, sounding ones too if sent in real time

Messages are handled on the system's own MIDI thread as they arrive; JACK's are fetched by ours every half millisecond.
Once a second our thread looks at what is plugged in: a device that comes back is listened to again, found by its
name. No device is a normal state.
"""
import threading
import time
from typing import Any

from mido import Message

from live.control.desk import Desk
from live.control.mapping import Map
from live.control.midi_system import MidiSystem
from live.tuning import mts
from live.control.threads import hurry

SCAN_TIME = 1.0             # seconds between two looks
POLL_TIME = 0.0005          # seconds between two fetches
ALL_SOUND_OFF, ALL_NOTES_OFF = 120, 123


class MidiInput:
    """What comes from MIDI devices. name: part of a device's name, in any case; without it every input is heard.

    api: 'LINUX_ALSA' or 'UNIX_JACK' where the automatic choice is not wanted. received: messages so far.
    """

    def __init__(self, desk: Desk, name: str | None = None, mapping: Map = Map(), api: str | None = None) -> None:
        self.desk, self.mapping = desk, mapping
        self.received = 0
        self._wanted = (name or '').casefold()
        self._system = MidiSystem(api)
        self._ports: dict[tuple[str, int], tuple[str, Any]] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._actions = {'note_on': self._note_on, 'note_off': self._note_off, 'pitchwheel': self._pitch,
                         'control_change': self._control, 'program_change': self._program}
        self._heard = {mapping.channel} if mapping.channel else mts.ALL_CHANNELS

    @property
    def devices(self) -> list[str]:
        """Names of the devices that are heard now."""
        return [name for name, _ in list(self._ports)]

    @property
    def reason(self) -> str:
        """Which MIDI system is used and why, or why there is none."""
        return f'{self._system.name}, because {self._system.reason}' if self._system.name else self._system.reason

    def start(self) -> None:
        """[main] Look for devices now, and once a second from now on."""
        self._stopping.clear()
        self.scan()
        self._thread = threading.Thread(target=self._run, name='midi', daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """[main] Listen no more."""
        self._stopping.set()
        if self._thread:
            self._thread.join(2)
        self._close()

    def _run(self) -> None:
        hurry()
        while not self._stopping.is_set():
            until = time.monotonic() + SCAN_TIME
            while self._system.polled and time.monotonic() < until and not self._stopping.is_set():
                self._fetch()
                time.sleep(POLL_TIME)
            self._stopping.wait(until - time.monotonic())
            self.scan()

    def _fetch(self) -> None:
        for _, port in self._ports.values():
            while event := port.get_message():
                self._on_bytes(event, None)

    def scan(self) -> None:
        """[midi] Listen to what has been plugged in, forget what has been unplugged."""
        if self._system.died():
            self._close()
        if not self._system.open():
            return
        found = {key: full for key, full in self._system.inputs().items() if self._wanted in key[0].casefold()}
        for key, (full, _) in list(self._ports.items()):
            if found.get(key) != full:
                self._ports.pop(key)[1].delete()
        for key, full in found.items():
            if key not in self._ports:
                self._connect(key, full)

    def _connect(self, key: tuple[str, int], full: str) -> None:
        try:
            self._ports[key] = full, self._system.connect(full, self._on_bytes)
        except OSError:         # unplugged meanwhile, or taken by another program: the next look tries again
            return

    def _close(self) -> None:
        for key in list(self._ports):
            self._ports.pop(key)[1].delete()
        self._system.close()

    def _on_bytes(self, event: tuple[list[int], float], _: object) -> None:
        try:
            message = Message.from_bytes(event[0])
        except ValueError:
            return
        self.handle(message)

    def handle(self, message: Message) -> None:
        """[midi] Do what a message says."""
        self.received += 1
        if message.type == 'sysex':
            return self._tune(message)
        action = self._actions.get(message.type)
        if action and self.mapping.channel in (0, message.channel + 1):
            action(message)

    def _note_on(self, message: Message) -> None:
        self.desk.press(message.note, message.velocity / 127)

    def _note_off(self, message: Message) -> None:
        self.desk.release(message.note)

    def _pitch(self, message: Message) -> None:
        self.desk.bend(self.mapping.bend_cents * message.pitch / (8191 if message.pitch > 0 else 8192))

    def _program(self, message: Message) -> None:
        self.desk.load_nth_patch(message.program)

    def _tune(self, message: Message) -> None:
        """Retune as a message for a channel that is heard asks. Who requests a dump gets none: there is no output."""
        try:
            said = mts.parse(message.bytes())
        except mts.MtsError as error:
            self.desk.refuse(str(error))
            return
        if isinstance(said, mts.Retuning) and said.channels & self._heard:
            self.desk.retune(said)

    def _control(self, message: Message) -> None:
        if message.control == ALL_SOUND_OFF:
            self.desk.silence()
        elif message.control == ALL_NOTES_OFF:
            self.desk.release_all()
        for binding in self.mapping.bindings.get(message.control, ()):
            if binding.channel in (0, message.channel + 1):
                self.desk.turn(binding.param.name, binding.place(message.value / 127))


def list_devices(api: str | None = None) -> list[str]:
    """Return the names of the MIDI inputs there are."""
    system = MidiSystem(api)
    try:
        return [name for name, _ in system.inputs()] if system.open() else []
    finally:
        system.close()
