"""Pictures to H.264, each encoded at once: nothing waits in the encoder when a take is cut off.

In: RGBA, with the index of the sample at which it appears. Out: Shots, which a movie takes as they are: the same one
can go to a take and to the last minutes that are kept. No B-frames; a key picture once a second. Time base is
1/samplerate, so their rate may vary and nothing drifts. Knows nothing of files. [any] One thread at a time.
"""
import os
from fractions import Fraction
from typing import Any, NamedTuple

import av
import numpy as np
from av.codec.context import Flags
from av.video.frame import PictureType

KEY_SECONDS = 1                 # where a movie can begin, and be cut off
# zerolatency: no look-ahead and no frame threads, which hold back 11 to 24 pictures; presets: see bench/LOG.md
OPTIONS = {'preset': 'superfast', 'tune': 'zerolatency', 'crf': '18', 'bf': '0', 'g': '100000',
           'threads': str(min(4, os.cpu_count() or 1))}
BT709, LIMITED = 1, 1           # FFmpeg's numbers


class Shot(NamedTuple):
    """One encoded picture. sample: the index of that at which it appears; encoder: whose it is."""
    data: bytes
    sample: int
    key: bool
    encoder: 'PictureEncoder'


class PictureEncoder:
    """Encodes pictures of one size. asked: that size as it was asked for; step: samples to expect between two."""

    def __init__(self, asked: tuple[int, int], fps: float, samplerate: int) -> None:
        self.asked, self.fps, self.samplerate = asked, fps, samplerate
        self.size = max(2, asked[0] // 2 * 2), max(2, asked[1] // 2 * 2)     # colours are stored at half the size
        self.step = round(samplerate / fps)
        self._clock = Fraction(1, samplerate)
        self._container = av.open(os.devnull, 'w', format='null')   # for its stream: what a movie's is made like
        self.stream: Any = self._make_stream()
        self._last: Any = None
        self._last_index = self._last_key = -1

    def _make_stream(self):
        stream = self._container.add_stream('libx264', rate=Fraction(self.fps).limit_denominator(1001),
                                            options=OPTIONS)
        stream.width, stream.height = self.size
        stream.pix_fmt = 'yuv420p'
        context = stream.codec_context
        context.time_base = stream.time_base = self._clock
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED
        context.flags |= Flags.global_header
        self._container.start_encoding()
        return stream

    def encode(self, pixels: np.ndarray, index: int, key: bool = False) -> Shot | None:
        """Encode (height, width, 4) uint8 RGBA; None where it is not later than the one before. key: begin anew."""
        if self._last is not None and index <= self._last_index:
            return None
        whole = av.VideoFrame.from_numpy_buffer(fit(pixels, self.size), format='rgba')     # not copied
        self._last = whole.reformat(format='yuv420p', dst_colorspace='ITU709', dst_color_range='MPEG')
        return self._encode(index, key)

    def repeat(self, index: int, key: bool = False) -> Shot | None:
        """Encode the last picture once more, or black where there was none."""
        if self._last is None:
            return self.encode(np.zeros((*self.size[::-1], 4), np.uint8), index, key)
        return self._encode(index, key) if index > self._last_index else None

    def _encode(self, index: int, key: bool) -> Shot:
        key = key or self._last_key < 0 or index - self._last_key >= KEY_SECONDS * self.samplerate
        frame = self._last
        frame.pts, frame.time_base, frame.duration = index, self._clock, self.step
        frame.pict_type = PictureType.I if key else PictureType.NONE
        packet, = self.stream.encode(frame)
        self._last_index = index
        self._last_key = index if packet.is_keyframe else self._last_key
        return Shot(bytes(packet), index, bool(packet.is_keyframe), self)


def fit(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a picture in this size (width, height): an odd row or column is cut, else it is scaled whole."""
    (width, height), (rows, columns) = size, pixels.shape[:2]
    if 0 <= columns - width <= 1 and 0 <= rows - height <= 1:
        return pixels[:height, :width]
    scale = min(width / columns, height / rows)
    columns, rows = max(1, round(columns * scale)), max(1, round(rows * scale))
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format='rgba')
    canvas = np.zeros((height, width, 4), np.uint8)
    top, left = (height - rows) // 2, (width - columns) // 2
    canvas[top:top + rows, left:left + columns] = picture.reformat(columns, rows, 'rgba').to_ndarray()
    return canvas
