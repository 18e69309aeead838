"""A sound through a chain of pedals, in the order given: any length, rate and channels, in constant memory."""
import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from live.studio.depth import open_writer, tell_clipped
from live.studio.effects.chain import Chain, Step, load_chain, parse_words, play_chain
from live.studio.effects.pedals import PEDALS
from live.studio.effects.stream import BLOCK, Shelf, Stream
from live.studio.figures import LIGHTS, check_figure, draw_figure, show_level, show_spectrogram
from live.studio.files import DEPTHS, SoundSource, StudioError, check_apart, check_sound, open_sound
from live.studio.progress import progress_bar
from live.studio.seed import add_seed

MOST_DRAWN = 600        # seconds
EXAMPLES = '''pedals: ''' + '\n        '.join(
    f'{pedal.name:10} {", ".join(f"{knob.name} {knob.range_text}".strip() for knob in pedal.knobs)}'
    for pedal in PEDALS) + '''

examples:
  live studio effects drone.wav slow.wav stretch:2
  live studio effects drone.wav out.wav reverse:as=back delay:1,fade=0.5,repeats=3 stretch:2 layer:back,db=-6
  live studio effects drone.wav bells.wav shift:100,by=ssb reverb:decay=12 normalise
  live studio effects concert.flac piece.wav split:30 reverse           writes piece-001.wav, piece-002.wav ...
  live studio effects drone.wav out.wav --chain inside-out --plot out.png'''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('source', help='a sound')
    add('out', help='what is written: .wav .w64 .flac .aiff ...')
    add('pedals', nargs='*', metavar='PEDAL', help='NAME or NAME:KNOB=VALUE,KNOB=VALUE; as=POINT names what comes out')
    add('--chain', metavar='FILE', help='pedals from a TOML file, or from patches/chains by name; before the others')
    add('--bits', choices=DEPTHS, default='32', help='depth of what is written (default: 32, float)')
    add('--dither', action='store_true', help='triangular dither, for 8 to 24 bits')
    add_seed(parser, 'of the dither')
    add('--plot', metavar='PNG', help='what went in above what came out')


def run(arguments: argparse.Namespace) -> None:
    chain = (*(load_chain(arguments.chain) if arguments.chain else ()),
             *(parse_words(arguments.pedals) if arguments.pedals or not arguments.chain else ()))
    if arguments.plot:
        check_figure(arguments.plot)
    written = effects(arguments.source, arguments.out, chain, arguments.bits, arguments.dither, arguments.seed)
    if arguments.plot:
        plot(arguments.source, written[0], arguments.plot)


def effects(source: str | Path, out: str | Path, chain: Chain | Sequence[str], bits: str = '32', dither: bool = False,
            seed: int = 0) -> list[Path]:
    """Play a sound through pedals; return the files written. chain: of `load_chain`, or words such as 'stretch:2'.

    Raise StudioError for what cannot be; then what was there before is there still.
    """
    steps = as_chain(chain)
    out, written = check_sound(out), []
    many = any(step.pedal.play is None for step in steps)
    layers = [step.settings['source'] for step in steps if 'source' in step.settings]
    with open_sound(source) as sound, Shelf(out.parent) as shelf, _bar(sound, steps, out) as bar:
        stream = Stream(sound.samplerate, sound.channels, _told(sound, bar))
        for number, made in enumerate(play_chain(stream, steps, shelf), 1):
            path = out.with_stem(f'{out.stem}-{number:03}') if many else out
            check_apart(path, source, *layers)
            _write(made, path, bits, dither, seed, bar)
            written.append(path)
    return written


def apply_effects(sound: np.ndarray, samplerate: int, chain: Chain | Sequence[str]) -> tuple[np.ndarray, int]:
    """Return a sound (n,) or (n, channels) played through pedals, (m, channels) float32, and its rate."""
    sound = np.asarray(sound[:, None] if sound.ndim == 1 else sound, np.float32)
    blocks = (sound[at:at + BLOCK] for at in range(0, len(sound), BLOCK))
    steps = as_chain(chain)
    if any(step.pedal.play is None for step in steps):
        raise StudioError('split makes many sounds of one, and only one is wanted here')
    with Shelf() as shelf:
        made = next(play_chain(Stream(samplerate, sound.shape[1], blocks), steps, shelf))
        parts = list(made.blocks)
        return np.concatenate(parts) if parts else np.zeros((0, made.channels), np.float32), made.samplerate


def as_chain(chain: Chain | Sequence[str]) -> Chain:
    """Return a chain as it is, or the one that words tell."""
    if words := [step for step in chain if isinstance(step, str)]:
        return parse_words(words)
    return tuple(step for step in chain if isinstance(step, Step))


def _told(sound: SoundSource, bar: tqdm) -> Iterator[np.ndarray]:
    """Yield the blocks of a file and move the bar."""
    for block in sound.blocks(BLOCK):
        bar.update(len(block))
        yield block


def _bar(sound: SoundSource, steps: Chain, out: Path) -> tqdm:
    """Return a bar over the frames that are read and, about, those that will be written."""
    longer = 1.0
    for step in steps:
        longer *= step.pedal.longer(**step.settings)
    return progress_bar(sound.frames * (1 + longer), out.name)


def _write(stream: Stream, path: Path, bits: str, dither: bool, seed: int, bar: tqdm) -> None:
    with open_writer(path, stream.samplerate, stream.channels, bits, dither, seed) as writer:
        for block in stream.blocks:
            writer.write(block)
            bar.update(min(len(block), max(0, bar.total - bar.n)))
    tell_clipped(path, writer.clipped, 'add normalise or gain, or --bits 32')


def plot(source: Path | str, made: Path, png: str | Path) -> None:
    """Draw what went in above what came out, on one axis of time; of each the first MOST_DRAWN seconds."""
    sounds = [_read_beginning(path) for path in (source, made)]
    longest = max(len(sound) / rate for sound, rate in sounds)
    with draw_figure(png, f'{Path(source).name}  to  {made.name}', rows=4, size=(9, 7), sharex=True,
                     height_ratios=(1, 2.4, 1, 2.4)) as axes:
        for (sound, rate), (wave, spectrum), colour in zip(sounds, (axes[:2], axes[2:]), LIGHTS):
            show_level(wave, sound[:, 0], rate, colour)
            show_spectrogram(spectrum, sound[:, 0], rate)
            wave.set(xlabel='', xlim=(0, longest))
        axes[1].set(xlabel='')


def _read_beginning(path: Path | str) -> tuple[np.ndarray, int]:
    with open_sound(path) as sound:
        most, blocks = MOST_DRAWN * sound.samplerate, []
        for block in sound.blocks():
            blocks.append(block[:most].mean(1, keepdims=True))
            most -= len(block)
            if most <= 0:
                break
    return np.concatenate(blocks), sound.samplerate
