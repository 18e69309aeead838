"""The tones of a frequency system: degree, nearest name, Hz and cents; also to Scala and CSV, and to a figure."""
import argparse
import csv
from pathlib import Path

import numpy as np

from live.studio.figures import FAINT, LIGHTS, LINE, depths, draw_figure
from live.studio.files import check_folder
from live.studio.seed import add_seed
from live.studio.tones.systems import SYSTEMS, System, system as find_system
from live.tuning.names import key_hz, parse_hz, pitch_name
from live.tuning.scala import save_scale

HEADER = 'degree', 'name', 'hz', 'cents'
EXAMPLES = 'systems:\n' + '\n'.join(f'  {name:15} {what}' for name, _, what in SYSTEMS) + '''
  also: a number of equal steps, a .scl file, the words of a patch's [tuning]

examples:
  live studio system keys                                    the 128 semitones from C-1
  live studio system overtones --root 3.14 --plot pi.png
  live studio system semitones --inside semitones --root C4  a whole system in each step of another
  live studio system 'harmonics = [7, 14]' --scl seven.scl --csv seven.csv'''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add('system', help='a name, a number of steps, a .scl file, or words such as "edo = 19"')
    add('--inside', action='append', default=[], metavar='SYSTEM', help='put it whole into each step; may be repeated')
    add('--root', metavar='PITCH', help='of its first tone, by name or in Hz')
    add('--tones', type=int, metavar='N', help='how many (default: one period)')
    add('--scl', metavar='FILE', help="write it as Scala's .scl")
    add('--csv', metavar='FILE', help='write the table')
    add('--plot', metavar='PNG', help='draw it')
    add_seed(parser)


def run(arguments: argparse.Namespace) -> None:
    found = find_system(arguments.system, parse_hz(arguments.root) if arguments.root else None, arguments.tones,
                        arguments.inside)
    if arguments.scl:
        save_scale(check_folder(arguments.scl), found.scale)
    if arguments.csv:
        write_table(found, arguments.csv)
    if arguments.plot:
        plot_system(found, arguments.plot)
    print(found.scale.name or arguments.system)
    for degree, name, hz, cents in found.rows():
        print(f'{degree:6}  {name:9} {hz:12.4f} Hz {cents:12.3f} cents')


def write_table(found: System, path: str | Path) -> None:
    with check_folder(path).open('w', newline='', encoding='utf-8') as file:
        csv.writer(file).writerows([HEADER, *found.rows()])


def plot_system(found: System, path: str | Path) -> None:
    """Draw each tone at its pitch, as far from the nearest semitone as it lies, over the keys of a piano."""
    rows = found.rows()
    hz = np.array([row[2] for row in rows])
    key = 69 + 12 * np.log2(hz / 440)
    away = 100 * (key - np.round(key))
    low, high = key.min() - .7, key.max() + .7
    with draw_figure(path, found.scale.name[:90], rows=2, size=(9, 4.6), sharex=True, height_ratios=(4, 1)) as axes:
        colours = depths()(.45 + .5 * np.abs(away) / 50)
        axes[0].vlines(key, 0, away, color=colours, lw=1.2, alpha=.7)
        axes[0].scatter(key, away, c=colours, s=float(np.clip(2400 / len(key), 6, 46)), zorder=3, linewidths=0)
        axes[0].axhline(0, color=LIGHTS[0], lw=.6, alpha=.6)
        axes[0].set(ylabel='cents from a semitone', ylim=(-57, 57), xlim=(low, high))
        draw_keys(axes[1], int(np.floor(low)), int(np.ceil(high)))
        axes[1].vlines(key, .0, 1, color=LIGHTS[3], lw=.8, alpha=.8)


def draw_keys(axes, low: int, high: int) -> None:
    """Draw the semitones from key to key as a keyboard; C's are named, and all where there is room."""
    for number in range(low, high + 1):
        dark = number % 12 in (1, 3, 6, 8, 10)
        axes.axvspan(number - .5, number + .5, color=LINE if dark else FAINT, alpha=.9 if dark else .22, lw=0)
    step = next((s for s in (1, 3, 12, 24, 36, 60, 120) if (high - low) / s <= 16), 12 * -(-(high - low) // 192))
    marks = [number for number in range(low, high + 1) if number % step == 0]
    axes.set(yticks=[], ylim=(0, 1), xticks=marks,
             xticklabels=[f'{pitch_name(key_hz(number)).split()[0]}\n{key_hz(number):.5g} Hz' for number in marks])
    axes.grid(False)
