"""A classifier from a folder of sounds, start to end: listen, deal out, train, test, write, draw."""
import json
from pathlib import Path
from typing import Any

import numpy as np

from live.conditioning.classifier import JSON, KINDS, WEIGHTS, Classifier, load_classifier
from live.signals import N_FFT
from live.studio.classify.dataset import PARTS, Data, load_data, split_files
from live.studio.files import StudioError, write_picture
from live.studio.figures import depths, draw_figure


def train_classifier(folder: str | Path, out: str | Path, kind: str = 'dense', seconds: float = 2.0,
                     samplerate: int = 48000, epochs: int = 200, patience: int = 30, seed: int = 0,
                     pictures: str | Path | None = None) -> str:
    """Train a classifier and write it to the folder `out`; return what came of it in a sentence or two."""
    check(kind, seconds, samplerate, epochs, patience)
    if pictures and kind != 'cnn':
        raise StudioError(f'--pictures: a {kind} network reads no pictures; use --model cnn')
    data = load_data(folder, kind, samplerate, seconds)
    if pictures:
        keep_pictures(Path(pictures), data)
    from live.studio.classify.training import confusion, train
    split = split_files(data.label, seed)
    trained = train(data, kind, split, seed, epochs, patience)
    classifier = Classifier(kind, data.classes, samplerate, seconds, trained.weights)
    counts = confusion(data, split['test'], classifier)
    said = {'kind': kind, 'classes': data.classes, 'samplerate': samplerate, 'seconds': seconds, 'seed': seed,
            'epochs': len(trained.losses), 'best_epoch': trained.best + 1,
            'losses': [[round(loss, 5) for loss in pair] for pair in trained.losses],
            'accuracy': float(np.trace(counts) / counts.sum()), 'confusion': counts.tolist(),
            'files': {part: [str(data.files[n].relative_to(folder)) for n in split[part]] for part in PARTS},
            'skipped': data.skipped}
    write(Path(out), said, trained.weights)
    draw_confusion(Path(out) / 'confusion.png', counts, said)
    load_classifier(out)        # what is written can be read
    return (f'{out}: {kind}, {len(data.classes)} classes, {len(data.files)} sounds, {len(data.skipped)} skipped; epoch '
            f'{trained.best + 1} of {len(trained.losses)} is kept; {said["accuracy"]:.1%} of {counts.sum()} test '
            'sounds are told right')


def check(kind: str, seconds: float, samplerate: int, epochs: int, patience: int) -> None:
    if kind not in KINDS:
        raise StudioError(f'--model {kind} is none of {", ".join(KINDS)}')
    if not 0.4 <= seconds <= 60:
        raise StudioError(f'--seconds {seconds:g} is outside 0.4..60')
    if not 8000 <= samplerate <= 192000:
        raise StudioError(f'--samplerate {samplerate} is outside 8000..192000 (a frame has {N_FFT} samples)')
    if not (1 <= epochs <= 100000 and 1 <= patience <= 100000):
        raise StudioError('--epochs and --patience are whole numbers from 1')


def write(folder: Path, said: dict[str, Any], weights: dict[str, np.ndarray]) -> None:
    """Write what `load_classifier` reads."""
    from safetensors.numpy import save_file
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(value) for name, value in weights.items()}, folder / WEIGHTS)
    (folder / JSON).write_text(json.dumps(said, indent=1) + '\n', encoding='utf-8')


def keep_pictures(folder: Path, data: Data) -> None:
    """Write the pictures that the network reads to FOLDER/CLASS/FILE.SEGMENT.png."""
    for number, path in enumerate(data.files):
        (folder / path.parent.name).mkdir(parents=True, exist_ok=True)
        for segment, pixels in enumerate(data.inputs[data.file == number]):
            write_picture(folder / path.parent.name / f'{path.stem}.{segment:03d}.png', np.ascontiguousarray(pixels))


def draw_confusion(path: Path, counts: np.ndarray, said: dict[str, Any]) -> None:
    """Draw which class is taken for which, and how the training went."""
    title = f'{said["kind"]}: {said["accuracy"]:.1%} of {counts.sum()} test sounds'
    with draw_figure(path, title, columns=2, size=(10.5, 4.8), width_ratios=(1.25, 1)) as (left, right):
        draw_matrix(left, counts, said['classes'])
        epochs = np.arange(1, len(said['losses']) + 1)
        for losses, name in zip(np.array(said['losses']).T, ('training', 'validation')):
            right.plot(epochs, losses, label=name)
        right.axvline(said['best_epoch'], color='#ffd58a', linewidth=.8, linestyle=':', label='kept')
        right.set(title='loss', xlabel='epoch', yscale='log')
        right.legend()


def draw_matrix(axes: Any, counts: np.ndarray, classes: tuple[str, ...]) -> None:
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.imshow(shares, depths(), vmin=0, vmax=1)
    axes.grid(False)
    places = np.arange(len(classes))
    axes.set_xticks(places, classes, rotation=35, ha='right')
    axes.set_yticks(places, classes)
    for row, column in zip(*np.nonzero(counts)):
        axes.text(column, row, str(counts[row, column]), ha='center', va='center', fontsize=8,
                  color='#050b1c' if shares[row, column] > .6 else '#dbe6ff')
    axes.set(title='test files', xlabel='taken for', ylabel='is')
