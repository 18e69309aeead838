"""From Hz to a sound: chords one after the other, in one of five waves, written at any rate and depth, and drawn."""
import argparse
from collections.abc import Sequence

import numpy as np

from live.dsp.series import WAVES, make_wave
from live.studio.depth import dynamic_range_db, tell_clipped, write_at_depth
from live.studio.figures import FAINT, LIGHTS, check_figure, draw_figure, show_level, show_spectrogram
from live.studio.files import DEPTHS, StudioError, check_sound
from live.studio.progress import progress
from live.studio.seed import add_seed
from live.studio.tones.chords import Chord
from live.tuning.names import pitch_name

RATES = 100, 768000
LEVELS_DB = -200.0, 40.0
EDGE = 0.012            # seconds in which a tone rises and falls
MOST_SECONDS = 86400.0


def add_sound_arguments(parser: argparse.ArgumentParser, seconds: float) -> None:
    add = parser.add_argument
    add('--out', metavar='FILE', help='the sound: .wav .flac .aiff ...; without it the pitches are printed')
    add('--wave', choices=WAVES, default='sine', help='default: sine')
    add('--seconds', type=float, default=seconds, metavar='N', help=f'of each (default {seconds:g})')
    add('--rate', type=int, default=48000, metavar='HZ', help='default 48000')
    add('--bits', choices=DEPTHS, default='24', help='depth; 32 is float (default 24)')
    add('--dither', action='store_true', help='triangular, for 8 to 24 bits')
    add('--level-db', type=float, default=-6.0, metavar='DB', help='peak of each chord (default -6)')
    add_seed(parser, 'of the dither')
    add('--plot', metavar='PNG', help='wave and spectrogram')


def tones(chords: Sequence[Chord | float], seconds: float = 1.0, wave: str = 'sine', rate: int = 48000,
          level_db: float = -6.0, edge: float = EDGE) -> np.ndarray:
    """Return chords (or single Hz), each `seconds` long, as (n,) float64; the tones of one share a peak of level_db."""
    if not RATES[0] <= rate <= RATES[1]:
        raise StudioError(f'a rate of {rate} Hz is outside {RATES[0]}..{RATES[1]}')
    if not 0 < seconds <= MOST_SECONDS:
        raise StudioError(f'{seconds:g} seconds are outside 0..{MOST_SECONDS:g}')
    if not LEVELS_DB[0] <= level_db <= LEVELS_DB[1]:
        raise StudioError(f'a level of {level_db:g} dB is outside {LEVELS_DB[0]:g}..{LEVELS_DB[1]:g}')
    if wave not in WAVES:
        raise StudioError(f'there is no wave {wave!r} (known: {", ".join(WAVES)})')
    ends = [round(number * seconds * rate) for number in range(len(chords) + 1)]
    sound = np.zeros(ends[-1])
    for chord, begin, end in progress(list(zip(chords, ends, ends[1:])), 'tones'):
        pitches = chord if isinstance(chord, tuple) else (chord,)
        part = sum((make_tone(wave, hz, rate, end - begin) for hz in pitches), np.zeros(end - begin))
        sound[begin:end] = part * swell(end - begin, round(edge * rate)) * 10 ** (level_db / 20) / len(pitches)
    return sound


def make_tone(wave: str, hz: float, rate: float, frames: int) -> np.ndarray:
    """Return a wave (n,) whose largest sample is 1, or silence; a sine is as it is."""
    tone = make_wave(wave, hz, rate, frames)
    return tone if wave == 'sine' else tone / (np.abs(tone).max(initial=0) or 1)


def swell(frames: int, edge: int) -> np.ndarray:
    """Return 0..1: a rise and a fall, each half a cosine over `edge` samples or half of all."""
    edge = min(edge, frames // 2)
    out = np.ones(frames)
    if edge:
        out[:edge] = .5 - .5 * np.cos(np.pi * (np.arange(edge) + .5) / edge)
        out[-edge:] = out[:edge][::-1]
    return out


def print_chords(chords: Sequence[Chord]) -> None:
    """Print a line a chord: names and Hz."""
    for number, chord in enumerate(chords, 1):
        print(f'{number:4}  {"  ".join(f"{pitch_name(hz):8} {hz:10.3f} Hz" for hz in chord)}')


def write_chords(chords: Sequence[Chord], arguments: argparse.Namespace, title: str) -> None:
    """Write and draw what the arguments of `add_sound_arguments` ask for."""
    if not arguments.out and not arguments.plot:
        return
    if arguments.out:
        check_sound(arguments.out)
    if arguments.plot:
        check_figure(arguments.plot)
    if (highest := max(max(chord) for chord in chords)) >= arguments.rate / 2:
        print(f'{highest:.1f} Hz is above half the rate of {arguments.rate} Hz and will not be heard')
    sound = tones(chords, arguments.seconds, arguments.wave, arguments.rate, arguments.level_db)
    if arguments.out:
        clipped = write_at_depth(arguments.out, sound, arguments.rate, arguments.bits, arguments.dither, arguments.seed)
        tell_clipped(arguments.out, clipped, 'lower --level-db, or use --bits 32')
        told = '' if arguments.bits == '32' else f', {2 ** int(arguments.bits):,} levels, ' \
            f'{dynamic_range_db(int(arguments.bits)):.1f} dB'
        print(f'{arguments.out}: {len(sound) / arguments.rate:.2f} s at {arguments.rate} Hz{told}')
    if arguments.plot:
        plot_chords(chords, sound, arguments, title)


def plot_chords(chords: Sequence[Chord], sound: np.ndarray, arguments: argparse.Namespace, title: str) -> None:
    """Draw a few cycles of the first tone, the whole as a wave, and its spectrogram with the pitches marked."""
    lowest, highest = (end(hz for chord in chords for hz in chord) for end in (min, max))
    low, high = max(lowest / 1.6, 1.0), min(highest * (1.6 if arguments.wave == 'sine' else 8), arguments.rate / 2)
    with draw_figure(arguments.plot, title, rows=3, size=(9, 6.6), height_ratios=(1, 1, 3.2)) as axes:
        few = sound[:max(8, round(4 * arguments.rate / min(chords[0])))]
        few = make_tone(arguments.wave, min(chords[0]), arguments.rate, len(few))
        axes[0].plot(1000 * np.arange(len(few)) / arguments.rate, few, color=LIGHTS[2])
        axes[0].set(xlabel='milliseconds', ylim=(-1.35, 1.35), xlim=(0, 1000 * len(few) / arguments.rate))
        axes[0].set_title(f'{arguments.wave}, {min(chords[0]):.2f} Hz')
        show_level(axes[1], sound, arguments.rate)
        n_fft = 2 ** int(np.clip(np.ceil(np.log2(16 * arguments.rate / low)), 9, 15))
        show_spectrogram(axes[2], sound, arguments.rate, low, high, n_fft)
        for number, chord in enumerate(chords):
            for hz in chord:
                place = np.log(hz / low) / np.log(high / low)
                axes[2].plot(np.array([number, number + 1]) * arguments.seconds, [place, place], color=FAINT, lw=.7,
                             alpha=.7, ls=(0, (2, 3)))
