"""The recorder's thread, between a ring and a real file."""
import threading
import time

import numpy as np
import pytest
import soundfile

from live.record.recorder import QUEUE, Recorder
from live.record.take import Take
from live.wires import Ring
from reading import FPS, RATE, SIZE, STEP, find_click, find_flash, grey, noise, picture_times, probe


@pytest.fixture
def ring():
    return Ring.make(1 << 16, 'f4', (2,))


def record(ring, path, size=None):
    recorder = Recorder(Take(path, RATE, size, FPS), ring.reader())
    recorder.start()
    return recorder


def wait_for(condition):
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < 20, 'it never happened'
        time.sleep(0.002)


def test_what_is_played_is_what_is_written(ring, tmp_path):
    ring.put(noise(1000))
    sound, recorder = noise(20000, 0.2), record(ring, tmp_path / 'take.wav')
    for start in range(0, 20000, 64):
        ring.put(sound[start:start + 64])
    summary = recorder.stop()
    assert (soundfile.read(tmp_path / 'take.wav', dtype='float32')[0] == sound[:len(sound)]).all()
    assert (summary.seconds, summary.lost, summary.message) == (20000 / RATE, 0, '')


def test_lost_sound_is_replaced_by_silence(tmp_path):
    ring = Ring.make(1024, 'f4', (2,))
    recorder = Recorder(Take(tmp_path / 'take.wav', RATE), ring.reader())
    for value in range(1, 41):
        ring.put(np.full((64, 2), value, 'f4'))
    recorder.start()
    summary = recorder.stop()
    written = soundfile.read(tmp_path / 'take.wav')[0][:, 0]
    assert len(written) == 40 * 64 and summary.lost == 40 * 64 - 1024 + 64
    assert (written[:summary.lost] == 0).all() and (written[summary.lost:] > 0).all() and written[-1] == 40


@pytest.mark.parametrize('suffix', ['.mp4', '.mkv'])
def test_sound_and_pictures_stay_together_from_wherever_it_starts(ring, tmp_path, suffix):
    ring.put(noise(12345))
    recorder, flash = record(ring, tmp_path / f'take{suffix}', SIZE), 40 * STEP
    for start in range(0, 60 * STEP, STEP):
        sound = np.zeros((STEP, 2), 'f4')
        sound[:48] = 0.9 * (start == flash)
        wait_for(lambda: len(recorder._pictures) < QUEUE)
        recorder.add_picture(grey(255 if start == flash else 20), 12345 + start)
        ring.put(sound)
    summary = recorder.stop()
    assert summary.pictures == 60 and summary.dropped == 0
    path = tmp_path / f'take{suffix}'
    assert abs(find_flash(path) - find_click(path)) <= STEP / 4 and abs(find_flash(path) - flash) <= STEP / 4


def test_pictures_that_come_too_fast_are_dropped_and_counted(ring, tmp_path):
    recorder = Recorder(Take(tmp_path / 'take.mp4', RATE, SIZE, FPS), ring.reader())
    for number in range(QUEUE + 5):
        recorder.add_picture(grey(20), number * STEP)
    recorder.start()
    ring.put(noise(RATE // 2))
    summary = recorder.stop()
    assert (summary.dropped, summary.pictures) == (5, QUEUE)
    assert str(summary).endswith('0.5 s, 8 pictures, 5 pictures dropped')


def test_last_picture_is_repeated_while_none_comes(ring, tmp_path):
    recorder = record(ring, tmp_path / 'take.mp4', SIZE)
    recorder.add_picture(grey(20), 0)
    for n in range(50):
        ring.put(noise(RATE // 10))
        wait_for(lambda: recorder.take.frames == (n + 1) * (RATE // 10))
    recorder.stop()
    times = picture_times(tmp_path / 'take.mp4')
    assert len(times) >= 5 and max(np.diff(times)) < 1.3 * RATE
    assert probe(tmp_path / 'take.mp4')[1] == pytest.approx(5, abs=0.001)


def test_disk_that_fails_ends_the_take_with_a_message(ring, tmp_path, monkeypatch):
    monkeypatch.setattr('live.record.take.LONGEST_WAV', 1000)
    recorder = record(ring, tmp_path / 'take.wav')
    ring.put(noise(2000))
    wait_for(lambda: recorder.message)
    recorder.add_picture(grey(20), 0)
    ring.put(noise(2000))
    summary = recorder.stop()
    assert summary.message.endswith('a .wav file holds no more; record to .w64 or .flac')
    assert not recorder._pictures and not any(t.name == 'record' for t in threading.enumerate())


def test_recorder_that_never_started_leaves_a_valid_file(ring, tmp_path):
    recorder = Recorder(Take(tmp_path / 'take.wav', RATE), ring.reader())
    recorder.stop()
    assert soundfile.info(tmp_path / 'take.wav').frames == 0
