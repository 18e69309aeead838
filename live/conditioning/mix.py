"""Words and sound as one Conditioning: what the next dream is made from.

In: slices from a Reader, the newest prompts, the Board. Out: a Conditioning, or None while there is no new slice. Three
mappings at once, each with its weight on the Board, all closed in silence:

    text      the prompts by their weights                                              words.py
    steered   text, led along the directions in which real prompts differ               steering.py, embedding.steer
    first     replace: steered + w * (sound - steered), or add: steered + w * (sound - mean)
              sound = the last slices, row by row                                       spectrum.py, embedding.inject
    second    first + w * (sound - first)
              sound = sixteen tokens of spectrum, partials and state                    tokens.py, embedding.append
    embedding [first; second]       twice the rows, always: what is captured for one number of rows is captured once

Of a model that was trained to hear these tokens, w of the last is 1 - (1 - w)^4, 0.3 as 0.76, and steering leaves to
them what they tell: it has learnt what they mean, and shall not be told otherwise by words.

sound = mean + std * clip(depth * deviations), as real prompts spread. Where second is first, the text stands there
twice, which attention, a mean over a set, does not notice. The first row of either, which begins every text, is never
touched. Without weights, and in silence, an embedding is the text's own to the bit. Runs on the dream's thread; the
same slices, prompts and Board give the same embedding, however the slices are cut into portions. Knows nothing of
models beyond their embeddings.
"""
import math

import numpy as np

from live.conditioning.prompts import Calibration, PromptBook
from live.conditioning.spectrum import FEATURES, ROWS, Feature, gate, make_history
from live.conditioning.steering import Steering, steer
from live.conditioning.tokens import Tokens
from live.conditioning.words import Words
from live.params import Board
from live.signals import Conditioning
from live.wires import Latest, Reader

REPLACE, ADD = range(2)     # as embedding.mode counts them
LIMIT = 3.0                 # deviations of real prompts that sound may reach
HEARD_POWER = 4             # of what a model that hears is not told
LONGEST_STEP = 2.0          # seconds that words and walk move in one dream at most: frozen, they stand still


class Conditioner:
    """Listens to slices and gives one Conditioning a call.

    prompts: at least one text; negative: what prompt.negative turns away from; reader: of a ring of SLICE;
    calibration: of the same text encoder as the book's. hears: whether the model was trained to hear the tokens.
    """

    def __init__(self, book: PromptBook, calibration: Calibration, board: Board, prompts: Latest[tuple[str, ...]],
                 reader: Reader, samplerate: float, negative: Latest[str] | None = None, hears: bool = False) -> None:
        self._calibration, self._board, self._reader, self._samplerate = calibration, board, reader, samplerate
        self._words = Words(book, board, prompts, negative or Latest(''))
        self._history = make_history(book.width)
        self._width, self._chosen = book.width, -1
        self._steering, self._tokens = Steering(samplerate, values=not hears), Tokens(book.width, samplerate)
        self._power = HEARD_POWER if hears else 1
        self._seconds = self._walk = 0.0

    def condition(self) -> Conditioning | None:
        """[dream] Return what the next dream is made from, or None while there is no new slice."""
        slices = self._reader.get()
        if not len(slices):
            return None
        self._listen(slices)
        board, level = self._board, self._history.level
        depth = max(0.0, board['embedding.depth'] + board['embedding.level_to_depth'] * level)
        strength = board['dream.strength'] + board['dream.level_to_strength'] * level
        return Conditioning(self._embed(depth), min(1.0, max(0.0, strength)), self._walk, self._history.end)

    def _listen(self, slices: np.ndarray) -> None:
        before, feature = self._history.end, self._choose_feature()
        for start in range(0, len(slices), ROWS):
            portion = slices[start:start + ROWS]
            self._history.put(portion)
            feature.listen(self._history, len(portion))
        self._steering.listen(slices)
        self._tokens.listen(slices)
        if before:      # a clock that begins anew stands still for one dream
            seconds = min(LONGEST_STEP, max(0, self._history.end - before) / self._samplerate)
            self._seconds += seconds
            self._walk += 2 * math.pi * self._board['dream.walk'] * seconds

    def _choose_feature(self) -> Feature:
        """Return the feature that is injected; one that is new begins with what is remembered."""
        wanted = int(self._board['embedding.feature'])
        if wanted != self._chosen:
            self._chosen, self._feature = wanted, FEATURES[wanted](self._width, self._samplerate)
            self._feature.listen(self._history, ROWS)
        return self._feature

    def _embed(self, depth: float) -> np.ndarray:
        board, text = self._board, self._words.now(self._seconds)
        heard = float(gate(self._history.loudness))
        if amount := board['embedding.steer'] * heard:
            weights = np.clip(depth * self._steering.weights(), -LIMIT, LIMIT)
            text = steer(text, self._calibration.directions, amount * weights)
        first = self._inject(text, depth)
        behind = 1 - (1 - board['embedding.append'] * heard) ** self._power
        return np.concatenate((first, self._append(first, depth, behind)))

    def _inject(self, text: np.ndarray, depth: float) -> np.ndarray:
        if not self._board['embedding.inject']:
            return text
        deviations, gates = self._feature.tokens(self._history)
        weight = resize(gates, len(text)) * self._board['embedding.inject']
        weight[0] = 0.0
        moved = self._move(resize(deviations, len(text)), depth)
        mean = self._calibration.mean if self._board['embedding.mode'] == ADD else text
        return (text + weight * (self._calibration.mean + moved - mean)).astype(np.float32)

    def _append(self, first: np.ndarray, depth: float, weight: float) -> np.ndarray:
        if not weight:
            return first
        return append(first, self._calibration.mean + self._move(self._tokens.rows(), depth), weight)

    def _move(self, deviations: np.ndarray, depth: float) -> np.ndarray:
        return self._calibration.std * np.clip(depth * deviations, -LIMIT, LIMIT)


def append(first: np.ndarray, sound: np.ndarray, weight: float) -> np.ndarray:
    """Return `first` with sound (rows, width), again and again, in the place of all but its first row, by weight."""
    second = first.copy()
    second[1:] += weight * (np.resize(sound, (len(first) - 1, first.shape[1])) - first[1:])
    return second


def resize(rows: np.ndarray, count: int) -> np.ndarray:
    """Return the newest `count` rows, with silence before them where there are fewer."""
    missing = max(0, count - len(rows))
    return np.concatenate((np.zeros((missing, rows.shape[1])), rows[len(rows) - (count - missing):]))
