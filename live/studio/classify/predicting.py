"""Which class sounds are of, on the whole and over time."""
from pathlib import Path

import numpy as np

from live.conditioning.classifier import Classifier, Look, count_slices, load_classifier
from live.signals import HOP, N_FFT
from live.studio.classify.dataset import read_segments
from live.studio.files import StudioError, read_sound
from live.studio.figures import LIGHTS, check_figure, draw_figure, show_spectrogram
from live.studio.progress import progress
from live.studio.tables import check_table, open_table

AT_ONCE = 64            # segments


def predict(classifier: Classifier, path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Return seconds (n,), the middle of each stretch, and how sure it is of each class: (n, classes)."""
    samplerate = round(classifier.samplerate)
    length = count_slices(classifier.seconds, samplerate)
    look = Look(classifier.kind, samplerate)
    segments = read_segments(path, classifier.kind, look, samplerate, classifier.seconds)
    shares = np.concatenate([classifier.weigh(segments[at:at + AT_ONCE]) for at in range(0, len(segments), AT_ONCE)])
    return ((np.arange(len(segments)) * (length // 2) + length / 2) * HOP + (N_FFT - HOP) / 2) / samplerate, shares


def predict_files(folder: str | Path, paths: list[str], out: str | None = None, picture: str | None = None) -> str:
    """Return a line for each sound; write shares over time to a table, and those of the first sound to a picture.

    A sound that cannot be read is told in its line; raise StudioError if none can.
    """
    classifier, lines = load_classifier(folder), []
    if out:
        check_table(out)
    if picture:
        check_figure(picture)
    told: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for path in progress(paths, 'listening'):
        try:
            told[path] = predict(classifier, path)
        except StudioError as error:
            lines.append(f'skipped: {error}')
            continue
        mean = told[path][1].mean(0)
        order = np.argsort(-mean, kind='stable')[:3]
        lines.append(f'{Path(path).name}: ' + ', '.join(f'{classifier.classes[n]} {mean[n]:.1%}' for n in order))
    if not told:
        raise StudioError('\n'.join(lines))
    if out:
        write_table(out, classifier, told)
    if picture:
        draw_shares(picture, classifier, next(iter(told)))
    return '\n'.join(lines)


def write_table(out: str, classifier: Classifier, told: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    with open_table(out) as table:
        for path, (seconds, shares) in told.items():
            table.write({'file': np.full(len(seconds), Path(path).name), 'seconds': seconds,
                         **{name: share.astype(np.float64) for name, share in zip(classifier.classes, shares.T)}})


def draw_shares(out: str, classifier: Classifier, path: str) -> None:
    """Draw a sound, and below it how sure the classifier is of each class at each time."""
    sound, samplerate = read_sound(path, mono=True)
    seconds, shares = predict(classifier, path)
    length = len(sound) / samplerate
    seconds, shares = np.concatenate(([0], seconds, [length])), np.pad(shares, ((1, 1), (0, 0)), 'edge')
    with draw_figure(out, f'{Path(path).name}, heard by {classifier.kind}', rows=2, size=(9, 5), sharex=True,
                     height_ratios=(1.4, 1)) as (upper, lower):
        show_spectrogram(upper, sound, samplerate)
        upper.set_xlabel('')
        colours = [LIGHTS[n % len(LIGHTS)] for n in range(len(classifier.classes))]
        lower.stackplot(seconds, shares.T, labels=classifier.classes, colors=colours, alpha=.85)
        lower.set(xlabel='seconds', ylabel='share', ylim=(0, 1), xlim=(0, length))
        lower.legend(loc='upper center', ncols=min(8, len(classifier.classes)), bbox_to_anchor=(.5, -.3))
