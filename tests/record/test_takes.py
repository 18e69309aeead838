"""Takes begun and ended by one button while sound runs."""
import shutil
import time

import pytest
import soundfile

from live.record.memory import Memory
from live.record.recorder import Recorder
from live.record.take import Take
from live.record.takes import Takes, files_of, name_take
from live.wires import Ring
from reading import RATE, noise, wait_for


@pytest.fixture
def ring():
    return Ring.make(1 << 16, 'f4', (2,))


@pytest.fixture
def said():
    return []


@pytest.fixture
def takes(ring, said):
    def open_take(path):
        return [Recorder(Take(file, RATE), ring.reader(), say=said.append) for file in files_of(path)]
    return Takes(open_take, said.append)


def test_button_begins_and_ends_a_take(takes, ring, said, tmp_path):
    path = tmp_path / 'take.wav'
    takes.toggle(path)
    wait_for(lambda: len(said) == 1 and takes.recorder)
    ring.put(noise(3000))
    takes.toggle(path)
    wait_for(lambda: len(said) == 2)
    assert soundfile.info(path).frames == 3000 and takes.recorder is None
    assert said[0] == f'recording {path}' and 'recorded' in said[1]


def test_a_folder_that_is_not_there_is_told(takes, said, tmp_path):
    takes.toggle(tmp_path / 'nowhere' / 'take.wav')
    wait_for(lambda: said)
    assert 'there is no folder' in said[0] and takes.recorder is None


def test_ending_without_a_take_says_nothing(takes):
    assert takes.end() == ''


def test_names_carry_date_and_patch_and_never_meet(tmp_path):
    first = name_take('bflat', '.wav', tmp_path)
    first.touch()
    second = name_take('bflat', '.wav', tmp_path)
    assert first != second and 'bflat' in second.name and second.name.startswith(time.strftime('%Y-'))


def test_a_movie_has_its_sound_beside_it_to_the_bit(takes, ring, said, tmp_path):
    takes.toggle(tmp_path / 'take.mp4')
    wait_for(lambda: said)
    sound = noise(5000)
    ring.put(sound)
    assert takes.end() == f'recorded {tmp_path}/take.mp4: 0.1 s; {tmp_path}/take.w64: 0.1 s'
    assert (soundfile.read(tmp_path / 'take.w64', dtype='float32')[0] == sound).all()


def test_button_after_a_disk_was_lost_begins_the_next_take(takes, ring, said, tmp_path):
    (tmp_path / 'disk').mkdir()
    takes.toggle(tmp_path / 'disk' / 'take.w64')
    wait_for(lambda: takes.recorder)
    shutil.rmtree(tmp_path / 'disk')
    ring.put(noise(30000))
    ring.put(noise(30000))
    wait_for(lambda: takes.recorder is None)
    takes.toggle(tmp_path / 'next.w64')
    wait_for(lambda: takes.recorder)
    assert 'taken away' in said[1] and (tmp_path / 'next.w64').exists()
    takes.end()


def test_last_minutes_are_written_and_told(takes, ring, said, tmp_path):
    takes.memory = Memory(ring, RATE, 1)
    sound = noise(5000)
    ring.put(sound)
    takes.memory.fetch()
    takes.keep(tmp_path / 'kept.w64')
    takes.finish()
    assert said[-1] == f'kept {tmp_path}/kept.w64: 0.1 s'
    assert (soundfile.read(tmp_path / 'kept.w64', dtype='float32')[0] == sound).all()


@pytest.mark.parametrize('kept, told', [(False, 'start with --keep 5'), (True, 'there is no folder')])
def test_minutes_that_cannot_be_written_are_told(takes, ring, said, tmp_path, kept, told):
    takes.memory = Memory(ring, RATE, 1) if kept else None
    ring.put(noise(100))
    takes.memory and takes.memory.fetch()
    takes.keep(tmp_path / 'nowhere' / 'kept.w64')
    takes.finish()
    assert told in said[-1]
