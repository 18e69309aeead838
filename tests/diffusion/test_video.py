import sys

import numpy as np
import pytest
import soundfile

from live.diffusion.video import (
    DEVICES, WRONG, CameraError, Film, Source, find_source, fit_frame, list_cameras, open_source, read_frames)
from films import GREYS, grey_of, make_film


@pytest.fixture(scope='module')
def film(tmp_path_factory):
    """A film of 64x48 at 10 frames a second, each frame of another grey."""
    return make_film(tmp_path_factory.mktemp('film') / 'greys.mkv')


def test_a_film_goes_round_without_a_gap(film):
    frames = read_frames(find_source(str(film)))
    seen = [(round(when, 3), grey_of(frame)) for (when, frame), _ in zip(frames, range(12))]
    assert seen == [(number / 10, GREYS[number % 5]) for number in range(12)]


def test_a_film_stands_where_the_clock_stands(film):
    shown = Film(find_source(str(film)))
    assert [grey_of(shown.at(100 + seconds)) for seconds in (0, 0.05, 0.15, 0.31, 0.31, 0.95, 1.72)] == [
        20, 20, 70, 170, 170, 220, 120]


@pytest.mark.parametrize('size', [(64, 48), (32, 32), (100, 20), (512, 512)])
def test_frames_fill_any_size_and_keep_their_centre(film, tmp_path, size):
    target = np.zeros((48, 64))
    target[20:28, 28:36] = 255
    picture = fit_frame(Film(Source(str(make_film(tmp_path / 'x.mkv', [target])))).at(0), size)
    rows, columns = np.nonzero(picture[..., 0] > 128)
    assert picture.shape == (size[1], size[0], 4) and picture.dtype == np.uint8 and (picture[..., 3] == 255).all()
    assert rows.mean() == pytest.approx((size[1] - 1) / 2, abs=1.5)
    assert columns.mean() == pytest.approx((size[0] - 1) / 2, abs=1.5)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=2)


@pytest.mark.parametrize('text, platform, name, device', [
    ('', 'linux', '/dev/video0', 'v4l2'), ('2', 'linux', '/dev/video2', 'v4l2'),
    ('/dev/v4l/by-id/usb', 'linux', '/dev/v4l/by-id/usb', 'v4l2'),
    ('', 'darwin', '0', 'avfoundation'), ('FaceTime', 'darwin', 'FaceTime', 'avfoundation'),
    ('Logi Cam', 'win32', 'video=Logi Cam', 'dshow'),
    ('rtsp://stage/left', 'linux', 'rtsp://stage/left', None), ('lavfi:testsrc', 'linux', 'testsrc', 'lavfi')])
def test_what_is_meant_is_found_on_every_system(text, platform, name, device):
    assert find_source(text, platform) == Source(name, device)


def test_a_film_is_told_from_a_camera(film):
    assert find_source(str(film)).is_film
    assert not any(find_source(text).is_film for text in ('lavfi:testsrc', 'rtsp://stage/left'))


def test_what_cannot_be_meant_is_refused():
    with pytest.raises(CameraError, match='there is no such film'):
        find_source('/none/such.mp4')
    with pytest.raises(CameraError, match='no cameras are known on plan9'):
        find_source('', 'plan9')


def test_a_source_that_ends_or_holds_no_pictures_says_so(tmp_path):
    with pytest.raises(WRONG, match='no more pictures'):
        list(read_frames(find_source('lavfi:testsrc=duration=0.2')))
    soundfile.write(tmp_path / 'sound.wav', np.zeros(800), 8000)
    with pytest.raises(WRONG, match='no pictures in it'):
        next(read_frames(find_source(str(tmp_path / 'sound.wav'))))


def test_a_camera_that_is_not_there_is_asked_for_in_every_way_and_then_told():
    device = DEVICES.get(sys.platform, 'v4l2')
    with pytest.raises(WRONG):
        open_source(Source('/dev/none-such', device))
    assert isinstance(list_cameras(device), list) and list_cameras('none such') == []
