"""Renderer: one scene in, one picture out; motes from the sound, dreams from the model, both in the same air.

    swarm -> motes -> clouds -> air \\
                              dream -> compose -> [shaders] -> present -> [guard] -> frame -> show or read

Draws at the rate of whoever calls it, whatever the dream's rate is. Works on any OpenGL 3.3 context, a window's or
one without a screen. Frames are a pure function of the scenes drawn since `reset`. [main]

Knows nothing of windows, threads or clocks.
"""
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import moderngl
import numpy as np

from live.display.between import Between
from live.display.guard import Guard
from live.display.motion import NEVER, Motion
from live.display.shaders import STAGE, Paste, Shaders
from live.display.shared_upload import SharedUpload
from live.display.shading import Shading
from live.display.targets import make_target, read_target, release_target, texture_of
from live.params import Board
from live.signals import Picture

MOTES = 512             # columns of the swarm
CLOUDS_PART = 4         # clouds are soft: one point for so many pixels
LOWEST_SIDE = 16        # pixels
LIVE = ('display.brightness', 'stage.blackout')     # act on a frozen picture too
PLAIN = {'display_brightness': 1.0, 'stage_blackout': 0.0}


@dataclass(frozen=True, slots=True)
class Scene:
    """What one frame shows.

    time: seconds, any clock that runs evenly; slice_: the newest SLICE; picture: the newest dream.
    sample_now: index of the audio sample that is heard now; dreams fade by this clock.
    shaders: names of those before the dream, and of those after it.
    """
    time: float
    board: Board
    slice_: np.void | None = None
    picture: Picture | None = None
    samplerate: float = 48000.0
    sample_now: int = 0
    shaders: tuple[tuple[str, ...], ...] = ((), ())


class Air:
    """Motes and clouds at one size: the passes from swarm to air and the textures between them."""

    def __init__(self, context: moderngl.Context, shaders: Shaders, size: tuple[int, int]) -> None:
        self.context, self.shaders, self.size = context, shaders, size
        self.swarm = make_target(context, (MOTES, 3), 'f4', moderngl.NEAREST)
        self.motes = make_target(context, size, 'f2', moderngl.LINEAR_MIPMAP_LINEAR)
        self.clouds = make_target(context, (size[0] // CLOUDS_PART, size[1] // CLOUDS_PART))
        self.now, self.before = make_target(context, size), make_target(context, size)
        self._afterglow: dict[str, object] = {'elapsed': NEVER}     # nothing glows after in the first frame

    def draw(self, values: Mapping[str, object]) -> moderngl.Texture:
        """Return the texture of the air, linear light, row 0 at the bottom."""
        values = {**values, **self._afterglow, 'resolution': self.size, 'swarm': texture_of(self.swarm),
                  'motes': texture_of(self.motes), 'clouds': texture_of(self.clouds), 'previous': texture_of(self.now)}
        self.now, self.before, self._afterglow = self.before, self.now, {}
        self.shaders['swarm'].draw(self.swarm, values)
        self._draw_motes(values)
        self.shaders['clouds'].draw(self.clouds, values)
        self.shaders['air'].draw(self.now, values)
        return texture_of(self.now)

    def _draw_motes(self, values: Mapping[str, object]) -> None:
        self.motes.clear()
        self.context.enable(moderngl.BLEND)
        self.context.blend_func = moderngl.ONE, moderngl.ONE_MINUS_SRC_ALPHA
        self.shaders['motes'].draw(self.motes, values, instances=MOTES)
        self.context.disable(moderngl.BLEND)
        texture_of(self.motes).build_mipmaps()

    def release(self) -> None:
        for target in (self.swarm, self.motes, self.clouds, self.now, self.before):
            release_target(target)


class Renderer:
    """Draws scenes into `frame`; `show` brings the frame to a window, `read` to an array.

    share: brings dreams from CUDA without the host. guarded: flashes are softened whether or not stage.guard is on.
    errors: one line for each shader that does not compile.
    """

    def __init__(self, context: moderngl.Context, size: tuple[int, int], folder: Path = STAGE,
                 share: SharedUpload | None = None, guarded: bool = False) -> None:
        self.context, self.size = context, check_size(size)
        self.guard, self.guarded = Guard(context), guarded
        self.motion = Motion()
        self.shaders = Shaders(context, folder)
        self._values: Mapping[str, object] | None = None
        self._small: Air | None = None
        self.between = Between(context, self.shaders, share)
        self.shading = Shading(context, self.shaders)
        self._build()

    def draw(self, scene: Scene) -> None:
        """Draw a scene into the frame. While stage.freeze is on, what was seen last stands still. [main]"""
        self.shaders.poll(time.monotonic())
        self.shading.use(scene.shaders)
        if not scene.board['stage.freeze'] or self._values is None:
            self._values = self.motion.step(scene.time, scene.board, scene.slice_)
            self.shading.step(scene.slice_, self._values)
            light = self._compose(self._values, self.air.draw(self._values), self._draw_dream(scene))
            self._light = self.shading.shade(light, self.size, self._values)
        live = {name.replace('.', '_'): scene.board[name] for name in LIVE}
        self._present(scene, {**self._values, **live, 'light': self._light})

    def _present(self, scene: Scene, values: Mapping[str, object]) -> None:
        guarded = self.guarded or bool(scene.board['stage.guard'])
        self.shaders['present'].draw(self.bare if guarded else self.frame, values)
        if guarded:
            self.guard.draw(texture_of(self.bare), self.frame, scene.time, scene.board['stage.blackout'])
        else:
            self.guard.release()

    def show(self, target: moderngl.Framebuffer) -> None:
        """Fill a window's canvas with the frame. [main]"""
        self._paste.draw(texture_of(self.frame), target, (0, 0, *target.size))

    def read(self) -> np.ndarray:
        """Return the frame as (height, width, 4) uint8, row 0 on top. [main]"""
        return read_target(self.frame)

    def motes_image(self, size: tuple[int, int] = (256, 256)) -> np.ndarray:
        """[main] Return the motes alone, as they stand: (height, width, 4) uint8, row 0 on top; size: width, height."""
        return self._image(size, shaded=False)

    def shaded_image(self, size: tuple[int, int] = (256, 256)) -> np.ndarray:
        """[main] Return what the shaders before the dream make of the motes, in the same form."""
        return self._image(size, shaded=True)

    def _image(self, size: tuple[int, int], shaded: bool) -> np.ndarray:
        if self._small is None or self._small.size != size:
            self._release_small()
            self._small = Air(self.context, self.shaders, size)
        target = make_target(self.context, size, 'f1')
        values = {**(self._values or Motion().step(0.0, Board(), None)), **PLAIN, 'elapsed': NEVER}
        self.shaders['present'].draw(target, {**values, 'light': self._small.draw(values)})
        if shaded:
            made = self.shading.prepare(texture_of(target), size, values)
            if made is not texture_of(target):
                self._paste.draw(made, target, (0, 0, *size))
        image = read_target(target)
        release_target(target)
        return image

    def resize(self, size: tuple[int, int]) -> None:
        """Draw at another size from now on; motion and dream go on. [main]"""
        if check_size(size) != self.size:
            self.size = check_size(size)
            self._release_frame()
            self._build_frame()

    def rebuild(self) -> None:
        """Make everything in OpenGL again, after a change of mode that may have lost it; motion goes on. [main]"""
        self._release()
        self.shaders.rebuild()
        self.between.rebuild()
        self.shading.rebuild()
        self._build()

    def reset(self) -> None:
        """Forget all that was drawn. [main]"""
        self.motion.reset()
        self.between.reset()
        self.shading.reset()
        self.rebuild()

    def release(self) -> None:
        """Give back all that lies in OpenGL. [main]"""
        self._release()
        self.between.release()
        self.shading.release()
        self.shaders.release()

    @property
    def errors(self) -> list[str]:
        return self.shaders.errors + self.shading.errors

    def _build(self) -> None:
        self._paste = Paste(self.context)
        self._build_frame()

    def _build_frame(self) -> None:
        self.air = Air(self.context, self.shaders, self.size)
        self.composed = make_target(self.context, self.size)
        self.bare, self.frame = (make_target(self.context, self.size, 'f1') for _ in range(2))
        self._values = None
        self._light = texture_of(self.air.now)

    def _draw_dream(self, scene: Scene) -> moderngl.Texture | None:
        return self.between.draw(scene.picture, scene.board, scene.sample_now / scene.samplerate)

    def _compose(self, values: Mapping[str, object], air: moderngl.Texture,
                 dream: moderngl.Texture | None) -> moderngl.Texture:
        """Return the texture of air and dream together; without a dream the air is all there is."""
        if dream is None or not values['display_mix']:
            return air
        self.shaders['compose'].draw(self.composed, {**values, 'air': air, 'dream': dream, 'resolution': self.size})
        return texture_of(self.composed)

    def _release(self) -> None:
        self.guard.release()
        self._release_frame()
        self._release_small()
        self._paste.release()

    def _release_frame(self) -> None:
        self.air.release()
        for target in (self.composed, self.bare, self.frame):
            release_target(target)

    def _release_small(self) -> None:
        if self._small is not None:
            self._small.release()
        self._small = None


def check_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return a size that can be drawn: a minimised window may say 0."""
    return max(LOWEST_SIDE, int(size[0])), max(LOWEST_SIDE, int(size[1]))
