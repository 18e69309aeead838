"""The window: a pygame window with an OpenGL 3.3 context, on a screen or without one.

In: what is drawn on its canvas. Out: events as pairs. Mode 'offscreen' runs the same code on a machine
without a screen. What a screen cannot do (the monitor asked for, vertical sync) is left out and said in `messages`.
[main] One window at a time. Knows nothing of what is drawn, nor of what a key means. Written for what pygame and
pygame-ce have in common.
"""
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import moderngl
import numpy as np
import pygame

from live.display.gamepads import Gamepads
from live.display.shaders import Paste
from live.display.targets import make_target, read_target, release_target, texture_of
from live.params import hint

MODES = ('window', 'offscreen', 'none')
DRIVER = 'SDL_VIDEODRIVER'
NO_SCREEN = ('offscreen', 'dummy')       # SDL drivers that it falls back to without a word
LINUX = sys.platform.startswith('linux')


def choose_display(name: str) -> tuple[str, str]:
    """Return the mode to use and the reason in one sentence; name: one of MODES, or 'auto' = a window if possible."""
    if name not in (*MODES, 'auto'):
        raise ValueError(f'display {name!r} is none of auto, {", ".join(MODES)}{hint(name, (*MODES, "auto"))}')
    if name in ('offscreen', 'none'):
        return name, 'it was asked for'
    if LINUX and not (os.environ.get('DISPLAY') or os.environ.get('WAYLAND_DISPLAY')):
        return 'offscreen', 'neither DISPLAY nor WAYLAND_DISPLAY is set, so there is no screen'
    return 'window', 'it was asked for' if name == 'window' else 'there is a screen'


class Window:
    """A window, or the same without a screen.

    messages: what it had to do without, one sentence each; vsync: flip waits for the monitor.
    """

    def __init__(self, mode: str, size: tuple[int, int] = (1280, 720), monitor: int | None = None,
                 fullscreen: bool = False, title: str = 'Live inside a note') -> None:
        self.mode, self.fullscreen = mode, fullscreen
        self.messages: list[str] = []
        self._windowed_size = size
        self._gamepads = Gamepads()
        try:
            self._start(monitor, title)
        except (pygame.error, ValueError) as error:
            if mode == 'offscreen':
                raise
            self._say(f'no window could be opened ({error}), so the picture is drawn without a screen')
            self.mode = 'offscreen'
            pygame.display.quit()
            self._start(None, title)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.canvas.size

    @property
    def renderer_name(self) -> str:
        return self.ctx.info['GL_RENDERER']

    def events(self) -> Iterator[tuple[str, Any]]:
        """Yield what happened since the last call: ('key', 'escape'), ('quit', ''), ('resize', ''). [main]

        And ('pad', move), where a move of a gamepad is what gamepads.py makes of it.
        """
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                yield 'quit', ''
            elif event.type == pygame.KEYDOWN:
                yield 'key', pygame.key.name(event.key)
            for move in self._gamepads.read(event):
                yield 'pad', move
        if window_size() != self.size:
            self._remake_canvas()
            yield 'resize', ''

    def flip(self) -> None:
        """Show the canvas; waits for the monitor where vertical sync is on. [main]"""
        self._paste.draw(texture_of(self.canvas), self.ctx.screen, (0, 0, *self.size))
        pygame.display.flip()

    def read(self) -> np.ndarray:
        """Return the canvas as (height, width, 4) uint8, row 0 on top. [main]"""
        return read_target(self.canvas)

    def toggle_fullscreen(self) -> None:
        """Fill the monitor, or go back to a window; `events` tells the new size. [main]

        Rebuild what lies in OpenGL afterwards: not every driver keeps it.
        """
        self.fullscreen = not self.fullscreen
        if self.fullscreen:
            self._windowed_size = self.size
        self._open()

    def close(self) -> None:
        """Give the context and the window back. [main]"""
        self._gamepads.close()
        self._release_canvas()
        self.ctx.release()
        pygame.display.quit()

    def _start(self, monitor: int | None, title: str) -> None:
        choose_driver(self.mode)
        pygame.display.init()
        if self.mode == 'window' and pygame.display.get_driver() in NO_SCREEN:
            raise pygame.error('the screen does not answer')
        pygame.display.set_caption(title)
        pygame.display.set_allow_screensaver(False)
        self._monitor = self._find_monitor(monitor)
        self._open()
        self.ctx = moderngl.create_context(require=330)
        self._make_canvas()

    def _find_monitor(self, wanted: int | None) -> int:
        count = len(pygame.display.get_desktop_sizes())
        if wanted is None or 0 <= wanted < count:
            return wanted or 0
        self._say(f'monitor {wanted} is not there, monitor 0 is used (connected: 0..{count - 1})')
        return 0

    def _open(self) -> None:
        size = pygame.display.get_desktop_sizes()[self._monitor] if self.fullscreen else self._windowed_size
        pygame.display.gl_set_attribute(pygame.GL_CONTEXT_MAJOR_VERSION, 3)
        pygame.display.gl_set_attribute(pygame.GL_CONTEXT_MINOR_VERSION, 3)
        pygame.display.gl_set_attribute(pygame.GL_CONTEXT_PROFILE_MASK, pygame.GL_CONTEXT_PROFILE_CORE)
        flags = pygame.OPENGL | pygame.DOUBLEBUF | pygame.RESIZABLE
        flags |= pygame.FULLSCREEN if self.fullscreen else 0
        flags |= pygame.HIDDEN if self.mode == 'offscreen' and not LINUX else 0
        with warnings.catch_warnings():     # a refused vsync: one edition of pygame warns, the other raises
            warnings.simplefilter('error')
            try:
                pygame.display.set_mode(size, flags, display=self._monitor, vsync=1)
                self.vsync = self.mode == 'window'
            except (pygame.error, Warning):
                pygame.display.set_mode(size, flags, display=self._monitor)
                self.vsync = False
                self._say('vertical sync is refused by this display, so the picture may tear')
        pygame.mouse.set_visible(not self.fullscreen)

    def _say(self, message: str) -> None:
        if message not in self.messages:
            self.messages.append(message)

    def _make_canvas(self) -> None:
        self._paste = Paste(self.ctx)
        self.canvas = make_target(self.ctx, window_size(), 'f1')

    def _remake_canvas(self) -> None:
        self._release_canvas()
        self._make_canvas()

    def _release_canvas(self) -> None:
        release_target(self.canvas)
        self._paste.release()


def window_size() -> tuple[int, int]:
    """Return width and height in pixels; a minimised window may say 0, which cannot be drawn."""
    width, height = pygame.display.get_window_size()
    return max(1, width), max(1, height)


def choose_driver(mode: str) -> None:
    """Tell SDL, before it starts, where to draw; elsewhere than on Linux 'offscreen' is a hidden window."""
    os.environ['SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS'] = '0'
    if mode == 'offscreen' and LINUX:
        os.environ[DRIVER] = 'offscreen'
    elif os.environ.get(DRIVER) == 'offscreen':
        del os.environ[DRIVER]
