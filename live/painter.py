"""The pictures of an offline rendering, from what sounds: drawn and dreamt as on stage, but never late. [main]

In: something that is Played, moved on by whoever renders it. Out: the picture of now. A model that fails gives way to
the next rung of the ladder.
"""
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np

from live.audio.arena import Arena
from live.diffusion.burden import describe, free_memory
from live.diffusion.dream import PATIENCE
from live.diffusion.hub import DreamError
from live.diffusion.inbetween import IN_BETWEEN, MOST, LedPicture
from live.diffusion.init_image import InitImage, InitSources
from live.diffusion.ladder import OFF, Bounded, Ladder, Rung, Steered
from live.diffusion.lora import Lora
from live.params import find_param
from live.signals import Conditioning, Picture
from live.stages import make_loader, say
from live.vision import INIT_SIZE
from live.wires import Latest

Made = tuple[np.ndarray, int, tuple[np.ndarray, ...]]       # pixels, end of their newest slice, what leads to them


class Played(Protocol):
    """Something that sounds, and says what is to be dreamt to it: a patch, or a Replay."""
    arena: Arena
    prompts: Latest[tuple[str, ...]]
    negative: Latest[str]
    shaders: tuple[tuple[str, ...], ...]
    seed: int

    def render(self, frames: int) -> np.ndarray: ...

    def show(self, pixels: np.ndarray) -> None: ...


class Turned:
    """A Board on which one parameter stands elsewhere."""

    def __init__(self, board: Steered, name: str, value: float) -> None:
        self._board, self._name, self._value = board, name, find_param(name).clamp(value)

    def __getitem__(self, name: str) -> float:
        return self._value if name == self._name else self._board[name]


class Painter:
    """Draws the picture that belongs to where the sound stands; call it."""

    def __init__(self, played: Played, size: tuple[int, int], model: str, dream_fps: float, sources: InitSources,
                 loras: tuple[Lora, ...] = (), steps: int | None = None) -> None:
        from live.diffusion.models import choose_model, list_fallbacks
        from live.display.renderer import Renderer
        from live.display.window import Window
        arena = played.arena
        self._played, self._arena, self._period = played, arena, arena.samplerate / dream_fps
        self._window = Window('offscreen', size)
        self._renderer = Renderer(self._window.ctx, size)
        self._slices = arena.slices.reader(0)
        self._init_image = InitImage(sources, arena.slices, arena.samplerate)
        self._slice: Any = None                         # the newest SLICE
        self._picture: Picture | None = None
        self._next_dream, self._dreams = float(arena.frames), 0
        name, reason = choose_model(model)
        say('dream', reason)
        board: Steered = arena.sounding if steps is None else Turned(arena.sounding, 'dream.steps', steps)
        self._dreamer = Dreamer(*make_loader(name, lambda: played.seed, arena, played.prompts, played.negative, loras),
                                board, (name, *list_fallbacks(name)), partial(say, 'dream'))

    @property
    def _seconds(self) -> float:
        return self._arena.frames / self._arena.samplerate

    def __call__(self) -> np.ndarray:
        """Return the picture (height, width, 4) uint8 RGBA of now."""
        from live.display.renderer import Scene
        newest = self._slices.newest()
        self._slice = newest if newest is not None else self._slice
        if self._arena.frames >= self._next_dream:
            self._dream()
        self._renderer.draw(Scene(self._seconds, self._arena.sounding, self._slice, self._picture,
                                  self._arena.samplerate, self._arena.frames, self._played.shaders))
        return self._renderer.read()

    def close(self) -> None:
        """Give the window back, so that another film can be drawn."""
        self._renderer.release()
        self._window.close()

    def _dream(self) -> None:
        self._next_dream += self._period
        made = self._dreamer.dream(self._begin)
        if self._dreamer.is_off:
            self._picture = None        # the shader's turn
        elif made is not None:
            pixels, end, between = made
            self._picture = LedPicture(pixels, end, self._dreams, between)
            self._played.show(pixels)
            self._dreams += 1

    def _begin(self) -> np.ndarray:
        """Return what the next dream begins from, of the size of the last one."""
        size = INIT_SIZE if self._picture is None else self._picture.pixels.shape[1::-1]
        return self._init_image.make(self._arena.sounding, size, self._seconds, self._renderer.motes_image,
                                     self._renderer.shaded_image)


class Dreamer:
    """An engine on its ladder. load, condition: of make_loader; models: names to load, the wanted one first."""

    def __init__(self, load: Callable[[Rung], Any], condition: Callable[[Any], Conditioning | None], board: Steered,
                 models: tuple[str, ...], tell: Callable[[str], None]) -> None:
        self._load, self._condition, self._board, self._tell = load, condition, board, tell
        self._ladder = Ladder(models)
        self._engine: Any = None
        self._broken = 0                # failures in a row
        self._make_ready()

    @property
    def is_off(self) -> bool:
        return self._ladder.rung.model == OFF

    def dream(self, begin: Callable[[], np.ndarray]) -> Made | None:
        """Return the next dream, None where nothing is new or the dream failed."""
        self._make_ready()
        try:
            return None if self.is_off else self._make(begin)
        except Exception as error:      # whatever a model or a driver does, the film goes on
            self._fail(error)
            return None

    def _make(self, begin: Callable[[], np.ndarray]) -> Made | None:
        conditioning = self._condition(self._engine)
        if conditioning is None:
            return None
        board = Bounded(self._board, self._ladder.rung, self._engine.model.size)
        pixels = self._engine.dream(conditioning, board, begin())
        self._broken = 0
        if pixels is None:
            return None
        wanted = self._board['display.motion'] == IN_BETWEEN
        return pixels, conditioning.end, tuple(self._engine.between(MOST)) if wanted else ()

    def _make_ready(self) -> None:
        """Load what the rung says, or the next that can be had."""
        while self._engine is None and not self.is_off:
            free_memory()
            try:
                self._engine = self._load(self._ladder.rung)
            except Exception as error:      # each library has errors of its own
                self._tell(f'{describe(error)}; {self._ladder.change_model()}')

    def _fail(self, error: Exception) -> None:
        """Leave out a dream that is not finite; after PATIENCE of them, or anything worse, go down."""
        self._broken += 1
        if isinstance(error, DreamError) and self._broken < PATIENCE:
            return self._tell(describe(error))
        board = Bounded(self._board, self._ladder.rung, self._engine.model.size)
        where = self._ladder.descend(board.pixels, int(board['dream.steps']))
        self._tell(f'{describe(error)}; {where}')
        self._engine, self._broken = None, 0
