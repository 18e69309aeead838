"""The overlay: a few lines of text on a dark, translucent panel in the upper left corner of a canvas.

In: a list of lines. Drawn with pygame's own font, so no font of the system is needed; the text is set again only
when it changed, at most every EVERY seconds. [main] Knows nothing of where the lines come from.
"""
from collections.abc import Sequence

import moderngl
import numpy as np
import pygame

from live.display.shaders import Paste

EVERY = 0.25            # seconds
LINES_PER_HEIGHT = 45   # how many lines would fill the window: the size of the letters follows the window
SMALLEST, LARGEST = 15, 48      # pixels, height of a letter
INK = (214, 232, 255)
PANEL = (6, 10, 24, 184)
LONGEST = 110           # letters in a line; what is longer is cut
MOST = 24               # lines


class Overlay:
    """Text over a picture."""

    def __init__(self, context: moderngl.Context) -> None:
        self._paste = Paste(context)
        self._context = context
        self._texture: moderngl.Texture | None = None
        self._set: tuple[tuple[str, ...], int] = ((), 0)    # lines and height of the letters in the texture
        self._next = 0.0

    def draw(self, target: moderngl.Framebuffer, lines: Sequence[str], now: float) -> None:
        """Draw the lines over a canvas; now: seconds, any clock that runs. [main]"""
        size = min(LARGEST, max(SMALLEST, target.height // LINES_PER_HEIGHT))
        wanted = tuple(line[:LONGEST] for line in lines[:MOST]), size
        if wanted != self._set and (now >= self._next or not self._set[0] or not lines):
            self._next = now + EVERY
            self._set = wanted
            self._upload(set_text(*wanted) if lines else None)
        if self._texture is not None:
            width, height = self._texture.size
            self._paste.draw(self._texture, target, (size, target.height - height - size, width, height), blend=True)

    def release(self) -> None:
        self._upload(None)
        self._paste.release()

    def _upload(self, pixels: np.ndarray | None) -> None:
        if self._texture is not None and (pixels is None or self._texture.size != pixels.shape[1::-1]):
            self._texture.release()
            self._texture = None
        if pixels is None:
            return
        if self._texture is None:
            self._texture = self._context.texture(pixels.shape[1::-1], 4)
        self._texture.write(pixels[::-1].tobytes())


def set_text(lines: Sequence[str], size: int) -> np.ndarray:
    """Return lines on their panel as (height, width, 4) uint8, row 0 on top; size: height of the letters in pixels."""
    pygame.font.init()
    font = pygame.font.Font(None, round(size * 1.25))
    rows = [font.render(line or ' ', True, INK) for line in lines]
    step, edge = round(size * 1.3), round(size * 0.8)
    columns = -(-max(row.get_width() for row in rows) // 64) * 64      # steady while figures change their width
    panel = pygame.Surface((columns + 2 * edge, len(rows) * step + 2 * edge - step + size), pygame.SRCALPHA)
    panel.fill(PANEL)
    for number, row in enumerate(rows):
        panel.blit(row, (edge, edge + number * step))
    data = pygame.image.tobytes(panel, 'RGBA')
    return np.frombuffer(data, np.uint8).reshape(panel.get_height(), panel.get_width(), 4)
