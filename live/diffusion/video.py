"""Frames of cameras, films and streams, read through PyAV: what to open, frame by frame, and as a picture of a size.

In: what --camera says. Out: (seconds, frame) for ever, a film beginning again at its end; pictures (height, width, 4)
uint8 RGBA, upright and cut around their centre. FFmpeg's devices are v4l2, avfoundation and dshow. Whatever goes wrong
raises one of WRONG. [any] one thread a source. Knows nothing of threads.
"""
import math
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

Size = tuple[int, int]      # width, height
DEVICES = {'linux': 'v4l2', 'darwin': 'avfoundation', 'win32': 'dshow'}
OTHERS = ('lavfi', 'x11grab', 'gdigrab')    # of FFmpeg's devices, written as 'lavfi:testsrc'
OPTIONS: tuple[dict[str, str], ...] = ({'video_size': '640x480', 'framerate': '30'}, {'framerate': '30'},
                                       {})       # the first that a camera takes
FILMS = ('.avi', '.gif', '.m4v', '.mkv', '.mov', '.mp4', '.webm')
PATIENCE = 5.0              # seconds to wait for a device or a stream
NO_FRAME_YET = 0.005        # seconds until avfoundation is asked again


class CameraError(ValueError):
    """A camera that cannot be used: which, what is wrong with it."""


WRONG = (av.FFmpegError, OSError, CameraError)


@dataclass(frozen=True)
class Source:
    """What PyAV opens. format: the name of FFmpeg's device, None for a file or an address."""
    name: str
    format: str | None = None

    @property
    def is_film(self) -> bool:
        return self.format is None and '://' not in self.name


class Film:
    """A source at any time one asks for, later and later. It begins at the first of them."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._frames: Iterator[tuple[float, Any]] | None = None

    def at(self, seconds: float):
        """Return the frame that is seen at this time."""
        if self._frames is None:
            self._frames, self._began = read_frames(self._source), seconds
            self._next = self._shown = next(self._frames)
        while self._began + self._next[0] <= seconds:
            self._shown, self._next = self._next, next(self._frames)
        return self._shown[1]


def find_source(text: str, platform: str = sys.platform) -> Source:
    """Return what is meant by a film's path, an address, the name or number of a camera, or '' for the first one."""
    path = Path(text).expanduser()
    device, _, name = text.partition(':')
    if path.is_file():
        return Source(str(path))
    if path.suffix.lower() in FILMS:
        raise CameraError(f'--camera {text}: there is no such film')
    if '://' in text:
        return Source(text)
    if device in OTHERS and name:
        return Source(name, device)
    if platform not in DEVICES:
        raise CameraError(f'no cameras are known on {platform}; give a film or an address')
    return Source(name_camera(text or '0', platform), DEVICES[platform])


def name_camera(text: str, platform: str) -> str:
    """Return what FFmpeg calls a camera given by its number or name."""
    if platform == 'linux' and text.isdigit():
        return f'/dev/video{text}'
    if platform == 'win32':
        names = list_cameras('dshow')
        return 'video=' + (names[int(text)] if text.isdigit() and int(text) < len(names) else text)
    return text


def list_cameras(device: str) -> list[str]:
    """Return the names of the cameras here; PyAV can tell since version 17."""
    tell = getattr(av, 'enumerate_input_devices', None)
    if tell is None:
        return []
    try:
        return [found.name for found in tell(device) if 'video' in (found.media_types or ())]
    except WRONG + (ValueError,):
        return []


def read_frames(source: Source) -> Generator[tuple[float, Any], None, None]:
    """Yield (seconds since the first one, frame)."""
    start = 0.0
    while True:
        with open_source(source) as container:
            if not container.streams.video:
                raise CameraError('there are no pictures in it')
            stream = container.streams.video[0]
            length = float(1 / (stream.average_rate or 30))
            first, when = None, start - length
            for frame in decode(container, stream):
                first = frame.time if first is None else first
                when = when + length if frame.time is None else start + frame.time - first
                yield when, frame
        if not source.is_film or when < start:
            raise CameraError('no more pictures come')
        start = when + length


def open_source(source: Source):
    """Return PyAV's container, with the first options that the device takes."""
    if source.format not in DEVICES.values():
        return av.open(source.name, format=source.format, timeout=PATIENCE)
    for options in OPTIONS[:-1]:
        try:
            return av.open(source.name, format=source.format, options=options, timeout=PATIENCE)
        except (av.ArgumentError, ValueError):
            pass        # a size or rate that this camera has not
    return av.open(source.name, format=source.format, options=OPTIONS[-1], timeout=PATIENCE)


def decode(container, stream) -> Iterator[Any]:
    """Yield frames to the end; avfoundation says that there is none yet where others wait."""
    while True:
        try:
            yield from container.decode(stream)
            return
        except av.BlockingIOError:
            time.sleep(NO_FRAME_YET)


def fit_frame(frame, size: Size) -> np.ndarray:
    """Return a frame as (height, width, 4) uint8 RGBA, turned upright and cut around its centre."""
    quarters = round(getattr(frame, 'rotation', 0) / 90)
    width, height = reversed(size) if quarters % 2 else size
    scale = max(width / frame.width, height / frame.height)
    wide, high = max(width, math.ceil(frame.width * scale)), max(height, math.ceil(frame.height * scale))
    pixels = frame.to_ndarray(format='rgba', width=wide, height=high)
    left, top = (wide - width) // 2, (high - height) // 2
    return np.ascontiguousarray(np.rot90(pixels[top:top + height, left:left + width], quarters))
