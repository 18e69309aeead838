"""A trained classifier in numpy: slices in, how sure it is of each class out. No torch on stage.

A folder, as `live studio classify train` writes it: classifier.json (kind, classes, what it was trained on) and
classifier.safetensors (weights). Three kinds, each with its own view of the last `seconds` of sound:

    dense   mean and deviation of FEATURES over the time         -> two hidden layers
    cnn     a picture of the spectrum, 96 pitches by moments     -> three convolutions, their mean and their largest
    lstm    mean and deviation of FEATURES, moment by moment     -> a memory (LSTM), the mean and largest it says

`look` gives the values of each slice, `gather` makes of those of a stretch of time what the network reads, `weigh` is
the network. The studio trains on the very same `look` and `gather`. Knows nothing of threads.
"""
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from live.conditioning.history import clean, to_db
from live.conditioning.spectrum import FULL_SCALE_DB, area_means
from live.dsp.pitch_classes import class_filters, class_shares
from live.signals import HOP, MFCCS, N_FFT
from live.spelling import hint

KINDS = 'dense', 'cnn', 'lstm'
FEATURES = ('level', 'centroid', 'bandwidth', 'rolloff', 'flatness', 'onset', *(f'mfcc{n + 1}' for n in range(MFCCS)),
            *(f'chroma{n + 1}' for n in range(12)))
PITCHES = 96            # rows of the picture
LOW_HZ, HIGH_HZ = 40.0, 10000.0
SPAN_DB, QUIET_DB = 60.0, -70.0         # from black to white; of a full-scale sine
STEP = 4                # slices in a moment of the picture and of the memory
JSON, WEIGHTS = 'classifier.json', 'classifier.safetensors'
NEEDED = 'kind', 'classes', 'samplerate', 'seconds'


class ClassifierError(ValueError):
    """A folder that holds no classifier: which file, what is wrong with it."""


@dataclass(frozen=True)
class Classifier:
    """What a folder holds. weights: by name; input.mean and input.std bring what it reads to mean 0, deviation 1."""
    kind: str
    classes: tuple[str, ...]
    samplerate: float
    seconds: float
    weights: dict[str, np.ndarray] = field(repr=False)

    @property
    def slices(self) -> int:
        """How many slices it reads at once."""
        return count_slices(self.seconds, self.samplerate)

    def shares(self, looked: np.ndarray) -> np.ndarray:
        """Return how sure it is of each class, 1 in all, by the values (slices, width) of a stretch of time."""
        return self.weigh(gather(self.kind, looked)[None])[0]

    def weigh(self, inputs: np.ndarray) -> np.ndarray:
        """Return (n, classes) of inputs (n, ...)."""
        x = (inputs.astype(np.float32) - self.weights['input.mean']) / self.weights['input.std']
        return softmax(NETWORKS[self.kind](x, self.weights))


def load_classifier(folder: str | Path) -> Classifier:
    """Read a folder; raise ClassifierError that says what is missing or wrong."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file
    folder = Path(folder)
    try:
        said = json.loads((folder / JSON).read_text(encoding='utf-8'))
        weights = load_file(folder / WEIGHTS)
    except FileNotFoundError as error:
        raise ClassifierError(f'{folder}: there is no classifier in it ({Path(error.filename or WEIGHTS).name} is '
                              'missing); live studio classify train makes one') from error
    except (OSError, ValueError, SafetensorError) as error:
        raise ClassifierError(f'{folder}: {error}') from error
    if not isinstance(said, dict) or not set(NEEDED) <= set(said):
        raise ClassifierError(f'{folder / JSON}: needs {", ".join(NEEDED)}')
    if said['kind'] not in KINDS:
        raise ClassifierError(f'{folder / JSON}: kind = {said["kind"]!r} is none of {", ".join(KINDS)}'
                              + hint(str(said['kind']), KINDS))
    classifier = Classifier(said['kind'], tuple(map(str, said['classes'])), float(said['samplerate']),
                            float(said['seconds']), weights)
    _check(folder, classifier)
    return classifier


def _check(folder: Path, classifier: Classifier) -> None:
    """Let it weigh silence once, so that weights of another shape are found here and not on stage."""
    try:
        silence = np.zeros((classifier.slices, width(classifier.kind)), np.float32)
        fits = classifier.shares(silence).shape == (len(classifier.classes),)
    except (KeyError, ValueError, IndexError) as error:
        raise ClassifierError(f'{folder / WEIGHTS}: no weights of a {classifier.kind} network: {error}') from error
    if not fits:
        raise ClassifierError(f'{folder}: the weights are not for {len(classifier.classes)} classes')


def count_slices(seconds: float, samplerate: float) -> int:
    """Return how many slices such a time has, in whole moments."""
    return max(1, round(seconds * samplerate / HOP / STEP)) * STEP


def width(kind: str) -> int:
    """Return how many values `look` gives of a slice."""
    return PITCHES if kind == 'cnn' else len(FEATURES)


class Look:
    """Gives the values of slices that a kind of network wants: (n, width)."""

    def __init__(self, kind: str, samplerate: float) -> None:
        hertz = np.geomspace(LOW_HZ, min(HIGH_HZ, samplerate / 2), PITCHES + 1)
        self._edges = hertz * N_FFT / samplerate - 0.5          # in bins after the first, which is no tone
        self._filters = class_filters(samplerate)
        self._of = self._picture if kind == 'cnn' else self._features

    def __call__(self, slices: np.ndarray) -> np.ndarray:
        return self._of(slices).astype(np.float32)

    def _picture(self, slices: np.ndarray) -> np.ndarray:
        """Return the power of each pitch, 1 of a full-scale sine."""
        return (area_means(clean(slices['magnitudes'])[:, 1:], self._edges) / 10 ** (FULL_SCALE_DB / 20)) ** 2

    def _features(self, slices: np.ndarray) -> np.ndarray:
        said = slices['features']
        octaves = [np.log2(np.clip(np.nan_to_num(said[name]), 20.0, 48000.0) / 1000)
                   for name in ('centroid', 'bandwidth', 'rolloff')]
        flatness, onset = np.nan_to_num(said['flatness']), np.clip(np.nan_to_num(said['onset']), 0, 60)
        rows = np.stack((np.maximum(to_db(clean(said['rms'])), -100), *octaves,
                         np.log10(np.clip(flatness, 1e-10, 1)), onset), 1)
        return np.concatenate((rows, np.nan_to_num(said['mfcc']),
                               class_shares(clean(slices['magnitudes']), self._filters)), 1)


def gather(kind: str, looked: np.ndarray) -> np.ndarray:
    """Return what a network reads of the values (slices, width) of a stretch of time; slices: a multiple of STEP."""
    if kind == 'dense':
        return np.concatenate((looked.mean(0), looked.std(0)))
    moments = looked.reshape(-1, STEP, looked.shape[1])
    if kind == 'cnn':
        return picture(moments.mean(1))
    return np.concatenate((moments.mean(1), moments.std(1)), 1)


def picture(moments: np.ndarray) -> np.ndarray:
    """Return the powers (moments, PITCHES) as a picture (PITCHES, moments) uint8, high pitches on top.

    The loudest is white, but where all is quieter than QUIET_DB: so it shows what a sound is, not how loud.
    """
    level_db = 10 * np.log10(np.maximum(moments, 1e-12))
    light = 1 + (level_db - max(float(level_db.max()), QUIET_DB)) / SPAN_DB
    return np.round(255 * np.clip(light, 0, 1)).astype(np.uint8).T[::-1]


def softmax(scores: np.ndarray) -> np.ndarray:
    shares = np.exp(scores - scores.max(1, keepdims=True))
    return shares / shares.sum(1, keepdims=True)


def dense(x: np.ndarray, w: dict[str, np.ndarray]) -> np.ndarray:
    """Return scores (n, classes) of statistics (n, values)."""
    for layer in ('first', 'second'):
        x = np.maximum(linear(x, w, layer), 0)
    return linear(x, w, 'out')


def linear(x: np.ndarray, w: dict[str, np.ndarray], name: str) -> np.ndarray:
    return x @ w[f'{name}.weight'].T + w[f'{name}.bias']


def cnn(x: np.ndarray, w: dict[str, np.ndarray]) -> np.ndarray:
    """Return scores (n, classes) of pictures (n, rows, columns)."""
    x = x[:, None]
    for layer in ('first', 'second', 'third'):
        x = halve(np.maximum(convolve(x, w[f'{layer}.weight'], w[f'{layer}.bias']), 0))
    return linear(np.concatenate((x.mean((2, 3)), x.max((2, 3))), 1), w, 'out')


def convolve(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolve (n, channels, rows, columns) with a kernel (out, channels, 3, 3), zeros around."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    patches = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (2, 3))
    return np.tensordot(patches, kernel, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2) + bias[:, None, None]


def halve(x: np.ndarray) -> np.ndarray:
    """Return the largest of each 2 by 2; an odd row or column at the end is left out."""
    n, channels, rows, columns = x.shape
    return x[:, :, :rows // 2 * 2, :columns // 2 * 2].reshape(n, channels, rows // 2, 2, columns // 2, 2).max((3, 5))


def lstm(x: np.ndarray, w: dict[str, np.ndarray]) -> np.ndarray:
    """Return scores (n, classes) of moments (n, moments, values); gates in torch's order: in, forget, cell, out."""
    driven = x @ w['memory.weight_ih_l0'].T + w['memory.bias_ih_l0'] + w['memory.bias_hh_l0']
    turned = w['memory.weight_hh_l0'].T
    hidden = cell = np.zeros((len(x), len(turned)), np.float32)
    total, largest = np.zeros_like(hidden), np.full_like(hidden, -1)
    for moment in range(x.shape[1]):
        enter, forget, new, leave = np.split(driven[:, moment] + hidden @ turned, 4, axis=1)
        cell = sigmoid(forget) * cell + sigmoid(enter) * np.tanh(new)
        hidden = sigmoid(leave) * np.tanh(cell)
        total, largest = total + hidden, np.maximum(largest, hidden)
    return linear(np.concatenate((total / x.shape[1], largest), 1), w, 'out')


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * x)


NETWORKS = {'dense': dense, 'cnn': cnn, 'lstm': lstm}
