import numpy as np
import pytest

from live.display.outputs import Outputs
from live.display.screens import Output
from live.display.targets import make_target, read_target, release_target, texture_of

SIZE = 160, 120
X, Y = (np.mgrid[:120, :160][::-1] + 0.5) / [[[160]], [[120]]]       # places of pixels, from left and top


@pytest.fixture
def show(context):
    """Return a function that draws a picture through outputs; each is an Output, or a pair with its area."""
    outputs, picture, window = Outputs(context), make_target(context, SIZE, 'f1'), make_target(context, SIZE, 'f1')

    def draw(pixels, *placed):
        placed = [item if isinstance(item, tuple) else (item, (0, 0, *SIZE)) for item in placed]
        texture_of(picture).write(np.ascontiguousarray(pixels[::-1]))
        window.clear(1, 0, 1)
        outputs.draw(texture_of(picture), window, SIZE, placed)
        return read_target(window)[..., :3].astype(float)
    yield draw
    outputs.release()
    for target in (picture, window):
        release_target(target)


def grey(level=200):
    return np.full((*SIZE[::-1], 4), level, np.uint8)


def ramps():
    """Return a picture whose red grows to the right and whose green grows downwards."""
    return np.dstack([255 * X, 255 * Y, 0 * X, 0 * X + 255]).astype(np.uint8)


def test_a_plain_output_shows_the_picture_to_the_bit(show):
    noise = np.random.default_rng(0).integers(0, 256, (*SIZE[::-1], 4), np.uint8)
    assert np.array_equal(show(noise, Output('any')), noise[..., :3])


@pytest.mark.parametrize('flip, rows, columns', [('horizontal', 1, -1), ('vertical', -1, 1), ('both', -1, -1)])
def test_flips_turn_the_picture_over(show, flip, rows, columns):
    shown = show(ramps(), Output(flip=flip))
    assert np.abs(shown - ramps()[::rows, ::columns, :3]).max() <= 2


def test_a_part_fills_the_monitor(show):
    shown = show(ramps(), Output(part=(0.5, 0, 1, 0.5)))
    assert shown[60, 80, :2] == pytest.approx([255 * 0.75, 255 * 0.25], abs=3)


def test_corners_pin_the_picture(show):
    """Lines stay lines: where the diagonals of the bent frame cross, the middle of the picture is."""
    corners = (0.1, 0.1), (0.9, 0.2), (0.8, 0.9), (0.2, 0.8)
    shown = show(ramps(), Output(corners=corners))
    a, b, c, d = map(np.array, corners)
    along = np.linalg.solve(np.array([c - a, b - d]).T, b - a)[0]
    x, y = a + along * (c - a)
    assert shown[round(y * 120 - 0.5), round(x * 160 - 0.5), :2] == pytest.approx([127, 127], abs=4)
    assert shown[:10].max() == shown[:, :14].max() == 0


def test_gamma_bends_the_curve(show):
    assert show(grey(128), Output(gamma=2.0)).mean() == pytest.approx(255 * (128 / 255) ** 2, abs=1)


def test_soft_edges_of_neighbours_add_up_to_the_whole_light(show):
    width = 0.2 / 0.6
    left = show(grey(), Output(part=(0, 0, 0.6, 1), soft=(0, 0, width, 0)))[60, :, 0]
    right = show(grey(), Output(part=(0.4, 0, 1, 1), soft=(width, 0, 0, 0)))[60, :, 0]
    places = np.linspace(0.42, 0.58, 33)
    light = sum((np.interp((places - start) / 0.6, X[0], shown) / 255) ** 2.2
                for start, shown in ((0, left), (0.4, right)))
    assert light == pytest.approx((200 / 255) ** 2.2, rel=0.03)


def test_a_mask_is_black_outside_and_ends_softly(show):
    triangle = (0.1, 0.1), (0.9, 0.1), (0.5, 0.9)
    shown = show(grey(), Output(mask=triangle, mask_soft=0.1))[..., 0]
    inside = (Y > 0.1) & (Y < 0.1 + 2 * (X - 0.1)) & (Y < 0.1 + 2 * (0.9 - X))
    assert shown[~inside].max() < 12 and shown[48, 80] == 200
    edge = shown[int(0.1 * 120):int(0.2 * 120), 80]
    assert (np.diff(edge) >= 0).all() and edge[0] < 60 < edge[4] < 199


def test_a_mask_may_have_dents(show):
    arrow = (0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 0.4), (0.0, 1.0)
    shown = show(grey(), Output(mask=arrow))[..., 0]
    assert shown[96, 80] == 0 and shown[24, 80] == shown[90, 8] == shown[90, 152] == 200


def test_each_output_has_its_place_and_the_rest_is_black(show):
    left, right = Output(0, part=(0, 0, 0.5, 1)), Output(1, part=(0.5, 0, 1, 1), gamma=1.0001)
    shown = show(ramps(), (left, (0, 0, 60, 100)), (right, (80, 20, 80, 100)))
    assert shown[50, 59, 0] == pytest.approx(126, abs=4) and shown[50, 81, 0] == pytest.approx(129, abs=4)
    assert shown[:, 60:80].max() == shown[100:, :60].max() == shown[:20, 80:].max() == 0
