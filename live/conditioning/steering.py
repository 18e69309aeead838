"""Sound as a walk among prompts: what is heard as weights of the directions in which real prompts differ.

In: slices, in any portions. Out: weights (DIRECTIONS,) of about unit variance, and embeddings moved by them: every row
goes along the same directions and keeps its length, so the words stay words that a text encoder could have said.

Half of the weights tell what the ear would: level, brightness, spread, beating ... The other half tell where the
partials lie in the octave, as the Fourier coefficients of their distribution on the logarithmic axis at 4, 11, 25 and
55 turns an octave: there a bend of 5 cents is a turn by up to 82 degrees, though partials that wander each for itself
hardly show. All are turned into each other by one fixed rotation, so that no quantity is left with the faintest
direction.

A model that was trained to hear (mix.py) is told the first half by tokens, and led by the second alone: led by both, a
filter that opened made its pictures coarser. Runs on the dream's thread; numpy only. Knows nothing of prompts or
parameters.
"""
import numpy as np

from live.conditioning.history import FLOOR
from live.conditioning.prompts import DIRECTIONS, hold_norms
from live.conditioning.tokens import LOWEST_HZ, STEADY, VALUES, loudest, measure
from live.signals import HOP

TURNS = np.array([4, 11, 25, 55])   # an octave; whole numbers, so that octaves of a partial add up
PLACED = 2.0                        # deviations that a turn goes round in
EVEN = 0.01                         # power below which a distribution counts as even: it has no place
CENTRE_GAIN = {                     # where a value mostly stands, and deviations from bottom to top of its scale
    'level': (0.6, 8.0), 'brightness': (0.4, 8.0), 'spread': (0.4, 10.0), 'density': (0.8, 6.0),
    'beating': (0.5, 3.0), 'drift': (0.35, 4.0), 'pitch': (0.5, 10.0), 'noise': (0.15, 6.0)}
CENTRES, GAINS = np.array([CENTRE_GAIN[name] for name in VALUES]).T
ROTATION = np.linalg.qr(np.random.default_rng(77).standard_normal((DIRECTIONS, DIRECTIONS)))[0]


class Steering:
    """Follows the slices; `weights()` is what is heard now. values: whether they tell what the ear would."""

    def __init__(self, samplerate: float, values: bool = True) -> None:
        self._share, self._gains = HOP / samplerate / STEADY, GAINS * values
        self.reset()

    def reset(self) -> None:
        self._heard = np.zeros(DIRECTIONS)
        self._count = 0

    def listen(self, slices: np.ndarray) -> None:
        """[dream] Take slices (n,) of dtype SLICE, oldest first."""
        for heard in np.concatenate((self._gains * (measure(slices) - CENTRES), places(*loudest(slices))), axis=1):
            self._count += 1
            self._heard += (heard - self._heard) * max(self._share, 1.0 / self._count)

    def weights(self) -> np.ndarray:
        """[dream] Return the weights of the directions; zeros before the first slice."""
        return ROTATION @ self._heard


def places(hertz: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Return (n, 2 * len(TURNS)) of partials (n, k): cosines and sines, PLACED where partials agree."""
    angle = 2 * np.pi * np.log2(hertz / LOWEST_HZ)[:, None, :] * TURNS[:, None]
    share = power / np.maximum(power.sum(1, keepdims=True), FLOOR ** 2)
    turned = (share[:, None, :] * np.exp(1j * angle)).sum(2)
    turned *= PLACED / np.sqrt(np.abs(turned) ** 2 + EVEN)
    return np.concatenate((turned.real, turned.imag), axis=1)


def steer(text: np.ndarray, directions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return a text (tokens, width) moved along directions; the first row, which begins every text, stays."""
    moved = hold_norms(text + weights @ directions, text).astype(np.float32)
    moved[0] = text[0]
    return moved
