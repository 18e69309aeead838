"""Words and sound as one Conditioning: what the next dream is made from.

In: slices from a Reader, the newest prompts, the Board. Out: a Conditioning, or None while there is no new slice. The
first row of every embedding, which begins every text, is never touched. Without balance, and in silence, an embedding
is the text's own to the bit. Runs on the dream's thread; the same slices, prompts and Board give the same embedding,
however the slices are cut into portions. Knows nothing of models beyond their embeddings.

    replace   text + w * (sound - text)         sound = mean + std * clip(depth * deviations), as real prompts spread
    add       text + w * (sound - mean)         w = embedding.balance, closed in silence
    append    [text; replace]                   twice the rows. At w = 0 the text stands there twice, which attention,
                                                a mean over a set, does not notice
"""
import math

import numpy as np

from live.conditioning.prompts import Calibration, PromptBook, slerp
from live.conditioning.spectrum import FEATURES, ROWS, Feature, make_history
from live.params import Board
from live.signals import Conditioning
from live.wires import Latest, Reader

REPLACE, ADD, APPEND = range(3)     # as embedding.mode counts them
LIMIT = 3.0                         # deviations of real prompts that sound may reach


class Conditioner:
    """Listens to slices and gives one Conditioning a call.

    prompts: one or two texts; reader: of a ring of SLICE; calibration: of the same text encoder as the book's.
    """

    def __init__(self, book: PromptBook, calibration: Calibration, board: Board, prompts: Latest[tuple[str, ...]],
                 reader: Reader, samplerate: float) -> None:
        self._book, self._calibration, self._board = book, calibration, board
        self._prompts, self._reader, self._samplerate = prompts, reader, samplerate
        self._history = make_history(book.width)
        self._features: tuple[Feature, ...] = tuple(feature(book.width, samplerate) for feature in FEATURES)
        self._walk = 0.0

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
        before = self._history.end
        for start in range(0, len(slices), ROWS):
            portion = slices[start:start + ROWS]
            self._history.put(portion)
            for feature in self._features:
                feature.listen(self._history, len(portion))
        if before:      # a clock that begins anew stands still for one dream
            seconds = max(0, self._history.end - before) / self._samplerate
            self._walk += 2 * math.pi * self._board['dream.walk'] * seconds

    def _embed(self, depth: float) -> np.ndarray:
        board, text = self._board, self._text()
        deviations, gates = self._features[int(board['embedding.feature'])].tokens(self._history)
        deviations, weight = resize(deviations, len(text)), resize(gates, len(text)) * board['embedding.balance']
        weight[0] = 0.0
        moved = self._calibration.std * np.clip(depth * deviations, -LIMIT, LIMIT)
        if board['embedding.mode'] == ADD:
            return (text + weight * moved).astype(np.float32)
        replaced = (text + weight * (self._calibration.mean + moved - text)).astype(np.float32)
        return np.concatenate((text, replaced)) if board['embedding.mode'] == APPEND else replaced

    def _text(self) -> np.ndarray:
        prompts = self._prompts.get() or ('',)
        return slerp(self._book.encode(prompts[0]), self._book.encode(prompts[-1]), self._board['prompt.mix'])


def resize(rows: np.ndarray, count: int) -> np.ndarray:
    """Return the newest `count` rows, with silence before them where there are fewer."""
    missing = max(0, count - len(rows))
    return np.concatenate((np.zeros((missing, rows.shape[1])), rows[len(rows) - (count - missing):]))
