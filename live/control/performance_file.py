"""A performance as text and back: Board, words, patch, scenes, edits, where in the set one is. JSON, by names.

Values are kept by dotted names and only where they are not the default, so a state outlives changes of the registry. A
patch is kept by name and found again in the set, by its cues, or as patches are; what it held in values is in the state
anyway.
Strict as a whole (a state that cannot be read is told and ignored), lenient in detail: names that are unknown by now,
patches that are gone, are left out and told. Knows nothing of when and where it is kept.
"""
import json
import math
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from live.control.history import Edit, Scene
from live.control.transit import values_of
from live.params import BY_NAME, PARAMS, PROMPTS, SCENES, STAGE, Board
from live.patch import Patch, PatchError

if TYPE_CHECKING:
    from live.control.desk import Desk

VERSION = 1
PERFORMERS = [n for n, p in enumerate(PARAMS) if p.group in (STAGE, 'tempo')]
_TEXTS: WeakKeyDictionary = WeakKeyDictionary()     # of scenes, which never change


class StateError(ValueError):
    """A state that cannot be read."""


def dump_state(desk: 'Desk') -> str:
    """[any] Return the whole performance as JSON: in SAFE, where one left it; in a morph, where it leads."""
    with desk.lock:
        scenes, cues = desk.scenes, desk.cues
        left = scenes.left
        now, place = (left.scene, left.place) if left and left.scene else (scenes.capture(arrived=True), scenes.place)
        stage = {PARAMS[n].name: float(scenes.values[n]) for n in PERFORMERS}
        stored, edits = dict(scenes.stored), dict(scenes.edits)
        setlist = {'name': cues.setlist.name, 'cue': cues.number,
                   'served': cues.served.isoformat()} if cues.setlist else None
    slots = ', '.join(f'"{number}": {_text_of(scene)}' for number, scene in stored.items())
    rest = json.dumps({'version': VERSION, 'place': place, 'stage': stage, 'set': setlist,
                       'edits': {name: _edit_data(edit) for name, edit in edits.items() if edit}})
    return f'{rest[:-1]}, "scenes": {{{slots}}}, "now": {_text_of(now)}}}'


def _text_of(scene: Scene) -> str:
    """Return a scene as JSON; a stored one is written once."""
    if scene not in _TEXTS:
        _TEXTS[scene] = json.dumps({
            'values': {p.name: float(v) for p, v in zip(PARAMS, scene.values) if v != p.default and p.group != STAGE},
            'prompts': scene.words[0], 'negative': scene.words[1], 'patch': scene.patch.name,
            'shaders': scene.patch.shaders,
            'semitones': dict(scene.tuning.semitones), 'offsets': scene.tuning.offsets})
    return _TEXTS[scene]


def _edit_data(edit: Edit) -> dict:
    return {'values': dict(edit.values), 'words': edit.words}


def restore_state(desk: 'Desk', text: str) -> list[str]:
    """[main] Put a performance back as it was; return what could not be, one sentence each.

    Raise StateError when the whole cannot be read: then nothing has changed.
    """
    reader = Reader(desk)
    try:
        data = json.loads(text)
        stored = {_slot(key): reader.scene(value) for key, value in data['scenes'].items()}
        edits = {str(place): reader.edit(value) for place, value in data['edits'].items()}
        now, place, stage = reader.scene(data['now']), str(data['place']), reader.values(data['stage'])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StateError(f'the state cannot be read: {error!r:.200}') from error
    with desk.lock:
        for name, value in stage.items():
            desk.put(name, value)
        desk.scenes.restore(now, place, stored, edits)
        _find_cue(desk, data.get('set'))
    return reader.troubles


def _find_cue(desk: 'Desk', said: object) -> None:
    """Go on in the set, if the same one is loaded."""
    setlist = desk.cues.setlist
    if isinstance(said, dict) and setlist and said.get('name') == setlist.name:
        number = said.get('cue')
        if isinstance(number, int) and 0 <= number <= len(setlist.cues):
            desk.cues.load(setlist, number, _moment(said.get('served')))


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).replace(tzinfo=None)
    except ValueError:
        return None


def _slot(key: str) -> int:
    if not 1 <= int(key) <= SCENES:
        raise ValueError(f'there is no scene {key}')
    return int(key)


class Reader:
    """Reads parts of a state; `troubles` are what was left out."""

    def __init__(self, desk: 'Desk') -> None:
        self.desk, self.troubles = desk, list[str]()
        cues = desk.cues.setlist.cues if desk.cues.setlist else ()
        known = [desk.scenes.safe_patch, desk.patch, *(cue.patch for cue in cues)]      # also from beside the set
        self._patches: dict[str, Patch] = {patch.name: patch for patch in known if patch}

    def values(self, data: dict) -> dict[str, float]:
        """Return values by names that are known now, within their ranges."""
        known = {}
        for name, value in data.items():
            if name not in BY_NAME or not math.isfinite(value):
                self._tell(f'{name} = {value!r:.20} is left out')
            else:
                known[BY_NAME[name].name] = BY_NAME[name].clamp(float(value))
        return known

    def scene(self, data: dict) -> Scene:
        board = Board()
        for name, value in self.values(data['values']).items():
            board[name] = value
        patch = self._patch(str(data['patch']))
        shaders = [[str(name) for name in names] for names in data.get('shaders', patch.shaders)]
        patch = replace(patch, shaders=tuple(map(tuple, (*shaders, [], [])[:2])))
        tuning = patch.tuning
        semitones = {int(key): float(value) for key, value in data['semitones'].items()}
        offsets = tuple(float(value) for value in data['offsets'])
        if len(offsets) not in (0, 12):
            raise ValueError(f'{len(offsets)} offsets of 12 pitch classes')
        if semitones or offsets:
            tuning = tuning.retuned(semitones, offsets)
        return Scene(values_of(board), _words(data['prompts'], data['negative']), patch, tuning)

    def edit(self, data: dict) -> Edit:
        return Edit(self.values(data['values']), _words(*data['words']) if data['words'] else None)

    def _patch(self, name: str) -> Patch:
        if name not in self._patches:
            try:
                self._patches[name] = self.desk.read_patch(name)
            except (PatchError, OSError) as error:
                self._tell(str(error))
                self._patches[name] = self.desk.patch
        return self._patches[name]

    def _tell(self, trouble: str) -> None:
        if trouble not in self.troubles:
            self.troubles.append(trouble)


def _words(prompts: list, negative: str) -> tuple[tuple[str, ...], str]:
    if not all(isinstance(text, str) for text in (*prompts, negative)) or not 1 <= len(prompts) <= PROMPTS:
        raise ValueError('prompts are not texts')
    return tuple(prompts), negative
