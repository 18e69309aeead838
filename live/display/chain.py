"""A chain of ISF shaders: a picture goes through each in turn; generators put their own in its place. [main]

Each shader has `mix`: at 0 it is passed by and costs nothing, at 1 it stands alone. Colours are those of the screen,
not of light, as ISF shaders count. Shaders that were once in the chain stay compiled. What cannot be found or compiled
is left out, and told in `errors`.
"""
from collections.abc import Mapping, Sequence
from pathlib import Path

import moderngl

from live.display.isf_shader import IsfShader
from live.display.isf_textures import Size
from live.display.shaders import POLL, SCREEN, VERSION, Paste, set_uniforms
from live.display.sound_images import SoundImages
from live.display.targets import make_target, release_target, texture_of
from live.isf import MIX, SHADERS, IsfError, find_shader

BLEND = VERSION + '''
in vec2 uv;
out vec4 color;
uniform sampler2D before, after;
uniform float amount;
void main() { color = mix(texture(before, uv), texture(after, uv), amount); }
'''


class Chain:
    """Shaders in a row. names: those asked for; errors: a line for each that cannot be used as it is."""

    def __init__(self, context: moderngl.Context, names: Sequence[str] = (), folder: Path = SHADERS) -> None:
        self.context, self.folder = context, folder
        self.names: tuple[str, ...] = ()
        self._known: dict[str, IsfShader] = {}
        self._missing: dict[str, str] = {}
        self._mixed: dict[str, moderngl.Framebuffer] = {}
        self._next_look = 0.0
        self._build()
        self.use(names)

    def use(self, names: Sequence[str]) -> None:
        """Put other shaders in the chain; those that stay go on as they are."""
        if tuple(names) == self.names:
            return
        self.names = tuple(dict.fromkeys(names))
        self._find()

    def _find(self) -> None:
        """Compile what is new in the chain; what is missing is looked for again."""
        self._missing = {}
        for name in self.names:
            if name not in self._known:
                try:
                    self._known[name] = IsfShader(self.context, find_shader(name, self.folder), self._paste)
                except IsfError as error:
                    self._missing[name] = str(error)

    @property
    def shaders(self) -> list[IsfShader]:
        """Those in the chain, in order."""
        return [self._known[name] for name in self.names if name in self._known]

    @property
    def errors(self) -> list[str]:
        return [*self._missing.values(), *(shader.error for shader in self.shaders if shader.error)]

    def draw(self, picture: moderngl.Texture, size: Size, values: Mapping[str, object],
             sound: SoundImages) -> moderngl.Texture:
        """Return what the chain makes of a picture; an empty chain gives it back as it is."""
        for shader in self.shaders:
            picture = self._draw(shader, picture, size, values, sound)
        return picture

    def _draw(self, shader: IsfShader, picture: moderngl.Texture, size: Size, values: Mapping[str, object],
              sound: SoundImages) -> moderngl.Texture:
        name = shader.path.stem
        amount = min(1.0, max(0.0, float(values.get(f'{name}_{MIX}', 1.0))))      # type: ignore[arg-type]
        if shader.header is None or shader.header.mixes_itself:
            amount = 1.0
        if amount == 0:
            return picture
        try:
            made = shader.draw(picture, size, values, sound)
        except moderngl.Error as error:     # no memory for a target, say
            shader.error = f'{shader.path.name}: {error}'
            return picture
        return made if amount == 1 or made is picture else self._mix(name, size, picture, made, amount)

    def _mix(self, name: str, size: Size, before: moderngl.Texture, after: moderngl.Texture,
             amount: float) -> moderngl.Texture:
        target = self._mixed.get(name)
        if target is None or target.size != size:
            if target is not None:
                release_target(target)
            target = self._mixed[name] = make_target(self.context, size, 'nu2')
        target.use()
        set_uniforms(self._blend, {'before': before, 'after': after, 'amount': amount})
        self._vertices.render(moderngl.TRIANGLES, vertices=3)
        return texture_of(target)

    def poll(self, now: float) -> None:
        """Reload what changed, at most every POLL seconds; now: any clock that runs, in seconds."""
        if now >= self._next_look:
            self._next_look = now + POLL
            if self._missing:
                self._find()
            for shader in self.shaders:
                shader.reload()

    def reset(self) -> None:
        """Forget what was drawn."""
        for shader in self._known.values():
            shader.reset()

    def rebuild(self) -> None:
        """Make everything in OpenGL again, after a change of mode that may have lost it."""
        self._release_own()
        self._build()
        for shader in self._known.values():
            shader.rebuild(self._paste)

    def release(self) -> None:
        for shader in self._known.values():
            shader.release()
        self._known, self.names = {}, ()
        self._release_own()

    def _release_own(self) -> None:
        for target in self._mixed.values():
            release_target(target)
        for thing in (self._vertices, self._blend, self._paste):
            thing.release()
        self._mixed = {}

    def _build(self) -> None:
        self._paste = Paste(self.context)
        self._blend = self.context.program(SCREEN, BLEND)
        self._vertices = self.context.vertex_array(self._blend, [])
