"""A made data set: eight kinds of drones, rendered by the instrument, in folders of their own.

What makes a kind is its way of sounding; root, level and all that is not named in its row are drawn anew for each file
with a seed of its own, so that pitch and loudness tell nothing. A file is its kind, its number and its seed: the same
three give the same sound.
"""
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from live.audio import offline
from live.audio.arena import Arena
from live.params import SILENT_DB, SOURCES, find_param
from live.studio.files import StudioError, write_sound
from live.studio.progress import progress

SAMPLERATE = 48000
ROOT_HZ, LEVEL_DB = (55.0, 440.0), (-30.0, -12.0)
WARM_UP = 1.2           # seconds before the file begins: the gate has opened
Range = tuple[float, float]

#   kind            source         parameters of the layer, each drawn between two values
KINDS: dict[str, tuple[str, Mapping[str, Range]]] = {
    'still':       ('harmonic',    {'partials': (8, 24), 'tilt_db': (-9, -5), 'drift_cents': (0, 1)}),
    'cluster':     ('cluster',     {'partials': (60, 200), 'spread_cents': (100, 300), 'octaves': (2, 2)}),
    'octaves':     ('cluster',     {'partials': (16, 48), 'spread_cents': (2, 6), 'octaves': (4, 5)}),
    'saws':        ('saw',         {'partials': (3, 9), 'spread_cents': (6, 25)}),
    'wind':        ('noise',       {'spread_cents': (400, 1200)}),
    'strings':     ('resonator',   {'partials': (6, 24), 'decay': (4, 12), 'noise': (.1, .4)}),
    'beating':     ('pair',        {'beat': (2, 7)}),
    'ensemble':    ('triangle',    {'partials': (3, 9), 'spread_cents': (8, 25), 'chorus': (.6, 1)}),
}


def make_drones(folder: str | Path, count: int = 20, seconds: float = 4.0, seed: int = 0,
                kinds: tuple[str, ...] = tuple(KINDS)) -> int:
    """Write `count` files of each kind to FOLDER/KIND/KIND.00000.wav; return how many were written."""
    folder = Path(folder)
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise StudioError(f'{unknown[0]} is no kind of drone; there are {", ".join(KINDS)}')
    wanted = [(kind, number) for kind in kinds for number in range(count)]
    arena = Arena(SAMPLERATE)
    for kind, number in progress(wanted, 'drones'):
        path = folder / kind / f'{kind}.{number:05d}.wav'
        path.parent.mkdir(parents=True, exist_ok=True)
        write_sound(path, render_drone(kind, number, seconds, seed, arena), SAMPLERATE, '16')
    return len(wanted)


def render_drone(kind: str, number: int, seconds: float, seed: int = 0, arena: Arena | None = None) -> np.ndarray:
    """Return one drone (frames, 2) float32."""
    random = np.random.default_rng((seed, list(KINDS).index(kind), number))
    arena = arena or Arena(SAMPLERATE)
    board = arena.board
    board.reset()
    set_up(board, kind, random)
    arena.reset(int(random.integers(2 ** 31)))
    offline.render(arena, round(WARM_UP * SAMPLERATE))
    return offline.render(arena, round(seconds * SAMPLERATE))


def set_up(board, kind: str, random: np.random.Generator) -> None:
    """Draw the parameters of one drone."""
    source, ranges = KINDS[kind]
    for name in ('pulse.level_db', 'input.level_db'):
        board[name] = SILENT_DB
    board['drone.source'] = SOURCES.index(source)
    board['drone.attack'], board['drone.gate'] = 0.3, 0.0
    board['drone.root'] = draw('drone.root', ROOT_HZ, random)
    board['drone.level_db'] = random.uniform(*LEVEL_DB)
    for name, ends in ranges.items():
        board[f'drone.{name}'] = draw(f'drone.{name}', ends, random)


def draw(name: str, ends: Range, random: np.random.Generator) -> float:
    """Return a value between two, by equal ratios where the parameter's knob has them."""
    low, high = ends
    if find_param(name).curve in ('exp', 'count'):
        return math.exp(random.uniform(math.log(low), math.log(high)))
    return random.uniform(low, high)
