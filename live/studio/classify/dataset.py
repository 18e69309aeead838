"""Folders of sounds as what networks read: FOLDER/CLASS/any.wav, GTZAN's layout among them.

In: a folder. Out: Data: segments of a set length, half of each shared with the next, and the file each is from. Files
are dealt out to training, validation and test whole, so that no network is asked about a sound it has heard a part
of. What cannot be read is left out and told.
"""
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from live.conditioning.classifier import STEP, Look, count_slices, gather
from live.studio.files import StudioError, cut_blocks, read_sound
from live.studio.listening import hear_blocks, make_hearing
from live.studio.progress import progress

PARTS = 'train', 'validation', 'test'
SHARES = 0.6, 0.2, 0.2
LEAST = len(PARTS)          # files of a class
IGNORED = '.txt', '.csv', '.json', '.md', '.png', '.jpg', '.parquet', '.mf'


@dataclass(frozen=True)
class Data:
    """inputs: (segments, ...); file: (segments,) which of `files` each is from; label: (files,) its class."""
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    label: np.ndarray
    inputs: np.ndarray
    file: np.ndarray
    skipped: tuple[str, ...] = ()

    def select(self, files: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return inputs and labels of the segments of some files (indices)."""
        chosen = np.isin(self.file, files)
        return self.inputs[chosen], self.label[self.file[chosen]]


def find_sounds(folder: str | Path) -> dict[str, list[Path]]:
    """Return the files of each class, in order; raise StudioError where there are not two classes."""
    folder = Path(folder)
    if not folder.is_dir():
        raise StudioError(f'{folder}: there is no such folder; it should hold a folder of sounds for each class')
    found = {path.name: sorted(file for file in path.iterdir() if is_sound(file))
             for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith('.')}
    found = {name: files for name, files in found.items() if files}
    if len(found) < 2:
        raise StudioError(f'{folder}: {len(found)} folders in it hold files; at least 2 classes are needed, each a '
                          'folder of sounds')
    return found


def is_sound(path: Path) -> bool:
    """Return whether a file may be a sound; whether it is one is seen when it is read."""
    return path.is_file() and not path.name.startswith('.') and path.suffix.lower() not in IGNORED


def load_data(folder: str | Path, kind: str, samplerate: int, seconds: float,
              tell: Callable[[str], None] = print) -> Data:
    """Read all files of a folder for a kind of network."""
    found = find_sounds(folder)
    paths = [(label, path) for label, files in enumerate(found.values()) for path in files]
    look = Look(kind, samplerate)
    kept, labels, inputs, skipped = [], [], [], []
    for label, path in progress(paths, 'listening'):
        try:
            inputs.append(read_segments(path, kind, look, samplerate, seconds))
        except StudioError as error:
            skipped.append(str(error))
            continue
        kept.append(path)
        labels.append(label)
    for sentence in skipped:
        tell(f'skipped: {sentence}')
    _check_counts(folder, tuple(found), labels)
    return Data(tuple(found), tuple(kept), np.array(labels), np.concatenate(inputs),
                np.repeat(np.arange(len(kept)), [len(part) for part in inputs]), tuple(skipped))


def _check_counts(folder: str | Path, classes: tuple[str, ...], labels: list[int]) -> None:
    for label, name in enumerate(classes):
        if labels.count(label) < LEAST:
            raise StudioError(f'{Path(folder) / name}: {labels.count(label)} sounds can be read; each class needs at '
                              f'least {LEAST}, one to train with, one to validate, one to test')


def read_segments(path: str | Path, kind: str, look: Look, samplerate: int, seconds: float) -> np.ndarray:
    """Return what a network reads of a file: (segments, ...)."""
    sound, _ = read_sound(path, samplerate)
    looked = np.concatenate([look(slices) for slices in hear_blocks(cut_blocks(sound), make_hearing(samplerate))])
    return np.stack([gather(kind, part) for part in cut(looked, count_slices(seconds, samplerate))])


def cut(looked: np.ndarray, length: int) -> list[np.ndarray]:
    """Return stretches of `length` slices, each half a length later; what is shorter is said again and again."""
    if len(looked) < length:
        return [np.resize(looked, (length, looked.shape[1]))]
    half = max(STEP, length // 2)
    return [looked[start:start + length] for start in range(0, len(looked) - length + 1, half)]


def split_files(label: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Deal files out to PARTS by SHARES, class by class, at least one to each: indices by part."""
    random = np.random.default_rng(seed)
    parts: dict[str, list[np.ndarray]] = {part: [] for part in PARTS}
    for value in np.unique(label):
        files = random.permutation(np.flatnonzero(label == value))
        validation, test = (max(1, round(share * len(files))) for share in SHARES[1:])
        for part, chosen in zip(PARTS, (files[validation + test:], files[:validation],
                                        files[validation:validation + test])):
            parts[part].append(chosen)
    return {part: np.sort(np.concatenate(chosen)) for part, chosen in parts.items()}
