"""The conductor's thread: it lets time pass while something moves, rests otherwise, and survives what ticks."""
import time

import pytest

from live.control.conductor import Conductor


@pytest.fixture
def conductor(desk):
    conductor = Conductor(desk)
    yield conductor
    conductor.stop()


def wait_for(condition):
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_morph_runs_by_itself(conductor, desk):
    conductor.start()
    desk.act('store', 1)
    desk.set('drone.cutoff', 9000)
    desk.act('store', 2)
    desk.scenes.recall(1, 0)
    desk.scenes.recall(2, 0.2)
    wait_for(lambda: 2100 < desk.board['drone.cutoff'] < 8900)
    wait_for(lambda: desk.board['drone.cutoff'] == 9000)


def test_the_fader_wakes_it(conductor, desk):
    desk.act('store', 1)
    desk.set('drone.cutoff', 9000)
    desk.act('store', 2)
    conductor.start()
    desk.set('stage.position', 0.5)
    wait_for(lambda: desk.board['drone.cutoff'] == pytest.approx((2000 * 9000) ** 0.5))


def test_it_rests_while_nothing_moves(conductor):
    conductor.start()
    time.sleep(0.5)
    assert 0 < conductor.ticks <= 25


def test_what_raises_is_told_and_the_rest_goes_on(conductor, desk):
    class Broken:
        def tick(self, now):
            raise ZeroDivisionError('no')
    conductor.others.append(Broken())
    conductor.start()
    wait_for(lambda: conductor.errors > 2)
    assert desk.message == 'conductor: ZeroDivisionError: no'


def test_it_ends_though_it_was_never_started(desk):
    Conductor(desk).stop()
