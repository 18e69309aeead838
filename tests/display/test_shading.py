"""The chains around the dream: what they change, and what they leave as it was."""
import json

import numpy as np
import pytest

from live.display.renderer import Renderer, Scene
from live.params import Board

FILTER = [{'NAME': 'inputImage', 'TYPE': 'image'}]
RED = 'void main() { gl_FragColor = vec4(1.0, 0.0, 0.0, 1.0); }'
SAME = 'void main() { gl_FragColor = IMG_THIS_PIXEL(inputImage); }'
INVERT = 'void main() { gl_FragColor = vec4(1.0 - IMG_THIS_PIXEL(inputImage).rgb, 1.0); }'


@pytest.fixture
def shaded(context, scenes, tmp_path):
    """A Renderer whose shaders are `red`, `same` and `invert`."""
    for name, body, inputs in (('red', RED, []), ('same', SAME, FILTER), ('invert', INVERT, FILTER)):
        (tmp_path / f'{name}.fs').write_text(f'/*{json.dumps({"INPUTS": inputs})}*/\n{body}')
    made = Renderer(context, scenes.size)
    for chain in (made.shading.before, made.shading.after):
        chain.folder = tmp_path
    yield made
    made.release()


def draw(renderer, scenes, before=(), after=(), frames=3, **values):
    board = scenes.board(**values)
    for number in range(frames):
        renderer.draw(Scene(number / 20, board, scenes.slice(), shaders=(before, after)))
    return renderer.read()[..., :3].astype(float)


def test_colours_come_through_as_they_were(shaded, context, scenes):
    plain = draw(Renderer(context, scenes.size), scenes)
    assert abs(draw(shaded, scenes, after=('same',)) - plain).max() <= 2


def test_shaders_after_the_dream_change_what_is_seen(shaded, scenes):
    assert abs(draw(shaded, scenes, after=('red',)) - (255, 0, 0)).max() <= 2


def test_brightness_acts_after_them(shaded, scenes):
    assert draw(shaded, scenes, after=('red',), stage_blackout=1).max() == 0


@pytest.mark.parametrize('amount, red', [(0, False), (1, True)])
def test_display_shaders_fades_them(shaded, scenes, amount, red):
    assert (draw(shaded, scenes, after=('red',), display_shaders=amount)[..., 0].min() > 250) == red


def test_half_faded_is_half_way_as_the_screen_shows_it(shaded, context, scenes):
    plain = draw(Renderer(context, scenes.size), scenes)
    halved = draw(shaded, scenes, after=('invert',), display_shaders=0.5)
    assert abs(halved - 127.5).max() < 3 < abs(plain - 127.5).mean()


def test_shaders_before_the_dream_change_what_it_begins_from_alone(shaded, context, scenes):
    plain = draw(Renderer(context, scenes.size), scenes)
    assert abs(draw(shaded, scenes, before=('invert',)) - plain).max() <= 2
    motes, made = shaded.motes_image((64, 48)).astype(int), shaded.shaded_image((64, 48)).astype(int)
    assert made.shape == (48, 64, 4) and abs(255 - motes - made)[..., :3].max() <= 4


def test_without_shaders_dreams_begin_from_the_motes(shaded, scenes):
    draw(shaded, scenes)
    assert abs(shaded.shaded_image((32, 32)).astype(int) - shaded.motes_image((32, 32))).max() <= 3


def test_before_the_first_frame_there_is_a_picture_to_begin_from(shaded):
    assert shaded.shaded_image((32, 32)).shape == (32, 32, 4)


def test_a_shader_that_is_missing_is_told_and_the_rest_is_drawn(shaded, scenes):
    draw(shaded, scenes, after=('rad', 'red'))
    assert "no shader 'rad'; did you mean red?" in shaded.errors[0]


def test_freeze_holds_the_shaders_too(shaded, scenes):
    board = scenes.board(stage_freeze=1)
    before = draw(shaded, scenes, after=('red',))
    shaded.draw(Scene(9.0, board, scenes.slice(), shaders=((), ('invert',))))
    assert abs(shaded.read()[..., :3] - before).max() <= 2


def test_a_new_size_and_a_rebuilt_renderer_keep_the_shaders(shaded, scenes):
    draw(shaded, scenes, after=('red',))
    shaded.resize((64, 36))
    shaded.rebuild()
    assert abs(draw(shaded, scenes, after=('red',)) - (255, 0, 0)).max() <= 2


def test_what_was_drawn_comes_again_after_reset(shaded, scenes):
    first = draw(shaded, scenes, after=('invert',))
    shaded.reset()
    assert np.array_equal(draw(shaded, scenes, after=('invert',)), first)


def test_the_picture_that_shaders_make_has_its_share_of_the_init_image(shaded):
    from live.diffusion.init_image import InitImage, InitSources
    from live.signals import SLICE
    from live.wires import Ring
    board = Board()
    board['init.motes'], board['init.shaders'] = 0.5, 0.5
    image = InitImage(InitSources(None, None, print), Ring.make(8, SLICE), 48000.0)
    full = lambda value: lambda size: np.full((*size, 4), value, np.uint8)      # noqa: E731
    assert image.make(board, (8, 8), 0.0, full(0), full(200)).mean() == 100
