import time

import numpy as np
import pytest

import live.diffusion.camera as room
from live.diffusion.camera import Camera
from films import GREYS, grey_of, make_film

SIZE = (32, 24)


@pytest.fixture
def told():
    return []


@pytest.fixture
def watch(told):
    """A function that starts a camera; its thread is ended after the test."""
    started = []

    def start(device):
        started.append(Camera(device, told.append))
        started[-1].start()
        return started[-1]
    yield start
    for camera in started:
        camera.stop()
        assert not camera._thread.is_alive()


def look(camera, condition, size=SIZE, seconds=20):
    """Ask as the window does until a picture meets the condition; return it."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        picture = camera.picture(size, 0)
        if condition(picture):
            return picture
        time.sleep(0.01)
    raise AssertionError(f'not seen in {seconds} s')


def is_there(picture):
    return picture is not None


def test_a_device_shows_its_newest_picture(watch):
    camera = watch('lavfi:testsrc=rate=30')
    first = look(camera, is_there)
    assert first.shape == (24, 32, 4) and np.ptp(first[..., :3]) > 100
    look(camera, lambda picture: not np.array_equal(picture, first))
    look(camera, lambda picture: picture.shape == (48, 48, 4), (48, 48))
    assert camera.lost == 0 and camera.trouble == ''


def test_a_film_plays_in_time_and_goes_round(watch, tmp_path):
    camera = watch(str(make_film(tmp_path / 'x.mkv')))
    for grey in (*GREYS[2:], *GREYS[:2]):
        look(camera, lambda picture: picture is not None and abs(grey_of(picture) - grey) < 3)
    assert camera.lost == 0


def test_offline_a_film_stands_where_the_clock_stands(told, tmp_path):
    path = str(make_film(tmp_path / 'x.mkv'))
    shown = [[grey_of(camera.picture(SIZE, 3 + number / 5)) for number in range(6)]
             for camera in (Camera(path, told.append), Camera(path, told.append))]
    assert shown[0] == shown[1] == pytest.approx([20, 120, 220, 70, 170, 20], abs=2)


def test_offline_a_broken_film_is_told_once_and_leaves_nothing(told, tmp_path):
    (tmp_path / 'x.mkv').write_text('no film')
    camera = Camera(str(tmp_path / 'x.mkv'), told.append)
    assert [camera.picture(SIZE, seconds) for seconds in range(3)] == [None] * 3
    assert len(told) == 1 and camera.lost == 3 and 'x.mkv' in camera.trouble


def test_a_camera_that_comes_late_and_goes_is_found_again(watch, told, tmp_path, monkeypatch):
    monkeypatch.setattr(room, 'FIRST_PAUSE', 0.02)
    path = tmp_path / 'x.mkv'
    path.touch()
    camera = watch(str(path))
    look(camera, lambda picture: camera.lost >= 2)
    assert len(told) == 1 and 'looked for again' in told[0] and camera.picture(SIZE, 0) is None
    make_film(path)
    look(camera, is_there)
    assert camera.trouble == ''
    path.unlink()
    look(camera, lambda picture: picture is None)
    assert 'No such file' in camera.trouble and len(told) == 2
    make_film(path)
    look(camera, is_there)


def test_the_device_is_given_back_when_nobody_asks(watch, monkeypatch):
    monkeypatch.setattr(room, 'LINGER', 0.2)
    camera = watch('lavfi:testsrc=rate=30')
    look(camera, is_there)
    until = time.monotonic() + 20
    while camera._newest is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert camera._newest is None and camera.trouble == ''
    look(camera, is_there)


def test_nothing_is_opened_before_somebody_asks(watch, told):
    camera = watch('/dev/none-such')
    time.sleep(0.2)
    assert camera.lost == 0 and told == []
