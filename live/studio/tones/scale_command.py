"""A scale in any frequency system, from one pitch to another, upwards or downwards, to Hz and to a sound."""
import argparse

from live.studio.files import StudioError
from live.studio.tones.score import add_sound_arguments, print_chords, write_chords
from live.studio.tones.systems import system as find_system, tones_between
from live.tuning.names import parse_hz

EXAMPLES = '''examples:
  live studio scale quarter-tones 440 880 --out quarter.wav --plot quarter.png
  live studio scale semitones 880 440 --out down.wav --bits 16 --dither
  live studio scale diatonic A4 A5 --wave saw --out diatonic.flac
  live studio scale 'edo = 13, period = "3/1"' 220 660 --out bohlen-pierce.wav'''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('system', help='semitones, quarter-tones, diatonic, overtones, a number of steps, a .scl file, or words')
    add('begin', metavar='FROM', help='a pitch, by name or in Hz')
    add('end', metavar='TO', help='another, above or below')
    add('--inside', action='append', default=[], metavar='SYSTEM', help='put it whole into each step; may be repeated')
    add_sound_arguments(parser, 0.25)


def run(arguments: argparse.Namespace) -> None:
    found = scale(arguments.system, parse_hz(arguments.begin), parse_hz(arguments.end), arguments.inside)
    chords = [(hz,) for hz in found]
    print_chords(chords)
    write_chords(chords, arguments, f'{arguments.system}, {arguments.begin} to {arguments.end}')


def scale(system: str, begin: float, end: float, inside: list[str] | None = None) -> list[float]:
    """Return Hz of a scale from `begin` to `end`; system, inside: as `find_system` takes them."""
    found = tones_between(find_system(system, begin, inside=inside or ()), begin, end)
    if not found:
        raise StudioError(f'{system} has no tone between {begin:g} and {end:g} Hz')
    return found
