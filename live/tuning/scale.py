"""Scale: the pitches of one period, in cents above the first. Pure; knows nothing of keys or Hz.

In: cents. Out: cents. Frozen, so that any thread may hold one.
"""
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

MOST_DEGREES = 16384
MOST_CENTS = 1e6            # 833 octaves


class ScaleError(ValueError):
    """A scale, a mapping or a tuning that cannot be: where, what it was, what is allowed."""


@dataclass(frozen=True)
class Scale:
    """Pitches that repeat after a period.

    cents: one float64 per degree, degree 0 = 0 cents; they need not ascend. period_cents: where degree len(cents) lies;
    0 when nothing repeats. names: none, or one for each degree.
    """
    cents: tuple[float, ...]
    period_cents: float = 1200.0
    name: str = ''
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.cents) <= MOST_DEGREES:
            raise ScaleError(f'a scale of {len(self.cents)} degrees is outside 1..{MOST_DEGREES}')
        for value in (*self.cents, self.period_cents):
            if not abs(value) <= MOST_CENTS:
                raise ScaleError(f'{value:g} cents is outside -{MOST_CENTS:g}..{MOST_CENTS:g}')
        if self.cents[0] != 0:
            raise ScaleError(f'degree 0 lies at {self.cents[0]:g} cents; a scale begins at 0')
        if self.names and len(self.names) != len(self.cents):
            raise ScaleError(f'{len(self.names)} names for {len(self.cents)} degrees')

    def at(self, degree: int) -> float:
        """Return cents of any degree, below and beyond the first period too."""
        periods, index = divmod(degree, len(self.cents))
        return periods * self.period_cents + self.cents[index]

    @cached_property
    def folded(self) -> np.ndarray:
        """The pitches within one period, ascending, each once: (n,) float64 in [0, |period|)."""
        pitches = np.array(self.cents, np.float64)
        if self.period_cents:
            pitches %= abs(self.period_cents)
        pitches = np.unique(pitches)
        pitches.setflags(write=False)
        return pitches

    def snap(self, cents: np.ndarray) -> np.ndarray:
        """Return the scale's pitch nearest to each of `cents` above degree 0; what is not finite stays as it is."""
        cents = np.asarray(cents, np.float64)
        period = abs(self.period_cents)
        base = np.floor(cents / period) * period if period else np.zeros_like(cents)
        pitches = np.append(self.folded, self.folded[0] + period) if period else self.folded
        between = (pitches[1:] + pitches[:-1]) / 2
        with np.errstate(invalid='ignore'):
            return np.where(np.isfinite(cents), base + pitches[np.searchsorted(between, cents - base)], cents)


def ratio_cents(upper: int, lower: int = 1) -> float:
    """Return the size of an interval upper/lower in cents."""
    return 1200 * math.log2(upper / lower)
