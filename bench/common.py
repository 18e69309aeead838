"""What all benches share: a private JACK server, tables, the machine's name, the JSON line at the end."""
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
os.environ['JACK_NO_AUDIO_RESERVATION'] = os.environ['JACK_NO_START_SERVER'] = '1'


def argument_parser(doc: str) -> argparse.ArgumentParser:
    """Return the parser of what every bench understands."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='a shorter run, under 40 s')
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
