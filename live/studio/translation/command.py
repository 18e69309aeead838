"""Sound to picture to sound: a spectrogram, art by the dream's engine, and four readings of the art as sound.

    sound.wav      what was given                    0-spectrogram.png   its picture
    1-art.png      the picture, dreamt over          1-rgb-mean.wav, 1-chirp.wav, 1-additive.wav, 1-griffin-lim.wav
    1-READING.png  the spectrogram of each reading   2-...               with --loop, from the sound of --feed on
    sheet.png      all of it on one sheet            translate.json      how it was made

The readings share nothing but the picture: rgb-mean takes the mean of red, green and blue as the amplitude of a wave,
a cycle a column; chirp has brightness bend 24 sines, one for each stripe of the picture; additive is a sine a row, as
loud as its pixels are bright, so that its spectrogram is the picture; griffin-lim takes the pixels as magnitudes of a
Fourier transform and finds phases for them. At strength 0 the art is the spectrogram itself, through the autoencoder.
"""
import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from live.conditioning.prompts import blend
from live.studio.art.engine import Art, Engine, add_art_arguments, check_strength, read_art
from live.studio.files import StudioError, check_apart, read_sound, write_picture, write_sound
from live.studio.translation.panorama import find_width, paint_panorama
from live.studio.translation.readings import READINGS, read_sound_of
from live.studio.translation.sheet import draw_sheet
from live.studio.translation.sonogram import AXES, Axis, draw_sound

EXAMPLES = """examples:
  live studio translate drone.wav --out drone
  live studio translate drone.wav --out coast --prompt 'blue waves, slow' --prompt 'gold aurora' --strength 0.6
  live studio translate voice.flac --out voice --model sd-turbo --reading additive --loop 3 --feed additive
"""
PROMPTS = ('deep blue and violet smoke, bright, spread',)
STRENGTH, SECONDS_ACROSS, FEED = 0.4, 8.0, 'griffin-lim'


@dataclass(frozen=True)
class Round:
    """One way through the chain: the picture of a sound, the art, and what the art sounds like by each reading."""
    spectrogram: np.ndarray
    art: np.ndarray
    sounds: dict[str, np.ndarray]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('sound', help='the sound to translate')
    add('--out', required=True, metavar='FOLDER', help='where everything is written; made if it is not there')
    add('--prompt', action='append', metavar='TEXT', help=f'what the art shows; several are blended evenly (default: '
        f'{PROMPTS[0]!r})')
    add('--strength', type=float, default=STRENGTH, help=f'0 leaves the spectrogram, 1 forgets it (default {STRENGTH})')
    add('--reading', action='append', choices=READINGS, help='one of them alone; may be given again (default: all)')
    add('--loop', type=int, default=1, metavar='N', help='times through the chain (default 1)')
    add('--feed', choices=READINGS, default=FEED, help=f'the reading that goes on (default {FEED})')
    add('--axis', choices=AXES, default='log', help='of the pictures (default log)')
    add('--low', type=float, default=Axis.low, metavar='HZ', help=f'at the bottom of a picture (default {Axis.low:g})')
    add('--high', type=float, default=Axis.high, metavar='HZ', help=f'at its top (default {Axis.high:g})')
    add('--across', type=float, default=SECONDS_ACROSS, metavar='SECONDS', help='of sound in the width of one dream; a '
        f'longer sound makes a wider picture (default {SECONDS_ACROSS:g})')
    add_art_arguments(parser)


def run(arguments: argparse.Namespace) -> None:
    translate(arguments.sound, arguments.out, arguments.prompt or PROMPTS, arguments.strength,
              arguments.reading or tuple(READINGS), arguments.loop, arguments.feed,
              Axis(arguments.low, arguments.high, arguments.axis), arguments.across, read_art(arguments))


def translate(path: str | Path, folder: str | Path, prompts=PROMPTS, strength: float = STRENGTH,
              readings=tuple(READINGS), loop: int = 1, feed: str = FEED, axis: Axis = Axis(),
              seconds_across: float = SECONDS_ACROSS, art: Art = Art()) -> list[Round]:
    """Translate a sound; write all that lies on the way into a folder, and return the rounds."""
    check(strength, loop, axis, seconds_across)
    readings = tuple(name for name in READINGS if name in readings or loop > 1 and name == feed)
    for name in ('sound', *(f'{number}-{reading}' for number in range(1, loop + 1) for reading in readings)):
        check_apart(Path(folder) / f'{name}.wav', path)
    sound, samplerate = read_sound(path)
    engine = Engine(art)
    for note in engine.notes:
        print(note)
    place = make_folder(folder)
    size = find_width(engine, len(sound) / samplerate, seconds_across), engine.size[1]
    pages = [engine.book.encode(text) for text in prompts]
    embedding = blend(pages, np.ones(len(pages)))
    write_sound(place / 'sound.wav', sound, samplerate)
    rounds: list[Round] = []
    for number in range(1, loop + 1):
        picture = draw_sound(sound, samplerate, size, axis)
        made = paint_panorama(engine, picture, embedding, strength, f'art {number}')
        sounds = {name: read_sound_of(made, len(sound) / samplerate, name, samplerate, axis, art.seed)
                  for name in readings}
        rounds.append(Round(picture, made, sounds))
        save_round(place, number, rounds[-1], samplerate, axis)
        sound = sounds[feed] if feed in sounds else sound
    told = {'sound': str(path), 'prompts': list(prompts), 'strength': strength, 'loop': loop, 'feed': feed,
            'readings': readings, 'axis': asdict(axis), 'seconds_across': seconds_across, 'art': asdict(art),
            'steps': engine.step.steps, 'notes': engine.notes}
    (place / 'translate.json').write_text(json.dumps(told, indent=2) + '\n', encoding='utf-8')
    draw_sheet(place / 'sheet.png', rounds, samplerate, axis)
    return rounds


def save_round(place: Path, number: int, made: Round, samplerate: int, axis: Axis) -> None:
    """Write the art, each reading, and the spectrogram of each reading."""
    if number == 1:
        write_picture(place / '0-spectrogram.png', made.spectrogram)
    write_picture(place / f'{number}-art.png', made.art)
    for name, sound in made.sounds.items():
        write_sound(place / f'{number}-{name}.wav', sound, samplerate)
        write_picture(place / f'{number}-{name}.png',
                      draw_sound(sound, samplerate, made.art.shape[1::-1], axis))


def make_folder(folder: str | Path) -> Path:
    place = Path(folder)
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError(f'{place}: this folder cannot be made ({error.strerror}); give another --out') from error
    return place


def check(strength: float, loop: int, axis: Axis, seconds_across: float) -> None:
    """Raise StudioError for what cannot be."""
    check_strength(strength)
    if loop < 1:
        raise StudioError(f'--loop {loop}: at least 1')
    if not 0 < axis.low < axis.high:
        raise StudioError(f'--low {axis.low:g} --high {axis.high:g}: above 0 Hz, and the low below the high')
    if not seconds_across > 0:
        raise StudioError(f'--across {seconds_across:g}: more than 0 seconds')
