"""The desk: everything a controller can do, in one place. OSC, MIDI and keys have no other door to the instrument.

In: names, numbers, notes, tunings and words, from any thread. Out: the Board, EVENTs for the sound, the prompts, the
patch and the tuning in force. Nothing here raises for what a controller sends: it is clamped, or refused, counted
and told in `.message`.
Knows nothing of ports, of the sound or of the picture.
"""
import math
import reprlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from live.control.actions import ACTION_BY_NAME
from live.control.cues import Cues
from live.control.history import Words
from live.control.loans import Loans
from live.control.scenes import Scenes
from live.control.tempo import Tempo
from live.params import PROMPTS, SWITCH, Board, find_param, hint
from live.patch import CHAINS, Patch, PatchError, check_chain, find_patch, list_patches, load_patch
from live.signals import EVENT, GATE, PANIC, SEED
from live.tuning.mts import Retuning
from live.tuning.tuning import Tuning
from live.wires import Latest, Ring

LONGEST_PROMPT = 1000       # characters; a text encoder reads far fewer
MOST_KEYS = 128             # held at once; the oldest are forgotten


def read_number(name: str, value: object, choices: Sequence[str] = ()) -> float:
    """Return what a controller sent as a finite number; raise ValueError that says what is allowed."""
    if isinstance(value, str) and value.strip().lower() in choices:
        return choices.index(value.strip().lower())
    try:
        number = float(value)                           # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        allowed = f'one of {", ".join(choices)}' if choices else 'a number'
        raise ValueError(f'{name} = {reprlib.repr(value)} is not {allowed}{hint(str(value)[:40], choices)}')
    return number


def describe(retuning: Retuning) -> str:
    """Return what a retuning concerns, for the performer."""
    return 'pitch classes' if retuning.offsets else f'{len(retuning.semitones)} keys'


def one_line(text: str) -> str:
    """Return a prompt as one line of words, not too long; half a character, which no tokenizer takes, becomes '?'."""
    return ' '.join(text.encode(errors='replace').decode().split())[:LONGEST_PROMPT]


class Desk:
    """What controllers can do. [any]

    events: Ring of EVENT; prompts: what the dream is told; negative: what it turns away from; load, names: how patches
    are found.
    patch, tuning: those in force, replaced as a whole; MIDI may retune until the next patch. silenced: after a panic.
    message: the newest sentence for the performer, told at `message_time` (time.monotonic). changes, refused: counted
    since the start. leaning: notes that play single layers keep the gate open; loans: what they have borrowed.
    glide: seconds in which a new tuning is reached at least. stirred: set when the conductor has something new to do.
    scenes, tempo, cues: ticked by the conductor.
    """

    def __init__(self, board: Board, events: Ring, prompts: Latest[tuple[str, ...]],
                 load: Callable[[str], Patch] = lambda name: load_patch(find_patch(name, by_path=False)),
                 names: Callable[[], list[str]] = list_patches) -> None:
        self.board, self.events, self.prompts = board, events, prompts
        self.negative: Latest[str] = Latest('')
        self.patch = Patch('')
        self.tuning: Tuning = self.patch.tuning
        self.silenced = self.leaning = False
        self.message, self.message_time = '', 0.0
        self.changes = self.refused = 0
        self._load, self._names = load, names
        self._held: dict[float, float] = {}     # key: velocity, the key pressed last is the last
        self._key: float | None = None          # that the root follows, also when it is released and rings on
        self._velocity = 1.0                    # of the newest opening
        self._bender: str | None = None         # whose wheel is not at rest
        self._ringing = False                   # drone.hold keeps a note on whose keys are released
        self._lock = threading.RLock()
        self._offers: dict[str, Callable[..., object]] = {}
        self.glide = 0.0
        self.stirred = threading.Event()
        self.offer('panic', self.panic)
        self.offer('patch_next', lambda: self._step_patch(1))
        self.offer('patch_back', lambda: self._step_patch(-1))
        self.loans = Loans(board)
        self.scenes, self.tempo, self.cues = Scenes(self), Tempo(self), Cues(self)

    @property
    def lock(self) -> threading.RLock:
        """Held while several things change that must be seen together, as when a patch is loaded."""
        return self._lock

    def offer(self, action: str, function: Callable[..., object]) -> None:
        """Let `act` call this for an action: with a number where the action takes one, else with nothing."""
        self._offers[ACTION_BY_NAME[action].name] = function

    def act(self, name: str, value: object = None) -> bool:
        """Do an action; False when refused. A value of 0, a button let go, does nothing."""
        action = ACTION_BY_NAME.get(name)
        if action is None:
            return self.refuse(f'there is no action {name[:40]!r}{hint(name[:40], ACTION_BY_NAME)}')
        try:
            number = None if value is None else read_number(name, value)
        except ValueError as error:
            return self.refuse(error.args[0])
        if number == 0:
            return True
        if name not in self._offers:
            return self.refuse(f'{name}: nothing here can do it now')
        if not action.takes:
            return self._offers[name]() is not False
        if number is None:
            return self.refuse(f'{name} needs a number, the {action.takes}')
        return self._offers[name](number) is not False

    def set(self, name: str, value: object) -> bool:
        """Put a parameter to a value in plain units, or to a choice by its name; False when refused."""
        return self._change(name, value, by_position=False)

    def turn(self, name: str, position: object) -> bool:
        """Put a parameter to a knob position 0..1; False when refused."""
        return self._change(name, position, by_position=True)

    def toggle(self, name: str) -> bool:
        """Turn a switch off or on; False when there is no such switch."""
        try:
            if find_param(name).choices != SWITCH:
                raise KeyError(f'{name} is not a switch')
        except KeyError as error:
            return self.refuse(error.args[0])
        with self._lock:
            return self.set(name, 1 - self.board[name])

    def _change(self, name: str, value: object, by_position: bool, by_hand: bool = True) -> bool:
        try:
            param = find_param(name)
            number = read_number(param.name, value, () if by_position else param.choices)
        except (KeyError, ValueError) as error:
            return self.refuse(error.args[0])
        with self._lock:
            before = self.loans[name]
            self.put(param.name, param.from_knob(number) if by_position else number)
            if by_hand:
                self.scenes.moved(param.name, before, self.loans[name])
        return True

    def put(self, name: str, value: float) -> None:
        """Put a parameter to a finite value, without it being a gesture that is remembered: what clocks do."""
        with self._lock:
            self.loans[name] = value
            if name == 'drone.root':
                self._key = None
            self.changes += 1
            self._end_ringing()
        if name == 'stage.position':
            self.stir()

    def stir(self) -> None:
        """Wake the conductor."""
        self.stirred.set()

    def press(self, key: float, velocity: float = 1.0) -> None:
        """Play a key, which may lie between two keys; velocity 0..1, 0 releases it. An unmapped key does nothing."""
        if velocity <= 0:
            return self.release(key)
        with self._lock:
            if math.isnan(self.tuning.frequency(key)):
                return
            self._held.pop(key, None)
            self._held[key] = velocity
            if len(self._held) > MOST_KEYS:
                del self._held[next(iter(self._held))]
            self._sound_newest_key()

    def release(self, key: float) -> None:
        """Let a key go: the newest still held sounds on; the last closes the gate, unless drone.hold is on."""
        with self._lock:
            if key not in self._held:
                return
            was_newest = key == next(reversed(self._held))
            del self._held[key]
            if not self._held:
                self._let_go()
            elif was_newest:
                self._sound_newest_key()

    def release_all(self) -> None:
        """Let all keys go."""
        with self._lock:
            self.leave()
            for key in tuple(self._held):
                self.release(key)

    def lean(self) -> None:
        """Keep the gate open, as wide as it last was, for notes that play single layers; the root stays."""
        with self._lock:
            self.leaning = True
            self.gate(self._velocity)

    def leave(self) -> None:
        """The last of those notes is released: the gate goes by keys and drone.hold alone again."""
        with self._lock:
            if self.leaning:
                self.leaning = False
                self._let_go()

    def _let_go(self) -> None:
        if not self._held and not self.leaning:
            self._ringing = True
            self._end_ringing()

    def gate(self, velocity: float) -> None:
        """Open the gate, 0..1, or close it with 0, whatever keys are held."""
        velocity = min(1.0, max(0.0, velocity))
        with self._lock:
            self._ringing = False
            if velocity > 0:
                self._velocity, self.silenced = velocity, False
                self._send(GATE, velocity)
            elif not self.silenced:     # any GATE ends a panic
                self._send(GATE, 0.0)

    def bend(self, cents: float, who: str | None = None) -> None:
        """Bend everything that sounds; as a wheel does, that comes back by itself. who: has the wheel."""
        self._bender = who if cents else None
        self._change('drone.bend_cents', cents, by_position=False, by_hand=False)

    def unbend(self, who: str) -> None:
        """Bend back to 0 if it was bent last by someone who has gone."""
        if self._bender == who:
            self.bend(0.0)

    def panic(self) -> None:
        """Silence everything at once and forget the held keys; when silent, sound again."""
        with self._lock:
            if self.silenced:
                self.gate(self._velocity)
            else:
                self.silence()

    def silence(self) -> None:
        """Silence everything at once, also the second time."""
        with self._lock:
            self._held.clear()
            self._ringing = self.leaning = False
            self.silenced = True
            self._send(PANIC, 0.0)
            self.say('panic: silent until the next note or panic')

    def _sound_newest_key(self) -> None:
        key = next(reversed(self._held))
        self._follow(key)
        self.gate(self._held[key])

    def _follow(self, key: float | None) -> None:
        """Let the root follow a key, or none; a key that the tuning does not map leaves it where it is."""
        self._key = key
        if key is not None and not math.isnan(frequency := self.tuning.frequency(key)):
            self.board['drone.root'] = frequency

    def _end_ringing(self) -> None:
        if self._ringing and not self.board['drone.hold']:
            self.gate(0.0)

    def _send(self, kind: int, value: float) -> None:
        self.events.put(np.array([(kind, value)], EVENT))

    def set_prompt(self, index: int, text: str) -> bool:
        """Put a prompt, the first is 0; places before it that are empty yet are filled with ''; False when refused."""
        if not 0 <= index < PROMPTS:
            return self.refuse(f'there is no prompt {index + 1}: they are numbered 1..{PROMPTS}')
        with self._lock:
            prompts = list(self.prompts.get() or ())
            prompts += [''] * (index + 1 - len(prompts))
            prompts[index] = one_line(text)
            self._say_words((tuple(prompts), self.words[1]))
        return True

    def set_negative(self, text: str) -> None:
        """Put the prompt that prompt.negative turns away from."""
        with self._lock:
            self._say_words((self.words[0], one_line(text)))

    def _say_words(self, words: Words) -> None:
        """Put words as a hand does, which is remembered."""
        before = self.words
        self.put_words(words)
        self.scenes.worded(before, words)

    @property
    def words(self) -> Words:
        """The prompts and the negative one."""
        return self.prompts.get() or (), self.negative.get() or ''

    def put_words(self, words: Words) -> None:
        """Put all words at once."""
        with self._lock:
            self.prompts.put(words[0])
            self.negative.put(words[1])
            self.changes += 1

    def set_shaders(self, place: str, names: str) -> bool:
        """Put the shaders 'before' or 'after' the dream, names in order, '' for none; False when one is unknown.

        They belong to the patch in force, and so to scenes that are stored from now on.
        """
        try:
            chain = check_chain(f'shaders.{place}', names.split())
        except ValueError as error:
            return self.refuse(error.args[0])
        with self._lock:
            both = tuple(chain if each == place else now for each, now in zip(CHAINS, self.patch.shaders))
            self.patch = replace(self.patch, shaders=both)
            self.changes += 1
        return True

    def load_patch(self, name: str) -> bool:
        """Load a patch by name; False when it is bad: then nothing changes and `.message` tells what is wrong."""
        try:
            patch = self.read_patch(name)
        except (PatchError, OSError) as error:
            return self.refuse(str(error))
        self.use_patch(patch)
        return True

    def read_patch(self, name: str) -> Patch:
        """Return a patch by name; raise PatchError that says what is wrong."""
        return self._load(name)

    def load_nth_patch(self, number: int) -> bool:
        """Begin the cue after `number` while there is a set; else load a patch by its place in the sorted list.

        From 0, as program changes count. Beyond the list nothing happens.
        """
        if self.cues.setlist:
            return self.cues.begin(number + 1)
        names = self._names()
        return self.load_patch(names[number]) if 0 <= number < len(names) else False

    def _step_patch(self, step: int) -> bool:
        """Load the next patch of the list that is not bad, round and round."""
        names = self._names()
        start = names.index(self.patch.name) if self.patch.name in names else min(0, -step)
        return any(self.load_patch(names[(start + step * ahead) % len(names)]) for ahead in range(1, len(names) + 1))

    def use_patch(self, patch: Patch) -> None:
        """Put a patch in force at once, with what was edited in it before; a held key sounds on in its tuning."""
        self.scenes.load(patch)

    def wear(self, patch: Patch, tuning: Tuning) -> None:
        """Put patch and tuning in force, not what stands on the Board; a held key follows the tuning from now on."""
        with self._lock:
            self.patch, self.tuning = patch, tuning
            self._send(SEED, patch.seed)
            self.changes += 1
            self._key = next(reversed(self._held)) if self._held else None

    def held_frequency(self, tuning: Tuning) -> float | None:
        """Return Hz of the key that is held in a tuning; None when there is none."""
        with self._lock:
            frequency = tuning.frequency(next(reversed(self._held))) if self._held else math.nan
            return None if math.isnan(frequency) else frequency

    def settle(self) -> None:
        """A patch or scene has come: tunings glide as they are written, and drone.hold may let the note go."""
        self.glide = 0.0
        self.loans.write()      # the tick that has brought it has not done so yet
        self._end_ringing()

    @property
    def key_held(self) -> bool:
        return bool(self._held)

    def retune(self, retuning: Retuning) -> None:
        """Tune keys as MIDI asks, until the next patch. In real time the sounding note goes there at once."""
        with self._lock:
            self.tuning = self.tuning.retuned(retuning.semitones, retuning.offsets)
            if retuning.real_time:
                self._follow(self._key)
            self.changes += 1
            self.say(f'MIDI tuning: {retuning.name or describe(retuning)}')

    def say(self, sentence: str) -> None:
        """Tell the performer something; what no font and no terminal takes becomes a space."""
        plain = ''.join(letter if letter.isprintable() else ' ' for letter in sentence)
        self.message, self.message_time = plain, time.monotonic()

    def refuse(self, sentence: str) -> bool:
        """Count something that could not be done, tell why, and return False."""
        with self._lock:
            self.refused += 1
            self.say(sentence)
        return False
