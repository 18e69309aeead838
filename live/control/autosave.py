"""The performance kept on disk while it lasts, so that a crash costs seconds. Its own thread: disks make one wait.

    performance.json    what is going on, rewritten when something has changed, whole or not at all; 'clean' at its end
    crashed.json        what was going on when a performance ended without an end: `--resume` takes it up

In: a Desk. Out: the files, in the user's folder for states. Two performances at once: only the first is kept.
"""
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

from live.control.performance_file import StateError, dump_state, restore_state

if TYPE_CHECKING:
    from live.control.desk import Desk

PERIOD = 3.0            # seconds between two looks at whether something has changed
NAME, CRASHED, LOCK = 'performance.json', 'crashed.json', 'lock'


def state_folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Return where states of the instrument are kept; XDG_STATE_HOME counts everywhere."""
    home = Path.home()
    if told := environment.get('XDG_STATE_HOME'):
        base = Path(told)
    elif platform == 'darwin':
        base = home / 'Library' / 'Application Support'
    elif platform == 'win32':
        base = Path(environment.get('LOCALAPPDATA', home / 'AppData' / 'Local'))
    else:
        base = home / '.local' / 'state'
    return base / 'live'


class Autosave:
    """Keeps one performance. say: is told of what goes wrong, and of what can be resumed."""

    def __init__(self, desk: 'Desk', folder: Path | None = None, say: Callable[[str], None] = print) -> None:
        self.desk, self.folder, self._say = desk, folder or state_folder(), say
        self.saves = 0
        self._saved = ''
        self._troubled = False
        self._resumed = False           # crashed.json is in what is played; it goes when that is saved
        self._lock: IO | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name='autosave', daemon=True)

    def begin(self, resume: bool = False) -> bool:
        """[main] Take up the last performance, or tell that it is there, and keep this one from now on.

        False when resume was asked for and there is nothing.
        """
        found = self._open() and self._find(resume)
        if self._lock:
            self._thread.start()
        return bool(found) or not resume

    def end(self) -> None:
        """[main] Save for the last time, as ended in order."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(5)
            self.save(clean=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def _open(self) -> bool:
        """Be the one performance that is kept."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = (self.folder / LOCK).open('w')
            take_lock(self._lock)
        except OSError as error:
            self._say(f'this performance is not kept: {self.folder}: {error.strerror or "another one is going on"}')
            if self._lock:
                self._lock.close()
            self._lock = None
        return self._lock is not None

    def _find(self, resume: bool) -> bool:
        last, crashed = self.folder / NAME, self.folder / CRASHED
        state = self._read(last)
        if state and not state['clean']:
            last.replace(crashed)
        crash = self._read(crashed)
        if not resume:
            if crash:
                self._say(f'the performance of {crash["time"]} ended without an end; live play --resume takes it up')
            return False
        taken = crash or state
        if taken is None:
            self._say('there is no performance to resume')
            return False
        self._resumed = crash is not None
        return self._restore(taken)

    def _read(self, path: Path) -> dict | None:
        """Return a state, or None where there is none; one that is damaged is told and put aside."""
        try:
            state = json.loads(path.read_text(encoding='utf-8'))
            return {'clean': bool(state['clean']), 'time': str(state['time']), 'state': state['state']}
        except FileNotFoundError:
            return None
        except OSError as error:
            self._say(f'{path} cannot be read: {error.strerror}')
        except (ValueError, KeyError, TypeError, RecursionError):
            self._put_aside(path)
        return None

    def _put_aside(self, path: Path) -> None:
        self._say(f'{path} is damaged and is not used; it is kept as {path.name}.damaged')
        path.replace(path.with_name(f'{path.name}.damaged'))

    def _restore(self, found: dict) -> bool:
        try:
            troubles = restore_state(self.desk, json.dumps(found['state']))
        except StateError:
            self._put_aside(self.folder / (CRASHED if self._resumed else NAME))
            return False
        for trouble in troubles:
            self._say(trouble)
        self._say(f'resumed the performance of {found["time"]}')
        return True

    def _run(self) -> None:
        while not self._ended.wait(PERIOD):
            self.save()

    def save(self, clean: bool = False) -> bool:
        """[autosave] Write the state if it has changed; False when it has not, or could not be written."""
        state = dump_state(self.desk)
        if state == self._saved and not clean:
            return False
        when = time.strftime('%Y-%m-%d %H:%M')
        try:
            write_whole(self.folder / NAME,
                        f'{{"clean": {str(clean).lower()}, "time": "{when}", "state": {state}}}')
            if self._resumed:
                self._resumed = False
                (self.folder / CRASHED).unlink(missing_ok=True)
        except OSError as error:
            if not self._troubled:
                self._say(f'the performance cannot be kept: {error.strerror}')
            self._troubled = True
            return False
        self._saved, self._troubled = state, False
        self.saves += 1
        return True


def write_whole(path: Path, text: str) -> None:
    """Replace a file so that after a crash, of the machine too, the old or the new one is there, whole."""
    beside = path.with_name(f'.{path.name}.{os.getpid()}')
    try:
        with beside.open('w', encoding='utf-8') as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())     # else a power cut may leave an empty file under the new name
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def take_lock(file: IO) -> None:
    """Lock a file until it is closed or this process ends, however it ends; raise OSError when another has it."""
    if sys.platform == 'win32':
        import msvcrt
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
