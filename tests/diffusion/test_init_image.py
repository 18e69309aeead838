import numpy as np
import pytest
from PIL import Image

from live.diffusion.init_image import InitImage, InitSources, mix
from live.params import Board
from live.signals import HOP, SLICE
from live.wires import Ring
from films import grey_of, make_film

SIZE = (64, 48)


@pytest.fixture
def slices():
    """Two seconds of noise."""
    ring, made = Ring.make(512, SLICE), np.zeros(188, SLICE)
    made['end'] = HOP * np.arange(1, 189)
    made['magnitudes'] = 10 * np.random.default_rng(1).random(made['magnitudes'].shape)
    ring.put(made)
    return ring


@pytest.fixture
def image(tmp_path):
    Image.new('RGB', (80, 80), (200, 200, 200)).save(tmp_path / 'x.png')
    return str(tmp_path / 'x.png')


@pytest.fixture
def film(tmp_path):
    return str(make_film(tmp_path / 'x.mkv'))


def motes(size):
    return np.full((size[1], size[0], 4), (40, 40, 40, 255), np.uint8)


def make_board(**shares):
    board = Board()
    for name in ('motes', 'spectrogram', 'image', 'camera'):
        board[f'init.{name}'] = shares.get(name, 0)
    return board


def make(slices, shares, image=None, film=None, size=SIZE, motes=motes):
    """Return the first picture of a mixer of its own."""
    return InitImage(InitSources(image, film, print), slices, 48000).make(make_board(**shares), size, 0, motes)


def never(size):
    raise AssertionError('this source has no share')


@pytest.mark.parametrize('shares, grey', [
    ({'motes': 1}, 40), ({'motes': 0.2}, 40), ({'image': 1}, 200), ({'camera': 0.1}, 20),
    ({'motes': 0.5, 'image': 0.5}, 120), ({'motes': 1, 'image': 1}, 120), ({'motes': 1, 'image': 0.25}, 72),
    ({'motes': 0.3, 'image': 0.3, 'camera': 0.3}, 87)])
def test_sources_are_mixed_by_their_shares(slices, image, film, shares, grey):
    assert grey_of(make(slices, shares, image, film)) == pytest.approx(grey, abs=2)


@pytest.mark.parametrize('shares', [{}, {'image': 1}, {'camera': 1, 'image': 0.5}])
def test_where_nothing_else_is_there_motes_are(slices, shares):
    assert grey_of(make(slices, shares)) == 40


def test_sources_that_are_missing_darken_nothing(slices, image):
    assert grey_of(make(slices, {'image': 0.5, 'camera': 1}, image, motes=never)) == 200


def test_what_has_no_share_is_not_asked(slices, image, tmp_path):
    broken = tmp_path / 'broken.mkv'
    broken.touch()
    sources = InitSources(image, str(broken), print)
    mixer = InitImage(sources, slices, 48000)
    mixer.make(make_board(image=1), SIZE, 0, never)
    assert sources.camera.lost == 0 and mixer._spectrogram is None
    mixer.make(make_board(camera=1), SIZE, 0, motes)
    assert sources.camera.lost == 1 and 'broken.mkv' in sources.trouble


def test_the_spectrogram_begins_with_what_was_heard_before(slices):
    picture = make(slices, {'spectrogram': 1}, motes=never)
    assert picture[:, -14:, 2].mean() > 100 > 20 > picture[:, :40, 2].mean()


def test_the_spectrogram_follows_the_size_and_keeps_its_past(slices):
    mixer = InitImage(InitSources(None, None, print), slices, 48000)
    for size in (SIZE, (32, 32)):
        picture = mixer.make(make_board(spectrogram=1), size, 0, never)
        assert picture.shape == (size[1], size[0], 4) and picture[:, -5:, 2].mean() > 100


def test_the_spectrogram_keeps_up_with_rare_pictures(slices):
    mixer = InitImage(InitSources(None, None, print), slices, 48000)
    for _ in range(4):
        mixer.make(make_board(spectrogram=1), SIZE, 0, never)
    for _ in range(2):
        slices.put(np.zeros(200, SLICE))
    picture = mixer.make(make_board(spectrogram=1), SIZE, 0, never)
    assert mixer._spectrogram[1].place == slices.written and picture[:, -5:, 2].mean() < 20


@pytest.mark.parametrize('size', [(256, 256), (640, 384)])
def test_the_picture_is_of_the_size_that_is_asked_for(slices, image, film, size):
    picture = make(slices, {'motes': 1, 'spectrogram': 1, 'image': 1, 'camera': 1}, image, film, size)
    assert picture.shape == (size[1], size[0], 4) and picture.dtype == np.uint8 and (picture[..., 3] == 255).all()


def test_a_picture_of_another_size_is_fitted_until_its_source_knows():
    small = np.arange(16, dtype=np.uint8).reshape(2, 2, 4)
    assert np.array_equal(mix([(1, small)], (4, 4))[::2, ::2], small)


def test_the_mean_of_equal_pictures_is_that_picture_to_the_bit():
    picture = np.random.default_rng(1).integers(0, 256, (8, 8, 4)).astype(np.uint8)
    for count in (1, 2, 3, 5):
        assert np.array_equal(mix([(0.37, picture)] * count, (8, 8)), picture)


def test_offline_pictures_are_the_same_every_time(slices, image, film):
    def film_of_them():
        mixer, board = InitImage(InitSources(image, film, print), slices, 48000), make_board(
            motes=0.2, spectrogram=1, image=0.5, camera=0.7)
        return [mixer.make(board, SIZE, number / 10, motes) for number in range(8)]
    assert np.array_equal(film_of_them(), film_of_them())
