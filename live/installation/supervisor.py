"""The supervisor: a small parent that starts the instrument, and starts it again when it has crashed or hangs.

    python -m live.installation.supervisor HANG LOGS WORD ...      of `live play`

Exit code 0 is an intended end: it ends too. Anything else, a signal, or no sign of life for HANG seconds is a failure:
the instrument is replaced and takes up the last state (`--resume`), at once the first time, more slowly if it fails
again within a minute. Signs of life are BEATs in what it prints, given while its callback and window go on;
they alone become WATCHDOG=1 for systemd. LEAVING there says that it ends as intended: then it has LEAVE_TIME to close,
and is not started again, however it ends. All else it prints goes to the terminal and into logs that rotate.
Standard library only: it is what must not fail.
"""
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path

from live.installation.notify import notify

BEAT, LEAVING = b'\x06', b'\x04'     # ASCII's acknowledge, end of transmission: no text has them
LOG_BYTES, LOGS = 10_000_000, 5
START_TIME = 900.0          # seconds to the first sign of life: the first start compiles
LEAVE_TIME = 150.0          # seconds to an intended end: a take and kept minutes have 60 each to be written
SHORT_LIFE = 60.0           # seconds: who fails sooner waits longer
FIRST_WAIT, LAST_WAIT = 0.2, 60.0
LOOK = 0.1


class Supervisor:
    """Runs a command. restarts: how often it was started again."""

    def __init__(self, command: Sequence[str], hang: float, log: logging.Logger) -> None:
        self.command, self.hang, self._log = list(command), hang, log
        self.restarts = 0
        self._wait = FIRST_WAIT
        self._leaving = threading.Event()
        self._beat = 0.0                # when the last one came
        self._lives = self._leaves = False

    def leave(self, number: int = 0, frame: object = None) -> None:
        """[any] End it, and then this; a signal handler."""
        self._leaving.set()

    def run(self) -> int:
        """[main] Return the exit code once the end was intended."""
        again: list[str] = []
        while True:
            began = time.monotonic()
            ended = self._live([*self.command, *again])
            if ended == 0 or self._leaves or self._leaving.is_set():
                notify('STOPPING=1')
                return 0
            again = ['--resume'] if '--resume' not in self.command else []
            self._pause(ended, time.monotonic() - began)
            if self._leaving.is_set():
                return 0
            self.restarts += 1

    def _live(self, command: list[str]) -> int:
        """Run it to its end; return its exit code, negative for a signal."""
        self._beat, self._lives, self._leaves = time.monotonic(), False, False
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                   env={**os.environ, 'PYTHONFAULTHANDLER': '1', 'PYTHONUNBUFFERED': '1',
                                        'LIVE_RESTARTS': str(self.restarts)})
        listener = threading.Thread(target=self._listen, args=[process], daemon=True)
        listener.start()
        while process.poll() is None:
            if self._leaving.wait(LOOK):
                self._end(process)
            elif time.monotonic() - self._beat > self._patience:
                self._log.error(f'no sign of life for {time.monotonic() - self._beat:.0f} s: it is ended')
                process.kill()
                process.wait()
        listener.join(2)
        return process.returncode

    @property
    def _patience(self) -> float:
        """Seconds without a sign of life that are no hang yet."""
        return LEAVE_TIME if self._leaves else self.hang if self._lives else START_TIME

    def _end(self, process: subprocess.Popen) -> None:
        process.terminate()
        try:
            process.wait(LEAVE_TIME)
        except subprocess.TimeoutExpired:
            self._log.error(f'it does not end in {LEAVE_TIME:g} s: it is killed')
            process.kill()
            process.wait()

    def _listen(self, process: subprocess.Popen) -> None:
        """[listener] Part signs of life from words."""
        assert process.stdout
        rest = b''
        while data := os.read(process.stdout.fileno(), 65536):
            if BEAT in data:
                self._live_on()
            if LEAVING in data:
                self._beat, self._leaves = time.monotonic(), True
            *lines, rest = (rest + data.translate(None, BEAT + LEAVING)).split(b'\n')
            for line in lines:
                self._log.info(line.decode('utf-8', 'replace'))
        if rest:
            self._log.info(rest.decode('utf-8', 'replace'))
        process.stdout.close()

    def _live_on(self) -> None:
        self._beat = time.monotonic()
        notify('WATCHDOG=1' if self._lives else 'READY=1\nWATCHDOG=1')
        self._lives = True

    def _pause(self, ended: int, lived: float) -> None:
        """Tell how it ended, and wait, the longer the more often it fails soon."""
        self._wait = FIRST_WAIT if lived > SHORT_LIFE else self._wait
        how = f'by {signal.Signals(-ended).name}' if ended < 0 else f'with code {ended}'
        self._log.error(f'it ended {how} after {lived:.0f} s; it is started again in {self._wait:g} s')
        notify(f'STATUS=started again {self.restarts + 1} times; it ended {how}')
        self._leaving.wait(self._wait)
        self._wait = min(LAST_WAIT, 2 * self._wait)


def make_log(folder: Path) -> logging.Logger:
    """Return a log to the terminal, and to files that rotate where the folder can be written."""
    log = logging.getLogger('live')
    log.setLevel(logging.INFO)
    log.addHandler(logging.StreamHandler(sys.stdout))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(folder / 'live.log', maxBytes=LOG_BYTES, backupCount=LOGS, encoding='utf-8')
        file.setFormatter(logging.Formatter('%(asctime)s %(message)s'))
        log.addHandler(file)
    except OSError as error:
        log.error(f'logs cannot be kept in {folder}: {error.strerror}')
    logging.raiseExceptions = False     # a full disk loses lines, nothing else
    return log


def main(words: Sequence[str]) -> int:
    """[main] HANG LOGS WORD ..."""
    hang, folder, *rest = words
    command = [sys.executable, '-m', 'live', 'play', *rest, '--supervised']
    supervisor = Supervisor(command, float(hang), make_log(Path(folder)))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.leave)
    return supervisor.run()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
