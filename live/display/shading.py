"""Shading: the two chains of shaders around the dream, and the sound that moves them. [main]

    motes, as the screen shows them -> before -> a picture that dreams can begin from
    light of the whole picture -> encode -> after -> decode -> light

Which shaders stand in them comes with each scene; display.shaders fades what those after the dream do.
"""
import time
from collections.abc import Mapping, Sequence

import moderngl
import numpy as np

from live.display.chain import Chain
from live.display.shaders import Shaders
from live.display.sound_images import SoundImages
from live.display.targets import make_target, release_target, texture_of

Size = tuple[int, int]


class Shading:
    """before, after: the chains; passes: the instrument's own, of which it uses two."""

    def __init__(self, context: moderngl.Context, passes: Shaders) -> None:
        self.context, self._passes = context, passes
        self.before, self.after = Chain(context), Chain(context)
        self.sound = SoundImages(context)
        self._targets: list[moderngl.Framebuffer] = []      # encoded, decoded

    @property
    def errors(self) -> list[str]:
        return list(dict.fromkeys(self.before.errors + self.after.errors))

    def use(self, shaders: Sequence[Sequence[str]]) -> None:
        """Put the shaders of a scene in the chains, in their newest text."""
        for chain, names in zip((self.before, self.after), shaders):
            chain.use(names)
            chain.poll(time.monotonic())

    def step(self, slice_: np.void | None, values: Mapping[str, object]) -> None:
        """Take in what is heard now, once per frame."""
        if self.before.names or self.after.names:
            self.sound.step(slice_, float(values['elapsed']))       # type: ignore[arg-type]

    def shade(self, light: moderngl.Texture, size: Size, values: Mapping[str, object]) -> moderngl.Texture:
        """Return the picture as the shaders after the dream make it, linear light; where there are none, as it is."""
        if not self.after.shaders or not values['display_shaders']:
            return light
        encoded, decoded = self._targets_of(size)
        self._passes['encode'].draw(encoded, {'light': light})
        shown = self.after.draw(texture_of(encoded), size, values, self.sound)
        self._passes['decode'].draw(decoded, {**values, 'light': light, 'shown': shown})
        return texture_of(decoded)

    def prepare(self, picture: moderngl.Texture, size: Size, values: Mapping[str, object]) -> moderngl.Texture:
        """Return what the shaders before the dream make of a picture, in colours of the screen."""
        return self.before.draw(picture, size, values, self.sound)

    def reset(self) -> None:
        """Forget what was drawn and heard."""
        self.sound.reset()
        for chain in (self.before, self.after):
            chain.reset()

    def rebuild(self) -> None:
        """Make everything in OpenGL again, after a change of mode that may have lost it."""
        self._release_targets()
        self.sound.release()
        for chain in (self.before, self.after):
            chain.rebuild()

    def release(self) -> None:
        self._release_targets()
        for thing in (self.sound, self.before, self.after):
            thing.release()

    def _targets_of(self, size: Size) -> list[moderngl.Framebuffer]:
        if not self._targets or self._targets[0].size != size:
            self._release_targets()
            self._targets = [make_target(self.context, size, dtype) for dtype in ('nu2', 'f2')]
        return self._targets

    def _release_targets(self) -> None:
        for target in self._targets:
            release_target(target)
        self._targets = []
