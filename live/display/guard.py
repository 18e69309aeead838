"""The flash guard: the last pass of the picture, which keeps what is shown from flashing as may bring on a seizure.

    picture -> measure -> judge -> spread -> note -> screen         places, 256 x 128 of them
         \\--------------------------> apply -> frame               every pixel

The rule is that of WCAG 2.2 (2.3.1, "general flash and red flash thresholds"): not more than three flashes in any
second over more than a quarter of any 10 degrees of the screen; a flash is two opposing changes of relative luminance
by 0.1 or more, the darker side below 0.8; the same for saturated red. What is shown obeys it by construction: each
place keeps the times of its last turns, and how much of a new frame is blended into the one before is bounded so that
no turn comes too many. Around places that were refused one all follows slowly until what they are given has been
calm for a second: a stroboscope becomes its mean. The whole screen never brightens faster than spread.glsl says.
Darkness is always free, and blackout comes at once. What is calm passes untouched, to the bit.

All of it is drawn by shaders/guard; only counts come back, now and then. [main] Knows nothing of what a picture shows.
"""
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import moderngl
import numpy as np

from live.display.shaders import STAGE, Shaders
from live.display.targets import make_target, release_target, texture_of

GUARD = STAGE.parent / 'guard'
PLACES = 256, 128           # powers of two: the smallest mipmap is the mean
PART = 4                    # as in spread.glsl
PASSES = {'measure': 'given', 'judge': 'verdict', 'spread': 'spread'}      # in order; what their outputs are called
LONG_AGO = 100.0            # as in flash.glsl
AGES, REST = (LONG_AGO,) * 4, (LONG_AGO, -1.0, -1.0, 0.0)       # nothing has turned, and all is black
PLACES_START = {'seen': (0.0,) * 4, 'luminance_ages': AGES, 'luminance_rest': REST, 'red_ages': AGES, 'red_rest': REST}
SCREEN_START = {'screen_ages': AGES, 'screen_rest': REST, 'screen_counts': (0.0, 0.0, LONG_AGO, 0.0)}
COUNTS = 2                  # which of the screen's they are
EVERY = 0.25                # seconds between two looks at them


class Counts(NamedTuple):
    """What the guard has done. interventions: times that it set in; seconds: how long in all; held: 0..1, now."""
    interventions: int = 0
    seconds: float = 0.0
    held: float = 0.0


class Memory:
    """Textures that a pass draws anew from what they were. starts: their first colour, by name, in order.

    beside: textures that the pass draws before them, which are not remembered.
    """

    def __init__(self, context: moderngl.Context, size: tuple[int, int], starts: Mapping[str, Sequence[float]],
                 dtype: str = 'f4', beside: Sequence[moderngl.Texture] = ()) -> None:
        self._sides = [{name: one_colour(context, size, start, dtype) for name, start in starts.items()}
                       for _ in range(2)]
        self._targets = [context.framebuffer([*beside, *side.values()]) for side in self._sides]

    @property
    def now(self) -> dict[str, moderngl.Texture]:
        """The newest, by name."""
        return self._sides[0]

    @property
    def target(self) -> moderngl.Framebuffer:
        """Where they were drawn."""
        return self._targets[0]

    def turn(self) -> moderngl.Framebuffer:
        """Return where to draw the next, which are `now` from here on."""
        self._sides.reverse()
        self._targets.reverse()
        return self.target

    def release(self) -> None:
        for target, side in zip(self._targets, self._sides):
            target.release()
            for texture in side.values():
                texture.release()


def one_colour(context: moderngl.Context, size: tuple[int, int], colour: Sequence[float],
               dtype: str) -> moderngl.Texture:
    scale, kind = (65535, 'u2') if dtype == 'nu2' else (1, dtype)
    pixels = np.tile(np.multiply(colour, scale).astype(kind), size[0] * size[1])
    return context.texture(size, 4, pixels.tobytes(), dtype=dtype)


class Guard:
    """The guard. counts: what it has done so far, a moment old. It is built by the first `draw` after a `release`."""

    def __init__(self, context: moderngl.Context) -> None:
        self.context, self.counts = context, Counts()
        self._state: State | None = None

    def draw(self, picture: moderngl.Texture, frame: moderngl.Framebuffer, time: float, blackout: float = 0.0) -> None:
        """[main] Draw a picture into a frame of its size as it may be shown; time: seconds, any clock that runs.

        blackout: stage.blackout, which is let through at once if the picture is black.
        """
        if self._state is None:
            self._state = State(self.context, self.counts)
        self._state.draw(picture, frame, time, blackout)
        self.counts = self._state.counts

    def release(self) -> None:
        """[main] Give back all that lies in OpenGL, and forget the last second, but not the counts."""
        if self._state is not None:
            self._state.release()
        self._state = None


class State:
    """What the guard remembers of the last second, and the passes that go by it."""

    def __init__(self, context: moderngl.Context, counts: Counts) -> None:
        self.context, self.counts = context, counts
        self._counted = counts          # before this
        self._shaders = Shaders(context, GUARD)
        small = PLACES[0] // PART, PLACES[1] // PART
        self._drawn = {output: make_target(context, small if output == 'spread' else PLACES, 'f4')
                       for output in PASSES.values()}
        self._places, self._screen = Memory(context, PLACES, PLACES_START), Memory(context, (1, 1), SCREEN_START)
        self._frame: moderngl.Framebuffer | None = None
        self._held: Memory | None = None
        self._time, self._next_look, self._asked = 0.0, -np.inf, False
        self._buffer = context.buffer(reserve=16)

    def draw(self, picture: moderngl.Texture, frame: moderngl.Framebuffer, time: float, blackout: float) -> None:
        fresh = self._held is None or self._frame is not frame
        held = self._hold(frame) if self._held is None or fresh else self._held
        elapsed = 0.0 if fresh else max(0.0, time - self._time)
        self._time = time
        self._judge({'picture': picture, 'resolution': PLACES, 'elapsed': elapsed, 'fresh': float(fresh),
                     'stage_blackout': blackout})
        values = {'picture': picture, 'spread': texture_of(self._drawn['spread']), **held.now}
        self._shaders['apply'].draw(held.turn(), values)
        self._look(time)

    def _judge(self, values: dict[str, object]) -> None:
        """Find how much of the picture may be shown where, and remember what is then seen."""
        values |= {**self._places.now, **self._screen.now}
        for name, output in PASSES.items():
            target = self._drawn[output]
            self._shaders[name].draw(target, values)
            texture_of(target).build_mipmaps()
            values[output] = texture_of(target)
        self._shaders['note'].draw(self._places.turn(), values)
        self._places.now['seen'].build_mipmaps()
        self._shaders['screen'].draw(self._screen.turn(), {**values, 'seen': self._places.now['seen']})

    def _hold(self, frame: moderngl.Framebuffer) -> Memory:
        """Begin to hold what is drawn into this frame."""
        if self._held is not None:
            self._held.release()
        self._frame = frame
        self._held = Memory(self.context, frame.size, {'held': (0, 0, 0, 1)}, 'nu2', [texture_of(frame)])
        return self._held

    def _look(self, time: float) -> None:
        """Take the counts that were asked for a while ago, and ask for newer ones: so nothing is waited for."""
        if time < self._next_look:
            return
        if self._asked:
            done = np.frombuffer(self._buffer.read(), 'f4')
            self.counts = Counts(self._counted.interventions + int(done[0]), self._counted.seconds + float(done[1]),
                                 float(done[3]))
        self._screen.target.read_into(self._buffer, components=4, attachment=COUNTS, dtype='f4')
        self._asked, self._next_look = True, time + EVERY

    def release(self) -> None:
        for target in self._drawn.values():
            release_target(target)
        for thing in (self._places, self._screen, self._buffer, self._shaders, self._held):
            if thing is not None:
                thing.release()
