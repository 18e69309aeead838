"""Tempo and beats: the performer's own, tapped, or followed from MIDI clock or Ableton Link.

In: taps, MIDI clock, the Board's tempo.bpm, tempo.beats and tempo.follow. Out: beat, bpm, where the next beat or bar
lies; a tempo that is followed is written to the Board. The conductor ticks it; between ticks beats run on evenly, also
when a clock that was followed has died. Seconds are those of `clock`, time.monotonic unless a test has its own.
"""
import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from live.control.link_session import LinkError, LinkSession
from live.control.midi_clock import MidiClock

if TYPE_CHECKING:
    from live.control.desk import Desk

OWN, MIDI, LINK = range(3)              # as tempo.follow counts them
OFF, BEAT, BAR = range(3)               # as tempo.quantise does
TAPS = 8                # the last ones that count
LONGEST_TAP = 3.1       # seconds between taps of one tempo; a little more than the slowest beat
STRAY = 0.35            # of an interval: a tap that is so far off begins another tempo
GRACE = 0.06            # seconds after a line in which a hand still meant that line
CLOSE_BPM = 0.02        # a followed tempo that is so near is not written again


class Line(NamedTuple):
    """Where beats lie: `beat` at `time`, and so many a minute from there on; they stand still while not running."""
    time: float
    beat: float
    bpm: float
    running: bool

    def at(self, now: float) -> float:
        return self.beat + (now - self.time) * self.bpm / 60 * self.running


class Tempo:
    """What beats there are."""

    def __init__(self, desk: 'Desk', clock: Callable[[], float] = time.monotonic) -> None:
        self.desk, self._clock = desk, clock
        self._line = Line(clock(), 0.0, desk.board['tempo.bpm'], True)
        self._midi = MidiClock()
        self._link: LinkSession | None = None
        self._taps: list[float] = []
        self._written = math.nan                        # tempo that was followed
        self._lock = threading.Lock()                   # MIDI's thread gives what the conductor's reads
        desk.offer('tap', self.tap)

    @property
    def beat(self) -> float:
        """[any] Beats since the start, as they run now."""
        return self._line.at(self._clock())

    @property
    def bpm(self) -> float:
        """[any]"""
        return self._line.bpm

    @property
    def running(self) -> bool:
        """[any] False when a clock that is followed has been stopped."""
        return self._line.running

    @property
    def follows_clock(self) -> bool:
        """[any] MIDI clock leads."""
        return self.desk.board['tempo.follow'] == MIDI

    @property
    def bar(self) -> tuple[int, float]:
        """[any] The number of the bar, from 0, and the beat in it, from 0."""
        beats = int(self.desk.board['tempo.beats'])
        bar, beat = divmod(self.beat, beats)
        return int(bar), beat

    @property
    def peers(self) -> int:
        """[any] How many others are in the Link session."""
        return self._link.peers if self._link else 0

    def next_line(self, quantise: int, now: float) -> float:
        """[any] Return when the next beat or bar begins; `now` when nothing is quantised, or nothing runs.

        Right after a beat or bar, that one was meant.
        """
        line = self._line
        if quantise == OFF or not line.running:
            return now
        length = 1 if quantise == BEAT else int(self.desk.board['tempo.beats'])
        beat, seconds = line.at(now), 60 / line.bpm
        if beat % length * seconds <= GRACE:
            return now
        return now + (length - beat % length) * seconds

    def tap(self) -> bool:
        """[any] Take a tap: the first is the one of a bar, from the second on they set the tempo."""
        follow = self.desk.board['tempo.follow']
        if follow == MIDI:
            return self.desk.refuse('the tempo follows MIDI clock: turn tempo.follow to own, then tap')
        now, taps = self._clock(), self._taps
        if taps and now - taps[-1] > LONGEST_TAP:
            taps.clear()
        elif self._is_stray(now):
            del taps[:-1]
        taps.append(now)
        del taps[:-TAPS]
        if len(taps) > 1:
            self.desk.put('tempo.bpm', 60 * (len(taps) - 1) / max(1e-3, taps[-1] - taps[0]))
            self.desk.say(f'tempo {self.desk.board["tempo.bpm"]:.1f}')
        if follow == OWN:
            self._put_in_phase(now)
        return True

    def _is_stray(self, now: float) -> bool:
        taps = self._taps
        if len(taps) < 2:
            return False
        usual = (taps[-1] - taps[0]) / (len(taps) - 1)
        return abs(now - taps[-1] - usual) > STRAY * usual

    def _put_in_phase(self, now: float) -> None:
        """Let a beat lie on the tap: the first of a bar on the first tap, the next on the next."""
        beats, beat = self.desk.board['tempo.beats'], self._line.at(now)
        beat = math.ceil(beat / beats - 0.5) * beats if len(self._taps) == 1 else round(beat)
        self._line = Line(now, max(0.0, beat), self.desk.board['tempo.bpm'], True)

    def clock(self, now: float | None = None) -> None:
        """[midi] Take a tick of MIDI clock that came `now`, in seconds of time.monotonic."""
        with self._lock:
            self._midi.tick(self._clock() if now is None else now)

    def start(self) -> None:
        """[midi] The next tick begins the first bar."""
        with self._lock:
            self._midi.start()

    def go_on(self) -> None:
        """[midi] Continue where the clock was stopped."""
        with self._lock:
            self._midi.go_on()

    def locate(self, beat: float) -> None:
        """[midi] Stand at a beat of the song, from which `go_on` continues."""
        with self._lock:
            self._midi.locate(beat)

    def stop(self) -> None:
        """[midi] Beats stand still until start or go_on."""
        with self._lock:
            self._midi.stop()

    def tick(self, now: float) -> None:
        """[control] Follow what is to be followed."""
        follow, bpm = self.desk.board['tempo.follow'], self.desk.board['tempo.bpm']
        if follow != LINK and self._link:
            self.close()
        if follow == MIDI:
            self._follow_midi(now, bpm)
        elif follow == LINK:
            self._follow_link(now, bpm)
        elif bpm != self._line.bpm or not self._line.running:
            self._line = Line(now, self._line.at(now), bpm, True)

    def _follow_midi(self, now: float, bpm: float) -> None:
        with self._lock:
            alive, running = self._midi.is_alive(now), self._midi.is_running(now)
            beat, heard = self._midi.beat(now), self._midi.bpm
        if not alive:               # died without a word: go on as before
            self._line = Line(now, self._line.at(now), bpm, self._line.running)
            return
        self._line = Line(now, beat, heard, running)
        self._write(heard)

    def _follow_link(self, now: float, bpm: float) -> None:
        try:
            self._link = self._link or LinkSession(bpm)
        except LinkError as error:
            self.desk.put('tempo.follow', OWN)
            self.desk.refuse(str(error))
            return
        if not math.isnan(self._written) and bpm != self._written:      # by a hand: for everybody
            self._link.propose(bpm)
        beat, heard = self._link.read(int(self.desk.board['tempo.beats']))
        self._line = Line(now, beat, heard, True)
        self._write(heard)

    def _write(self, bpm: float) -> None:
        """Show the tempo that is followed."""
        if not abs(bpm - self.desk.board['tempo.bpm']) <= CLOSE_BPM:
            self.desk.put('tempo.bpm', round(bpm, 2))
        self._written = self.desk.board['tempo.bpm']

    def close(self) -> None:
        """[control] Leave the Link session."""
        if self._link:
            self._link.close()
        self._link, self._written = None, math.nan
