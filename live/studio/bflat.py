"""Seconds of life inside a note: a syncopated drone of microtonal B-flats, and blue motes and clouds that follow it.

Every 100 ms one step of a random pattern drawn from {0, 0, 1}; a step that sounds is a sine at 466.16 * 2^u Hz, u
uniform within 0.02 octaves to each side. Under the pulses lies the cluster of the patch `bflat`. One .mp4 that plays
everywhere, H.264 yuv420p and AAC 192 kb/s, index in front; sound and pictures end with the same frame.
"""
import argparse
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from live.params import BY_NAME
from live.patch import Patch, find_patch, load_patch
from live.record.take import Take
from live.routes import read_routes
from live.studio.figures import LIGHTS, check_figure, draw_figure, show_spectrogram
from live.studio.files import StudioError, beside, check_folder, check_picture, read_sound, write_picture
from live.studio.progress import progress_bar
from live.studio.seed import MOST_SEED, add_seed

OCTAVES = .02           # to each side of the root
ROOT = 466.16
FADE = 2.0              # seconds in which the piece goes, sound and light; it comes in half of them
LEAST_SECONDS, MOST_SECONDS = .1, 36000.0
MEMORY = .4             # seconds of sound that a level is taken over
STILLS = 5              # pictures in the figure
VALUES = {'pulse.step': .1, 'pulse.chance': 1 / 3, 'pulse.spread_cents': 1200 * OCTAVES, 'pulse.attack': .012,
          'pulse.release': .5, 'pulse.level_db': -3.0, 'drone.root': ROOT, 'reverb.level_db': -4.0,
          'motes.softness': .7, 'motes.size': .6, 'motes.speed': .22,
          'display.brightness': .3, 'motes.clouds': .45}
# Beside what the motes do by themselves: light and clouds swell with the sound, slower than they come they go.
FOLLOW: list[dict[str, Any]] = [
    {'from': 'pulse', 'to': 'display.brightness', 'amount': .25, 'attack': .03, 'release': .5},
    {'from': 'level', 'to': 'display.brightness', 'amount': 1.1, 'low': -34, 'high': -8, 'attack': .05, 'release': .4},
    {'from': 'level', 'to': 'motes.clouds', 'amount': .4, 'low': -34, 'high': -8, 'attack': .1, 'release': .8}]
EXAMPLES = '''examples:
  live studio bflat --seconds 30 --out bflat.mp4
  live studio bflat --seconds 60 --seed 7 --drone-db -60 --out pulses.mp4       the pulses alone
  live studio bflat --size 1920x1080 --fps 60 --plot bflat.png --poster poster.png --out bflat.mp4'''


class Piece(NamedTuple):
    """What was made: the film; of each picture its light, 0..1, and the level of the sound before it; a few stills."""
    path: Path
    light: np.ndarray
    level_db: np.ndarray
    stills: list[np.ndarray]
    fps: float


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('--out', default='bflat.mp4', metavar='FILE', help='an .mp4 (default: bflat.mp4)')
    add('--seconds', type=float, default=30.0, metavar='N', help='default 30')
    add_seed(parser, 'of the pattern, the microtones and the motes', 466)
    add('--size', default='1280x720', metavar='WxH')
    add('--fps', type=float, default=30.0)
    add('--rate', type=int, default=48000, metavar='HZ')
    add('--drone-db', type=float, default=-8.0, metavar='DB', help='level of the cluster under the pulses; -60: none')
    add('--model', default='off', help='let a model dream among the motes: embedded, sd-turbo, a folder (default off)')
    add('--plot', metavar='PNG', help='pictures, light, level and spectrum of the piece')
    add('--poster', metavar='PNG', help='its brightest picture')


def run(arguments: argparse.Namespace) -> None:
    width, _, height = arguments.size.partition('x')
    if not (width.isdigit() and height.isdigit()):
        raise StudioError(f'--size {arguments.size} is not a size like 1280x720')
    if arguments.plot:
        check_figure(arguments.plot)
    if arguments.poster:
        check_picture(arguments.poster)
    piece = bflat(arguments.out, arguments.seconds, arguments.seed, (int(width), int(height)), arguments.fps,
                  arguments.rate, arguments.drone_db, arguments.model)
    print(f'{arguments.out}: {len(piece.light)} pictures, {len(piece.light) / piece.fps:.3f} s; light and level of the '
          f'sound go together by {correlation(piece):.2f}')
    if arguments.plot:
        plot(piece, arguments.plot)
    if arguments.poster:
        write_picture(arguments.poster, max(piece.stills, key=np.mean))


def bflat(out: str | Path, seconds: float = 30.0, seed: int = 466, size: tuple[int, int] = (1280, 720),
          fps: float = 30.0, rate: int = 48000, drone_db: float = -8.0, model: str = 'off') -> Piece:
    """Write the piece; the same seed gives the same sound and pictures. Raise StudioError, TakeError."""
    out = check_folder(out)
    if out.suffix.lower() != '.mp4':
        raise StudioError(f'{out.name}: the piece is an .mp4')
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS or not 1 <= fps <= 240:
        raise StudioError(f'{seconds:g} s at {fps:g} pictures a second are outside {LEAST_SECONDS:g}..'
                          f'{MOST_SECONDS:g} s and 1..240')
    if not 0 <= seed <= MOST_SEED:
        raise StudioError(f'the seed {seed} is not a whole number in 0..{MOST_SEED}')
    with beside(out) as part, tempfile.TemporaryDirectory(dir=out.parent, prefix='.bflat-') as folder:
        raw = Path(folder) / out.name
        watch = _render(make_patch(seed, drone_db), raw, max(1, round(seconds * fps)), size, fps, rate, model)
        from live.record.faststart import put_index_first
        put_index_first(raw, part)
    return Piece(out, np.array(watch.light), np.array(watch.level_db), watch.stills, fps)


def make_patch(seed: int, drone_db: float) -> Patch:
    """Return the patch `bflat` as the source tells it."""
    patch = load_patch(find_patch('bflat', by_path=False))
    values = {**patch.values, **VALUES, 'drone.level_db': BY_NAME['drone.level_db'].clamp(drone_db)}
    return replace(patch, seed=seed, values=values, routes=(*patch.routes, *read_routes(FOLLOW, 12)))


def _render(patch: Patch, path: Path, pictures: int, size: tuple[int, int], fps: float, rate: int,
            model: str) -> 'Watch':
    """Write sound and pictures; return what has watched them."""
    from live.diffusion.init_image import InitSources
    from live.painter import Painter
    from live.render import PlayedPatch, render_pictures
    played = PlayedPatch(patch, rate)
    take = MeasuredTake(path, rate, size, fps)
    painter = Painter(played, size, model, fps, InitSources(None, None, print))
    try:
        watch = Watch(painter, played.arena.board, take, pictures / fps, pictures)
        with progress_bar(pictures * rate / fps, 'bflat') as bar:
            render_pictures(take, played, round(pictures * rate / fps), fps, watch, bar.update)
    finally:
        painter.close()
        take.close()
    return watch


class MeasuredTake(Take):
    """A take that knows how loud its last MEMORY seconds are."""

    def __init__(self, path: Path, samplerate: int, size: tuple[int, int], fps: float) -> None:
        super().__init__(path, samplerate, size, fps)
        self._power = np.zeros(round(MEMORY * samplerate))

    def write_sound(self, block: np.ndarray) -> None:
        super().write_sound(block)
        self._power = np.concatenate([self._power, block.mean(1) ** 2])[-len(self._power):]

    def level_db(self) -> float:
        return 10 * float(np.log10(self._power.mean() + 1e-7))


class Watch:
    """Draws each picture, brings sound and light in and out, looks at what was drawn and how loud it was before it."""

    def __init__(self, draw: Callable[[], np.ndarray], board: Any, take: MeasuredTake, seconds: float,
                 pictures: int) -> None:
        self.light: list[float] = []
        self.level_db: list[float] = []
        self.stills: list[np.ndarray] = []
        self._draw, self._board, self._take = draw, board, take
        self._seconds, self._fps = seconds, pictures / seconds
        self._fade = min(FADE, seconds / 4)
        self._kept = {round((number + .6) * pictures / STILLS) for number in range(STILLS)}

    def __call__(self) -> np.ndarray:
        seconds = len(self.light) / self._fps
        rest = eased((self._seconds - seconds) / self._fade)
        self._board['stage.gain_db'] = 20 * np.log10(max(rest, 1e-3))
        shown = rest * eased(seconds / (self._fade / 2))
        pixels = self._draw()
        if shown < 1:
            pixels = (pixels * np.float32(shown)).astype(np.uint8)
        if len(self.light) in self._kept:
            self.stills.append(pixels[..., :3].copy())
        self.light.append(float(pixels[::4, ::4, :3].mean()) / 255)
        self.level_db.append(self._take.level_db())
        return pixels


def eased(part: float) -> float:
    return .5 - .5 * float(np.cos(np.pi * min(1.0, max(0.0, part))))


def correlation(piece: Piece) -> float:
    """Return how light and level go together, -1..1, while the piece is there: without its fades."""
    margin = round(min(FADE, len(piece.light) / piece.fps / 4) * piece.fps)
    inside = slice(margin, len(piece.light) - margin)
    light, level = piece.light[inside], piece.level_db[inside]
    return float(np.corrcoef(light, level)[0, 1]) if len(light) > 2 and light.std() > 0 < level.std() else 0.0


def plot(piece: Piece, path: str | Path) -> None:
    """Draw stills above light and level, and the microtones around B-flat."""
    seconds = np.arange(len(piece.light)) / piece.fps
    sound, samplerate = read_sound(piece.path, mono=True)
    with draw_figure(path, f'Inside B-flat, {len(piece.light) / piece.fps:g} s', rows=3, size=(9, 6),
                     height_ratios=(.95, 1, 2)) as (film, curves, spectrum):
        strip = [still[::max(1, len(still) // 180), ::max(1, len(still) // 180)] for still in piece.stills]
        film.imshow(np.concatenate(strip, 1), aspect='auto', interpolation='bilinear')
        film.set_axis_off()
        curves.plot(seconds, piece.light, color=LIGHTS[0], label='light')
        curves.set(ylabel='light', xlim=(0, len(seconds) / piece.fps))
        other = curves.twinx()
        other.plot(seconds, piece.level_db, color=LIGHTS[3], lw=.9, label='level')
        other.set(ylabel='dB', ylim=(-50, -6))
        other.grid(False)
        curves.set_title(f'light (blue) and level of the sound (amber): r = {correlation(piece):.2f}')
        show_spectrogram(spectrum, sound, samplerate, ROOT * 2 ** -.06, ROOT * 2 ** .06, 16384)
        spectrum.set_title('microtones within 0.02 octaves of 466.16 Hz')
