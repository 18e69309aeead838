"""Notes that play one layer each: a finger leads the pitch, level and brightness of a layer, and a fade ends the note.

In: struck and released keys and what fingers do meanwhile, on MIDI's thread. Out: the Board's level, interval, cutoff
and tilt of single layers; the Desk's gate. A thread of its own moves what fades, while a note sounds.

    which layer     One that is silent, the nearest in pitch, so that it slides in least. Then the one that has faded
                    furthest, then the oldest note. A key that still fades takes its own layer again.
    pitch           Of the key in the tuning in force, against the root. A root that moves takes all that sounds along.
    level           Velocity sets it. Pressure, once felt, leads: a rise at once, a fall in FALL, so that the strike is
                    an accent and a lifting finger does not take the tone away before the release fades it.
    brightness      Octaves around the cutoff that the layer has; where its filter is off, dB per octave of its tilt.
    release         The level falls by 60 dB in drone.release, faster for a quick lift, slower for a gentle one.
    the ground      Unless layers are named, the drone plays none of this: it is the ground under the notes. Layers that
                    the patch lets sound are left alone while any is silent. The gate opens with the first note; after
                    the last it closes with drone.release, unless drone.hold is on or a key is held.

What else a layer has stays the patch's. Notes are no gestures: nothing here can be undone. A patch that is loaded
while notes are held is played on by them. Knows nothing of channels and zones.
"""
import math
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from live.control.desk import Desk
from live.params import LAYERS, NOTE, SILENT_DB
from live.patch import Patch

TICK_TIME = 0.01            # seconds; the sound glides over 0.05
FALL = 0.15                 # seconds in which the level follows a pressure that falls, two thirds of the way
TOP_DB = -12.0              # of the hardest strike and the firmest press, where the layer has no level of its own
STRIKE_DB, PRESS_DB = 24.0, 36.0        # softer: the softest strike, the lightest press
BRIGHT_OCTAVES, BRIGHT_DB = 3.0, 9.0    # up and down from the middle
LIFT = 4.0                  # the quickest lift fades so many times as fast, the gentlest as slowly

Finger = tuple[str, int]    # device and channel: several notes may share one


@dataclass(frozen=True)
class Touch:
    """What a finger does. pressure: 0..1, 0 is not felt yet; timbre: 0..1, the middle leaves the patch's."""
    bend_cents: float = 0.0
    pressure: float = 0.0
    timbre: float = 0.5


@dataclass(frozen=True)
class Base:
    """What a layer had before a note took it. rest_db: where a fade ends; a drone goes back to its own level."""
    top_db: float
    rest_db: float
    cutoff: float
    tilt_db: float


@dataclass
class Voice:
    """A note on a layer. strike_db: below the top; hertz: of its key; fade: dB a second once it is released."""
    finger: Finger
    key: int
    strike_db: float
    touch: Touch
    hertz: float
    layer: str = ''
    base: Base = Base(TOP_DB, SILENT_DB, 0, 0)
    level_db: float = SILENT_DB
    held: bool = True
    fade: float = 0.0

    @property
    def wanted_db(self) -> float:
        """Level that a held note comes to."""
        pressed = PRESS_DB * (1 - self.touch.pressure)
        return self.base.top_db - (pressed if self.touch.pressure > 0 else self.strike_db)


class Voices:
    """The notes that sound. layers: those that notes may take; without names the drone's seven companions."""

    def __init__(self, desk: Desk, layers: Sequence[str] = ()) -> None:
        self.desk, self.named = desk, tuple(layers)
        self._voices: dict[str, Voice] = {}             # by layer; the newest struck is the last
        self._patch: Patch | None = None
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
            self._follow_patch()
            hertz = self.desk.tuning.frequency(key)
            if math.isnan(hertz):
                return
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
            self._follow_patch()
            for voice in self._held():
                if voice.finger == finger:
                    voice.touch = touch
                    self._place(voice)

    def retune(self) -> None:
        """[midi] Let what sounds follow a tuning that was changed in real time."""
        with self._lock:
            for voice in self._voices.values():
                hertz = self.desk.tuning.frequency(voice.key)
                voice.hertz = voice.hertz if math.isnan(hertz) else hertz
                self._put_pitch(voice)

    def tick(self, seconds: float) -> bool:
        """Move on everything that fades by so many seconds; False when nothing sounds any more."""
        with self._lock:
            self._follow_patch()
            if self.desk.silenced:
                self._free(list(self._voices.values()))
            elif not self.desk.leaning:
                self._fade(self._held())
            for voice in list(self._voices.values()):
                self._move_on(voice, seconds)
            return bool(self._voices)

    def _move_on(self, voice: Voice, seconds: float) -> None:
        before = voice.level_db
        if voice.held:
            voice.level_db += (voice.wanted_db - before) * (1 - math.exp(-seconds / FALL))
        else:
            voice.level_db = max(voice.base.rest_db, before - voice.fade * seconds)
        if not voice.held and voice.level_db <= voice.base.rest_db:
            self._free([voice])
        elif abs(voice.level_db - before) > 1e-3:
            self.desk.board[f'{voice.layer}.level_db'] = voice.level_db

    def _held(self) -> list[Voice]:
        return [voice for voice in self._voices.values() if voice.held]

    def _choose(self, voice: Voice) -> str:
        """Return the layer that a note takes."""
        board, sounding = self.desk.board, self._voices
        again = [v.layer for v in sounding.values() if v.key == voice.key and (not v.held or v.finger == voice.finger)]
        layers = self.named or LAYERS[1:]
        free = [layer for layer in layers if layer not in sounding]
        silent = free if self.named else [layer for layer in free if board[f'{layer}.level_db'] <= SILENT_DB]
        fading = [v for v in sounding.values() if not v.held]
        if again:
            return again[0]
        if silent:
            return min(silent, key=lambda layer: abs(board[f'{layer}.interval_cents'] - self._cents(voice)))
        if fading:
            return min(fading, key=lambda v: v.level_db).layer
        return next(iter(sounding), layers[0])

    def _take(self, layer: str, voice: Voice) -> None:
        """Put a note on a layer; the note that was there ends."""
        before = self._voices.pop(layer, None)
        voice.layer, voice.base = layer, before.base if before else self._read_base(layer)
        voice.level_db = before.level_db if before else max(SILENT_DB, voice.base.rest_db)
        self._voices[layer] = voice
        self._place(voice)

    def _read_base(self, layer: str) -> Base:
        board = self.desk.board
        level = board[f'{layer}.level_db']
        return Base(level if level > SILENT_DB else TOP_DB, level if layer == NOTE else SILENT_DB,
                    board[f'{layer}.cutoff'], board[f'{layer}.tilt_db'])

    def _place(self, voice: Voice) -> None:
        """Put the Board where a finger wants it; what rises, rises now."""
        self._put_pitch(voice)
        board, turn = self.desk.board, 2 * voice.touch.timbre - 1
        if board[f'{voice.layer}.filter']:
            board[f'{voice.layer}.cutoff'] = voice.base.cutoff * 2 ** (BRIGHT_OCTAVES * turn)
        else:
            board[f'{voice.layer}.tilt_db'] = voice.base.tilt_db + BRIGHT_DB * turn
        if voice.wanted_db > voice.level_db:
            voice.level_db = voice.wanted_db
            board[f'{voice.layer}.level_db'] = voice.level_db

    def _put_pitch(self, voice: Voice) -> None:
        self.desk.board[f'{voice.layer}.interval_cents'] = self._cents(voice)

    def _cents(self, voice: Voice) -> float:
        return 1200 * math.log2(voice.hertz / self.desk.board['drone.root']) + voice.touch.bend_cents

    def _fade(self, voices: list[Voice], lift: float = 0.5) -> None:
        """Begin the release of notes; the last that is held lets the gate go."""
        for voice in voices:
            voice.held = False
            voice.fade = -SILENT_DB / self.desk.board['drone.release'] * LIFT ** (2 * lift - 1)
        if voices and not self._held():
            self.desk.leave()

    def _free(self, voices: list[Voice]) -> None:
        """Give layers back as they were, but for their pitch: it is silent now, or the drone's."""
        for voice in voices:
            del self._voices[voice.layer]
            for name, value in (('level_db', voice.base.rest_db), ('cutoff', voice.base.cutoff),
                                ('tilt_db', voice.base.tilt_db)):
                self.desk.board[f'{voice.layer}.{name}'] = value

    def _follow_patch(self) -> None:
        """Play on in a patch that was loaded meanwhile: held notes take its layers, fading ones are over."""
        if self.desk.patch is self._patch:
            return
        self._patch = self.desk.patch
        held, self._voices = self._held(), {}
        for voice in held:
            voice.hertz = self.desk.tuning.frequency(voice.key)
            if not math.isnan(voice.hertz):
                self._take(self._choose(voice), voice)
        if held and not self._voices:
            self.desk.leave()

    def start(self) -> None:
        """[main] Begin to move what fades."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name='mpe', daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """[main] Give all layers back and move nothing more."""
        self._stopping.set()
        self._wake.set()
        if self._thread:
            self._thread.join(2)
        with self._lock:
            self._free(list(self._voices.values()))
            self.desk.leave()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            last = time.monotonic()
            sounds = True
            while sounds and not self._stopping.is_set():
                time.sleep(TICK_TIME)
                now = time.monotonic()
                sounds, last = self.tick(now - last), now
