"""Colours of the last dream, turned about the greys: those of its pixels, and those that its latent shows as.

In: turns of the wheel of hues. Out: a map of channels, (C + 1, C + 1) in homogeneous coordinates, so that maps are
joined by multiplying them and cost one small product a pixel however many there are. What a decoder makes of latents is
measured once, when a model is loaded. Runs on the dream's thread. Knows nothing of time or parameters.
"""
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

LUMA = np.array([0.2126, 0.7152, 0.0722])       # Rec. 709
PATCHES, PATCH = 10, 4      # a side; a patch is as large as a decoder looks around itself


def turn_hue(turns: float) -> np.ndarray:
    """Return the 3x3 matrix that turns colours about the greys; luma and the amount of colour stay as they are."""
    plane = np.linalg.svd(LUMA[None])[2][1:]        # two colours without luma, at right angles
    cosine, sine = math.cos(2 * math.pi * turns), math.sin(2 * math.pi * turns)
    luma = np.outer(np.ones(3), LUMA)
    return luma + plane.T @ np.array([[cosine, -sine], [sine, cosine]]) @ plane @ (np.eye(3) - luma)


@dataclass(frozen=True)
class Colours:
    """How channels show: RGB (-1..1) is about matrix @ channels + offset. fit: share of RGB's variance so explained."""
    matrix: np.ndarray
    offset: np.ndarray
    fit: float

    def turn(self, turns: float) -> np.ndarray:
        """Return the map of channels (C + 1, C + 1) that turns hues; what does not show as colour stays."""
        channels = self.matrix.shape[1]
        map_ = np.eye(channels + 1)
        if turns:
            change = np.linalg.pinv(self.matrix) @ (turn_hue(turns) - np.eye(3))
            map_[:channels, :channels] += change @ self.matrix
            map_[:channels, channels] = change @ self.offset
        return map_


PIXELS = Colours(np.eye(3), np.zeros(3), 1.0)


def measure_colours(decode: Callable[[Any], Any], channels: int, device: str) -> Colours:
    """[dream] Return how latents show, fitted to the decoded picture of an even patchwork of random ones.

    decode: (1, C, rows, columns) -> (1, 3, height, width). The middles of the patches are compared.
    """
    import torch
    generator = torch.Generator().manual_seed(1)
    values = torch.randn((1, channels, PATCHES, PATCHES), generator=generator)
    shown = decode(values.repeat_interleave(PATCH, 2).repeat_interleave(PATCH, 3).to(device)).clamp(-1, 1)
    side = shown.shape[-1] // PATCHES
    middle = shown.reshape(3, PATCHES, side, PATCHES, side)[:, :, side // 4:-(side // 4), :, side // 4:-(side // 4)]
    seen = middle.mean((2, 4)).reshape(3, -1).T.cpu().double().numpy()
    told = np.hstack((values.reshape(channels, -1).T.double().numpy(), np.ones((PATCHES * PATCHES, 1))))
    solved, *_ = np.linalg.lstsq(told, seen, rcond=None)
    rest = (seen - told @ solved).var() / max(1e-12, (seen - seen.mean(0)).var())
    return Colours(solved[:-1].T, solved[-1], 1 - float(rest))


def recolour(field, map_: np.ndarray):
    """[dream] Return map_ @ channels, in homogeneous coordinates: a matrix and an offset in one. Identity is exact."""
    import torch
    channels = field.shape[1]
    if np.array_equal(map_, np.eye(channels + 1)):
        return field
    numbers = torch.tensor(map_[:channels], dtype=torch.float32, device=field.device)
    return torch.einsum('dc,nchw->ndhw', numbers[:, :channels], field) + numbers[:, channels, None, None]
