"""MIDI clock, both ways: 24 ticks a beat, with start, stop, continue and song position. Tempo <-> messages.

ClockIn hands on the clock of one device: the first that ticks, until it has been silent for a while. Arrival tells when
a message really came. ClockOut ticks to the outputs whose names hold some words, on a thread of its own. It goes on
while the tempo stands still, so that who follows knows the tempo, and lets them start on a sixteenth, as song positions
demand. It sends nothing back to the device that is followed.
How a clock becomes a tempo: midi_clock.py. Through JACK each message waits for its period, which is the jitter then.
"""
import math
import threading
import time
from collections import deque
from collections.abc import Sequence

from live.control.midi_clock import TICKS
from live.control.midi_out import MidiOutputs
from live.control.tempo import Tempo
from live.control.threads import hurry

CLOCK, START, CONTINUE, STOP, POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
SIXTEENTH = 6               # ticks of a step of the song position
POSITIONS = 1 << 14
SILENCE = 0.5               # seconds after which another device may lead
LEAK = 0.001                # seconds a second by which the driver's clock may run apart from ours
LOST = 0.1                  # seconds by which it must not: messages were lost
GLANCE = 0.01               # seconds from one look at the tempo to the next, at most
JUMP = 3                    # ticks late or early: the tempo was moved, not steered


class Arrival:
    """When the messages of one port came: the driver's differences are exact, our own clock is late by waiting.

    The least late of the newest messages is taken to be on time.
    """

    def __init__(self) -> None:
        self._driver = 0.0          # seconds by the driver's clock
        self._offset = math.inf     # of ours against it

    def place(self, delta: float, now: float) -> float:
        """Return the time of a message on the clock of `now`; delta: seconds since the one before."""
        self._driver += delta
        late = now - self._driver
        if not abs(late - self._offset) < LOST:
            self._offset = late
        self._offset = min(late, self._offset + LEAK * delta)
        return self._driver + self._offset


class ClockIn:
    """The clock that is followed. [midi] source: the device's name; ticks: heard so far."""

    def __init__(self, tempo: Tempo) -> None:
        self.tempo = tempo
        self.source, self.ticks = '', 0
        self._heard = -math.inf
        self._lock = threading.Lock()       # two devices may tick on threads of their own

    def handle(self, message: Sequence[int], name: str, now: float) -> bool:
        """Do what a message of a device says; False when it is none of the clock's. now: when it came."""
        if not message or message[0] not in (CLOCK, START, CONTINUE, STOP, POSITION):
            return False
        with self._lock:
            if name == self.source or now - self._heard >= SILENCE:
                self.source, self._heard = name, now
                self._act(message, now)
        return True

    def _act(self, message: Sequence[int], now: float) -> None:
        if message[0] == CLOCK:
            self.ticks += 1
            self.tempo.clock(now)
        elif message[0] == START:
            self.tempo.start()
        elif message[0] == CONTINUE:
            self.tempo.go_on()
        elif message[0] == STOP:
            self.tempo.stop()
        elif len(message) == 3:
            self.tempo.locate((message[1] | message[2] << 7) * SIXTEENTH / TICKS)


class ClockOut:
    """The tempo, told to outputs. part: of their names; followed: the name that is told nothing.

    late: seconds by which the newest ticks were sent late.
    """

    def __init__(self, tempo: Tempo, outputs: MidiOutputs, part: str) -> None:
        self.tempo, self.outputs, self.part = tempo, outputs, part
        self.followed = ''
        self.late: deque[float] = deque(maxlen=100 * TICKS)
        self._next: int | None = None               # number of the next tick
        self._runs = False                          # who follows was told to start
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """[main] Begin to tick."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name='midi clock', daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """[main] Tick no more; who follows stops as well."""
        self._stopping.set()
        if self._thread:
            self._thread.join(2)
        self._halt()

    def _run(self) -> None:
        hurry()
        while not self._stopping.is_set():
            time.sleep(min(GLANCE, max(0.0, self.step())))

    def step(self) -> float:
        """Send what is due; return seconds to the next tick."""
        if not self.tempo.running:
            self._halt()
            return GLANCE
        place, pace = self.tempo.beat * TICKS, self.tempo.bpm * TICKS / 60
        if self._next is None or not -JUMP <= self._next - place <= 1 + JUMP:
            self._halt()
            self._next = max(0, math.ceil(place - 1))       # the tick of a start that was just seen is not left out
        while self._next <= place:
            self._tick(self._next)
            self.late.append((place - self._next) / pace)
            self._next += 1
        return (self._next - place) / pace

    def _halt(self) -> None:
        """Let who follows wait: the tempo was stopped, or moved to another place."""
        if self._runs:
            self._send(STOP)
        self._next, self._runs = None, False

    def _tick(self, number: int) -> None:
        if not self._runs and number % SIXTEENTH == 0:
            self._begin(number // SIXTEENTH % POSITIONS)
        self._send(CLOCK)

    def _begin(self, sixteenth: int) -> None:
        if sixteenth:
            self._send(POSITION, sixteenth & 0x7F, sixteenth >> 7)
        self._send(CONTINUE if sixteenth else START)
        self._runs = True

    def _send(self, *message: int) -> None:
        for name in self.outputs.matching(self.part):
            if name != self.followed:
                self.outputs.send(name, message)
