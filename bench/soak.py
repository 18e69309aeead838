"""The whole instrument for minutes or hours, with faults injected one after the other, each of them real.

`live play` runs in a process of its own: JACK, MIDI, OSC, picture, dream, page. Every few seconds one thing breaks:

    sound server    jackd is ended by SIGTERM, and by SIGKILL the next time; 2 s later it starts again
    dream raises    three dreams in a row raise
    dream nan       weights of its network are NaN for three dreams
    dream hangs     one dream does not come back
    MIDI unplugged  a device on JACK is killed, and plugged in again
    shader broken   motes.glsl of a copy, on disk
    disk full       a take on a tmpfs of 3 MB (as root; else it is left out)
    OSC flood       20,000 messages at once, a tenth of them garbage

A fault is recovered when what it broke works again: callbacks on the device, new dreams, a CC that steers, a shader
without errors, a take that can be played, a message that is obeyed. Lost sound: seconds in which the device had none.
Memory: Theil-Sen slope of the process over the lowest figures of each ten seconds, after a third of the time and one
round of all faults; a minute of it says little about an hour. Budget: all recovered, slope below 1 MB an hour.
At first the sound is made without
a clock, as fast as it goes, while parameters are thrown about: hours of sound, checked for what is not finite.

    python bench/soak.py [--minutes 30] [--quick] [--model embedded]
"""
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from common import argument_parser, machine, print_json, print_table, resident
from soak_hands import DiskOf, Knob, Server, flood, speak

HERE = Path(__file__).parent
NAME = 'live-soak'
PATIENCE = 90.0         # seconds in which a fault must be recovered
START_TIME = 600.0      # the first start compiles
SLOPE_LIMIT = 1.0       # MB an hour


class Soak:
    """The instrument and its surroundings. folder: where all of it happens."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder, self.random = folder, random.Random(1)
        self.status_path, self.trouble = folder / 'status.json', folder / 'trouble'
        self.shaders = folder / 'shaders' / 'stage'
        shutil.copytree(HERE.parent / 'shaders', folder / 'shaders')
        self.server = Server(NAME)
        self.disk = DiskOf(folder / 'disk', megabytes=3)
        self.port, self.panel = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        self.knob = Knob(NAME)
        self.memory: list[tuple[float, float]] = []
        self.warm = 0.0                 # when every fault had come once: what it needs has been loaded
        words = [str(HERE / 'soak_player.py'), str(self.trouble), str(self.shaders), '--display', 'offscreen', '--size',
                 '480x270', '--model', model, '--osc-port', str(self.port), '--panel', str(self.panel), '--status-json',
                 str(self.status_path), '--keep', '0', '--safe', 'safe']
        environment = {**os.environ, 'JACK_DEFAULT_SERVER': NAME, 'XDG_STATE_HOME': str(folder / 'state'),
                       'PYTHONFAULTHANDLER': '1'}
        self.log = (folder / 'log.txt').open('w')
        self.process = subprocess.Popen([sys.executable, *words], cwd=self.disk.folder, env=environment,
                                        stdout=self.log, stderr=subprocess.STDOUT)

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
            if self.process.poll() is not None:
                return None
            status = self.status
            try:
                if status and truth(status):
                    return time.monotonic() - began
            except (KeyError, IndexError):
                pass
            self.look()
            time.sleep(0.1)
        return None

    def look(self) -> None:
        """Keep a figure of the memory, once a second."""
        now = time.monotonic()
        if self.process.poll() is None and (not self.memory or now - self.memory[-1][0] >= 1):
            self.memory.append((now, resident(self.process.pid)))

    def rest(self, seconds: float) -> None:
        """Play on, and move things as a performer does."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            self.say('/drone/drift_cents', self.random.uniform(0, 40))
            self.say('/prompt/1', self.random.choice(['a glass forest', 'slow embers', 'rain on dark silk']))
            self.look()
            time.sleep(0.5)

    def obeys(self) -> float | None:
        """Return the seconds until a message is obeyed."""
        wanted = round(self.random.uniform(1, 49), 3)
        self.say('/drone/drift_cents', wanted)
        return self.wait_for(lambda s: abs(s['params']['drone.drift_cents'] - wanted) < 1e-3)

    def dreams(self, seconds: float = PATIENCE) -> float | None:
        """Return the seconds until three new dreams are there."""
        before = self.status['dream']['frames']
        return self.wait_for(lambda s: s['dream']['frames'] >= before + 3, seconds)

    # faults: each breaks something, mends what stays broken, and returns the seconds to the recovery, or None

    def lose_server(self) -> float | None:
        losses = self.status['sound']['losses']
        self.server.stop(signal.SIGTERM if losses % 2 == 0 else signal.SIGKILL)
        if self.wait_for(lambda s: s['sound']['losses'] > losses and s['sound']['lost'], 10) is None:
            return None
        time.sleep(2)
        self.knob.unplug()
        self.server.start()
        took = self.wait_for(lambda s: not s['sound']['lost'] and s['sound']['callbacks'] > 0)
        self.knob.plug()
        return took if self.steers() is not None else None

    def raise_in_dream(self) -> float | None:
        return self.trouble_dream('raise', lambda s, b: s['dream']['restarts'] >= b + 3)

    def dream_nan(self) -> float | None:
        return self.trouble_dream('nan', lambda s, b: s['dream']['restarts'] >= b + 3)

    def hang_dream(self) -> float | None:
        return self.trouble_dream('hang', lambda s, b: s['dream']['restarts'] > b)

    def trouble_dream(self, word: str, came: Callable[[dict, int], bool]) -> float | None:
        before, began = self.status['dream']['restarts'], time.monotonic()
        self.trouble.write_text(word)
        seen = self.wait_for(lambda s: came(s, before), 60)
        if seen is not None and self.dreams(20) is None:
            self.ask_for_more()             # it is off
        took = time.monotonic() - began if seen is not None and self.dreams() is not None else None
        self.trouble.unlink(missing_ok=True)
        self.ask_for_more()
        return took if took is not None and self.dreams() is not None else None

    def ask_for_more(self) -> None:
        """Turn steps as a performer does, who wants as much as before: the ladder climbs."""
        for steps in (2, 1):
            time.sleep(3)
            self.say('/dream/steps', steps)

    def steers(self) -> float | None:
        """Return the seconds until a knob of the MIDI device steers."""
        self.say('/motes/size', 0.5)
        time.sleep(1.2)
        self.say('/embedding/depth', 1.0)

        def truth(status: dict) -> bool:
            self.knob.turn()
            return any(Knob.name in name for name in status['midi']['devices']) and status['midi']['received'] > before
        before = self.status['midi']['received']
        return self.wait_for(truth, 20)

    def unplug_midi(self) -> float | None:
        self.knob.unplug()
        if self.wait_for(lambda s: not any(Knob.name in name for name in s['midi']['devices']), 10) is None:
            return None
        self.knob.plug()
        return self.steers()

    def break_shader(self) -> float | None:
        path = self.shaders / 'motes.glsl'
        good = path.read_text()
        path.write_text(good + '\nthis is no GLSL(\n')
        frames = self.status['display']['frames']
        seen = self.wait_for(lambda s: s['shader_errors'] and s['display']['frames'] > frames + 5, 20)
        path.write_text(good)
        mended = self.wait_for(lambda s: not s['shader_errors'], 20)
        return mended if seen is not None else None

    def fill_disk(self) -> float | None:
        self.say('/record')
        if self.wait_for(lambda s: s['record'], 10) is None:
            return None
        began = self.status['sound']['frames']
        if self.wait_for(lambda s: any(take['message'] for take in s['record']) or not s['record'], 60) is None:
            return None
        self.say('/record')             # ends what is left of it, or begins the next
        self.disk.clear()
        time.sleep(2)
        if self.status['record']:
            self.say('/record')
            self.wait_for(lambda s: not s['record'], 10)
            self.disk.clear()
        self.say('/record')
        took = self.wait_for(lambda s: s['record'] and s['record'][0]['seconds'] > 1, 20)
        self.say('/record')
        self.wait_for(lambda s: not s['record'], 20)
        sound = [path for path in self.disk.folder.glob('*.w64')]
        plays = bool(sound) and soundfile.info(sound[-1]).frames > 10000
        self.disk.clear()
        return took if plays and self.status['sound']['frames'] > began else None

    def flood_osc(self) -> float | None:
        flood(self.port, 20_000, self.random)
        return self.obeys()

    def faults(self, only: str = '') -> dict[str, Callable[[], float | None]]:
        """Return those whose names hold one of some words."""
        known = {'sound server': self.lose_server, 'dream raises': self.raise_in_dream, 'dream nan': self.dream_nan,
                 'dream hangs': self.hang_dream, 'MIDI unplugged': self.unplug_midi,
                 'shader broken': self.break_shader, 'disk full': self.fill_disk, 'OSC flood': self.flood_osc}
        if not self.disk.small:
            del known['disk full']
        known['nothing'] = lambda: self.obeys()
        words = only.split(',') if only else [name for name in known if name != 'nothing']
        return {name: fault for name, fault in known.items() if any(word in name for word in words)}

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
        if self.process.poll() is None:
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


def slope(memory: list[tuple[float, float]], begin: float) -> float:
    """Return MB an hour: the median of all slopes between the lowest figures of each ten seconds after `begin`."""
    lowest: dict[int, tuple[float, float]] = {}
    for when, size in memory:
        if when >= begin:
            key = int(when // 10)
            lowest[key] = min(lowest.get(key, (when, size)), (when, size), key=lambda one: one[1])
    points = list(lowest.values())
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for n, a in enumerate(points) for b in points[n + 1:] if b[0] > a[0]]
    return statistics.median(slopes) * 3600 / 1e6 if slopes else 0.0


def accelerate(seconds: float) -> dict:
    """Make sound without a clock for so long, parameters thrown about; return hours of sound, and what was wrong."""
    from live.audio import offline
    from live.audio.arena import Arena
    from live.params import PARAMS
    chance, rate = random.Random(2), 48000
    arena = Arena(rate)
    heard = [p for p in PARAMS if p.group not in ('dream', 'display', 'feedback', 'init', 'bend', 'prompt')]
    made, broken, memory, began = 0, 0, [], time.monotonic()
    while time.monotonic() - began < seconds:
        for param in chance.sample(heard, 5):
            arena.board.turn(param.name, chance.random())
        sound = offline.render(arena, rate, np.zeros((rate, 0), np.float32))
        made += rate
        broken += int((~np.isfinite(sound)).sum() + (np.abs(sound) > 1).sum())
        memory.append((time.monotonic(), resident()))
    return {'hours': round(made / rate / 3600, 3), 'broken': broken,
            'slope_mb_h': round(slope(memory, began + seconds / 3), 1)}


def run(soak: Soak, minutes: float, pause: float, only: str) -> tuple[list[tuple], float]:
    """Let faults come until the time is over; return (fault, seconds to recovery or None, underflows) and the start."""
    if soak.wait_for(lambda s: s['sound']['backend'] and s['dream']['frames'] > 3, START_TIME) is None:
        sys.exit(f'the instrument does not start:\n{(soak.folder / "log.txt").read_text()}')
    soak.knob.plug()
    began, done = time.monotonic(), []
    while time.monotonic() - began < 60 * minutes and soak.process.poll() is None:
        for name, fault in soak.faults(only).items():
            if time.monotonic() - began >= 60 * minutes or soak.process.poll() is not None:
                break
            soak.rest(pause)
            before = soak.status
            took = fault()
            if soak.process.poll() is None and before:
                done.append((name, took, soak.status['sound']['underflows'] - before['sound']['underflows']))
            else:
                done.append((name, None, 0))
            told = 'NOT recovered' if took is None else f'recovered in {took:.1f} s'
            size = (soak.memory[-1][1] if soak.memory else 0.0) / 1e6
            print(f'{(time.monotonic() - began) / 60:6.1f} min  {size:7.1f} MB  {name}: {told}', flush=True)
        soak.warm = soak.warm or time.monotonic()
    return done, began


def report(soak: Soak, done: list[tuple], began: float, fast: dict) -> dict:
    """Print what happened; return the figures."""
    status, lasted = soak.status, time.monotonic() - began
    health = soak.ask('/health') if soak.process.poll() is None else (0, '')
    rows = []
    for name in dict.fromkeys(name for name, _, _ in done):
        times = [took for one, took, _ in done if one == name]
        good = [took for took in times if took is not None]
        rows.append((name, len(times), len(good), round(statistics.median(good), 2) if good else '-',
                     round(max(good), 2) if good else '-', sum(late for one, _, late in done if one == name)))
    print(f'\n{machine()}; {lasted / 60:.1f} minutes\n')
    print_table(rows, ('fault', 'times', 'recovered', 'median s', 'max s', 'underflows'))
    grown = slope(soak.memory, max(soak.warm, began + lasted / 3))
    return {'hours': round(lasted / 3600, 3), 'faults': len(done),
            'recovered': sum(took is not None for _, took, _ in done),
            'lost_audio_s': round(status['sound']['lost_s'], 2), 'losses': status['sound']['losses'],
            'rss_slope_mb_h': round(grown, 2), 'rss_mb': round(soak.memory[-1][1] / 1e6, 1),
            'slope_below_limit': grown < SLOPE_LIMIT, 'underflows': status['sound']['underflows'],
            'nan': status['sound']['nan'], 'guard': status['guard'], 'dream_restarts': status['dream']['restarts'],
            'health': health[0], 'accelerated': fast}


def main() -> int:
    parser = argument_parser(__doc__)
    parser.add_argument('--minutes', type=float, default=30.0)
    parser.add_argument('--model', default='embedded')
    parser.add_argument('--only', default='', metavar='WORD,...', help='faults with these words; nothing: none')
    arguments = parser.parse_args()
    minutes, pause, fast_seconds = (0.8, 1.0, 4.0) if arguments.quick else (arguments.minutes, 6.0, 30.0)
    if not shutil.which('jackd'):
        sys.exit('jackd is not installed (Debian: apt install jackd2); this bench needs it')
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))     # so that nothing is left running
    fast = accelerate(fast_seconds)
    print(f'accelerated: {fast["hours"]} hours of sound, {fast["broken"]} samples not finite or too large', flush=True)
    soak = Soak(Path(tempfile.mkdtemp(prefix='live-soak-')), 'random:tiny' if arguments.quick else arguments.model)
    try:
        done, began = run(soak, minutes, pause, arguments.only)
        figures = report(soak, done, began, fast)
    finally:
        code = soak.end()
    figures['exit'] = code
    ok = code == 0 and figures['recovered'] == figures['faults'] and not fast['broken']
    if not ok:
        print(f'the instrument said: {soak.folder / "log.txt"}')
    else:
        shutil.rmtree(soak.folder, ignore_errors=True)
    print_json(figures)
    return 0 if ok and (arguments.quick or figures['slope_below_limit']) else 1


if __name__ == '__main__':
    sys.exit(main())
