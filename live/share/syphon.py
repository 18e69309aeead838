"""Frames by Syphon, to other programs on a Mac. Not tried where this was written: it needs macOS."""
import numpy as np
import syphon
from syphon.utils.numpy import copy_image_to_mtl_texture
from syphon.utils.raw import create_mtl_texture

from live.share.output import NAME, Output


class SyphonOutput(Output):
    """A server, and a texture of the size of the frames."""

    def __init__(self, name: str) -> None:
        self._name, self._server = name, syphon.SyphonMetalServer(name)
        self._shape: tuple[int, ...] = ()
        self._texture = None

    @property
    def where(self) -> str:
        return f'on this machine as "{self._name}"'

    def send(self, pixels: np.ndarray, sample_index: int) -> None:
        if pixels.shape != self._shape:
            self._texture = create_mtl_texture(self._server.device, pixels.shape[1], pixels.shape[0])
            self._shape = pixels.shape
        copy_image_to_mtl_texture(np.ascontiguousarray(pixels), self._texture)
        self._server.publish_frame_texture(self._texture)

    def close(self) -> None:
        self._server.stop()


def open_output(argument: str, fps: float, lan: bool) -> Output:
    """Return the server."""
    return SyphonOutput(argument or NAME)
