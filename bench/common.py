"""What all benches share: a private JACK server, frames beside the sound, tables, the machine, the JSON line."""
import argparse
import contextlib
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
PAGE = os.sysconf('SC_PAGE_SIZE') if hasattr(os, 'sysconf') else 4096
os.environ['JACK_NO_AUDIO_RESERVATION'] = os.environ['JACK_NO_START_SERVER'] = '1'


def argument_parser(doc: str) -> argparse.ArgumentParser:
    """Return the parser of what every bench understands."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='a shorter run')
    return parser


def parse_arguments(doc: str) -> argparse.Namespace:
    """Read the command line that every bench understands."""
    return argument_parser(doc).parse_args()


@contextlib.contextmanager
def jack_server(period: int = 64, samplerate: int = 48000):
    """Run a JACK server of our own on the dummy driver, with real-time scheduling where the system grants it."""
    if not shutil.which('jackd'):
        sys.exit('jackd is not installed (Debian: apt install jackd2); this bench needs it')
    name = os.environ['JACK_DEFAULT_SERVER'] = 'live-bench'
    for realtime in (['-R', '-P', '70'], ['--no-realtime']):
        words = ['jackd', '-n', name, *realtime, '-d', 'dummy', '-r', str(samplerate), '-p', str(period)]
        server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        if server.poll() is None:
            break
    try:
        yield name
    finally:
        server.terminate()      # a killed server stays in JACK's list of eight
        server.wait()


def time_frames(frame, seconds: float, least: int = 2) -> list[float]:
    """Return how long each frame took, over so many seconds."""
    times: list[float] = []
    while sum(times) < seconds or len(times) < least:
        begin = time.perf_counter()
        frame()
        times.append(time.perf_counter() - begin)
    return times


def play_beside(frame, seconds: float) -> dict:
    """Make frames while the instrument plays; return how many a second, and what the sound suffered.

    Its first patch goes into a JACK dummy driver where there is one (256 frames, 5.3 ms a period), else by the clock.
    """
    from live.audio.stats import read_stats
    from live.stages import Settings, Sound
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(jack_server(256))
            backend = 'sounddevice'
        except SystemExit:
            backend = 'clock'
        sound = Sound(Settings(audio=backend, model='off', display='none'))
        sound.start()
        time.sleep(1)
        before = read_stats(sound.arena)
        times = time_frames(frame, seconds)
        after = read_stats(sound.arena)
        sound.stream.stop()
        if backend == 'sounddevice':
            import sounddevice
            sounddevice._terminate()        # at exit it would miss the server, and abort
    return {'backend': backend, 'fps': len(times) / sum(times),
            **{name: after[name] - before[name] for name in ('callbacks', 'underflows', 'late')}}


def resident(process: int | str = 'self') -> int:
    """Return the bytes of memory that a process holds."""
    try:
        return int(Path(f'/proc/{process}/statm').read_text().split()[1]) * PAGE
    except OSError:
        import resource
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def machine() -> str:
    """Return processor, cores and Python of this machine in one line."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path('/proc/cpuinfo').read_text().splitlines()
        model = next((line.partition(':')[2].strip() for line in lines if line.startswith('model name')), model)
    return f'{model}, {os.cpu_count()} cores, Python {platform.python_version()}'


def print_table(rows: list[tuple], header: tuple) -> None:
    """Print rows under a header, columns aligned."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    for row in cells:
        print('  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def print_json(figures: dict) -> None:
    """Print the last line of a bench."""
    print(json.dumps(figures), flush=True)


def figures(values) -> tuple[float, float, float]:
    """Return median, 99th percentile and largest of some values."""
    import numpy as np
    median, late, most = (round(float(np.percentile(values, share)), 3) for share in (50, 99, 100))
    return median, late, most
