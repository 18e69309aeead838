"""Pitches and chords, by name, in Hz or as a progression, to Hz; with --out to a sound of any rate and bit depth."""
import argparse

from live.studio.tones.chords import parse_chords
from live.studio.tones.score import add_sound_arguments, print_chords, write_chords
from live.studio.tones.systems import system as find_system
from live.tuning.names import parse_hz

EXAMPLES = '''examples:
  live studio tones A4 Bb4 C-1 466.16
  live studio tones Bb3+D4+F4+Bb4+14 --out chord.wav --wave triangle --seconds 4
  live studio tones I ii V6 I --turn quarter-tones --turn 17 --out turning.wav --plot turning.png
  live studio tones 997 --out test.wav --bits 8 --dither --level-db 0 --rate 8000'''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('chords', nargs='+', metavar='CHORD', help='A4, 466.16, C4+E4+G4, or I ii V6 I')
    add('--key', default='C4', metavar='PITCH', help='on which numerals are built (default C4)')
    add('--system', default='semitones', help='whose steps they count (default semitones; see live studio system)')
    add('--turn', action='append', default=[], metavar='SYSTEM',
        help='and once more in the steps of another system; may be given again')
    add_sound_arguments(parser, 1.0)


def run(arguments: argparse.Namespace) -> None:
    key = parse_hz(arguments.key)
    chords = [chord for text in (arguments.system, *arguments.turn)
              for chord in parse_chords(arguments.chords, find_system(text, key))]
    print_chords(chords)
    write_chords(chords, arguments, '  '.join(arguments.chords[:8]) + ''.join(f', in {t}' for t in arguments.turn))
