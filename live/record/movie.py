"""Sound and pictures in one .mp4 or .mkv, both on the sample clock: H.264 without B-frames, AAC.

Pictures carry the index of the sample at which they appear as their time (time base 1/samplerate), so their rate may
vary and nothing drifts. An .mp4 is written in fragments and made an ordinary one when closed: a take that is cut off
can be read up to its last key picture. Knows nothing of paths and errors: `take.py` does.
"""
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

AUDIO_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)   # what AAC knows
BIT_RATE = 192_000
KEY_SECONDS = 2                 # a key picture at least this often: what a cut-off take may lose
VIDEO_OPTIONS = {'preset': 'veryfast', 'crf': '18', 'bf': '0'}
CONTAINER_OPTIONS = {
    '.mp4': {'movflags': 'hybrid_fragmented+delay_moov', 'frag_duration': '2000000'},  # delayed: knows AAC's lead-in
    '.mkv': {'cluster_time_limit': '1000'},
}
BT709, LIMITED = 1, 1           # FFmpeg's numbers


class MovieWriter:
    """A movie being written; see Take for the arguments."""

    def __init__(self, path: Path, samplerate: int, size: tuple[int, int] | None, fps: float) -> None:
        if samplerate not in AUDIO_RATES:
            raise ValueError(f'AAC cannot hold {samplerate} Hz; it can {", ".join(map(str, AUDIO_RATES))}')
        self.pictures = 0
        self._step = round(samplerate / fps)
        self._frames, self._last_index = 0, -1
        self._last: Any = None
        self._clock = Fraction(1, samplerate)
        self._container = av.open(str(path), 'w', options=CONTAINER_OPTIONS[path.suffix.lower()])
        self._video: Any = self._add_video(size, fps) if size else None
        self._audio = self._container.add_stream('aac', rate=samplerate, layout='stereo')
        self._audio.bit_rate = BIT_RATE

    def _add_video(self, size: tuple[int, int], fps: float):
        options = VIDEO_OPTIONS | {'g': str(round(KEY_SECONDS * fps))}
        stream = self._container.add_stream('libx264', rate=Fraction(fps).limit_denominator(1001), options=options)
        stream.width, stream.height = size[0] // 2 * 2, size[1] // 2 * 2      # colours are stored at half the size
        stream.pix_fmt = 'yuv420p'
        context = stream.codec_context
        context.time_base = stream.time_base = self._clock
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = LIMITED
        return stream

    def write_sound(self, block: np.ndarray) -> None:
        if not len(block):
            return
        planes = np.ascontiguousarray(np.clip(block, -1, 1).T, np.float32)
        frame = av.AudioFrame.from_ndarray(planes, format='fltp', layout='stereo')
        frame.sample_rate, frame.time_base, frame.pts = self._clock.denominator, self._clock, self._frames
        self._frames += len(block)
        self._container.mux(self._audio.encode(frame))

    def write_picture(self, pixels: np.ndarray, sample_index: int) -> None:
        index = 0 if self._last is None else sample_index
        if self._video is None or index <= self._last_index:
            return
        height, width = self._video.height, self._video.width
        if pixels.shape[0] < height or pixels.shape[1] < width:
            raise ValueError(f'a picture of {pixels.shape[1]}x{pixels.shape[0]} does not fill {width}x{height}')
        whole = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels[:height, :width]), format='rgba')
        self._last = whole.reformat(format='yuv420p', dst_colorspace='ITU709', dst_color_range='MPEG')
        self._encode(index)
        self.pictures += 1

    def _encode(self, index: int) -> None:
        self._last.pts, self._last.time_base, self._last.duration = index, self._clock, self._step
        self._container.mux(self._video.encode(self._last))
        self._last_index = index

    def close(self) -> None:
        if self._video is not None:
            self.fill_up()
            self._container.mux(self._video.encode(None))
        if not self._frames:
            self.write_sound(np.zeros((self._last_index + self._step, 2), np.float32))
        self._container.mux(self._audio.encode(None))
        self._container.close()

    def fill_up(self) -> None:
        if self._video is None:
            return
        if self._last is None:
            black = np.zeros((self._video.height, self._video.width, 4), np.uint8)
            self.write_picture(black, 0)
        if self._frames - self._step > self._last_index:
            self._encode(self._frames - self._step)
