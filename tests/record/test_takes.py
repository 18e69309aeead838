"""Takes begun and ended by one button while sound runs."""
import time

import pytest
import soundfile

from live.record.recorder import Recorder
from live.record.take import Take
from live.record.takes import Takes, name_take
from live.wires import Ring
from reading import RATE, noise


@pytest.fixture
def ring():
    return Ring.make(1 << 16, 'f4', (2,))


@pytest.fixture
def said():
    return []


@pytest.fixture
def takes(ring, said):
    return Takes(lambda path: Recorder(Take(path, RATE), ring.reader()), said.append)


def wait_for(condition):
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until, 'it never happened'
        time.sleep(0.002)


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
