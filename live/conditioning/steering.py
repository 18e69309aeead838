"""Sound as a walk among prompts: what is heard as weights of the directions in which real prompts differ.

In: slices, in any portions. Out: weights (DIRECTIONS,) of about unit variance, and embeddings moved by them: every row
goes along the same directions and keeps its length, so the words stay words that a text encoder could have said.

Half of the weights tell what the ear would: level, brightness, spread, beating ... The other half tell where the
partials lie in the octave, as the Fourier coefficients of their distribution on the logarithmic axis at 1, 4, 12 and 24
turns an octave: there a bend of 5 cents is a turn by 36 degrees, though partials that wander each for itself hardly
show. All are turned into each other by one fixed rotation, so that no quantity is left with the faintest direction.

Runs on the dream's thread; numpy only. Knows nothing of prompts or parameters.
"""
import numpy as np

from live.conditioning.history import FLOOR
from live.conditioning.prompts import DIRECTIONS, hold_norms
from live.conditioning.tokens import LOWEST_HZ, VALUES, loudest, measure
from live.signals import HOP

TURNS = np.array([1, 4, 12, 24])    # an octave; whole numbers, so that octaves of a partial add up
GAIN = 6.0                          # deviations from the bottom to the top of a value's scale
EVEN = 0.05                         # power below which a distribution counts as even: it has no place
FOLLOW = 0.2                        # seconds over which all is smoothed
ROTATION = np.linalg.qr(np.random.default_rng(77).standard_normal((DIRECTIONS, DIRECTIONS)))[0]


class Steering:
    """Follows the slices; `weights()` is what is heard now."""

    def __init__(self, samplerate: float) -> None:
        self._share = HOP / samplerate / FOLLOW
        self.reset()

    def reset(self) -> None:
        self._heard = np.zeros(DIRECTIONS)
        self._count = 0

    def listen(self, slices: np.ndarray) -> None:
        """[dream] Take slices (n,) of dtype SLICE, oldest first."""
        for heard in np.concatenate((GAIN * (measure(slices) - 0.5), places(*loudest(slices))), axis=1):
            self._count += 1
            self._heard += (heard - self._heard) * max(self._share, 1.0 / self._count)

    def weights(self) -> np.ndarray:
        """[dream] Return the weights of the directions; zeros before the first slice."""
        return ROTATION @ self._heard


def places(hertz: np.ndarray, power: np.ndarray) -> np.ndarray:
    """Return (n, 2 * len(TURNS)) of partials (n, k): cosines and sines, of unit variance where partials agree."""
    angle = 2 * np.pi * np.log2(hertz / LOWEST_HZ)[:, None, :] * TURNS[:, None]
    share = power / np.maximum(power.sum(1, keepdims=True), FLOOR ** 2)
    turned = (share[:, None, :] * np.exp(1j * angle)).sum(2)
    turned *= np.sqrt(2) / np.sqrt(np.abs(turned) ** 2 + EVEN)
    return np.concatenate((turned.real, turned.imag), axis=1)


def steer(text: np.ndarray, directions: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return a text (tokens, width) moved along directions; the first row, which begins every text, stays."""
    moved = hold_norms(text + weights @ directions, text).astype(np.float32)
    moved[0] = text[0]
    return moved


assert len(VALUES) + 2 * len(TURNS) == DIRECTIONS
