"""MIDI outputs: names that stay, devices that come and go, through real ports on JACK."""
import subprocess
import sys

import pytest
from osc_hands import wait_for

from live.control.midi_out import SILENCE, MidiOutputs, plain, stable_names
from live.control.midi_system import MidiSystem

DEVICE = '''
import sys, time, rtmidi
port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=sys.argv[1])
port.open_virtual_port('in')
print('plugged', flush=True)
while True:
    if event := port.get_message():
        print(bytes(event[0]).hex(), flush=True)
    else:
        time.sleep(0.001)
'''


@pytest.fixture
def plug(jack):
    devices = []

    def plug(name):
        devices.append(subprocess.Popen([sys.executable, '-c', DEVICE, name], stdout=subprocess.PIPE, text=True))
        assert devices[-1].stdout.readline() == 'plugged\n'
        return devices[-1]
    yield plug
    for device in devices:
        device.kill()
        device.communicate()


@pytest.fixture
def system(jack):
    system = MidiSystem('UNIX_JACK')
    assert system.open()
    yield system
    system.close()


@pytest.fixture
def outputs(system):
    outputs = MidiOutputs()
    yield outputs
    outputs.close()


def test_device_gets_what_is_sent_to_its_name(plug, outputs, system):
    device, other = plug('Lamps'), plug('Other')
    outputs.scan(system)
    name = next(name for name in outputs.names if 'Lamps' in name)
    assert outputs.send(name, [0x90, 1, 2]) and outputs.broadcast([0xB0, 3, 4]) == 2
    assert [device.stdout.readline(), device.stdout.readline(), other.stdout.readline()] == [
        '900102\n', 'b00304\n', 'b00304\n']
    assert (outputs.sent, outputs.lost) == (3, 0)


def test_our_own_ports_are_neither_heard_nor_sent_to(plug, outputs, system):
    plug('Lamps')
    outputs.scan(system)
    outputs.broadcast([0xB0, 3, 4])
    port = system.connect(next(iter(system._client.get_ports())))
    outputs.scan(system)
    assert len(outputs.names) == 1 and system.inputs() == {}
    port.delete()


def test_unplugged_device_is_found_again_and_its_lamps_are_known_to_be_dark(plug, outputs, system):
    device = plug('Lamps')
    outputs.scan(system)
    name, = outputs.names
    assert outputs.send(name, [0x90, 1, 2]) and outputs.arrivals(name) == 1
    device.kill()
    device.wait()
    wait_for(lambda: outputs.scan(system) or not outputs.names)
    assert not outputs.send(name, [0x90, 1, 2]) and outputs.lost == 1
    device = plug('Lamps')
    wait_for(lambda: outputs.scan(system) or outputs.names == [name])
    assert outputs.arrivals(name) == 2 and outputs.send(name, [0x90, 1, 2])
    assert device.stdout.readline() == '900102\n'


def test_panic_is_three_controllers_on_every_channel(plug, outputs, system):
    device = plug('Synth')
    outputs.scan(system)
    assert outputs.panic() == len(SILENCE) == 48
    heard = {device.stdout.readline().strip() for _ in range(48)}
    assert heard == {f'b{channel:x}{number:x}00' for channel in range(16) for number in (120, 121, 123)}


def test_broken_message_is_lost_and_the_output_stays(plug, outputs, system):
    device = plug('Lamps')
    outputs.scan(system)
    name, = outputs.names
    assert not outputs.send(name, []) and not outputs.send(name, [0x90, 1, 2, 3]) and outputs.send(name, [0x90, 1, 2])
    assert outputs.lost == 2 and device.stdout.readline() == '900102\n'


def test_second_device_of_a_name_is_the_second():
    assert stable_names(['live:out', 'Pad:Pad 20:0', 'Pad:Pad 24:0', 'live-01:in']) == {
        'Pad:Pad': 'Pad:Pad 20:0', 'Pad:Pad #2': 'Pad:Pad 24:0'}


@pytest.mark.parametrize('heard, told', [
    ('a2j:X-TOUCH MINI [20] (capture): X-TOUCH MINI MIDI 1', 'a2j:X-TOUCH MINI [20] (playback): X-TOUCH MINI MIDI 1'),
    ('MIDIIN2 (APC mini mk2)', 'MIDIOUT2 (APC mini mk2)'), ('nanoKONTROL2', 'nanoKONTROL2')])
def test_two_directions_of_a_device_are_one(heard, told):
    assert plain(heard) == plain(told)
    outputs = MidiOutputs()
    outputs._found = {'Other': 'Other', told: told}
    assert outputs.twin(heard) == told and outputs.twin('no such device') == ''


def test_what_echoes_is_sent_to_only_by_name():
    outputs = MidiOutputs()
    outputs._found = dict.fromkeys(['Midi Through:Midi Through Port-0', 'Drums'], '')
    assert outputs.matching() == ['Drums'] and outputs.matching('through') == ['Midi Through:Midi Through Port-0']
