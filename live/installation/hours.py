"""Opening hours: 'mon-fri 10:00-18:00', 'sat 20:00-02:00', '10:00-18:00' for every day. Local time, as clocks show it.

A range that ends before it begins goes over midnight, and belongs to the day on which it begins; one that ends when
it begins lasts a day. On the nights of summer time clocks are believed: an hour is missing, or comes twice.
"""
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from live.spelling import hint

DAYS = 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'
DAY_MINUTES = 24 * 60
RANGE = re.compile(r'(?:([a-z]+)(?:-([a-z]+))? +)?(\d{1,2}):(\d\d) *- *(\d{1,2}):(\d\d)')


@dataclass(frozen=True)
class Hours:
    """One range. days: 0 is Monday; begin, end: minutes of the day, 0..1440."""
    days: tuple[int, ...]
    begin: int
    end: int

    def holds(self, day: int, minute: int) -> bool:
        """Tell whether a minute of a day lies within."""
        if self.begin < self.end:
            return day in self.days and self.begin <= minute < self.end
        return (day in self.days and minute >= self.begin) or ((day - 1) % 7 in self.days and minute < self.end)


def read_hours(text: str) -> Hours:
    """Return a range as it is written; raise ValueError that says how."""
    found = RANGE.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(f"{text!r} is not a range like '10:00-18:00' or 'mon-fri 10:00-18:00'")
    first, last, *clock = found.groups()
    begin, end = (_minutes(text, *clock[side:side + 2]) for side in (0, 2))
    return Hours(_days(first, last), begin, end)


def _days(first: str | None, last: str | None) -> tuple[int, ...]:
    if first is None:
        return tuple(range(7))
    for name in (first, last or first):
        if name not in DAYS:
            raise ValueError(f'{name!r} is no day{hint(name, DAYS)} (days: {", ".join(DAYS)})')
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return tuple(day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))


def _minutes(text: str, hour: str, minute: str) -> int:
    minutes = 60 * int(hour) + int(minute)
    if int(minute) > 59 or minutes > DAY_MINUTES:
        raise ValueError(f'{text!r}: {hour}:{minute} is no time of a day')
    return minutes


def read_time(text: str) -> time:
    """Return a time of the day, as 04:00; raise ValueError."""
    found = re.fullmatch(r'(\d{1,2}):(\d\d)', text.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f'{text!r} is not a time like 04:00')
    return time(int(found[1]), int(found[2]))


def is_open(hours: Sequence[Hours], now: datetime) -> bool:
    """Tell whether it is open; without hours it always is."""
    minute = 60 * now.hour + now.minute
    return not hours or any(one.holds(now.weekday(), minute) for one in hours)
