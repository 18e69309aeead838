"""One look at a dream: is it finite, where do its colours stand, and is it still alive.

In: a latent and its picture on the device. Out: Figures, by one small vector that is copied once a dream, and a word
when pictures have died: flat, saturated, or frozen though what they are made from moves. Runs on the dream's thread.
Knows nothing of models or parameters, nor what is done about the dead.
"""
from dataclasses import dataclass

import numpy as np

from live.diffusion.burden import wait_asleep
from live.diffusion.colours import LUMA
from live.diffusion.hold import Moments

SAMPLES = 64            # rows and columns of a picture that are looked at

FLAT = 0.008            # deviation of light, 0..1: two steps of 8 bits
BURNT, SATURATED = 0.995, 0.95      # at an end of its range; share of pixels there in every channel
FROZEN = 0.004          # mean change since it last changed by that much, 0..1: a step of 8 bits
FLAT_TIME, SATURATED_TIME, FROZEN_TIME, REST = 2.0, 2.0, 10.0, 10.0         # seconds; REST: before it may die again


@dataclass(frozen=True)
class Figures:
    """What one look at a dream tells.

    light: deviation of its light, 0..1; change: mean difference from an older dream, 0..1. burnt: share of pixels in
    a corner of the colour cube; of black ones no more than there are others, for lights in the dark are no burn.
    """
    finite: bool
    light: float
    burnt: float
    change: float
    latent: Moments
    picture: Moments


class Watch:
    """Sees when a picture has died: flat, saturated, or frozen though what it is made from moves."""

    def __init__(self) -> None:
        self.reset()

    def reset(self, rest: float = 0.0) -> None:
        """[dream] Begin anew; nothing counts for the first `rest` seconds."""
        self._rest = rest
        self._since = {'flat': 0.0, 'saturated': 0.0, 'frozen': 0.0}

    def look(self, figures: Figures, seconds: float, moved: bool = True) -> str:
        """[dream] Return how the picture has died, or ''. moved: it is made from other things than that older dream."""
        if self._rest > 0:
            self._rest -= seconds
            return ''
        signs = {'flat': (figures.light < FLAT, FLAT_TIME), 'saturated': (figures.burnt > SATURATED, SATURATED_TIME),
                 'frozen': (moved and figures.change < FROZEN, FROZEN_TIME)}
        for word, (sign, patience) in signs.items():
            self._since[word] = self._since[word] + seconds if sign else 0.0
            if self._since[word] >= patience:
                return word
        return ''


def look_at(latent, picture, older=None) -> Figures:
    """[dream] Return the figures of a dream; waits for the device, once. older: a picture to compare it with, if any.

    Against the dream just before, a slow film would look frozen, and the more dreams a second, the more so.
    """
    import torch
    small = sample(picture)
    light = sum(share * small[0, k] for k, share in enumerate(LUMA)) / 2
    corner, black = (small.abs() >= BURNT).all(1), (small < 0).all(1)
    burnt, dark = (corner & ~black).float().mean(), (corner & black).float().mean()
    alike = older is not None and older.shape == picture.shape
    change = (small - sample(older)).abs().mean() / 2 if alike else light.new_ones(())
    finite = torch.isfinite(picture.sum() + latent.sum()).float()
    parts = (torch.stack((finite, light.std(), burnt + torch.minimum(burnt, dark), change)), *_moments(latent),
             *_moments(small))
    told_all = torch.cat([part.flatten() for part in parts])
    if told_all.is_cuda:
        wait_asleep()
    numbers = told_all.cpu().double().numpy()
    told, *moments = (cut.reshape(part.shape) for cut, part in zip(
        np.split(numbers, np.cumsum([part.numel() for part in parts])[:-1]), parts))
    return Figures(bool(told[0]) and bool(np.isfinite(numbers).all()), float(told[1]), float(told[2]), float(told[3]),
                   Moments(*moments[:2]), Moments(*moments[2:]))


def sample(picture):
    """Return every n-th row and column of a picture, clamped to what is seen: enough to judge it by."""
    rows, columns = (max(1, size // SAMPLES) for size in picture.shape[-2:])
    return picture[..., ::rows, ::columns].clamp(-1, 1)


def _moments(field) -> tuple:
    flat = field[0].flatten(1)
    middle = flat - flat.mean(1, keepdim=True)
    return flat.mean(1), middle @ middle.T / flat.shape[1]
