"""A thread that writes a performance down while it lasts, so that it can be played again from any take. [scribe]

In: the ring of what the sound has taken, and those of the scales, routes, spectra and pictures it has taken; what is
said to the dream. Out: lines, as live.record.score has them, for ScoreFiles. Nothing waits for it or for the disk: what
it loses because it came too late is counted in the file, for then the sound cannot be made again.
"""
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from live.dsp.kernel import TICK
from live.params import PARAMS
from live.record.score import write_header, write_line
from live.record.score_files import ScoreFiles, ScoreTake
from live.record.score_lines import EVENT_NAMES, say_picture, say_routes, say_spectrum, say_values
from live.record.take import TakeError
from live.signals import CLASSED, HELD, MOVED, ROUTED, SHOWN, TUNED
from live.wires import Ring

HANDED = 64             # scales, routes, spectra and pictures that are remembered until they are taken
DISK_TIME = 5.0         # seconds that a disk may take
LOOK_TIME = 0.05        # seconds between two looks
BEAT_SECONDS = 1.0      # of sound between two lines at most: they tell how far it has come
SYNC_SECONDS = 1.0      # of sound between two times that the disk is to have it


class Sounding(Protocol):
    """What is read of the arena."""
    sound: Ring
    taken: Ring
    tunings: Ring
    routings: Ring
    spectra: Ring
    pictures: Ring

    @property
    def targets(self) -> np.ndarray: ...


class Handed:
    """What control has put into a ring, by its number, from 0, until it is taken. behind: how many lie behind."""

    def __init__(self, ring: Ring, behind: int = 1) -> None:
        self._reader = ring.reader(max(0, ring.written - behind))
        self._items: dict[int, Any] = {}
        self.look()

    def look(self) -> None:
        """Remember what is new."""
        items = self._reader.get()
        self._items |= zip(range(self._reader.place - len(items), self._reader.place), items)
        for number in list(self._items)[:-HANDED]:
            del self._items[number]

    def get(self, number: int) -> Any:
        """Return the item of a number, None when it was overwritten before it was seen."""
        return self._items.get(number)

    @property
    def newest(self) -> int:
        return self._reader.place - 1


class Scribe:
    """Writes down one performance; made before its first sample.

    header: first line of the files; said: what is said to the dream now, by the names of score_lines; path: of the
    file of the whole; say: told what goes wrong.
    """

    def __init__(self, arena: Sounding, header: dict, said: Callable[[], dict], path: Path,
                 say: Callable[[str], None] = lambda text: None) -> None:
        self._arena, self._said = arena, said
        self._taken = arena.taken.reader(0)
        self._handed = {TUNED: Handed(arena.tunings), ROUTED: Handed(arena.routings), SHOWN: Handed(arena.pictures),
                        HELD: Handed(arena.spectra, len(arena.spectra.items))}
        self._second = int(header['samplerate'])
        self._sample = self._synced = 0         # of the last line; up to where the disk has it
        self._lost = 0
        self._now: dict[str, Any] = {}          # what is said to the dream
        self._lock = threading.Lock()           # of the files
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name='scribe', daemon=True)
        self._files = ScoreFiles(path, say)
        self._files.write([write_header(header), write_line(0, self._beginning())])

    def _beginning(self) -> dict:
        """Return where everything stands before the first tick."""
        begin: dict[str, Any] = {'set': say_values(self._arena.targets)}
        for kind in (TUNED, ROUTED):
            begin |= self._handed_over(kind, self._handed[kind].newest) if self._handed[kind].newest >= 0 else {}
        held = [self._handed[HELD].get(number) for number in range(self._handed[HELD].newest + 1)]
        begin['hold'] = [say_spectrum(item) for item in held if item is not None]
        return begin | self._news()

    def start(self) -> None:
        """[main] Begin."""
        self._thread.start()

    def stop(self) -> None:
        """[main] Write what is left and close everything."""
        self._stopping.set()
        if self._thread.ident:
            self._thread.join(5.0)
        with suppress(TakeError), self._at_disk():
            self.write_new()
            self._files.close(self._sample)

    def begin_take(self, path: Path, start: int) -> ScoreTake:
        """[any] Open the file of a take that begins at this sample; raise TakeError."""
        with self._at_disk():
            self.write_new()
            return self._files.begin(path, start, self._sample)

    def end_take(self, take: ScoreTake, end: int) -> None:
        """[any] Close the file of a take that has ended before this sample; raise TakeError."""
        with self._at_disk():
            self.write_new()
            self._files.end(take, end, self._sample)

    def keep(self, path: Path, start: int, end: int) -> ScoreTake:
        """[any] Write the file of a take that lies behind; raise TakeError."""
        with self._at_disk():
            self.write_new()
            return self._files.keep(path, start, end, self._sample)

    @contextmanager
    def _at_disk(self) -> Iterator[None]:
        """Have the files alone; raise TakeError where a disk holds up whoever has them."""
        if not self._lock.acquire(timeout=DISK_TIME):
            raise TakeError('the performance: the disk does not answer')
        try:
            yield
        finally:
            self._lock.release()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_TIME):
            with self._lock:
                self.write_new()

    def write_new(self) -> None:
        """[scribe] Write what is new."""
        come = self._arena.sound.written // TICK * TICK         # before: all that was taken up to there is in the ring
        entries = self._taken.get()
        for handed in self._handed.values():                    # after: what was taken had been put before
            handed.look()
        lines = [self._line(tick * TICK, list(group)) for tick, group in groupby(entries.tolist(), itemgetter(0))]
        lines += self._rest(max(come, self._sample))
        sync = self._sample - self._synced >= SYNC_SECONDS * self._second
        self._synced = self._sample if sync else self._synced
        self._files.write(lines, sync)

    def _rest(self, sample: int) -> list[bytes]:
        """Return lines of what is no tick's: what was lost, what is said to the dream, that time goes on."""
        said = self._news()
        if self._taken.lost > self._lost:
            said |= {'lost': self._taken.lost - self._lost, 'set': say_values(self._arena.targets)}
            self._lost = self._taken.lost
        if not said and sample - self._sample < BEAT_SECONDS * self._second:
            return []
        self._sample = sample
        return [write_line(sample, said)]

    def _line(self, sample: int, entries: list[tuple]) -> bytes:
        """Return what one tick has taken as a line."""
        said: dict[str, Any] = {}
        for _, kind, place, value in entries:
            if kind == MOVED:
                said.setdefault('set', {})[PARAMS[place].name] = value
            elif kind == CLASSED:
                said.setdefault('classes', {})[str(place + 1)] = value
            elif kind == HELD:
                self._hold(int(value), said)
            elif kind == SHOWN:
                self._show(place, int(value), said)
            elif kind in EVENT_NAMES:
                said.setdefault('do', []).append([EVENT_NAMES[kind], value])
            else:
                said |= self._handed_over(kind, int(value))
        self._sample = sample
        return write_line(sample, said)

    def _handed_over(self, kind: int, number: int) -> dict:
        """Return a scale or routes."""
        item = self._handed[kind].get(number)
        if item is None:
            return {'lost': 1}
        if kind == ROUTED:
            return {'routes': say_routes(item['route'][:item['count']])}
        return {'tune': {'cents': item['cents'][:item['count']].tolist(), 'period': float(item['period']),
                         'glide': float(item['glide'])}}

    def _hold(self, number: int, said: dict) -> None:
        """Tell the spectrum that a layer is given to hold."""
        item = self._handed[HELD].get(number)
        if item is None:
            said['lost'] = said.get('lost', 0) + 1
        else:
            said.setdefault('hold', []).append(say_spectrum(item))

    def _show(self, layer: int, number: int, said: dict) -> None:
        """Tell the picture that a layer begins to sound; number 0 is the one that it has from the start."""
        item = self._handed[SHOWN].get(number - 1)
        if item is not None:
            light = item['light'][:item['rows'] * item['columns']].reshape(item['rows'], item['columns'])
            said.setdefault('show', []).append(say_picture(layer, number, light))
        elif number > 0:
            said['lost'] = said.get('lost', 0) + 1

    def _news(self) -> dict:
        """Return what is said to the dream, where that has changed."""
        said = self._said()
        news = {key: value for key, value in said.items() if self._now.get(key) != value}
        self._now = said
        return news
