"""Sounds and pictures from and to disk, for every tool of the studio.

Sounds are (frames, channels) float32 at -1..1, of any length, rate and number of channels; pictures are (height,
width, 3) uint8. Reads what libsndfile reads (wav, flac, ogg, mp3, w64 ...) and, through PyAV, the sound of whatever
FFmpeg opens. What cannot be read or written is a StudioError that names the file and says what is allowed.
"""
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

BLOCK = 1 << 16         # frames read at once
#   bits      subtype of libsndfile
DEPTHS = {'8': 'PCM_U8', '16': 'PCM_16', '24': 'PCM_24', '32': 'FLOAT'}


class StudioError(ValueError):
    """Something that a tool cannot do, in one sentence."""


def read_sound(path: str | Path, samplerate: int | None = None, mono: bool = False) -> tuple[np.ndarray, int]:
    """Return a whole sound (frames, channels) float32 and its rate, resampled and mixed down as asked."""
    with open_sound(path) as source:
        blocks = list(source.blocks())
    sound = np.concatenate(blocks) if blocks else np.zeros((0, 1), np.float32)
    if not len(sound):
        raise StudioError(f'{path}: there is no sound in it, 0 frames')
    if not np.isfinite(sound).all():
        raise StudioError(f'{path}: {np.count_nonzero(~np.isfinite(sound))} of its samples are not numbers (NaN or '
                          'infinite); write it again from its source')
    if mono:
        sound = sound.mean(1, keepdims=True)
    if samplerate and samplerate != source.samplerate:
        return resample(sound, source.samplerate, samplerate), samplerate
    return sound, source.samplerate


class SoundSource:
    """An open sound. samplerate, channels; blocks() yields it once, (frames, channels) float32, in constant memory."""

    def __init__(self, path: Path, file: soundfile.SoundFile | None, container: Any = None) -> None:
        self.path, self._file, self._container = path, file, container
        if file is not None:
            self.samplerate, self.channels, self.frames = file.samplerate, file.channels, file.frames
            return
        stream = container.streams.audio[0]
        self.samplerate, self.channels = stream.rate, stream.codec_context.channels
        self.frames = round(float((stream.duration or 0) * (stream.time_base or 0)) * stream.rate)    # 0: not told
        self._exact = self.frames and 'mp4' in container.format.name       # elsewhere it may be a guess

    def blocks(self, frames: int = BLOCK) -> Iterator[np.ndarray]:
        if self._file is not None:
            while len(block := self._file.read(frames, 'float32', always_2d=True)):
                yield block
            return
        from av.audio.resampler import AudioResampler
        planar = AudioResampler('fltp', rate=self.samplerate)
        left = self.frames if self._exact else sys.maxsize      # AAC fills its last frame up; that is no sound
        for frame in self._container.decode(audio=0):
            for part in planar.resample(frame):
                block = part.to_ndarray().T[:left].astype(np.float32)
                left -= len(block)
                if len(block):
                    yield block


@contextmanager
def open_sound(path: str | Path) -> Iterator[SoundSource]:
    """Open a sound to be read in blocks; raise StudioError for what is missing or no sound."""
    path = check_file(path)
    try:
        file = soundfile.SoundFile(path)
    except soundfile.LibsndfileError:
        with _open_movie(path) as container:
            yield SoundSource(path, None, container)
        return
    with file:
        yield SoundSource(path, file)


@contextmanager
def _open_movie(path: Path) -> Iterator[Any]:
    import av
    try:
        container = av.open(path)
    except (av.FFmpegError, ValueError) as error:
        raise StudioError(f'{path}: this is no sound that can be read; wav, flac, ogg, mp3, w64 and what FFmpeg '
                          'opens can') from error
    with container:
        if not container.streams.audio:
            raise StudioError(f'{path}: there is no sound in it')
        yield container


def write_sound(path: str | Path, sound: np.ndarray, samplerate: int, depth: str = '32') -> None:
    """Write (frames,) or (frames, channels); depth: one of DEPTHS (ogg and mp3 have their own)."""
    with create_sound(path, samplerate, 1 if sound.ndim == 1 else sound.shape[1], depth) as file:
        file.write(sound)


def create_sound(path: str | Path, samplerate: int, channels: int, depth: str = '32') -> soundfile.SoundFile:
    """Return an open file to write blocks to."""
    path = check_folder(path)
    form = path.suffix[1:].upper()
    if form not in soundfile.available_formats():
        raise StudioError(f'{path.name}: {path.suffix or "no suffix"} is no kind of sound file; use .wav or .flac')
    subtype = DEPTHS[depth] if form in ('WAV', 'W64', 'AIFF') else soundfile.default_subtype(form)
    if form == 'AIFF' and depth == '8':
        subtype = 'PCM_S8'
    if form == 'FLAC':
        subtype = {'8': 'PCM_S8', '16': 'PCM_16'}.get(depth, 'PCM_24')
    try:
        return soundfile.SoundFile(path, 'w', samplerate, channels, subtype)
    except soundfile.LibsndfileError as error:
        raise StudioError(f'{path}: {error}') from error


def resample(sound: np.ndarray, before: int, after: int) -> np.ndarray:
    """Return (frames, channels) at another rate (FFmpeg's resampler)."""
    import av
    from av.audio.resampler import AudioResampler
    if before == after or not len(sound):
        return sound
    layout = 'mono' if sound.shape[1] == 1 else 'stereo' if sound.shape[1] == 2 else f'{sound.shape[1]}c'
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound.T, np.float32), 'fltp', layout)
    frame.rate = before
    resampler = AudioResampler('fltp', layout, after)
    parts = [part.to_ndarray() for given in (frame, None) for part in resampler.resample(given)]
    return np.concatenate(parts, 1).T


def read_picture(path: str | Path) -> np.ndarray:
    """Return (height, width, 3) uint8."""
    from PIL import Image, UnidentifiedImageError
    path = check_file(path)
    try:
        with Image.open(path) as image:
            return np.array(image.convert('RGB'))       # torch wants to be able to write
    except (UnidentifiedImageError, OSError) as error:
        raise StudioError(f'{path}: this is no picture that can be read; png, jpeg, webp, tiff and bmp can') from error


def write_picture(path: str | Path, pixels: np.ndarray) -> None:
    """Write (height, width, 3 or 4) uint8; the suffix says how."""
    from PIL import Image
    path = check_folder(path)
    try:
        Image.fromarray(pixels).save(path)
    except (ValueError, OSError) as error:
        raise StudioError(f'{path}: {error}; use .png') from error


def check_file(path: str | Path) -> Path:
    """Return the path of a file that is there."""
    path = Path(path)
    if not path.is_file():
        raise StudioError(f'{path}: there is no such file')
    return path


def check_folder(path: str | Path) -> Path:
    """Return the path of a file that can be made: its folder is there."""
    path = Path(path)
    if not path.parent.is_dir():
        raise StudioError(f'{path}: there is no folder {path.parent}; make it first')
    return path
