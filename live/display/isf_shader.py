"""One ISF shader as it runs: its passes, what they leave behind, its images; reloaded when a file of it changes. [main]

A pass draws into its target, which all passes see by its name: a persistent one as it was, until the pass has been
drawn. Targets clamp to 0..1 with 16 bits; FLOAT ones hold any number. A text that does not compile leaves the last good
one in place and its complaint in `error`.
"""
import time
from collections.abc import Mapping
from pathlib import Path

import moderngl
import numpy as np

from live.display.isf_program import compile_program, uniform_name
from live.display.shaders import Paste, ShaderError, set_uniforms
from live.display.sound_images import SoundImages
from live.display.targets import make_target, release_target, texture_of
from live.display.waiting import after_pass
from live.isf import IMAGES, PICTURE, Header, Input, IsfError, Knob, Pass, evaluate, read_header

Size = tuple[int, int]
LARGEST = 8192              # pixels a side of a target
SAMPLERATE = 48000.0        # that fragments for Shadertoy are told


class Target:
    """What a pass draws into: `front` is seen, the pass draws into the back, then they change places."""

    def __init__(self, context: moderngl.Context, paste: Paste, dtype: str) -> None:
        self.context, self._paste, self._dtype = context, paste, dtype
        self._sides: list[moderngl.Framebuffer] = []

    @property
    def front(self) -> moderngl.Texture | None:
        return texture_of(self._sides[0]) if self._sides else None

    def back(self, size: Size) -> moderngl.Framebuffer:
        """Return where to draw; at a new size what was there is kept, stretched."""
        if not self._sides or self._sides[0].size != size:
            old = self._sides
            self._sides = [make_target(self.context, size, self._dtype) for _ in range(2)]
            if old:
                self._paste.draw(texture_of(old[0]), self._sides[0], (0, 0, *size))
            for side in old:
                release_target(side)
        return self._sides[1]

    def swap(self) -> None:
        self._sides.reverse()

    def release(self) -> None:
        for side in self._sides:
            release_target(side)
        self._sides = []


class IsfShader:
    """A shader of a chain. header: of the text in use, None before the first good one; error: '' when all is well."""

    def __init__(self, context: moderngl.Context, path: Path, paste: Paste) -> None:
        self.context, self.path, self._paste = context, path, paste
        self.header: Header | None = None
        self.error = ''
        self._after_pass = after_pass(context)
        self._program: moderngl.Program | None = None
        self._vertices: moderngl.VertexArray | None = None
        self._targets: dict[str, Target] = {}
        self._images: dict[str, moderngl.Texture] = {}
        self._black = context.texture((1, 1), 4, bytes(4))
        self._files = {path}
        self._stamp: tuple[int, ...] = ()
        self.reset()
        self.reload()

    def reset(self) -> None:
        """Begin again: time from 0, nothing persists."""
        self._began: float | None = None
        self._last = 0.0
        self._frames = 0
        self._events: dict[str, bool] = {}
        for target in self._targets.values():
            target.release()

    def reload(self) -> bool:
        """Compile the file if it, or one beside it, changed since the last look; True when a new program is in use."""
        stamp = self._look()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            header = read_header(self.path)
            program, self._files = compile_program(self.context, header, self.path)
            self._use(header, program, load_images(self.context, header, self.path.parent))
        except (IsfError, ShaderError) as error:
            self.error = str(error)
            return False
        self.error, self._stamp = '', self._look()
        return True

    def draw(self, picture: moderngl.Texture, size: Size, values: Mapping[str, object],
             sound: SoundImages) -> moderngl.Texture:
        """Return the picture that the shader makes of another; that other where it never compiled.

        values: of Motion, which tell the time, and of the knobs: 'bloom_amount'.
        """
        if self.header is None or self._vertices is None or self._program is None:
            return picture
        numbers = self._numbers(self.header, values)
        uniforms = {**values, **self._clock(values), **self._pictures(self.header, picture, sound), **numbers}
        if self.header.is_toy:
            uniforms |= self._toy(picture, sound)
        for number, each in enumerate(self.header.passes):
            target = self._targets[each.target]
            room = self._size(each, size, numbers)
            back = target.back(room)
            back.use()
            own = {uniform_name(each.target): target.front if each.persistent else self._black} if each.target else {}
            set_uniforms(self._program, {**uniforms, **self._buffers(), **own, 'PASSINDEX': number, 'RENDERSIZE': room})
            self._vertices.render(moderngl.TRIANGLE_STRIP, vertices=4)
            target.swap()
            self._after_pass()
        self._frames += 1
        result = target.front
        assert result is not None
        return result

    def rebuild(self) -> None:
        """Make everything in OpenGL again, after a change that may have lost it."""
        self._stamp = ()
        for target in self._targets.values():
            target.release()
        self._black = self.context.texture((1, 1), 4, bytes(4))
        self.reload()

    def release(self) -> None:
        for thing in (self._vertices, self._program, self._black, *self._targets.values(), *self._images.values()):
            if thing is not None:
                thing.release()
        self._program = self._vertices = None
        self._targets, self._images = {}, {}

    def _look(self) -> tuple[int, ...]:
        names = self.header.imported.values() if self.header else ()
        files = {*self._files, self.path.with_suffix('.vs'), *(self.path.parent / name for name in names)}
        return tuple(file.stat().st_mtime_ns if file.exists() else -1 for file in sorted(files))

    def _use(self, header: Header, program: moderngl.Program, images: dict[str, moderngl.Texture]) -> None:
        for thing in (self._vertices, self._program, *self._images.values()):
            if thing is not None:
                thing.release()
        self._program, self._vertices, self._images = program, self.context.vertex_array(program, []), images
        wanted = {each.target: 'f4' if each.float else 'nu2' for each in header.passes}
        if self.header is None or wanted != {each.target: 'f4' if each.float else 'nu2' for each in self.header.passes}:
            for target in self._targets.values():
                target.release()
            self._targets = {name: Target(self.context, self._paste, dtype) for name, dtype in wanted.items()}
        self.header = header

    def _clock(self, values: Mapping[str, object]) -> dict[str, object]:
        now = float(values['seconds'])          # type: ignore[arg-type]
        if self._began is None:
            self._began = self._last = now
        elapsed, self._last = max(0.0, now - self._last), now
        today = time.localtime()
        date = today.tm_year, today.tm_mon, today.tm_mday, today.tm_hour * 3600 + today.tm_min * 60 + today.tm_sec
        return {'TIME': now - self._began, 'TIMEDELTA': elapsed, 'FRAMEINDEX': self._frames, 'DATE': date}

    def _numbers(self, header: Header, values: Mapping[str, object]) -> dict[str, object]:
        """Return the values of all inputs that are numbers."""
        found: dict[str, object] = {}
        for item in header.inputs:
            if not item.knobs:
                continue
            parts = [read_knob(knob, values) for knob in item.knobs]
            found[uniform_name(item.name)] = self._number(item, parts)
        return found

    def _number(self, item: Input, parts: list[float]) -> object:
        if item.kind == 'event':        # on in the frame in which it is pressed
            pressed = parts[0] >= 0.5
            before, self._events[item.name] = self._events.get(item.name, False), pressed
            return pressed and not before
        if item.kind == 'long':
            return item.values[min(len(item.values) - 1, max(0, round(parts[0])))] if item.values else round(parts[0])
        return parts if len(parts) > 1 else parts[0]

    def _pictures(self, header: Header, picture: moderngl.Texture, sound: SoundImages) -> dict[str, object]:
        found = dict(self._images)
        for item in header.inputs:
            if item.kind in IMAGES:
                found[item.name] = (sound.get(item.kind, item.samples) if item.kind != 'image'
                                    else picture if item.name == PICTURE else self._black)
        return describe_images({uniform_name(name): texture for name, texture in found.items()})

    def _buffers(self) -> dict[str, object]:
        return describe_images({uniform_name(name): target.front or self._black
                                for name, target in self._targets.items() if name})

    def _toy(self, picture: moderngl.Texture, sound: SoundImages) -> dict[str, object]:
        channels = sound.get('sound'), picture, self._black, self._black
        return {**{f'iChannel{number}': texture for number, texture in enumerate(channels)},
                'iChannelResolution': [(*texture.size, 1) for texture in channels], 'iSampleRate': SAMPLERATE}

    def _size(self, each: Pass, size: Size, numbers: Mapping[str, object]) -> Size:
        names = {name: value for name, value in numbers.items() if isinstance(value, (int, float))}
        names |= {'WIDTH': size[0], 'HEIGHT': size[1]}
        try:
            wide, high = (evaluate(text, names) if text else own for text, own in zip((each.width, each.height), size))
        except IsfError as error:
            self.error = f'{self.path.name}: {error}'
            return size
        return clamp_side(wide), clamp_side(high)


def read_knob(knob: Knob, values: Mapping[str, object]) -> float:
    value = float(values.get(knob.name.replace('.', '_'), knob.default))        # type: ignore[arg-type]
    return min(knob.high, max(knob.low, value))


def clamp_side(value: float) -> int:
    return int(min(LARGEST, max(1, value)))


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
    except IsfError:
        for texture in textures.values():
            texture.release()
        raise
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
