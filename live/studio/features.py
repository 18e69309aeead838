"""What a sound is like, 94 times a second: brightness, colour, loudness, pitch, chroma, partials, as a table.

Measured by the instrument's own kernels, so a figure here is the figure that a route or the dream sees on stage.
Rows are frames of 2048 samples, one every 512; `seconds` is the middle of a frame. centroid, bandwidth, rolloff,
flatness, rms, mfcc and chroma are librosa's (center=False). scaleN is how much sounds on degree N of --tuning, made of
spectral peaks; partialN are those peaks, the loudest first.
"""
import argparse
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from live.dsp.pitch_classes import class_filters, class_shares
from live.signals import HOP, MFCCS, N_FFT, PEAKS
from live.studio.files import StudioError, open_sound
from live.studio.listening import hear_file
from live.studio.progress import progress_bar
from live.studio.seed import add_seed
from live.studio.tables import open_table
from live.studio.tunings import HELP, find_tuning
from live.tuning.tuning import Tuning

EXAMPLES = """examples:
  live studio features bell.wav --out bell.csv
  live studio features *.wav --out all.parquet --tuning 'edo = 24' --partials 8"""

#   column              field of FEATURES     unit
SCALARS = (
    ('rms',              'rms',               'full scale = 1'),
    ('peak',             'peak',              'full scale = 1'),
    ('loudness',         'momentary',         'LUFS, over 0.4 s'),
    ('loudness_short',   'short_term',        'LUFS, over 3 s'),
    ('centroid',         'centroid',          'Hz'),
    ('bandwidth',        'bandwidth',         'Hz'),
    ('rolloff',          'rolloff',           'Hz, 85 % of the magnitude lies below'),
    ('flatness',         'flatness',          '0 tone .. 1 noise'),
    ('flux',             'flux',              'mean rise of magnitude'),
    ('onset',            'onset',             'dB, mean rise in two hops'),
    ('novelty',          'novelty',           '0..1, against a second ago'),
    ('pitch',            'pitch',             'Hz, 0 is none'),
    ('pitch_confidence', 'pitch_confidence',  '0..1'),
)
CLASSES = 'c', 'c#', 'd', 'd#', 'e', 'f', 'f#', 'g', 'g#', 'a', 'a#', 'b'
PARTIALS = 16           # of 64 that are found

Columns = dict[str, np.ndarray]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('sounds', nargs='+', metavar='SOUND', help='any sound or film')
    parser.add_argument('--out', required=True, metavar='FILE', help='.csv or .parquet')
    parser.add_argument('--tuning', default='edo = 12', help=HELP + ' (default: twelve equal, from b-flat)')
    parser.add_argument('--root', type=float, metavar='HZ', help="where the scale begins (default: the tuning's own)")
    parser.add_argument('--partials', type=int, default=PARTIALS, metavar='N', help=f'0..{PEAKS} (default {PARTIALS})')
    add_seed(parser)


def run(arguments: argparse.Namespace) -> None:
    tuning = find_tuning(arguments.tuning)
    check_numbers(arguments.partials, arguments.root)
    lines = []
    with open_table(arguments.out) as table:
        for path in arguments.sounds:
            mean = Mean()
            for columns in with_bar(path, measure_file(path, tuning, arguments.root, arguments.partials)):
                mean.put(columns)
                table.write({'file': np.full(len(columns['seconds']), Path(path).name), **columns})
            lines.append(mean.line(path))
    print('\n'.join(lines))


def measure(path: str | Path, tuning: Tuning = Tuning(), root: float | None = None,
            partials: int = PARTIALS) -> Columns:
    """Return all columns of a file, (frames,) each, by name."""
    check_numbers(partials, root)
    return join([*measure_file(path, tuning, root, partials)])


def measure_file(path: str | Path, tuning: Tuning, root: float | None, partials: int) -> Iterator[Columns]:
    """Yield the columns of a file, some frames at a time."""
    with open_sound(path) as source:
        samplerate = source.samplerate
    filters = class_filters(samplerate)
    degrees = len(tuning.scale_cents())
    for slices in hear_file(path, tuning, root):
        yield describe(slices, samplerate, filters, degrees, partials)


def describe(slices: np.ndarray, samplerate: float, filters: np.ndarray, degrees: int, partials: int) -> Columns:
    """Return slices (n,) as columns."""
    said = slices['features']
    columns = {'seconds': (slices['end'] - N_FFT / 2) / samplerate}
    columns |= {column: said[field] for column, field, _ in SCALARS}
    columns |= {f'mfcc{n + 1}': said['mfcc'][:, n] for n in range(MFCCS)}
    columns |= {f'chroma_{name}': share for name, share in zip(CLASSES, class_shares(slices['magnitudes'], filters).T)}
    columns |= {f'scale{n + 1}': said['chroma'][:, n] for n in range(degrees)}
    there = np.arange(partials) < slices['peaks'][:, None]
    hertz, level = slices['peak_hz'][:, :partials], slices['peak_level'][:, :partials]
    level_db = np.where(there, 20 * np.log10(np.maximum(level, 1e-6)), -120.0)
    for n in range(partials):
        columns[f'partial{n + 1}_hz'], columns[f'partial{n + 1}_db'] = np.where(there, hertz, 0.0)[:, n], level_db[:, n]
    return columns


def join(parts: list[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def stack(columns: Columns, prefix: str) -> np.ndarray:
    """Return the columns whose names are a prefix and a number or a pitch class, as rows (n, frames)."""
    rows = [values for name, values in columns.items()
            if name.startswith(prefix) and (name.removeprefix(prefix).isdigit() or prefix == 'chroma_')]
    return np.array(rows)


def check_numbers(partials: int, root: float | None) -> None:
    if not 0 <= partials <= PEAKS:
        raise StudioError(f'--partials {partials} is outside 0..{PEAKS}')
    if root is not None and not 1 <= root <= 20000:
        raise StudioError(f'--root {root:g} Hz is outside 1..20000')


def with_bar(path: str | Path, parts: Iterator[Columns]) -> Iterator[Columns]:
    """Pass parts on and show how far they have come in the file."""
    with open_sound(path) as source:
        frames = source.frames
    with progress_bar(max(1, (frames - N_FFT) // HOP + 1), Path(path).name) as bar:
        for part in parts:
            bar.update(len(part['seconds']))
            yield part


class Mean:
    """What a file is like on the whole, in one line."""

    def __init__(self) -> None:
        self._sums = {'frames': 0.0, 'power': 0.0, 'weight': 0.0, 'centroid': 0.0, 'flatness': 0.0}
        self._seconds, self._loudest = 0.0, -120.0

    def put(self, columns: Columns) -> None:
        if not len(columns['seconds']):
            return
        weight = columns['rms'] ** 2
        added = {'frames': len(weight), 'power': weight.sum(), 'weight': weight.sum(),
                 'centroid': (weight * columns['centroid']).sum(), 'flatness': (weight * columns['flatness']).sum()}
        self._sums = {name: value + added[name] for name, value in self._sums.items()}
        self._seconds = float(columns['seconds'][-1])
        self._loudest = max(self._loudest, float(columns['loudness'].max()))

    def line(self, path: str | Path) -> str:
        s = self._sums
        weight = max(s['weight'], 1e-30)
        return (f'{Path(path).name}: {s["frames"]:.0f} frames to {self._seconds:.1f} s, '
                f'at most {self._loudest:.1f} LUFS, '
                f'{10 * math.log10(max(s["power"] / max(s["frames"], 1), 1e-12)):.1f} dB, '
                f'centroid {s["centroid"] / weight:.0f} Hz, flatness {s["flatness"] / weight:.2g}')
