"""One recording on disk, sound alone or with pictures, kept on the sample clock.

    .wav .w64   32-bit float (over 3 hours: .w64)         .flac   24 bit
    .mp4 .mkv   H.264 yuv420p and AAC 192 kb/s; plays in QuickTime. A recording that is cut off stays readable.

In: blocks of stereo sound, pictures with the index of the sample at which they appear. Any one thread writes. Knows
nothing of where they come from. Raises TakeError, one sentence, for all that can go wrong.
"""
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

SOUND_FORMATS = {'.wav': ('WAV', 'FLOAT'), '.w64': ('W64', 'FLOAT'), '.flac': ('FLAC', 'PCM_24')}
MOVIE_SUFFIXES = ('.mp4', '.mkv')
LONGEST_WAV = (1 << 32) // 8 - 4096     # stereo float frames: its sizes are 32-bit numbers
NO_PEAK_CHUNK = 0x1050                  # SFC_SET_ADD_PEAK_CHUNK of libsndfile


class TakeError(OSError):
    """A recording that cannot be made, or not any longer."""


class Take:
    """A recording. size: (width, height) of its pictures, needed by .mp4 and .mkv only when there are any.

    fps: pictures to expect per second; they may come at any time. frames, pictures: written so far.
    """

    def __init__(self, path: str | Path, samplerate: int, size: tuple[int, int] | None = None,
                 fps: float | None = None) -> None:
        self.path, self.samplerate = check_path(path), samplerate
        self.frames = 0
        with told(self.path):
            self._writer = self._open(size, fps)

    def _open(self, size, fps):
        suffix = self.path.suffix.lower()
        if suffix in SOUND_FORMATS:
            return SoundWriter(self.path, self.samplerate, *SOUND_FORMATS[suffix])
        from live.record.movie import MovieWriter       # FFmpeg's libraries take a while to load
        return MovieWriter(self.path, self.samplerate, size, fps or 30)

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
            self._writer.write_picture(pixels, sample_index)

    def fill_up(self) -> None:
        """Write the last picture once more, or black where there was none, to last as long as the sound so far."""
        with told(self.path):
            self._writer.fill_up()

    def close(self) -> None:
        """Finish the file, filled up."""
        with told(self.path):
            self._writer.close()


class SoundWriter:
    """A file for sound alone; pictures are left out."""
    pictures = 0

    def __init__(self, path: Path, samplerate: int, form: str, subtype: str) -> None:
        self._file = soundfile.SoundFile(path, 'w', samplerate, 2, subtype, format=form)
        self._limit = LONGEST_WAV if form == 'WAV' else None
        self._clips = subtype.startswith('PCM')
        # A peak chunk holds the time of day; without it the same sound is the same file.
        soundfile._snd.sf_command(self._file._file, NO_PEAK_CHUNK, soundfile._ffi.NULL, 0)

    def write_sound(self, block: np.ndarray) -> None:
        if self._limit and self._file.tell() + len(block) > self._limit:
            raise TakeError('a .wav file holds no more; record to .w64 or .flac')
        self._file.write(np.clip(block, -1, 1) if self._clips else block)

    def write_picture(self, pixels: np.ndarray, sample_index: int) -> None:
        pass

    def fill_up(self) -> None:
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
