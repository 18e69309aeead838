"""Recording as a stage: takes begun by --record or a key, the last minutes, and the film that both are made of. [main]

What is recorded starts with the first sample, though the window opens later: the ring of sound still has it.
"""
import os
from pathlib import Path
from typing import TYPE_CHECKING

from live.record.takes import Takes, files_of, name_take
from live.stages import RECORD_FPS, Settings, Sound, Vision, say

if TYPE_CHECKING:
    from live.record.film import Film
    from live.record.recorder import Recorder


class Recording:
    """film: None without pictures."""

    def __init__(self, settings: Settings, sound: Sound) -> None:
        self.film: Film | None = None
        self.takes = Takes(self._open_take, sound.desk.say)
        self._settings, self._sound = settings, sound
        sound.desk.offer('record', lambda: self.takes.toggle(self._name()))
        sound.desk.offer('keep', lambda: self.takes.keep(self._name(' kept')))

    def start(self, vision: Vision | None) -> None:
        """Begin to keep and, where it was asked for, to record; raise TakeError."""
        from live.record.memory import Memory, choose_minutes
        sound, rate = self._sound, round(self._sound.arena.samplerate)
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
            print(told, flush=True)
        self.takes.finish()
        if self.film:
            self.film.stop()
        if self.takes.memory:
            self.takes.memory.stop()

    def _name(self, remark: str = '') -> Path:
        return name_take(self._sound.desk.patch.name + remark, '.mp4' if self.film else '.w64')

    def _open_take(self, path: Path, seconds: float = 0.0, start: int | None = None) -> 'list[Recorder]':
        from live.record.recorder import Recorder
        from live.record.take import MOVIE_SUFFIXES, Take
        arena, rate = self._sound.arena, round(self._sound.arena.samplerate)
        begin = arena.sound.written if start is None else start     # of all files, however long it takes to open them
        recorders = []
        for file in files_of(path):
            film = self.film if file.suffix.lower() in MOVIE_SUFFIXES else None
            take = Take(file, rate, encoder=film.encoder() if film else None)
            recorders.append(Recorder(take, arena.sound.reader(begin), round(seconds * rate) or None, film,
                                      say=self._sound.desk.say))
        return recorders
