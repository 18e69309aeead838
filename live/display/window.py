"""The window: a pygame window with an OpenGL 3.3 context, on a monitor, on several, or without any.

In: what is drawn on its canvas, the whole picture. Out: events as pairs. In fullscreen it covers the monitors of its
screens, and each shows its output; as a window it shows them side by side. Monitors may come and go: it goes on with
those that are there, at last as a window, and returns. Mode 'offscreen' runs the same code on a machine without a
screen. What cannot be had (a monitor, vertical sync) is left out and said in `messages`. [main] One window at a time.
Knows nothing of what is drawn, nor of what a key means. Written for what pygame and pygame-ce have in common.
"""
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import moderngl
import numpy as np
import pygame

from live.display.desktop import Monitor, find_monitor, place_window, window_size
from live.display.gamepads import Gamepads
from live.display.outputs import Outputs
from live.display.placing import Watch, centred, scale_spots, side_by_side, spread_out
from live.display.screens import Output, Screens, picture_size
from live.display.targets import make_target, read_target, release_target, texture_of
from live.params import hint

MODES = ('window', 'offscreen', 'none')
DRIVER = 'SDL_VIDEODRIVER'
HINTS = {'SDL_VIDEO_MINIMIZE_ON_FOCUS_LOSS': '0',
         'SDL_WINDOWS_DPI_AWARENESS': 'permonitorv2',       # pixels are pixels
         'SDL_FRAMEBUFFER_ACCELERATION': '0'}               # or a second window takes the OpenGL context away
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
    """A window, or the same without a screen. screens: what each monitor shows; without them one shows all.

    messages: what it had to do without, one sentence each; vsync: flip waits for the monitor.
    """

    def __init__(self, mode: str, size: tuple[int, int] = (1280, 720), monitor: int | str | None = None,
                 fullscreen: bool = False, title: str = 'Live inside a note', screens: Screens | None = None) -> None:
        self.mode, self.fullscreen = mode, fullscreen
        self._screens = screens or Screens((Output(monitor),))
        self.messages: list[str] = []
        self._windowed_size = size
        self._gamepads = Gamepads()
        try:
            self._start(title)
        except (pygame.error, ValueError) as error:
            if mode == 'offscreen':
                raise
            self._say(f'no window could be opened ({error}), so the picture is drawn without a screen')
            self.mode = 'offscreen'
            pygame.display.quit()
            self._start(title)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole picture in pixels."""
        return self.canvas.size

    @property
    def renderer_name(self) -> str:
        return self.ctx.info['GL_RENDERER']

    def other_monitor(self, wanted: str = '') -> Monitor | None:
        """Return the monitor of a name or number; without one, the first that the picture is not on; or None."""
        monitors = self._watch.monitors
        if wanted:
            return find_monitor(wanted, monitors)
        outputs = self._watch.screens.outputs if self.fullscreen else self._watch.screens.outputs[:1]
        used = [find_monitor(output.monitor, monitors) for output in outputs]
        return next((monitor for monitor in monitors if monitor not in used), None)

    def events(self) -> Iterator[tuple[str, Any]]:
        """Yield what happened since the last call: ('key', 'escape'), ('quit', ''), ('resize', ''). [main]

        And ('pad', move), where a move of a gamepad is what gamepads.py makes of it; ('screens', text), when monitors
        or the file of the screens have changed; ('close', window) for another window of this program.
        """
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                yield 'quit', ''
            elif event.type == pygame.KEYDOWN:
                yield 'key', pygame.key.name(event.key)
            elif event.type == pygame.WINDOWCLOSE:
                yield ('close', event.window) if getattr(event, 'window', None) else ('quit', '')
            elif event.type == pygame.WINDOWDISPLAYCHANGED:
                self._watch.hurry()
            for move in self._gamepads.read(event):
                yield 'pad', move
        if told := self._watch.look():
            self._place()
            yield from (('screens', text) for text in told)
        if self._window_size != window_size():
            self._remake_canvas()
            yield 'resize', ''

    def flip(self) -> None:
        """Show the canvas; waits for the monitor where vertical sync is on. [main]"""
        self._outputs.draw(texture_of(self.canvas), self.ctx.screen, self._window_size, self._spots)
        pygame.display.flip()

    def read(self) -> np.ndarray:
        """Return the canvas as (height, width, 4) uint8, row 0 on top. [main]"""
        return read_target(self.canvas)

    def toggle_fullscreen(self) -> None:
        """Fill the monitors, or go back to a window; `events` tells the new size. [main]"""
        if not self.fullscreen:
            self._windowed_size = pygame.display.get_window_size()
        self.fullscreen = not self.fullscreen
        self._place()

    def close(self) -> None:
        """Give the context and the window back. [main]"""
        self._gamepads.close()
        self._release_canvas()
        self.ctx.release()
        pygame.display.quit()

    def _start(self, title: str) -> None:
        choose_driver(self.mode)
        pygame.display.init()
        if self.mode == 'window' and pygame.display.get_driver() in NO_SCREEN:
            raise pygame.error('the screen does not answer')
        pygame.display.set_caption(title)
        pygame.display.set_allow_screensaver(False)
        self._watch = Watch(self._screens)
        for message in self._watch.missing:
            self._say(message)
        self._open(self._windowed_size)
        self.ctx = moderngl.create_context(require=330)
        self._place()
        self._make_canvas()

    def _place(self) -> None:
        """Put the window where it belongs now: over its monitors, or in the middle of one."""
        outputs, monitors = self._watch.screens.outputs, self._watch.monitors
        self._spread = spread_out(outputs, monitors) if self.fullscreen else None
        home = find_monitor(outputs[0].monitor, monitors) or find_monitor(None, monitors)
        if home is None:
            return          # all monitors are gone: it waits where it is
        area = self._spread[0] if self._spread else centred(self._windowed_size, home.area)
        filling = self._spread is not None and len(self._spread[1]) == 1
        if not place_window(area, filling, bordered=self._spread is None):
            self._open(area[2:], home.number, pygame.FULLSCREEN if filling else 0)
        pygame.mouse.set_visible(self._spread is None)
        self._window_size = 0, 0

    def _open(self, size: tuple[int, int], display: int = 0, flags: int = 0) -> None:
        pygame.display.gl_set_attribute(pygame.GL_CONTEXT_MAJOR_VERSION, 3)
        pygame.display.gl_set_attribute(pygame.GL_CONTEXT_MINOR_VERSION, 3)
        pygame.display.gl_set_attribute(pygame.GL_CONTEXT_PROFILE_MASK, pygame.GL_CONTEXT_PROFILE_CORE)
        flags |= pygame.OPENGL | pygame.DOUBLEBUF | pygame.RESIZABLE
        flags |= pygame.HIDDEN if self.mode == 'offscreen' and not LINUX else 0
        with warnings.catch_warnings():     # a refused vsync: one edition of pygame warns, the other raises
            warnings.simplefilter('error')
            try:
                pygame.display.set_mode(size, flags, display=display, vsync=1)
                self.vsync = self.mode == 'window'
            except (pygame.error, Warning):
                pygame.display.set_mode(size, flags, display=display)
                self.vsync = False
                self._say('vertical sync is refused by this display, so the picture may tear')

    def _say(self, message: str) -> None:
        if message not in self.messages:
            self.messages.append(message)

    def _make_canvas(self) -> None:
        """Make a canvas as large as what is shown of it."""
        self._window_size = size = window_size()
        self._spots = (scale_spots(self._spread[1], self._spread[0], size) if self._spread
                       else side_by_side(self._watch.screens.outputs, size))
        self._outputs = Outputs(self.ctx)
        self.canvas = make_target(self.ctx, picture_size(self._spots, self.ctx.info['GL_MAX_TEXTURE_SIZE']), 'f1')

    def _remake_canvas(self) -> None:
        self._release_canvas()
        self._make_canvas()

    def _release_canvas(self) -> None:
        release_target(self.canvas)
        self._outputs.release()


def choose_driver(mode: str) -> None:
    """Tell SDL, before it starts, where to draw; elsewhere than on Linux 'offscreen' is a hidden window."""
    os.environ |= HINTS
    if mode == 'offscreen' and LINUX:
        os.environ[DRIVER] = 'offscreen'
    elif os.environ.get(DRIVER) == 'offscreen':
        del os.environ[DRIVER]
