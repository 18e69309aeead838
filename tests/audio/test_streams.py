import subprocess
import sys
import time

import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.devices import Device, DeviceError, choose_stream, list_devices, pick_device, renew
from live.audio.stats import read_stats
from live.audio.streams import open_stream

CARDS = [Device(0, 'HDA Intel: analog', 'ALSA', 2, 2, 44100, True),
         Device(1, 'Scarlett 2i2', 'ALSA', 2, 2, 48000, False),
         Device(2, 'system', 'JACK Audio Connection Kit', 2, 2, 48000, True),
         Device(3, 'mic', 'ALSA', 1, 0, 48000, False)]


def test_jack_is_preferred_and_then_the_default():
    assert pick_device(CARDS, None, 0).name == 'system'
    assert pick_device([c for c in CARDS if c.index != 2], None, 0).name == 'HDA Intel: analog'


def test_a_device_is_found_by_part_of_its_name():
    assert pick_device(CARDS, 'scarlett', 0).index == 1


def test_a_missing_device_is_named_with_those_there_are():
    with pytest.raises(DeviceError, match="no output device 'Scarlet 4'.*Scarlett 2i2"):
        pick_device(CARDS, 'Scarlet 4', 0)


def test_no_device_at_all_is_told():
    with pytest.raises(DeviceError, match='there is no output device'):
        pick_device(CARDS[3:], None, 0)


@pytest.mark.parametrize('inputs', [0, 2])
def test_the_clock_makes_what_is_due(inputs):
    """Also with an input, which is silent: so it is where a device with one is lost."""
    choice = choose_stream('clock')
    arena = Arena(choice.samplerate, inputs=inputs)
    stream = open_stream(choice, arena)
    begin = time.perf_counter()
    stream.start()
    time.sleep(0.5)
    assert stream.stop()
    due = (time.perf_counter() - begin) * choice.samplerate
    assert 0.5 * due < arena.frames <= due + 256
    assert arena.sound.items[:arena.frames].std() > 0


PLAY = '''
import json, sys, time
from live.audio.arena import Arena
from live.audio.devices import choose_stream
from live.audio.priority import raise_priority
from live.audio.stats import read_stats
from live.audio.streams import open_stream
choice = choose_stream(sys.argv[1], blocksize=int(sys.argv[2]), inputs=int(sys.argv[3]))
arena = Arena(choice.samplerate, inputs=choice.inputs)
stream = open_stream(choice, arena)
stream.start()
time.sleep(1)
granted, reason = raise_priority(int(arena.stats['thread']))
heard = float(arena.sound.items[:arena.frames].std())
stopped = stream.stop()
print(json.dumps({**read_stats(arena), 'heard': heard, 'stopped': stopped, 'api': choice.device.api, 'why': reason}))
'''


@pytest.mark.parametrize('backend', ['sounddevice', 'pyaudio'])
@pytest.mark.parametrize('blocksize, inputs', [(0, 0), (100, 2)])
def test_a_real_jack_server_is_served(jack, backend, blocksize, inputs):
    import json
    if backend == 'pyaudio':
        pytest.importorskip('pyaudio')
    words = [sys.executable, '-c', PLAY, backend, str(blocksize), str(inputs)]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    figures = json.loads(said.stdout.splitlines()[-1])
    assert figures['api'] == 'JACK Audio Connection Kit' and figures['stopped']
    assert figures['heard'] > 0.001 and figures['nan'] == 0
    assert 24000 < figures['frames'] < 144000
    assert 'SCHED' in figures['why'] or 'allow it' in figures['why']


def test_auto_says_why_there_is_no_sound_card(monkeypatch):
    monkeypatch.setattr('live.audio.devices.list_devices', lambda backend: CARDS[3:])
    choice = choose_stream('auto')
    assert choice.backend == 'clock' and choice.reason == 'because there is no output device'


def test_a_library_that_cannot_look_around_is_told_each_time(monkeypatch):
    sounddevice = pytest.importorskip('sounddevice')
    terminated = []

    def fail():
        raise sounddevice.PortAudioError('Error initializing PortAudio: unplugged')
    monkeypatch.setattr(sounddevice, '_initialize', fail)
    monkeypatch.setattr(sounddevice, '_terminate', lambda: terminated.append(sounddevice._initialized))
    monkeypatch.setattr(sounddevice, 'query_hostapis', lambda: ({'name': 'ALSA'},))
    for known in (1, 0, 0):
        monkeypatch.setattr(sounddevice, '_initialized', known)
        with pytest.raises(DeviceError, match='PortAudio: Error initializing'):
            renew('sounddevice')
    assert terminated == [1]
    monkeypatch.setattr(sounddevice, 'query_hostapis', fail)
    with pytest.raises(DeviceError, match='PortAudio: Error initializing'):
        list_devices('sounddevice')


def test_percentiles_of_an_empty_histogram_are_zero():
    stats = read_stats(Arena(48000))
    assert stats['load_p50'] == stats['load_max'] == 0 and stats['callbacks'] == 0
    assert np.isfinite(list(stats.values())).all()


def test_a_card_without_the_input_that_was_asked_for_says_so(monkeypatch):
    speakers = Device(0, 'Speakers', 'ALSA', 0, 2, 48000, True)
    monkeypatch.setattr('live.audio.devices.list_devices', lambda backend: [speakers])
    assert choose_stream('auto', inputs=2).inputs == 0
    assert choose_stream('auto', inputs=2).reason.endswith(', which has no input')
    assert 'input' not in choose_stream('auto').reason
    assert choose_stream('clock', inputs=2).reason == 'it was asked for, without an input'
