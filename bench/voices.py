"""What does a full patch cost, and what does its worst block cost?

Eight layers (a cluster of 4,096 partials, harmonics, waves, noise, resonators, a pair, a picture), each with filter,
saturation, chorus and sends, reverb, delay and limiter, rendered in blocks of 64 frames at 48 kHz, each block timed
from outside. One thread, pinned to a core; a block that the machine interrupted counts as it was.

Budget: at most 25 % of a core; p99.9 of the render time <= 50 % of the block; no growth of memory over 10 minutes of
sound.

    python bench/voices.py [--quick]
"""
import os
import resource
import time

import numpy as np

from common import machine, parse_arguments, print_json, print_table

RATE, BLOCK = 48000, 64
SOURCES = ('cluster', 'harmonic', 'saw', 'pulse', 'noise', 'resonator', 'pair', 'picture')


def full_patch():
    """Return an arena in which everything is in use."""
    from live.audio.arena import Arena
    from live.params import LAYERS, find_param
    arena = Arena(RATE, 1)
    for layer, source in zip(LAYERS, SOURCES):
        for quantity, value in {'source': find_param('drone.source').choices.index(source), 'level_db': -15,
                                'filter': 1, 'cutoff': 3000, 'drive_db': 6, 'chorus': .5, 'reverb': .5, 'delay': .3,
                                'cross': .1, 'partials': 4096 if source == 'cluster' else 64}.items():
            arena.board[f'{layer}.{quantity}'] = value
    arena.reset(1)
    return arena


def main() -> None:
    from live.audio.offline import render
    minutes = 1 if parse_arguments(__doc__).quick else 10
    if hasattr(os, 'sched_setaffinity'):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    arena = full_patch()
    render(arena, RATE)
    blocks = minutes * 60 * RATE // BLOCK
    times = np.full(blocks, 0.0)        # touched now, so that it does not count as growth
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for k in range(blocks):
        begin = time.perf_counter()
        render(arena, BLOCK)
        times[k] = time.perf_counter() - begin
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    share = times / (BLOCK / RATE)
    figures = {'load': round(float(share.mean()), 4), 'p50': round(float(np.median(share)), 4),
               'p999': round(float(np.percentile(share, 99.9)), 4), 'max': round(float(share.max()), 4),
               'growth_kb': grown, 'minutes': minutes}
    print(f'{machine()}\n8 layers, 4,096 partials, {minutes} min of sound in blocks of {BLOCK} frames at 48 kHz\n')
    print_table([(name, f'{100 * figures[name]:.1f} %') for name in ('load', 'p50', 'p999', 'max')],
                ('share of the block', ''))
    print(f'memory grew by {grown} KiB')
    print_json(figures)


if __name__ == '__main__':
    main()
