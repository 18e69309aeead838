"""MIDI -> Desk: notes, pitch wheel, controls by a map, program change, from every input or from one named.

    notes            press and release keys, in the tuning of the patch     controls    what their device's map says
    pitch wheel      bends by the map's bend_cents, or as RPN 0 says        CC 120      silence
    program change   begins a cue, or loads the nth patch                   CC 121      bend back to 0
    MPE              notes on single layers: mpe.py                         CC 123      lets all keys go
    clock            the tempo, if it follows: midi_sync.py
    SysEx            MIDI Tuning Standard: retunes keys, sounding ones too if sent in real time

Every device has a map: the one given, or the one that is for it, or the generic one. While `learn` is armed, what moves
next is put into that map and saved. Lamps, rings and motors are told what they should show; a panic here is one for
every device there is.

Our thread fetches messages every half millisecond: to be called as they arrive would save a third of one on average,
and could freeze all (midi_system.py). Once a second it looks at what is plugged in: a device that comes back is
listened to again, found by its name; what was held on one that goes is let go. No device is a normal state.
"""
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from itertools import islice
from typing import Any

from mido import Message

from live.control.desk import Desk
from live.control.map_files import choose_map, own_map, save_map, slug
from live.control.mapping import Map
from live.control.midi_controls import Move
from live.control.midi_device import Device
from live.control.midi_feedback import Feedback
from live.control.midi_learn import Learn
from live.control.midi_out import MidiOutputs
from live.control.midi_sync import ClockIn, ClockOut
from live.control.midi_system import MidiSystem
from live.control.midi_tuning import MidiTuning
from live.control.mpe import Mpe
from live.control.threads import hurry

SCAN_TIME = 1.0             # seconds between two looks
POLL_TIME = 0.0005          # seconds between two fetches
MOST_FETCHED = 256          # messages of a device at once: a flood may never end
TEND_TIME = 1 / 30          # seconds between two looks at what lamps should show
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123
BEND_RANGE = 0              # registered parameter

Key = tuple[str, int]       # name of a device, and how many before it have that name


class MidiInput:
    """What comes from MIDI devices. name: part of a device's name, in any case; without it every input is heard.

    mapping: for every device; without it each has its own. api: 'LINUX_ALSA' or 'UNIX_JACK' where the automatic choice
    is not wanted. clock: part of the names of the outputs that get our clock. received, malformed: messages so far.
    learn: arms controls. outputs: for whoever else sends.
    """

    def __init__(self, desk: Desk, name: str | None = None, mapping: Map | None = None,
                 api: str | None = None, clock: str = '') -> None:
        self.desk, self.mapping = desk, mapping
        self.received = self.malformed = 0
        self.outputs = MidiOutputs()
        self.mpe = Mpe(desk)
        self.clock = ClockIn(desk.tempo)
        self.clock_out = ClockOut(desk.tempo, self.outputs, clock) if clock else None
        self.tuning = MidiTuning(desk, self.outputs, self.mpe.voices)
        self.learn = Learn(desk, self._use, self.known)
        self._feedback = Feedback(desk, self.outputs)
        self._wanted = (name or '').casefold()
        self._system = MidiSystem(api)
        self._known: dict[Key, Device] = {}
        self._ports: dict[Key, tuple[str, Any]] = {}
        self._silenced, self._silences = False, 0
        self._saver = ThreadPoolExecutor(1, 'midi map')
        self._saved: Future | None = None
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._actions: dict[str, Callable[[Device, Message], None]] = {
            'note_on': self._note_on, 'note_off': self._note_off, 'pitchwheel': self._pitch,
            'control_change': self._control, 'program_change': self._program}

    @property
    def devices(self) -> list[str]:
        """Names of the devices that are heard now."""
        return [name for name, _ in list(self._ports)]

    @property
    def maps(self) -> list[str]:
        """Devices that are heard now, each with its map and why it has that one."""
        known = [self._known[key] for key in list(self._ports)]
        return [f'{device.name} with {device.mapping.name or "no map"}, because {device.reason}' for device in known]

    @property
    def reason(self) -> str:
        """Which MIDI system is used and why, or why there is none."""
        return f'{self._system.name}, because {self._system.reason}' if self._system.name else self._system.reason

    @property
    def pending(self) -> dict[str, float]:
        """Parameters that a knob waits to get hold of: name -> knob position 0..1 where that knob stands."""
        held = {name for device in self.known() for name in device.held}
        return {name: place for device in self.known() for name, place in device.pending.items() if name not in held}

    def known(self) -> list[Device]:
        """Return every device that has been heard, also unplugged ones."""
        return list(self._known.values())

    def start(self) -> None:
        """[main] Look for devices now, and once a second from now on."""
        self._stopping.clear()
        self.mpe.voices.start()
        self.scan()
        self._thread = threading.Thread(target=self._run, name='midi', daemon=True)
        self._thread.start()
        if self.clock_out:
            self.clock_out.start()

    def stop(self) -> None:
        """[main] Listen no more."""
        self._stopping.set()
        if self.clock_out:
            self.clock_out.stop()
        if self._thread:
            self._thread.join(2)
        self._close()
        self.mpe.voices.stop()
        if self._saved:
            wait([self._saved], 2)

    def _run(self) -> None:
        hurry()
        next_scan, next_tend = time.monotonic() + SCAN_TIME, 0.0
        while not self._stopping.is_set():
            now = time.monotonic()
            if now >= next_scan:
                next_scan = now + SCAN_TIME
                self._try(self.scan)
            if now >= next_tend:
                next_tend = now + TEND_TIME
                self._try(self._tend)
            if self._ports:
                self._try(self._fetch)
                time.sleep(POLL_TIME)       # the only wait that is so short on Windows
            else:
                self._stopping.wait(TEND_TIME)

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:      # whatever it was, the show goes on
            self.desk.say(f'MIDI: {type(error).__name__}: {error}')

    def _fetch(self) -> None:
        for key, (_, port) in self._ports.items():
            for event in islice(iter(port.get_message, None), MOST_FETCHED):
                self._on_bytes(self._known[key], event)

    def _tend(self) -> None:
        """[midi] Do what nobody sends a message for."""
        self.learn.tick()
        if self.desk.silenced and not self._silenced:
            self._silences = 2      # the first may open a port, and JACK may lose what is sent before it is joined
        self._silenced = self.desk.silenced
        if self._silences:
            self._silences -= 1
            self.outputs.panic()
        self.tuning.tend()
        if self.clock_out:
            self.clock_out.followed = self.outputs.twin(self.clock.source) if self.desk.tempo.follows_clock else ''
        self._feedback.poll([self._known[key] for key in self._ports])

    def scan(self) -> None:
        """[midi] Listen to what has been plugged in, forget what has been unplugged."""
        if self._system.died():
            self._close()
        if not self._system.open():
            return
        found = {key: full for key, full in self._system.inputs().items() if self._wanted in key[0].casefold()}
        for key, (full, _) in list(self._ports.items()):
            if found.get(key) != full:
                self._disconnect(key)
        self.outputs.scan(self._system)
        for key, full in found.items():
            if key not in self._ports:
                self._connect(key, full)

    def _connect(self, key: Key, full: str) -> None:
        device = self._device(key)
        device.renew()
        try:
            port = self._system.connect(full)
        except OSError:         # unplugged meanwhile, or taken by another program: the next look tries again
            return
        self._ports[key] = full, port
        if self._thread:
            self.desk.say(f'MIDI: {device.name} is there')

    def _disconnect(self, key: Key) -> None:
        self._ports.pop(key)[1].delete()
        device = self._known[key]
        self.mpe.forget(device.name)
        device.let_go()

    def _device(self, key: Key) -> Device:
        """Return what is known of a device; a new one gets its map."""
        if key not in self._known:
            name = key[0] if key[1] == 0 else f'{key[0]} #{key[1] + 1}'
            mapping, reason = (self.mapping, 'it was asked for') if self.mapping else choose_map(name)
            self._known[key] = Device(name, self.desk, mapping, reason)
            if mapping.mpe:
                self.mpe.set_up(name, mapping.mpe)
        return self._known[key]

    def _close(self) -> None:
        for key in list(self._ports):
            self._disconnect(key)
        self.outputs.close()
        self._system.close()

    def _on_bytes(self, device: Device, event: tuple[list[int], float]) -> None:
        data, passed = event
        came = device.arrival.place(passed, time.monotonic())
        if self.clock.handle(data, device.name, came):
            return
        try:
            message = Message.from_bytes(data)
        except (ValueError, IndexError):        # what mido raises for half a pitch wheel
            self.malformed += 1
            return
        self.handle(message, device)

    def handle(self, message: Message, device: Device | None = None) -> None:
        """[midi] Do what a message says; without a device it is from one that has no name."""
        self.received += 1
        device = device or self._device(('', 0))
        if message.type == 'sysex':
            return self.tuning.handle(message.bytes(), device.name, device.mapping.channel)
        if not hasattr(message, 'channel') or device.mapping.channel not in (0, message.channel + 1):
            return
        moves = device.reader.read(message)
        if self.learn.watch(device, moves):
            return
        if self.mpe.handle(message, device.name):
            return
        bound = [device.move(move) for move in moves]
        self._follow_range(device, moves)
        if message.type == 'control_change' or not any(bound):
            if action := self._actions.get(message.type):
                action(device, message)

    def _follow_range(self, device: Device, moves: list[Move]) -> None:
        for (kind, number, channel), value in moves:
            if kind == 'rpn' and number == BEND_RANGE:
                device.bend_cents[channel] = 100.0 * (value >> 7) + (value & 0x7F)

    def _note_on(self, device: Device, message: Message) -> None:
        if device.mapping.keys:
            (device.keys.add if message.velocity else device.keys.discard)(message.note)
            self.desk.press(message.note, message.velocity / 127)

    def _note_off(self, device: Device, message: Message) -> None:
        device.keys.discard(message.note)
        self.desk.release(message.note)

    def _pitch(self, device: Device, message: Message) -> None:
        cents = device.bend_cents.get(message.channel + 1, device.mapping.bend_cents)
        self.desk.bend(cents * message.pitch / (8191 if message.pitch > 0 else 8192), device.name)

    def _program(self, device: Device, message: Message) -> None:
        self.desk.load_nth_patch(message.program)

    def _control(self, device: Device, message: Message) -> None:
        if message.control == ALL_SOUND_OFF:
            self.desk.silence()
        elif message.control == RESET_CONTROLLERS:
            self.desk.bend(0.0)
        elif message.control == ALL_NOTES_OFF:
            self.desk.release_all()

    def _use(self, device: Device, changed: Map) -> None:
        """[any] Give a device, and all that share its map, a changed one; save it where no MIDI waits for the disk."""
        if self.mapping is None:
            changed = own_map(changed, device.name)
        else:
            changed = self.mapping = replace(changed, name=changed.name or slug(device.name))
        for other in self.known():
            if other is device or self.mapping is not None or other.mapping.name == changed.name:
                other.mapping = changed
        self._saved = self._saver.submit(self._save, changed)

    def _save(self, changed: Map) -> None:
        try:
            save_map(changed)
        except OSError as error:
            self.desk.refuse(f'the map {changed.name} cannot be saved: {error.strerror}')


def list_devices(api: str | None = None) -> list[str]:
    """Return the names of the MIDI inputs there are."""
    system = MidiSystem(api)
    try:
        return [name for name, _ in system.inputs()] if system.open() else []
    finally:
        system.close()
