"""What recording costs the rest of the instrument, and whether its encoder belongs into a process of its own.

30 pictures a second of 1280x720 go to the encoder, as from a window, while two things run beside it as on stage: a loop
that wants to come every 5 ms, as MIDI and OSC do, and the picture loop itself. Three ways: no recording; the encoder on
a thread (live/record/film.py: H.264, colours and muxing run without Python's lock); the encoder in a child process, fed
through shared memory (a copy of 3.7 MB for each picture, on the picture's thread), which sends its Shots back.

Late: how much after its 5 ms the loop came. Handing over: what the picture's thread spends on a picture. Processor:
seconds of all processes for a second of recording. Budget: nothing dropped; the median of handing over below 1 ms.

    python bench/recording.py [--quick] [--size 1280x720]
"""
import multiprocessing
import os
import resource
import threading
import time
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from common import argument_parser, machine, print_json, print_table, resident

RATE, FPS, PERIOD, SLOTS = 48000, 30, 0.005, 8


def draw(size: tuple[int, int], number: int) -> np.ndarray:
    """Return a picture like a dream: soft colours that drift, some grain."""
    width, height = size
    x, y = np.arange(width) / width, np.arange(height)[:, None] / height
    grain = np.random.default_rng(number).integers(0, 6, (height, width))
    pixels = np.full((height, width, 4), 255, np.uint8)
    for channel in range(3):
        wave = np.sin(6 * x + number / 20 + channel) + np.sin(9 * y - number / 30 + 2 * channel)
        pixels[..., channel] = 120 + 50 * wave + grain
    return pixels


class Nothing:
    """No recording. started: seconds of processor that its start has taken, so far as `used` will count them."""
    dropped, started = 0, 0.0

    def add_picture(self, pixels: np.ndarray, index: int) -> None:
        pass

    def stop(self) -> None:
        pass


class Thread:
    """The instrument's own way."""
    started = 0.0

    def __init__(self, size: tuple[int, int]) -> None:
        from live.record.film import Film
        self.shots: list = []
        self._film = Film(RATE, FPS, lambda: size, lambda: 0)
        self._film.listen(self.shots.append, 0)
        self._film.start()
        self.add_picture = self._film.add_picture

    @property
    def dropped(self) -> int:
        return self._film.dropped

    def stop(self) -> None:
        self._film.leave(self.shots.append)
        self._film.stop()


class Process:
    """The same encoder in a child, fed through slots of shared memory."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.dropped, self.shots = 0, []
        self._sent = 0
        self._memory = SharedMemory(create=True, size=SLOTS * size[0] * size[1] * 4)
        self._slots = np.ndarray((SLOTS, size[1], size[0], 4), np.uint8, self._memory.buf)
        context = multiprocessing.get_context('spawn')
        self._pipe, end = context.Pipe()
        self._child = context.Process(target=encode_apart, args=(end, self._memory.name, size), daemon=True)
        self._child.start()
        self.started: float = self._pipe.recv()     # it is ready
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while (shot := self._pipe.recv()) is not None:
            self.shots.append(shot)

    def add_picture(self, pixels: np.ndarray, index: int) -> None:
        if self._sent - len(self.shots) >= SLOTS:
            self.dropped += 1
            return
        self._slots[self._sent % SLOTS] = pixels
        self._pipe.send((self._sent % SLOTS, index))
        self._sent += 1

    def stop(self) -> None:
        self._pipe.send(None)
        self._reader.join(30)
        self._child.join(30)
        del self._slots
        self._memory.close()
        self._memory.unlink()


def encode_apart(pipe, name: str, size: tuple[int, int]) -> None:
    """The child."""
    from live.record.encoder import PictureEncoder
    memory = SharedMemory(name)
    slots = np.ndarray((SLOTS, size[1], size[0], 4), np.uint8, memory.buf)
    encoder = PictureEncoder(size, FPS, RATE)
    pipe.send(sum(os.times()[:2]))      # seconds that its start has taken
    while (order := pipe.recv()) is not None:
        shot = encoder.encode(slots[order[0]], order[1])
        pipe.send((shot.data, shot.sample, shot.key))
    pipe.send(None)
    del slots
    memory.close()


def wait_periodically(ended: threading.Event, late: list[float]) -> None:
    due = time.perf_counter() + PERIOD
    while not ended.is_set():
        time.sleep(max(0.0, due - time.perf_counter()))
        now = time.perf_counter()
        late.append(1000 * (now - due))
        due = max(due + PERIOD, now)


def used() -> float:
    """Return the seconds of processor of this process and its ended children."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def measure(way, pictures: list[np.ndarray], seconds: float) -> dict:
    """Offer pictures for so long; return what was seen beside it."""
    ended, late, handing = threading.Event(), [], []
    beside = threading.Thread(target=wait_periodically, args=(ended, late), daemon=True)
    begin_used, begin = used(), time.perf_counter()
    beside.start()
    for number in range(round(seconds * FPS)):
        time.sleep(max(0.0, begin + number / FPS - time.perf_counter()))
        before = time.thread_time()
        way.add_picture(pictures[number % len(pictures)], number * RATE // FPS)
        handing.append(1000 * (time.thread_time() - before))
    ended.set()
    beside.join()
    way.stop()
    return {'late_ms': [round(float(np.percentile(late, part)), 2) for part in (50, 99, 100)],
            'handing_over_ms': round(float(np.median(handing)), 3), 'dropped': way.dropped,
            'processor': round((used() - begin_used - way.started) / seconds, 3)}


def measure_memory(size: tuple[int, int], pictures: list[np.ndarray]) -> dict:
    """Return what a minute of kept sound and pictures takes, MB."""
    from live.record.encoder import PictureEncoder
    from live.record.memory import Memory
    from live.wires import Ring
    ring, encoder = Ring.make(1 << 16, 'f4', (2,)), PictureEncoder(size, FPS, RATE)
    memory, before = Memory(ring, RATE, 5), 0
    for number in range(11 * FPS):
        before = before if number != FPS else resident()        # the encoder has made its own room
        memory.add_shot(encoder.encode(pictures[number % len(pictures)], number * RATE // FPS))
        ring.put(np.ones((RATE // FPS, 2), np.float32))
        memory.fetch()
    return {'kept_mb_a_minute': round(6 * (resident() - before) / 1e6, 1),
            'pictures_mb_a_minute': round(6 * memory._bytes / 1e6, 1)}


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument('--size', default='1280x720')
    arguments = parser.parse_args()
    size = tuple(map(int, arguments.size.split('x')))
    seconds, rounds = (3, 2) if arguments.quick else (10, 4)
    pictures = [draw(size, number) for number in range(60)]
    ways = {'none': lambda: Nothing(), 'thread': lambda: Thread(size), 'process': lambda: Process(size)}
    runs: dict[str, list] = {name: [] for name in ways}
    print(f'{machine()}, {len(os.sched_getaffinity(0))} of them ours; {arguments.size}, {FPS} pictures a second\n')
    for _ in range(rounds):         # in turns: what else the machine does changes
        for name, make in ways.items():
            runs[name].append(measure(make(), pictures, seconds))
    figures = {name: {key: np.median([run[key] for run in rows], axis=0).round(3).tolist() for key in rows[0]}
               for name, rows in runs.items()}
    print_table([(name, *f['late_ms'], f['handing_over_ms'], f['processor'], f['dropped'])
                 for name, f in figures.items()],
                ('encoder', 'late p50 ms', 'p99', 'max', 'handing over ms', 'processor', 'dropped'))
    print_json({**figures, **measure_memory(size, pictures)})


if __name__ == '__main__':
    main()
