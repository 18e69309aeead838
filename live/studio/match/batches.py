"""Sounds with the parameters that made them, in a folder: made, used, deleted, so that disk stays bounded.

    sound-000001.wav ...    mono, float, at the rate of the matcher
    manifest.csv            a line for each: its file, its seed, every parameter in its own unit, choices by name
"""
import csv
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from live.studio.files import StudioError, check_file, read_sound, write_sound
from live.studio.match.synth import RATE, SECONDS, Synth, Tell

MANIFEST = 'manifest.csv'
SEEDS = 8               # a sound's own random numbers are one of so many: the arena keeps what each begins with
MOST_STEPPED = 10_000_000


class Batch(NamedTuple):
    """sounds (n, frames) float32, settings (n, knobs)."""
    sounds: np.ndarray
    settings: np.ndarray


def step_through(synth: Synth, fixed: np.ndarray, steps: dict[int, int]) -> Iterator[np.ndarray]:
    """Yield settings (knobs,): every combination of so many steps of these knobs; the others stand fixed."""
    axes = [synth.knobs[k].param for k in steps]
    values = [[param.from_knob(x) for x in np.linspace(0, 1, count)] for param, count in zip(axes, steps.values())]
    for combination in product(*values):
        settings = fixed.copy()
        settings[list(steps)] = combination
        yield settings


def count_steps(synth: Synth, words: Sequence[str]) -> dict[int, int]:
    """Return how many steps each knob of words like 'cutoff:5' takes; a choice takes all its names."""
    steps = {}
    for word in words:
        name, _, count = word.partition(':')
        k = synth.place(name)
        names = synth.knobs[k].param.choices
        if not names and not (count.isdigit() and int(count) >= 2):
            raise StudioError(f'--step {word}: it takes a name and a number of steps from 2 on, like cutoff:5')
        steps[k] = len(names) or int(count)
    if np.prod(list(steps.values()), dtype=float) > MOST_STEPPED:
        raise StudioError(f'--step: {np.prod(list(steps.values()), dtype=float):.0f} combinations are more than '
                          f'{MOST_STEPPED}; take fewer steps')
    return steps


def draw_settings(synth: Synth, count: int, seed: int) -> Iterator[np.ndarray]:
    """Yield settings (knobs,) drawn at random; the n-th of a seed is the same however many are drawn."""
    for number in range(count):
        yield synth.draw(1, np.random.default_rng((seed, number)))[0]


def cut(settings: Iterator[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Yield settings (n, knobs), at most `size` at once."""
    rows = []
    for row in settings:
        rows.append(row)
        if len(rows) == size:
            yield np.stack(rows)
            rows = []
    if rows:
        yield np.stack(rows)


def write_batch(synth: Synth, folder: Path, settings: np.ndarray, first: int = 0, tell: Tell = lambda count: None
                ) -> None:
    """Render settings (n, knobs) to files, numbered from first + 1 on, and go on with the manifest."""
    numbers = [first + k + 1 for k in range(len(settings))]
    seeds = [number % SEEDS for number in numbers]
    sounds = synth.render(settings, seeds, tell=tell)
    manifest = folder / MANIFEST
    fresh = not manifest.exists()
    with manifest.open('a', newline='', encoding='utf-8') as file:
        lines = csv.writer(file)
        if fresh:
            lines.writerow(['file', 'seed', *(knob.name for knob in synth.knobs)])
        for number, seed, row, sound in zip(numbers, seeds, settings, sounds):
            name = f'sound-{number:06d}.wav'
            write_sound(folder / name, sound, RATE)
            lines.writerow([name, seed, *synth.write(row)])


def read_manifest(synth: Synth, folder: Path) -> tuple[list[str], np.ndarray]:
    """Return files and settings (n, knobs); raise StudioError with the line that cannot be read."""
    names = [knob.name for knob in synth.knobs]
    with check_file(folder / MANIFEST).open(newline='', encoding='utf-8') as file:
        lines = csv.DictReader(file)
        missing = [name for name in ('file', *names) if name not in (lines.fieldnames or ())]
        if missing:
            raise StudioError(f'{folder / MANIFEST}: there is no column {missing[0]}; is it of another synthesizer?')
        files, settings = [], []
        for number, line in enumerate(lines, 2):
            try:
                settings.append([synth.read(k, line[name] or '') for k, name in enumerate(names)])
            except StudioError as error:
                raise StudioError(f'{folder / MANIFEST}, line {number}: {error}') from error
            files.append(line['file'])
    if not files:
        raise StudioError(f'{folder / MANIFEST}: there is no sound in it')
    return files, np.array(settings)


def read_batches(synth: Synth, folder: Path, size: int) -> Iterator[Batch]:
    """Yield the sounds of a folder, at most `size` at once."""
    frames = round(SECONDS * RATE)
    files, settings = read_manifest(synth, folder)
    for first in range(0, len(files), size):
        sounds = []
        for name in files[first:first + size]:
            sound, _ = read_sound(folder / name, RATE, mono=True)
            sounds.append(np.resize(sound[:, 0], frames))
        yield Batch(np.stack(sounds), settings[first:first + size])


def make_folder(folder: Path) -> Path:
    """Return a new or empty folder."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StudioError(f'{folder}: it is there already, and not an empty folder; name a new one')
    if not folder.parent.is_dir():
        raise StudioError(f'{folder}: there is no folder {folder.parent}; make it first')
    folder.mkdir(exist_ok=True)
    return folder


def delete_batch(folder: Path) -> None:
    """Delete what write_batch wrote, and nothing else."""
    for path in (*folder.glob('sound-*.wav'), folder / MANIFEST):
        path.unlink(missing_ok=True)


@contextmanager
def passing_folder(parent: Path | None = None) -> Iterator[Path]:
    """Give a folder for one batch; it is deleted with all that is in it."""
    folder = Path(tempfile.mkdtemp(prefix='match-', dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def stream(synth: Synth, count: int, seed: int, size: int, parent: Path | None = None,
           tell: Tell = lambda count: None) -> Iterator[Batch]:
    """Yield `count` random sounds, batch by batch: each is written to disk, read back, and deleted before the next."""
    first = 0
    for settings in cut(draw_settings(synth, count, seed), size):
        with passing_folder(parent) as folder:
            write_batch(synth, folder, settings, first, tell)
            batch = next(read_batches(synth, folder, size))
        first += len(settings)
        yield batch
