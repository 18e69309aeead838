"""The schedule of messages dated ahead: order, and its bounds."""
import pytest

from live.control.osc_schedule import AHEAD, MOST, MOST_BYTES, Schedule


@pytest.fixture
def schedule():
    return Schedule()


def take_all(schedule, now):
    return [message for message, _ in iter(lambda: schedule.take(now), None)]


def test_messages_come_when_they_are_due_and_in_order(schedule):
    for ahead, message in ((0.3, b'c'), (0.1, b'a'), (0.1, b'b')):
        assert schedule.keep(ahead, 10.0, message, None)
    assert take_all(schedule, 10.05) == []
    assert take_all(schedule, 10.2) == [b'a', b'b']
    assert take_all(schedule, 10.3) == [b'c'] and len(schedule) == 0 and schedule.bytes == 0


@pytest.mark.parametrize('ahead', [0.0, -1.0, AHEAD + 0.01, 1e12])
def test_what_is_past_or_too_far_ahead_is_not_kept(schedule, ahead):
    assert not schedule.keep(ahead, 0.0, b'', None)


def test_no_more_than_so_many_are_kept(schedule):
    assert sum(schedule.keep(1.0, 0.0, b'x', None) for _ in range(2 * MOST)) == MOST == len(schedule)


def test_no_more_than_so_many_bytes_are_kept(schedule):
    kept = sum(schedule.keep(1.0, 0.0, bytes(65536), None) for _ in range(200))
    assert kept == MOST_BYTES // 65536 and schedule.bytes <= MOST_BYTES


@pytest.mark.parametrize('now, wait', [(0.0, 0.1), (0.95, 0.05), (2.0, 0.0)])
def test_the_wait_is_to_the_next_that_is_due(schedule, now, wait):
    schedule.keep(1.0, 0.0, b'x', None)
    assert schedule.wait(now, 0.1) == pytest.approx(wait)


def test_with_nothing_kept_the_wait_is_the_longest(schedule):
    assert schedule.wait(5.0, 0.1) == 0.1
