"""What all rooms' tests share: a private JACK server, and the switch that lets no system program be missing."""
import os
import shutil
import socket
import subprocess
import sys
import time

import pytest
from hypothesis import settings

settings.register_profile('stage', deadline=None)   # a machine may be busy with something else
settings.load_profile('stage')

MISSING = 'system program missing: '


def pytest_addoption(parser):
    parser.addoption('--no-system-skips', action='store_true', help='fail where a system program is missing')


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and item.config.getoption('--no-system-skips') and MISSING in str(report.longrepr):
        report.outcome, report.longrepr = 'failed', str(report.longrepr)
    return report


@pytest.fixture(scope='session', autouse=True)
def states(tmp_path_factory):
    """Keep performances in a folder of the tests', not in the user's."""
    before = os.environ.get('XDG_STATE_HOME')
    os.environ['XDG_STATE_HOME'] = str(tmp_path_factory.mktemp('states'))
    yield
    os.environ.pop('XDG_STATE_HOME') if before is None else os.environ.update(XDG_STATE_HOME=before)


@pytest.fixture(scope='session')
def jack(start_jack, tmp_path_factory):
    """Name of a JACK server of our own: dummy driver, 48 kHz, 64 frames. It is the default server while tests run.

    Names are used again: JACK remembers eight servers, also those that died, until one of the same name starts.
    """
    name = next(name for number in range(100) if not jack_answers(name := f'livetest{number}'))
    environment = {'JACK_DEFAULT_SERVER': name, 'JACK_NO_AUDIO_RESERVATION': '1', 'JACK_NO_START_SERVER': '1'}
    before = {key: os.environ.get(key) for key in environment}
    os.environ.update(environment)
    server = start_jack(name, tmp_path_factory.mktemp('jack') / 'log.txt')
    yield name
    end_portaudio()
    server.terminate()
    server.wait(5)
    for key, value in before.items():
        os.environ.pop(key) if value is None else os.environ.update({key: value})


def end_portaudio():
    """End it where a test has loaded it into this process: at the end of all, with its JACK server gone, it aborts."""
    sounddevice = sys.modules.get('sounddevice')
    while sounddevice and sounddevice._initialized:
        sounddevice._terminate()


@pytest.fixture(scope='session')
def start_jack():
    """A function (name, log file) that starts a JACK server of that name and returns its process."""
    return run_jack


def run_jack(name, log):
    """Start a server, in real time where that is permitted; return its process once it answers."""
    if not shutil.which('jackd'):
        pytest.skip(MISSING + 'jackd')
    for mode in (['-R', '-P', '70'], ['--no-realtime']):
        with log.open('a') as said:
            words = ['jackd', '-n', name, *mode, '-d', 'dummy', '-r', '48000', '-p', '64']
            server = subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT)
        for _ in range(200):
            time.sleep(0.02)
            if server.poll() is not None:
                break
            if jack_answers(name):
                return server
    pytest.fail(f'jackd does not start:\n{log.read_text()}')


def jack_answers(name):
    """Tell whether a JACK server of that name runs; the file of its socket outlives a server that was killed."""
    with socket.socket(socket.AF_UNIX) as knock:
        return knock.connect_ex(f'/dev/shm/jack_{name}_{os.getuid()}_0') == 0
