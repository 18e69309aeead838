"""Pictures to H.264, decoded again."""
import av
import numpy as np
import pytest

from live.record.encoder import PictureEncoder, fit
from reading import FPS, RATE, SIZE, STEP, grey


def decode(shots):
    """Return the pictures of some Shots, gray."""
    decoder = av.CodecContext.create('h264', 'r')
    decoder.extradata = shots[0].encoder.stream.codec_context.extradata
    frames = [frame for shot in shots for frame in decoder.decode(av.Packet(shot.data))] + decoder.decode(None)
    return [frame.to_ndarray(format='gray') for frame in frames]


def test_every_picture_comes_back_at_once():
    encoder = PictureEncoder(SIZE, FPS, RATE)
    shots = [encoder.encode(grey(5 * n), n * STEP) for n in range(40)]
    assert [shot.sample for shot in shots] == [n * STEP for n in range(40)]
    assert [picture.mean() for picture in decode(shots)] == pytest.approx([5 * n for n in range(40)], abs=3)


def test_a_key_comes_every_second_at_any_rate_and_when_it_is_asked_for():
    encoder = PictureEncoder(SIZE, FPS, RATE)
    seconds = [0, .3, .6, .9, 1.2, 1.5, 1.6, 2.3, 2.5]
    shots = [encoder.encode(grey(20), round(at * RATE), key=at == 1.5) for at in seconds]
    assert [at for at, shot in zip(seconds, shots) if shot.key] == [0, 1.2, 1.5, 2.5]


def test_what_begins_with_any_key_can_be_read():
    encoder = PictureEncoder(SIZE, FPS, RATE)
    shots = [encoder.encode(grey(5 * n), n * STEP, key=n == 10) for n in range(20)]
    assert decode(shots[10:])[0].mean() == pytest.approx(50, abs=3)


def test_last_picture_can_be_repeated_and_is_black_before_the_first():
    encoder = PictureEncoder(SIZE, FPS, RATE)
    shots = [encoder.repeat(0), encoder.encode(grey(200), 100), encoder.repeat(200), encoder.repeat(200)]
    assert shots[3] is None
    assert [picture.mean() for picture in decode(shots[:3])] == pytest.approx([0, 200, 200], abs=5)


def test_picture_of_another_size_is_shown_whole_on_black():
    wide = fit(grey(200, (100, 20)), SIZE)
    assert wide.shape == (48, 64, 4) and (wide[24] > 190).all()
    assert (wide[:16] == 0).all() and (wide[-16:] == 0).all()
    assert (fit(grey(200, (640, 480)), SIZE) > 190).all()


def test_fitting_picture_is_not_copied():
    pixels = np.zeros((49, 65, 4), np.uint8)
    assert fit(pixels, SIZE).base is pixels
