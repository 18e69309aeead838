"""A performance played again from its file: what the sound took is put again at the same ticks. [main]

    replay = Replay(load_score(path));  replay.render(48000)

The same kernels get the same things at the same samples, so the sound is the same to the bit. What is said to the dream
follows it. Pictures sound as they did when it was played, whatever is dreamt now. Two things are not in the file: the
live input, which is silence here, and changes that were lost; `warnings` tells them.
"""
from collections.abc import Callable
from typing import Any

import numpy as np

from live.audio import offline
from live.audio.arena import Arena, as_routing
from live.record.provenance import differences
from live.record.score import Score
from live.signals import EVENT, SEED
from live.wires import Latest

Shaders = tuple[tuple[str, ...], ...]


class Replay:
    """One performance. prompts, negative, shaders, seed, patch: said to the dream, as far as the sound has come."""

    def __init__(self, score: Score) -> None:
        self.score = score
        header = score.header
        self.arena = Arena(header['samplerate'], header['seed'], header['inputs'])
        self.prompts: Latest[tuple[str, ...]] = Latest(('',))
        self.negative: Latest[str] = Latest('')
        self.shaders: Shaders = ((), ())
        self.seed, self.patch = header['seed'], header['patch']
        self._steps = score.steps()
        self._put(next(self._steps, (0, {}))[1])        # where everything stood before the first tick
        self.arena.reset(self.seed)
        self._next = next(self._steps, None)

    def render(self, frames: int) -> np.ndarray:
        """Return the next `frames` frames: (frames, 2) float32."""
        until, blocks = self.arena.frames + frames, []
        while self.arena.frames < until:
            self._put_due()
            stop = min(until, self._next[0]) if self._next else until
            left = stop - self.arena.frames
            blocks.append(offline.render(self.arena, left, np.zeros((left, self.score.header['inputs']), np.float32)))
        return np.concatenate(blocks) if blocks else np.zeros((0, 2), np.float32)

    def show(self, pixels: np.ndarray) -> None:
        """What is dreamt now is not heard: what was heard then is."""

    def _put_due(self) -> None:
        """Put what the sound took at the tick that comes."""
        while self._next and self._next[0] <= self.arena.frames:
            self._put(self._next[1])
            self._next = next(self._steps, None)

    def _put(self, step: dict) -> None:
        for key, value in step.items():
            if key in _PUT:
                _PUT[key](self, value)

    def _put_values(self, values: list[tuple[int, float]]) -> None:
        for place, value in values:
            self.arena.board.values[place] = value

    def _put_events(self, events: list[tuple[int, float]]) -> None:
        self.arena.events.put(np.array(events, EVENT))
        self.seed = next((int(value) for kind, value in reversed(events) if kind == SEED), self.seed)

    def _put_pictures(self, pictures: list[tuple[int, int, np.ndarray]]) -> None:
        for layer, number, light in pictures:
            self.arena.put_light(layer, light, number)

    def _put_spectra(self, spectra: list[tuple[int, np.ndarray, np.ndarray]]) -> None:
        for layer, hertz, levels in spectra:
            self.arena.freeze(layer, hertz, levels)

    def _put_classes(self, shares: list[tuple[int, float]]) -> None:
        for number, share in shares:
            self.arena.record['classes'][0, number] = share

    def _put_words(self, words: tuple[tuple[str, ...], str]) -> None:
        self.prompts.put(words[0])
        self.negative.put(words[1])


_PUT: dict[str, Callable[[Replay, Any], object]] = {
    'set': Replay._put_values, 'do': Replay._put_events, 'show': Replay._put_pictures, 'words': Replay._put_words,
    'hold': Replay._put_spectra, 'classes': Replay._put_classes,
    'tune': lambda replay, tuning: replay.arena.tune(*tuning),
    'routes': lambda replay, rows: replay.arena.routings.put(as_routing(rows)),
    'shaders': lambda replay, shaders: setattr(replay, 'shaders', shaders),
    'patch': lambda replay, name: setattr(replay, 'patch', name)}


def warnings(score: Score) -> list[str]:
    """Return one sentence for each reason why it is not the same again."""
    told = [differences(score.header.get('made'))]
    if score.header['inputs']:
        told.append('the live input is not in the file: it is silent here, and what follows it stands still')
    if score.header.get('camera') is not None:
        told.append('what the camera saw is not in the file; --camera FILM shows another')
    if score.lost:
        told.append(f'{score.lost} changes came too fast to be written down: from there on the sound differs')
    if not score.whole:
        told.append('its last line was cut off and is left out')
    if score.unknown:
        told.append(f'unknown here and left out: {", ".join(sorted(score.unknown)[:8])}')
    return [sentence for sentence in told if sentence]
