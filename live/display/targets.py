"""Targets: framebuffers with one RGBA texture each, to draw into and to read back. [main]"""
from typing import cast

import moderngl
import numpy as np

from live.display.waiting import finish


def make_target(context: moderngl.Context, size: tuple[int, int], dtype: str = 'f2',
                minify: int = moderngl.LINEAR) -> moderngl.Framebuffer:
    """Return a cleared framebuffer with one RGBA texture; 'f1' = 8 bits, 'f2' = half, 'f4' = single floats."""
    texture = context.texture(size, 4, dtype=dtype)
    texture.filter = minify, moderngl.NEAREST if minify == moderngl.NEAREST else moderngl.LINEAR
    texture.repeat_x = texture.repeat_y = False
    target = context.framebuffer([texture])
    target.clear()
    return target


def texture_of(target: moderngl.Framebuffer) -> moderngl.Texture:
    return cast(moderngl.Texture, target.color_attachments[0])


def read_target(target: moderngl.Framebuffer) -> np.ndarray:
    """Return 8-bit RGBA (height, width, 4), row 0 on top."""
    width, height = target.size
    finish()
    pixels = np.frombuffer(target.read(components=4), np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(pixels[::-1])


def release_target(target: moderngl.Framebuffer) -> None:
    texture_of(target).release()
    target.release()
