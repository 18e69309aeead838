from datetime import datetime, time

import pytest

from live.installation.hours import DAYS, is_open, read_hours, read_time

MONDAY = 2          # of November 2026


def at(day, clock):
    """Return a moment of that week: at('sat', '01:30')."""
    hour, minute = map(int, clock.split(':'))
    return datetime(2026, 11, MONDAY + DAYS.index(day), hour, minute)


@pytest.mark.parametrize('text, day, clock, wanted', [
    ('10:00-18:00', 'wed', '10:00', True), ('10:00-18:00', 'wed', '09:59', False),
    ('10:00-18:00', 'wed', '18:00', False), ('10:00-18:00', 'sun', '17:59', True),
    ('mon-fri 10:00-18:00', 'fri', '12:00', True), ('mon-fri 10:00-18:00', 'sat', '12:00', False),
    ('sat 20:00-02:00', 'sat', '23:59', True), ('sat 20:00-02:00', 'sun', '01:59', True),
    ('sat 20:00-02:00', 'sun', '02:00', False), ('sat 20:00-02:00', 'sat', '01:00', False),
    ('sun 20:00-02:00', 'mon', '01:00', True), ('fri-mon 8:00-9:00', 'sun', '08:30', True),
    ('fri-mon 8:00-9:00', 'tue', '08:30', False), ('18:00-24:00', 'mon', '23:59', True),
    ('18:00-24:00', 'mon', '00:00', False), ('06:00-06:00', 'mon', '05:59', True)])
def test_range_holds_as_it_is_written(text, day, clock, wanted):
    assert is_open([read_hours(text)], at(day, clock)) is wanted


def test_without_hours_it_is_always_open():
    assert is_open([], at('mon', '3:00'))


def test_ranges_add_up():
    hours = [read_hours('mon 10:00-12:00'), read_hours('mon 14:00-16:00')]
    assert [is_open(hours, at('mon', f'{hour}:00')) for hour in (11, 13, 15)] == [True, False, True]


def test_every_minute_of_a_week_is_open_as_long_as_it_should():
    hours = [read_hours('mon-fri 22:30-01:15')]
    minutes = [at(day, f'{hour}:{minute}') for day in DAYS for hour in range(24) for minute in range(60)]
    assert sum(is_open(hours, minute) for minute in minutes) == 5 * (90 + 75)


@pytest.mark.parametrize('text', ['', '10-18', '10:00', 'mon', '25:00-26:00', '10:60-11:00', 'mon,tue 10:00-11:00'])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError, match='is no'):
        read_hours(text)


def test_misspelt_day_gets_a_hint():
    with pytest.raises(ValueError, match="'tues' is no day; did you mean tue"):
        read_hours('tues 10:00-11:00')


def test_time_of_the_day():
    assert read_time('4:05') == time(4, 5)
    with pytest.raises(ValueError, match='not a time like 04:00'):
        read_time('24:00')
