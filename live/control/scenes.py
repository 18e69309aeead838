"""Scenes: the whole instrument but its stage, stored in slots, and how one takes over from another. [any]

A scene or patch takes over at once, on the next beat or on the next bar, in a time and by a curve. What the dream makes
of parameters is seen later than the sound is heard; where there is a beat to meet, those begin as much earlier as was
measured. What a hand changes in a patch or scene is kept beside it and is there again when it comes back; `revert`
drops it. All of it can be undone. SAFE goes to a patch that hurts nobody, and back.

In: numbers, Scenes and the time. Out: the Board, words, patch and tuning of the Desk. Ticked by the conductor.
"""
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from live.control.history import Edit, Gesture, History, Moment, Scene, Words
from live.control.transit import Departure, Transit, values_of
from live.control.travel import Travel
from live.params import BY_NAME, PARAMS, PROMPTS, SCENES, STAGE, Board, find_number
from live.patch import Patch

if TYPE_CHECKING:
    from live.control.desk import Desk

DREAMT = ('prompt', 'embedding', 'dream', 'feedback', 'init', 'bend')   # groups that are seen only in the next dream
SAFE_TIME, UNDO_TIME = 2.0, 0.5         # seconds
SLOWER = 0.6            # of the time that is left: a tuning that glides so long is there, within 1 %, at its end

PICTURE = np.array([n for n, p in enumerate(PARAMS) if p.group in DREAMT])
SOUND = np.array([n for n, p in enumerate(PARAMS) if p.group not in (*DREAMT, STAGE)])
TEMPO = np.array([n for n, p in enumerate(PARAMS) if p.group == 'tempo'])
LED = np.array([find_number('tempo.follow'), find_number('tempo.quantise')])    # the performer's, in whatever scene
WEIGHTS = tuple(find_number(f'prompt.weight{number + 1}') for number in range(PROMPTS))
BPM, ROOT, MIX, TRANSITION = map(find_number, ('tempo.bpm', 'drone.root', 'prompt.mix', 'prompt.transition'))


class Scenes:
    """What is stored, where one is, and what is under way.

    stored: by number from 1; edits: by place, 'patch bflat' or 'scene 3'; place: where one is, '' is nowhere; left:
    where one was when SAFE was pressed; held: morphs stand still; revision grows with every change of what is stored
    or edited. latency: seconds from sound to picture, as measured; safe_patch: for SAFE.
    """

    def __init__(self, desk: 'Desk', clock: Callable[[], float] = time.monotonic) -> None:
        self.desk, self._clock = desk, clock
        self.stored: dict[int, Scene] = {}
        self.edits: dict[str, Edit] = {}
        self.revision = 0
        self.place = ''
        self.held = False
        self.latency: Callable[[], float] = lambda: 0.0
        self.safe_patch: Patch | None = None
        self.history = History()
        self._coming: Scene | None = None       # whose patch is not in force yet
        self.left: Moment | None = None        # when SAFE was pressed
        values = desk.loans.values
        self._picture, self._sound = Transit(values), Transit(values)
        self._travel = Travel(self, desk, values)
        for action in (self.recall, self.store, self.hold, self.undo, self.redo, self.revert, self.safe):
            desk.offer(action.__name__, action)

    @property
    def values(self) -> np.ndarray:
        """Where everything stands, without what notes have borrowed; written at the next tick."""
        with self.desk.lock:
            return self.desk.loans.read()

    @property
    def is_safe(self) -> bool:
        return self.left is not None

    def capture(self, arrived: bool = False) -> Scene:
        """Return everything as it is now, as a scene; or as it will be when what is under way has arrived."""
        with self.desk.lock:
            values = self.values.copy()
            for transit in (self._picture, self._sound):
                transit.settle(values, arrived)
            worn = self._coming if self._coming and arrived else self.desk
            return Scene(values, self.desk.words, worn.patch, worn.tuning)

    def store(self, number: float) -> bool:
        """Store what is now, edits and all, and be there; what stood there before comes back by `undo`."""
        if not 1 <= number <= SCENES:
            return self.desk.refuse(f'there is no scene {number:g}: they are numbered 1..{SCENES}')
        slot, place = int(number), f'scene {int(number)}'
        with self.desk.lock:
            here, before, scene = self.place, self.stored.get(slot), self.capture()
            edits = {name: self._edit_of(name) for name in (here, place)}
            self.stored[slot], self.place = scene, place
            for name in edits:
                self.edits.pop(name, None)
            self._remember(f'store {place}', Moment(here, edits, slot=(slot, before)),
                           Moment(place, dict.fromkeys(edits, Edit()), slot=(slot, scene)))
            self.desk.say(f'stored as {place}')
        return True

    def recall(self, number: float, seconds: float | None = None, curve: str = 'ease',
               quantise: int | None = None) -> bool:
        """Go to a stored scene in stage.morph, unless other `seconds` are given."""
        scene, place = self.stored.get(int(number)), f'scene {int(number)}'
        if scene is None:
            return self.desk.refuse(f'{place} is empty' + ('' if 1 <= number <= SCENES else
                                                           f': they are numbered 1..{SCENES}'))
        return self.enter(scene, place, seconds, curve, quantise)

    def load(self, patch: Patch, seconds: float | None = 0.0, curve: str = 'ease', quantise: int | None = 0) -> bool:
        """Go to a patch, at once if nothing else is asked for."""
        return self.enter(scene_of(patch, self.values), f'patch {patch.name}', seconds, curve, quantise)

    def enter(self, scene: Scene, place: str, seconds: float | None, curve: str, quantise: int | None) -> bool:
        """Go to a scene with what was edited in it, as a gesture. None: as stage.morph and tempo.quantise stand."""
        board = self.desk.board
        with self.desk.lock:
            edit = self._edit_of(place)
            before = self._moment(self.place, scene=self.capture())
            scene = scene.edited(edit)
            self._remember(place, before, Moment(place, {place: edit}, scene=scene))
            self.left = None
            self._go(scene, place, board['stage.morph'] if seconds is None else seconds, curve,
                     int(board['tempo.quantise']) if quantise is None else quantise,
                     place + (f', with {len(edit)} changes: revert drops them' if edit else ''))
        return True

    def _moment(self, place: str, **touched) -> Moment:
        return Moment(place, {place: self._edit_of(place)}, **touched)

    def _edit_of(self, place: str) -> Edit:
        return self.edits.get(place, Edit())

    def _remember(self, what: str, before: Moment, after: Moment) -> Gesture:
        self.revision += 1
        return self.history.add(what, before, after, self._clock())

    def _go(self, scene: Scene, place: str, seconds: float, curve: str = 'ease', quantise: int = 0,
            say: str = '') -> None:
        """Let a scene take over: its picture, then, on the beat, its sound."""
        now = self._clock()
        line = self.desk.tempo.next_line(quantise, now)
        target, sound = scene.values.copy(), SOUND
        target[LED] = self.values[LED]
        if self.desk.board['tempo.follow']:
            sound = sound[sound != BPM]
        self.held = False
        self._travel.cancel()
        self._picture.wait(Departure(
            PICTURE, target, max(now, line - max(0.0, self.latency())) if line > now else now, seconds, curve,
            WEIGHTS if scene.words == self.desk.words else (*WEIGHTS, MIX),
            {TRANSITION: min(seconds, PARAMS[TRANSITION].high)} if seconds else {},
            depart=lambda: self.desk.put_words(scene.words)))
        self._sound.wait(Departure(
            sound, target, line, seconds, curve, depart=lambda: self._set_out(scene, place, target, say),
            half=lambda: self._wear(scene, seconds), arrive=self.desk.settle))
        self.tick(now)
        self.desk.stir()

    def _set_out(self, scene: Scene, place: str, target: np.ndarray, say: str) -> None:
        """Be in a scene, though its patch is put in force only half way; a held key goes over to its tuning."""
        self.place, self._coming = place, scene
        root = self.desk.held_frequency(scene.tuning)
        if root is not None:
            target[ROOT] = root
        if say:
            self.desk.say(say)

    def _wear(self, scene: Scene, seconds: float) -> None:
        """Put patch and tuning in force, with the choices that change now."""
        self.desk.glide, self._coming = SLOWER * seconds / 2, None
        self.desk.wear(scene.patch, scene.tuning)

    def tick(self, now: float) -> bool:
        """[control] Bring the Board to where it is to be now; True while something moves or waits."""
        with self.desk.lock:
            self.desk.loans.read()
            self._picture.tick(now, self.held)
            self._sound.tick(now, self.held)
            busy = self._travel.tick(now) or self._picture.busy or self._sound.busy
            self.desk.loans.write()
            return busy

    @property
    def is_waiting(self) -> bool:
        """A scene or patch waits for its beat or bar."""
        return self._sound.waiting

    @property
    def progress(self) -> float:
        """Part 0..1 of its time that has passed of the morph under way; 1 when there is none."""
        return self._sound.place

    def find(self, number: int) -> Scene:
        """Return a stored scene with what was edited in it."""
        return self.stored[number].edited(self._edit_of(f'scene {number}'))

    def restore(self, now: Scene, place: str, stored: dict[int, Scene], edits: dict[str, Edit]) -> None:
        """[main] Be where a saved performance was."""
        with self.desk.lock:
            self.stored, self.edits, self.left = stored, edits, None
            self.history = History()
            self.revision += 1
            self._go(now, place, 0.0)

    def begin_travel(self) -> Gesture:
        """[control] Leave where one is: the hand on stage.position takes over."""
        before = self._moment(self.place, scene=self.capture())
        for transit in (self._picture, self._sound):
            transit.cancel()
        self._coming = None
        self.place, self.left, self.held = '', None, False
        return self._remember('stage.position', before, Moment('', scene=self.capture()))

    def hold(self) -> None:
        """Let morphs, and the time to the next cue, stand still; or go on."""
        self.held = not self.held
        self.desk.say('held: hold again to go on' if self.held else 'going on')
        self.desk.stir()

    def safe(self) -> bool:
        """Go to the safe patch as it was written, whatever was edited in it; or back to where one was."""
        if self.safe_patch is None:
            return self.desk.refuse('there is no safe patch')
        with self.desk.lock:
            here, left = self._moment(self.place, scene=self.capture()), self.left
            there = left or Moment('', scene=scene_of(self.safe_patch, self.values))
            assert there.scene is not None
            self._remember('safe', here, there)
            self._go(there.scene, there.place, SAFE_TIME,
                     say='back from safe' if left else 'safe: again to go back')
            self.left = None if left else here
        return True

    def moved(self, name: str, before: float, after: float) -> None:
        """[any] Remember that a hand has moved a parameter."""
        if BY_NAME[name].group != STAGE:
            edit = self._edit_of(self.place)
            self._edit(name, replace(edit, values={**edit.values, name: after}), 'value', (name, before), (name, after))

    def worded(self, before: Words, after: Words) -> None:
        """[any] Remember that a hand has changed the words."""
        self._edit('words', replace(self._edit_of(self.place), words=after), 'words', before, after)

    def _edit(self, what: str, edit: Edit, field: str, before: object, after: object) -> None:
        then = self._moment(self.place, **{field: before})
        if self.place:
            self.edits[self.place] = edit
        self._remember(what, then, self._moment(self.place, **{field: after}))

    def revert(self) -> bool:
        """Drop what was edited in the patch or scene one is in."""
        with self.desk.lock:
            pure = self._find_pure()
            if pure is None or not self.edits.get(self.place):
                return self.desk.refuse(f'nothing was changed in {self.place}' if self.place else
                                        'there is neither patch nor scene to go back to')
            before = self._moment(self.place, scene=self.capture())
            self.edits.pop(self.place)
            self._remember('revert', before, Moment(self.place, {self.place: Edit()}, scene=pure))
            self._go(pure, self.place, UNDO_TIME, say=f'{self.place}, as it was')
        return True

    def _find_pure(self) -> Scene | None:
        """Return the patch or scene one is in as it was loaded or stored."""
        kind, _, name = self.place.partition(' ')
        if kind == 'scene':
            return self.stored.get(int(name))
        patch = (self._coming or self.desk).patch
        return scene_of(patch, self.values) if kind == 'patch' else None

    def undo(self) -> bool:
        """Take the last gesture back."""
        with self.desk.lock:
            gesture = self.history.undo()
            if gesture is None:
                return self.desk.refuse('there is nothing to undo')
            self._put_back(gesture.before)
            self.desk.say(f'undone: {gesture.what}')
        return True

    def redo(self) -> bool:
        """Do again what was taken back last."""
        with self.desk.lock:
            gesture = self.history.redo()
            if gesture is None:
                return self.desk.refuse('there is nothing to redo')
            self._put_back(gesture.after)
            self.desk.say(f'done again: {gesture.what}')
        return True

    def _put_back(self, moment: Moment) -> None:
        self.revision += 1
        self.edits.update((place, edit) for place, edit in moment.edits.items() if place)
        if moment.value:
            self.desk.put(*moment.value)
        if moment.words:
            self.desk.put_words(moment.words)
        if moment.slot:
            number, scene = moment.slot
            self.place = moment.place
            self.stored.pop(number, None)
            if scene:
                self.stored[number] = scene
        if moment.cue is not None:
            self.desk.cues.stand_at(moment.cue)
        if moment.scene:
            self.left = None
            self._go(moment.scene, moment.place, UNDO_TIME)


def scene_of(patch: Patch, now: np.ndarray) -> Scene:
    """Return a patch as a scene; the tempo that it does not name stays as it is now."""
    board = Board()
    patch.apply(board)
    values = values_of(board)
    kept = [number for number in TEMPO if PARAMS[number].name not in patch.values]
    values[kept] = now[kept]
    return Scene(values, (patch.prompts, patch.negative), patch, patch.tuning)
