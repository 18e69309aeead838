"""The performer's window: figures and a small picture on another monitor than the one the audience sees. [main]

In: lines of text, the frame. Drawn without OpenGL, so that it takes nothing from the picture: neither its context nor
its vertical sync. It is there while there is a monitor for it. Knows nothing of where the lines come from.
Written for what pygame and pygame-ce have in common.
"""
from collections.abc import Sequence

import moderngl
import numpy as np
import pygame
from pygame._sdl2 import video

from live.display.desktop import Monitor
from live.display.overlay import INK, LONGEST
from live.display.placing import centred
from live.display.small_view import SmallView

SIZE = 960, 720
EVERY = 0.125           # seconds from one drawing to the next
GROUND = (8, 11, 22)
SMALLEST, LARGEST = 14, 40      # pixels, height of a line
WIDE = 0.42             # heights, width of a letter
PICTURE_PART = 0.6      # of the height, at most
MARGIN = 20
SIDE = 640              # pixels, the longer side of the small picture, at most


class Performer:
    """The window, for the picture of one context."""

    def __init__(self, context: moderngl.Context, title: str = 'Live inside a note: performer') -> None:
        pygame.font.init()
        self._small = SmallView(context, SIDE)
        self._pixels: np.ndarray | None = None
        self._title = title
        self._monitor: Monitor | None = None
        self._window: video.Window | None = None
        self._renderer: video.Renderer | None = None
        self._next = 0.0

    @property
    def open(self) -> bool:
        """Whether it is there."""
        return self._window is not None

    def place(self, monitor: Monitor | None) -> None:
        """[main] Open the window in the middle of a monitor; None: close it."""
        if monitor == self._monitor:
            return
        self.close()
        self._monitor = monitor
        if monitor is None:
            return
        size = tuple(min(side, room * 9 // 10) for side, room in zip(SIZE, monitor.area[2:]))
        left, top, width, height = centred((size[0], size[1]), monitor.area)
        self._window = video.Window(self._title, (width, height), position=(left, top), resizable=True)
        self._renderer = video.Renderer(self._window, accelerated=0)

    def due(self, now: float) -> bool:
        """[main] Return whether it is time to draw; now: seconds, any clock that runs."""
        return self.open and now >= self._next

    def draw(self, lines: Sequence[str], frame: moderngl.Framebuffer, now: float) -> None:
        """[main] Show lines, and the frame as it was at the last drawing: nothing waits for the graphics card."""
        self._next = now + EVERY
        if self._window is None or self._renderer is None:
            return
        if (pixels := self._small.take()) is not None:
            self._pixels = pixels
        self._small.draw(frame)
        video.Texture.from_surface(self._renderer, paint(lines, self._pixels, self._window.size)).draw()
        self._renderer.present()

    def rebuild(self) -> None:
        """[main] Make everything in OpenGL again, after a change of mode that may have lost it."""
        self._small.rebuild()

    def closed(self, window: object) -> None:
        """[main] Take it that somebody has closed a window: if this one, it stays closed until the monitors change."""
        if self._window is not None and window == self._window:
            monitor = self._monitor
            self.close()
            self._monitor = monitor

    def close(self) -> None:
        """[main] Close the window."""
        if self._window is not None:
            self._window.destroy()
        self._window = self._renderer = self._monitor = None

    def release(self) -> None:
        """[main] Close the window and give back what lies in OpenGL."""
        self.close()
        self._small.release()


def paint(lines: Sequence[str], pixels: np.ndarray | None, size: tuple[int, int]) -> pygame.Surface:
    """Return the window's picture: the small one above, the lines below it."""
    surface = pygame.Surface(size)
    surface.fill(GROUND)
    top = MARGIN
    if pixels is not None:
        picture = pygame.image.frombuffer(np.ascontiguousarray(pixels[..., :3]).tobytes(), pixels.shape[1::-1], 'RGB')
        scale = min((size[0] - 2 * MARGIN) / picture.get_width(), PICTURE_PART * size[1] / picture.get_height())
        fitted = max(1, round(picture.get_width() * scale)), max(1, round(picture.get_height() * scale))
        surface.blit(pygame.transform.smoothscale(picture, fitted), ((size[0] - fitted[0]) // 2, top))
        top += fitted[1] + MARGIN
    high = (size[1] - top - MARGIN) / max(1, len(lines))
    wide = (size[0] - 2 * MARGIN) / (WIDE * max([1, *map(len, lines)]))
    step = round(min(LARGEST, max(SMALLEST, min(high, wide))))
    font = pygame.font.Font(None, round(step * 0.96))
    for number, line in enumerate(lines):
        surface.blit(font.render(line[:LONGEST] or ' ', True, INK), (MARGIN, top + number * step))
    return surface
