"""The last minutes, written to real files."""
import av
import numpy as np
import pytest
import soundfile

from live.record.encoder import PictureEncoder, Shot
from live.record.memory import Memory, choose_minutes
from live.record.take import TakeError
from live.wires import Ring
from reading import FPS, RATE, SIZE, STEP, find_click, find_flash, grey, noise, picture_times, probe

SECOND = RATE


@pytest.fixture
def ring():
    return Ring.make(1 << 17, 'f4', (2,))


def play(memory, ring, seconds, encoder=None, flash=-1):
    """Play noise, or silence with one click, and pictures on the same samples."""
    sound = noise(round(seconds * SECOND)) if flash < 0 else np.zeros((round(seconds * SECOND), 2), 'f4')
    begin = ring.written
    for start in range(0, len(sound), STEP):
        if start == flash:
            sound[start:start + 48] = 0.9
        if encoder:
            memory.add_shot(encoder.encode(grey(255 if start == flash else 20), begin + start))
        ring.put(sound[start:start + STEP])
        memory.fetch()
    return sound


def test_sound_that_was_played_is_written_to_the_bit(ring, tmp_path):
    play(Memory(ring, RATE, 1), ring, 0.1)
    memory = Memory(ring, RATE, 1)
    sound = play(memory, ring, 2)
    memory.write([tmp_path / 'kept.w64'])
    assert (soundfile.read(tmp_path / 'kept.w64', dtype='float32')[0] == sound).all()


def test_what_is_older_is_forgotten(ring, tmp_path):
    memory = Memory(ring, RATE, 1 / 60)
    sound = play(memory, ring, 3, PictureEncoder(SIZE, FPS, RATE))
    memory.write([tmp_path / 'kept.mp4', tmp_path / 'kept.w64'])
    kept = soundfile.read(tmp_path / 'kept.w64', dtype='float32')[0]
    assert SECOND <= len(kept) <= 2 * SECOND and (kept == sound[-len(kept):]).all()
    assert probe(tmp_path / 'kept.mp4')[1] == pytest.approx(len(kept) / SECOND, abs=0.001)
    assert len(memory._groups) == 2
    with av.open(str(tmp_path / 'kept.mp4')) as film:
        frames = list(film.decode(video=0))
    assert frames[0].key_frame and len(frames) == round(len(kept) / SECOND * FPS)


@pytest.mark.parametrize('names', [('kept.mp4', 'nowhere/kept.w64'), ('kept.mp4', 'kept.xyz')])
def test_all_files_are_written_or_none(ring, tmp_path, names):
    memory = Memory(ring, RATE, 1)
    play(memory, ring, 1.5, PictureEncoder(SIZE, FPS, RATE))
    with pytest.raises(TakeError):
        memory.write([tmp_path / name for name in names])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('suffix', ['.mp4', '.mkv'])
def test_sound_and_pictures_stay_together(ring, tmp_path, suffix):
    memory, path = Memory(ring, RATE, 2 / 60), tmp_path / f'kept{suffix}'
    play(memory, ring, 3.1, PictureEncoder(SIZE, FPS, RATE), flash=150 * STEP)
    memory.write([path])
    assert abs(find_flash(path) - find_click(path)) <= STEP / 4
    assert picture_times(path)[0] == 0 and probe(path)[0]['video']['has_b_frames'] == 0


def test_writing_twice_gives_the_same_pictures(ring, tmp_path):
    memory = Memory(ring, RATE, 1)
    play(memory, ring, 1.5, PictureEncoder(SIZE, FPS, RATE))
    memory.write([tmp_path / 'one.mp4'])
    memory.write([tmp_path / 'two.mp4'])
    assert len(picture_times(tmp_path / 'one.mp4')) == 1.5 * FPS
    assert (tmp_path / 'one.mp4').read_bytes() == (tmp_path / 'two.mp4').read_bytes()


def test_memory_for_pictures_is_bounded(ring, monkeypatch):
    monkeypatch.setattr('live.record.memory.SHOT_BYTES', 100_000)
    memory = Memory(ring, RATE, 5)
    for n in range(100):
        memory.add_shot(Shot(bytes(1000), n * SECOND // 10, n % 10 == 0, None))
    assert memory._bytes == sum(len(shot.data) for shot in memory._shots()) == 100_000
    memory.add_shot(Shot(bytes(1000), 10 * SECOND, True, None))
    assert memory._bytes == 91_000 and memory._shots()[0].sample == SECOND


def test_another_size_of_the_window_begins_anew(ring, tmp_path):
    memory = Memory(ring, RATE, 1)
    play(memory, ring, 1, PictureEncoder(SIZE, FPS, RATE))
    play(memory, ring, 0.5, PictureEncoder((128, 96), FPS, RATE))
    memory.write([tmp_path / 'kept.mp4'])
    streams, seconds = probe(tmp_path / 'kept.mp4')
    assert streams['video']['width'] == 128 and seconds == pytest.approx(0.5, abs=0.001)


def test_lost_sound_is_silence_and_moves_nothing(tmp_path):
    ring = Ring.make(1024, 'f4', (2,))
    memory = Memory(ring, RATE, 1)
    for value in range(1, 41):
        ring.put(np.full((64, 2), value, 'f4'))
    memory.fetch()
    memory.write([tmp_path / 'kept.w64'])
    kept = soundfile.read(tmp_path / 'kept.w64')[0][:, 0]
    assert len(kept) == 40 * 64 and kept[0] == 0 and kept[-1] == 40


def test_nothing_yet_is_told(ring, tmp_path):
    with pytest.raises(TakeError, match='nothing has been kept yet'):
        Memory(ring, RATE, 1).write([tmp_path / 'kept.w64'])


@pytest.mark.parametrize('asked, cores, minutes', [(None, 8, 5), (None, 2, 0), (3, 2, 3), (0, 8, 0)])
def test_minutes_are_chosen_by_wish_and_by_machine(asked, cores, minutes):
    chosen, reason = choose_minutes(asked, cores)
    assert chosen == minutes and reason


def test_no_sound_is_lost_to_another_size_of_the_window(ring, tmp_path):
    memory = Memory(ring, RATE, 1)
    play(memory, ring, 2, PictureEncoder(SIZE, FPS, RATE))
    play(memory, ring, 0.5, PictureEncoder((128, 96), FPS, RATE))
    memory.write([tmp_path / 'kept.mp4', tmp_path / 'kept.w64'])
    streams, seconds = probe(tmp_path / 'kept.mp4')
    assert seconds == pytest.approx(2.5, abs=0.001) and soundfile.info(tmp_path / 'kept.w64').duration == 2.5
    assert picture_times(tmp_path / 'kept.mp4')[:2] == [0, 2 * RATE + STEP]
