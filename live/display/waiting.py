"""Waiting for OpenGL without Python's lock, so that MIDI, OSC and the dream go on meanwhile. [main]

A read-back waits inside the driver until all is drawn, and moderngl keeps Python's lock during that. So `finish` waits
first, through ctypes, which lets go of it. A renderer in software draws on this machine's processors: there even
drawing calls wait for each other, up to 9 ms at 640x360, and `after_pass` waits after each of them. On a graphics
card it does nothing.
"""
import ctypes
import ctypes.util
import sys
from collections.abc import Callable
from functools import cache

import moderngl

SOFTWARE = ('llvmpipe', 'softpipe', 'swiftshader', 'software', 'gdi generic')
LIBRARIES = {'win32': ('opengl32',), 'darwin': ('OpenGL',)}


@cache
def _library() -> Callable[[], object] | None:
    for name in LIBRARIES.get(sys.platform, ('GL', 'OpenGL')):
        path = ctypes.util.find_library(name)
        if path:
            return getattr(ctypes.CDLL(path), 'glFinish', None)
    return None


def finish() -> None:
    """Return when everything has been drawn in the context that is current; without the library, at once."""
    wait = _library()
    if wait is not None:
        wait()


def in_software(context: moderngl.Context) -> bool:
    """Return whether this machine's processors do the drawing."""
    return any(name in context.info['GL_RENDERER'].lower() for name in SOFTWARE)


def after_pass(context: moderngl.Context) -> Callable[[], None]:
    """Return what to call after each pass."""
    return finish if in_software(context) else _nothing


def _nothing() -> None:
    pass
