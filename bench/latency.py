"""From hand to ear and from ear to eye: message to sound, round trip, sound to picture.

The whole instrument runs on a JACK server with 64 frames (1.333 ms) a period: window (without a screen), dream
(random:tiny), OSC, MIDI. Another process turns the main level by MIDI CC over a JACK MIDI port, and by OSC over UDP,
and notes when. The sound is one steady sine, so the first sample that leaves its course is found exactly; it is heard
one period after the callback that made it. The round trip is jack_iodelay's signal through our input and output.

Budget: message to sound <= 2 periods + 1 ms at p99; round trip = one period.

    python bench/latency.py [--quick]
"""
import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from common import jack_server, machine, parse_arguments, print_json, print_table

PERIOD, RATE = 64, 48000
ROOT = 1000.0
CC = 20
BEFORE, AFTER = 2048, 4800      # samples around a message that are looked at
FIRST_MESSAGE = 4.0             # seconds for the port to be found


def send(kind: str, port: int, count: int) -> None:
    """Turn the level `count` times from a process of its own; print the time of each message in nanoseconds."""
    if kind == 'midi':
        import mido
        out = mido.Backend('mido.backends.rtmidi/UNIX_JACK').open_output('latency bench', virtual=True)
        messages = [mido.Message('control_change', control=CC, value=value) for value in (110, 127)]
        act = out.send
    else:
        from pythonosc.udp_client import SimpleUDPClient
        client = SimpleUDPClient('127.0.0.1', port)
        messages = [-6.0, 0.0]
        def act(value): client.send_message('/stage/gain_db', value)
    time.sleep(FIRST_MESSAGE)
    for message in messages[::-1]:      # the first ones set up connections
        act(message)
        time.sleep(0.3)
    random, times = np.random.default_rng(1), []
    for number in range(count):
        times.append(time.monotonic_ns())
        act(messages[number % 2])
        time.sleep(0.15 + random.uniform(0, 0.02))
    print(json.dumps(times), flush=True)


class Blocks(threading.Thread):
    """Keeps the sound, and when the callback began with which frame."""

    def __init__(self, arena) -> None:
        super().__init__(daemon=True)
        self.arena, self.sound, self.begins, self.ended = arena, [], [], threading.Event()
        self._reader = arena.sound.reader()
        self.first = self._reader.place

    def run(self) -> None:
        stats = self.arena.stats
        while not self.ended.wait(0.01):
            before = int(stats['callbacks'])
            frame, begin = int(stats['frames']) - int(stats['last_frames']), int(stats['last_ns'])
            if int(stats['callbacks']) == before:
                self.begins.append((frame, begin))
            self.sound.append(self._reader.get())

    def offsets(self) -> np.ndarray:
        """Return rows (frame, ns): the earliest a frame's block began, in a window of 200 looks: the sample clock."""
        rows = np.array(self.begins)
        offset = rows[:, 1] - rows[:, 0] * 1e9 / RATE
        earliest = [offset[max(0, k - 100):k + 100].min() for k in range(len(offset))]
        return np.column_stack((rows[:, 0], earliest))


def first_change(sound: np.ndarray, start: int, frequency: float) -> int | None:
    """Return the index of the first sample after `start` that is not on the sine of the samples before it."""
    k = np.arange(start - BEFORE, min(len(sound), start + AFTER))
    basis = np.column_stack((np.cos(2 * np.pi * frequency / RATE * k), np.sin(2 * np.pi * frequency / RATE * k)))
    weights = np.linalg.lstsq(basis[:BEFORE], sound[k[:BEFORE]], rcond=None)[0]
    off = np.abs(sound[k] - basis @ weights) > 0.002 * np.hypot(*weights)
    found = np.nonzero(off[BEFORE:])[0]
    return None if off[:BEFORE].any() or not len(found) else start + int(found[0])


def measure_messages(instrument, kind: str, count: int) -> list[float]:
    """Return milliseconds from message to sound."""
    arena = instrument.sound.arena
    blocks = Blocks(arena)
    blocks.start()
    port = instrument.control.osc.port if instrument.control.osc else 0
    words = [sys.executable, __file__, '--send', kind, str(port), str(count)]
    times = json.loads(subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout)
    blocks.ended.set()
    blocks.join()
    sound, clock = np.concatenate(blocks.sound)[:, 0].astype(float), blocks.offsets()
    step = int(ROOT / RATE * 2 ** 32)       # the phase step that is played
    found = []
    for sent in times:
        offset = clock[min(len(clock) - 1, np.searchsorted(clock[:, 0] * 1e9 / RATE + clock[:, 1], sent)), 1]
        start = round((sent - offset) * RATE / 1e9) - blocks.first
        changed = first_change(sound, start, step / 2 ** 32 * RATE)
        if changed is not None:
            heard = offset + (blocks.first + changed + PERIOD) * 1e9 / RATE
            found.append((heard - sent) / 1e6)
    return found


def measure_roundtrip(seconds: float) -> list[float]:
    """Return frames from input to output as jack_iodelay counts them, less its own period."""
    meter = subprocess.Popen(['stdbuf', '-oL', 'jack_iodelay'], stdout=subprocess.PIPE, text=True)
    time.sleep(1)
    ports = subprocess.run(['jack_lsp'], capture_output=True, text=True).stdout.split()
    ours = sorted({port.partition(':')[0] for port in ports if port.endswith(':out_0')})[0]
    for source, sink in (('jack_delay:out', f'{ours}:in_0'), (f'{ours}:out_0', 'jack_delay:in')):
        subprocess.run(['jack_connect', source, sink], check=True)
    time.sleep(seconds)
    meter.terminate()
    return [float(frames) for frames in re.findall(r'([\d.]+) frames.*total roundtrip', meter.communicate()[0])][3:]


def play(folder: str, count: int, results: dict) -> None:
    """Run the instrument on this thread while another one measures."""
    from live.app import SWITCH_TIME, Instrument
    from live.stages import Settings
    mapping = Path(folder) / 'bench.toml'
    mapping.write_text(f'[cc]\n"{CC}" = "stage.gain_db"\n')
    patch = Path(folder) / 'sine.toml'
    patch.write_text(f'layers = ["drone"]\n[drone]\nroot = {ROOT}\npartials = 1\noctaves = 0\ndrift_cents = 0\n'
                     'gate = 0\nwidth = 0\nreverb = 0\nattack = 0.01\n[pulse]\nchance = 0\n')
    settings = Settings(patch=str(patch), audio='sounddevice', display='offscreen', model='random:tiny',
                        map=str(mapping), input=True, osc_port=9000 + os.getpid() % 900)
    sys.setswitchinterval(SWITCH_TIME)
    instrument = Instrument(settings)
    instrument.start()

    def measure() -> None:
        try:
            time.sleep(1)
            while not instrument.dream.stats.frames:
                time.sleep(0.2)
            instrument.vision.ages.clear()
            before = int(instrument.sound.arena.stats['underflows'])
            for kind in ('midi', 'osc'):
                results[f'{kind}_to_sound_ms'] = measure_messages(instrument, kind, count)
            results['sound_to_picture_ms'] = list(instrument.vision.ages)
            instrument.sound.desk.set('drone.level_db', -60)
            instrument.sound.desk.set('input.level_db', 0)
            results['roundtrip_frames'] = measure_roundtrip(6)
            results['underflows'] = int(instrument.sound.arena.stats['underflows']) - before
            results['dream_fps'] = instrument.dream.stats.fps
        finally:
            instrument.ended.set()
    threading.Thread(target=measure, daemon=True).start()
    instrument.run()
    instrument.stop()


def main() -> None:
    if '--send' in sys.argv:
        send(sys.argv[-3], int(sys.argv[-2]), int(sys.argv[-1]))
        return
    count = 30 if parse_arguments(__doc__).quick else 200
    print(f'{machine()}\nJACK dummy driver, {PERIOD} frames at 48 kHz; window offscreen, dream random:tiny\n')
    results: dict = {}
    with jack_server(PERIOD, RATE), TemporaryDirectory() as folder:
        play(folder, count, results)
    figures = {}
    for name in ('midi_to_sound_ms', 'osc_to_sound_ms', 'roundtrip_frames', 'sound_to_picture_ms'):
        values = np.array(results[name])
        figures[name] = {'p50': round(float(np.percentile(values, 50)), 3),
                         'p99': round(float(np.percentile(values, 99)), 3), 'max': round(float(values.max()), 3)}
    print_table([(name, len(results[name]), *row.values()) for name, row in figures.items()],
                ('', 'measured', 'p50', 'p99', 'max'))
    print(f'{results["underflows"]} underflows, {results["dream_fps"]:.1f} dreams a second')
    print_json(figures)
    sys.stdout.flush()
    os._exit(0)


if __name__ == '__main__':
    main()
