"""Sound and pictures in one .mp4 or .mkv, both on the sample clock: H.264 without B-frames, AAC.

Pictures carry the index of the sample at which they appear as their time, and last until the next one appears. An .mp4
is written in fragments and made an ordinary one when closed: a take that is cut off misses the last fragment. Knows
nothing of paths and errors: `take.py` does.
"""
import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from live.record.encoder import PictureEncoder, Shot
from live.record.take import AUDIO_RATES

BIT_RATE = 192_000
# Half a second at a time, and that at once: else a quarter of a megabyte waits, half a minute of a dark picture.
FORMATS = {'.mp4': 'mp4', '.mkv': 'matroska'}
CONTAINER_OPTIONS = {
    '.mp4': {'movflags': 'hybrid_fragmented+delay_moov', 'frag_duration': '500000',     # delayed: knows AAC's lead-in
             'flush_packets': '1'},
    '.mkv': {'cluster_time_limit': '500', 'flush_packets': '1'},
}


class WholeFile(io.FileIO):
    """A file of ours: PyAV leaves its own ones open, and the room they take lost, when a disk is full.

    Writes all or raises; FFmpeg would take no notice of a part.
    """

    def write(self, data) -> int:
        rest = memoryview(data)
        while rest:
            rest = rest[super().write(rest):]
        return len(data)


class MovieWriter:
    """A movie being written. encoder: whose Shots it will be given, None for sound alone."""

    def __init__(self, path: Path, samplerate: int, encoder: PictureEncoder | None) -> None:
        if samplerate not in AUDIO_RATES:
            raise ValueError(f'AAC cannot hold {samplerate} Hz; it can {", ".join(map(str, AUDIO_RATES))}')
        self.pictures = 0
        self._encoder, self._frames = encoder, 0
        self._waiting: Shot | None = None       # until it is known how long it is seen
        self._clock = Fraction(1, samplerate)
        suffix, self._file = path.suffix.lower(), WholeFile(path, 'w')
        self._container = av.open(self._file, 'w', FORMATS[suffix], options=CONTAINER_OPTIONS[suffix])
        self._video: Any = self._container.add_stream_from_template(encoder.stream) if encoder else None
        self._audio = self._container.add_stream('aac', rate=samplerate, layout='stereo')
        self._audio.bit_rate = BIT_RATE

    def write_sound(self, block: np.ndarray) -> None:
        if not len(block):
            return
        planes = np.ascontiguousarray(np.clip(block, -1, 1).T, np.float32)
        frame = av.AudioFrame.from_ndarray(planes, format='fltp', layout='stereo')
        frame.sample_rate, frame.time_base, frame.pts = self._clock.denominator, self._clock, self._frames
        self._frames += len(block)
        self._container.mux(self._audio.encode(frame))

    def write_shot(self, shot: Shot) -> None:
        before = self._waiting
        if self._video is None or (before and shot.sample <= before.sample):
            return
        if before:
            self._mux(before, shot.sample)
        self._waiting = shot if before else shot._replace(sample=0)
        self.pictures += 1

    def _mux(self, shot: Shot, until: int) -> None:
        packet = av.Packet(shot.data)
        packet.pts = packet.dts = shot.sample
        packet.duration, packet.time_base = until - shot.sample, self._clock
        packet.is_keyframe, packet.stream = shot.key, self._video
        self._container.mux(packet)

    def close(self) -> None:
        with self._file, self._container:
            if self._encoder:
                self._close_video(self._encoder)
            self._container.mux(self._audio.encode(None))

    def _close_video(self, encoder: PictureEncoder) -> None:
        last = self._waiting or PictureEncoder(encoder.asked, encoder.fps, encoder.samplerate).repeat(0)    # black
        assert last
        until = max(self._frames, last.sample + encoder.step)
        self._mux(last, until)
        if not self._frames:
            self.write_sound(np.zeros((until, 2), np.float32))
