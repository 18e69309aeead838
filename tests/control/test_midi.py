"""MIDI: what a message does, and real ports on JACK that come and go."""
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from mido import Message

from live.control import midi_system
from live.control.map_files import find_map
from live.control.mapping import Map, load_map
from live.control.midi import SCAN_TIME, MidiInput, list_devices
from live.signals import GATE, PANIC
from live.tuning import mts
from live.tuning.tuning import Tuning

API = 'UNIX_JACK'
DEVICE = '''
import sys
from mido import Backend, Message
port = Backend('mido.backends.rtmidi/UNIX_JACK').open_output(sys.argv[1], virtual=True)
print('plugged', flush=True)
for line in sys.stdin:
    port.send(Message.from_hex(line))
'''


class Device:
    """A controller in a process of its own, which can be unplugged by killing it."""

    def __init__(self, name):
        self.process = subprocess.Popen([sys.executable, '-c', DEVICE, name], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout.readline() == 'plugged\n'

    def send(self, *messages):
        self.process.stdin.write(''.join(f'{message.hex()}\n' for message in messages))
        self.process.stdin.flush()

    def unplug(self):
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def plug(jack):
    devices = []

    def plug(name):
        devices.append(Device(name))
        return devices[-1]
    yield plug
    for device in devices:
        if device.process.returncode is None:
            device.unplug()


@pytest.fixture
def listen(desk):
    inputs = []

    def listen(name=None, mapping=Map(), api=API):
        inputs.append(MidiInput(desk, name, mapping, api))
        inputs[-1].start()
        time.sleep(0.05)        # JACK loses what is sent before its next period
        return inputs[-1]
    yield listen
    for one in inputs:
        one.stop()


@pytest.fixture
def midi(desk):
    """An input that listens to nothing; messages are handed to it."""
    return MidiInput(desk, mapping=load_map(find_map('generic')))


def wait_for(condition, seconds=10):
    """Wait until something holds; return the seconds it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, 'it never happened'
        time.sleep(0.005)
    return time.monotonic() - start


def test_note_sets_root_and_gate(midi, desk):
    midi.handle(Message('note_on', note=82, velocity=127))
    assert desk.board['drone.root'] == pytest.approx(932.32) and desk.sent() == [(GATE, 1)]


@pytest.mark.parametrize('end', [Message('note_off', note=60), Message('note_on', note=60, velocity=0),
                                 Message('control_change', control=123)])
def test_note_ends(midi, desk, end):
    desk.set('drone.hold', 0)
    midi.handle(Message('note_on', note=60, velocity=127))
    midi.handle(end)
    assert desk.sent() == [(GATE, 1), (GATE, 0)]


@pytest.mark.parametrize('pitch, cents', [(8191, 200), (0, 0), (-8192, -200), (-4096, -100)])
def test_pitch_wheel_bends_in_cents(midi, desk, pitch, cents):
    midi.handle(Message('pitchwheel', pitch=pitch))
    assert desk.board['drone.bend_cents'] == cents


def test_bend_range_is_the_map_s(desk):
    MidiInput(desk, mapping=Map(bend_cents=50)).handle(Message('pitchwheel', pitch=8191))
    assert desk.board['drone.bend_cents'] == 50


@pytest.mark.parametrize('value, cents', [(0, 0), (127, 200)])
def test_knob_turns_what_the_map_says(midi, desk, value, cents):
    midi.handle(Message('control_change', control=70, value=127 - value))
    midi.handle(Message('control_change', control=70, value=value))
    assert desk.board['drone.drift_cents'] == cents


def test_pedal_is_on_from_the_middle(midi, desk):
    states = [midi.handle(Message('control_change', control=64, value=value)) or desk.board['drone.hold']
              for value in (63, 64)]
    assert states == [0, 1]


def test_map_of_one_channel_hears_no_other(desk):
    midi = MidiInput(desk, mapping=Map(channel=2))
    midi.handle(Message('note_on', channel=0, note=60))
    assert desk.sent() == []
    midi.handle(Message('note_on', channel=1, note=60, velocity=127))
    assert desk.sent() == [(GATE, 1)]


def test_all_sound_off_on_every_channel_stays_silent(midi, desk):
    for channel in range(16):
        midi.handle(Message('control_change', channel=channel, control=120))
    assert desk.silenced and set(desk.sent()) == {(PANIC, 0)}


def test_program_change_loads_the_nth_patch(midi, desk):
    midi.handle(Message('program_change', program=1))
    assert desk.patch.name == 'nineteen'
    midi.handle(Message('program_change', program=99))
    assert desk.patch.name == 'nineteen' and desk.refused == 0


def sysex(message):
    return Message.from_bytes(message)


def test_tuning_message_retunes_the_sounding_note(midi, desk):
    midi.handle(Message('note_on', note=69))
    midi.handle(sysex(mts.single_notes({69: 432.0})))
    assert desk.board['drone.root'] == pytest.approx(432, rel=1e-5) and desk.message == 'MIDI tuning: 1 keys'


def test_offsets_for_another_channel_are_passed_over(desk):
    midi = MidiInput(desk, mapping=Map(channel=2))
    midi.handle(sysex(mts.scale_octave([50] * 12, {1, 3})))
    assert desk.tuning == Tuning()
    midi.handle(sysex(mts.scale_octave([50] * 12, {2})))
    assert desk.tuning.offsets == (50,) * 12


def test_broken_tuning_message_is_refused_and_told(midi, desk):
    midi.handle(sysex(mts.bulk_dump([440.0] * 128)[:-2] + b'\xf7'))
    assert desk.refused == 1 and desk.message.startswith('a MIDI tuning message (01) is broken: it has 407 bytes')
    assert desk.tuning == Tuning()


def test_other_sysex_changes_nothing(midi, desk):
    midi.handle(Message('sysex', data=(0x41, 1, 2)))
    assert desk.tuning == Tuning() and desk.changes == desk.refused == 0


def test_tuning_arrives_through_a_port_and_moves_the_held_note(plug, listen, desk):
    device = plug('Tuner')
    listen('Tuner')
    table = [100.0 * 2 ** (key / 24) for key in range(128)]
    device.send(sysex(mts.bulk_dump(table, 'quarters')), Message('note_on', note=24, velocity=127))
    wait_for(lambda: desk.board['drone.root'] == pytest.approx(200, rel=1e-5))
    assert desk.message == 'MIDI tuning: quarters'
    assert desk.tuning.frequencies == pytest.approx(table, rel=1e-5)
    device.send(sysex(mts.single_notes({24: 210.0})))
    wait_for(lambda: desk.board['drone.root'] == pytest.approx(210, rel=1e-5))
    device.send(sysex(mts.scale_octave([100.0] + [0.0] * 11, fine=False)))
    wait_for(lambda: desk.board['drone.root'] == pytest.approx(210 * 2 ** (63 / 1200), rel=1e-5))


def test_other_messages_and_broken_bytes_do_nothing(midi, desk):
    device = midi._device(('', 0))
    for data in ([0xf8], [0xfe], [0xf0, 1, 2, 0xf7], [0xa0, 60, 5], [0xd0, 5], [0x90], [0x90, 200, 1], [], [5]):
        midi._on_bytes(device, (data, 0.0))
    assert desk.changes == 0 and desk.sent() == []


def test_every_device_is_heard_and_none_of_a_chord_is_lost(plug, listen, desk):
    one, other = plug('Knobs One'), plug('Knobs Two')
    midi = listen()
    assert sorted(midi.devices) == sorted(list_devices(API)) and len(midi.devices) == 2
    one.send(*(Message('note_on', note=note, velocity=127) for note in range(40, 50)))
    wait_for(lambda: midi.received == 10)
    other.send(*(Message('note_on', note=note, velocity=127) for note in range(50, 60)))
    wait_for(lambda: midi.received == 20)
    assert sorted(desk._held) == list(range(40, 60))


def test_device_named_in_part_is_heard_alone(plug, listen):
    plug('Knobs One'), plug('Faders')
    assert [name.endswith('Faders') for name in listen('fADer').devices] == [True]


def test_unplugged_device_is_found_again(plug, listen):
    device = plug('Knobs')
    midi = listen('Knobs')
    assert midi.devices
    device.unplug()
    wait_for(lambda: not midi.devices)
    device = plug('Knobs')
    assert wait_for(lambda: midi.devices) < SCAN_TIME + 1
    device.send(Message('note_on', note=60))
    wait_for(lambda: midi.received == 1)


def test_a_key_that_is_down_when_its_device_goes_is_let_go(plug, listen, desk):
    desk.set('drone.hold', 0)
    device = plug('Knobs')
    midi = listen('Knobs')
    device.send(Message('note_on', note=60, velocity=127))
    wait_for(lambda: desk.key_held)
    device.unplug()
    wait_for(lambda: not midi.devices and not desk.key_held)
    assert desk.sent() == [(GATE, 1), (GATE, 0)]


def test_what_raises_ends_nothing(plug, listen, desk, monkeypatch):
    device = plug('Knobs')
    midi = listen('Knobs')
    monkeypatch.setattr(desk, 'press', lambda *words: 1 / 0)
    device.send(Message('note_on', note=60))
    wait_for(lambda: 'ZeroDivisionError' in desk.message)
    monkeypatch.undo()
    device.send(Message('note_on', note=61))
    wait_for(lambda: desk.key_held)
    assert midi.received == 2


def test_no_device_is_a_normal_state(jack, listen):
    midi = listen('no such device')
    assert midi.devices == [] and midi.reason == 'JACK, because it opens'


def test_our_own_input_is_not_heard_as_a_device(jack, listen):
    listen()
    assert list_devices(API) == []


def test_server_that_goes_and_comes_back_is_found_again(jack, start_jack, listen, monkeypatch, tmp_path, capfd):
    monkeypatch.setenv('JACK_DEFAULT_SERVER', f'{jack}b')
    midi = listen()
    assert midi.reason == 'no JACK server runs'
    for _ in range(2):
        server = start_jack(f'{jack}b', tmp_path / 'log.txt')
        wait_for(lambda: midi.reason.startswith('JACK'))
        server.terminate()      # one that is killed stays in JACK's register of eight
        server.wait(5)
        wait_for(lambda: midi.reason == 'no JACK server runs')
    midi.stop()
    assert capfd.readouterr().err == ''


class Alsa:
    """ALSA with the inputs that are plugged in: what each has to say. It cannot call anybody."""
    plugged: dict = {}

    def __init__(self, api, name):
        self.messages = []

    def get_ports(self):
        return list(self.plugged)

    def ignore_types(self, sysex, timing):
        pass

    def open_port(self, number, name):
        self.messages = [(message.bytes(), 0.0) for message in list(self.plugged.values())[number]]

    def get_message(self):
        return self.messages.pop(0) if self.messages else None

    def delete(self):
        pass


@pytest.fixture
def alsa(monkeypatch):
    monkeypatch.setattr(midi_system, '_hush', lambda: None)
    monkeypatch.setattr(midi_system, 'rtmidi', SimpleNamespace(
        API_LINUX_ALSA=2, get_compiled_api=lambda: [2], MidiIn=Alsa, MidiOut=Alsa, RtMidiError=OSError))
    monkeypatch.setattr(Alsa, 'plugged', {})
    return Alsa.plugged


def test_alsa_is_asked_and_never_calls(alsa, listen, desk):
    alsa['Keys 20:0'] = [Message('note_on', note=note) for note in range(40, 50)]
    midi = listen(api='LINUX_ALSA')
    wait_for(lambda: midi.received == 10)
    assert len(desk._held) == 10 and midi.reason == 'ALSA, because it opens'


HELD = """
[note]
36 = { param = 'stage.freeze', mode = 'momentary' }
37 = { param = 'stage.blackout', mode = 'toggle' }
[mpe]
zone = 'upper'
members = 7
"""


@pytest.fixture
def unplug(alsa, desk, tmp_path):
    """A function that plugs a device in, lets it say something, calls `then`, and unplugs it."""
    (tmp_path / 'held.toml').write_text(HELD)
    midi = MidiInput(desk, mapping=load_map(tmp_path / 'held.toml'), api='LINUX_ALSA')

    def unplug(*messages, then=lambda: None):
        alsa['Keys 20:0'] = messages
        midi.scan()
        midi._fetch()
        then()
        alsa.clear()
        midi.scan()
    yield unplug
    midi.stop()


@pytest.mark.parametrize('channel', [0, 15])        # 15: the master of a zone of MPE
def test_what_is_held_on_a_device_that_goes_is_let_go(unplug, desk, channel):
    seen = []

    def look():
        seen.append([desk.board['drone.bend_cents'], desk.board['stage.freeze'], desk.key_held])
    unplug(Message('pitchwheel', pitch=-8192, channel=channel), *[Message('note_on', note=n) for n in (36, 37, 60)],
           then=look)
    look()
    assert seen == [[-200, 1, True], [0, 0, False]] and desk.board['stage.blackout'] == 1


def test_a_bend_that_another_made_stays(unplug, desk):
    unplug(Message('pitchwheel', pitch=-8192), then=lambda: desk.bend(50, 'another'))
    assert desk.board['drone.bend_cents'] == 50


def test_missing_library_is_told(desk, monkeypatch):
    monkeypatch.setattr('live.control.midi_system.rtmidi', None)
    monkeypatch.setattr('live.control.midi_system.MISSING', 'python-rtmidi cannot be loaded: gone')
    midi = MidiInput(desk)
    midi.start()
    midi.stop()
    assert midi.devices == [] and midi.reason == 'python-rtmidi cannot be loaded: gone'


def test_reset_controllers_takes_the_bend_back(midi, desk):
    midi.handle(Message('pitchwheel', pitch=8191))
    midi.handle(Message('control_change', control=121))
    assert desk.board['drone.bend_cents'] == 0


def test_device_may_tell_its_bend_range(midi, desk):
    for control, value in ((101, 0), (100, 0), (6, 12), (38, 50)):
        midi.handle(Message('control_change', control=control, value=value))
    midi.handle(Message('pitchwheel', pitch=8191))
    assert desk.board['drone.bend_cents'] == 1250


def test_bound_note_is_a_button_and_plays_nothing(desk, tmp_path):
    (tmp_path / 'pads.toml').write_text("[note]\n36 = 'stage.blackout'\n")
    midi = MidiInput(desk, mapping=load_map(tmp_path / 'pads.toml'))
    midi.handle(Message('note_on', note=36, velocity=90))
    assert desk.board['stage.blackout'] == 1 and desk.sent() == []
    midi.handle(Message('note_on', note=37, velocity=127))
    assert desk.sent() == [(GATE, 1)]


def test_map_without_keys_plays_nothing(desk):
    MidiInput(desk, mapping=Map(keys=False)).handle(Message('note_on', note=37))
    assert desk.sent() == []


def test_key_let_go_while_learning_does_not_hang(midi, desk):
    desk.set('drone.hold', 0)
    midi.handle(Message('note_on', note=37, velocity=127))
    midi.learn.arm('display.mix')
    midi.handle(Message('note_off', note=37))
    assert desk.sent() == [(GATE, 1), (GATE, 0)]


def test_map_that_cannot_be_saved_is_told_and_still_holds(desk, tmp_path):
    path = tmp_path / 'gone' / 'mine.toml'
    path.parent.mkdir()
    path.write_text("[cc]\n7 = 'display.mix'\n")
    midi = MidiInput(desk, mapping=load_map(path))
    midi.handle(Message('note_on', note=1))
    path.unlink(), path.parent.rmdir()
    assert midi.learn.forget('display.mix')
    midi.stop()
    assert desk.message == 'the map mine cannot be saved: No such file or directory'
    assert midi.mapping.bindings == {}


def test_clock_through_a_port_is_followed(plug, listen, desk):
    desk.set('tempo.follow', 1)
    device = plug('Clock')
    midi = listen('Clock')
    device.send(Message('start'), *[Message('clock')] * 24)
    wait_for(lambda: midi.clock.ticks == 24)
    assert midi.clock.source == midi.devices[0] and midi.received == 0


def test_map_of_an_mpe_device_puts_each_note_on_a_layer(desk, tmp_path):
    (tmp_path / 'mpe.toml').write_text("[mpe]\nzone = 'lower'\nlayers = ['layer3']\n")
    midi = MidiInput(desk, mapping=load_map(tmp_path / 'mpe.toml'))
    midi.handle(Message('note_on', channel=1, note=60, velocity=127))
    assert desk.board['layer3.level_db'] > -60 and midi.mpe.zones == ['lower 15']
