"""Memory over hours: what a process holds, how fast that grows, and sound made without a clock as fast as it goes.

Two figures. *Held*: bytes that the program has asked for and not given back, by malloc's own count and Python's. It
stands still to half a megabyte while nothing grows, whatever the dream has in its hands, if the lowest of many counts
is taken. *Resident* is what the system sees: it moves by 20 MB with what malloc keeps for later and with huge pages,
but nothing can hide from it.
"""
import ctypes
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import numpy as np
from common import resident

SURE = 1.96             # standard deviations of a normal distribution to either side: 95 %
BLOCK = 100             # bytes of one of Python's own blocks, on average
COUNT_TIME = 0.05       # seconds between two counts of what is held


class Look(NamedTuple):
    """season: what it may be compared with: the same fault comes next, the dream has the same number formats."""
    time: float
    size: float
    season: str = ''


class Slope(NamedTuple):
    """MB an hour, and between which two figures the truth lies, 19 times of 20."""
    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f'{self.median:+.2f} MB an hour ({self.low:+.2f} to {self.high:+.2f})'


def slope(looks: Iterable[Look]) -> Slope:
    """Return how fast something grows, like compared with like.

    The median of all slopes between two looks of one season: the seasonal Kendall slope (Hirsch, Slack and Smith, Water
    Resources Research 18(1), 1982), and its interval from the variance of Kendall's S (Gilbert, Statistical Methods for
    Environmental Pollution Monitoring, 1987, section 17.3). Steps up and down that a third of the looks show do not
    move it. In half an hour, with a look every 20 s that errs by 0.5 MB, the interval is 0.5 MB an hour to either side:
    0, 1 and 3 MB an hour are told apart (tests/test_soak_memory.py); at 20 MB of noise only tens are.
    """
    by_season: dict[str, list[Look]] = {}
    for look in looks:
        by_season.setdefault(look.season, []).append(look)
    slopes = sorted(3600 / 1e6 * (b.size - a.size) / (b.time - a.time)
                    for group in by_season.values() for a, b in combinations(group, 2) if b.time > a.time)
    if not slopes:
        return Slope(0.0, -np.inf, np.inf)
    counts = [len(group) for group in by_season.values()]
    aside = SURE * sum(n * (n - 1) * (2 * n + 5) / 18 for n in counts) ** 0.5
    low, high = round((len(slopes) - aside) / 2) - 1, round((len(slopes) + aside) / 2)
    return Slope(statistics.median(slopes), slopes[low] if low >= 0 else -np.inf,
                 slopes[high] if high < len(slopes) else np.inf)


def judge(held: Slope, whole: Slope, limit: float) -> bool | None:
    """Return whether memory stays below a limit; None where it cannot be told.

    Held is judged by its slope, and where its interval has values below the limit it is not called over. Resident is
    over when all of its interval is.
    """
    if held.low >= limit or whole.low >= limit:
        return False
    return True if held.median < limit else None


class Mallinfo(ctypes.Structure):
    """mallinfo2(3) of glibc 2.33."""
    _fields_ = [(name, ctypes.c_size_t) for name in (
        'arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks', 'uordblks', 'fordblks', 'keepcost')]


def held() -> int | None:
    """Return the bytes that this process has asked for and not given back; None where malloc does not tell."""
    count = getattr(ctypes.CDLL(None), 'mallinfo2', None) if sys.platform == 'linux' else None
    if count is None:
        return None
    count.restype = Mallinfo
    told = count()
    return told.uordblks + told.hblkhd + BLOCK * sys.getallocatedblocks()


def write_held(path: Path) -> None:
    """[any] Write down what is held, for ever: lines of time and bytes. Nothing where it cannot be known."""
    def run() -> None:
        with path.open('w', buffering=1) as out:
            while (size := held()) is not None:
                print(time.monotonic(), size, file=out)
                time.sleep(COUNT_TIME)
    threading.Thread(target=run, name='held', daemon=True).start()


def accelerate(seconds: float) -> dict:
    """Make sound without a clock for so long, parameters thrown about; return hours of sound, and what was wrong."""
    from live.audio import offline
    from live.audio.arena import Arena
    from live.params import PARAMS
    chance, rate = random.Random(2), 48000
    arena = Arena(rate)
    heard = [p for p in PARAMS if p.group not in ('dream', 'display', 'feedback', 'init', 'bend', 'prompt')]
    made, broken, looks, began = 0, 0, [], time.monotonic()
    while time.monotonic() - began < seconds:
        for param in chance.sample(heard, 5):
            arena.board.turn(param.name, chance.random())
        sound = offline.render(arena, rate, np.zeros((rate, 0), np.float32))
        made += rate
        broken += int((~np.isfinite(sound)).sum() + (np.abs(sound) > 1).sum())
        looks.append(Look(time.monotonic(), resident()))
    return {'hours': round(made / rate / 3600, 3), 'broken': broken,
            'slope_mb_h': round(slope(looks[len(looks) // 3:]).median, 1)}
