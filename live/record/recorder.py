"""A thread that writes what is played to a Take. In: a ring of sound, pictures offered one by one. Out: a file.

Nothing waits for the disk: sound lies in the ring until it is fetched, pictures in a short queue that drops what does
not fit. Sound that was lost is replaced by silence, so that sound and pictures stay together. A disk that fails ends
the take with a message and nothing else.
"""
import threading
from collections import deque
from dataclasses import dataclass

import numpy as np

from live.record.take import Take, TakeError
from live.wires import Reader

FETCH_TIME = 0.02       # seconds between two looks into the ring
BLOCK = 4096            # frames written at once
QUEUE = 8               # pictures that may wait
FILL_SECONDS = 1.0      # without pictures for so long the last one is written again: a file of both needs both to grow


@dataclass(frozen=True)
class Summary:
    """What became of a take. lost: frames replaced by silence; dropped: pictures that did not fit into the queue."""
    path: str
    seconds: float
    pictures: int
    lost: int
    dropped: int
    message: str = ''

    def __str__(self) -> str:
        text = f'{self.path}: {self.seconds:.1f} s, {self.pictures} pictures'
        text += f', {self.lost} samples lost' if self.lost else ''
        text += f', {self.dropped} pictures dropped' if self.dropped else ''
        return f'{text}; {self.message}' if self.message else text


class Recorder:
    """Records from where `sound` stands until `stop`, at most `frames`. dropped, message: see Summary."""

    def __init__(self, take: Take, sound: Reader, frames: int | None = None) -> None:
        self.take, self.sound, self._frames = take, sound, frames
        self.dropped, self.message = 0, ''
        self._start = sound.place
        self._filled = 0
        self._pictures: deque[tuple[np.ndarray, int]] = deque()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name='record', daemon=True)

    def start(self) -> None:
        """[main] Begin."""
        self._thread.start()

    def add_picture(self, pixels: np.ndarray, sample_index: int) -> None:
        """[main] Offer a picture (height, width, 4) uint8 RGBA seen from this sample of the stream on; never waits.

        The array is kept: do not write to it any more.
        """
        if self.message or (self._frames is not None and sample_index - self._start >= self._frames):
            return
        if len(self._pictures) >= QUEUE:
            self.dropped += 1
        else:
            self._pictures.append((pixels, sample_index - self._start))

    def stop(self, timeout: float = 30.0) -> Summary:
        """[main] Write what is left, close the file and tell what became of it."""
        self._stopping.set()
        if self._thread.ident:
            self._thread.join(timeout)
        if self._thread.is_alive():
            self.message = f'{self.take.path}: the disk does not finish'
        return Summary(str(self.take.path), self.take.frames / self.take.samplerate, self.take.pictures,
                       self.sound.lost, self.dropped, self.message)

    def _run(self) -> None:
        try:
            while not self._stopping.wait(FETCH_TIME):
                self._write_new()
            self._write_new()
            self._write_pictures(None)
        except TakeError as error:
            self.message = str(error)
        self._close()

    def _close(self) -> None:
        try:
            self.take.close()
        except TakeError as error:
            self.message = self.message or str(error)

    def _write_new(self) -> None:
        """[record] Write the sound that is new, and between its blocks the pictures that belong there."""
        while self._frames is None or self.take.frames < self._frames:
            left = BLOCK if self._frames is None else self._frames - self.take.frames
            block = self.sound.get(min(BLOCK, left))
            self._write_silence(self.sound.place - self._start - len(block) - self.take.frames)
            self.take.write_sound(block)
            self._write_pictures(self.take.frames)
            if self.take.frames - self._filled > FILL_SECONDS * self.take.samplerate:
                self.take.fill_up()
                self._filled = self.take.frames
            if len(block) < BLOCK:
                return

    def _write_silence(self, frames: int) -> None:
        for start in range(0, frames, BLOCK):
            self.take.write_sound(np.zeros((min(BLOCK, frames - start), 2), np.float32))

    def _write_pictures(self, until: int | None) -> None:
        while self._pictures and (until is None or self._pictures[0][1] <= until):
            pixels, index = self._pictures.popleft()
            self.take.write_picture(pixels, index)
            self._filled = max(self._filled, index)
