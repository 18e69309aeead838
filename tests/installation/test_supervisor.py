"""The supervisor with real children: small programs that live, crash, hang and leave."""
import logging
import os
import signal
import socket
import sys
import threading
import time

import pytest

from live.installation import supervisor as room
from live.installation.notify import notify
from live.installation.supervisor import Supervisor, make_log

LIVE = ('import os, signal, sys, time\n'
        'with open(sys.argv[1], "a") as said: print(os.getpid(), *sys.argv[2:], file=said)\n')
BEATING = LIVE + 'for _ in range(600):\n    os.write(1, b"\\x06"); time.sleep(0.05)\n'


class Kept:
    """A supervisor on a thread, and what its children wrote about themselves."""

    def __init__(self, folder, program, hang=1.0):
        self.path = folder / 'said'
        self.lines = []
        log = logging.Logger('kept')
        log.addHandler(self)
        self.one = Supervisor([sys.executable, '-c', program, str(self.path)], hang, log)
        self.thread = threading.Thread(target=lambda: setattr(self, 'code', self.one.run()))
        self.thread.start()

    level = 0

    def handle(self, record):
        self.lines.append(record.getMessage())

    @property
    def children(self):
        """[pid, words after it] of each so far."""
        return [line.split() for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def wait_for(self, truth, seconds=20):
        until = time.monotonic() + seconds
        while not truth(self):
            assert time.monotonic() < until, (self.children, self.lines)
            time.sleep(0.02)

    def leave(self):
        self.one.leave()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def keep(tmp_path):
    kept = []

    def start(program, **options):
        kept.append(Kept(tmp_path, program, **options))
        return kept[-1]
    yield start
    for one in kept:
        one.leave()


def test_intended_end_is_the_end(keep):
    kept = keep(LIVE)
    kept.thread.join(20)
    assert kept.code == 0 and len(kept.children) == 1 and kept.one.restarts == 0


@pytest.mark.parametrize('number', [signal.SIGSEGV, signal.SIGKILL])
def test_crash_is_started_again_and_takes_the_last_state_up(keep, number):
    kept = keep(BEATING)
    kept.wait_for(lambda k: k.children and k.one._lives)
    began = time.monotonic()
    os.kill(int(kept.children[0][0]), number)
    kept.wait_for(lambda k: len(k.children) == 2)
    assert time.monotonic() - began < 5
    assert kept.children[1][1:] == ['--resume'] and kept.children[0][1:] == []
    assert any(number.name in line for line in kept.lines)


def test_hanging_one_is_replaced(keep):
    kept = keep(BEATING)
    kept.wait_for(lambda k: k.one._lives)
    os.kill(int(kept.children[0][0]), signal.SIGSTOP)
    kept.wait_for(lambda k: len(k.children) == 2)
    assert any('no sign of life' in line for line in kept.lines)


def test_who_lives_but_gives_no_sign_is_replaced(keep):
    kept = keep(LIVE + 'os.write(1, b"\\x06"); time.sleep(60)')
    kept.wait_for(lambda k: len(k.children) == 2)


@pytest.mark.parametrize('end', ['', 'sys.exit(3)', 'os.kill(os.getpid(), 11)'])
def test_who_leaves_may_take_its_time_and_is_not_started_again(keep, end):
    kept = keep(LIVE + 'os.write(1, b"\\x06"); os.write(1, b"\\x04"); time.sleep(1.5)\n' + end, hang=0.3)
    kept.thread.join(20)
    assert kept.code == 0 and len(kept.children) == 1 and not any('life' in line for line in kept.lines)


def test_who_cannot_leave_is_ended_and_not_started_again(keep, monkeypatch):
    monkeypatch.setattr(room, 'LEAVE_TIME', 0.5)
    kept = keep(LIVE + 'os.write(1, b"\\x06\\x04"); time.sleep(60)')
    kept.thread.join(20)
    assert kept.code == 0 and len(kept.children) == 1


def test_slow_start_is_no_hang(keep):
    kept = keep(LIVE + 'time.sleep(1.5)\nfor _ in range(9): os.write(1, b"\\x06"); time.sleep(.1)\n', hang=0.5)
    kept.thread.join(20)
    assert kept.code == 0 and len(kept.children) == 1


def test_who_crashes_again_and_again_waits_longer_and_longer(keep, monkeypatch):
    monkeypatch.setattr(room, 'FIRST_WAIT', 0.05)
    kept = keep(LIVE + 'sys.exit(3)')
    kept.one._wait = 0.05
    kept.wait_for(lambda k: k.one.restarts >= 4, 60)
    waits = [float(line.rpartition(' in ')[2].removesuffix(' s')) for line in kept.lines if 'started again' in line]
    assert waits[:4] == [0.05, 0.1, 0.2, 0.4] and any('with code 3' in line for line in kept.lines)


def test_asked_to_leave_it_ends_its_child(keep):
    kept = keep(BEATING)
    kept.wait_for(lambda k: k.one._lives)
    kept.leave()
    assert kept.code == 0 and len(kept.children) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int(kept.children[0][0]), 0)


def test_systemd_hears_of_real_life_alone(keep, tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / 'notify'))
        systemd.settimeout(20)
        monkeypatch.setenv('NOTIFY_SOCKET', str(tmp_path / 'notify'))
        program = 'time.sleep(.3)\nfor _ in range(5): os.write(1, b"\\x06"); time.sleep(.1)\ntime.sleep(60)'
        kept = keep(LIVE + program, hang=2)
        assert systemd.recv(100) == b'READY=1\nWATCHDOG=1'
        kept.wait_for(lambda k: len(k.children) == 2)
        said = []
        while not said or not said[-1].startswith(b'STATUS='):
            said.append(systemd.recv(200))
        assert 1 <= said.count(b'WATCHDOG=1') <= 4 and b'SIGKILL' in said[-1]


def test_notify_is_silent_where_nobody_listens(tmp_path):
    assert not notify('READY=1', {})
    assert not notify('READY=1', {'NOTIFY_SOCKET': str(tmp_path / 'none')})
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(b'\0live-test-notify')
        assert notify('READY=1', {'NOTIFY_SOCKET': '@live-test-notify'}) and systemd.recv(99) == b'READY=1'


def test_words_are_logged_without_the_beats(keep):
    kept = keep(LIVE + 'os.write(1, b"so\\x06und: ja\\n\\x06\\x06half")')
    kept.thread.join(20)
    assert kept.lines == ['sound: ja', 'half']


def test_logs_rotate(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(room, 'LOG_BYTES', 2000)
    monkeypatch.setattr(logging, 'raiseExceptions', True)
    log = make_log(tmp_path / 'logs')
    try:
        for number in range(500):
            log.info(f'line {number}')
    finally:
        for handler in list(log.handlers):
            log.removeHandler(handler)
            handler.close()
    files = sorted(path.name for path in (tmp_path / 'logs').iterdir())
    assert files == ['live.log', *(f'live.log.{n}' for n in range(1, 6))]
    assert 'line 499' in (tmp_path / 'logs' / 'live.log').read_text()


def test_supervisor_is_light():
    import subprocess
    code = 'import sys, live.installation.supervisor\n' \
           'print(*({name.partition(".")[0] for name in sys.modules} & {"numpy", "numba", "torch"}))'
    said = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == ''
