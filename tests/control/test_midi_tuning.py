"""MIDI tuning at a port: who asks gets the tuning in force, through real ports, and what sounds follows."""
import subprocess
import sys

import pytest

from live.control.midi import MidiInput
from live.control.midi_out import MidiOutputs
from live.control.midi_tuning import MidiTuning
from live.control.mpe_voices import Touch, Voices
from live.tuning import mts

SYNTH = '''
import sys, time, rtmidi
asked = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name='Synth capture')
told = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name='Synth playback')
told.ignore_types(sysex=False)
asked.open_virtual_port('port')
told.open_virtual_port('port')
print('plugged', flush=True)
for line in sys.stdin:
    asked.send_message(bytes.fromhex(line))
    until = time.monotonic() + 10
    while not (event := told.get_message()) and time.monotonic() < until:
        time.sleep(0.01)
    print(bytes(event[0] if event else []).hex(), flush=True)
'''


@pytest.fixture
def tuning(desk):
    return MidiTuning(desk, MidiOutputs(), Voices(desk))


def test_who_asks_through_a_port_gets_the_tuning_in_force(jack, desk):
    desk.load_patch('nineteen')
    with subprocess.Popen([sys.executable, '-c', SYNTH], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as synth:
        assert synth.stdout.readline() == 'plugged\n'
        midi = MidiInput(desk, api='UNIX_JACK')
        midi.start()
        synth.stdin.write(mts.dump_request(5, bank=2).hex() + '\n')
        synth.stdin.flush()
        told = mts.parse(bytes.fromhex(synth.stdout.readline()))
        midi.stop()
        synth.kill()
    assert (told.program, told.bank) == (5, 2) and midi.tuning.dumps == 1
    assert desk.tuning.retuned(told.semitones).frequencies == pytest.approx(desk.tuning.frequencies, rel=1e-5)


def test_key_that_is_not_mapped_is_left_out_of_a_dump(tuning, desk):
    desk.tuning = type(desk.tuning)(keyboard=type(desk.tuning.keyboard)(first=20))
    sent = []
    tuning.outputs.send = lambda name, message: sent.append(message) or True
    tuning.handle(mts.dump_request(0), 'Synth')
    tuning.tend()
    assert sorted(mts.parse(sent[0]).semitones) == list(range(20, 128))


def test_impatient_device_gets_one_dump(tuning):
    sent = []
    tuning.outputs.send = lambda name, message: sent.append(message) or True
    for _ in range(1000):
        tuning.handle(mts.dump_request(0), 'Synth')
    tuning.tend()
    tuning.tend()
    assert len(sent) == tuning.dumps == 1


def test_device_without_an_input_is_told_of(tuning, desk):
    tuning.handle(mts.dump_request(0), 'Keys')
    tuning.tend()
    assert tuning.dumps == 0 and desk.message == 'Keys asks for the tuning and has no input'


@pytest.mark.parametrize('real_time, cents', [(True, 50), (False, 0)])
def test_notes_on_layers_follow_what_is_tuned_in_real_time(tuning, desk, real_time, cents):
    desk.set('drone.root', desk.tuning.frequency(69))
    tuning.voices.strike(('', 1), 69, 1.0, Touch())
    tuning.handle(mts.scale_octave([50] * 12, real_time=real_time), '')
    assert desk.board['layer2.interval_cents'] == pytest.approx(cents, abs=0.1)
