import numpy as np
import pytest

from live.diffusion.models import load_model, make_model, save_model
from live.diffusion.random_models import build_random
from live.signals import Conditioning


@pytest.fixture(scope='session', autouse=True)
def one_core():
    """torch's workers wait for each other by spinning: on busy cores two of them are ten times slower than one."""
    import torch
    torch.set_num_threads(1)


@pytest.fixture(scope='session')
def tiny():
    return load_model('random:tiny', 'cpu')


@pytest.fixture(scope='session')
def folder(tiny, tmp_path_factory):
    """A folder in diffusers' format."""
    path = tmp_path_factory.mktemp('models') / 'tiny'
    save_model(tiny, path)
    return path


@pytest.fixture(scope='session')
def folder_of(tmp_path_factory):
    """A function: prediction type -> a folder in diffusers' format."""
    paths = {}

    def make(prediction):
        if prediction not in paths:
            paths[prediction] = tmp_path_factory.mktemp('predictions') / prediction
            parts = build_random('random:tiny', seed=3, prediction_type=prediction)
            save_model(make_model(prediction, parts, 'cpu'), paths[prediction])
        return paths[prediction]
    return make


@pytest.fixture
def conditioning():
    """A function: what differs -> a Conditioning of random tokens."""
    def make(strength=0.5, walk=0.3, end=512, seed=0):
        embedding = np.random.default_rng(seed).standard_normal((77, 64)).astype(np.float32)
        return Conditioning(embedding, strength, walk, end)
    return make
