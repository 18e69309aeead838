"""Recording as a stage: takes begun by --record or a key, the last minutes, the film that both are made of. [main]

The performance is written down from its first sample to its last, so that each take can be rendered again.

What is recorded starts with the first sample, though the window opens later: the ring of sound still has it.
"""
import os
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from live.control.autosave import state_folder
from live.control.desk import Desk
from live.record.provenance import provenance
from live.record.scribe import Scribe
from live.record.take import AUDIO_RATES, check_path
from live.record.takes import Takes, files_of, name_take
from live.stages import Settings, Sound, say
from live.vision import RECORD_FPS, Vision

if TYPE_CHECKING:
    from live.record.film import Film
    from live.record.recorder import Recorder


OPEN_TIME = 5.0         # seconds in which the files of a take are open
WHOLE = 'performance.live'      # in the folder for states: the whole performance, also where nothing is recorded


class Recording:
    """film: None without pictures. model: what dreams. Made before the first sound."""

    def __init__(self, settings: Settings, sound: Sound, model: str = 'auto') -> None:
        self.film: Film | None = None
        self.takes = Takes(self._open_take, self._name, sound.desk.say)
        self._settings, self._sound = settings, sound
        for path in files_of(Path(settings.record)) if settings.record else ():
            check_path(path)        # before anything sounds
        self._scribe = self.takes.scribe = Scribe(
            sound.arena, first_line(settings, sound, model), lambda: said_to_dream(sound.desk), state_folder() / WHOLE,
            partial(say, 'record'))
        for action, function in (('record', self.takes.toggle), ('record_start', self.takes.start),
                                 ('record_stop', self.takes.stop)):
            sound.desk.offer(action, function)
        sound.desk.offer('keep', lambda: self.takes.keep(self._name(' kept')))

    def start(self, vision: Vision | None) -> None:
        """Begin to keep and, where it was asked for, to record; raise TakeError."""
        from live.record.memory import Memory, choose_minutes
        sound, rate = self._sound, round(self._sound.arena.samplerate)
        self._scribe.start()
        minutes, reason = choose_minutes(self._settings.keep, os.cpu_count() or 1)
        memory: Memory | None = None
        say('keep', f'{f"the last {minutes:g} minutes" if minutes else "off"}, because {reason}')
        if minutes:
            memory = self.takes.memory = Memory(sound.arena.sound, rate, minutes)
            memory.start()
        if vision:
            from live.record.film import Film
            self.film = Film(rate, RECORD_FPS, lambda: vision.window.size, lambda: sound.sample_now,
                             memory.add_shot if memory else None, sound.desk.say)
            self.film.start()
        if self._settings.record:
            self.takes.begin(self._open_take(Path(self._settings.record), self._settings.seconds or 0, start=0))

    def stop(self) -> None:
        """Close what runs and tell what became of it."""
        if told := self.takes.end():
            say('record', told)
        self.takes.finish()
        self._scribe.stop()
        if self.film:
            self.film.stop()
        if self.takes.memory:
            self.takes.memory.stop()

    def _name(self, remark: str = '') -> Path:
        is_movie = self.film and round(self._sound.arena.samplerate) in AUDIO_RATES
        return name_take(self._sound.desk.patch.name + remark, '.mp4' if is_movie else '.w64')

    def _open_take(self, path: Path, seconds: float = 0.0, start: int | None = None) -> 'list[Recorder]':
        from live.record.recorder import Recorder
        from live.record.take import MOVIE_SUFFIXES, Take
        arena, rate = self._sound.arena, round(self._sound.arena.samplerate)
        begin = arena.sound.written if start is None else start     # of all files, however long it takes to open them
        recorders: list[Recorder] = []
        with ExitStack() as opened:
            for file in files_of(path):
                film = self.film if file.suffix.lower() in MOVIE_SUFFIXES else None
                take = Take(file, rate, encoder=film.encoder(OPEN_TIME) if film else None)
                opened.callback(take.discard)
                recorders.append(Recorder(take, arena.sound.reader(begin), round(seconds * rate) or None, film,
                                          say=self.takes.fell))
            opened.pop_all()        # all of them or none
        return recorders


def first_line(settings: Settings, sound: Sound, model: str) -> dict:
    """Return the first line of performance files: where, when, and with what it was played."""
    return {'samplerate': round(sound.arena.samplerate), 'inputs': int(sound.arena.record['inputs'][0]),
            'seed': int(sound.arena.record['seed'][0]), 'patch': sound.desk.patch.name, 'model': model,
            'lora': list(settings.lora), 'image': settings.image, 'camera': settings.camera,
            'time': time.strftime('%Y-%m-%d %H:%M:%S'), 'made': provenance()}


def said_to_dream(desk: Desk) -> dict:
    """Return what the picture follows beside the sound and the values of the Board."""
    return {'words': desk.words, 'shaders': desk.patch.shaders, 'patch': desk.patch.name}
