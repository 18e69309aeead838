"""The prompts as one embedding that moves: which words, how much of each, and away from which.

In: the newest prompts and the negative one, their weights on the Board, the time. Out: (tokens, width) float32. New
words take over from the old in prompt.transition seconds, eased, once they are encoded: one prompt a dream, so that no
dream waits for eight. SD-Turbo's encoder takes 0.6 s of a processor, no longer than a dream of it there; a thread of
its own would only take that time from the dreams. Weights follow in the same time as words; prompt.mix and
prompt.negative, which are faders, at once. Runs on the dream's thread. Knows nothing of sound.
"""
import numpy as np

from live.conditioning.prompts import PromptBook, blend, hold_norms, slerp
from live.params import PROMPTS, Board
from live.wires import Latest


class Glide:
    """Values that reach a target in a set time, eased; when it moves meanwhile, they turn without a corner.

    A cubic from where they stand, with the speed they have, to the target, with none. Under a target that never rests
    that is a second-order low-pass, well damped.
    """

    def __init__(self, values: np.ndarray) -> None:
        self.jump(values)

    def jump(self, values: np.ndarray) -> None:
        self._start = self._target = values
        self._speed, self._begun, self._length = np.zeros_like(values), 0.0, 0.0

    def aim(self, target: np.ndarray, now: float, length: float) -> None:
        """Set out at `now` for a new target, if it is one."""
        if not np.array_equal(target, self._target):
            self._start, self._speed = self.at(now), self._speed_at(now)
            self._target, self._begun, self._length = target, now, length

    def at(self, now: float) -> np.ndarray:
        x = self._place(now)
        if x >= 1.0:
            return self._target
        return (self._start + (self._target - self._start) * ease(x)
                + self._speed * self._length * x * (1 - x) ** 2)

    def _speed_at(self, now: float) -> np.ndarray:
        x = self._place(now)
        if x >= 1.0:
            return np.zeros_like(self._target)
        return (self._target - self._start) * 6 * x * (1 - x) / self._length + self._speed * (1 - x) * (1 - 3 * x)

    def _place(self, now: float) -> float:
        return (now - self._begun) / self._length if self._length > 0 else 1.0


class Words:
    """What the prompts say now. prompts: at least one text; negative: one."""

    def __init__(self, book: PromptBook, board: Board, prompts: Latest[tuple[str, ...]], negative: Latest[str]) -> None:
        self._book, self._board, self._prompts, self._negative = book, board, prompts, negative
        self._said: tuple[str, ...] = ()        # in force; the last is the negative one
        self._weights = Glide(np.zeros(PROMPTS))
        self._mix = 0.0
        self._before: np.ndarray | None = None  # what stood when the words last changed
        self._passed = self._seconds = 0.0      # of the change, 0..1; when it was last looked at
        self._text = np.zeros((book.tokens, book.width), np.float32)

    def now(self, seconds: float) -> np.ndarray:
        """[dream] Return the embedding at a time, which never runs back."""
        board, wanted = self._board, (*(self._prompts.get() or ('',))[:PROMPTS], self._negative.get() or '')
        length = board['prompt.transition']
        if wanted == self._said or self._encode(wanted):
            weights = np.array([board[f'prompt.weight{number + 1}'] for number in range(PROMPTS)], float)
            self._mix = board['prompt.mix']
            if wanted != self._said:
                self._before, self._passed = (self._text if self._said else None), 0.0
                self._seconds = seconds
                self._said = wanted
                self._weights.jump(weights)
            self._weights.aim(weights, seconds, length)
        self._passed += (seconds - self._seconds) / length if length > 0 else 1.0
        self._seconds = seconds
        self._text = self._cross(self._turn_away(self._blend(seconds)))
        return self._text

    def _encode(self, wanted: tuple[str, ...]) -> bool:
        """Encode one prompt that is new, or, before the first dream, all; True when none is left."""
        missing = [text for text in dict.fromkeys(wanted) if text not in self._book]
        for text in missing[:1] if self._said else missing:
            self._book.encode(text)
        return not self._said or len(missing) <= 1

    def _blend(self, seconds: float) -> np.ndarray:
        prompts = self._said[:-1]
        weights = self._weights.at(seconds)[:len(prompts)].copy()
        if len(weights) > 1:
            weights[:2] = weights[0] * (1 - self._mix), weights[1] + weights[0] * self._mix
        return blend([self._book.encode(text) for text in prompts], weights)

    def _cross(self, text: np.ndarray) -> np.ndarray:
        if self._before is None or self._passed >= 1.0:
            self._before = None
            return text
        return slerp(self._before, text, ease(self._passed))

    def _turn_away(self, text: np.ndarray) -> np.ndarray:
        amount = self._board['prompt.negative']
        if amount <= 0:
            return text
        away = text + amount * (text - self._book.encode(self._said[-1]))
        return hold_norms(away, text).astype(np.float32)


def ease(x: float) -> float:
    """Return 0..1 for 0..1, at rest at both ends."""
    return x * x * (3 - 2 * x)
