"""Screens: a file that tells which monitors show what part of the picture, and how it is bent to fit the wall.

    [[output]]                              # one for each monitor or projector
    monitor = 'HDMI-1'                      # its name, a part of it, or its number
    part = [0, 0, 0.55, 1]                  # of the picture: left, top, right, bottom
    corners = [[0, 0], [1, 0.02], [0.98, 1], [0, 1]]    # where its corners go, clockwise from the left top
    soft = [0, 0, 0.1, 0]                   # edges that fade into a neighbour's: left, top, right, bottom, of that part
    mask = [[0.1, 0], [0.9, 0], [0.5, 1]]   # a polygon on the monitor outside which it is black
    mask_soft = 0.02                        # how softly it ends
    flip = 'horizontal'                     # none, horizontal, vertical, both: for projection from behind or overhead
    gamma = 1.1                             # of the projector over that of a common screen

Places are 0..1 from left and from top. What is not given is plain: all of the picture, on all of the monitor. Strict,
as patches are: it is read before the show. Knows nothing of windows.
"""
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from live.params import hint
from live.patch import PATCHES
from live.toml_file import load_toml, sentence

SCREENS = PATCHES / 'screens'
FLIPS = 'none', 'horizontal', 'vertical', 'both'
SQUARE = (0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)
MOST_OUTPUTS, MOST_POINTS = 16, 32
FARTHEST = 2.0              # corners may lie outside the monitor
GAMMAS = 0.2, 5.0

Points = tuple[tuple[float, float], ...]


class ScreensError(ValueError):
    """A file of screens that cannot be read: file, entry, value, what is allowed."""


@dataclass(frozen=True)
class Output:
    """One monitor, and what is done to the picture on it; places are 0..1 from left and top."""
    monitor: int | str | None = None
    part: tuple[float, ...] = (0.0, 0.0, 1.0, 1.0)
    corners: Points = SQUARE
    soft: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    mask: Points = ()
    mask_soft: float = 0.0
    flip: str = 'none'
    gamma: float = 1.0

    @property
    def plain(self) -> bool:
        """Whether the picture goes to the monitor as it is."""
        return self == Output(self.monitor)


@dataclass(frozen=True)
class Screens:
    """All outputs. path: where they come from, None where no file was read."""
    outputs: tuple[Output, ...] = (Output(),)
    path: Path | None = None


def find_screens(name: str, folder: Path = SCREENS) -> Path:
    """Return a file given by path or by name; raise ScreensError with the nearest name."""
    path = Path(name)
    if path.suffix == '.toml' and path.is_file():
        return path
    known = sorted(path.stem for path in folder.glob('*.toml'))
    if name not in known:
        raise ScreensError(f'there are no screens {name!r}{hint(name, known)} (known: {", ".join(known) or "none"})')
    return folder / f'{name}.toml'


def load_screens(path: Path) -> Screens:
    """Read a file; raise ScreensError that says in one sentence what is wrong, where, and what is allowed."""
    try:
        return Screens(_read(load_toml(path)), path)
    except OSError as error:
        raise ScreensError(f'{path.name}: cannot be read: {error.strerror}') from error
    except (ValueError, KeyError, OverflowError) as error:
        raise ScreensError(f'{path.name}: {sentence(error)}') from error


def _read(data: Mapping[str, object]) -> tuple[Output, ...]:
    for key in data:
        if key != 'output':
            raise KeyError(f'{key} is unknown{hint(key, ["output"])} (known: [[output]])')
    tables = data.get('output')
    if not isinstance(tables, list) or not 1 <= len(tables) <= MOST_OUTPUTS:
        raise ValueError(f'[[output]] must stand there 1 to {MOST_OUTPUTS} times')
    outputs = tuple(_output(f'output {number}', table) for number, table in enumerate(tables, 1))
    monitors = [str(output.monitor) for output in outputs]
    if len(set(monitors)) < len(monitors):
        raise ValueError(f'two outputs have the same monitor ({", ".join(monitors)})')
    return outputs


def _output(where: str, table: object) -> Output:
    if not isinstance(table, dict):
        raise ValueError(f'{where} = {table!r} is not a table')
    for key in table:
        if key not in READERS:
            raise KeyError(f'{where}: {key} is unknown{hint(key, READERS)} (known: {", ".join(READERS)})')
    made: dict[str, Any] = {key: READERS[key](f'{where}: {key}', value) for key, value in table.items()}
    return Output(**{'monitor': 0, **made})


def _monitor(where: str, value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or value == '':
        raise ValueError(f'{where} = {value!r} is neither the name nor the number of a monitor')
    return value


def _number(low: float, high: float) -> Callable[[str, object], float]:
    def read(where: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
            raise ValueError(f'{where} = {value!r} is not a number in {low:g}..{high:g}')
        return float(value)
    return read


def _list(where: str, value: object, fewest: int, most: int) -> list:
    if not isinstance(value, list) or not fewest <= len(value) <= most:
        count = f'{fewest}' if fewest == most else f'{fewest} to {most}'
        raise ValueError(f'{where} = {value!r} is not a list of {count}')
    return value


def _points(where: str, value: object, fewest: int, most: int) -> Points:
    read = _number(1 - FARTHEST, FARTHEST)
    return tuple((read(where, _list(where, point, 2, 2)[0]), read(where, point[1]))
                 for point in _list(where, value, fewest, most))


def _part(where: str, value: object) -> tuple[float, ...]:
    left, top, right, bottom = (_number(0, 1)(where, item) for item in _list(where, value, 4, 4))
    if right - left < 0.01 or bottom - top < 0.01:
        raise ValueError(f'{where} = {value!r} is empty; it is left, top, right, bottom')
    return left, top, right, bottom


def _corners(where: str, value: object) -> Points:
    corners = _points(where, value, 4, 4)
    turns = [cross(corners[n], corners[(n + 1) % 4], corners[(n + 2) % 4]) for n in range(4)]
    if min(turns) <= 1e-4:
        raise ValueError(f'{where} = {value!r} do not go clockwise from the left top around an area without a dent')
    return corners


def cross(a: Sequence[float], b: Sequence[float], c: Sequence[float]) -> float:
    """Return how far the way from a through b to c turns: positive clockwise, where y goes down."""
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])


def _soft(where: str, value: object) -> tuple[float, ...]:
    return tuple(_number(0, 0.5)(where, item) for item in _list(where, value, 4, 4))


def _mask(where: str, value: object) -> Points:
    return _points(where, value, 3, MOST_POINTS)


def _flip(where: str, value: object) -> str:
    if value not in FLIPS:
        raise ValueError(f'{where} = {value!r} is none of {", ".join(FLIPS)}{hint(str(value), FLIPS)}')
    return str(value)


READERS: dict[str, Callable[[str, object], object]] = {
    'monitor': _monitor, 'part': _part, 'corners': _corners, 'soft': _soft, 'mask': _mask,
    'mask_soft': _number(0, 0.5), 'flip': _flip, 'gamma': _number(*GAMMAS)}


def from_monitor(corners: Points) -> np.ndarray:
    """Return the 3x3 matrix that takes places on the monitor to places in what it shows, both 0..1.

    The four corners determine it: the homography of Heckbert, "Fundamentals of Texture Mapping" (1989), 2.2.3.
    """
    rows, sides = [], []
    for (u, v), (x, y) in zip(SQUARE, corners):
        rows += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        sides += [x, y]
    to_monitor = np.append(np.linalg.solve(np.array(rows), np.array(sides)), 1.0).reshape(3, 3)
    return np.linalg.inv(to_monitor)


def picture_size(areas: Sequence[tuple[Output, Sequence[int]]], most: int) -> tuple[int, int]:
    """Return the size of the whole picture that gives no output fewer pixels than it shows.

    areas: outputs with (left, top, width, height) of each in pixels; most: the longest side that can be drawn.
    """
    width = max(area[2] / (output.part[2] - output.part[0]) for output, area in areas)
    height = max(area[3] / (output.part[3] - output.part[1]) for output, area in areas)
    shrink = min(1.0, most / max(width, height))
    return max(1, math.floor(width * shrink + 0.5)), max(1, math.floor(height * shrink + 0.5))
