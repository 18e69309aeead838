import time

import numpy as np
import pytest
from PIL import Image

from live.diffusion.image_files import ImageError, ImageFiles, load_image

SIZE = (32, 16)
COLOURS = {'a.png': 'red', 'b.jpg': 'lime', 'c.webp': 'blue'}


def paint(path, colour, size=(60, 40), **options):
    Image.new('RGB', size, colour).save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path):
    """Red, green, blue, and things that are no images."""
    for name, colour in COLOURS.items():
        paint(tmp_path / name, colour)
    (tmp_path / 'notes.txt').write_text('no image')
    (tmp_path / '._a.png').write_bytes(b'of a Mac')
    return tmp_path


@pytest.fixture
def told():
    return []


@pytest.fixture
def images(folder, told):
    return ImageFiles(str(folder), told.append)


def colour_of(seen):
    """Return which of red, green and blue is brightest where one picture alone is seen."""
    assert [share for share, _ in seen] == [1.0]
    return 'rgb'[seen[0][1][..., :3].mean((0, 1)).argmax()]


def test_a_folder_goes_round_in_the_order_of_its_names(images):
    assert [colour_of(images.pictures(SIZE, 20 * turn + 1, 20)) for turn in range(5)] == list('rgbrg')


def test_one_image_gives_way_to_the_next_softly(images):
    shares = [[share for share, _ in images.pictures(SIZE, seconds, 20)] for seconds in np.arange(0, 20, 0.1)]
    fading = [pair[1] for pair in shares if len(pair) == 2]
    assert all(sum(pair) == pytest.approx(1) for pair in shares)
    assert 25 <= len(fading) <= 30 and fading == sorted(fading) and max(np.diff(fading)) < 0.06
    assert len(shares[100]) == 1


def test_a_shorter_turn_moves_nothing_that_is_seen(images):
    before = images.pictures(SIZE, 10, 20)
    assert colour_of(images.pictures(SIZE, 10, 5)) == colour_of(before) == 'r'


def test_a_single_image_stays(folder, told):
    image = ImageFiles(str(folder / 'b.jpg'), told.append)
    assert {colour_of(image.pictures(SIZE, seconds, 1)) for seconds in range(9)} == {'g'}


def test_a_file_that_is_replaced_is_noticed(images, folder):
    assert colour_of(images.pictures(SIZE, 1, 20)) == 'r'
    paint(folder / 'a.png', 'blue', (80, 40))
    assert colour_of(images.pictures(SIZE, 1, 20)) == 'b'


def test_files_come_and_go_while_they_are_shown(images, folder):
    assert colour_of(images.pictures(SIZE, 1, 20)) == 'r'
    (folder / 'a.png').unlink()
    paint(folder / 'bb.png', 'red')
    assert [colour_of(images.pictures(SIZE, 20 * turn + 1, 20)) for turn in range(4)] == list('grbg')


def test_what_was_shown_stays_when_the_disk_goes(images, folder):
    seen = images.pictures(SIZE, 1, 20)
    for name in COLOURS:
        (folder / name).unlink()
    assert np.array_equal(images.pictures(SIZE, 2, 20)[0][1], seen[0][1])


def test_what_cannot_be_read_is_counted_told_once_and_passed_over(images, folder, told):
    (folder / 'aa.png').write_bytes((folder / 'a.png').read_bytes()[:60])
    assert [colour_of(images.pictures(SIZE, 20 * turn + 1, 20)) for turn in range(5)] == list('rgbrg')
    assert images.refused == 1 and len(told) == 1 and told[0].startswith('aa.png') and '1 of' in images.trouble
    paint(folder / 'aa.png', 'blue')
    assert [colour_of(images.pictures(SIZE, 20 * turn + 1, 20)) for turn in range(5, 8)] == list('brb')
    assert images.trouble == ''


def test_a_link_to_nothing_hides_nothing(folder, told):
    for name in ('0.png', 'aa.png', 'z.png'):
        (folder / name).symlink_to(folder / 'nowhere.png')
    images = ImageFiles(str(folder), told.append)
    assert [colour_of(images.pictures(SIZE, 20 * turn + 1, 20)) for turn in range(5)] == list('rgbrg')


def test_a_folder_that_is_asked_for_late_begins_with_its_first(images):
    assert colour_of(images.pictures(SIZE, 600, 20)) == 'r' == colour_of(images.pictures(SIZE, 601, 20))


def test_an_empty_folder_is_filled_later(tmp_path, told):
    images = ImageFiles(str(tmp_path), told.append)
    assert images.pictures(SIZE, 0, 20) == []
    paint(tmp_path / 'x.png', 'blue')
    assert colour_of(images.pictures(SIZE, 1, 20)) == 'b' and told == []


@pytest.mark.parametrize('size', [(32, 16), (512, 512), (640, 384)])
def test_pictures_are_of_the_size_that_is_asked_for(images, size):
    images.pictures(SIZE, 0, 20)
    (_, picture), = images.pictures(size, 1, 20)
    assert picture.shape == (size[1], size[0], 4) and picture.dtype == np.uint8 and (picture[..., 3] == 255).all()


def test_the_centre_is_kept_and_nothing_is_stretched(tmp_path):
    wide = np.zeros((100, 300, 3), np.uint8)
    wide[:, 100:200] = 255
    Image.fromarray(wide).save(tmp_path / 'wide.png')
    assert load_image(tmp_path / 'wide.png', (50, 50))[:, 2:-2, :3].min() > 250


@pytest.mark.parametrize('orientation, corner', [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1)), (8, (-1, 0))])
def test_photographs_stand_as_their_camera_was_held(tmp_path, orientation, corner):
    photograph = np.zeros((64, 64, 3), np.uint8)
    photograph[:32, :32] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(photograph).save(tmp_path / 'x.jpg', exif=exif)
    picture = load_image(tmp_path / 'x.jpg', (32, 32))[..., :3].mean(2)
    assert picture[corner] > 200 and picture.mean() == pytest.approx(64, abs=4)


def test_what_is_transparent_lies_on_black(tmp_path):
    Image.new('RGBA', (8, 8), (255, 255, 255, 64)).save(tmp_path / 'x.png')
    assert load_image(tmp_path / 'x.png', (8, 8))[0, 0].tolist() == [64, 64, 64, 255]


def test_sixteen_bits_a_channel_keep_their_greys(tmp_path):
    Image.fromarray(np.full((8, 8), 0x8000, np.uint16)).save(tmp_path / 'x.png')
    assert load_image(tmp_path / 'x.png', (8, 8))[0, 0].tolist() == [127, 127, 127, 255]


def test_nothing_and_no_image_are_refused_in_one_sentence(tmp_path, told):
    (tmp_path / 'x.png').write_text('no image')
    with pytest.raises(ImageError, match='there is no such'):
        ImageFiles(str(tmp_path / 'none.png'), told.append)
    with pytest.raises(ImageError, match='x.png cannot be read as BMP') as refused:
        ImageFiles(str(tmp_path / 'x.png'), told.append)
    assert '\n' not in str(refused.value)


def test_a_thread_reads_while_the_window_goes_on(images):
    images.start()
    seen, until = [], time.monotonic() + 20
    while not seen and time.monotonic() < until:
        seen = images.pictures(SIZE, 1, 20)
        time.sleep(0.01)
    assert colour_of(seen) == 'r'
    while len(images.pictures(SIZE, 19, 20)) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert colour_of(images.pictures(SIZE, 25, 20)) == 'g'
    images.stop()
    assert not images._thread.is_alive()
