"""The recorder's thread, between a ring, a film and a real file."""
import shutil
import threading

import numpy as np
import pytest
import soundfile

from live.record.encoder import PictureEncoder
from live.record.film import QUEUE, Film
from live.record.recorder import Recorder
from live.record.take import Take
from live.wires import Ring
from reading import FPS, RATE, SIZE, STEP, find_click, find_flash, grey, noise, picture_times, probe, wait_for


@pytest.fixture
def ring():
    return Ring.make(1 << 16, 'f4', (2,))


@pytest.fixture
def film(ring):
    film = Film(RATE, FPS, lambda: SIZE, lambda: ring.written)
    film.start()
    yield film
    film.stop()


def record(ring, path, film=None, **options):
    recorder = Recorder(Take(path, RATE, encoder=film and film.encoder()), ring.reader(), film=film, **options)
    recorder.start()
    return recorder


def show(film, value, index):
    wait_for(lambda: len(film._pictures) < QUEUE)
    film.add_picture(grey(value), index)


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
def test_sound_and_pictures_stay_together_from_wherever_it_starts(ring, film, tmp_path, suffix):
    ring.put(noise(12345))
    path, flash = tmp_path / f'take{suffix}', 40 * STEP
    recorder = record(ring, path, film)
    for start in range(0, 60 * STEP, STEP):
        sound = np.zeros((STEP, 2), 'f4')
        sound[:48] = 0.9 * (start == flash)
        show(film, 255 if start == flash else 20, 12345 + start)
        ring.put(sound)
    summary = recorder.stop()
    assert summary.pictures == 60 and summary.dropped == 0
    assert abs(find_flash(path) - find_click(path)) <= STEP / 4 and abs(find_flash(path) - flash) <= STEP / 4


def test_pictures_from_before_the_take_are_not_in_it(ring, film, tmp_path):
    ring.put(noise(1000))
    recorder = record(ring, tmp_path / 'take.mp4', film)
    for index in (500, 900, 1100, 1900):
        show(film, 20, index)
    ring.put(noise(2000))
    recorder.stop()
    assert picture_times(tmp_path / 'take.mp4') == [0, 900]


def test_time_stays_right_where_pictures_are_dropped(ring, film, tmp_path):
    path = tmp_path / 'take.mp4'
    recorder = record(ring, path, film)
    for number in range(60):        # all at once: more than an encoder can take
        film.add_picture(grey(20), number * STEP)
    show(film, 255, 90 * STEP)
    sound = np.zeros((2 * RATE, 2), 'f4')
    sound[90 * STEP:90 * STEP + 48] = 0.9
    for start in range(0, len(sound), RATE // 2):
        ring.put(sound[start:start + RATE // 2])
        wait_for(lambda: recorder.take.frames == ring.written)
    summary = recorder.stop()
    assert summary.dropped > 0 and summary.dropped + summary.pictures == 61
    assert f'{summary.dropped} pictures dropped' in str(summary)
    assert find_flash(path) == 90 * STEP and abs(find_click(path) - 90 * STEP) <= STEP / 4


def test_take_lasts_as_long_as_its_sound_while_no_picture_comes(ring, film, tmp_path):
    recorder = record(ring, tmp_path / 'take.mp4', film)
    show(film, 20, 0)
    for n in range(30):
        ring.put(noise(RATE // 10))
        wait_for(lambda: recorder.take.frames == (n + 1) * (RATE // 10))
    recorder.stop()
    assert probe(tmp_path / 'take.mp4')[1] == pytest.approx(3, abs=0.001)


def test_take_ends_after_its_frames(ring, film, tmp_path):
    recorder = record(ring, tmp_path / 'take.mp4', film, frames=1000)
    for index in (0, 900, 1000, 1100):
        show(film, 20, index)
    ring.put(noise(3000))
    assert recorder.stop().seconds == 1000 / RATE
    assert picture_times(tmp_path / 'take.mp4') == [0, 900]


def test_take_ends_at_the_sample_it_is_told(ring, film, tmp_path):
    ring.put(noise(300))
    recorder = record(ring, tmp_path / 'take.w64')
    ring.put(noise(3000))
    recorder.end(300 + 3000)
    ring.put(noise(3000))
    assert recorder.stop().seconds == 3000 / RATE


def test_film_that_waits_too_long_for_the_disk_loses_whole_groups(tmp_path):
    encoder = PictureEncoder(SIZE, FPS, RATE)
    recorder = Recorder(Take(tmp_path / 'take.mp4', RATE, encoder=encoder), Ring.make(64, 'f4', (2,)).reader())
    for number in range(64):
        recorder.add_shot(encoder.encode(grey(20), number * RATE // 2))
    assert recorder._shots[-1].sample == 30 * RATE and recorder.dropped == 3
    recorder._shots.clear()
    recorder.add_shot(encoder.encode(grey(20), 31 * RATE + 30000))
    recorder.add_shot(encoder.encode(grey(20), 33 * RATE))
    assert [shot.key for shot in recorder._shots] == [True] and recorder.dropped == 4
    recorder.stop()


def test_disk_that_fails_ends_the_take_with_a_message(ring, film, tmp_path, monkeypatch):
    monkeypatch.setattr('live.record.take.LONGEST_WAV', 1000)
    said = []
    recorder = record(ring, tmp_path / 'take.wav', film, say=said.append)
    ring.put(noise(2000))
    wait_for(lambda: said)
    assert said == [f'{tmp_path}/take.wav: a .wav file holds no more; record to .w64 or .flac; the take is closed']
    assert not film.wanted and not recorder.running
    ring.put(noise(2000))
    assert recorder.stop().message in said[0]
    assert not any(t.name == 'record' for t in threading.enumerate())


def test_disk_that_is_taken_away_ends_the_take_with_a_message(ring, film, tmp_path):
    said, folder = [], tmp_path / 'disk'
    folder.mkdir()
    recorder = record(ring, folder / 'take.mp4', film, say=said.append)
    for index in (0, RATE // 2, RATE):
        show(film, 20, index)
    ring.put(noise(RATE // 2))
    wait_for(lambda: (folder / 'take.mp4').stat().st_size)
    shutil.rmtree(folder)
    for _ in range(3):
        ring.put(noise(RATE // 2))
        wait_for(lambda: said or recorder.take.frames == ring.written)
    wait_for(lambda: said)
    assert 'its folder or its disk was taken away; the take is closed' in said[0] and not recorder.running


def test_recorder_that_never_started_leaves_a_valid_file(ring, tmp_path):
    recorder = Recorder(Take(tmp_path / 'take.wav', RATE), ring.reader())
    recorder.stop()
    assert soundfile.info(tmp_path / 'take.wav').frames == 0
