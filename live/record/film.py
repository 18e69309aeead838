"""A thread that encodes what the window shows, for takes and for the last minutes that are kept. [film]

In: pictures offered one by one. Out: Shots to whoever listens; all listen to one encoder. Nothing waits: pictures stand
in a short queue, and what does not fit is dropped and counted. Without listeners nothing is encoded. A thread, and no
process of its own, by what was measured: bench/LOG.md.
"""
import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from live.record.encoder import PictureEncoder, Shot

QUEUE = 8               # pictures that may wait
FILL_SECONDS = 0.5      # without pictures for so long the last one is taken again: sound waits for pictures to be muxed
FIRST_SECONDS = 10.0    # in which the first one may come, and be seen from the beginning; then black is taken
Listener = Callable[[Shot], None]


class Film:
    """Encodes pictures of `size()`, as it is when nobody listens, at up to fps; clock: the sample that is heard now.

    keep: a listener that takes any size and need not be waited for. dropped: pictures that did not fit; message: why
    none are encoded any more.
    """

    def __init__(self, samplerate: int, fps: float, size: Callable[[], tuple[int, int]], clock: Callable[[], int],
                 keep: Listener | None = None, say: Callable[[str], None] = print) -> None:
        self.samplerate, self.fps, self.keep = samplerate, fps, keep
        self.dropped, self.message = 0, ''
        self._size, self._clock, self._say = size, clock, say
        self._encoder: PictureEncoder | None = None
        self._pictures: deque[tuple[np.ndarray, int]] = deque()
        self._coming: dict[Listener, int] = {}      # who will listen, from which sample on
        self._listeners: list[Listener] = []
        self._index = -1                            # of the last picture
        self._held = 0.0                            # until when the encoder stays
        self._lock = threading.Lock()               # of the encoder and who listens
        self._offered, self._stopping = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name='film', daemon=True)

    def start(self) -> None:
        """[main] Begin."""
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        """[main] End, with what waits."""
        self._stopping.set()
        self._offered.set()
        if self._thread.ident:
            self._thread.join(timeout)

    @property
    def wanted(self) -> bool:
        """[any] Return whether a picture would be encoded."""
        return not self.message and bool(self.keep or self._coming or self._listeners)

    def add_picture(self, pixels: np.ndarray, sample_index: int) -> None:
        """[main] Offer a picture (height, width, 4) uint8 RGBA seen from this sample on; never waits.

        The array is kept: do not write to it any more.
        """
        if not self.wanted:
            return
        if len(self._pictures) >= QUEUE:
            self.dropped += 1
        else:
            self._pictures.append((pixels, sample_index))
            self._offered.set()

    def encoder(self, hold: float = 0.0) -> PictureEncoder:
        """[any] Return whose Shots are to come. A new one when the size has changed and no take needs the old one.

        hold: seconds in which it stays, until who asks for it listens.
        """
        with self._lock:
            now = time.monotonic()
            size, free = self._size(), not (self._coming or self._listeners) and now >= self._held
            self._held = max(self._held, now + hold)
            if self._encoder is None or (free and self._encoder.asked != size):
                self._encoder = PictureEncoder(size, self.fps, self.samplerate)
            return self._encoder

    def listen(self, listener: Listener, since: int) -> None:
        """[any] Have it called with each Shot, from the first picture at or after this sample on, which is a key."""
        with self._lock:
            self._coming[listener] = since

    def leave(self, listener: Listener, timeout: float = 2.0) -> None:
        """[any] Call it no more, once it has had what was offered so far."""
        until = time.monotonic() + timeout
        while self._pictures and self._thread.is_alive() and not self.message and time.monotonic() < until:
            time.sleep(0.005)
        with self._lock:
            self._coming.pop(listener, None)
            if listener in self._listeners:
                self._listeners.remove(listener)

    def _run(self) -> None:
        while not self._stopping.is_set():
            offered = self._offered.wait(FILL_SECONDS)
            self._offered.clear()
            try:
                if offered:
                    self._encode_new()
                elif self.wanted:
                    self._fill()
            except Exception as error:      # whatever the encoder has: the sound is recorded on
                self.message = f'pictures are recorded no more: {error}'
                self._say(self.message)
                self._pictures.clear()

    def _encode_new(self) -> None:
        while self._pictures:
            pixels, index = self._pictures[0]       # it leaves when it is encoded: `leave` waits for it
            self._give(self.encoder().encode(pixels, index, self._awaited(index)))
            self._pictures.popleft()

    def _fill(self) -> None:
        index, patience = self._clock(), FIRST_SECONDS if self._index < 0 else FILL_SECONDS
        if index - self._index >= patience * self.samplerate:
            self._give(self.encoder().repeat(index, self._awaited(index)))

    def _awaited(self, index: int) -> bool:
        return any(since <= index for since in tuple(self._coming.values()))

    def _give(self, shot: Shot | None) -> None:
        if shot is None:
            return
        self._index = shot.sample
        with self._lock:
            for listener, since in tuple(self._coming.items()):
                if shot.key and since <= shot.sample:
                    del self._coming[listener]
                    self._listeners.append(listener)
            for listener in self._listeners:
                listener(shot)
        if self.keep:
            self.keep(shot)
