"""Frames by Spout, to other programs on a Windows machine. Not tried where this was written: it needs Windows."""
import numpy as np
import SpoutGL
from SpoutGL.enums import GL_RGBA

from live.share.output import NAME, Output


class SpoutOutput(Output):
    """A sender with an OpenGL context of its own, on the thread that uses it."""

    def __init__(self, name: str) -> None:
        self._name, self._sender = name, SpoutGL.SpoutSender()
        if not self._sender.createOpenGL():
            raise OSError('Spout has no OpenGL here')
        self._sender.setSenderName(name)

    @property
    def where(self) -> str:
        return f'on this machine as "{self._name}"'

    def send(self, pixels: np.ndarray, sample_index: int) -> None:
        height, width = pixels.shape[:2]
        if not self._sender.sendImage(np.ascontiguousarray(pixels), width, height, GL_RGBA, False, 0):
            raise OSError('Spout takes no frames')
        self._sender.setFrameSync(self._name)

    def close(self) -> None:
        self._sender.releaseSender()
        self._sender.closeOpenGL()


def open_output(argument: str, fps: float, lan: bool) -> Output:
    """Return the sender."""
    return SpoutOutput(argument or NAME)
