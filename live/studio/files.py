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

from live.record.take import NO_PEAK_CHUNK, TakeError

BLOCK = 1 << 16         # frames read or written at once: libsndfile falls over a long .ogg that comes in one piece
#   bits      subtype of libsndfile
DEPTHS = {'8': 'PCM_U8', '16': 'PCM_16', '24': 'PCM_24', '32': 'FLOAT'}
OTHERS = {'8': 'PCM_S8', '32': 'PCM_24'}        # where a format cannot hold that: AIFF, FLAC ...
#   form   channels and Hz that it holds at most
LIMITS = {'FLAC': (8, 655350), 'OGG': (255, 200000), 'MP3': (2, 48000)}
RINGING = 64            # samples at the lower rate after which the resampler's filter has come to rest


class StudioError(ValueError):
    """Something that a tool cannot do, in one sentence."""


def read_sound(path: str | Path, samplerate: int | None = None, mono: bool = False) -> tuple[np.ndarray, int]:
    """Return a whole sound (frames, channels) float32 and its rate, resampled and mixed down as asked."""
    with open_sound(path) as source:
        sound = np.concatenate([block.mean(1, keepdims=True) if mono else block for block in source.blocks()])
    if samplerate and samplerate != source.samplerate:
        try:
            return resample(sound, source.samplerate, samplerate), samplerate
        except StudioError as error:
            raise StudioError(f'{path}: {error}') from error
    return sound, source.samplerate


def cut_blocks(sound: np.ndarray) -> Iterator[np.ndarray]:
    """Yield a sound (frames,) or (frames, channels) in blocks."""
    for start in range(0, len(sound), BLOCK):
        yield sound[start:start + BLOCK]


class SoundSource:
    """An open sound. samplerate, channels; blocks() yields it once, (frames, channels) float32, in constant memory."""

    def __init__(self, path: Path, file: soundfile.SoundFile | None, container: Any = None) -> None:
        self.path, self._file, self._container = path, file, container
        if file is not None:
            self.samplerate, self.channels, self.frames = file.samplerate, file.channels, file.frames
            return
        import av
        stream = container.streams.audio[0]
        self.samplerate, self.channels = stream.rate, stream.codec_context.channels
        seconds = float((stream.duration or 0) * (stream.time_base or 0))
        self._exact = seconds and 'mp4' in container.format.name       # elsewhere it may be a guess
        self.frames = round((seconds or (container.duration or 0) / av.time_base) * stream.rate)    # 0: not told

    def blocks(self, frames: int = BLOCK) -> Iterator[np.ndarray]:
        """Yield it; raise StudioError where it breaks off, holds what is no number, or is empty."""
        begun = 0
        try:
            for block in self._read(frames):
                bad = ~np.isfinite(block).all(1)
                if bad.any():
                    raise StudioError(f'{self.path}: sample {begun + int(bad.argmax())} is no number (NaN or '
                                      'infinite); write it again from its source')
                begun += len(block)
                yield block
        except (soundfile.LibsndfileError, *_ffmpeg_errors(self._container)) as error:
            raise StudioError(f'{self.path}: it breaks off near {begun / self.samplerate:.1f} s: {error}') from error
        if not begun:
            raise StudioError(f'{self.path}: there is no sound in it, 0 frames')

    def _read(self, frames: int) -> Iterator[np.ndarray]:
        if self._file is not None:
            while len(block := self._file.read(frames, 'float32', always_2d=True)):
                yield block
            return
        from av.audio.resampler import AudioResampler
        packed = AudioResampler('flt', rate=self.samplerate)        # of planes PyAV knows eight
        left = self.frames if self._exact else sys.maxsize      # AAC fills its last frame up; that is no sound
        for frame in self._container.decode(audio=0):
            for part in packed.resample(frame):
                block = part.to_ndarray().reshape(-1, part.layout.nb_channels)[:left]
                left -= len(block)
                if len(block):
                    yield block


@contextmanager
def open_sound(path: str | Path) -> Iterator[SoundSource]:
    """Open a sound to be read in blocks; raise StudioError for what is missing or no sound."""
    path = check_file(path)
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, TypeError):      # the latter for .raw, which says nothing of itself
        with _open_movie(path) as container:
            yield SoundSource(path, None, container)
        return
    with file:
        yield SoundSource(path, file)


def _ffmpeg_errors(container: Any) -> tuple[type[Exception], ...]:
    if container is None:
        return ()
    import av
    return (av.FFmpegError,)


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
        for block in cut_blocks(sound):
            file.write(block)


def create_sound(path: str | Path, samplerate: int, channels: int, depth: str = '32') -> soundfile.SoundFile:
    """Return an open file to write blocks to, of BLOCK frames at most."""
    path = check_sound(path)
    form = path.suffix[1:].upper()
    most_channels, most_hz = LIMITS.get(form, (channels, samplerate))
    if channels > most_channels or samplerate > most_hz:
        raise StudioError(f'{path.name}: {channels} channels at {samplerate} Hz are more than a {path.suffix} holds, '
                          f'{most_channels} channels, {most_hz} Hz; use .wav or .w64')
    wanted = (DEPTHS[depth], OTHERS.get(depth, DEPTHS[depth]))
    subtype = next((one for one in wanted if soundfile.check_format(form, one)), soundfile.default_subtype(form))
    try:
        file = soundfile.SoundFile(path, 'w', samplerate, channels, subtype)
    except soundfile.LibsndfileError as error:
        raise StudioError(f'{path}: {channels} channels at {samplerate} Hz cannot be written: '
                          f'{error.error_string}') from error
    # A peak chunk holds the time of day; without it the same sound is the same file.
    soundfile._snd.sf_command(file._file, NO_PEAK_CHUNK, soundfile._ffi.NULL, 0)
    return file


def resample(sound: np.ndarray, before: int, after: int) -> np.ndarray:
    """Return (frames, channels) at another rate (FFmpeg's resampler): as long to the sample, at least one."""
    if before == after or not len(sound):
        return sound
    frames = max(1, round(len(sound) * after / before))
    return np.stack([_resample_channel(channel, before, after)[:frames] for channel in sound.T], 1)


def _resample_channel(sound: np.ndarray, before: int, after: int) -> np.ndarray:
    import av
    from av.audio.resampler import AudioResampler
    padded = np.pad(sound.astype(np.float32), (0, RINGING * (1 + before // after)))
    try:
        resampler = AudioResampler('fltp', 'mono', after)
        parts = []
        for block in cut_blocks(padded):
            frame = av.AudioFrame.from_ndarray(block[None], 'fltp', 'mono')
            frame.rate = before
            parts += resampler.resample(frame)
        return np.concatenate([part.to_ndarray()[0] for part in (*parts, *resampler.resample(None))])
    except (av.FFmpegError, ValueError, OverflowError) as error:
        raise StudioError(f'{before} Hz cannot be brought to {after} Hz: {error}') from error


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
    path = check_picture(path)
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


def check_sound(path: str | Path) -> Path:
    """Return the path of a sound that can be made."""
    path = check_folder(path)
    if path.suffix[1:].upper() not in soundfile.available_formats():
        raise StudioError(f'{path.name}: {path.suffix or "no suffix"} is no kind of sound file; use .wav or .flac')
    return path


def check_picture(path: str | Path) -> Path:
    """Return the path of a picture that can be made."""
    from PIL import Image
    path = check_folder(path)
    if Image.registered_extensions().get(path.suffix.lower()) not in Image.SAVE:
        raise StudioError(f'{path.name}: {path.suffix or "no suffix"} is no kind of picture; use .png or .jpg')
    return path


def check_apart(out: str | Path, *read: str | Path) -> None:
    """Raise StudioError for an output that is one of the files that are read."""
    if Path(out).resolve() in [Path(path).resolve() for path in read]:
        raise StudioError(f'{out}: what is read cannot be written over; give another name')


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a path to write to: it takes the place of `path` when all went well, and is taken away otherwise.

    A StudioError or TakeError that names it names `path` instead.
    """
    part = path.with_name(f'.part-{path.name}')
    try:
        yield part
        part.replace(path)
    except (StudioError, TakeError) as error:
        raise type(error)(str(error).replace(part.name, path.name)) from error
    finally:
        part.unlink(missing_ok=True)
