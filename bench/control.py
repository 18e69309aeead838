"""What the performer's page costs the performance: messages to sound, pacing of the window, with a page and without.

The whole instrument runs as in latency.py: JACK with 64 frames a period, window without a screen, dream random:tiny.
In turns, nobody looks at the page, and then a page in a process of its own takes 30 frames a second with meters, wheel
and every parameter, looks at the picture five times a second, and asks for an echo twenty times a second. Meanwhile
MIDI and OSC turn the main level, and each frame of the window is timed. `pacing` is how much longer than the median
frame the longest of a hundred took. OSC's burst is bench/osc.py's.

Then underflows, at 64 frames a period and at 256, where a stop of 2 ms, as virtual machines have them, is not heard: of
the sound alone, of the whole, with a page, and while a stranger sends 10,000 messages a second: good ones, broken
ones, NaN, wrong types and long strings (control_load.py).

Budget: with a page, message to sound within 10 % of without, and no more underflows than without; the round trip of the
websocket under 20 ms at p99 on a machine that has a core free. The flood: counted, refused, memory as before, and no
more underflows than while it goes past. No underflow at all where the sound alone has none.

    python bench/control.py [--quick]
"""
import os
import sys
import threading
import time
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from common import figures, jack_server, machine, parse_arguments, print_json, print_table
from control_hands import FLOOD_RATE, looking
from control_load import ROWS, measure_row
from latency import CC, PERIOD, RATE, ROOT, measure_messages
from osc import BURST, PACE, measure, run_ours

FRAMES = 3000           # of OSC, paced
PERIODS = PERIOD, 256


class Watch:
    """Notes when each frame of the window is shown."""

    def __init__(self, window) -> None:
        self.times: list[float] = []
        self._flip, window.flip = window.flip, self._timed

    def _timed(self) -> None:
        self._flip()
        self.times.append(time.monotonic())

    def intervals(self) -> list[float]:
        """Return milliseconds between the frames since the last call."""
        times, self.times = self.times, []
        return (1000 * np.diff(times)).tolist()


def measure_turn(instrument, watch: Watch, kinds: tuple, count: int, page: bool, results: dict) -> None:
    """Measure once, with a page that looks or without; add to the results."""
    with looking(instrument.panel) if page else nullcontext({}) as told:
        watch.intervals()
        for kind in kinds:
            results.setdefault(f'{kind}_to_sound_ms', []).extend(measure_messages(instrument, kind, count))
        results.setdefault('frames_ms', []).extend(watch.intervals())
    results.setdefault('ws_roundtrip_ms', []).extend(told.pop('trips', ()))
    for name, rate in told.items():
        results[name] = min(rate, results.get(name, rate))


def play(folder: str, kinds: tuple, count: int, turns: int, results: dict) -> None:
    """Run the instrument on this thread while another one measures."""
    from live.app import SWITCH_TIME, Instrument
    from live.stages import Settings
    mapping = Path(folder) / 'bench.toml'
    mapping.write_text(f'takeover = "jump"\n[cc]\n"{CC}" = "stage.gain_db"\n')
    patch = Path(folder) / 'sine.toml'
    patch.write_text(f'layers = ["drone"]\n[drone]\nroot = {ROOT}\npartials = 1\noctaves = 0\ndrift_cents = 0\n'
                     'gate = 0\nwidth = 0\nreverb = 0\nattack = 0.01\n[pulse]\nchance = 0\n')
    settings = Settings(patch=str(patch), audio='sounddevice', display='offscreen', model='random:tiny',
                        map=str(mapping), osc_port=9000 + os.getpid() % 900, panel=0)
    sys.setswitchinterval(SWITCH_TIME)
    instrument = Instrument(settings)
    instrument.start()
    watch = Watch(instrument.vision.window)

    def run() -> None:
        try:
            while not instrument.dream.stats.frames:
                time.sleep(0.2)
            for _ in range(turns):
                for page in (False, True):
                    measure_turn(instrument, watch, kinds, count, page, results[page])
        finally:
            instrument.ended.set()
    threading.Thread(target=run, daemon=True).start()
    instrument.run()
    instrument.stop()


def measure_loads(seconds: float) -> list[dict]:
    """Print a table of underflows beside one thing after the other; return its rows."""
    loads = [measure_row(row, period, seconds) for period in PERIODS for row in ROWS]
    columns = 'period', 'row', 'seconds', 'underflows', 'late', 'cpu', 'received', 'refused', 'frames', 'grown_mb'
    print()
    print_table([tuple(load.get(column, '-') for column in columns) for load in loads], columns)
    return loads


def cost(loads: list[dict], row: str) -> float:
    """Return the processor's milliseconds that the instrument needs for a hundred messages of a flood."""
    cpu = {load['row']: load['cpu'] for load in loads if load['period'] == PERIODS[-1]}
    return round((cpu[row] - cpu['passing']) / 100 / (FLOOD_RATE / 100) * 1000, 2)


def main() -> None:
    quick = parse_arguments(__doc__).quick
    print(f'{machine()}\nJACK dummy driver, {PERIOD} frames at 48 kHz; window offscreen, dream random:tiny\n')
    # Before this process is a client of JACK itself: it would take every other wake-up from those of the same name.
    loads = [] if quick else measure_loads(60.0)
    kept, _ = measure(run_ours, BURST, 0.0)
    _, paced = measure(run_ours, FRAMES, PACE)
    results: dict = {False: {}, True: {}}
    with jack_server(PERIOD, RATE), TemporaryDirectory() as folder:
        play(folder, ('midi',) if quick else ('midi', 'osc'), 12 if quick else 50, 1 if quick else 3, results)
    without, beside = results[False], results[True]
    rows = [(name, label, len(table[name]), *figures(table[name]))
            for name in beside if isinstance(beside[name], list)
            for label, table in (('without', without), ('with a page', beside)) if table.get(name)]
    print_table(rows, ('', '', 'measured', 'p50', 'p99', 'max'))
    print(f'the page had {beside["frames"]:.1f} frames and {beside["pictures"]:.1f} pictures a second; '
          f'OSC kept {kept} of {BURST}', flush=True)
    pacing = {label: figures(table['frames_ms']) for label, table in (('without', without), ('with', beside))}
    print_json({
        'osc_burst_kept': kept, 'osc_p99_ms': figures(paced)[1],
        'midi_to_sound_ms': {'with': figures(beside['midi_to_sound_ms']),
                             'without': figures(without['midi_to_sound_ms'])},
        'ws_roundtrip_ms': figures(beside['ws_roundtrip_ms'])[1],
        'pacing_p99_ms': {label: round(p99 - p50, 3) for label, (p50, p99, _) in pacing.items()},
        'underflows': {f'{load["row"]} {load["period"]}': load['underflows'] for load in loads},
        'flood_ms_per_100': {row: cost(loads, row) for row in ('read', 'flood')} if loads else None})
    sys.stdout.flush()
    os._exit(0)


if __name__ == '__main__':
    main()
