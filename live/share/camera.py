"""Frames as a virtual camera, for programs that know cameras alone: v4l2loopback on Linux, that of OBS elsewhere.

On Linux: `sudo apt install v4l2loopback-dkms`, `sudo modprobe v4l2loopback exclusive_caps=1 card_label=live`.
"""
import numpy as np
import pyvirtualcam

from live.share.output import Output


class CameraOutput(Output):
    """A camera, opened with the first frame: its size cannot change, later frames are cut or filled with black."""

    def __init__(self, device: str | None, fps: float) -> None:
        self._device, self._fps = device, fps
        self._camera: pyvirtualcam.Camera | None = None
        self._image = np.zeros((0, 0, 3), np.uint8)

    @property
    def where(self) -> str:
        return f'as camera {self._camera.device if self._camera else self._device or ""}'.rstrip()

    def send(self, pixels: np.ndarray, sample_index: int) -> None:
        if self._camera is None:
            height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
            self._camera = pyvirtualcam.Camera(width, height, self._fps, device=self._device)
            self._image = np.zeros((height, width, 3), np.uint8)
        height, width = (min(ours, its) for ours, its in zip(self._image.shape, pixels.shape))
        self._image[height:], self._image[:, width:] = 0, 0
        self._image[:height, :width] = pixels[:height, :width, :3]
        self._camera.send(self._image)

    def close(self) -> None:
        if self._camera is not None:
            self._camera.close()
            self._camera = None


def open_output(argument: str, fps: float, lan: bool) -> Output:
    """Return the camera."""
    return CameraOutput(argument or None, fps)
