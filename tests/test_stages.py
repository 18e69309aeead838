import re
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from live.audio import kept
from live.audio.arena import Arena
from live.audio.devices import Choice, Device, DeviceError
from live.audio.priority import lock_memory
from live.control.desk import Desk
from live.patch import find_patch, load_patch
from live.stages import Settings, Sound, make_loader, say
from live.wires import Latest


def test_the_dream_follows_the_seed_of_the_patch():
    arena, prompts = Arena(48000), Latest(('',))
    desk = Desk(arena.board, arena.events, prompts)
    desk.use_patch(load_patch(find_patch('bflat')))
    load, condition = make_loader('random:tiny', lambda: desk.patch.seed, arena, prompts, desk.negative)
    engine = load()
    assert engine.seed == 466
    desk.use_patch(load_patch(find_patch('beats')))
    condition(engine)
    assert engine.seed == 3


def test_what_cannot_be_printed_ends_nobody(monkeypatch):
    told = []

    def full(text, flush):
        told.append(text)
        raise OSError('No space left on device')
    monkeypatch.setattr('builtins.print', full)
    say('dream', 'off')
    assert told == ['dream:   off']


def test_the_sample_that_is_heard_goes_on_between_callbacks_and_never_back(monkeypatch):
    sound = Sound(Settings(audio='clock'))
    stats, seconds = sound.arena.stats, [10.0]
    monkeypatch.setattr('live.stages.time.monotonic_ns', lambda: round(seconds[0] * 1e9))
    sound.stream = SimpleNamespace(latency=0.25)
    heard = []
    for begin, made, now in ((10.0, 48000, (10.0, 10.01, 11.0)), (10.02, 49024, (10.02, 10.03, 10.01))):
        stats['last_ns'], stats['last_frames'], stats['frames'] = round(begin * 1e9), 1024, made
        for seconds[0] in now:
            heard.append(sound.sample_now)
    assert heard == [34976, 35456, 36000, 36000, 36480, 36480]


def test_a_card_that_cannot_be_opened_leaves_the_clock_where_none_was_asked_for(monkeypatch):
    card = Device(0, 'mono', 'ALSA', 0, 1, 44100, True)
    monkeypatch.setattr('live.stages.choose_stream', lambda *asked: Choice('sounddevice', card, 44100, 0, 0, ''))
    open_stream = kept.open_stream

    def refuse(choice, arena, fade=0.0):
        if choice.backend == 'sounddevice':
            raise DeviceError('Invalid number of channels')
        return open_stream(choice, arena, fade)
    monkeypatch.setattr(kept, 'open_stream', refuse)
    sound = Sound(Settings())
    assert (sound.choice.backend, sound.choice.reason) == ('clock', 'because Invalid number of channels')
    with pytest.raises(DeviceError):
        Sound(Settings(device='mono'))


@pytest.mark.skipif(sys.platform != 'linux', reason='only Linux tells how much is locked')
def test_memory_is_locked_where_that_is_told():
    def count_locked():
        return int(re.search(r'VmLck:\s+(\d+) kB', Path('/proc/self/status').read_text())[1])
    before, memory = count_locked(), np.zeros(1 << 16, np.uint8)
    assert lock_memory(memory) == (count_locked() >= before + 64)
