"""Frames by NDI, found in the network under a name. Each carries the index of its sample: <live sample="48000"/>."""
from fractions import Fraction

import numpy as np
from cyndilib.sender import Sender
from cyndilib.video_frame import VideoSendFrame
from cyndilib.wrapper.ndi_structs import FourCC

from live.share.output import NAME, Output


class NdiOutput(Output):
    """A sender, made anew when frames change their size."""

    def __init__(self, name: str, fps: float) -> None:
        self._name, self._fps = name, Fraction(fps).limit_denominator(1001)
        self._shape: tuple[int, ...] = ()
        self._sender: Sender | None = None

    @property
    def where(self) -> str:
        return f'in the network as "{self._sender.name if self._sender else self._name}"'

    def send(self, pixels: np.ndarray, sample_index: int) -> None:
        if self._sender is None or pixels.shape != self._shape:
            self._open(pixels.shape)
        assert self._sender is not None
        if self._sender.get_num_connections(0):
            self._sender.video_frame.set_metadata(f'<live sample="{sample_index}"/>'.encode())
            self._sender.write_video(np.ascontiguousarray(pixels).reshape(-1))

    def _open(self, shape: tuple[int, ...]) -> None:
        self.close()
        frame = VideoSendFrame()
        frame.set_resolution(shape[1], shape[0])
        frame.set_frame_rate(self._fps)
        frame.set_fourcc(FourCC.RGBX)       # what is seen is never transparent
        self._sender = Sender(self._name, clock_video=False, clock_audio=False)
        self._sender.set_video_frame(frame)
        self._sender.open()
        self._shape = shape

    def close(self) -> None:
        if self._sender is not None:
            self._sender.close()
            self._sender = None


def open_output(argument: str, fps: float, lan: bool) -> Output:
    """Return the sender; whoever has NDI in this network sees it."""
    return NdiOutput(argument or NAME, fps)
