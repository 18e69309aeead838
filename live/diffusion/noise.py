"""Unit noise under each dream: always the same, new, walking on a great circle, or coarse walking and fine new.

In: the policy, a shape, an angle, a seed, the number of the dream. Out: float32 noise (1, C, rows, columns) of unit
variance and a flat spectrum. It depends on these alone: every draw begins from a hash of (seed, kind, index), on the
processor, so that it is alike on every device and after any history. When the own seed becomes another, the noise goes
over to it on a great circle. Runs on the dream's thread. Knows nothing of models or parameters.
"""
import hashlib
import math
from typing import Any

FIXED, FRESH, WALK, SPLIT = range(4)        # as dream.noise counts them
COARSE = 0.15       # cycles a latent's pixel: what is larger than about 50 pixels of a picture is coarse
SLOPE = 8           # of the power at the border between coarse and fine
QUARTER = math.pi / 2


class Noise:
    """Draws noise, and keeps what the next dream will need again."""

    def __init__(self, device: str = 'cpu', seed: int = 0) -> None:
        self.device, self.seed = device, seed
        self._kept: dict[tuple, Any] = {}
        self._used: dict[tuple, Any] = {}
        self._shares = self._before = {seed: 1.0}       # of the own seeds, now and when the last one came
        self._way = 1.0                                 # 0..1, since then

    def follow(self, seed: int, part: float) -> None:
        """[dream] Go over to a seed. part: of the whole way that is gone now, 0..1."""
        if seed != self.seed:
            self.seed, self._before, self._way = seed, self._shares, 0.0
        self._way = min(1.0, self._way + part)
        angle = self._way * QUARTER
        shares = {own: math.cos(angle) * share for own, share in self._before.items()}
        shares[seed] = shares.get(seed, 0.0) + math.sin(angle)
        self._shares = normalise(shares) if self._way < 1 else {seed: 1.0}

    def is_at(self, seed: int) -> bool:
        """[dream]"""
        return self._shares == {seed: 1.0}

    def draw(self, policy: int, shape: tuple[int, ...], walk: float = 0.0, seed: float = 0.0, number: int = 0):
        """[dream] Return the noise of a policy.

        walk: radians of the walk. seed: added to the own one; between two whole numbers lies the great circle
        between their noises. number: of the dream, which new noise is new for.
        """
        self._kept, self._used = self._used, {}
        shares: dict[int, float] = {}
        for own, share in self._shares.items():
            for whole, weight in corners(seed):
                shares[own + whole] = shares.get(own + whole, 0.0) + share * weight
        return sum(weight * self._of_seed(policy, shape, walk, own, number)
                   for own, weight in normalise(shares).items()).to(self.device)

    def _of_seed(self, policy: int, shape: tuple[int, ...], walk: float, seed: int, number: int):
        if policy == FRESH:
            return draw(shape, seed, 'fresh', number)
        if policy == FIXED:
            return self._corner(shape, seed, 0)
        path = sum(weight * self._corner(shape, seed, index) for index, weight in corners(walk / QUARTER))
        return path if policy == WALK else split(path, draw(shape, seed, 'fresh', number))

    def _corner(self, shape: tuple[int, ...], seed: int, index: int):
        """Return the noise at a corner of the walk, kept from the dream before if it was used there."""
        key = shape, seed, index
        if key not in self._used:
            self._used[key] = self._kept[key] if key in self._kept else draw(shape, seed, 'walk', index)
        return self._used[key]


def normalise(shares: dict[int, float]) -> dict[int, float]:
    """Return shares of independent noises whose sum has unit variance."""
    length = math.hypot(*shares.values())
    return {seed: share / length for seed, share in shares.items()}


def corners(place: float) -> list[tuple[int, float]]:
    """Return the corners of a path over the sphere that a place lies between, and the weight of each.

    n = cos(t) X + sin(t) Y has unit variance at every t, and a corner a quarter turn. At a corner its neighbour does
    not show and another takes its place: from X to Y, from Y to Z, never a jump, never the same again.
    """
    whole = math.floor(place)
    angle = (place - whole) * QUARTER
    return [(whole, math.cos(angle)), (whole + 1, math.sin(angle))] if angle else [(whole, 1.0)]


def draw(shape: tuple[int, ...], seed: int, kind: str, index: int):
    """[dream] Return unit noise that depends on seed, kind and index alone."""
    import torch
    digest = hashlib.blake2b(f'{seed} {kind} {index}'.encode(), digest_size=7).digest()
    return torch.randn(shape, generator=torch.Generator().manual_seed(int.from_bytes(digest, 'big')))


def split(coarse, fine):
    """[dream] Return noise with the low frequencies of one and the high ones of the other.

    Their powers add up to one at every frequency, so the sum is unit noise again.
    """
    import torch
    rows, columns = coarse.shape[-2:]
    frequency = torch.hypot(torch.fft.fftfreq(rows)[:, None], torch.fft.rfftfreq(columns)[None])
    power = 1 / (1 + (frequency / COARSE) ** SLOPE)
    mixed = power.sqrt() * torch.fft.rfft2(coarse) + (1 - power).sqrt() * torch.fft.rfft2(fine)
    return torch.fft.irfft2(mixed, s=(rows, columns))
