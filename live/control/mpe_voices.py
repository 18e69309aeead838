"""Notes that play one layer each: a finger leads the pitch, level and brightness of a layer, and a fade ends the note.

In: struck and released keys and what fingers do meanwhile, on MIDI's thread. Out: the Board's level, interval, cutoff
and tilt of single layers, borrowed from the Desk's loans; the Desk's gate. A thread of its own moves what fades.

    which layer     One that is silent, the nearest in pitch, so that it slides in least. Then the one that has faded
                    furthest, then the oldest note's. A key that still fades takes its own layer again.
    pitch           Of the key in the tuning in force, against the root. A root that moves takes all that sounds along.
    level           Velocity sets it. Pressure, once felt, leads: a rise at once, a fall in FALL, so that the strike is
                    an accent and a lifting finger does not take the tone away before the release fades it.
    brightness      Octaves around the cutoff that the layer has; where its filter is off, dB per octave of its tilt.
    release         The level falls by 60 dB in drone.release, faster for a quick lift, slower for a gentle one.
    the ground      Unless layers are named, the drone plays none of this: it is the ground under the notes. Layers that
                    sound by themselves are left alone while any is silent; one that a note had to take goes back to
                    its own pitch and level. The gate opens with the first note; after the last it closes with
                    drone.release, unless drone.hold is on or a key is held.

What else a layer has stays the patch's. Notes are no gestures: they cannot be undone, and no scene keeps them; they
sound on while patches and scenes change below them. Knows nothing of channels and zones.
"""
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from live.control.desk import Desk
from live.params import LAYERS, SILENT_DB

TICK_TIME, WATCH_TIME = 0.01, 0.1       # seconds, while notes sound and after; the sound glides over 0.05
FALL = 0.15                 # seconds in which the level follows a pressure that falls, two thirds of the way
TOP_DB = -12.0              # of the hardest strike and the firmest press, where the layer has no level of its own
STRIKE_DB, PRESS_DB = 24.0, 36.0        # softer: the softest strike, the lightest press
BRIGHT_OCTAVES, BRIGHT_DB = 3.0, 9.0    # up and down from the middle
LIFT = 4.0                  # the quickest lift fades so many times as fast, the gentlest as slowly
COLOURS = ('cutoff', 'tilt_db')
BORROWED = ('level_db', 'interval_cents', *COLOURS)

Finger = tuple[str, int]    # device and channel: several notes may share one


@dataclass(frozen=True)
class Touch:
    """What a finger does. pressure: 0..1, 0 is not felt yet; timbre: 0..1, the middle leaves the patch's."""
    bend_cents: float = 0.0
    pressure: float = 0.0
    timbre: float = 0.5


@dataclass
class Voice:
    """A note on a layer. strike_db: below the top; hertz: of its key; fade: dB a second once it is released."""
    finger: Finger
    key: int
    strike_db: float
    touch: Touch
    hertz: float
    layer: str = ''
    level_db: float = SILENT_DB
    held: bool = True
    fade: float = 0.0

    @property
    def below_db(self) -> float:
        """How far below the top a held note comes to lie."""
        return PRESS_DB * (1 - self.touch.pressure) if self.touch.pressure > 0 else self.strike_db


class Voices:
    """The notes that sound. named: layers that notes may take; without names the drone's seven companions."""

    def __init__(self, desk: Desk, named: Sequence[str] = ()) -> None:
        self.desk, self.named = desk, tuple(named)
        self._voices: dict[str, Voice] = {}             # by layer; the newest struck is the last
        self._borrowed: set[str] = set()                # layers; silent ones stay where their last note was
        self._patch = desk.patch
        self._lock = desk.lock
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def sounding(self) -> dict[str, int]:
        """Layer -> key of what sounds, fading notes too."""
        with self._lock:
            return {layer: voice.key for layer, voice in self._voices.items()}

    def strike(self, finger: Finger, key: int, velocity: float, touch: Touch) -> None:
        """[midi] Begin a note; velocity 0..1. A key that the tuning does not map does nothing."""
        with self._lock:
            hertz = self.desk.tuning.frequency(key)
            if math.isnan(hertz):
                return
            self._return_layers()
            voice = Voice(finger, key, STRIKE_DB * (1 - velocity), touch, hertz)
            self._take(self._choose(voice), voice)
            self.desk.lean()
        self._wake.set()

    def release(self, finger: Finger, key: int, lift: float = 0.5) -> None:
        """[midi] Let a note fade; lift 0..1: how quickly the finger left."""
        with self._lock:
            self._fade([v for v in self._held() if (v.finger, v.key) == (finger, key)], lift)

    def release_all(self, device: str | None = None, channel: int | None = None) -> None:
        """[any] Let all notes fade, or those of a device, or of one channel of it."""
        with self._lock:
            self._fade([v for v in self._held() if device in (None, v.finger[0]) and channel in (None, v.finger[1])])

    def move(self, finger: Finger, touch: Touch) -> None:
        """[midi] Let the notes that a finger holds follow what it does now."""
        with self._lock:
            for voice in self._held():
                if voice.finger == finger:
                    voice.touch = touch
                    self._place(voice)

    def retune(self) -> None:
        """[any] Let what sounds follow the tuning in force."""
        with self._lock:
            for voice in self._voices.values():
                hertz = self.desk.tuning.frequency(voice.key)
                voice.hertz = voice.hertz if math.isnan(hertz) else hertz
                self._place(voice)

    def tick(self, seconds: float) -> bool:
        """Move on everything that fades by so many seconds; False when nothing is borrowed any more."""
        with self._lock:
            if self.desk.silenced:
                self._end(list(self._voices.values()))
            elif not self.desk.leaning:
                self._fade(self._held())
            for voice in list(self._voices.values()):
                self._move_on(voice, seconds)
            self._return_layers()
            return bool(self._borrowed)

    def _move_on(self, voice: Voice, seconds: float) -> None:
        rest_db = self._own(voice, 'level_db')
        if voice.held:
            voice.level_db += (self._wanted(voice) - voice.level_db) * (1 - math.exp(-seconds / FALL))
        else:
            way = voice.fade * seconds
            voice.level_db += min(way, max(-way, rest_db - voice.level_db))
        self.desk.board[f'{voice.layer}.level_db'] = voice.level_db
        if not voice.held and voice.level_db == rest_db:
            self._end([voice])

    def _held(self) -> list[Voice]:
        return [voice for voice in self._voices.values() if voice.held]

    def _own(self, voice: Voice, quantity: str) -> float:
        """Return what the layer of a note has without it."""
        return self.desk.loans[f'{voice.layer}.{quantity}']

    def _is_silent(self, layer: str) -> bool:
        return self.desk.loans[f'{layer}.level_db'] <= SILENT_DB

    def _wanted(self, voice: Voice) -> float:
        """Return the level that a held note comes to, below what its layer has or could have."""
        top = TOP_DB if self._is_silent(voice.layer) else self._own(voice, 'level_db')
        return max(SILENT_DB, top - voice.below_db)

    def _choose(self, voice: Voice) -> str:
        """Return the layer that a note takes."""
        board, sounding, layers = self.desk.board, self._voices, self.named or LAYERS[1:]
        again = [v.layer for v in sounding.values() if v.key == voice.key and (not v.held or v.finger == voice.finger)]
        free = [layer for layer in layers if layer not in sounding and (self.named or self._is_silent(layer))]
        fading = [v for v in sounding.values() if not v.held]
        if again:
            return again[0]
        if free:
            return min(free, key=lambda layer: abs(board[f'{layer}.interval_cents'] - self._cents(voice)))
        if fading:
            return min(fading, key=lambda v: v.level_db).layer
        return next(iter(sounding), layers[0])

    def _take(self, layer: str, voice: Voice) -> None:
        """Put a note on a layer; the note that was there ends."""
        self._voices.pop(layer, None)
        self._borrowed.add(layer)
        for quantity in BORROWED:
            self.desk.loans.lend(f'{layer}.{quantity}')
        voice.layer, voice.level_db = layer, self.desk.board[f'{layer}.level_db']
        self._voices[layer] = voice
        self._place(voice)

    def _place(self, voice: Voice) -> None:
        """Put the Board where a finger wants it; what rises, rises now."""
        board, turn = self.desk.board, 2 * voice.touch.timbre - 1
        if voice.held or self._is_silent(voice.layer):
            board[f'{voice.layer}.interval_cents'] = self._cents(voice)
        if board[f'{voice.layer}.filter']:
            board[f'{voice.layer}.cutoff'] = self._own(voice, 'cutoff') * 2 ** (BRIGHT_OCTAVES * turn)
        else:
            board[f'{voice.layer}.tilt_db'] = self._own(voice, 'tilt_db') + BRIGHT_DB * turn
        if voice.held and self._wanted(voice) > voice.level_db:
            voice.level_db = board[f'{voice.layer}.level_db'] = self._wanted(voice)

    def _cents(self, voice: Voice) -> float:
        return 1200 * math.log2(voice.hertz / self.desk.board['drone.root']) + voice.touch.bend_cents

    def _fade(self, voices: list[Voice], lift: float = 0.5) -> None:
        """Begin the release of notes; the last that is held lets the gate go."""
        for voice in voices:
            voice.held = False
            voice.fade = -SILENT_DB / self.desk.board['drone.release'] * LIFT ** (2 * lift - 1)
            if not self._is_silent(voice.layer):
                self.desk.loans.give_back(f'{voice.layer}.interval_cents')
        if voices and not self._held():
            self.desk.leave()

    def _end(self, voices: list[Voice]) -> None:
        """Give back what notes have moved; a silent layer stays at their pitch, where the next may be near."""
        for voice in voices:
            del self._voices[voice.layer]
            for quantity in ('level_db', *COLOURS):
                self.desk.loans.give_back(f'{voice.layer}.{quantity}')

    def _return_layers(self) -> None:
        """Follow a new patch's tuning; give the pitch of layers back that sound by themselves."""
        if self.desk.patch is not self._patch:
            self._patch = self.desk.patch
            self.retune()
        for layer in [layer for layer in self._borrowed if layer not in self._voices and not self._is_silent(layer)]:
            self._borrowed.remove(layer)
            self.desk.loans.give_back(f'{layer}.interval_cents')

    def start(self) -> None:
        """[main] Begin to move what fades."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name='mpe', daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """[main] End all notes, give all layers back, and move nothing more."""
        self._stopping.set()
        self._wake.set()
        if self._thread:
            self._thread.join(2)
        with self._lock:
            self._end(list(self._voices.values()))
            while self._borrowed:
                self.desk.loans.give_back(f'{self._borrowed.pop()}.interval_cents')
            self.desk.leave()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            last, busy = time.monotonic(), True
            while busy and not self._stopping.is_set():
                time.sleep(TICK_TIME)
                if not self._voices:
                    self._wake.wait(WATCH_TIME)
                self._wake.clear()
                now = time.monotonic()
                busy, last = self.tick(now - last), now
