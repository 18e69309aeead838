"""The desktop: monitors by number and name, and where the window stands among them. [main]

pygame tells neither names nor places of monitors, and moves a window to another monitor by making another, whose
OpenGL context is empty. So SDL itself is asked, in the library that pygame has loaded. Where that cannot be, monitors
have no names, and a window stays where pygame has opened it. Areas are (left, top, width, height), in the desktop's
points; pixels may be finer.
"""
import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pygame

Area = tuple[int, int, int, int]

FULLSCREEN = 0x1001         # SDL_WINDOW_FULLSCREEN_DESKTOP: as large as the monitor, whose mode stays
FUNCTIONS = {               # name: (result, arguments)
    'SDL_GetNumVideoDisplays': (ctypes.c_int, []),
    'SDL_GetDisplayName': (ctypes.c_char_p, [ctypes.c_int]),
    'SDL_GetDisplayBounds': (ctypes.c_int, [ctypes.c_int, ctypes.POINTER(ctypes.c_int)]),
    'SDL_GL_GetCurrentWindow': (ctypes.c_void_p, []),
    'SDL_GL_GetDrawableSize': (None, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int)]),
    'SDL_SetWindowFullscreen': (ctypes.c_int, [ctypes.c_void_p, ctypes.c_uint32]),
    'SDL_SetWindowBordered': (None, [ctypes.c_void_p, ctypes.c_int]),
    'SDL_SetWindowPosition': (None, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]),
    'SDL_SetWindowSize': (None, [ctypes.c_void_p, ctypes.c_int, ctypes.c_int])}


@dataclass(frozen=True)
class Monitor:
    """A monitor that is plugged in. name: as the system has it, '' where it has none."""
    number: int
    name: str
    area: Area

    def __str__(self) -> str:
        return f'{self.number}: {self.name or "monitor"}, {self.area[2]}x{self.area[3]}'


@cache
def _library() -> ctypes.CDLL | None:
    for path in (pygame.base.__file__, 'SDL2.dll'):     # through what is linked to it, or, on Windows, by its name
        try:
            library = ctypes.CDLL(str(path))
            for name, (result, arguments) in FUNCTIONS.items():
                function = getattr(library, name)
                function.restype, function.argtypes = result, arguments
            return library
        except (OSError, AttributeError):
            continue
    return None


def list_monitors() -> list[Monitor]:
    """Return what is plugged in now, in the system's order; the video of pygame has been started."""
    sizes = pygame.display.get_desktop_sizes()
    sdl = _library()
    if sdl is None:
        return [Monitor(number, '', (sum(s[0] for s in sizes[:number]), 0, *size)) for number, size in enumerate(sizes)]
    monitors = []
    for number in range(max(0, sdl.SDL_GetNumVideoDisplays())):
        area = (ctypes.c_int * 4)()
        name = sdl.SDL_GetDisplayName(number) or b''
        if sdl.SDL_GetDisplayBounds(number, area) == 0:
            monitors.append(Monitor(number, name.decode('utf-8', 'replace'), tuple(area)))
    return monitors


def find_monitor(wanted: int | str | None, monitors: Sequence[Monitor]) -> Monitor | None:
    """Return the monitor with a number, or the one whose name a text is, or is part of; None: whichever is first."""
    text = str(wanted if wanted is not None else 0).strip().lower()
    if text.isdigit():
        return next((monitor for monitor in monitors if monitor.number == int(text)), None)
    named = [monitor for monitor in monitors if text in monitor.name.lower()]
    return min(named, key=lambda monitor: len(monitor.name), default=None)


def place_window(area: Area, fullscreen: bool = False, bordered: bool = True) -> bool:
    """Put the window of the current OpenGL context there; fullscreen: it fills the monitor that is there.

    False where that cannot be done.
    """
    sdl = _library()
    window = sdl.SDL_GL_GetCurrentWindow() if sdl else None
    if sdl is None or not window:
        return False
    sdl.SDL_SetWindowFullscreen(window, 0)
    sdl.SDL_SetWindowBordered(window, int(bordered))
    sdl.SDL_SetWindowPosition(window, area[0], area[1])
    sdl.SDL_SetWindowSize(window, area[2], area[3])
    return not fullscreen or sdl.SDL_SetWindowFullscreen(window, FULLSCREEN) == 0


def window_size() -> tuple[int, int]:
    """Return width and height of the window in pixels; a minimised window may say 0, which cannot be drawn."""
    sdl = _library()
    window = sdl.SDL_GL_GetCurrentWindow() if sdl else None
    width, height = pygame.display.get_window_size()
    if sdl is not None and window:
        columns, rows = ctypes.c_int(), ctypes.c_int()
        sdl.SDL_GL_GetDrawableSize(window, columns, rows)
        width, height = columns.value, rows.value
    return max(1, width), max(1, height)
