"""The whole instrument for minutes or hours, with faults injected one after the other, each of them real.

`live play` runs in a process of its own: JACK, MIDI, OSC, picture, dream, page. Every few seconds one thing breaks:

    sound server    jackd is ended by SIGTERM, and by SIGKILL the next time; 2 s later it starts again
    dream raises    three dreams in a row raise
    dream nan       weights of its network are NaN for three dreams
    dream hangs     one dream does not come back
    MIDI unplugged  a device on JACK is killed, and plugged in again
    shader broken   motes.glsl of a copy, on disk
    disk full       a take on a tmpfs of 3 MB (as root; else it is left out, and that is told)
    OSC flood       20,000 messages at once, a tenth of them garbage

A fault is recovered when what it broke works again: callbacks on the device, new dreams, a CC that steers, a shader
without errors, a take that can be played, a message that is obeyed. Lost sound: seconds in which the device had none.
Memory: in the rest before each fault, what the program holds and what is resident; their slopes, each fault compared
with itself, and how sure they are (soak_memory.py). They begin when every fault has come twice: what each needs (a
second model, another malloc arena) is loaded once, and counts as warm-up; a step at every fault counts as growth. They
are judged over ten minutes at least. Budget: all recovered, slope below 1 MB an hour. At first the sound is made
without a clock, as fast as it goes, while parameters are thrown about: hours of sound, checked for what is not finite.

    python bench/soak.py [--minutes 30] [--quick] [--model embedded]
"""
import itertools
import shutil
import signal
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from common import argument_parser, machine, print_json, print_table
from soak_faults import Fault, Faults
from soak_memory import Look, Slope, accelerate, judge, slope
from soak_stage import Stage

START_TIME = 600.0      # the first start compiles
SLOPE_LIMIT = 1.0       # MB an hour
QUICK = 'server,MIDI,shader,disk,OSC,raises'    # what recovers within seconds
WARM_ROUNDS = 2         # times that every fault comes before a slope begins
JUDGED_TIME = 600.0     # seconds that a slope is taken from, or it is told and not judged


@dataclass
class Course:
    """What happened: (fault, seconds to recovery or None, underflows). warm: when memory began to count, or 0."""
    began: float
    warm: float = 0.0
    done: list[tuple[str, float | None, int]] = field(default_factory=list)


def run(stage: Stage, chosen: dict[str, Fault], minutes: float, pause: float) -> Course:
    """Let faults come until the time is over."""
    if stage.wait_for(lambda s: s['sound']['backend'] and s['dream']['frames'] > 3, START_TIME) is None:
        sys.exit(f'the instrument does not start:\n{(stage.folder / "log.txt").read_text()}')
    stage.knob.plug()
    course = Course(time.monotonic())
    for name, fault in itertools.cycle(chosen.items()):
        if time.monotonic() - course.began >= 60 * minutes or not stage.alive:
            return course
        if not course.warm and len(course.done) >= WARM_ROUNDS * len(chosen):
            course.warm = time.monotonic()
        stage.rest(pause, name)
        course.done.append(break_one(stage, name, fault))
        told = 'NOT recovered' if (took := course.done[-1][1]) is None else f'recovered in {took:.1f} s'
        print(f'{(time.monotonic() - course.began) / 60:6.1f} min  {last(stage.held)} MB held, {last(stage.resident)} '
              f'resident  {name}: {told}', flush=True)
    return course


def break_one(stage: Stage, name: str, fault: Fault) -> tuple[str, float | None, int]:
    """Return the fault, the seconds to its recovery or None, and underflows meanwhile."""
    before = stage.status
    took = fault()
    if not stage.alive or not before:
        return name, None, 0
    return name, took, stage.status['sound']['underflows'] - before['sound']['underflows']


def report(stage: Stage, course: Course, fast: dict) -> dict:
    """Print what happened; return the figures."""
    status, done, lasted = stage.status, course.done, time.monotonic() - course.began
    health = stage.ask('/health') if stage.alive else (0, '')
    rows = []
    for name in dict.fromkeys(name for name, _, _ in done):
        times = [took for one, took, _ in done if one == name]
        good = [took for took in times if took is not None]
        rows.append((name, len(times), len(good), round(statistics.median(good), 2) if good else '-',
                     round(max(good), 2) if good else '-', sum(late for one, _, late in done if one == name)))
    print(f'\n{machine()}; {lasted / 60:.1f} minutes\n')
    print_table(rows, ('fault', 'times', 'recovered', 'median s', 'max s', 'underflows'))
    memory = weigh(stage, course, lasted)
    return {'hours': round(lasted / 3600, 3), 'faults': len(done),
            'recovered': sum(took is not None for _, took, _ in done),
            'lost_audio_s': round(status['sound']['lost_s'], 2), 'losses': status['sound']['losses'],
            **memory, 'underflows': status['sound']['underflows'], 'nan': status['sound']['nan'],
            'guard': status['guard'], 'dream_restarts': status['dream']['restarts'], 'health': health[0],
            'accelerated': fast}


def weigh(stage: Stage, course: Course, lasted: float) -> dict:
    """Tell how memory grew once all was warm; return the figures."""
    begin = course.warm or course.began
    held, whole = (slope(look for look in looks if look.time >= begin) for looks in (stage.held, stage.resident))
    enough = course.warm and course.began + lasted - begin >= JUDGED_TIME
    below = judge(held, whole, SLOPE_LIMIT) if enough else None
    print(f'memory held: {held}; resident: {whole}')
    if below is None:
        print('memory is not judged: ' + ('it is not sure enough' if enough else 'too short a time'))
    return {'rss_slope_mb_h': round(whole.median, 2), 'rss_interval': bounds(whole), 'rss_mb': last(stage.resident),
            'held_slope_mb_h': round(held.median, 2), 'held_interval': bounds(held), 'held_mb': last(stage.held),
            'slope_below_limit': below}


def bounds(grown: Slope) -> list[float] | None:
    """Return an interval as JSON has it: no infinity."""
    return [round(grown.low, 2), round(grown.high, 2)] if abs(grown.low) + abs(grown.high) < float('inf') else None


def last(looks: list[Look]) -> float | None:
    """Return the newest size in MB."""
    return round(looks[-1].size / 1e6, 1) if looks else None


def main() -> int:
    parser = argument_parser(__doc__)
    parser.add_argument('--minutes', type=float, default=30.0)
    parser.add_argument('--model', default='embedded')
    parser.add_argument('--only', default='', metavar='WORD,...', help='faults with these words; nothing: none')
    arguments = parser.parse_args()
    minutes, pause, fast_seconds = (0.6, 1.0, 4.0) if arguments.quick else (arguments.minutes, 6.0, 30.0)
    if not shutil.which('jackd'):
        sys.exit('jackd is not installed (Debian: apt install jackd2); this bench needs it')
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))     # so that nothing is left running
    fast = accelerate(fast_seconds)
    print(f'accelerated: {fast["hours"]} hours of sound, {fast["broken"]} samples not finite or too large', flush=True)
    stage = Stage(Path(tempfile.mkdtemp(prefix='live-soak-')), 'random:tiny' if arguments.quick else arguments.model)
    try:
        chosen, left_out = Faults(stage).choose(arguments.only or QUICK * arguments.quick)
        for name, reason in left_out.items():
            print(f'{name} is LEFT OUT: {reason}', flush=True)
        course = run(stage, chosen, minutes, pause)
        figures = report(stage, course, fast) | {'left_out': list(left_out)}
    finally:
        code = stage.end()
    figures['exit'] = code
    ok = code == 0 and figures['recovered'] == figures['faults'] and not fast['broken']
    if not ok:
        print(f'the instrument said: {stage.folder / "log.txt"}')
    else:
        shutil.rmtree(stage.folder, ignore_errors=True)
    print_json(figures)
    return 0 if ok and figures['slope_below_limit'] is not False else 1


if __name__ == '__main__':
    sys.exit(main())
