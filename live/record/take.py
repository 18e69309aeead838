"""One recording on disk, sound alone or with pictures, kept on the sample clock.

    .wav .w64   32-bit float (over 3 hours: .w64). Cut off, it misses what has not been written.
    .mp4 .mkv   H.264 yuv420p and AAC 192 kb/s; plays in QuickTime. Cut off, it misses a second.
    .flac       24 bit, smaller. Cut off, few programs read it.

In: blocks of stereo sound; pictures, or Shots encoded elsewhere, with the index of the sample at which they appear.
Any one thread writes. Knows nothing of where they come from. Raises TakeError, one sentence, for all that can go wrong.
"""
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

if TYPE_CHECKING:
    from live.record.encoder import PictureEncoder, Shot

SOUND_FORMATS = {'.wav': ('WAV', 'FLOAT'), '.w64': ('W64', 'FLOAT'), '.flac': ('FLAC', 'PCM_24')}
MOVIE_SUFFIXES = ('.mp4', '.mkv')
AUDIO_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)   # what AAC knows
LONGEST_WAV = (1 << 32) // 8 - 4096     # stereo float frames: its sizes are 32-bit numbers
NO_PEAK_CHUNK, KEEP_HEADER = 0x1050, 0x1061     # SFC_SET_ADD_PEAK_CHUNK, SFC_SET_UPDATE_HEADER_AUTO of libsndfile


class TakeError(OSError):
    """A recording that cannot be made, or not any longer."""


class Take:
    """A recording. size: (width, height) of its pictures, needed by .mp4 and .mkv only when there are any.

    fps: pictures to expect per second; they may come at any time. encoder: instead of both, whose Shots it will be
    given. frames, pictures: written so far.
    """

    def __init__(self, path: str | Path, samplerate: int, size: tuple[int, int] | None = None,
                 fps: float | None = None, encoder: 'PictureEncoder | None' = None) -> None:
        was_there = Path(path).exists()
        self.path, self.samplerate, self.encoder = check_path(path), samplerate, encoder
        self.frames = 0
        try:
            with told(self.path):
                self._writer = self._open(size, fps)
                self._file = os.open(self.path, os.O_RDWR)
        except TakeError:
            if not was_there:       # nothing is left of a take that never began
                self.path.unlink(missing_ok=True)
            raise

    def _open(self, size, fps):
        suffix = self.path.suffix.lower()
        if suffix in SOUND_FORMATS:
            return SoundWriter(self.path, self.samplerate, *SOUND_FORMATS[suffix])
        from live.record.encoder import PictureEncoder      # FFmpeg's libraries take a while to load
        from live.record.movie import MovieWriter
        self.encoder = self.encoder or (PictureEncoder(size, fps or 30, self.samplerate) if size else None)
        return MovieWriter(self.path, self.samplerate, self.encoder)

    @property
    def pictures(self) -> int:
        return self._writer.pictures

    def write_sound(self, block: np.ndarray) -> None:
        """Write sound (n, 2) float32 that follows what was written before."""
        with told(self.path):
            self._writer.write_sound(block)
        self.frames += len(block)

    def write_picture(self, pixels: np.ndarray, sample_index: int) -> None:
        """Write a picture (height, width, 4) uint8 RGBA, seen from this sample of the take on.

        The first one is seen from the beginning; one that is not later than the one before is left out, as are all in
        a file for sound alone.
        """
        with told(self.path):
            shot = self.encoder.encode(pixels, sample_index) if self.encoder else None
            if shot:
                self._writer.write_shot(shot)

    def write_shot(self, shot: 'Shot') -> None:
        """Write a picture that is encoded already; the first one must be a key."""
        with told(self.path):
            self._writer.write_shot(shot)

    def check(self) -> None:
        """Have the disk take what is written so far, and see that the file is still there."""
        with told(self.path):
            os.fsync(self._file)
            if not (self.path.exists() and os.path.samestat(self.path.stat(), os.fstat(self._file))):
                raise OSError('it is no longer there; its folder or its disk was taken away')

    def close(self) -> None:
        """Finish the file. The last picture lasts as long as the sound; where there was none it is black."""
        with told(self.path):
            try:
                self._writer.close()
            finally:
                os.close(self._file)

    def discard(self) -> None:
        """Close the file and remove it: nothing was written that anyone wants."""
        with suppress(OSError):
            self.close()
        with suppress(OSError):
            self.path.unlink()


class SoundWriter:
    """A file for sound alone; pictures are left out."""
    pictures = 0

    def __init__(self, path: Path, samplerate: int, form: str, subtype: str) -> None:
        self._file = soundfile.SoundFile(path, 'w', samplerate, 2, subtype, format=form)
        self._limit = LONGEST_WAV if form == 'WAV' else None
        self._clips = subtype.startswith('PCM')
        # A peak chunk holds the time of day; without it the same sound is the same file.
        soundfile._snd.sf_command(self._file._file, NO_PEAK_CHUNK, soundfile._ffi.NULL, 0)
        soundfile._snd.sf_command(self._file._file, KEEP_HEADER, soundfile._ffi.NULL, 1)    # true if it is cut off

    def write_sound(self, block: np.ndarray) -> None:
        if self._limit and self._file.tell() + len(block) > self._limit:
            raise TakeError('a .wav file holds no more; record to .w64 or .flac')
        self._file.write(np.clip(block, -1, 1) if self._clips else block)

    def write_shot(self, shot: 'Shot') -> None:
        pass

    def close(self) -> None:
        self._file.close()


def check_path(path: str | Path) -> Path:
    """Return a path that a take can be written to; raise TakeError that says what is allowed."""
    path = Path(path)
    if path.suffix.lower() not in (*SOUND_FORMATS, *MOVIE_SUFFIXES):
        allowed = ', '.join((*SOUND_FORMATS, *MOVIE_SUFFIXES))
        raise TakeError(f'{path.name}: {path.suffix or "no suffix"} is not a kind of recording; use one of {allowed}')
    if not path.parent.is_dir():
        raise TakeError(f'{path}: there is no folder {path.parent}; make it first')
    with told(path):
        path.open('ab').close()
    return path


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn what the libraries raise into a TakeError that names the file."""
    try:
        yield
    except Exception as error:      # a full disk is an OSError, a RuntimeError or an AssertionError, by library
        reason = getattr(error, 'strerror', None) or str(error) or 'the disk did not take all of it'
        raise TakeError(f'{path}: {reason.rstrip(".").replace("System error", "the disk is full or gone")}') from error
