"""Offline: a patch to a file, on the same kernels and the same picture engine, the same bits on every run. [main]

    sound      rendered ahead of each picture, to the sample at which that picture is seen
    pictures   one every 1/fps; a dream every 1/dream_fps, made from the slices up to then

A model that cannot be had, or that fails on the way, gives way to the next rung of the ladder, as on stage, and is told
in one sentence; the film is made to its end.
"""
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from live.audio import offline
from live.audio.arena import Arena
from live.diffusion.dream import PATIENCE, describe, free_memory
from live.diffusion.hub import DreamError
from live.diffusion.inbetween import IN_BETWEEN, MOST, LedPicture
from live.diffusion.init_image import InitImage, InitSources
from live.diffusion.ladder import OFF, Bounded, Ladder, Rung
from live.diffusion.lora import Lora, parse_lora
from live.params import Board
from live.patch import find_patch, load_patch
from live.record.take import MOVIE_SUFFIXES, Take
from live.signals import Conditioning, Picture
from live.stages import INIT_SIZE, dress, hold, make_loader, say, show
from live.wires import Latest

BLOCK = 48000           # frames rendered at once when there are no pictures

Made = tuple[np.ndarray, int, tuple[np.ndarray, ...]]       # pixels, end of their newest slice, what leads to them


def render_file(patch_name: str, out: str, seconds: float, samplerate: int = 48000,
                size: tuple[int, int] = (1280, 720), fps: float = 30.0, model: str = 'auto',
                dream_fps: float = 10.0, image: str | None = None, camera: str | None = None,
                lora: Iterable[str] = ()) -> None:
    """Render a patch; raise PatchError, TakeError ... with one sentence before anything is made. camera: a film."""
    loras = tuple(map(parse_lora, lora))
    sources = InitSources(image, camera, lambda text: say('init', text))
    if sources.camera and not sources.camera.source.is_film:
        raise ValueError(f'--camera {camera}: offline a camera must be a film')
    patch = load_patch(find_patch(patch_name))
    with_pictures = Path(out).suffix.lower() in MOVIE_SUFFIXES
    take = Take(out, samplerate, size if with_pictures else None, fps)
    arena = Arena(samplerate, patch.seed)
    patch.apply(arena.board)
    dress(arena, patch, patch.tuning)
    hold(arena, patch)
    arena.reset(patch.seed)
    frames = round(seconds * samplerate)
    progress = tqdm(total=frames, unit='s', unit_scale=1 / samplerate, desc=Path(out).name,
                    bar_format='{desc} {percentage:3.0f}% {bar} {elapsed} < {remaining}')
    try:
        if with_pictures:
            draw = Painter(arena, patch, size, model, dream_fps, sources, loras)
            render_pictures(take, arena, frames, fps, draw, progress.update)
        else:
            render_sound(take, arena, frames, progress.update)
    finally:
        progress.close()
        take.close()


def render_sound(take: Take, arena: Arena, until: int, tell: Callable[[int], object]) -> None:
    """Write sound up to sample `until`."""
    while arena.frames < until:
        block = offline.render(arena, min(BLOCK, until - arena.frames))
        take.write_sound(block)
        tell(len(block))


def render_pictures(take: Take, arena: Arena, frames: int, fps: float, draw: Callable[[float], np.ndarray],
                    tell: Callable[[int], object]) -> None:
    """Write sound and pictures up to sample `frames`."""
    for number in range(max(1, round(frames * fps / arena.samplerate))):
        shown = round(number * arena.samplerate / fps)
        render_sound(take, arena, min(frames, shown), tell)
        take.write_picture(draw(number / fps), shown)
    render_sound(take, arena, frames, tell)


class Painter:
    """Draws the picture that belongs to where the sound stands; call it with the time in seconds."""

    def __init__(self, arena: Arena, patch, size: tuple[int, int], model: str, dream_fps: float,
                 sources: InitSources, loras: tuple[Lora, ...] = ()) -> None:
        from live.diffusion.models import choose_model, list_fallbacks
        from live.display.renderer import Renderer
        from live.display.window import Window
        self._arena, self._period = arena, arena.samplerate / dream_fps
        self._window = Window('offscreen', size)
        self._renderer = Renderer(self._window.ctx, size)
        self._slices = arena.slices.reader(0)
        self._init_image = InitImage(sources, arena.slices, arena.samplerate)
        self._slice: Any = None                         # the newest SLICE
        self._shaders = patch.shaders
        self._picture: Picture | None = None
        self._next_dream, self._dreams = 0.0, 0
        name, reason = choose_model(model)
        say('dream', reason)
        self._dreamer = Dreamer(*make_loader(name, lambda: patch.seed, arena, Latest(patch.prompts),
                                             Latest(patch.negative), loras),
                                arena.sounding, (name, *list_fallbacks(name)), partial(say, 'dream'))

    def __call__(self, seconds: float) -> np.ndarray:
        """Return the picture (height, width, 4) uint8 RGBA at this time."""
        from live.display.renderer import Scene
        newest = self._slices.newest()
        self._slice = newest if newest is not None else self._slice
        if self._arena.frames >= self._next_dream:
            self._dream()
        self._renderer.draw(Scene(seconds, self._arena.sounding, self._slice, self._picture, self._arena.samplerate,
                                  self._arena.frames, self._shaders))
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
            show(self._arena, pixels)
            self._dreams += 1

    def _begin(self) -> np.ndarray:
        """Return what the next dream begins from, of the size of the last one."""
        size = INIT_SIZE if self._picture is None else self._picture.pixels.shape[1::-1]
        seconds = self._arena.frames / self._arena.samplerate
        return self._init_image.make(self._arena.sounding, size, seconds, self._renderer.motes_image,
                                     self._renderer.shaded_image)


class Dreamer:
    """An engine on its ladder. load, condition: of make_loader; models: names to load, the wanted one first."""

    def __init__(self, load: Callable[[Rung], Any], condition: Callable[[Any], Conditioning | None], board: Board,
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
