"""The caretaker with a clock of its own."""
from datetime import datetime, timedelta, time

import numpy as np
import pytest

from live.control.desk import Desk
from live.control.panel.backstage import View
from live.control.setlist import Cue, Setlist
from live.installation.caretaker import Caretaker
from live.installation.file import Installation
from live.installation.hours import read_hours
from live.params import Board
from live.signals import EVENT
from live.wires import Latest, Ring

OPEN = (read_hours('10:00-18:00'),)


class House:
    """A caretaker, and the time that passes for it."""

    def __init__(self, folder, begin, view=None, **said):
        self.desk = Desk(Board(), Ring.make(64, EVENT), Latest(('', '')))
        self.now, self.seconds, self.renewed = begin, 0.0, 0
        self.one = Caretaker(Installation(**{'hours': OPEN, **said}), self.desk, view, self._renew, folder,
                             lambda: self.now)
        self.one.tick(0.0)

    def _renew(self):
        self.renewed += 1

    def pass_(self, seconds, step=1.0):
        for _ in range(round(seconds / step)):
            self.seconds += step
            self.now += timedelta(seconds=step)
            self.one.tick(self.seconds)

    @property
    def stage(self):
        board = self.desk.board
        return board['stage.gain_db'], board['stage.blackout'], board['stage.freeze']


def day(hour, minute=0, second=0):
    return datetime(2026, 11, 30, hour, minute, second)


def test_it_fades_in_where_it_starts_open(tmp_path):
    house = House(tmp_path, day(12), gain_db=-6.0, fade=10.0)
    assert house.stage == (-60, 0, 0)
    house.pass_(5)
    assert house.stage == (pytest.approx(-33), 0, 0)
    house.pass_(6)
    assert house.stage == (-6, 0, 0)


def test_it_is_closed_at_once_where_it_starts_closed(tmp_path):
    assert House(tmp_path, day(9)).stage == (-60, 1, 1)


def test_closing_fades_and_then_is_black_and_opening_is_the_way_back(tmp_path):
    house = House(tmp_path, day(17, 59, 30), fade=10.0)
    house.pass_(29)
    assert house.stage == (0, 0, 0) and house.one.opened
    house.pass_(6)
    assert -60 < house.stage[0] < 0 and house.stage[1:] == (0, 0)
    house.pass_(10)
    assert house.stage == (-60, 1, 1) and not house.one.opened
    house.now = day(9, 59, 58)
    house.pass_(2)
    assert house.stage[1:] == (0, 0) and house.one.opened
    house.pass_(11)
    assert house.stage == (0, 0, 0)


def test_a_set_begins_also_where_it_started_closed(tmp_path):
    house = House(tmp_path, day(9, 59))
    house.desk.cues.load(Setlist('s', (Cue('one', scene=1), Cue('two', scene=2))))
    house.desk.scenes.stored[1] = house.desk.scenes.capture()
    house.pass_(59)
    assert house.desk.cues.number == 0
    house.pass_(2)
    assert house.desk.cues.number == 1


def test_hands_are_left_alone_between(tmp_path):
    house = House(tmp_path, day(12), fade=1.0)
    house.pass_(5)
    house.desk.set('stage.blackout', 1)
    house.pass_(60)
    assert house.stage[1] == 1


def test_dream_is_renewed_once_a_night(tmp_path):
    house = House(tmp_path, day(3, 59), recycle=time(4))
    house.pass_(59)
    assert house.renewed == 0
    house.pass_(120)
    assert house.renewed == 1
    house.pass_(24 * 3600, 60)
    assert house.renewed == 2


def test_start_after_that_hour_is_no_reason_to_renew(tmp_path):
    house = House(tmp_path, day(12), recycle=time(4))
    house.pass_(3600, 60)
    assert house.renewed == 0


def test_pictures_are_kept_once_an_hour(tmp_path):
    view = View()
    house = House(tmp_path / 'new', day(12), view)
    for number in range(3 * 60):
        if view.due():
            view.put(np.full((90, 160, 4), number, np.uint8))
        view._next = 0.0
        house.pass_(60, 60)
    assert house.one.pictures == 3
    wait_for(lambda: sum(not path.name.startswith('.') for path in (tmp_path / 'new').iterdir()) == 3)
    assert all(path.read_bytes()[:2] == b'\xff\xd8' for path in (tmp_path / 'new').iterdir())


def test_set_begins_and_loops(tmp_path):
    from live.patch import find_patch, load_patch
    patch = load_patch(find_patch('bflat'))
    desk = Desk(Board(), Ring.make(64, EVENT), Latest(('', '')))
    desk.cues.load(Setlist('s', (Cue('a', patch), Cue('b', patch))))
    desk.cues.loop = True
    Caretaker(Installation(), desk, None, lambda: None, tmp_path, lambda: day(12)).tick(0.0)
    assert desk.cues.number == 1
    numbers = [desk.cues.go() and desk.cues.number for _ in range(4)]
    assert numbers == [2, 1, 2, 1]


def wait_for(truth):
    import time
    until = time.monotonic() + 10
    while not truth():
        assert time.monotonic() < until
        time.sleep(0.02)
