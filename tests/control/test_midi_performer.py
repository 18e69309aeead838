"""A performer with a controller: real ports on JACK, in a process of their own, that hear and speak."""
import subprocess
import sys
import threading
import time

import pytest
from mido import Message

from live.control.map_files import load_map, user_maps
from live.control.midi import MidiInput
from live.control.midi_controls import Control

API = 'UNIX_JACK'
DEVICE = '''
import sys, rtmidi
name, said = sys.argv[1], lambda event, _: print(bytes(event[0]).hex(), flush=True)
inward, outward = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name + ' in'), rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name + ' out')
inward.set_callback(said)
inward.open_virtual_port('port')
outward.open_virtual_port('port')
print('plugged', flush=True)
for line in sys.stdin:
    outward.send_message(bytes.fromhex(line))
'''
MAP = '''
description = 'A knob with a ring.'
devices = ['Knobs']
[cc]
30 = 'motes.size'
[[feedback]]
kind = 'cc'
'''


class Controller:
    """A controller with knobs and rings. told: what was sent to it."""

    def __init__(self, name):
        self.process = subprocess.Popen([sys.executable, '-c', DEVICE, name], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.told = []
        assert self.process.stdout.readline() == 'plugged\n'
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        for line in self.process.stdout:
            self.told.append(tuple(bytes.fromhex(line)))

    def turn(self, number, *values):
        for value in values:
            self.process.stdin.write(bytes(Message('control_change', control=number, value=value).bytes()).hex() + '\n')
        self.process.stdin.flush()

    def unplug(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


@pytest.fixture
def plug(jack):
    plugged = []

    def plug(name):
        plugged.append(Controller(name))
        return plugged[-1]
    yield plug
    for controller in plugged:
        if controller.process.returncode is None:
            controller.unplug()
        controller.process.stdout.close()


@pytest.fixture
def midi(jack, desk, tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CONFIG_HOME', str(tmp_path / 'config'))
    user_maps().mkdir(parents=True)
    (user_maps() / 'knobs.toml').write_text(MAP)
    midi = MidiInput(desk, api=API)
    yield midi
    midi.stop()


def wait_for(condition, seconds=10):
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, 'it never happened'
        time.sleep(0.005)
    return time.monotonic() - start


def test_performance_with_a_learned_knob(plug, midi, desk):
    knobs = plug('Knobs')
    midi.start()
    assert midi.maps == [f'{midi.devices[0]} with knobs, because knobs is for it']
    wait_for(lambda: (0xB0, 30, 64) in knobs.told)                      # its ring shows where motes.size is

    midi.learn.arm('display.mix')
    knobs.turn(21, 10, 14, 20)
    wait_for(lambda: not midi.learn.armed)
    wait_for(lambda: load_map(user_maps() / 'knobs.toml').find(Control('cc', 21, 1)))
    wait_for(lambda: (0xB0, 21, 76) in knobs.told)                      # and now where display.mix is

    knobs.turn(21, 40, 90)                                              # passes it
    wait_for(lambda: desk.board['display.mix'] == pytest.approx(90 / 127))
    desk.load_patch('nineteen')                                         # puts it to 0.6
    assert midi.pending == {'display.mix': pytest.approx(90 / 127)}
    knobs.turn(21, 100)
    wait_for(lambda: midi.pending['display.mix'] == pytest.approx(100 / 127))
    assert desk.board['display.mix'] == 0.6
    knobs.turn(21, 70)
    wait_for(lambda: desk.board['display.mix'] == pytest.approx(70 / 127))
    assert midi.pending == {}


def test_knob_that_was_turned_while_unplugged_waits_and_its_ring_is_lit_again(plug, midi, desk):
    knobs = plug('Knobs')
    midi.start()
    knobs.turn(30, 60, 70, 100)
    wait_for(lambda: desk.board['motes.size'] == pytest.approx(100 / 127))
    knobs.unplug()
    wait_for(lambda: not midi.devices)
    knobs = plug('Knobs')
    assert wait_for(lambda: midi.devices) < 2
    wait_for(lambda: (0xB0, 30, 100) in knobs.told)
    knobs.turn(30, 20, 30)
    wait_for(lambda: midi.pending)
    assert desk.board['motes.size'] == pytest.approx(100 / 127)


def test_panic_is_one_for_every_device(plug, midi, desk):
    knobs = plug('Knobs')
    midi.start()
    wait_for(lambda: midi.devices)
    desk.panic()
    silence = {(0xB0 | channel, number, 0) for channel in range(16) for number in (120, 121, 123)}
    wait_for(lambda: silence <= set(knobs.told))


def test_what_is_said_to_a_device_is_not_heard_as_another(plug, midi, desk):
    knobs = plug('Knobs')
    midi.start()
    wait_for(lambda: knobs.told)
    midi.scan()
    assert len(midi.devices) == 1


def test_two_devices_have_a_map_each(plug, midi, desk):
    plug('Knobs')
    other = plug('Other')
    midi.start()
    wait_for(lambda: len(midi.devices) == 2)
    midi.learn.arm('motes.hue')
    other.turn(30, 10, 14, 20)
    wait_for(lambda: not midi.learn.armed)
    names = {device.mapping.name for device in midi.known()}
    assert names == {'knobs', 'other_port'}
    assert load_map(user_maps() / 'knobs.toml').find(Control('cc', 30, 1))[0].target == 'motes.size'
