"""The real program as an installation: killed, stopped, left; how it begins and ends; and what it tells monitors."""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from pythonosc.udp_client import SimpleUDPClient

from live.control.desk import Desk
from live.installation.file import Installation
from live.installed import Installed
from live.params import Board
from live.signals import EVENT
from live.wires import Latest, Ring

ROOT = Path(__file__).resolve().parents[2]
FILE = '''
[play]
patch = 'wind'
audio = 'clock'
display = 'offscreen'
model = 'off'
size = [160, 90]
fullscreen = false
osc_port = {osc}
panel = {panel}
[hours]
fade = 0
gain_db = -6
[care]
hang = 4
'''


@pytest.fixture
def instrument():
    """An instrument that has a desk alone, and a supervisor."""
    desk = Desk(Board(), Ring.make(64, EVENT), Latest(('', '')))
    return SimpleNamespace(sound=SimpleNamespace(desk=desk), mode='none', settings=SimpleNamespace(supervised=True))


@pytest.mark.parametrize('said, level', [(Installation(), -60), (None, -9)])
def test_a_house_begins_silent_and_dark(instrument, said, level):
    instrument.sound.desk.set('stage.gain_db', -9)
    Installed(instrument, said)
    assert instrument.sound.desk.board['stage.gain_db'] == level
    assert instrument.sound.desk.board['stage.blackout'] == (said is not None)


def test_a_house_whose_picture_cannot_be_had_lives_and_is_ill(instrument):
    instrument.mode, instrument.vision, instrument.dream = 'offscreen', None, None
    instrument.sound.arena = SimpleNamespace(stats={'callbacks': 7})
    instrument.sound.stream = SimpleNamespace(lost=False)
    house = Installed(instrument, Installation())
    assert house.vitals.look()
    instrument.sound.arena.stats['callbacks'] = 8
    assert house.vitals.look() and house.health()['ill'] == ['picture']


@pytest.mark.parametrize('fails, told', [(False, '\x04'), (True, '')])
def test_supervisor_is_told_of_an_intended_end_alone(instrument, capfd, fails, told):
    with suppress(ZeroDivisionError):
        try:
            assert not fails or 1 / 0
        finally:
            Installed(instrument, None).stop()
    assert capfd.readouterr().out == told


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class House:
    """`live play --installation FILE`, and those who look after it."""

    def __init__(self, folder):
        self.osc, self.panel = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        self.folder, path = folder, folder / 'house.toml'
        path.write_text(FILE.format(osc=self.osc, panel=self.panel))
        self.systemd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.systemd.bind(str(folder / 'notify'))
        self.systemd.settimeout(60)
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'live', 'play', '--installation', str(path),
             '--status-json', str(folder / 'status')], cwd=ROOT, stdout=subprocess.DEVNULL,
            env={**os.environ, 'XDG_STATE_HOME': str(folder), 'NOTIFY_SOCKET': str(folder / 'notify')})

    @property
    def status(self):
        return json.loads((self.folder / 'status').read_text())

    @property
    def child(self):
        """Process id of the instrument."""
        told = Path(f'/proc/{self.process.pid}/task/{self.process.pid}/children').read_text().split()
        return int(told[0]) if told else 0

    def ask(self, path):
        try:
            with urllib.request.urlopen(f'http://127.0.0.1:{self.panel}{path}', timeout=3) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ''

    def wait_for(self, truth, seconds=60):
        until = time.monotonic() + seconds
        while not truth():
            assert time.monotonic() < until and self.process.poll() is None, self.log
            time.sleep(0.1)

    @property
    def log(self):
        return (self.folder / 'live' / 'logs' / 'live.log').read_text()

    @property
    def kept(self):
        path = self.folder / 'live' / 'performance.json'
        return path.read_text() if path.exists() else ''

    def turn(self, value):
        """Turn a knob, and wait until that is kept on disk."""
        client = SimpleUDPClient('127.0.0.1', self.osc)
        client.send_message('/drone/drift_cents', value)
        client.close()
        self.wait_for(lambda: f'"drone.drift_cents": {value}' in self.kept)


@pytest.fixture(scope='module')
def house(tmp_path_factory):
    if not Path('/proc/self/task').exists():
        pytest.skip('without /proc the child is not found')
    one = House(tmp_path_factory.mktemp('house'))
    one.wait_for(lambda: one.ask('/health')[0] == 200 and (one.folder / 'status').exists(), 240)
    yield one
    if one.process.poll() is None:
        one.process.terminate()
        one.process.wait(40)
    one.systemd.close()


def test_systemd_is_told_that_it_lives(house):
    assert house.systemd.recv(200) == b'READY=1\nWATCHDOG=1'
    assert house.systemd.recv(200) == b'WATCHDOG=1'


def test_file_is_what_plays(house):
    house.wait_for(lambda: house.status['params']['stage.gain_db'] == -6)
    assert house.status['patch'] == 'wind' and house.status['display']['backend'] == 'offscreen'


def test_metrics_are_those_of_the_counters(house):
    house.wait_for(lambda: house.status['display']['frames'] > 10 and house.status['sound']['frames'] > 48000)
    text = house.ask('/metrics')[1]
    values = dict(line.split() for line in text.splitlines() if not line.startswith('#'))
    assert all(re.fullmatch(r'live_[a-z_]+', name) for name in values)
    assert float(values['live_ok']) == 1 and float(values['live_window_frames_total']) > 10
    assert float(values['live_sound_frames_total']) > 48000 and float(values['live_memory_bytes']) > 1e7


@pytest.mark.parametrize('number, words', [(signal.SIGKILL, 'SIGKILL'), (signal.SIGSEGV, 'SIGSEGV'),
                                           (signal.SIGSTOP, 'no sign of life')])
def test_crash_and_hang_are_replaced_with_the_last_state(house, number, words):
    house.wait_for(lambda: house.ask('/health')[0] == 200)
    value, before = 10.0 + number, house.child
    house.turn(value)
    os.kill(before, number)
    began = time.monotonic()
    house.wait_for(lambda: house.child not in (0, before), 20)
    assert time.monotonic() - began < 5 + 5 * (number == signal.SIGSTOP)
    house.wait_for(lambda: house.ask('/health')[0] == 200)
    house.wait_for(lambda: house.status['params']['drone.drift_cents'] == value)
    assert words in house.log and 'resumed the performance' in house.log
    assert json.loads(house.ask('/health')[1])['restarts'] >= 1


def test_asked_to_it_leaves_for_good(house):
    house.process.terminate()
    assert house.process.wait(40) == 0
