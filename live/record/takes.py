"""Recordings begun and ended while the instrument plays, one take at a time; and the last minutes, written when asked.

In: a function that opens Recorders on a path. Out: files named by date and patch, and one sentence each. Nothing
waits: opening, closing and writing happen on threads of their own. What is asked for is done one after the other, in
the order it was asked for, and decided when its turn comes. Knows nothing of stages.
"""
import threading
import time
from collections import deque
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

LEAVE_TIME = 60.0       # seconds that the end of the program waits for what is being written
MOST_ASKED = 8          # begun and ended takes that may wait for a disk


class Takes:
    """[any] recorders: of the take that runs, or has ended by itself. memory: of the last minutes, scribe: writes the
    performance down, where there are such. name: a path for the next take; say: told what became of each."""

    def __init__(self, open_take: Callable[[Path], Sequence['Recorder']], name: Callable[[], Path],
                 say: Callable[[str], None]) -> None:
        self.recorders: Sequence[Recorder] = ()
        self.memory: Memory | None = None
        self.scribe: Scribe | None = None
        self._score: ScoreTake | None = None
        self._open, self._name, self._say = open_take, name, say
        self._lock = threading.Lock()       # of one take: it is opened or closed
        self._asked: deque[Callable[[], str]] = deque()
        self._writing: threading.Thread | None = None

    @property
    def recorder(self) -> 'Recorder | None':
        """The one that writes the take, None when it does not, or not any more."""
        return next((recorder for recorder in self.recorders if recorder.running), None)

    def toggle(self) -> bool:
        """Begin a take, or end the one that runs; False when too much waits for the disk already."""
        return self._ask(lambda: self._close() if self.recorder else self._begin_next())

    def start(self) -> bool:
        """Begin a take where none runs. Whoever cannot see whether one does asks so, and not by `toggle`."""
        return self._ask(lambda: '' if self.recorder else self._begin_next())

    def stop(self) -> bool:
        """End the take where one runs."""
        return self._ask(self._close)

    def fell(self, sentence: str) -> None:
        """[record] A file has ended by itself: tell it; with the last of them the take is over."""
        self._say(sentence)
        if self.recorder is None:
            self._ask(lambda: '' if self.recorder else self._end_score())

    def begin(self, recorders: Sequence['Recorder']) -> None:
        """Begin a take that has been opened."""
        for recorder in recorders:
            recorder.start()
        self.recorders = recorders
        if self.scribe and recorders:
            self._begin_score(self.scribe, recorders[0])

    def end(self) -> str:
        """Close what runs; return what became of it, '' when nothing ran."""
        if not self._lock.acquire(timeout=LEAVE_TIME):
            return 'the disk does not answer; the take is left as it is'
        try:
            return self._close()
        finally:
            self._lock.release()

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

    def _ask(self, work: Callable[[], str]) -> bool:
        """Have something done when all before it is done, and what it returns told."""
        if len(self._asked) >= MOST_ASKED:
            self._say('the disk has not done yet what was asked of it')
            return False
        self._asked.append(work)
        threading.Thread(target=self._do_next, name='takes', daemon=True).start()
        return True

    def _do_next(self) -> None:
        with self._lock:
            told = self._asked.popleft()()      # not what this thread was made for: what has waited longest
        if told:
            self._say(told)

    def _begin_next(self) -> str:
        self._close()       # one that has ended by itself
        try:
            path = self._name()
            self.begin(self._open(path))
            return f'recording {path}'
        except TakeError as error:
            return str(error)

    def _close(self) -> str:
        recorders = self.recorders
        last = recorders[0].sound.ring.written if recorders else 0
        for recorder in recorders:      # all end there, however long it takes to close the first
            recorder.end(last)
        summaries = [str(recorder.stop()) for recorder in recorders]
        summaries += [score] if (score := self._end_score()) else []
        self.recorders = ()
        return f'recorded {"; ".join(summaries)}' if summaries else ''

    def _begin_score(self, scribe: 'Scribe', recorder: 'Recorder') -> None:
        try:
            self._score = scribe.begin_take(recorder.take.path.with_suffix(SUFFIX), recorder.start_index)
        except TakeError as error:
            self._say(str(error))

    def _end_score(self) -> str:
        """Close the performance file of a take that is over; return what became of it."""
        score, self._score = self._score, None
        if score is None or self.scribe is None:
            return ''
        try:
            self.scribe.end_take(score, max(each.start_index + each.take.frames for each in self.recorders))
        except TakeError as error:
            return str(error)
        return str(score)

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
