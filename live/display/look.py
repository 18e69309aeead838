"""Look: a chain of shaders drawn without a window, for looking at one, for benches and tests. [main]"""
from collections.abc import Mapping, Sequence
from pathlib import Path

import moderngl
import numpy as np

from live.display.chain import Chain
from live.display.motion import Motion
from live.display.sound_images import SoundImages
from live.display.shaders import Paste
from live.display.targets import make_target, read_target, release_target
from live.isf import SHADERS, IsfError
from live.params import Board


class Look:
    """A chain with what it needs. Raise IsfError for what cannot be found or compiled.

    values: knobs by name, 'bloom.amount'; `values` may be changed while it draws, by field: 'bloom_amount'.
    picture: (height, width, 4) uint8, row 0 on top, else black.
    """

    def __init__(self, context: moderngl.Context, names: Sequence[str], size: tuple[int, int],
                 values: Mapping[str, float] = {}, picture: np.ndarray | None = None, folder: Path = SHADERS) -> None:
        self.context = context
        self.size, self.values = size, {name.replace('.', '_'): value for name, value in values.items()}
        self.motion, self.sound = Motion(), SoundImages(self.context)
        self.chain = Chain(self.context, names, folder)
        if self.chain.errors:
            raise IsfError('; '.join(self.chain.errors))
        self._frame = make_target(self.context, size, 'f1')
        self._paste = Paste(self.context)
        pixels = bytes(4 * size[0] * size[1]) if picture is None else np.ascontiguousarray(picture[::-1]).tobytes()
        self._picture = self.context.texture(size, 4, pixels)

    def draw(self, seconds: float, board: Board, slice_: np.void | None) -> None:
        """Draw the next frame."""
        values = self.motion.step(seconds, board, slice_)
        self.sound.step(slice_, float(values['elapsed']))       # type: ignore[arg-type]
        made = self.chain.draw(self._picture, self.size, {**values, **self.values}, self.sound)
        self._paste.draw(made, self._frame, (0, 0, *self.size))

    def read(self) -> np.ndarray:
        """Return the frame as (height, width, 4) uint8, row 0 on top."""
        return read_target(self._frame)

    def release(self) -> None:
        for thing in (self.chain, self.sound, self._paste, self._picture):
            thing.release()
        release_target(self._frame)
