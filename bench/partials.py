"""How many sines does one core sound, against the field's engines?

Every engine renders the same task offline at 48 kHz on one core: N sines around 440 Hz, summed. The figure is N times
seconds of sound over seconds of processor time, a peer's start-up taken off by the difference of a long and a short
rendering; the median of several. All run in turn in this one run, pinned to the same core.

    ours    the cluster (`live/dsp/cluster.py`): int32 phases and a polynomial, sample by sample, every partial with
            ramped gains left and right and a drift of its own; its error is measured against float64
    swarm   the same by inverse FFT (`live/dsp/swarm.py`), 2^20 partials that all drift
    peers   scsynth SinOsc, Csound poscil, Pure Data osc~, pyo Sine, signalflow SineOscillator, DawDreamer Faust os.osc

The tasks are not the same, and the table says so: theirs are unit generators that take a new frequency for every
sample, here given a constant, and mono; ours are stereo and each drifts, but take a new frequency once in 64 samples
(a glide in between), those of the swarm once in 512.

Budget: ours >= 85,000 stereo partials on a core with AVX2 or AVX-512, or >= 4.5 times scsynth's and >= 20 times pyo's
and signalflow's; swarm >= 1,000,000, error <= -70 dB.

Peers are never installed by this bench, and one that is not there is listed as not run:

    apt install --no-install-recommends supercollider-server csound puredata-core
    python3 -m venv .venv-peers && .venv-peers/bin/pip install pyo signalflow supriya dawdreamer

    python bench/partials.py [--quick] [--peers-python PATH]
"""
import os
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from common import argument_parser, machine, print_json, print_table

from live.dsp.cluster import (CLUSTER, RANDOM, RMS, UNIFORM, render_cluster, reset_cluster, retune_cluster,
                              set_count)
from live.dsp.degrees import DEGREES
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE
from live.dsp.swarm import HOP, MOST, SWARM, render_swarm, reset_swarm

ROOT = Path(__file__).resolve().parents[1]
RATE, PITCH, SPREAD = 48000, 440.0, 1200.0
STEP = PITCH / RATE * CYCLE
LONGEST = 120.0     # seconds that one rendering of a peer may take
CLUSTER_COUNT = 4096

# Engine of bench/peers.py: how many sines it is given, seconds of sound, and the program it needs, if any.
PEERS = {
    'supercollider': (2048, 10.0, 'scsynth'),
    'csound': (2048, 4.0, 'csound'),
    'puredata': (2048, 4.0, 'pd'),
    'pyo': (512, 8.0, None),
    'signalflow': (512, 8.0, None),
    'dawdreamer': (256, 20.0, None),
}


@kernel
def sound_cluster(state, count, drift_cents, width, degrees, out):
    """Render the cluster over out (2, frames)."""
    for first in range(0, out.shape[1], TICK):
        set_count(state, count)
        retune_cluster(state, STEP, RATE, 1, SPREAD, 0, 0.0, width, drift_cents, 6.0, UNIFORM, RANDOM, 0.0, degrees)
        render_cluster(state, STEP, out[0, first:first + TICK], out[1, first:first + TICK])


@kernel
def sound_swarm(state, count, drift_cents, width, degrees, out):
    """Render the swarm over out (2, frames)."""
    for first in range(0, out.shape[1], TICK):
        render_swarm(state, RATE, 1, PITCH, count, SPREAD, 0, 0.0, width, drift_cents, 6.0, UNIFORM, RANDOM, 0.0,
                     degrees, out[0, first:first + TICK], out[1, first:first + TICK])


def silence(seconds: float) -> np.ndarray:
    return np.zeros((2, int(seconds * RATE) // HOP * HOP), np.float32)


def partials_per_core(sound, state, count: int, seconds: float, runs: int) -> tuple[int, float]:
    """Return how many drifting stereo partials fill the core, and how far runs lie apart, as a share."""
    degrees = np.zeros(1, DEGREES)[0]
    sound(state, count, 5.0, 0.9, degrees, silence(0.2))
    figures = []
    for _ in range(runs):
        out = silence(seconds)
        begin = time.process_time()
        sound(state, count, 5.0, 0.9, degrees, out)
        figures.append(count * out.shape[1] / RATE / (time.process_time() - begin))
    middle = statistics.median(figures)
    return int(middle), (max(figures) - min(figures)) / middle


def error_db(sound, state, count: int, delay: int, steps) -> float:
    """Return the error of steady partials in the middle against float64, in dB of their sum's power.

    delay: samples from the sound to come to that of the state's phases; steps: (state) -> phase units per sample.
    """
    degrees = np.zeros(1, DEGREES)[0]
    sound(state, count, 0.0, 0.0, degrees, silence(0.5))
    phase, step = state['phase'][:count].astype(np.float64), steps(state)[:count].astype(np.float64)
    n = np.arange(HOP * 16) - delay
    truth = RMS / np.sqrt(count) * np.cos(2 * np.pi / CYCLE * (phase + step * n[:, None])).sum(1)
    out = np.zeros((2, len(n)), np.float32)
    sound(state, count, 0.0, 0.0, degrees, out)
    return round(10 * np.log10(np.square(out[0] - truth).sum() / np.square(truth).sum()), 1)


def measure_ours(quick: bool) -> tuple[dict, float]:
    """Measure the cluster."""
    state = np.zeros(1, CLUSTER)[0]
    reset_cluster(state, 1)
    partials, spread = partials_per_core(sound_cluster, state, CLUSTER_COUNT, 0.5 if quick else 2.0, 5 if quick else 9)
    reset_cluster(state, 1)
    error = error_db(sound_cluster, state, 64, 0, lambda state: (state['ratio'] * STEP).astype(np.int32))
    return {'partials': partials, 'error_db': error}, spread


def measure_swarm(quick: bool) -> tuple[dict, float]:
    """Measure the swarm, full."""
    state = np.zeros(1, SWARM)[0]
    reset_swarm(state, 1)
    partials, spread = partials_per_core(sound_swarm, state, MOST, 0.5 if quick else 2.0, 5 if quick else 9)
    reset_swarm(state, 1)
    error = error_db(sound_swarm, state, 64, HOP, lambda state: state['step'])
    return {'partials': partials, 'error_db': error}, spread


def peer_seconds(python: str, engine: str, count: int, seconds: float) -> float | None:
    """Return how long a peer works on one rendering; None if it fails or takes too long."""
    with TemporaryDirectory() as folder:
        words = [python, str(ROOT / 'bench/peers.py'), engine, str(count), str(seconds), folder]
        try:
            said = subprocess.run(words, capture_output=True, text=True, timeout=LONGEST, check=True).stdout
            return float(said.split()[-1])
        except (subprocess.SubprocessError, ValueError, IndexError):
            return None


def measure_peer(python: str | None, engine: str, quick: bool) -> tuple[int | None, float]:
    """Return a peer's sines per core, start-up taken off, and how far runs lie apart; None if it does not run."""
    count, seconds, program = PEERS[engine]
    if not python or program and not shutil.which(program):
        return None, 0.0
    seconds = seconds / 2 if quick else seconds
    figures = []
    for _ in range(3 if quick else 5):
        short, long = (peer_seconds(python, engine, count, length) for length in (seconds / 4, seconds))
        if short is None or long is None or long <= short:
            return None, 0.0
        figures.append(count * 0.75 * seconds / (long - short))
    middle = statistics.median(figures)
    return int(middle), (max(figures) - min(figures)) / middle


def find_peers_python(given: str | None) -> str | None:
    """Return the Python that has the peers: the one given, or that of .venv-peers."""
    path = Path(given) if given else ROOT / '.venv-peers/bin/python'
    return str(path) if path.exists() else None


def pin() -> str:
    """Keep this process and its children on one core, where the system can; return in words what was done."""
    if not hasattr(os, 'sched_setaffinity'):
        return 'not pinned'
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f'pinned to core {core}'


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument('--peers-python', metavar='PATH', help='the Python that has the peers (default: .venv-peers)')
    arguments = parser.parse_args()
    print(f'{machine()}, {pin()}\nPartials in real time on one core at {RATE} Hz\n', flush=True)
    python = find_peers_python(arguments.peers_python)
    ours, apart = measure_ours(arguments.quick)
    rows = [('ours', f'{ours["partials"]:,}', f'{apart:.0%}', '1.0', ours['error_db'], 'stereo, drifting', '64')]
    swarm, apart = measure_swarm(arguments.quick)
    rows.append(('swarm', f'{swarm["partials"]:,}', f'{apart:.0%}', f'{swarm["partials"] / ours["partials"]:.1f}',
                 swarm['error_db'], 'stereo, drifting', HOP))
    peers = {}
    for engine in PEERS:
        peers[engine], apart = measure_peer(python, engine, arguments.quick)
        found = peers[engine]
        rows.append((engine, f'{found:,}', f'{apart:.0%}', f'{found / ours["partials"]:.3f}', '', 'mono, steady', 1)
                    if found else (engine, 'not run', '', '', '', '', ''))
    print_table(rows, ('engine', 'partials', '+-', 'to ours', 'error dB', 'each is', 'samples per frequency'))
    print('Per-sample frequencies, which theirs can take and ours cannot, are part of what their sines cost.')
    print_json({'ours': ours, 'swarm': swarm, 'peers': peers})


if __name__ == '__main__':
    main()
