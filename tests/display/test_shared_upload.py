"""Pixels on a device and what is shown of them: with cuda.core, without it, and with one in the host's memory."""
import host_cuda
import numpy as np
import pytest

from live.diffusion.step import DevicePixels, fetch
from live.display.renderer import Renderer, Scene
from live.display.shared_upload import PACKAGE, SharedUpload
from live.params import Board
from live.signals import Picture

SIZES = (31, 17), (16, 16)      # of textures: width, height


def noise(size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (*size[::-1], 4), np.uint8)


def put_on_device(there):
    """Return black pixels whose bytes on the device are these: what is shown tells where it came from."""
    pixels = np.zeros_like(there).view(DevicePixels)
    pixels.address, pixels.source = there.ctypes.data, there
    return pixels


def show(context, share, pixels):
    """Draw one dream alone and return the frame."""
    renderer, board = Renderer(context, (160, 90), share=share), Board()
    board['display.mix'], board['display.fade'] = 1.0, 0.0
    renderer.draw(Scene(0.0, board, None, Picture(pixels, 0, 0)))
    frame = renderer.read()
    renderer.release()
    return frame


@pytest.fixture
def said():
    return []


@pytest.fixture
def share(context, said):
    made = SharedUpload(context, said.append, 'host_cuda')
    yield made
    host_cuda.trouble.clear()
    made.release()
    assert not host_cuda.registered


@pytest.fixture
def texture(context):
    made = context.texture(SIZES[0], 4)
    yield made
    made.release()


def test_without_the_package_pictures_are_the_same_and_one_sentence_says_why(context, said):
    share, pixels = SharedUpload(context, said.append, 'cuda.nowhere'), put_on_device(noise(SIZES[0]))
    assert np.array_equal(show(context, share, pixels), show(context, None, pixels))
    assert len(said) == 1 and 'cuda.nowhere cannot be imported' in said[0] and 'gl-share' in said[0]


def test_without_a_device_pictures_are_the_same_and_one_sentence_says_why(context, said):
    core, pixels = pytest.importorskip(PACKAGE), put_on_device(noise(SIZES[0]))
    try:
        core.Device(0)
    except Exception:       # of many kinds, see shared_upload.py
        share = SharedUpload(context, said.append)
        assert np.array_equal(show(context, share, pixels), show(context, None, pixels))
        assert len(said) == 1 and not share.is_open and said[0].startswith('pictures come through the host')
    else:
        pytest.skip('needs a machine without CUDA')


def test_what_lies_on_the_device_is_shown(context, share, said):
    there = noise(SIZES[0])
    assert np.array_equal(show(context, share, put_on_device(there)), show(context, None, there))
    assert said == ['pictures go from CUDA to OpenGL directly']


def test_pictures_made_elsewhere_come_through_the_host_until_they_are_made_on_cuda(share, texture, said):
    assert not share.write(texture, noise(SIZES[0])) and share.is_open
    assert share.write(texture, put_on_device(noise(SIZES[0]))) and len(said) == 2


def test_a_buffer_is_registered_once_for_each_size(context, share):
    for number, size in enumerate((SIZES[0], SIZES[0], SIZES[1], SIZES[0])):
        texture, there = context.texture(size, 4), noise(size, number)
        assert share.write(texture, put_on_device(there)) and len(host_cuda.registered) == 1
        assert texture.read() == there.tobytes()
        texture.release()


def test_a_failure_while_playing_is_said_once_and_the_host_takes_over(context, share, said):
    there = noise(SIZES[0])
    renderer = Renderer(context, (160, 90), share=share)
    for number in range(4):
        host_cuda.trouble[:] = ['the driver is gone'] if number else []
        renderer.draw(Scene(number / 30, Board(), None, Picture(put_on_device(there), 0, number)))
    assert renderer.between.upload.read() == bytes(there.nbytes)
    renderer.release()
    assert said[1:] == ['pictures come through the host, because CUDA and OpenGL cannot share them: the driver is gone']


def test_after_a_change_of_mode_the_newest_dream_is_registered_and_shown_again(context, share):
    renderer, there = Renderer(context, (160, 90), share=share), noise(SIZES[0])
    renderer.draw(Scene(0.0, Board(), None, Picture(put_on_device(there), 0, 0)))
    renderer.rebuild()
    assert renderer.between.upload.read() == there.tobytes() and len(host_cuda.registered) == 1
    renderer.release()


def test_a_part_of_a_picture_has_no_address():
    whole = put_on_device(noise(SIZES[0]))
    assert whole.address and not any(part.address for part in (whole[::-1], whole[..., :3], whole.copy(), whole + 1))


def test_a_picture_on_a_gpu_reaches_the_texture_without_the_host(context, said, texture):
    import torch
    if not torch.cuda.is_available():
        pytest.skip('needs a CUDA device')
    pytest.importorskip(PACKAGE)
    if 'NVIDIA' not in context.info['GL_VENDOR']:
        pytest.skip('needs OpenGL on the CUDA device')
    share, there = SharedUpload(context, said.append), torch.from_numpy(noise(SIZES[0]))
    for turn in range(3):
        pixels = fetch(there.roll(turn, 0).cuda())
        pixels[:] = 0
        assert share.write(texture, pixels), said
        assert texture.read() == there.roll(turn, 0).numpy().tobytes()
    share.release()
