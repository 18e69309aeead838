"""In between: pictures on the way from one dream to the next, decoded from latents that lie between theirs.

In: two latents, shares of the way; how long dreams and decoding take. Out: latents; how many of them are worth their
time; and Pictures that bring along what lies between them and the last one. Decoding costs a fraction of a dream, and
what it shows is a dream too, where a crossfade shows two at once. [dream] Knows nothing of models.

They are not moved to where the loop is by then: a latent's points are so large that moving it by parts of one costs
detail, and every picture in between would be softer than the dreams at its ends.
"""
from dataclasses import dataclass

import numpy as np

from live.signals import Picture

IN_BETWEEN = 2          # as display.motion counts them
MOST = 4                # pictures between two dreams; the display fades from each to the next
SHARE = 0.25            # of a dream's time that may go into them
SEEN = 1 / 60           # seconds that one must be seen to be worth making
RETRY = 32              # dreams after which what was too slow is tried again
NEARLY_ALIKE = 1e-3     # radians between two latents, under which their arc is a line
FARTHEST = -0.9         # cosine between two latents, beyond which they are taken for no farther


@dataclass(frozen=True, slots=True)
class LedPicture(Picture):
    """A dream with those that lead to it. between: pixels at even distances on the way from the last one, in order."""
    between: tuple[np.ndarray, ...] = ()


class Budget:
    """How many pictures in between there is time for."""

    def __init__(self) -> None:
        self._cost: float | None = None     # seconds that one takes
        self._refused = 0                   # dreams in a row without any

    def count(self, dream: float) -> int:
        """Return how many to make beside a dream that takes so many seconds."""
        count = 1 if self._cost is None else min(MOST, int(SHARE * dream / max(1e-9, self._cost)), int(dream / SEEN))
        self._refused = 0 if count else self._refused + 1
        return 1 if self._refused and self._refused % RETRY == 0 else count

    def spend(self, count: int, seconds: float) -> None:
        """Take in what so many cost: quickly where it was less, as the first one is slow, slowly where it was more."""
        if count:
            cost = seconds / count
            self._cost = cost if self._cost is None else min(cost, 0.8 * self._cost + 0.2 * cost)


def share_out(count: int) -> list[float]:
    """Return so many shares of a way, evenly spaced, without its ends."""
    return [(number + 1) / (count + 1) for number in range(count)]


def arc(old, new, share: float):
    """Return the latent at a share of the arc between two: halfway on a straight line contrast would be lost.

    Only what differs from place to place goes along the arc; the means of the channels go straight, or what both have
    in common would grow on the way, and the picture would flash.
    """
    import torch
    old_mean, new_mean = (field.mean((2, 3), keepdim=True) for field in (old, new))
    old, new = old - old_mean, new - new_mean
    cosine = (old * new).sum() / (old.norm() * new.norm()).clamp_min(1e-12)
    angle = torch.arccos(cosine.clamp(FARTHEST, 1))
    left, gone = (torch.where(angle < NEARLY_ALIKE, part, torch.sin(part * angle) / torch.sin(angle))
                  for part in (1 - share, share))
    return torch.lerp(old_mean, new_mean, share) + left * old + gone * new
