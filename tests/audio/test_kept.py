"""A real JACK server that dies in mid-performance and comes back: time goes on, the sound comes again."""
import json
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from live.audio import devices, kept
from live.audio import streams as streams_room
from live.audio.arena import Arena
from live.audio.devices import DeviceError
from live.audio.gate import Gate, call_gate
from live.audio.kept import KeptStream
from live.audio.stream import Stream

NAME = 'livetest7'
PLAY = '''
import json, os, sys, time
os.environ['JACK_DEFAULT_SERVER'] = sys.argv[2]
from live.audio.arena import Arena
from live.audio.devices import choose_stream
from live.audio.kept import KeptStream
choice = choose_stream(sys.argv[1])
arena = Arena(choice.samplerate, inputs=choice.inputs)
said = []
stream = KeptStream(choice, arena, lambda text: said.append((time.monotonic(), text)))
stream.start()
print(choice.backend, flush=True)
for line in sys.stdin:
    print(json.dumps({'at': time.monotonic(), 'frames': arena.frames, 'losses': stream.losses, 'lost': stream.lost,
                      'lost_s': stream.lost_seconds, 'said': said, 'latency': stream.latency,
                      'nan': int(arena.stats['nan']), 'heard': float(arena.sound.items[:arena.frames].std())}),
          flush=True)
began = time.monotonic()
print(json.dumps({'stopped': stream.stop(8), 'took': time.monotonic() - began}), flush=True)
os._exit(0)
'''


class Player:
    """The sound in a process of its own."""

    def __init__(self, backend, name):
        self.process = subprocess.Popen([sys.executable, '-c', PLAY, backend, name], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.backend = self.process.stdout.readline().strip()

    @property
    def figures(self):
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def wait_for(self, condition, seconds=20):
        until = time.monotonic() + seconds
        while not condition(now := self.figures):
            assert time.monotonic() < until, now
            time.sleep(0.05)
        return now

    def end(self):
        self.process.stdin.close()
        told = json.loads(self.process.stdout.readline())
        self.process.stdout.close()
        assert self.process.wait(20) == 0
        return told


@pytest.fixture
def server(start_jack, tmp_path):
    """A function that starts the server again; `.stop(signal)` ends it."""
    class Server:
        def start(self):
            self.process = start_jack(NAME, tmp_path / 'log.txt')

        def stop(self, number=15):
            self.process.send_signal(number)
            self.process.wait(10)
    one = Server()
    one.start()
    yield one
    one.stop()


@pytest.mark.parametrize('number', [15, 9], ids=['SIGTERM', 'SIGKILL'])
def test_a_jack_server_that_dies_is_found_again_twice(server, number):
    player = Player('auto', NAME)
    assert player.backend == 'jack'
    for loss in (1, 2):
        playing = player.wait_for(lambda f: f['frames'] > 4800 and not f['lost'])
        server.stop(number)
        gone = player.wait_for(lambda f: f['lost'])
        assert gone['losses'] == loss and 'clock' in gone['said'][-1][1]
        later = player.wait_for(lambda f: f['at'] > gone['at'] + 1)
        passed = (later['frames'] - gone['frames']) / 48000 / (later['at'] - gone['at'])
        assert passed == pytest.approx(1, abs=0.2)              # time goes on by the clock
        server.start()
        back = player.wait_for(lambda f: not f['lost'])
        assert back['frames'] > later['frames'] > playing['frames'] and 'is back' in back['said'][-1][1]
    assert back['nan'] == 0 and back['heard'] > 0.001 and back['lost_s'] > 2
    assert player.end()['stopped']


LOOK_AGAIN = '''
import os, sys
os.environ['JACK_DEFAULT_SERVER'] = sys.argv[1]
from live.audio.devices import list_devices, renew
print(any(device.api.startswith('JACK') for device in list_devices('sounddevice')), flush=True)
sys.stdin.read()
renew('sounddevice')
print('still here', flush=True)
os._exit(0)         # as the instrument ends: PortAudio's own end aborts
'''


def test_portaudio_outlives_its_jack_server(server):
    """Where it knows a server that has died, looking again does not abort the process."""
    process = subprocess.Popen([sys.executable, '-c', LOOK_AGAIN, NAME], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == 'True\n'
    server.stop()
    assert process.communicate(timeout=20)[0] == 'still here\n' and process.returncode == 0
    server.start()


class Device(Stream):
    """A device whose driver does what it is told: 'plays', 'is silent', 'does not start', and may hang when it ends."""

    def __init__(self, arena, does):
        self.gate, self.does, self.may_end = Gate(arena), does, threading.Event()
        self._running = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        if self.does == 'does not start':
            raise DeviceError('taken by another program')
        self._running.set()
        self._thread.start()

    def _run(self):
        out = np.zeros((240, 2), np.float32)
        while self._running.is_set():
            time.sleep(0.005)
            if self.does == 'plays':
                call_gate(None, out.ctypes.data, 240, None, 0, self.gate.address)

    def close(self):
        self._running.clear()
        self.may_end.wait(20)

    def stop(self, timeout=0.3):
        return super().stop(timeout)


@pytest.fixture
def keep(monkeypatch):
    """A function: what each device that is opened does -> a stream that is kept, its arena, devices, what was said."""
    streams = []
    monkeypatch.setattr(kept, 'FIRST_TRY', 0.05)
    monkeypatch.setattr(kept, 'LAST_TRY', 0.05)
    monkeypatch.setattr(kept, 'START_TIME', 0.4)
    monkeypatch.setattr(kept, 'pick_device', lambda *asked: devices.Device(0, 'card', 'ALSA', 0, 2, 48000, True))
    monkeypatch.setattr(kept, 'list_devices', lambda backend: [])
    monkeypatch.setattr(kept, 'renew', lambda backend: None)

    def start(*does):
        arena, opened, said, order = Arena(48000), [], [], iter(does)

        def open_stream(choice, arena, fade=0.0):
            if choice.backend == 'clock':
                return streams_room.open_stream(choice, arena)
            opened.append(Device(arena, next(order)))
            return opened[-1]
        monkeypatch.setattr(kept, 'open_stream', open_stream)
        card = devices.Device(0, 'card', 'ALSA', 0, 2, 48000, True)
        streams.append(KeptStream(devices.Choice('sounddevice', card, 48000, 0, 0, ''), arena, said.append))
        streams[-1].start()
        return streams[-1], arena, opened, said
    yield start
    for stream in streams:
        for device in (stream._stream, stream._left):
            if isinstance(device, Device):
                device.may_end.set()
        stream.close()


def wait_until(truth, seconds=10):
    until = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_device_that_does_not_start_is_one_that_is_lost(keep):
    stream, arena, opened, said = keep('does not start', 'plays')
    opened[0].may_end.set()
    wait_until(lambda: said[-1].startswith('the sound is back'))
    assert said[0].startswith('card is gone') and len(opened) == 2 and not stream.lost


def test_time_goes_on_while_a_device_that_is_silent_is_tried(keep):
    stream, arena, opened, said = keep('does not start', 'is silent', 'plays')
    opened[0].may_end.set()
    wait_until(lambda: len(opened) == 2)
    opened[1].may_end.set()
    before, longest = arena.frames, 0.0
    came = time.monotonic()
    while stream.lost:
        if arena.frames != before:
            before, came = arena.frames, time.monotonic()
        longest = max(longest, time.monotonic() - came)
        time.sleep(0.002)
    assert longest < kept.START_TIME / 2 and len(opened) == 3


def test_a_device_that_hung_is_looked_for_when_its_driver_lets_go(keep):
    stream, arena, opened, said = keep('does not start', 'plays')
    wait_until(lambda: any('its driver hangs' in text for text in said))
    time.sleep(0.3)
    assert len(opened) == 1 and stream.lost
    opened[0].may_end.set()
    wait_until(lambda: not stream.lost)
    assert len(opened) == 2


def test_a_device_of_jack_that_comes_back_is_joined_again(jack):
    choice = devices.choose_stream('jack')
    stream = streams_room.open_stream(choice, Arena(choice.samplerate))
    stream.start()
    theirs = stream._theirs
    assert stream.tend() == ''
    stream._theirs = lambda flags: []
    assert stream.tend() == ''
    stream._theirs = theirs
    assert stream.tend() == 'system is joined again' and stream.tend() == ''
    assert stream.stop()
