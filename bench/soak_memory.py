"""Memory over hours: the slope of what a process holds, and sound made without a clock as fast as it goes."""
import random
import statistics
import time
from itertools import combinations

import numpy as np
from common import resident


Look = tuple[float, float, str]     # seconds, bytes, season: the fault that comes next or is there


def slope(memory: list[Look], begin: float, apart: float = 60.0) -> float:
    """Return MB an hour after `begin`, like compared with like.

    The median of all slopes between the lowest figures of each ten seconds that have the same season and are so far
    apart: the seasonal Kendall slope (Hirsch, Slack and Smith, Water Resources Research 18(1), 1982). What every fault
    takes and gives back has no part in it.
    """
    lowest: dict[tuple[str, int], Look] = {}
    for look in memory:
        if look[0] >= begin:
            key = look[2], int(look[0] // 10)
            lowest[key] = min(lowest.get(key, look), look, key=lambda one: one[1])
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(lowest.values(), 2)
              if a[2] == b[2] and b[0] - a[0] >= max(apart, 1e-3)]
    return statistics.median(slopes) * 3600 / 1e6 if slopes else 0.0


def accelerate(seconds: float) -> dict:
    """Make sound without a clock for so long, parameters thrown about; return hours of sound, and what was wrong."""
    from live.audio import offline
    from live.audio.arena import Arena
    from live.params import PARAMS
    chance, rate = random.Random(2), 48000
    arena = Arena(rate)
    heard = [p for p in PARAMS if p.group not in ('dream', 'display', 'feedback', 'init', 'bend', 'prompt')]
    made, broken, memory, began = 0, 0, [], time.monotonic()
    while time.monotonic() - began < seconds:
        for param in chance.sample(heard, 5):
            arena.board.turn(param.name, chance.random())
        sound = offline.render(arena, rate, np.zeros((rate, 0), np.float32))
        made += rate
        broken += int((~np.isfinite(sound)).sum() + (np.abs(sound) > 1).sum())
        memory.append((time.monotonic(), resident(), ''))
    return {'hours': round(made / rate / 3600, 3), 'broken': broken,
            'slope_mb_h': round(slope(memory, began + seconds / 3, apart=0.0), 1)}
