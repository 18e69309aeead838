"""A sound as the prompt of a picture: it fills the matrix that a text's embedding would be.

    waveform    its samples, row by row: 768 a row and 77 rows for Stable Diffusion 1, from --start on
    fft         the magnitudes of its Fourier transform, a moment a row, the whole sound

By default the sound is brought to the range of the model's own prompts; --raw gives it as it is, as Sound Diffusion
did. With texts besides, text and sound are summed: the sound's deviations, by --weight.
"""
import argparse
from functools import partial
from pathlib import Path

import numpy as np

from live.conditioning.prompts import blend
from live.studio.art.engine import Art, Engine, add_art_arguments, check_strength, read_art
from live.studio.art.matrix import FEATURES, SAMPLERATE, Filling, add, count_samples, fill, measure, scale
from live.studio.art.prompts import read_prompts
from live.studio.files import StudioError, check_apart, check_picture, read_picture, read_sound, write_picture
from live.studio.progress import progress

EXAMPLES = """examples:
  live studio audio2img --prompt drone.wav --out drone.png
  live studio audio2img --prompt drone.wav --prompt 'slow blue dust' --weight 0.5 --out both.png
  live studio audio2img --prompt bell.wav --feature waveform --raw --model ~/models/sd14 --out bell.png
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('--prompt', action='append', required=True, metavar='PATH|TEXT', help='a sound, a text, or, given again, both')
    add('--out', default='audio2img.png', metavar='FILE', help='the picture (default audio2img.png)')
    add_filling_arguments(parser)
    add('--start', type=float, default=0.0, metavar='SECONDS', help='where in the sound it begins (default 0)')
    add('--image', metavar='FILE', help='a picture to begin from, in place of noise')
    add('--strength', type=float, default=0.6, help='how much of that picture is dreamt over (default 0.6)')
    add_art_arguments(parser)


def add_filling_arguments(parser: argparse.ArgumentParser) -> None:
    """Add how sound becomes an embedding, and its weight beside a text."""
    add = parser.add_argument
    add('--feature', choices=FEATURES, default='fft', help='what of the sound (default fft)')
    add('--weight', type=float, default=1.0, help='of the sound, where it is summed with texts (default 1)')
    add('--raw', action='store_true', help="the sound as it is, not scaled to the model's range")
    add('--transpose', action='store_true', help='the other layout of the matrix: down the columns, or by frequency')


def read_filling(arguments: argparse.Namespace) -> Filling:
    return Filling(arguments.feature, arguments.raw, arguments.transpose)


def run(arguments: argparse.Namespace) -> None:
    audio2img(arguments.prompt, arguments.out, read_filling(arguments), arguments.weight, arguments.start,
              arguments.image, arguments.strength, read_art(arguments))


def audio2img(prompts, path: str | Path | None = None, filling: Filling = Filling(), weight: float = 1.0,
              start: float = 0.0, image: str | Path | None = None, strength: float = 0.6,
              art: Art = Art()) -> np.ndarray:
    """Return the picture (height, width, 3) uint8 of sound and texts; write it where a path is given."""
    check_strength(strength)
    if path is not None:
        check_picture(path)
        check_apart(path, *[] if image is None else [image])
    given = read_prompts([str(prompts)] if isinstance(prompts, (str, Path)) else list(map(str, prompts)))
    if given.moments:
        raise StudioError(f'--prompt {given.moments[0]:g}:{given.texts[0]}: one picture has no times; give the text '
                          'alone')
    sound = None if given.sound is None else read_from(given.sound, start)
    init = None if image is None else read_picture(image)
    engine = Engine(art)
    for note in engine.notes:
        print(note)
    engine.step.watch = partial(progress, what='audio2img')
    pages = [engine.book.encode(text) for text in given.texts]
    text = blend(pages, np.ones(len(pages))) if pages else None
    name = f'{given.sound} from {start:g} s on'
    pixels = engine.paint(embed(engine, sound, text, filling, weight, name), init, strength)
    if path is not None:
        write_picture(path, pixels)
    return pixels


def embed(engine: Engine, sound: np.ndarray | None, text: np.ndarray | None, filling: Filling, weight: float,
          name: str = 'this sound') -> np.ndarray:
    """Return the embedding of a sound (n,), a text's embedding, or both summed."""
    if sound is None:
        assert text is not None
        return text
    rows, width = engine.book.tokens, engine.book.width
    sound = sound[:count_samples(filling.feature, rows, width, len(sound))]
    matrix = fill(sound, filling, rows, width)
    scaling = measure(matrix, filling.feature, name)        # a silent sound is refused, raw or not
    if filling.raw:
        return (matrix if text is None else text + weight * matrix).astype(np.float32)
    deviations = scaling.deviations(matrix)
    if text is None:
        return scale(deviations, engine.calibration, engine.book.encode(''))
    return add(deviations, engine.calibration, text, weight)


def read_from(path: Path, start: float) -> np.ndarray:
    """Return a sound (n,) at SAMPLERATE from a moment on."""
    sound = read_sound(path, SAMPLERATE, mono=True)[0][:, 0]
    if not 0 <= start < len(sound) / SAMPLERATE:
        raise StudioError(f'--start {start:g}: {path.name} has {len(sound) / SAMPLERATE:.3g} s')
    return sound[round(start * SAMPLERATE):]
