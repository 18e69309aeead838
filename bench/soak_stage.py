"""The instrument as soak.py has it play: a process of its own, with a server, a MIDI device, a disk, shaders.

Looks at it from outside alone: its status file, its page, its memory. What is broken on it: soak_faults.py.
"""
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from common import resident
from soak_hands import DiskOf, Knob, Server, speak
from soak_memory import Look

HERE = Path(__file__).parent
NAME = 'live-soak'
PATIENCE = 180.0        # seconds in which a fault must be recovered, also where other programs take the processors
SETTLE_TIME = 1.0       # seconds after a fault in which memory is not looked at


class Stage:
    """The instrument and its surroundings. folder: where all of it happens.

    held, resident: the lowest of each rest, in bytes, as soak_memory.py tells them apart.
    """

    def __init__(self, folder: Path, model: str) -> None:
        self.folder, self.random = folder, random.Random(1)
        self.status_path, self.trouble = folder / 'status.json', folder / 'trouble'
        self.shaders = folder / 'shaders' / 'stage'
        shutil.copytree(HERE.parent / 'shaders', folder / 'shaders')
        self.server = Server(NAME)
        self.disk = DiskOf(folder / 'disk', megabytes=3)
        self.port, self.panel = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        self.knob = Knob(NAME)
        self.held: list[Look] = []
        self.resident: list[Look] = []
        self.counts = folder / 'held'
        words = [str(path) for path in (HERE / 'soak_player.py', self.trouble, self.shaders, self.counts)]
        words += ['--display', 'offscreen', '--size', '480x270', '--model', model, '--osc-port', str(self.port),
                  '--panel', str(self.panel), '--status-json', str(self.status_path), '--keep', '0', '--safe', 'safe']
        environment = {**os.environ, 'JACK_DEFAULT_SERVER': NAME, 'XDG_STATE_HOME': str(folder / 'state'),
                       'PYTHONFAULTHANDLER': '1'}
        self.log = (folder / 'log.txt').open('w')
        self.process = subprocess.Popen([sys.executable, *words], cwd=self.disk.folder, env=environment,
                                        stdout=self.log, stderr=subprocess.STDOUT)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def status(self) -> dict:
        try:
            return json.loads(self.status_path.read_text())
        except (OSError, ValueError):
            return {}

    def say(self, address: str, *values) -> None:
        speak(self.port, address, *values)

    def wait_for(self, truth: Callable[[dict], object], seconds: float = PATIENCE) -> float | None:
        """Return the seconds until something holds; None when it did not, or the instrument ended."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if not self.alive:
                return None
            status = self.status
            try:
                if status and truth(status):
                    return time.monotonic() - began
            except (KeyError, IndexError):
                pass
            time.sleep(0.1)
        return None

    def rest(self, seconds: float, season: str = '') -> None:
        """Play on, and move things as a performer does; see what memory it takes. season: of the looks at it."""
        began, season, sizes = time.monotonic(), f'{season} {self.formats}', []
        while time.monotonic() < began + seconds and self.alive:
            self.say('/drone/drift_cents', self.random.uniform(0, 40))
            self.say('/prompt/1', self.random.choice(['a glass forest', 'slow embers', 'rain on dark silk']))
            time.sleep(0.5)
            sizes.append(resident(self.process.pid))
        if self.alive and season.endswith(self.formats):        # no other model meanwhile
            counts = self.counts.read_text().split('\n')[:-1] if self.counts.exists() else []
            held = [float(size) for when, size in map(str.split, counts) if float(when) > began + SETTLE_TIME]
            self.resident.append(Look(began, min(sizes), season))
            self.held += [Look(began, min(held), season)] if held else []

    @property
    def formats(self) -> str:
        """In which formats the dream computes: float32 holds 12 MB more than bfloat16."""
        return re.sub(r' \(.*?\)', '', self.status.get('dream', {}).get('reason', ''))

    def obeys(self) -> float | None:
        """Return the seconds until a message is obeyed."""
        wanted = round(self.random.uniform(1, 49), 3)
        self.say('/drone/drift_cents', wanted)
        return self.wait_for(lambda s: abs(s['params']['drone.drift_cents'] - wanted) < 1e-3)

    def dreams(self, seconds: float = PATIENCE) -> float | None:
        """Return the seconds until three new dreams are there."""
        before = self.status['dream']['frames']
        return self.wait_for(lambda s: s['dream']['frames'] >= before + 3, seconds)

    def steers(self) -> float | None:
        """Return the seconds until a knob of the MIDI device steers."""
        self.say('/embedding/depth', 1.0)
        if self.wait_for(lambda s: s['params']['embedding.depth'] == 1.0) is None:
            return None

        def truth(status: dict) -> bool:
            self.knob.turn()
            return status['params']['embedding.depth'] != 1.0
        return self.wait_for(truth, 30)

    def ask(self, path: str) -> tuple[int, str]:
        """Return status and text of a page for monitors."""
        try:
            with urllib.request.urlopen(f'http://127.0.0.1:{self.panel}{path}', timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def end(self) -> int | None:
        """End everything; return the exit code of the instrument."""
        self.trouble.unlink(missing_ok=True)
        if self.alive:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.knob.unplug()
        self.server.stop()
        self.disk.release()
        self.log.close()
        return self.process.returncode


def free_port(kind: int) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]
