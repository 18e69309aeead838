"""The ladder: with how much less to dream, when what was asked for cannot be done.

    as asked  ->  smaller, down to 256 x 256  ->  in one step  ->  the embedded model  ->  off: the shader alone

One failure is one rung down, and nothing goes up by itself: a picture that comes and goes is worse than a small one.
Whoever turns dream.size or dream.steps asks for what he sets, and it is tried. Knows nothing of threads and of what
fails. [dream]
"""
from dataclasses import dataclass, replace
from typing import Protocol

from live.diffusion.turbo import SIZES
from live.params import find_param

OFF = 'off'


@dataclass(frozen=True)
class Rung:
    """What may be dreamt with. pixels: of a dream, at most; steps: at most; 0 = as many as asked for."""
    model: str
    device: str = 'auto'
    pixels: int = 0
    steps: int = 0


class Steered(Protocol):
    """A Board, or something that looks like one."""

    def __getitem__(self, name: str) -> float: ...


class Ladder:
    """Where the dream stands. models: by which names it can be loaded, the wanted one first."""

    def __init__(self, models: tuple[str, ...]) -> None:
        self._models = models
        self.rung = Rung(models[0])

    def descend(self, pixels: int, steps: int) -> str:
        """Go down from where a dream of so many pixels and steps failed; return where to, in words.

        pixels: 0 when the model itself cannot be had, so that nothing smaller would help.
        """
        smaller = [size for size in map(count_pixels, range(1, len(SIZES))) if size < pixels]
        if smaller:
            self.rung = replace(self.rung, pixels=max(smaller))
            return f'dreaming at {find_param("dream.size").choices[find_choice(max(smaller))]} now'
        if pixels and steps > 1:
            self.rung = replace(self.rung, steps=1)
            return 'dreaming in one step now'
        return self.change_model()

    def change_model(self, device: str = 'auto') -> str:
        """Go down to the next model, or to none; return where to, in words."""
        later = self._models[self._models.index(self.rung.model) + 1:]
        self.rung = Rung(later[0], device) if later else Rung(OFF)
        return f'dreaming with {later[0]} now' if later else 'the dream is off, the shader carries the picture'

    def restart(self) -> None:
        """Go back to what was asked for, the first model, as at the start."""
        self.rung = Rung(self._models[0])

    def climb(self) -> bool:
        """Go up to what is asked for, to another model only from none; False where that is no change."""
        before = self.rung
        self.rung = Rung(self._models[0]) if before.model == OFF else Rung(before.model, before.device)
        return self.rung != before


class Bounded:
    """The Board as it is seen from a rung: size and steps never above it. model_size: pixels a side."""

    def __init__(self, board: 'Steered', rung: Rung, model_size: int) -> None:
        self._board, self._rung, self._model_size = board, rung, model_size

    def __getitem__(self, name: str) -> float:
        value = self._board[name]
        if name == 'dream.size' and self._rung.pixels:
            return value if count_pixels(int(value), self._model_size) <= self._rung.pixels else find_choice(
                self._rung.pixels)
        if name == 'dream.steps' and self._rung.steps:
            return min(value, self._rung.steps)
        return value

    @property
    def pixels(self) -> int:
        return count_pixels(int(self['dream.size']), self._model_size)


def count_pixels(choice: int, model_size: int = 0) -> int:
    """Return the pixels of a choice of dream.size."""
    rows, columns = SIZES[choice] or (model_size, model_size)
    return rows * columns


def find_choice(pixels: int) -> int:
    """Return the choice of dream.size that has so many pixels."""
    return next(choice for choice in range(1, len(SIZES)) if count_pixels(choice) == pixels)
