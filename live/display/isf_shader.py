"""One ISF shader as it runs: its passes, what they leave behind, its images; reloaded when a file of it changes. [main]

A pass draws into its target, which all passes see by its name: a persistent one as it was, until the pass has been
drawn. Targets clamp to 0..1 with 16 bits; FLOAT ones hold any number. A text that does not compile leaves the last good
one in place and its complaint in `error`.
"""
import time
from collections.abc import Mapping
from pathlib import Path

import moderngl

from live.display.isf_program import compile_passes, uniform_name
from live.display.motion import LONGEST_TIME
from live.display.isf_textures import Size, Target, describe_images, load_images
from live.display.shaders import Paste, ShaderError, set_uniforms
from live.display.sound_images import SoundImages
from live.display.waiting import after_pass
from live.isf import IMAGES, Header, Input, IsfError, Knob, Pass, evaluate, read_header

LARGEST = 8192              # pixels a side of a target
LONGEST_STEP = 1.0          # seconds; a shader that was passed by for minutes does not run ahead
SAMPLERATE = 48000.0        # that fragments for Shadertoy are told


class IsfShader:
    """A shader of a chain. header: of the text in use, None before the first good one; error: '' when all is well."""

    def __init__(self, context: moderngl.Context, path: Path, paste: Paste) -> None:
        self.context, self.path, self._paste = context, path, paste
        self.header: Header | None = None
        self.error = ''
        self._after_pass = after_pass(context)
        self._programs: list[moderngl.Program] = []         # one for each pass, as are the vertices
        self._vertices: list[moderngl.VertexArray] = []
        self._targets: dict[str, Target] = {}
        self._images: dict[str, moderngl.Texture] = {}
        self._black = context.texture((1, 1), 4, bytes(4))
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
            self._use(read_header(self.path))
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
        if self.header is None or not self._programs:
            return picture
        numbers = self._numbers(self.header, values)
        uniforms = {**values, **self._clock(values), **self._pictures(self.header, picture, sound), **numbers}
        if self.header.is_toy:
            uniforms |= self._toy(picture, sound)
        for each, program, vertices in zip(self.header.passes, self._programs, self._vertices):
            target = self._targets[each.target]
            room = self._size(each, size, numbers)
            target.back(room).use()
            set_uniforms(program, {**uniforms, **self._buffers(each), 'RENDERSIZE': room})
            vertices.render(moderngl.TRIANGLE_STRIP, vertices=4)
            target.swap()
            self._after_pass()
        self._frames += 1
        return target.front or picture

    def rebuild(self, paste: Paste) -> None:
        """Make everything in OpenGL again of the last good text, after a change that may have lost it; time goes on."""
        self.release()
        self._paste = paste
        self._black = self.context.texture((1, 1), 4, bytes(4))
        if self.header is not None:
            try:
                self._use(self.header)
            except (IsfError, ShaderError) as error:        # what it includes has changed for the worse
                self.error = str(error)

    def release(self) -> None:
        self._black.release()
        for target in self._targets.values():
            target.release()
        self._targets = {}
        self._release_programs()

    def _release_programs(self) -> None:
        for vertices, program in zip(self._vertices, self._programs):
            vertices.release()
            program.release()
        for texture in self._images.values():
            texture.release()
        self._programs, self._vertices, self._images = [], [], {}

    def _look(self) -> tuple[int, ...]:
        folder, imported = self.path.parent, self.header.imported.values() if self.header else ()
        files = [self.path, self.path.with_suffix('.vs'), *(folder / name for name in imported),
                 *sorted(folder.glob('include/*'))]
        return tuple(file.stat().st_mtime_ns if file.exists() else -1 for file in files)

    def _use(self, header: Header) -> None:
        """Compile a text and take it in place of the last; raise IsfError or ShaderError, then nothing has changed."""
        programs = compile_passes(self.context, header, self.path)
        try:
            images = load_images(self.context, header, self.path.parent)
        except IsfError:
            for program in programs:
                program.release()
            raise
        self._release_programs()
        self._programs, self._images, self.header = programs, images, header
        self._vertices = [self.context.vertex_array(program, []) for program in programs]
        self._keep_targets(header)

    def _keep_targets(self, header: Header) -> None:
        """Make the targets of the passes; those that are as they were stay, with what is in them."""
        old, self._targets = self._targets, {}
        for name in dict.fromkeys(each.target for each in header.passes):
            mine = [each for each in header.passes if each.target == name]
            kind = 'f4' if any(each.float for each in mine) else 'nu2', 1 + any(each.persistent for each in mine)
            kept = name in old and old[name].kind == kind
            self._targets[name] = old.pop(name) if kept else Target(self.context, self._paste, *kind)
        for target in old.values():
            target.release()

    def _clock(self, values: Mapping[str, object]) -> dict[str, object]:
        now = float(values['seconds'])          # type: ignore[arg-type]
        if self._began is None:
            self._began = self._last = now
        elapsed, self._last = min(LONGEST_STEP, max(0.0, now - self._last)), now
        today = time.localtime()
        date = today.tm_year, today.tm_mon, today.tm_mday, today.tm_hour * 3600 + today.tm_min * 60 + today.tm_sec
        return {'TIME': (now - self._began) % LONGEST_TIME, 'TIMEDELTA': elapsed, 'FRAMEINDEX': self._frames,
                'DATE': date}

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
                found[item.name] = picture if item.kind == 'image' else sound.get(item.kind, item.samples)
        return describe_images({uniform_name(name): texture for name, texture in found.items()})

    def _buffers(self, drawn: Pass) -> dict[str, object]:
        """Return what the targets hold while a pass is drawn; it sees its own only if that persists."""
        hidden = '' if drawn.persistent else drawn.target
        return describe_images({uniform_name(name): self._black if name == hidden else target.front or self._black
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
