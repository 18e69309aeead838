"""Outputs: the last pass of all, from the whole picture to each monitor's part of the window. [main]"""
from collections.abc import Sequence

import moderngl
import numpy as np

from live.display.screens import MOST_POINTS, Output, from_monitor
from live.display.shaders import STAGE, Paste, Shader

OUTPUT = STAGE.parent / 'screen' / 'output.glsl'
Placed = Sequence[tuple[Output, Sequence[int]]]         # outputs, and left, top, width, height in pixels of the window


class Outputs:
    """Draws the picture once for each output. What is plain is copied."""

    def __init__(self, context: moderngl.Context) -> None:
        self._paste, self._shader = Paste(context), Shader(context, OUTPUT)

    def draw(self, picture: moderngl.Texture, target: moderngl.Framebuffer, size: tuple[int, int],
             placed: Placed) -> None:
        """[main] Fill a window of this size, which the target may not know; what no output covers is black."""
        if [tuple(area) for _, area in placed] != [(0, 0, *size)]:
            target.clear()
        for output, (left, top, wide, high) in placed:
            area = left, size[1] - top - high, wide, high
            if output.plain:
                self._paste.draw(picture, target, area)
            else:
                target.viewport = area
                self._shader.draw(target, {'picture': picture, **uniforms(output)})

    def release(self) -> None:
        self._paste.release()
        self._shader.release()


def uniforms(output: Output) -> dict[str, object]:
    """Return what the shader wants to know of an output."""
    mask = np.zeros((MOST_POINTS, 2))
    mask[:len(output.mask)] = np.reshape(output.mask, (-1, 2))
    return {'pin': from_monitor(output.corners).T, 'part': output.part, 'soft': output.soft, 'mask': mask,
            'mask_points': len(output.mask), 'mask_soft': output.mask_soft, 'gamma': output.gamma,
            'flip': (output.flip in ('horizontal', 'both'), output.flip in ('vertical', 'both'))}
