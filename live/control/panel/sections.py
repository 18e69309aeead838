"""What is told in words, section by section, when it changes: JSON, made once for all pages.

A page is sent the sections that differ from what it was sent before, so a new page gets all of them, and nobody has to
tell that something has changed. Polls ten times a second while somebody is there. [web]
"""
import json
import math
import time
from collections.abc import Mapping

from live.control.actions import ACTIONS
from live.control.panel.backstage import Backstage
from live.control.panel.frame import METERS, layout
from live.control.panel.thumbnails import Thumbnails
from live.params import GROUPS, PROMPTS, SCENES, describe

MESSAGE_TIME = 6.0      # seconds that a sentence stays


def hello(backstage: Backstage, role: str, version: str) -> str:
    """Return what a page is told first: every row that exists, and how frames are read."""
    return dump({'hello': {
        'role': role, 'version': version, 'params': describe(), 'groups': GROUPS, 'prompts': PROMPTS, 'scenes': SCENES,
        'actions': [{'name': action.name, 'doc': action.doc, 'takes': action.takes} for action in ACTIONS],
        'meters': [{name: getattr(meter, name) for name in meter.__slots__} for meter in METERS],
        'frame': layout(), 'patches': backstage.patches()}})


def dump(data: object) -> str:
    """Return JSON that a browser reads: what is not finite becomes null."""
    return json.dumps(finite(data), separators=(',', ':'), allow_nan=False)


def finite(data: object) -> object:
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, Mapping):
        return {str(key): finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple, set)):
        return [finite(item) for item in data]
    return data


class Sections:
    """What is told now."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self.thumbnails = Thumbnails(backstage.desk.scenes, backstage.view)
        self._tuning: object = None
        self._tuning_told: dict = {}

    def make(self) -> dict[str, str]:
        """Return every section as JSON, by name."""
        desk = self._backstage.desk
        told = {
            'words': {'prompts': desk.prompts.get() or (), 'negative': desk.negative.get() or ''},
            'patch': {'name': desk.patch.name, 'description': desk.patch.description},
            'tuning': self._tell_tuning(),
            'message': desk.message if time.monotonic() - desk.message_time < MESSAGE_TIME else '',
            'midi': self._tell_midi(),
            'scenes': self._tell_scenes(),
            'state': self._tell_state(),
            'set': self._tell_set()}
        return {name: dump({name: section}) for name, section in told.items()}

    def _tell_tuning(self) -> dict:
        """Return the scale as the wheel draws it; worked out again only when it is another."""
        tuning = self._backstage.desk.tuning
        if tuning is not self._tuning:
            scale, cents = tuning.sounding_scale, tuning.scale_cents()
            ascending = len(scale.names) == len(cents) and list(scale.cents) == cents.tolist()
            self._tuning, self._tuning_told = tuning, {
                'name': scale.name, 'cents': cents.tolist(), 'period': tuning.period_cents,
                'names': scale.names if ascending else ()}
        return self._tuning_told

    def _tell_midi(self) -> dict:
        midi = self._backstage.midi
        return {'devices': midi.devices, **midi.learn.state} if midi else {'devices': (), 'armed': ''}

    def _tell_scenes(self) -> dict:
        self.thumbnails.follow()
        stored = sorted(self._backstage.desk.scenes.stored.items())
        return {'at': self.thumbnails.at, 'slots': [
            {'number': number, 'name': scene.patch.name, 'picture': self.thumbnails.number(number)}
            for number, scene in stored]}

    def _tell_state(self) -> dict:
        """Return which actions are in force, by name."""
        scenes = self._backstage.desk.scenes
        return {'safe': scenes.is_safe, 'hold': scenes.held, 'undo': len(scenes.history.done),
                'redo': len(scenes.history.undone), 'record': self._backstage.recording()}

    def _tell_set(self) -> dict:
        cues = self._backstage.desk.cues
        if cues.setlist is None:
            return {'name': '', 'cues': (), 'at': 0, 'follows': None}
        follows = cues.follows_in
        return {'name': cues.setlist.name, 'cues': [cue.name for cue in cues.setlist.cues], 'at': cues.number,
                'follows': None if follows is None else math.ceil(follows)}
