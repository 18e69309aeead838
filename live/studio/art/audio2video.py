"""A film of a sound: each frame is dreamt on the one before, by the sound of that frame as its prompt.

The transform of the whole sound, 77 moments a frame, is cut into slices, one for each frame, which take the place of
a text's embedding. The first frame is dreamt from noise, or from --image; each later one on the one before, at
--strength: 0.2 to 0.7 flow, 1 forgets the frame before. Texts with times, 12:TEXT, are gone through along the sphere
and summed with the sound by --weight. The film carries its sound, each picture on the sample at which its slice begins.
"""
import argparse
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from live.diffusion.turbo import Turbo
from live.params import Board, find_param
from live.record.take import AUDIO_RATES, MOVIE_SUFFIXES, Take
from live.signals import Conditioning
from live.studio.art.audio2img import add_filling_arguments, read_filling
from live.studio.art.engine import SIZE_NAMES, Art, Engine, add_art_arguments, check_strength, read_art
from live.studio.art.hearing import Hearing
from live.studio.art.matrix import Filling, add, scale
from live.studio.art.prompts import Course, read_prompts
from live.studio.files import StudioError, beside, check_apart, check_folder, read_picture, read_sound
from live.studio.progress import progress

EXAMPLES = """examples:
  live studio audio2video --path drone.wav --out drone.mp4
  live studio audio2video --path song.flac --fps 12 --strength 0.3 --overlap 0.5 --amplitude 0.7 --out song.mp4
  live studio audio2video --path song.flac --prompt '0:blue dust' --prompt '20:embers' --weight 0.5 --out two.mp4
"""
NOISES = find_param('dream.noise').choices
RATE = 48000            # of a sound that a film cannot hold at its own
ELSEWHERE = {'dream.strength': '--strength', 'dream.walk': '--walk', 'dream.steps': '--steps', 'dream.noise': '--noise',
             'dream.size': '--size', 'dream.level_to_strength': '--amplitude'}


@dataclass(frozen=True)
class Motion:
    """How frames follow each other. overlap: of slices; amplitude: how much loudness acts on the sound's deviations.

    noise: one of NOISES, as on stage: fixed, fresh for each frame, walking (`walk` turns a second), or split.
    values: of any parameter of dream, feedback or bend, by name.
    """
    fps: float = 10.0
    strength: float = 0.4
    overlap: float = 0.0
    amplitude: float = 0.0
    noise: str = 'fresh'
    walk: float = 0.05
    values: tuple[tuple[str, float], ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('--path', required=True, metavar='SOUND', help='the sound, or a film whose sound it is')
    add('--out', default='audio2video.mp4', metavar='FILE', help='.mp4 or .mkv (default audio2video.mp4)')
    add('--fps', type=float, default=Motion.fps, help=f'frames a second (default {Motion.fps:g})')
    add('--strength', type=float, default=Motion.strength, help='how much each frame changes the one before (default '
        f'{Motion.strength:g})')
    add('--prompt', action='append', default=[], metavar='[SECONDS:]TEXT', help='summed with the sound; several follow '
        'each other')
    add_filling_arguments(parser)
    add('--overlap', type=float, default=0.0, metavar='PART', help='of slices, 0 (default) to 0.9')
    add('--amplitude', type=float, default=0.0, metavar='A', help='how much loudness acts on the encoding, 0 (default) '
        'to 1: quiet sound leads less')
    add('--image', metavar='FILE', help='a picture that the first frame is dreamt on')
    add('--noise', choices=NOISES, default=Motion.noise, help='under each frame: the same (fixed), of a seed of its '
        f'own (fresh), walking on a great circle, or split into coarse and fine (default {Motion.noise})')
    add('--walk', type=float, default=Motion.walk, metavar='HZ', help=f'turns a second of walking noise (default '
        f'{Motion.walk:g})')
    add('--set', action='append', default=[], metavar='NAME=VALUE', help='any parameter of dream, feedback or bend as '
        'on stage: feedback.zoom=1.1')
    add_art_arguments(parser)


def run(arguments: argparse.Namespace) -> None:
    motion = Motion(arguments.fps, arguments.strength, arguments.overlap, arguments.amplitude, arguments.noise,
                    arguments.walk, tuple(map(parse_value, arguments.set)))
    audio2video(arguments.path, arguments.out, arguments.prompt, read_filling(arguments), arguments.weight, motion,
                arguments.image, read_art(arguments))


def parse_value(words: str) -> tuple[str, float]:
    """Return a parameter's name and value of NAME=VALUE; raise StudioError."""
    name, _, value = words.partition('=')
    try:
        param = find_param(name.strip())
        if param.group not in ('dream', 'feedback', 'bend'):
            raise KeyError(f'{name} does not act here; dream, feedback and bend do')
        if param.name in ELSEWHERE:
            raise KeyError(f'here it is {ELSEWHERE[param.name]}')
        return param.name, param.parse(value if param.choices else float(value))
    except (KeyError, ValueError) as error:
        raise StudioError(f'--set {words}: {error.args[0]}') from error


def audio2video(path: str | Path, out: str | Path, prompts=(), filling: Filling = Filling(), weight: float = 1.0,
                motion: Motion = Motion(), image: str | Path | None = None, art: Art = Art()) -> int:
    """Write the film of a sound; return how many frames it has. Until it is whole, what was there before stays."""
    check(motion)
    given = read_prompts(prompts)
    if given.sound:
        raise StudioError(f'--prompt {given.sound}: this is a file; give the sound by --path, and texts by --prompt')
    check_film(out)
    check_apart(out, path)
    sound, samplerate = read_film_sound(path)
    frames = max(1, round(len(sound) / samplerate * motion.fps))
    init = None if image is None else read_picture(image)
    engine = Engine(art)
    for note in engine.notes:
        print(note)
    hearing = Hearing(sound.mean(1), frames, filling, engine.book.tokens, engine.book.width, motion.overlap)
    embed = Embedder(engine, hearing, Course(given, len(sound) / samplerate, engine.book.encode), weight,
                     motion.amplitude, bool(given.texts), str(path))
    with beside(Path(out)) as part:
        take = Take(part, samplerate, engine.size, motion.fps)
        try:
            write_film(take, sound, progress(range(frames), Path(out).name), motion, embed, engine, init)
        finally:
            take.close()
    return frames


class Embedder:
    """What each frame is dreamt from: its sound, the texts at its moment, or both."""

    def __init__(self, engine: Engine, hearing: Hearing, course: Course, weight: float, amplitude: float,
                 has_text: bool, name: str = 'this sound') -> None:
        self._engine, self._hearing, self._course = engine, hearing, course
        self._weight, self._amplitude, self._has_text = weight, amplitude, has_text
        self._scale = hearing.measure(name)

    def __call__(self, frame: int, moment: float) -> np.ndarray:
        """Return the embedding (tokens, width) float32 of a frame; moment: its seconds."""
        matrix, text = self._hearing.matrix(frame), self._course.at(moment)
        depth = self._hearing.depth(frame, self._amplitude)
        if self._hearing.filling.raw:
            matrix = matrix * (depth if self._amplitude else 1.0)
            return (text + self._weight * matrix if self._has_text else matrix).astype(np.float32)
        deviations, calibration = self._scale.deviations(matrix), self._engine.calibration
        if self._has_text:
            return add(deviations, calibration, text, self._weight * depth)
        return scale(deviations, calibration, text, depth)


def write_film(take: Take, sound: np.ndarray, frames: Iterable[int], motion: Motion, embed: Embedder, engine: Engine,
               init: np.ndarray | None) -> None:
    """Dream frame after frame; write each with the sound up to it."""
    samplerate = take.samplerate
    turbo, board = Turbo(engine.model, engine.art.seed, samplerate, engine.step), set_board(motion, engine.art)
    written = 0
    for frame in frames:
        shown = min(len(sound), round(frame * samplerate / motion.fps))
        take.write_sound(sound[written:shown])
        written, moment = shown, frame / motion.fps
        conditioning = Conditioning(embed(frame, moment), motion.strength, 2 * math.pi * motion.walk * moment, shown)
        pixels = turbo.dream(conditioning, board, init)
        if pixels is not None:          # None: the last one stands, as asked for by dream.skip
            take.write_picture(pixels, shown)
    take.write_sound(sound[written:])


def set_board(motion: Motion, art: Art) -> Board:
    """Return a Board on which every frame grows from the one before alone."""
    board = Board()
    board['dream.feedback'], board['dream.size'] = 1.0, SIZE_NAMES.index(art.size)
    board['dream.noise'] = NOISES.index(motion.noise)
    for name, value in motion.values:
        board[name] = value
    return board


def read_film_sound(path: str | Path) -> tuple[np.ndarray, int]:
    """Return a sound (n, 2) at a rate that films can hold."""
    sound, samplerate = read_sound(path)
    if samplerate not in AUDIO_RATES:
        sound, samplerate = read_sound(path, RATE)
    return (sound if sound.shape[1] == 2 else np.repeat(sound.mean(1, keepdims=True), 2, 1)), samplerate


def check_film(out: str | Path) -> None:
    if Path(out).suffix.lower() not in MOVIE_SUFFIXES:
        raise StudioError(f'{Path(out).name}: a film is {" or ".join(MOVIE_SUFFIXES)}')
    check_folder(out)


def check(motion: Motion) -> None:
    """Raise StudioError for what cannot be."""
    check_strength(motion.strength)
    if not 0 < motion.fps <= 120:
        raise StudioError(f'--fps {motion.fps:g}: above 0, to 120')
    if not 0 <= motion.overlap <= 0.9:
        raise StudioError(f'--overlap {motion.overlap:g}: 0 to 0.9')
    if not 0 <= motion.amplitude <= 1:
        raise StudioError(f'--amplitude {motion.amplitude:g}: 0 to 1')
