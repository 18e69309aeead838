"""Does the sound survive a program that holds Python's lock?

Two threads spin in pure Python while a stream runs on a JACK server with 64 frames (1.333 ms) a period: 750 callbacks
a second are due. The compiled callback needs no lock; a Python callback of the same kernel waits for it, 5 ms at a
time (sys.getswitchinterval), and comes too late.

A third run, the compiled callback with no thread beside it, tells what the machine itself does to 1.333 ms periods: a
virtual machine may be stopped for longer than that by its host (cyclictest shows it), which no program can help.

Budget: native >= 99.5 % of the callbacks due and 0 underflows over 20 s.

    python bench/gil_hold.py [--quick]
"""
import json
import subprocess
import sys
import threading
import time

from common import jack_server, machine, parse_arguments, print_json, print_table

SETTLE = 1.0        # seconds before counting begins


def spin(ended: threading.Event) -> None:
    x = 0
    while not ended.is_set():
        for _ in range(10000):
            x += 1


def measure(backend: str, spinning: int, seconds: float) -> dict:
    """Run one stream beside spinning threads; return callbacks due and made, and underflows."""
    from live.audio.arena import Arena
    from live.audio.devices import choose_stream
    from live.audio.priority import raise_priority
    from live.audio.stats import read_stats
    from live.audio.streams import open_stream
    choice = choose_stream(backend)
    arena = Arena(choice.samplerate)
    stream = open_stream(choice, arena)
    stream.start()
    time.sleep(SETTLE)
    granted, reason = raise_priority(int(arena.stats['thread']))
    ended = threading.Event()
    for _ in range(spinning):
        threading.Thread(target=spin, args=(ended,), daemon=True).start()
    before, begin = read_stats(arena), time.perf_counter()
    time.sleep(seconds)
    after, end = read_stats(arena), time.perf_counter()
    ended.set()
    stream.stop()
    made = after['callbacks'] - before['callbacks']
    frames = (after['frames'] - before['frames']) / made if made else 64
    return {'due': round((end - begin) * choice.samplerate / frames), 'made': made,
            'underflows': after['underflows'] - before['underflows'],
            'late': after['late'] - before['late'], 'priority': reason}


def run_apart(backend: str, spinning: int, seconds: float) -> dict:
    """Measure in a process of its own: a Python callback under load may never come back from stop()."""
    words = [sys.executable, __file__, '--measure', backend, str(spinning), str(seconds)]
    said = subprocess.run(words, stdout=subprocess.PIPE, text=True, timeout=seconds + 60).stdout
    return json.loads(said.splitlines()[-1])


def main() -> None:
    if '--measure' in sys.argv:
        print(json.dumps(measure(sys.argv[-3], int(sys.argv[-2]), float(sys.argv[-1]))), flush=True)
        import os
        os._exit(0)
    seconds = 7 if parse_arguments(__doc__).quick else 20
    print(f'{machine()}\nJACK dummy driver, 64 frames at 48 kHz, two Python threads spinning, {seconds} s each\n')
    with jack_server(64):
        figures = {'native': run_apart('sounddevice', 2, seconds), 'python': run_apart('pyaudio', 2, seconds),
                   'alone': run_apart('sounddevice', 0, seconds)}
    print_table([(name, f['due'], f['made'], f'{100 * f["made"] / f["due"]:.1f} %', f['underflows'], f['late'],
                  f['priority']) for name, f in figures.items()],
                ('callback', 'due', 'made', 'share', 'underflows', 'late', 'scheduling'))
    print_json({name: {key: f[key] for key in ('due', 'made', 'underflows')} for name, f in figures.items()})


if __name__ == '__main__':
    main()
