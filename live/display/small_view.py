"""A small copy of the frame, for whoever watches from elsewhere. [main]

Shrunk on the graphics card with one frame and read with the next, so that the window never waits for it. Knows nothing
of who watches.
"""
import moderngl
import numpy as np

from live.display.shaders import Paste
from live.display.targets import make_target, read_target, release_target, texture_of


class SmallView:
    """The copy. side: pixels of its longer side, at most."""

    def __init__(self, context: moderngl.Context, side: int) -> None:
        self._context, self._side = context, side
        self._paste = Paste(context)
        self._target: moderngl.Framebuffer | None = None
        self._drawn = False

    def draw(self, frame: moderngl.Framebuffer) -> None:
        """Copy a frame."""
        width, height = frame.size
        part = min(1.0, self._side / max(width, height))
        size = max(1, round(width * part)), max(1, round(height * part))
        if self._target is None or self._target.size != size:
            self._release_target()
            self._target = make_target(self._context, size, 'f1')
        self._paste.draw(texture_of(frame), self._target, (0, 0, *size))
        self._drawn = True

    def take(self) -> np.ndarray | None:
        """Return what was copied last, (height, width, 4) uint8, row 0 on top; None when it was taken already."""
        if not self._drawn or self._target is None:
            return None
        self._drawn = False
        return read_target(self._target)

    def _release_target(self) -> None:
        if self._target is not None:
            release_target(self._target)
        self._target = None

    def rebuild(self) -> None:
        """Make everything in OpenGL again, after a change of mode that may have lost it."""
        self.release()
        self._paste, self._drawn = Paste(self._context), False

    def release(self) -> None:
        """Give back all that lies in OpenGL."""
        self._release_target()
        self._paste.release()
