"""How the last dream moves before the next one grows from it: zoom, turn, pan, slow eddies, blur.

In: a field (1, C, rows, columns), float32: a latent or a picture. Out: the field as it is some seconds later. Every
rate is per second, so a dance looks the same at 5 and at 100 dreams a second; where nothing moves, the field comes back
itself, to the bit. Runs on the dream's thread. Knows nothing of models, noise or statistics.

Resampling a hundred times a second would turn a picture to fog: bilinear steps blur, and cubic ones of the usual kind
(a = -0.75) ring, and move half as far again as they should. Each move is therefore made back and forth, and what was
lost on the way is given back beforehand (BFECC: Dupont & Liu, 2003); half a second of slow zoom then costs no detail.
"""
import cmath
import math
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

EDDY_SPEED = 0.12       # heights a second, root mean square, at warp 1
EDDIES = 7
EDDY_WAVES = (0.6, 1.8)         # waves in a height
EDDY_PERIODS = (15.0, 50.0)     # seconds
BLUR = 0.05             # heights: the deviation of the kernel after a second, at blur 1


@dataclass(frozen=True, slots=True)
class Motion:
    """What happens to the last dream within a second; the names and units of the parameters feedback.*"""
    zoom: float = 1.0
    rotate: float = 0.0
    pan_x: float = 0.0
    pan_y: float = 0.0
    warp: float = 0.0
    hue: float = 0.0
    blur: float = 0.0

    @classmethod
    def read(cls, board: Any) -> 'Motion':
        """[dream] Return where feedback.* stand on a Board."""
        return cls(**{field.name: board[f'feedback.{field.name}'] for field in fields(cls)})

    @property
    def is_still(self) -> bool:
        return self == Motion()


def move(field, motion: Motion, seconds: float, moment: float = 0.0):
    """[dream] Return the field moved for some seconds; moment: seconds on the clock of the eddies. Hue is not here."""
    if seconds > 0 and (motion.zoom, motion.rotate, motion.pan_x, motion.pan_y, motion.warp) != (1, 0, 0, 0, 0):
        field = _carry(field, *_find_places(field, motion, seconds, moment))
    if seconds > 0 and motion.blur:
        field = blur(field, (motion.blur * BLUR * field.shape[-2]) ** 2 * seconds)
    return field


def _carry(field, there, back):
    """Return the field looked up at the places `there`, with half of what is lost there and back added before.

    Not where a path leaves the field: mirrored at its edge, it comes back as something else, and the loop would grow.
    """
    import torch
    lost = field - _look(_look(field, there), back)
    rows, columns = field.shape[-2:]
    farthest = torch.maximum(there.abs(), back.abs())
    inside = (farthest[..., 0] <= 1 - 1 / columns) & (farthest[..., 1] <= 1 - 1 / rows)
    return _look(field + lost * inside / 2, there)


def _look(field, places):
    import torch
    return torch.nn.functional.grid_sample(field, places, mode='bilinear', padding_mode='reflection',
                                           align_corners=False)


def _find_places(field, motion: Motion, seconds: float, moment: float) -> tuple[Any, Any]:
    """Return where each pixel comes from, and where it goes to, as grid_sample counts places.

    The plane is that of complex numbers, 2 high, up and right positive: to zoom and turn is to multiply.
    """
    import torch
    rows, columns = field.shape[-2:]
    aspect = columns / rows
    y = (1 - (torch.arange(rows, device=field.device) + 0.5) * 2 / rows)[:, None]
    x = ((torch.arange(columns, device=field.device) + 0.5) * 2 / columns - 1)[None] * aspect
    factor = motion.zoom ** seconds * cmath.exp(1j * math.radians(motion.rotate) * seconds)
    shift = 2 * seconds * complex(motion.pan_x * aspect, motion.pan_y)
    right, up = (0.0, 0.0) if not motion.warp else _flow(x, y, moment, 2 * EDDY_SPEED * motion.warp * seconds)

    def places(x, y, factor: complex, shift: complex):
        return torch.stack(((factor.real * x - factor.imag * y + shift.real) / aspect,
                            -(factor.imag * x + factor.real * y + shift.imag)), -1)[None]
    return places(x - right, y - up, 1 / factor, -shift / factor), places(x + right, y + up, factor, shift)


def _flow(x, y, moment: float, speed: float) -> tuple[Any, Any]:
    """Return the velocity (right, up), each (rows, columns), of slow eddies; speed: its root mean square.

    A sum of waves that each move across their own direction has no divergence: nothing piles up, nothing thins out.
    """
    import torch
    generator = np.random.default_rng(1)
    heading = (np.arange(EDDIES) + generator.uniform(-0.3, 0.3, EDDIES)) * math.pi / EDDIES
    waves = np.pi * generator.uniform(*EDDY_WAVES, EDDIES)      # radians in half a height
    phase = generator.uniform(0, 2 * np.pi, EDDIES) + 2 * np.pi * moment / generator.uniform(*EDDY_PERIODS, EDDIES)
    size = speed / math.sqrt(EDDIES / 2)

    def row(values):
        return torch.tensor(values[:, None], dtype=torch.float32, device=x.device)
    across, along = row(waves * np.cos(heading)) * x + row(phase), row(waves * np.sin(heading)) * y.T

    def add_up(weights):        # cos(a + b), one matrix product for all pixels and waves
        return (row(weights) * along.cos()).T @ across.cos() - (row(weights) * along.sin()).T @ across.sin()
    return add_up(size * -np.sin(heading)), add_up(size * np.cos(heading))


def blur(field, variance: float):
    """[dream] Return the field blurred, by a variance in square pixels; blurs add up: twice v is once 2 v.

    What heat does in that time on a plate that loses none at its edges: in cosines, each fades at a rate of its own.
    """
    rows, columns = field.shape[-2:]
    down, across = _cosines(rows, str(field.device)), _cosines(columns, str(field.device))
    fade = _fade(rows, variance, field)[:, None] * _fade(columns, variance, field)
    return down.T @ ((down @ field @ across.T) * fade) @ across


@lru_cache(maxsize=8)
def _cosines(count: int, device: str):
    """Return the orthonormal matrix (count, count) of the discrete cosine transform."""
    import torch
    number = np.arange(count)
    matrix = np.sqrt(2 / count) * np.cos(np.pi / count * number[:, None] * (number + 0.5))
    matrix[0] /= math.sqrt(2)
    return torch.tensor(matrix, dtype=torch.float32, device=device)


def _fade(count: int, variance: float, field):
    import torch
    return torch.exp(variance * (torch.cos(torch.arange(count, device=field.device) * (math.pi / count)) - 1))
