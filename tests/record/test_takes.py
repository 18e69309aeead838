"""Takes begun and ended by one button while sound runs."""
import shutil
import time

import pytest
import soundfile

from live.record.memory import Memory
from live.record.recorder import Recorder
from live.record.take import Take
from live.record.takes import MOST_ASKED, Takes, files_of, name_take
from live.wires import Ring
from reading import RATE, noise, wait_for


@pytest.fixture
def ring():
    return Ring.make(1 << 16, 'f4', (2,))


@pytest.fixture
def said():
    return []


@pytest.fixture
def paths(tmp_path):
    """Paths of the takes to come, in order."""
    return [tmp_path / f'{number}.w64' for number in range(9)]


@pytest.fixture
def takes(ring, said, paths):
    def open_take(path):
        return [Recorder(Take(file, RATE), ring.reader(), say=takes.fell) for file in files_of(path)]
    takes = Takes(open_take, lambda: paths.pop(0), said.append)
    yield takes
    takes.end()


def test_button_begins_and_ends_a_take(takes, ring, said, paths):
    path = paths[0]
    takes.toggle()
    wait_for(lambda: len(said) == 1 and takes.recorder)
    ring.put(noise(3000))
    takes.toggle()
    wait_for(lambda: len(said) == 2)
    assert soundfile.info(path).frames == 3000 and takes.recorder is None
    assert said[0] == f'recording {path}' and 'recorded' in said[1]


def test_a_folder_that_is_not_there_is_told(takes, said, paths, tmp_path):
    paths[:1] = [tmp_path / 'nowhere' / 'take.wav']
    takes.toggle()
    wait_for(lambda: said)
    assert 'there is no folder' in said[0] and takes.recorder is None


def test_ending_without_a_take_says_nothing(takes):
    assert takes.end() == ''


def test_names_carry_date_and_patch_and_never_meet(tmp_path):
    first = name_take('bflat', '.wav', tmp_path)
    first.touch()
    second = name_take('bflat', '.wav', tmp_path)
    assert first != second and 'bflat' in second.name and second.name.startswith(time.strftime('%Y-'))


def test_a_movie_has_its_sound_beside_it_to_the_bit(takes, ring, said, paths, tmp_path):
    paths[:1] = [tmp_path / 'take.mp4']
    takes.toggle()
    wait_for(lambda: said)
    sound = noise(5000)
    ring.put(sound)
    assert takes.end() == f'recorded {tmp_path}/take.mp4: 0.1 s; {tmp_path}/take.w64: 0.1 s'
    assert (soundfile.read(tmp_path / 'take.w64', dtype='float32')[0] == sound).all()


@pytest.fixture
def lost_take(takes, ring, paths, tmp_path):
    """A take whose folder was taken away, so that it has ended by itself."""
    folder = tmp_path / 'disk'
    folder.mkdir()
    paths[:0] = [folder / 'take.w64']
    takes.toggle()
    wait_for(lambda: takes.recorder)
    shutil.rmtree(folder)
    ring.put(noise(30000))
    ring.put(noise(30000))
    wait_for(lambda: takes.recorder is None)


@pytest.mark.usefixtures('lost_take')
def test_button_after_a_disk_was_lost_begins_the_next_take(takes, said, paths):
    path = paths[0]
    takes.toggle()
    wait_for(lambda: takes.recorder)
    assert 'taken away' in said[1] and path.exists()


@pytest.mark.usefixtures('lost_take')
def test_who_ends_a_take_that_has_just_ended_by_itself_begins_none(takes, said):
    takes.stop()
    wait_for(lambda: any('recorded' in sentence for sentence in said))
    assert takes.recorder is None and not takes.recorders


class Scribe:
    """Notes which performance files are open."""

    def __init__(self):
        self.open = []

    def begin_take(self, path, start):
        self.open.append(path)
        return path

    def end_take(self, score, end):
        self.open.remove(score)


def test_the_performance_file_is_closed_with_a_take_that_ends_by_itself(takes, request):
    takes.scribe = Scribe()
    request.getfixturevalue('lost_take')
    wait_for(lambda: not takes.scribe.open)
    assert takes.recorders


def test_two_hands_on_the_button_begin_and_end_one_take(takes, said, paths):
    path = paths[0]
    for _ in range(2):
        takes.toggle()
    wait_for(lambda: len(said) == 2)
    assert said == [f'recording {path}', f'recorded {path}: 0.0 s'] and takes.recorder is None


def test_start_and_stop_say_what_is_wanted_whatever_runs(takes, said):
    for ask in (takes.stop, takes.start, takes.start, takes.stop, takes.stop, takes.start):
        ask()
    wait_for(lambda: len(said) == 3 and takes.recorder)
    assert [sentence.split()[0] for sentence in said] == ['recording', 'recorded', 'recording']


def test_a_flood_of_buttons_is_refused(takes, said, paths):
    with takes._lock:       # the disk is slow
        accepted = [takes.toggle() for _ in range(1000)]
    wait_for(lambda: len(said) >= 1000)
    assert sum(accepted) == MOST_ASKED and len(paths) >= 9 - MOST_ASKED // 2


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


def test_a_disk_that_hangs_holds_up_no_end(takes, monkeypatch):
    monkeypatch.setattr('live.record.takes.LEAVE_TIME', 0.1)
    with takes._lock:
        assert takes.end() == 'the disk does not answer; the take is left as it is'
