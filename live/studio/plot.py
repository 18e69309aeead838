"""A picture of what a sound is like: its spectrum, loudness, brightness, colour, chroma and partials over time.

From a sound; the figures are those of `live studio features`.
"""
import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from live.signals import PEAKS
from live.studio.features import CLASSES, Columns, check_numbers, join, measure_file, stack, with_bar
from live.studio.files import read_sound
from live.studio.figures import FAINT, LIGHTS, check_figure, depths, draw_figure, label_pitches, show_spectrogram
from live.studio.seed import add_seed
from live.studio.tunings import HELP, find_tuning
from live.tuning.tuning import Tuning

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EXAMPLES = """examples:
  live studio plot bell.wav --out bell.png
  live studio plot bell.wav --out bell.pdf --tuning quarter --root 440"""

SIZE = 9.0, 12.0        # inches
HEIGHTS = 3, 1.3, 1.3, 1.6, 1.6, 1.6, 2.2
LOW_HZ = 40.0
SPAN_DB = 60.0          # of the partials that are drawn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('sound', metavar='SOUND', help='any sound or film')
    parser.add_argument('--out', required=True, metavar='FILE', help='.png, .pdf or .svg')
    parser.add_argument('--tuning', default='edo = 12', help=HELP + ' (default: twelve equal, from b-flat)')
    parser.add_argument('--root', type=float, metavar='HZ', help="where the scale begins (default: the tuning's own)")
    add_seed(parser)


def run(arguments: argparse.Namespace) -> None:
    plot_sound(arguments.sound, arguments.out, find_tuning(arguments.tuning), arguments.root)
    print(f'{arguments.out}: {Path(arguments.sound).name}')


def plot_sound(path: str | Path, out: str | Path, tuning: Tuning = Tuning(), root: float | None = None) -> None:
    """Draw a sound to a picture."""
    check_numbers(PEAKS, root)
    check_figure(out)
    sound, samplerate = read_sound(path, mono=True)
    columns = join([*with_bar(path, measure_file(path, tuning, root, PEAKS))])
    names = [f'{cents:.0f}' for cents in tuning.scale_cents()]
    with draw_figure(out, Path(path).name, rows=7, size=SIZE, sharex=True, height_ratios=HEIGHTS) as axes:
        show_brightness(axes[0], columns, sound, samplerate)
        show_loudness(axes[1], columns)
        show_texture(axes[2], columns)
        show_colour(axes[3], columns)
        show_shares(axes[4], columns, stack(columns, 'chroma_'), [name.upper() for name in CLASSES], 'chroma')
        show_shares(axes[5], columns, stack(columns, 'scale'), names, 'on the scale, cents')
        show_partials(axes[6], columns)
        for upper in axes[:-1]:
            upper.set_xlabel('')
        axes[-1].set(xlabel='seconds', xlim=(0, max(len(sound) / samplerate, 0.05)))


def extent(columns: Columns, rows: float) -> tuple[float, float, float, float]:
    """Return where a picture of all frames lies."""
    seconds = columns['seconds']
    half = (seconds[1] - seconds[0]) / 2 if len(seconds) > 1 else 0.01
    return seconds[0] - half, seconds[-1] + half, 0, rows


def show_brightness(axes: 'Axes', columns: Columns, sound: np.ndarray, samplerate: float) -> None:
    """Draw the spectrogram, and on it centroid, bandwidth and rolloff."""
    high = min(16000.0, samplerate / 2)
    show_spectrogram(axes, sound, samplerate, LOW_HZ, high)

    def place(hertz):
        return np.clip(np.log(np.maximum(hertz, LOW_HZ) / LOW_HZ) / np.log(high / LOW_HZ), 0, 1)
    seconds, centroid, width = columns['seconds'], columns['centroid'], columns['bandwidth']
    axes.fill_between(seconds, place(centroid - width), place(centroid + width), color=LIGHTS[3], alpha=.13,
                      linewidth=0)
    axes.plot(seconds, place(centroid), color=LIGHTS[3], label='centroid, bandwidth')
    axes.plot(seconds, place(columns['rolloff']), color=LIGHTS[4], linewidth=.9, label='rolloff')
    axes.legend(loc='upper right', ncols=2)
    axes.set_title('spectrum')


def show_loudness(axes: 'Axes', columns: Columns) -> None:
    axes.plot(columns['seconds'], np.maximum(columns['loudness'], -70), label='0.4 s')
    axes.plot(columns['seconds'], np.maximum(columns['loudness_short'], -70), label='3 s')
    axes.plot(columns['seconds'], 20 * np.log10(np.maximum(columns['rms'], 10 ** -3.5)), color=FAINT, linewidth=.7,
              label='rms, dB')
    axes.legend(loc='lower right', ncols=3)
    axes.set(title='loudness', ylabel='LUFS')


def show_texture(axes: 'Axes', columns: Columns) -> None:
    """Draw what is neither pitch nor loudness: noisiness, novelty, attacks; each 0..1 by its own scale."""
    flatness = 1 + np.log10(np.maximum(columns['flatness'], 1e-10)) / 10
    axes.plot(columns['seconds'], flatness, label='flatness, 1e-10..1')
    axes.plot(columns['seconds'], np.clip(2 * columns['novelty'], 0, 1), label='novelty, 0..0.5')
    axes.plot(columns['seconds'], np.clip(columns['onset'] / 3, 0, 1), linewidth=.7, label='onset, 0..3 dB')
    axes.legend(loc='upper right', ncols=3)
    axes.set(title='texture', ylim=(-.03, 1.03))


def show_colour(axes: 'Axes', columns: Columns) -> None:
    """Draw the MFCCs, each against its own mean and deviation; the first, which is loudness, left out."""
    rows = stack(columns, 'mfcc')[1:]
    rows = (rows - rows.mean(1, keepdims=True)) / np.maximum(rows.std(1, keepdims=True), 1.0)
    axes.imshow(rows, depths(), vmin=-3, vmax=3, origin='lower', aspect='auto', extent=extent(columns, len(rows)))
    axes.grid(False)
    axes.set_yticks(np.arange(0, len(rows), 3) + .5, [str(n + 2) for n in range(0, len(rows), 3)])
    axes.set(title='colour: MFCC, in deviations', ylabel='coefficient')


def show_shares(axes: 'Axes', columns: Columns, rows: np.ndarray, names: list[str], title: str) -> None:
    """Draw how much sounds on each of some pitches, the lowest below."""
    axes.imshow(np.sqrt(np.maximum(rows, 0)), depths(), vmin=0, vmax=1, origin='lower', aspect='auto',
                extent=extent(columns, len(rows)), interpolation='nearest')
    axes.grid(False)
    step = -(-len(names) // 8)
    axes.set_yticks(np.arange(0, len(names), step) + .5, names[::step])
    axes.set_title(title)


def show_partials(axes: 'Axes', columns: Columns) -> None:
    """Draw the loudest peaks of each frame as dots, as bright as they are loud."""
    hertz = np.array([columns[f'partial{n + 1}_hz'] for n in range(PEAKS)])
    level = np.array([columns[f'partial{n + 1}_db'] for n in range(PEAKS)])
    top = level.max()
    there = (hertz > LOW_HZ) & (level > top - SPAN_DB) & (level > -110)
    seconds = np.broadcast_to(columns['seconds'], hertz.shape)[there]
    low, high = (hertz[there].min() / 1.1, hertz[there].max() * 1.1) if there.any() else (LOW_HZ, 16000.0)
    height = np.log(hertz[there] / low) / np.log(high / low)
    order = np.argsort(level[there], kind='stable')
    axes.scatter(seconds[order], height[order], 2.0, level[there][order], cmap=depths(), vmin=top - SPAN_DB - 15,
                 vmax=top, linewidths=0, rasterized=True)
    label_pitches(axes, low, high)
    axes.set(title='partials: the 64 loudest peaks', ylabel='Hz', ylim=(0, 1))
