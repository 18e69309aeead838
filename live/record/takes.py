"""Recordings begun and ended while the instrument plays, one take at a time; and the last minutes, written when asked.

In: a function that opens Recorders on a path. Out: files named by date and patch, and one sentence each. Nothing
waits: opening, closing and writing happen on threads of their own. Knows nothing of stages.
"""
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from live.record.score import SUFFIX
from live.record.take import MOVIE_SUFFIXES, TakeError

if TYPE_CHECKING:
    from live.record.memory import Memory
    from live.record.recorder import Recorder
    from live.record.score_files import ScoreTake
    from live.record.scribe import Scribe

LEAVE_TIME = 60.0       # seconds that the end of the program waits for minutes being written


class Takes:
    """[any] recorders: of the take that runs. memory: of the last minutes, scribe: writes the performance down, where
    there are such. say: told what became of each."""

    def __init__(self, open_take: Callable[[Path], Sequence['Recorder']], say: Callable[[str], None]) -> None:
        self.recorders: Sequence[Recorder] = ()
        self.memory: Memory | None = None
        self.scribe: Scribe | None = None
        self._score: ScoreTake | None = None
        self._open, self._say = open_take, say
        self._lock = threading.Lock()       # of one take: it is opened or closed
        self._writing: threading.Thread | None = None

    @property
    def recorder(self) -> 'Recorder | None':
        """The one that writes the take, None when it does not, or not any more."""
        return next((recorder for recorder in self.recorders if recorder.running), None)

    def toggle(self, path: Path) -> None:
        """Begin a take at this path, or end the one that runs."""
        threading.Thread(target=self._toggle, args=[path], name='takes', daemon=True).start()

    def begin(self, recorders: Sequence['Recorder']) -> None:
        """Begin a take that has been opened."""
        for recorder in recorders:
            recorder.start()
        self.recorders = recorders
        if self.scribe and recorders:
            self._begin_score(self.scribe, recorders[0])

    def end(self) -> str:
        """Close what runs; return what became of it, '' when nothing ran."""
        with self._lock:
            recorders, self.recorders = self.recorders, ()
            last = recorders[0].sound.ring.written if recorders else 0
            for recorder in recorders:      # all end there, however long it takes to close the first
                recorder.end(last)
            summaries = [str(recorder.stop()) for recorder in recorders]
            if self.scribe and self._score:
                self.scribe.end_take(self._score, recorders[0].start_index + recorders[0].take.frames)
                summaries.append(str(self._score))
                self._score = None
            return f'recorded {"; ".join(summaries)}' if summaries else ''

    def keep(self, path: Path) -> None:
        """Write the last minutes to this path."""
        if self._writing and self._writing.is_alive():
            self._say('the last minutes are being written')
            return
        self._writing = threading.Thread(target=self._keep, args=[path], name='keep', daemon=True)
        self._writing.start()

    def finish(self) -> None:
        """Wait for minutes that are being written."""
        if self._writing:
            self._writing.join(LEAVE_TIME)

    def _begin_score(self, scribe: 'Scribe', recorder: 'Recorder') -> None:
        try:
            self._score = scribe.begin_take(recorder.take.path.with_suffix(SUFFIX), recorder.start_index)
        except TakeError as error:
            self._say(str(error))

    def _toggle(self, path: Path) -> None:
        ran = self.recorder is not None
        told = self.end()       # also of a take that had ended by itself
        if not ran:
            try:
                with self._lock:
                    self.begin(self._open(path))
                told = f'recording {path}'
            except TakeError as error:
                told = str(error)
        self._say(told)

    def _keep(self, path: Path) -> None:
        if self.memory is None:
            self._say('nothing is kept; start with --keep 5 to keep the last 5 minutes')
            return
        self._say(f'writing the last minutes to {path}')
        try:
            self._say(f'kept {self.memory.write(files_of(path), self._keep_score)}')
        except TakeError as error:
            self._say(str(error))

    def _keep_score(self, path: Path, start: int, end: int) -> str:
        if self.scribe is None:
            return ''
        try:
            return f'; {self.scribe.keep(path.with_suffix(SUFFIX), start, end)}'
        except TakeError as error:
            return f'; {error}'


def files_of(path: Path) -> list[Path]:
    """Return the files of a take: a movie has its sound beside it as it was played, 32-bit float in a .w64."""
    return [path, path.with_suffix('.w64')] if path.suffix.lower() in MOVIE_SUFFIXES else [path]


def name_take(patch: str, suffix: str, folder: Path = Path()) -> Path:
    """Return a path that does not exist yet, named by date and patch."""
    stem = f'{time.strftime("%Y-%m-%d %H.%M.%S")} {patch}'.strip()
    path, number = folder / f'{stem}{suffix}', 2
    while path.exists():
        path, number = folder / f'{stem} {number}{suffix}', number + 1
    return path
