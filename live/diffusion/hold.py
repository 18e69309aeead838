"""What keeps the colours of a closed loop for a night: a slow memory of its statistics, a fence, and a limit.

A loop multiplies: a per cent of contrast gained in each dream is a white picture in a minute. So a memory follows the
means and the covariance of what is dreamt, and before the next dream grows from this one, its channels are mapped back
towards that memory, by the one symmetric matrix that gives them the wanted covariance and moves them least (optimal
transport between Gaussians). The maps are made on the processor in double precision, of numbers that come with the one
look at a dream that the finite check needs anyway: no device waits for them.

In: moments of fields. Out: maps of channels, a meter. Every rate is per second: holding does not depend on how many
dreams a second there are. Runs on the dream's thread. Knows nothing of models or parameters.
"""
import math
from dataclasses import dataclass

import numpy as np

HOLD_TIME = 0.03        # seconds in which the share `hold` of a deviation is taken back
HOME, SETTLED = 1 / 3, 2.0      # share of the memory that never fades: how it stood after its first seconds
LARGEST_GAIN = 4.0      # of one map: a flat field has nothing to be stretched to
KNEE = 0.75             # of the limit, where it begins to bend


@dataclass(frozen=True)
class Fence:
    """Where means (either way from 0) and deviations of a channel may lie; what leaves it is put back at once."""
    mean: float
    low: float
    high: float


LATENT_FENCE = Fence(1.5, 0.3, 1.6)      # real ones have unit variance
PIXEL_FENCE = Fence(0.95, 0.03, 0.9)     # -1..1


@dataclass(frozen=True)
class Moments:
    """mean: (C,), covariance: (C, C), float64."""
    mean: np.ndarray
    covariance: np.ndarray

    @property
    def deviation(self) -> np.ndarray:
        return np.sqrt(np.maximum(np.diag(self.covariance), 1e-12))

    def blend(self, other: 'Moments', share: float) -> 'Moments':
        return Moments(self.mean + share * (other.mean - self.mean),
                       self.covariance + share * (other.covariance - self.covariance))

    def fenced(self, fence: Fence) -> 'Moments':
        gain = np.clip(self.deviation, fence.low, fence.high) / self.deviation
        return Moments(np.clip(self.mean, -fence.mean, fence.mean), self.covariance * np.outer(gain, gain))


class Hold:
    """Memory of colour and contrast of one kind of field. drift: how far the field is from it, in its deviations."""

    def __init__(self, channels: int, fence: Fence) -> None:
        self._channels, self._fence = channels, fence
        self.reset()

    def reset(self) -> None:
        """[dream] Forget; the next field is the first again."""
        self._now: Moments | None = None
        self._age, self.drift = 0.0, 0.0

    def follow(self, now: Moments, seconds: float, memory: float) -> None:
        """[dream] Remember a field. The memory is a running mean until it is as old as `memory`, seconds; then slow."""
        if self._now is None:
            self.reference = self._home = now.fenced(self._fence)
        share = 1 - math.exp(-seconds / max(1e-3, min(memory, self._age + seconds)))
        goal = now if self._age < SETTLED else now.blend(self._home, HOME)
        self.reference = self.reference.blend(goal, share).fenced(self._fence)
        self._home = self.reference if self._age < SETTLED else self._home
        self._age += seconds
        self._now, self.drift = now, distance(now, self.reference)

    def pull(self, hold: float, seconds: float) -> np.ndarray:
        """[dream] Return the map of channels that brings the last field back: by a share, and inside its fence."""
        if self._now is None:
            return np.eye(self._channels + 1)
        share = 1 - (1 - min(1.0, max(0.0, hold))) ** (seconds / HOLD_TIME)
        wanted = self._now.blend(self.reference, share).fenced(self._fence)
        return find_map(self._now, wanted)


def distance(now: Moments, reference: Moments) -> float:
    """Return how far the worst channel's mean or deviation is from the reference, in deviations of the reference."""
    moved = np.maximum(np.abs(now.mean - reference.mean), np.abs(now.deviation - reference.deviation))
    return float((moved / reference.deviation).max())


def find_map(now: Moments, wanted: Moments) -> np.ndarray:
    """Return the map of channels (C + 1, C + 1) that gives a field the wanted moments and moves it least.

    A = S^-1/2 (S^1/2 W S^1/2)^1/2 S^-1/2, the optimal transport between Gaussians of covariance S and W; exactly the
    identity where both are the same.
    """
    channels = len(now.mean)
    map_ = np.eye(channels + 1)
    if np.array_equal(now.mean, wanted.mean) and np.array_equal(now.covariance, wanted.covariance):
        return map_
    root, inverse = _power(now.covariance, 0.5), _power(now.covariance, -0.5)
    matrix = inverse @ _power(root @ wanted.covariance @ root, 0.5) @ inverse
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    matrix = vectors * np.clip(values, 1 / LARGEST_GAIN, LARGEST_GAIN) @ vectors.T
    map_[:channels, :channels], map_[:channels, channels] = matrix, wanted.mean - matrix @ now.mean
    return map_


def _power(covariance: np.ndarray, exponent: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.maximum(values, 1e-6 * max(1e-6, values[-1])) ** exponent @ vectors.T


def limit(latent, largest: float):
    """[dream] Return the latent with nothing beyond +-largest, bent softly from KNEE of it; below it stays as it is."""
    import torch
    knee = KNEE * largest
    size = latent.abs()
    bent = knee + (largest - knee) * torch.tanh((size - knee) / (largest - knee))
    return torch.where(size > knee, bent.copysign(latent), latent)
