"""Offline: a patch or a performance to a file, on the same kernels and the same picture engine. [main]

    sound      rendered ahead of each picture, to the sample at which that picture is seen; the same bits on every run
    pictures   one every 1/fps; a dream every 1/dream_fps, made from the slices up to then

A performance (TAKE.live) sounds as it was played, to the bit; what is dreamt to it may be of another size, rate and
model. A model that cannot be had, or that fails on the way, gives way to the next rung of the ladder, as on stage, and
is told in one sentence; the film is made to its end.
"""
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from live.audio import offline
from live.audio.arena import Arena
from live.diffusion.init_image import InitSources
from live.diffusion.lora import parse_lora
from live.painter import Painter, Played
from live.patch import Patch, find_patch, load_patch
from live.record.score import SUFFIX, Score, ScoreError, load_score
from live.record.take import MOVIE_SUFFIXES, Take
from live.replay import Replay, warnings
from live.stages import dress, hold, say, show
from live.wires import Latest

BLOCK = 48000           # frames rendered at once when there are no pictures
SAMPLERATE, SECONDS = 48000, 20.0       # of a patch


class PlayedPatch:
    """A patch as it stands, from its first sample on."""

    def __init__(self, patch: Patch, samplerate: int) -> None:
        self.prompts, self.negative = Latest(patch.prompts), Latest(patch.negative)
        self.shaders, self.seed = patch.shaders, patch.seed
        self.arena = Arena(samplerate, patch.seed)
        patch.apply(self.arena.board)
        dress(self.arena, patch, patch.tuning)
        hold(self.arena, patch)
        self.arena.reset(patch.seed)

    def render(self, frames: int) -> np.ndarray:
        return offline.render(self.arena, frames)

    def show(self, pixels: np.ndarray) -> None:
        show(self.arena, pixels)


def render_file(name: str, out: str, seconds: float | None = None, samplerate: int | None = None,
                size: tuple[int, int] = (1280, 720), fps: float = 30.0, model: str | None = None,
                dream_fps: float = 10.0, image: str | None = None, camera: str | None = None,
                lora: Iterable[str] = (), steps: int | None = None) -> None:
    """Render a patch or a performance; raise PatchError, ScoreError, TakeError ... before anything is made.

    seconds: None is 20 of a patch, all of a performance; model, image, lora: where not given, those of the performance;
    steps: of each dream, in place of dream.steps; camera: a film.
    """
    score = load_score(Path(name)) if name.endswith(SUFFIX) else None
    header = score.header if score else {}
    model, image = model or header.get('model') or 'auto', image or header.get('image')
    loras = tuple(map(parse_lora, list(lora) or header.get('lora', [])))
    sources = InitSources(image, camera, lambda text: say('init', text))
    if sources.camera and not sources.camera.source.is_film:
        raise ValueError(f'--camera {camera}: offline a camera must be a film')
    played: Played = (open_replay(score, samplerate) if score
                      else PlayedPatch(load_patch(find_patch(name)), samplerate or SAMPLERATE))
    rate = round(played.arena.samplerate)
    start, end = score.take if score else (0, round((seconds or SECONDS) * rate))
    frames = end - start if seconds is None else min(end - start, round(seconds * rate))
    with_pictures = Path(out).suffix.lower() in MOVIE_SUFFIXES
    take = Take(out, rate, size if with_pictures else None, fps)
    try:
        if start:
            go_to(played, start)
        with Progress(Path(out).name, frames, rate) as tell:
            if with_pictures:
                draw = Painter(played, size, model, dream_fps, sources, loras, steps)
                try:
                    render_pictures(take, played, frames, fps, draw, tell)
                finally:
                    draw.close()
            else:
                render_sound(take, played, frames, tell)
    finally:
        take.close()


def open_replay(score: Score, samplerate: int | None) -> Replay:
    """Return a performance to be played again; tell what cannot be the same."""
    name, rate, (start, end) = score.path.name, score.header['samplerate'], score.take
    if samplerate not in (None, rate):
        raise ScoreError(f'{name}: it was played at {rate} Hz and sounds at no other rate; leave --samplerate out')
    if end <= start:
        raise ScoreError(f'{name}: there is no sound in it')
    say('replay', f'{score.header["patch"]}, {(end - start) / rate:.1f} s from {start / rate:.1f} s on')
    for sentence in warnings(score):
        say('', sentence)
    return Replay(score)


class Progress(tqdm):
    """A bar that counts seconds of sound; `with` gives what is told how many frames are made."""

    def __init__(self, name: str, frames: int, samplerate: int) -> None:
        super().__init__(total=frames, unit='s', unit_scale=1 / samplerate, desc=name,
                         bar_format='{desc} {percentage:3.0f}% {bar} {elapsed} < {remaining}')

    def __enter__(self):
        super().__enter__()
        return self.update


def go_to(played: Played, sample: int) -> None:
    """Play up to where a take begins; nobody hears it, but what sounds then has come from there."""
    with Progress('up to the take', sample, round(played.arena.samplerate)) as tell:
        while (left := sample - played.arena.frames) > 0:
            tell(len(played.render(min(BLOCK, left))))


def render_sound(take: Take, played: Played, until: int, tell: Callable[[int], object]) -> None:
    """Write sound up to sample `until` of the take."""
    while take.frames < until:
        block = played.render(min(BLOCK, until - take.frames))
        take.write_sound(block)
        tell(len(block))


def render_pictures(take: Take, played: Played, frames: int, fps: float, draw: Callable[[], np.ndarray],
                    tell: Callable[[int], object]) -> None:
    """Write sound and pictures up to sample `frames` of the take."""
    for number in range(max(1, round(frames * fps / take.samplerate))):
        shown = round(number * take.samplerate / fps)
        render_sound(take, played, min(frames, shown), tell)
        take.write_picture(draw(), shown)
    render_sound(take, played, frames, tell)
