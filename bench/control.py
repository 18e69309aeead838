"""What the performer's page costs the performance: messages to sound, pacing of the window, with a page and without.

The whole instrument runs as in latency.py: JACK with 64 frames a period, window without a screen, dream random:tiny.
In turns, nobody looks at the page, and then a page in a process of its own takes 30 frames a second with meters, wheel
and every parameter, looks at the picture five times a second, and asks for an echo twenty times a second. Meanwhile
MIDI and OSC turn the main level, and each frame of the window is timed. `pacing` is how much longer than the median
frame the longest of a hundred took. OSC's burst is bench/osc.py's. At last strangers send 10,000 messages a second
for a minute: good ones, broken ones, NaN, wrong types and long strings.

Budget: with a page, message to sound within 10 % of without, and no underflow; the round trip of the websocket under
20 ms at p99 on a machine that has a core free. The flood: counted, no underflow, memory as before.

    python bench/control.py [--quick]
"""
import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pythonosc.osc_message_builder import build_msg

from common import figures, jack_server, machine, resident, parse_arguments, print_json, print_table
from latency import CC, PERIOD, RATE, ROOT, measure_messages
from osc import BURST, PACE, measure, run_ours

ECHO_TIME = 0.05
FRAMES = 3000           # of OSC, paced
FLOOD_RATE, FLOOD_LUMP = 10_000, 100    # messages a second, sent so many at once


async def look(port: int) -> dict:
    """Be a page until stdin ends; return round trips in milliseconds, and how many frames and pictures came."""
    import aiohttp
    trips: list[float] = []
    kinds = {b'live': 0, b'view': 0}
    begin = time.monotonic()
    async with aiohttp.ClientSession() as session, session.ws_connect(f'http://127.0.0.1:{port}/live') as socket:
        await socket.send_str('["look", true]')

        async def ask() -> None:
            while True:
                await socket.send_str(json.dumps(['ping', time.monotonic()]))
                await asyncio.sleep(ECHO_TIME)

        async def hear() -> None:
            async for message in socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    kinds[message.data[:4]] += 1
                elif message.type is aiohttp.WSMsgType.TEXT and message.data.startswith('{"pong"'):
                    trips.append(1000 * (time.monotonic() - json.loads(message.data)['pong']))
        tasks = [asyncio.create_task(ask()), asyncio.create_task(hear())]
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
    seconds = time.monotonic() - begin
    return {'trips': trips, 'frames': kinds[b'live'] / seconds, 'pictures': kinds[b'view'] / seconds}


def flood(port: int, seconds: float) -> None:
    """Be a stranger: send good and broken messages, FLOOD_RATE a second."""
    good = [build_msg('/drone/drift_cents', [n / 10]).dgram for n in range(60)]
    packets = [*good, build_msg('/drone/pan', [float('nan')]).dgram, build_msg('/drone/pan', ['left']).dgram,
               build_msg('/no/such/thing', [1]).dgram, build_msg('/prompt', ['x' * 8000]).dgram,
               good[0][:-3], os.urandom(64), b'#bundle\0' + bytes(8) + b'\xff\xff\xff\xff']
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as target:
        begin = time.monotonic()
        for sent in range(0, round(FLOOD_RATE * seconds), FLOOD_LUMP):
            for number in range(sent, sent + FLOOD_LUMP):
                target.sendto(packets[number % len(packets)], ('127.0.0.1', port))
            time.sleep(max(0.0, begin + sent / FLOOD_RATE - time.monotonic()))


def measure_flood(instrument, watch: 'Watch', seconds: float) -> dict:
    """Let a stranger in; return what became of the messages, of the sound, of the window, and of the memory."""
    osc, stats = instrument.control.osc, instrument.sound.arena.stats
    for told in (False, True):      # the first seconds fill what is kept: the prompts, caches of addresses
        watch.intervals()
        before = osc.received, osc.refused + osc.malformed, int(stats['underflows']), resident()
        words = [sys.executable, __file__, '--flood', str(osc.port), str(seconds if told else 3)]
        subprocess.run(words, check=True)
    after = osc.received, osc.refused + osc.malformed, int(stats['underflows']), resident()
    received, refused, underflows, grown = (b - a for a, b in zip(before, after))
    return {'sent': round(FLOOD_RATE * seconds), 'received': received, 'refused': refused, 'underflows': underflows,
            'frames_ms': figures(watch.intervals()), 'grown_mb': round(grown / 1e6, 1)}


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
    words = [sys.executable, __file__, '--page', str(instrument.panel.port)]
    looker = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) if page else None
    if looker:
        while not instrument.panel.pages:
            time.sleep(0.1)
    watch.intervals()
    before = int(instrument.sound.arena.stats['underflows'])
    for kind in kinds:
        results.setdefault(f'{kind}_to_sound_ms', []).extend(measure_messages(instrument, kind, count))
    results.setdefault('frames_ms', []).extend(watch.intervals())
    results['underflows'] = results.get('underflows', 0) + int(instrument.sound.arena.stats['underflows']) - before
    if looker:
        told = json.loads(looker.communicate('')[0])
        results.setdefault('ws_roundtrip_ms', []).extend(told.pop('trips'))
        for name, rate in told.items():
            results[name] = min(rate, results.get(name, rate))


def play(folder: str, kinds: tuple, count: int, turns: int, flooded: float, results: dict) -> None:
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
            results['flood'] = measure_flood(instrument, watch, flooded)
        finally:
            instrument.ended.set()
    threading.Thread(target=run, daemon=True).start()
    instrument.run()
    instrument.stop()


def main() -> None:
    if '--page' in sys.argv:
        print(json.dumps(asyncio.run(look(int(sys.argv[-1])))))
        return
    if '--flood' in sys.argv:
        flood(int(sys.argv[-2]), float(sys.argv[-1]))
        return
    quick = parse_arguments(__doc__).quick
    print(f'{machine()}\nJACK dummy driver, {PERIOD} frames at 48 kHz; window offscreen, dream random:tiny\n')
    kept, _ = measure(run_ours, BURST, 0.0)
    _, paced = measure(run_ours, FRAMES, PACE)
    results: dict = {False: {}, True: {}}
    with jack_server(PERIOD, RATE), TemporaryDirectory() as folder:
        play(folder, ('midi',) if quick else ('midi', 'osc'), 12 if quick else 50, 1 if quick else 3,
             4.0 if quick else 60.0, results)
    without, beside = results[False], results[True]
    rows = [(name, label, len(table[name]), *figures(table[name]))
            for name in beside if isinstance(beside[name], list)
            for label, table in (('without', without), ('with a page', beside)) if name in table]
    print_table(rows, ('', '', 'measured', 'p50', 'p99', 'max'))
    print(f'{without["underflows"]} underflows without, {beside["underflows"]} with a page; '
          f'the page had {beside["frames"]:.1f} frames and '
          f'{beside["pictures"]:.1f} pictures a second; OSC kept {kept} of {BURST}')
    print(f'flood: {results["flood"]}')
    pacing = {label: figures(table['frames_ms']) for label, table in (('without', without), ('with', beside))}
    print_json({
        'osc_burst_kept': kept, 'osc_p99_ms': figures(paced)[1],
        'midi_to_sound_ms': {'with': figures(beside['midi_to_sound_ms']),
                             'without': figures(without['midi_to_sound_ms'])},
        'ws_roundtrip_ms': figures(beside['ws_roundtrip_ms'])[1],
        'pacing_p99_ms': {label: round(p99 - p50, 3) for label, (p50, p99, _) in pacing.items()},
        'underflows': {label: table['underflows'] for label, table in (('without', without), ('with', beside))},
        'flood': results['flood']})
    sys.stdout.flush()
    os._exit(0)


if __name__ == '__main__':
    main()
