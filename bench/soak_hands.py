"""What soak.py breaks things with: a JACK server, a MIDI device, a disk that is small, a flood of OSC."""
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from pythonosc.osc_message_builder import OscMessageBuilder

DEVICE = '''
import sys, rtmidi
port = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=sys.argv[1])
port.open_virtual_port('port')
print('plugged', flush=True)
for line in sys.stdin:
    port.send_message(bytes.fromhex(line))
'''


class Server:
    """A JACK server on its dummy driver, in real time where that is granted."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        for mode in (['-R', '-P', '70'], ['--no-realtime']):
            words = ['jackd', '-n', self.name, *mode, '-d', 'dummy', '-r', '48000', '-p', '256']
            self._process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for _ in range(100):
                time.sleep(0.05)
                if self._process.poll() is not None:
                    break
                if self._answers():
                    return
        sys.exit('jackd does not start (it remembers eight names of servers, also of those that died)')

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as knock:
            return knock.connect_ex(f'/dev/shm/jack_{self.name}_{os.getuid()}_0') == 0

    def stop(self, number: int = signal.SIGTERM) -> None:
        self._process.send_signal(number)
        self._process.wait()


class Knob:
    """A MIDI device on a server, in a process of its own. Its name is not the server's: libjack would mix them up."""
    name = 'Soak'

    def __init__(self, server: str) -> None:
        self._server = server
        self._process: subprocess.Popen | None = None
        self._value = 0

    def plug(self) -> None:
        environment = {**os.environ, 'JACK_DEFAULT_SERVER': self._server}
        self._process = subprocess.Popen([sys.executable, '-c', DEVICE, self.name], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        assert self._process.stdout
        self._process.stdout.readline()

    def turn(self) -> None:
        """Turn knob 1 a little."""
        self._value = (self._value + 4) % 128
        if self._process and self._process.stdin:
            with contextlib.suppress(OSError):
                self._process.stdin.write(f'b001{self._value:02x}\n')
                self._process.stdin.flush()

    def unplug(self) -> None:
        if self._process:
            self._process.kill()
            with contextlib.suppress(OSError):
                self._process.communicate()
            self._process = None


class DiskOf:
    """A folder on a disk of its own, a tmpfs, where we may mount one. small: whether it is; reason: why it is not."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        folder.mkdir()
        words = ['mount', '-t', 'tmpfs', '-o', f'size={megabytes}m', 'tmpfs', str(folder)]
        done = subprocess.run(words, capture_output=True, text=True)
        self.small = done.returncode == 0
        self.reason = '' if self.small else f'no small disk can be mounted ({done.stderr.strip()}); run it as root'

    def clear(self) -> None:
        for path in self.folder.iterdir():
            path.unlink()

    def release(self) -> None:
        if self.small:
            subprocess.run(['umount', '-l', str(self.folder)], capture_output=True)


def message(address: str, *values) -> bytes:
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build().dgram


def speak(port: int, address: str, *values) -> None:
    """Send one OSC message."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(message(address, *values), ('127.0.0.1', port))


def flood(port: int, count: int, chance: random.Random) -> None:
    """Send so many at once: nine of ten messages, of ten one garbage."""
    good = [message('/drone/drift_cents', chance.uniform(0, 50)) for _ in range(9)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(count):
            data = chance.randbytes(chance.randrange(1, 400)) if number % 10 == 0 else good[number % 9]
            with contextlib.suppress(OSError):
                sender.sendto(data, ('127.0.0.1', port))
