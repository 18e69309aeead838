import dataclasses
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from live.diffusion.inbetween import MOST
from live.diffusion.models import load_model
from live.diffusion.turbo import Turbo
from live.painter import Dreamer
from live.params import Board
from live.signals import Conditioning

ROOT = Path(__file__).resolve().parents[1]
EMBEDDING = np.random.default_rng(0).standard_normal((77, 64)).astype(np.float32)


class Broken(Turbo):
    """A real engine that raises, or dreams what is not finite, at the dreams given by their numbers."""

    def __init__(self, model, raises=(), nan=()):
        super().__init__(model)
        self.raises, self.nan, self.calls = raises, nan, 0

    def dream(self, conditioning, board, init=None):
        self.calls += 1
        if self.calls in self.raises:
            raise RuntimeError('CUDA error: an illegal memory access was encountered\nmore')
        if self.calls in self.nan:
            conditioning.embedding[5] = np.nan
        return super().dream(conditioning, board, init)


@pytest.fixture(scope='module')
def model():
    import torch
    torch.set_num_threads(1)        # its workers spin, and fight where cores are busy
    return dataclasses.replace(load_model('random:tiny', 'cpu'), size=32)


@pytest.fixture
def film():
    """A function: how to make engines, models, what stands on the Board -> what ten dreams are, and what is told."""
    def play(make, models=('wanted',), **values):
        board, told, ends = Board(), [], iter(range(512, 10 ** 6, 4800))
        for name, value in values.items():
            board[name.replace('_', '.')] = value
        dreamer = Dreamer(make, lambda engine: Conditioning(EMBEDDING.copy(), 0.5, 0.3, next(ends)), board, models,
                          told.append)
        return [dreamer.dream(lambda: None) for _ in range(10)], told
    return play


def test_each_dream_knows_where_its_sound_ends(film, model):
    dreams, told = film(lambda rung: Turbo(model))
    assert [end for _, end, _ in dreams] == list(range(512, 512 + 10 * 4800, 4800)) and told == []


@pytest.mark.parametrize('motion, count', [(0, 0), (1, 0), (2, MOST)])
def test_films_have_all_the_time_for_what_lies_between_dreams(film, model, motion, count):
    dreams, _ = film(lambda rung: Turbo(model), display_motion=motion)
    assert [len(between) for _, _, between in dreams] == [0] + 9 * [count]


def test_a_model_that_cannot_be_loaded_gives_way_to_the_next(film, model, tmp_path):
    def make(rung):
        return Turbo(load_model(str(tmp_path), 'cpu') if rung.model == 'wanted' else model)
    dreams, told = film(make, ('wanted', 'embedded'))
    assert None not in dreams and len(told) == 1
    assert told[0].startswith(f'{tmp_path.name}: model_index.json') and told[0].endswith('dreaming with embedded now')


def test_an_engine_that_raises_costs_one_dream_and_one_rung(film, model):
    sizes = []

    def make(rung):
        sizes.append(rung.pixels)
        return Broken(model, raises=(4,) if len(sizes) == 1 else ())
    dreams, told = film(make, dream_size=2)
    assert [made is None for made in dreams] == [number == 3 for number in range(10)]
    assert sizes == [0, 256 * 256] and dreams[-1][0].shape == (256, 256, 4)
    assert told == ['RuntimeError: CUDA error: an illegal memory access was encountered; dreaming at 256 now']


def test_the_last_rung_is_the_shader(film, model):
    dreams, told = film(lambda rung: Broken(model, raises=(3,)), ('wanted', 'embedded'))
    assert [made is None for made in dreams] == [False, False, True, False, False] + [True] * 5
    assert [words.rpartition('; ')[2] for words in told] == [
        'dreaming with embedded now', 'the dream is off, the shader carries the picture']


@pytest.mark.parametrize('nan, engines', [((3,), 1), ((3, 5, 7), 1), ((3, 4), 2)])
def test_one_dream_that_is_not_finite_is_left_out_and_two_in_a_row_are_a_rung(film, model, nan, engines):
    made = []

    def make(rung):
        made.append(Broken(model, nan=() if made else nan))
        return made[-1]
    dreams, told = film(make, ('wanted', 'embedded'))
    assert len(made) == engines and dreams.count(None) == len(told) == len(nan)
    assert all('not finite' in words for words in told)


def test_a_film_with_a_broken_model_is_made_to_its_end(tmp_path):
    (tmp_path / 'broken').mkdir()
    (tmp_path / 'broken' / 'model_index.json').write_text('{')
    done = subprocess.run([sys.executable, '-m', 'live', 'render', 'rain', '--seconds', '1', '--fps', '8', '--size',
                           '128x128', '--model', tmp_path / 'broken', '--out', tmp_path / 'a.mp4'], cwd=ROOT,
                          capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('broken: model_index.json is not JSON') == 1 and 'Traceback' not in done.stderr
    with av.open(str(tmp_path / 'a.mp4')) as movie:
        pictures = [frame.to_ndarray(format='gray') for frame in movie.decode(video=0)]
    assert len(pictures) == 8 and max(picture.std() for picture in pictures) > 1
