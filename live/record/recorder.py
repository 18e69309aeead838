"""A thread that writes what is played to a Take. In: a ring of sound, Shots of a Film. Out: a file. [record]

Nothing waits for the disk: sound lies in the ring until it is fetched, Shots in a queue. Sound that was lost is
replaced by silence, so that sound and pictures stay together. A disk that fails ends the take with a message and
nothing else.
"""
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from live.record.take import Take, TakeError
from live.wires import Reader

if TYPE_CHECKING:       # FFmpeg's libraries take a while to load
    from live.record.encoder import Shot
    from live.record.film import Film

FETCH_TIME = 0.02       # seconds between two looks into the ring
CHECK_SECONDS = 1.0     # of sound between two looks at the disk
BLOCK = 4096            # frames written at once
WAITING_SECONDS = 30    # how much of a film may wait for the disk


@dataclass(frozen=True)
class Summary:
    """What became of a take. lost: frames replaced by silence; dropped: pictures that are not in it."""
    path: str
    seconds: float
    pictures: int
    lost: int
    dropped: int
    message: str = ''

    def __str__(self) -> str:
        text = f'{self.path}: {self.seconds:.1f} s'
        text += f', {self.pictures} pictures' if self.pictures else ''
        text += f', {self.lost} samples lost' if self.lost else ''
        text += f', {self.dropped} pictures dropped' if self.dropped else ''
        return f'{text}; {self.message}' if self.message else text


class Recorder:
    """Records from where `sound` stands until `stop`, at most `frames`, and of a film what comes meanwhile.

    shots: encoded before; say: told why it ended by itself. dropped, message: see Summary.
    """

    def __init__(self, take: Take, sound: Reader, frames: int | None = None, film: 'Film | None' = None,
                 shots: 'Iterable[Shot]' = (), say: Callable[[str], None] = lambda text: None) -> None:
        self.take, self.sound, self._frames, self._film, self._say = take, sound, frames, film, say
        self.message = ''
        self.start_index = sound.place
        self._checked = 0
        self._shots = deque(shots)
        self._skipped, self._skipping = 0, False
        self._dropped_before = film.dropped if film else 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name='record', daemon=True)

    def start(self) -> None:
        """[any] Begin."""
        if self._film:
            self._film.listen(self.add_shot, self.start_index)
        self._thread.start()

    @property
    def running(self) -> bool:
        """[any] Return whether it still writes."""
        return self._thread.is_alive() and not self._stopping.is_set() and not self.message

    @property
    def dropped(self) -> int:
        return self._skipped + (self._film.dropped - self._dropped_before if self._film else 0)

    def add_shot(self, shot: 'Shot') -> None:
        """[film] Take a picture. Where the disk is far behind, pictures are left out up to the next key."""
        try:
            behind = shot.sample - self._shots[0].sample > WAITING_SECONDS * self.take.samplerate
        except IndexError:      # none waits, or the last one has just been fetched
            behind = False
        self._skipping = behind or (self._skipping and not shot.key)
        if self._skipping or shot.encoder is not self.take.encoder:
            self._skipped += 1
        else:
            self._shots.append(shot)

    def end(self, sample: int) -> None:
        """[any] Record no further than to this sample of the stream."""
        frames = sample - self.start_index
        self._frames = frames if self._frames is None else min(self._frames, frames)

    def stop(self, timeout: float = 30.0) -> Summary:
        """[any] Write what is left, close the file and tell what became of it."""
        if self._film:
            self._film.leave(self.add_shot)
        self._stopping.set()
        if self._thread.ident:
            self._thread.join(timeout)
        else:
            self._close()
        if self._thread.is_alive():
            self.message = f'{self.take.path}: the disk does not finish'
        return Summary(str(self.take.path), self.take.frames / self.take.samplerate, self.take.pictures,
                       self.sound.lost, self.dropped, self.message)

    def _run(self) -> None:
        try:
            while not self._stopping.wait(FETCH_TIME):
                self._write_new()
            self._write_new()
            self._write_shots()
        except TakeError as error:
            self.message = str(error)
        if self._film:
            self._film.leave(self.add_shot, 0)
        self._close()
        if self.message:
            self._say(f'{self.message}; the take is closed')

    def _close(self) -> None:
        try:
            self.take.close()
        except TakeError as error:
            self.message = self.message or str(error)

    def _write_new(self) -> None:
        """Write the sound that is new, and between its blocks the pictures that belong there."""
        while self._frames is None or self.take.frames < self._frames:
            left = BLOCK if self._frames is None else self._frames - self.take.frames
            block = self.sound.get(min(BLOCK, left))
            self._write_silence(self.sound.place - self.start_index - len(block) - self.take.frames)
            self.take.write_sound(block)
            self._write_shots(self.take.frames)
            self._check()
            if len(block) < BLOCK:
                return

    def _check(self) -> None:
        if self.take.frames - self._checked >= CHECK_SECONDS * self.take.samplerate:
            self.take.check()
            self._checked = self.take.frames

    def _write_silence(self, frames: int) -> None:
        for start in range(0, frames, BLOCK):
            self.take.write_sound(np.zeros((min(BLOCK, frames - start), 2), np.float32))

    def _write_shots(self, until: int | None = None) -> None:
        """Write pictures up to this sample of the take, or all; those after its end are left."""
        while self._shots and (until is None or self._shots[0].sample - self.start_index <= until):
            shot = self._shots.popleft()
            sample = shot.sample - self.start_index
            if self._frames is None or sample < self._frames:
                self.take.write_shot(shot._replace(sample=sample))
