"""How many sines does one core sound, against the field's engines?

Every engine renders the same task offline at 48 kHz on one core: N steady sines around 440 Hz, summed. The figure is
N times seconds of sound over seconds of work, start-up taken off by the difference of a long and a short rendering,
the median of several pairs. All run in turn in this one run, pinned to the same core.

    ours    the cluster (`live/dsp/cluster.py`): int32 phases and a polynomial, sample by sample, every partial with
            ramped gains left and right and a drift of its own; its error is measured against float64
    swarm   the same cluster by inverse FFT (`live/dsp/swarm.py`), steady, its error against float64; then drifting
    peers   scsynth SinOsc, Csound poscil, pyo Sine, signalflow SineOscillator, Pure Data osc~, Faust os.osc (DawDreamer)

What the table does not show: theirs are mono, and all but one oscillator each, unit generators that take a new frequency
for every sample; ours is stereo and drifts, but takes a new frequency once in 64 samples, the swarm once in 512.

Budget: ours >= 85,000 stereo partials on a core with AVX2 or AVX-512, or >= 4.5 times scsynth's and >= 20 times pyo's and
signalflow's; swarm >= 1,000,000, error <= -70 dB.

Peers are never installed by this bench, and one that is not there is listed as not run:

    apt install --no-install-recommends supercollider-server csound puredata-core
    python3 -m venv .venv-peers && .venv-peers/bin/pip install pyo signalflow supriya dawdreamer

    python bench/partials.py [--quick] [--peers-python PATH]
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from common import machine, print_json, print_table

import numpy as np

from live.dsp.cluster import (CLUSTER, MOST, RANDOM, RMS, SEGMENT, UNIFORM, render_cluster, reset_cluster,
                              retune_cluster, set_count)
from live.dsp.degrees import DEGREES
from live.dsp.kernel import TICK, kernel
from live.dsp.oscillators import CYCLE
from live.dsp.swarm import HOP, SWARM, render_swarm, reset_swarm
from live.dsp.swarm import MOST as MOST_IN_SWARM

ROOT = Path(__file__).resolve().parents[1]
RECIPES = Path(__file__).resolve().parent / 'peers'
RATE, PITCH, SPREAD = 48000, 440.0, 600.0
LONGEST = 300.0     # seconds that one rendering of a peer may take

# Name: how many sines, recipe, the program it needs beside Python (none: a module of the peers' Python).
PEERS = {
    'supercollider': (2048, 'supercollider.py', 'scsynth'),
    'csound': (2048, 'csound.py', 'csound'),
    'puredata': (2048, 'puredata.py', 'pd'),
    'pyo': (512, 'pyo_sines.py', None),
    'signalflow': (512, 'signalflow_sines.py', None),
    'dawdreamer': (256, 'dawdreamer_sines.py', None),
}
