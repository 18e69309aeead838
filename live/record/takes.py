"""Recordings begun and ended while the instrument plays: one button, one take at a time.

In: a function that opens a Recorder on a path. Out: files named by date and patch, and one sentence each. Nothing
waits: opening and closing happen on a thread of their own. Knows nothing of stages.
"""
import threading
import time
from collections.abc import Callable
from pathlib import Path

from live.record.recorder import Recorder
from live.record.take import TakeError


class Takes:
    """[any] recorder: the take that runs, or None. say: told what became of each."""

    def __init__(self, open_take: Callable[[Path], Recorder], say: Callable[[str], None]) -> None:
        self.recorder: Recorder | None = None
        self._open, self._say = open_take, say
        self._lock = threading.Lock()       # of one take: it is opened or closed

    def toggle(self, path: Path) -> None:
        """Begin a take at this path, or end the one that runs."""
        threading.Thread(target=self._toggle, args=[path], name='takes', daemon=True).start()

    def begin(self, recorder: Recorder) -> None:
        """Begin a take that has been opened."""
        recorder.start()
        self.recorder = recorder

    def end(self) -> str:
        """Close what runs; return what became of it, '' when nothing ran."""
        with self._lock:
            recorder, self.recorder = self.recorder, None
            return f'recorded {recorder.stop()}' if recorder else ''

    def _toggle(self, path: Path) -> None:
        told = self.end()
        if not told:
            try:
                with self._lock:
                    self.begin(self._open(path))
                told = f'recording {path}'
            except TakeError as error:
                told = str(error)
        self._say(told)


def name_take(patch: str, suffix: str, folder: Path = Path()) -> Path:
    """Return a path that does not exist yet, named by date and patch."""
    stem = f'{time.strftime("%Y-%m-%d %H.%M.%S")} {patch}'.strip()
    path, number = folder / f'{stem}{suffix}', 2
    while path.exists():
        path, number = folder / f'{stem} {number}{suffix}', number + 1
    return path
