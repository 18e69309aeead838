"""What it costs to write a performance down, and how fast it is played again.

A minute of the patch is played offline while nothing happens; while a hand turns one knob a hundred times a second;
while two scenes that differ in forty values morph; and while all values move at once, which no scene does. More: what
the callback spends on a tick of 64 frames beyond that of nothing, with all that new values cost the sound itself.
Writing: the scribe's share of a core. File: beside what the .w64 needs, 23 MB a minute. Again: how many times faster
than it was played; the samples must be the same to the bit. Times are the processor's, so that other work on the
machine counts little.

Budget: a scene costs below 1 % of a tick's 1.333 ms, 5 % of a core for writing, half of the sound on the disk.

    python bench/score.py [--quick] [--patch bflat]
"""
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from common import argument_parser, machine, print_json, print_table

from live.audio.arena import Arena
from live.audio.offline import render
from live.params import PARAMS, STAGE
from live.patch import find_patch, load_patch
from live.record.score import load_score
from live.record.scribe import Scribe
from live.replay import Replay
from live.stages import dress

RATE, STEP = 48000, 480         # a change every 10 ms
KINDS = {'nothing': 0, 'a knob': 1, 'a scene': 40, 'everything': len(PARAMS)}
W64_SECOND = RATE * 8


def perform(patch_name: str, count: int, seconds: int, folder: Path) -> tuple[np.ndarray, float, float]:
    """Play and write down; return what was heard, seconds spent on sound and on writing."""
    patch = load_patch(find_patch(patch_name))
    arena = Arena(RATE, patch.seed)
    patch.apply(arena.board)
    dress(arena, patch, patch.tuning)
    arena.reset(patch.seed)
    header = {'samplerate': RATE, 'inputs': 0, 'seed': patch.seed, 'patch': patch.name}
    scribe = Scribe(arena, header, dict, folder / 'whole.live')
    moved = [n for n, p in enumerate(PARAMS) if p.group != STAGE and not p.choices and p.curve != 'count'][:count]
    places, heard, sounding, writing = arena.board.values.copy(), [], 0.0, 0.0
    for number in range(seconds * RATE // STEP):
        arena.board.values[moved] = places[moved] * (1 + 1e-3 * np.sin(number / 10))
        begin = time.thread_time()
        heard.append(render(arena, STEP))
        middle = time.thread_time()
        if number % 5 == 0:
            scribe.write_new()
        sounding, writing = sounding + middle - begin, writing + time.thread_time() - middle
    scribe.keep(folder / 'take.live', 0, arena.frames)
    scribe.stop()
    return np.concatenate(heard), sounding, writing


def replay(path: Path) -> tuple[np.ndarray, float]:
    """Return the take again, and the seconds it took."""
    begin, score = time.thread_time(), load_score(path)
    heard = Replay(score).render(score.take[1])
    return heard, time.thread_time() - begin


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument('--patch', default='bflat')
    arguments = parser.parse_args()
    seconds = 10 if arguments.quick else 60
    rows, figures, base = [], {}, 0.0
    for kind, count in KINDS.items():
        with TemporaryDirectory() as name:
            heard, sounding, writing = perform(arguments.patch, count, seconds, Path(name))
            size = (Path(name) / 'take.live').stat().st_size
            same, took = replay(Path(name) / 'take.live')
        base = base or sounding
        more = 1e6 * (sounding - base) / (seconds * RATE / 64)
        rows.append((kind, f'{more:.2f}', f'{100 * writing / seconds:.2f}', f'{60e-6 * size / seconds:.3f}',
                     f'{100 * size / seconds / W64_SECOND:.1f}', f'{seconds / took:.0f}',
                     'yes' if np.array_equal(heard, same) else 'NO'))
        figures[kind] = {'more_us': more, 'writing': writing / seconds, 'bytes_a_second': size / seconds,
                         'times_faster': seconds / took, 'same': bool(np.array_equal(heard, same))}
    print(machine())
    print_table(rows, ('what happens', 'more us', 'writing %', 'MB a minute', '% of .w64', 'times faster', 'same'))
    print_json({'patch': arguments.patch, 'seconds': seconds, **figures, 'machine': machine()})


if __name__ == '__main__':
    main()
