"""Shaders: the instrument's own passes, one per file in shaders/stage/, reloaded when the file changes.

A pass is a fragment shader that declares what it wants: `uniform float motes_density;`. Every uniform is set by its
name from one dict of values (parameters, features, the drone's state, textures); there is no other binding.
`#include "noise.glsl"` takes a file of shaders/include/. A shader that does not compile leaves the last good one
in place and its complaint in `errors`. [main]

Knows nothing of what the values mean.
"""
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import moderngl
import numpy as np

from live.display.waiting import after_pass

STAGE = Path(__file__).resolve().parents[2] / 'shaders' / 'stage'
POLL = 0.25             # seconds between two looks at the files
VERSION = '#version 330 core\n'

SCREEN = VERSION + '''
out vec2 uv;
void main() {       // one triangle that covers the screen
    uv = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0;
    gl_Position = vec4(uv * 2.0 - 1.0, 0.0, 1.0);
}
'''
SWARM = VERSION + '''
uniform sampler2D swarm;
uniform vec2 resolution;
out vec2 local;
flat out vec4 place, tint, nature;
void main() {       // one square for each mote; what gives no light is folded away
    place = texelFetch(swarm, ivec2(gl_InstanceID, 0), 0);
    tint = texelFetch(swarm, ivec2(gl_InstanceID, 1), 0);
    nature = texelFetch(swarm, ivec2(gl_InstanceID, 2), 0);
    local = (vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0) * 1.18;     // as far as an uneven edge reaches
    vec2 spot = (place.xy + local * place.z) * 2.0 * vec2(resolution.y / resolution.x, 1.0);
    gl_Position = place.w > 0.002 ? vec4(spot, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
}
'''
PASTE = VERSION + '''
in vec2 uv;
out vec4 color;
uniform sampler2D picture;
void main() { color = texture(picture, uv); }
'''
NUMBERS = {'i': 'i4', 'I': 'u4'}     # of whole numbers and switches
VERTEX = {'motes': SWARM}       # every other pass covers the screen

_INCLUDE = re.compile(r'\s*#include\s+"([\w.]+)"\s*')
# 0:12(5): error (Mesa), 0(12) : error (NVIDIA), ERROR: 0:12: (Apple)
_PLACE = re.compile(r'^(?:ERROR: )?\d+[:(](\d+)\)?[^:]*:\s*(.*)$', re.MULTILINE)


class ShaderError(Exception):
    """A shader that cannot be read or compiled: file, line, what the driver said."""


def read_source(path: Path) -> list[tuple[Path, int, str]]:
    """Return the lines of a pass and of what it includes, each with its file and its number there."""
    lines = []
    for place in read_lines(path):
        include = _INCLUDE.fullmatch(place[2])
        lines += find_include(path, include[1]) if include else [place]
    return lines


def find_include(path: Path, name: str) -> list[tuple[Path, int, str]]:
    """Return the lines of what a file includes: from include/ beside the file, or beside its folder."""
    near, far = (folder / 'include' / name for folder in (path.parent, path.parent.parent))
    return read_lines(near if near.exists() or not far.exists() else far)


def read_lines(path: Path) -> list[tuple[Path, int, str]]:
    return [(path, number, line) for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1)]


def explain(text: str, lines: Sequence[tuple[Path, int, str]]) -> str:
    """Return a driver's first complaint as 'motes.glsl line 12: what is wrong'."""
    found = _PLACE.search(text)
    place = int(found[1]) - 2 if found else -1      # the first line is the version, and lines count from 1
    if found is None or not 0 <= place < len(lines):
        return f'{lines[0][0].name}: {" ".join(text.split())[:200]}'
    path, number, _ = lines[place]
    return f'{path.name} line {number}: {found[2].strip()}'


class Paste:
    """Puts a texture into a rectangle of a framebuffer. [main]"""

    def __init__(self, context: moderngl.Context) -> None:
        self.context = context
        self._program = context.program(SCREEN, PASTE)
        self._vertices = context.vertex_array(self._program, [])

    def draw(self, texture: moderngl.Texture, target: moderngl.Framebuffer, area: tuple[int, int, int, int],
             blend: bool = False) -> None:
        """Fill area = (left, bottom, width, height) of the target; blend: over what is there, by alpha."""
        target.use()
        self.context.viewport = area
        texture.use(0)
        if blend:
            self.context.enable(moderngl.BLEND)
            self.context.blend_func = moderngl.SRC_ALPHA, moderngl.ONE_MINUS_SRC_ALPHA
        self._vertices.render(moderngl.TRIANGLES, vertices=3)
        self.context.disable(moderngl.BLEND)

    def release(self) -> None:
        self._vertices.release()
        self._program.release()


class Shader:
    """One pass. error: why the newest text is not in use, '' when it is."""

    def __init__(self, context: moderngl.Context, path: Path) -> None:
        self.context, self.path, self.error = context, path, ''
        self._after_pass = after_pass(context)
        self.program: moderngl.Program | None = None
        self._vertices: moderngl.VertexArray | None = None
        self._files = [path]
        self._stamp: tuple[int, ...] = ()
        self._good = ''
        self.reload()

    def reload(self) -> bool:
        """Compile the file if it changed since the last look; True when a new program is in use. [main]"""
        stamp = self._look()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self._use(*self._compile())
        except ShaderError as error:
            self.error = str(error)
            return False
        self.error, self._stamp = '', self._look()      # the new text may include other files
        return True

    def draw(self, target: moderngl.Framebuffer, values: Mapping[str, object], instances: int = 1) -> None:
        """Draw the pass over the whole target, or `instances` squares of the swarm; nothing if it never compiled."""
        target.use()
        if self.program is None or self._vertices is None:
            return
        set_uniforms(self.program, values)
        if self.path.stem in VERTEX:
            self._vertices.render(moderngl.TRIANGLE_STRIP, vertices=4, instances=instances)
        else:
            self._vertices.render(moderngl.TRIANGLES, vertices=3)
        self._after_pass()

    def rebuild(self) -> None:
        """Compile the last good text again, in a context that may have lost it. [main]"""
        if self._good:
            self._use(self._program(self._good), self._good)

    def release(self) -> None:
        if self.program is not None and self._vertices is not None:
            self._vertices.release()
            self.program.release()
        self.program = self._vertices = None

    def _look(self) -> tuple[int, ...]:
        return tuple(file.stat().st_mtime_ns if file.exists() else -1 for file in self._files)

    def _compile(self) -> tuple[moderngl.Program, str]:
        try:
            lines = read_source(self.path)
        except (OSError, UnicodeDecodeError) as error:
            raise ShaderError(f'{self.path.name}: cannot be read: {error}') from error
        self._files = list(dict.fromkeys([self.path, *(path for path, _, _ in lines)]))
        source = VERSION + '\n'.join(line for _, _, line in lines) + '\n'
        try:
            return self._program(source), source
        except moderngl.Error as error:
            raise ShaderError(explain(str(error), lines)) from error

    def _program(self, source: str) -> moderngl.Program:
        return self.context.program(VERTEX.get(self.path.stem, SCREEN), source)

    def _use(self, program: moderngl.Program, source: str) -> None:
        self.release()
        self._good, self.program, self._vertices = source, program, self.context.vertex_array(program, [])


def set_uniforms(program: moderngl.Program, values: Mapping[str, object]) -> None:
    """Give every uniform of the program the value of its name; textures take the texture units in turn."""
    unit = 0
    for name in program:
        member = program[name]
        if not isinstance(member, moderngl.Uniform) or name not in values:
            continue
        value = values[name]
        if isinstance(value, moderngl.Texture):
            value.use(unit)
            member.value = unit
            unit += 1
        else:
            kind = NUMBERS.get(member.fmt[-1], 'f4')        # type: ignore[attr-defined]
            numbers = np.asarray(value, 'f8').astype(kind).reshape(-1)
            room = np.zeros(member.array_length * member.dimension, kind)      # as the shader declares it
            room[:len(numbers)] = numbers[:len(room)]
            member.write(room.tobytes())


class Shaders:
    """All passes of a folder by name. `errors` holds a line for each that does not compile. [main]"""

    def __init__(self, context: moderngl.Context, folder: Path = STAGE) -> None:
        self._passes = {path.stem: Shader(context, path) for path in sorted(folder.glob('*.glsl'))}
        self._next_look = 0.0

    def __getitem__(self, name: str) -> Shader:
        return self._passes[name]

    @property
    def errors(self) -> list[str]:
        return [shader.error for shader in self._passes.values() if shader.error]

    def poll(self, now: float) -> None:
        """Reload what changed, at most every POLL seconds; now: any clock that runs, in seconds."""
        if now >= self._next_look:
            self._next_look = now + POLL
            for shader in self._passes.values():
                shader.reload()

    def rebuild(self) -> None:
        for shader in self._passes.values():
            shader.rebuild()

    def release(self) -> None:
        for shader in self._passes.values():
            shader.release()
