"""A classifier in numpy: the same numbers as the network in torch, and refused where it is none."""
import json

import numpy as np
import pytest

from live.conditioning.classifier import (
    JSON, KINDS, PITCHES, STEP, WEIGHTS, Classifier, ClassifierError, Look, count_slices, gather, load_classifier,
    softmax, width)
from live.signals import N_FFT, SLICE

RATE, SECONDS = 48000, 1.0
CLASSES = 'a', 'b', 'c'


def make(kind, seed=0):
    """A network with random weights in torch, and the same as a Classifier."""
    torch = pytest.importorskip('torch')
    from live.studio.classify.networks import NETWORKS
    torch.manual_seed(seed)
    shape = gather(kind, np.zeros((count_slices(SECONDS, RATE), width(kind)), np.float32)).shape
    network = NETWORKS[kind](shape, len(CLASSES)).eval()
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    weights |= {'input.mean': np.float32(0.5), 'input.std': np.float32(2.0)}
    return network, Classifier(kind, CLASSES, RATE, SECONDS, weights), shape


@pytest.fixture
def save(tmp_path):
    def save(kind='dense', changes=()):
        """What is changed is what the file says; the weights stay those of a dense network."""
        from safetensors.numpy import save_file
        classifier = make(kind)[1]
        said = {'kind': kind, 'classes': CLASSES, 'samplerate': RATE, 'seconds': SECONDS} | dict(changes)
        (tmp_path / JSON).write_text(json.dumps(said))
        save_file({name: np.asarray(value) for name, value in classifier.weights.items()}, tmp_path / WEIGHTS)
        return tmp_path
    return save


@pytest.mark.parametrize('kind', KINDS)
def test_numpy_says_what_torch_says(kind):
    import torch
    network, classifier, shape = make(kind)
    x = np.random.default_rng(1).standard_normal((4, *shape)).astype(np.float32)
    with torch.no_grad():
        theirs = network(torch.from_numpy((x - 0.5) / 2)).numpy()
    assert classifier.weigh(x) == pytest.approx(softmax(theirs), abs=1e-5)


@pytest.mark.parametrize('kind', KINDS)
def test_a_folder_is_read_as_it_was_written_without_torch(save, kind):
    classifier = load_classifier(save(kind))
    assert (classifier.kind, classifier.classes, classifier.slices) == (kind, CLASSES, 92)
    shares = classifier.shares(np.ones((classifier.slices, width(kind)), np.float32))
    assert shares.sum() == pytest.approx(1) and (shares > 0).all()


@pytest.mark.parametrize('changes, message', [
    ({'kind': 'dence'}, 'did you mean dense'), ({'kind': 'lstm'}, 'no weights of a lstm network'),
    ({'classes': ['a', 'b']}, 'not for 2 classes')])
def test_a_folder_that_does_not_fit_is_told(save, changes, message):
    with pytest.raises(ClassifierError, match=message):
        load_classifier(save(changes=changes))


@pytest.mark.parametrize('name', [JSON, WEIGHTS])
def test_what_is_missing_or_broken_is_told(save, name):
    folder = save()
    (folder / name).write_text('{"broken')
    with pytest.raises(ClassifierError, match=str(folder)):
        load_classifier(folder)
    (folder / name).unlink()
    with pytest.raises(ClassifierError, match=f'{name} is missing.*classify train makes one'):
        load_classifier(folder)


@pytest.mark.parametrize('kind', KINDS)
def test_broken_slices_give_finite_numbers(kind):
    slices = np.zeros(STEP, SLICE)
    slices['magnitudes'], slices['features']['mfcc'] = np.inf, np.nan
    for name in ('centroid', 'flatness', 'rms', 'onset'):
        slices['features'][name] = np.nan
    assert np.isfinite(gather(kind, Look(kind, RATE)(slices))).all()


def test_a_sine_is_a_white_line_in_the_picture():
    slices = np.zeros(STEP, SLICE)
    slices['magnitudes'][:, 43] = N_FFT / 4         # a full-scale sine at 1 kHz
    pixels = gather('cnn', Look('cnn', RATE)(slices))
    place = PITCHES - 1 - int(np.log(43 * RATE / N_FFT / 40) / np.log(250) * PITCHES)
    assert pixels.shape == (PITCHES, 1) and abs(int(pixels[:, 0].argmax()) - place) <= 1 and pixels.max() == 255
