import threading
import time

import numpy as np
import pytest

from live.diffusion import dream as room
from live.diffusion.dream import Dream
from live.diffusion.turbo import Turbo
from live.params import Board
from live.wires import Latest


@pytest.fixture
def stage(tiny, conditioning, monkeypatch):
    """A function that starts a Dream on small pictures of the tiny model; slices come at every look."""
    monkeypatch.setattr(room, 'FIRST_PAUSE', 0.02)
    dreams = []

    def start(load=lambda: Turbo(tiny, 32, 32), condition=lambda engine: conditioning(), board=None):
        output = Latest()
        dreams.append(Dream(load, condition, board or Board(), output, Latest()))
        dreams[-1].start()
        return dreams[-1], output
    yield start
    assert all(dream.stop(20) for dream in dreams)


def wait_for(truth, seconds=20):
    end = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < end, 'it did not happen'
        time.sleep(0.005)


def test_pictures_come_numbered_and_carry_their_slices_index(stage, conditioning):
    ends = iter(range(512, 10 ** 9, 512))
    dream, output = stage(condition=lambda engine: conditioning(end=next(ends)))
    wait_for(lambda: output.count >= 3)
    picture = output.get()
    assert picture.pixels.shape == (32, 32, 4)
    assert picture.end == 512 * (picture.number + 1)


def test_it_tells_where_it_stands(stage):
    dream, output = stage()
    wait_for(lambda: dream.stats.frames >= 5)
    stats = dream.stats
    assert (stats.model, stats.restarts, stats.error) == ('random:tiny', 0, '')
    assert 'cpu' in stats.reason and stats.fps > 0


def test_everything_runs_on_one_thread(stage, tiny, conditioning):
    threads = set()

    def load():
        threads.add(threading.get_ident())
        return Turbo(tiny, 32, 32)

    def condition(engine):
        threads.add(threading.get_ident())
        return conditioning()
    dream, output = stage(load, condition)
    wait_for(lambda: output.count)
    assert len(threads) == 1 and threading.get_ident() not in threads


def test_without_a_new_slice_there_is_no_new_picture(stage, conditioning):
    slices, looks = [conditioning()], []

    def condition(engine):
        looks.append(1)
        return slices.pop() if slices else None
    dream, output = stage(condition=condition)
    wait_for(lambda: len(looks) > 10)
    assert output.count == 1


def test_freeze_stops_the_pictures_and_thaw_brings_them_back(stage, conditioning):
    board = Board()
    dream, output = stage(board=board)
    wait_for(lambda: output.count)
    board['stage.freeze'] = 1
    time.sleep(0.2)
    count = output.count
    time.sleep(0.2)
    assert output.count == count
    board['stage.freeze'] = 0
    wait_for(lambda: output.count > count)


def test_a_load_that_fails_is_shown_and_tried_again(stage, tiny):
    tries = []

    def load():
        tries.append(time.monotonic())
        if len(tries) < 4:
            raise OSError('the disk is away')
        return Turbo(tiny, 32, 32)
    dream, output = stage(load)
    wait_for(lambda: len(tries) == 3)
    wait_for(lambda: 'the disk is away' in dream.stats.error or output.count)
    wait_for(lambda: output.count)
    assert dream.stats.restarts == 3 and dream.stats.error == ''
    pauses = np.diff(tries)
    assert pauses[2] > 1.5 * pauses[0]


def test_a_dream_that_is_not_finite_is_dropped_and_counted(stage, conditioning):
    broken = conditioning()
    broken.embedding[:] = np.nan
    given = iter([conditioning(), broken])
    dream, output = stage(condition=lambda engine: next(given, conditioning()))
    wait_for(lambda: dream.stats.frames >= 3)
    assert dream.stats.restarts == 1
    assert output.get().pixels[..., :3].std() > 5


def test_an_engine_that_keeps_failing_is_loaded_anew(stage, tiny, conditioning):
    loads = []

    def load():
        loads.append(1)
        return Turbo(tiny, 32, 32)

    def condition(engine):
        if len(loads) == 1:
            raise RuntimeError('CUDA error: an illegal memory access was encountered\nmore\nlines')
        return conditioning()
    dream, output = stage(load, condition)
    wait_for(lambda: output.count)
    assert (len(loads), dream.stats.restarts) == (2, 2)


def test_an_error_is_one_line():
    assert room.describe(RuntimeError('CUDA error\nstack\nstack')) == 'RuntimeError: CUDA error'
    assert room.describe(MemoryError()) == 'MemoryError'


def test_the_rate_falls_when_no_dream_comes(tiny, conditioning):
    now = [0.0]
    dream = Dream(lambda: Turbo(tiny, 32, 32), lambda engine: conditioning(), Board(), Latest(), Latest(),
                  clock=lambda: now[0])
    for _ in range(5):
        dream._work()
        now[0] += 0.1
    assert dream.stats.fps == pytest.approx(10, rel=0.3)
    now[0] += 10
    assert dream.stats.fps < 1


def test_stop_before_start_is_no_error(tiny):
    assert Dream(lambda: Turbo(tiny), lambda engine: None, Board(), Latest(), Latest()).stop()
