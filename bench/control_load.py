"""What the sound suffers from all that stands beside it, at one period of a JACK dummy driver. For control.py.

Each row is a process of its own, so that none leaves anything to the next; the same seconds of each:

    alone       the stream and the synth; no window, dream, OSC, page: what this machine can do at this period
    whole       the whole instrument, nobody looks
    page        a page looks, as in control.py
    passing     10,000 messages a second to a port that nobody reads: what sending costs the machine
    flood       10,000 messages a second to the instrument
    read        the same with every message read, as if no sender had an allowance (osc_allowance.py)

`cpu` is the processor time of the instrument in percent of one core. What the flood costs the instrument is flood less
passing; underflows in it should be no more than in passing.

    python bench/control_load.py ROW PERIOD SECONDS     prints one JSON object
"""
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from common import jack_server, resident

ROWS = 'alone', 'whole', 'page', 'passing', 'flood', 'read'
WARM_TIME = 3.0         # seconds: fill what is kept (prompts, caches of addresses)


def measure(arena, during: Callable[[float], object], seconds: float) -> dict:
    """Return what happened meanwhile."""
    during(WARM_TIME)
    stats = arena.stats
    before = int(stats['underflows']), int(stats['late']), time.process_time(), time.monotonic(), resident()
    during(seconds)
    after = int(stats['underflows']), int(stats['late']), time.process_time(), time.monotonic(), resident()
    underflows, late, cpu, lasted, grown = (b - a for a, b in zip(before, after))
    return {'underflows': underflows, 'late': late, 'cpu': round(100 * cpu / lasted, 1), 'seconds': round(lasted, 1),
            'grown_mb': round(grown / 1e6, 1)}


def alone(seconds: float) -> dict:
    """Measure the sound with nothing beside it."""
    from live.stages import Settings, Sound
    sound = Sound(Settings(audio='sounddevice', model='off', display='none'))
    sound.start()
    return measure(sound.arena, time.sleep, seconds)


def beside(instrument, row: str, seconds: float) -> dict:
    """Measure the sound with all beside it."""
    from control_hands import flood, looking
    osc, vision = instrument.control.osc, instrument.vision
    with contextlib.ExitStack() as stack:
        port, during = osc.port, time.sleep
        if row == 'page':
            stack.enter_context(looking(instrument.panel))
        if row == 'passing':
            port = deaf_port(stack)
        if row == 'read':
            osc.allowance.spend = lambda sender, size: True
        if row in ('passing', 'flood', 'read'):
            during = lambda time: flood(port, time)                                     # noqa: E731
        told = measure(instrument.sound.arena, during, seconds)
    return told | {'received': osc.received, 'refused': osc.refused, 'malformed': osc.malformed,
                   'frames': round(vision.fps, 1)}


def deaf_port(stack: contextlib.ExitStack) -> int:
    """Return a UDP port that is open and never read."""
    deaf = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    deaf.bind(('127.0.0.1', 0))
    return deaf.getsockname()[1]


def play(row: str, seconds: float) -> dict:
    """Run the whole instrument on this thread while another one measures."""
    from live.app import SWITCH_TIME, Instrument
    from live.stages import Settings
    sys.setswitchinterval(SWITCH_TIME)
    instrument = Instrument(Settings(audio='sounddevice', display='offscreen', model='random:tiny', panel=0,
                                     osc_port=9000 + os.getpid() % 900))
    instrument.start()
    told: dict = {}

    def run() -> None:
        try:
            while not instrument.dream.stats.frames:
                time.sleep(0.2)
            told.update(beside(instrument, row, seconds))
        finally:
            instrument.ended.set()
    threading.Thread(target=run, daemon=True).start()
    instrument.run()
    instrument.stop()
    return told


def measure_row(row: str, period: int, seconds: float) -> dict:
    """Measure a row in a process of its own."""
    words = [sys.executable, __file__, row, str(period), str(seconds)]
    out = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout
    return {'row': row, 'period': period, **json.loads(out.splitlines()[-1])}


def main() -> None:
    row, period, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    with jack_server(period):
        told = alone(seconds) if row == 'alone' else play(row, seconds)
    print('\n' + json.dumps(told), flush=True)
    os._exit(0)         # at exit PortAudio would miss the server


if __name__ == '__main__':
    main()
