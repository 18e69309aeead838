"""How long from typing the command to the first sound?

Starts the real program on a JACK server, several times, and takes from its status file when the first block of sound
was made, when the window stood, and when the first dream came. The first start of a fresh copy compiles the kernels
(some ten seconds, once); here the kernels are in the cache. The model (random:tiny) loads behind the sound.

Budget: first sound <= 2.5 s on a machine with 2 cores.

    python bench/start_up.py [--quick]
"""
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from common import jack_server, machine, parse_arguments, print_json, print_table

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 60.0      # seconds to wait for the first dream


def start_once(folder: Path) -> dict[str, float]:
    """Start the program, wait for its first dream, end it; return seconds from the start to each beginning."""
    path = folder / 'status.json'
    path.unlink(missing_ok=True)
    begin = time.time()
    program = subprocess.Popen(
        [sys.executable, '-m', 'live', 'play', 'bflat', '--display', 'offscreen', '--model', 'random:tiny',
         '--status-json', str(path)], cwd=ROOT, stdout=subprocess.DEVNULL)
    began: dict[str, float] = {}
    while 'dream' not in began and time.time() - begin < LONGEST and program.poll() is None:
        time.sleep(0.2)
        if path.exists():
            began = json.loads(path.read_text())['began']
    program.terminate()
    program.wait(20)
    return {name: at - begin for name, at in began.items()}


def main() -> None:
    runs = 3 if parse_arguments(__doc__).quick else 7
    print(f'{machine()}\nJACK dummy driver, {runs} starts after one that fills the cache\n')
    with jack_server(64), TemporaryDirectory() as folder:
        start_once(Path(folder))
        found = [start_once(Path(folder)) for _ in range(runs)]
    figures = {}
    rows = []
    for name in ('sound', 'window', 'dream'):
        values = sorted(run[name] for run in found)
        figures['first_sound_s' if name == 'sound' else f'{name}_s'] = round(values[len(values) // 2], 2)
        rows.append((name, *(f'{v:.2f}' for v in (values[0], values[len(values) // 2], values[-1]))))
    print_table(rows, ('seconds to', 'min', 'median', 'max'))
    print_json(figures)


if __name__ == '__main__':
    main()
