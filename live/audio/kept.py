"""A stream that is kept going: when its device is lost the clock takes over, until the device is found again.

In: the choice that was made at the start, an arena. Out: the same arena, called by one stream at a time; figures to
poll. Time, recording and picture go on while there is no device, since all of them live by the arena's samples: that
is why the clock takes over at once, and nothing waits. A device is lost when its driver says so, or when no callback
has come for STALL seconds. It is looked for by its name, the first time after 0.25 s, then half as often each time, at
last every 5 s. Then it fades in on what sounds meanwhile. Looking happens on a thread of its own.
"""
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from live.audio.arena import Arena
from live.audio.devices import JACK, Choice, DeviceError, list_devices, pick_device, renew
from live.audio.stream import Stream
from live.audio.streams import open_stream

LOOK = 0.02             # seconds between two looks at the counter of callbacks
STALL = 0.25            # seconds without a callback, or three blocks where these are longer
FIRST_TRY, LAST_TRY = 0.25, 5.0
FADE = 1.0              # seconds
TEND_TIME = 1.0         # seconds between two looks at whether a device that plays is still joined to us
START_TIME = 1.0        # seconds until a stream that starts has called back


class KeptStream(Stream):
    """See above. losses: how often the device was lost; lost: whether it is now; say: told of both.

    began: called when a device plays again.
    """

    def __init__(self, choice: Choice, arena: Arena, say: Callable[[str], None] = print,
                 began: Callable[[], object] = lambda: None) -> None:
        self.choice, self._arena, self._say, self._began = choice, arena, say, began
        self._stream = open_stream(choice, arena)
        self.losses, self.lost = 0, False
        self._gone_seconds, self._gone_at = 0.0, 0.0
        self._left: Stream | None = None    # a device that hangs in its driver; none is looked for meanwhile
        self._wait = FIRST_TRY
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name='stream keeper', daemon=True)

    @property
    def latency(self) -> float:     # type: ignore[override]
        return self._stream.latency

    @property
    def lost_seconds(self) -> float:
        """[any] Seconds without a device, the present loss included."""
        return self._gone_seconds + (time.monotonic() - self._gone_at if self.lost else 0.0)

    def start(self) -> None:
        try:
            self._stream.start()
        except (DeviceError, OSError):      # taken meanwhile, or unplugged: as if it had been lost
            self._lose(time.monotonic())
        if self.choice.backend != 'clock':
            self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._stream.close()

    def _run(self) -> None:
        """[keeper]"""
        count, came = -1, time.monotonic()
        looked = tended = came
        while not self._ended.wait(self._wait if self.lost else LOOK):
            now, callbacks = time.monotonic(), int(self._arena.stats['callbacks'])
            if self.lost:
                if self._try():
                    count, came = -1, time.monotonic()
            elif callbacks != count or now - looked > STALL / 2:    # or we have been stopped ourselves
                count, came = callbacks, now
            elif self._stream.ended or now - came > self._patience():
                self._lose(came)
            looked = time.monotonic()
            if not self.lost and looked - tended > TEND_TIME:
                tended = looked
                if told := self._stream.tend():
                    self._say(told)

    def _patience(self) -> float:
        return max(STALL, 3 * int(self._arena.stats['last_frames']) / self._arena.samplerate)

    def _lose(self, since: float) -> None:
        """Leave the device and let the clock go on."""
        device, gate = self._stream, self._stream.gate
        if gate is not None and not gate.shut():
            return              # the callback itself is late, and may not be called by another
        self.losses, self.lost, self._gone_at, self._wait = self.losses + 1, True, since, FIRST_TRY
        self._stream = self._open_clock()
        name = self.choice.device.name if self.choice.device else self.choice.backend
        self._say(f'{name} is gone; the clock keeps the time until it is back')
        if not device.stop():
            self._leave(device)

    def _open_clock(self) -> Stream:
        clock = open_stream(Choice('clock', None, self._arena.samplerate, 0, 0, ''), self._arena)
        clock.start()
        return clock

    def _leave(self, device: Stream) -> None:
        """What hangs in a driver cannot be opened again beside it."""
        choice = self.choice
        of_jack = choice.device and choice.device.api == JACK and choice.backend != 'jack'
        better = '; --audio jack can' if of_jack else ''
        self._say(f'its driver hangs, and cannot look for it again before that has ended{better}')
        self._left, self._wait = device, LAST_TRY

    def _try(self) -> bool:
        """Look for the device; True when it plays again."""
        self._wait = min(LAST_TRY, 2 * self._wait)
        if self._left and self._left.closing:
            return False
        self._left = None
        try:
            stream = self._open_device()
        except (DeviceError, OSError):
            return False
        gate = stream.gate
        assert gate is not None         # every device has one
        gate.shut()
        if not starts(stream, lambda: gate.calls > 0):
            if not stream.stop():
                self._leave(stream)
            return False
        self._stream.close()            # the clock's: it ends within a block, and the arena is free
        gate.open()
        self._stream, self._gone_seconds, self.lost = stream, self.lost_seconds, False
        self._say(f'the sound is back after {time.monotonic() - self._gone_at:.1f} s')
        self._began()
        return True

    def _open_device(self) -> Stream:
        choice = self.choice
        renew(choice.backend)
        device = pick_device(list_devices(choice.backend), choice.device.name if choice.device else None, choice.inputs)
        if device.inputs < choice.inputs:
            raise DeviceError(f'{device.name} has no input yet')
        return open_stream(replace(choice, device=device), self._arena, FADE)


def starts(stream: Stream, called: Callable[[], bool]) -> bool:
    """Start a stream; tell whether it calls back soon."""
    try:
        stream.start()
    except Exception:       # whatever a driver raises for a device that goes again as it is opened
        return False
    until = time.monotonic() + START_TIME
    while not called() and time.monotonic() < until:
        time.sleep(0.002)
    return called()
