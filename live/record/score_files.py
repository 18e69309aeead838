"""The performance files on disk: one for the whole, from its first line on, and a copy of it beside each take. [any]

In: lines. The whole is there even if nothing was recorded. What was written survives the end of the process, and
after a second that of the machine. A disk that fails ends that file, with a message. One thread at a time.
"""
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from live.record.score import write_line
from live.record.take import TakeError, told

LAST = 'last.live'
MOST_BYTES = 2 ** 30    # of the file of the whole performance: hours of morphs without a rest


class ScoreTake:
    """The performance file beside a take. start: its first sample; message: why it goes no further."""

    def __init__(self, path: Path, file: IO[bytes], start: int) -> None:
        self.path, self.file, self.start, self.message = path, file, start, ''

    def __str__(self) -> str:
        return f'{self.path}: {self.message}' if self.message else f'{self.path}, to render it again'


class ScoreFiles:
    """path: of the file of the whole; say: told what goes wrong."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._say = say
        self._takes: list[ScoreTake] = []
        self._whole: IO[bytes] | None = open_whole(path)
        self._bytes = 0

    def write(self, lines: list[bytes], sync: bool = False) -> None:
        """Write lines to all files; sync: have the disk take what the takes have."""
        data = b''.join(lines)
        for take in tuple(self._takes):
            try:
                take.file.write(data)
                if sync:
                    os.fsync(take.file.fileno())
            except OSError as error:
                self._takes.remove(take)
                self._end(take, error)
                self._say(f'{take}; the file is closed')
        if data and self._whole:
            self._write_whole(data)

    def _write_whole(self, data: bytes) -> None:
        assert self._whole
        try:
            self._whole.write(data)
            self._bytes += len(data)
            trouble = f'it has {MOST_BYTES >> 20} MB' if self._bytes > MOST_BYTES else ''
        except OSError as error:
            trouble = error.strerror or str(error)
        if trouble:
            self._whole.close()
            self._whole = None
            self._say(f'takes begun from now on cannot be rendered again, for the whole is kept no more: {trouble}')

    def begin(self, path: Path, start: int, sample: int) -> ScoreTake:
        """Begin a take that has come to `sample`; raise TakeError."""
        with told(path):
            take = self._copy(path, start)
            take.file.write(write_line(sample, {'take': {'from': start, 'to': None}}))
        self._takes.append(take)
        return take

    def end(self, take: ScoreTake, end: int, sample: int) -> None:
        """End a take before the sample `end`, the performance having come to `sample`."""
        if take in self._takes:
            self._takes.remove(take)
            self._finish(take, end, sample)

    def keep(self, path: Path, start: int, end: int, sample: int) -> ScoreTake:
        """Write the file of a take that lies behind; raise TakeError."""
        with told(path):
            take = self._copy(path, start)
        self._finish(take, end, sample)
        return take

    def close(self, sample: int) -> None:
        """End what runs."""
        for take in tuple(self._takes):
            self.end(take, sample, sample)
        if self._whole:
            self._whole.close()
            self._whole = None

    def _copy(self, path: Path, start: int) -> ScoreTake:
        """Return a file that has all that was written so far."""
        if self._whole is None:
            raise TakeError('the performance cannot be rendered again: its beginning was not kept')
        take = ScoreTake(path, path.open('wb', buffering=0), start)
        self._whole.seek(0)
        try:
            shutil.copyfileobj(self._whole, take.file, 1 << 20)
        except OSError:
            take.file.close()
            raise
        finally:
            self._whole.seek(0, os.SEEK_END)
        return take

    def _finish(self, take: ScoreTake, end: int, sample: int) -> None:
        try:
            take.file.write(write_line(max(sample, end), {'take': {'from': take.start, 'to': end}}))
            os.fsync(take.file.fileno())
            take.file.close()
        except OSError as error:
            self._end(take, error)

    @staticmethod
    def _end(take: ScoreTake, error: OSError) -> None:
        take.message = error.strerror or str(error)
        with suppress(OSError):
            take.file.close()


def open_whole(path: Path) -> IO[bytes]:
    """Return the file of the whole; the one before is kept beside it. Where no folder can be: one without a name."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            path.replace(path.with_name(LAST))
        return path.open('w+b', buffering=0)
    except OSError:
        return tempfile.TemporaryFile(buffering=0)
