"""What ISF shaders draw into and what they import. [main]"""
from collections.abc import Mapping
from pathlib import Path

import moderngl
import numpy as np

from live.display.shaders import Paste
from live.display.targets import make_target, release_target, texture_of
from live.isf import Header, IsfError

Size = tuple[int, int]


class Target:
    """What a pass draws into. Of two sides `front` is seen, the pass draws into the back, then they change places."""

    def __init__(self, context: moderngl.Context, paste: Paste, dtype: str, sides: int) -> None:
        self.context, self._paste, self.kind = context, paste, (dtype, sides)
        self._sides: list[moderngl.Framebuffer] = []

    @property
    def front(self) -> moderngl.Texture | None:
        return texture_of(self._sides[0]) if self._sides else None

    def back(self, size: Size) -> moderngl.Framebuffer:
        """Return where to draw; at a new size what was there is kept, stretched."""
        if not self._sides or self._sides[0].size != size:
            old = self._sides
            dtype, sides = self.kind
            self._sides = [make_target(self.context, size, dtype) for _ in range(sides)]
            if old:
                self._paste.draw(texture_of(old[0]), self._sides[0], (0, 0, *size))
            for side in old:
                release_target(side)
        return self._sides[-1]

    def swap(self) -> None:
        self._sides.reverse()

    def release(self) -> None:
        for side in self._sides:
            release_target(side)
        self._sides = []


def describe_images(textures: Mapping[str, moderngl.Texture]) -> dict[str, object]:
    """Return textures with what ISF tells of each."""
    found: dict[str, object] = dict(textures)
    for name, texture in textures.items():
        found[f'_{name}_imgRect'], found[f'_{name}_imgSize'] = (0, 0, 1, 1), texture.size
    return found


def load_images(context: moderngl.Context, header: Header, folder: Path) -> dict[str, moderngl.Texture]:
    """Return the imported images; raise IsfError. Only files of the shader's own folder are read."""
    textures = {}
    try:
        for name, file in header.imported.items():
            textures[name] = context.texture(*read_image(header.name, folder, file))
            textures[name].repeat_x = textures[name].repeat_y = False
    except (IsfError, moderngl.Error) as error:
        for texture in textures.values():
            texture.release()
        raise IsfError(str(error) if isinstance(error, IsfError) else f'{header.name}: {file!r}: {error}') from error
    return textures


def read_image(shader: str, folder: Path, file: str) -> tuple[Size, int, bytes]:
    """Return size, components and pixels, row 0 at the bottom."""
    from PIL import Image
    path = (folder / file).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise IsfError(f'{shader}: IMPORTED {file!r} lies outside the folder of the shader; put it beside the shader')
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert('RGBA'))[::-1]
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise IsfError(f'{shader}: IMPORTED {file!r} cannot be read: {error}') from error
    return (pixels.shape[1], pixels.shape[0]), 4, pixels.tobytes()
