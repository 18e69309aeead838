import math

import numpy as np
import pytest
import torch

from live.diffusion.feedback import EDDY_SPEED, Motion, _flow, blur, move

MOVES = {'zoom': 1.3, 'rotate': 40.0, 'pan_x': 0.1, 'pan_y': 0.1, 'warp': 1.0, 'blur': 1.0}


def blob(rows=96, columns=96, x=0.5, y=0.5, size=0.05):
    """A round spot at a place of 0..1 from the left and from the top; size in heights."""
    down = (torch.arange(rows) + 0.5)[:, None] / rows - y
    right = ((torch.arange(columns) + 0.5)[None] / columns - x) * columns / rows
    return torch.exp(-(down ** 2 + right ** 2) / (2 * size ** 2))[None, None]


def place(field):
    """Where its weight is: from the left and from the top, 0..1."""
    weight = field[0, 0] / field.sum()
    rows, columns = weight.shape
    return ((weight.sum(0) * (torch.arange(columns) + 0.5)).sum().item() / columns,
            (weight.sum(1) * (torch.arange(rows) + 0.5)).sum().item() / rows)


def spread(field, axis):
    """Variance of its weight along an axis, in square pixels."""
    weight = field[0, 0].sum(1 - axis) / field.sum()
    at = torch.arange(len(weight), dtype=torch.float32)
    return ((weight * at ** 2).sum() - (weight * at).sum() ** 2).item()


def repeat(field, motion, times, seconds=1.0):
    for k in range(times):
        field = move(field, motion, seconds / times, k * seconds / times)
    return field


def test_at_rest_the_field_itself_comes_back():
    field = torch.randn(1, 4, 16, 16)
    assert move(field, Motion(), 0.1, 7.0) is field
    assert Motion().is_still and not Motion(hue=0.1).is_still


@pytest.mark.parametrize('name', MOVES)
def test_no_time_is_no_move(name):
    field = torch.randn(1, 4, 16, 16)
    assert move(field, Motion(**{name: MOVES[name]}), 0.0) is field


def test_every_move_is_read_from_the_board():
    from live.params import PARAMS, Board
    board = Board()
    assert Motion.read(board).is_still
    for param in PARAMS:
        if param.name.removeprefix('feedback.') in Motion.__dataclass_fields__:
            board[param.name] = param.high
    assert Motion.read(board) == Motion(4, 180, 1, 1, 1, 1, 1)


@pytest.mark.parametrize('times', [1, 5, 100])
def test_pan_moves_right_and_up_in_widths_and_heights_a_second(times):
    moved = repeat(blob(columns=160), Motion(pan_x=0.2, pan_y=0.1), times)
    assert place(moved) == pytest.approx((0.7, 0.4), abs=0.004)


@pytest.mark.parametrize('times', [1, 5, 100])
def test_zoom_moves_away_from_the_middle(times):
    moved = repeat(blob(x=0.6, y=0.45), Motion(zoom=2.0), times)
    assert place(moved) == pytest.approx((0.7, 0.4), abs=0.004)
    assert spread(moved, 0) == pytest.approx(4 * spread(blob(), 0), rel=0.03)


@pytest.mark.parametrize('times', [1, 5, 100])
@pytest.mark.parametrize('columns', [96, 160])
def test_rotation_turns_to_the_left_and_keeps_the_shape_of_things(times, columns):
    moved = repeat(blob(columns=columns, x=0.5 + 0.25 * 96 / columns, size=0.035), Motion(rotate=90.0), times)
    assert place(moved) == pytest.approx((0.5, 0.25), abs=0.004)
    assert spread(moved, 0) == pytest.approx(spread(moved, 1), rel=0.05)


def test_a_quarter_turn_at_once_is_exact():
    field = torch.randn(1, 4, 32, 32)
    assert torch.allclose(move(field, Motion(rotate=90.0), 1.0), field.rot90(1, (2, 3)), atol=1e-3)


def test_a_hundred_small_moves_keep_the_detail_of_one():
    stripes = torch.sin(torch.arange(128) * 2 * math.pi / 8).expand(1, 1, 128, 128)
    moved = repeat(stripes, Motion(pan_x=0.05), 100)        # 6.4 pixels; bilinear steps would leave a tenth
    assert moved[..., 32:96, 32:96].std() > 0.9 * stripes.std()


@pytest.mark.parametrize('name', MOVES)
def test_an_even_field_stays_even(name):
    field = torch.full((1, 3, 40, 64), 0.7)
    assert torch.allclose(repeat(field, Motion(**{name: MOVES[name]}), 10), field, atol=1e-5)


@pytest.mark.parametrize('name', MOVES)
def test_noise_grows_no_louder_in_hundreds_of_moves(name):
    field = torch.randn((1, 2, 48, 48), generator=torch.Generator().manual_seed(1))
    moved = repeat(field, Motion(**{name: MOVES[name]}), 300, seconds=3.0)
    assert moved.std() < field.std() and moved.abs().max() < 1.2 * field.abs().max()


def flow(moment=0.0, size=128):
    y = (1 - (torch.arange(size) + 0.5) * 2 / size)[:, None]
    x = ((torch.arange(size) + 0.5) * 2 / size - 1)[None]
    return _flow(x, y, moment, 1.0)


def test_eddies_have_no_divergence():
    right, up = (part.numpy() for part in flow())
    along, across = np.gradient(right, axis=1), np.gradient(right, axis=0)
    assert np.abs((along - np.gradient(up, axis=0))[1:-1, 1:-1]).max() < 0.02 * np.abs(across).max()


def test_eddies_are_slow_and_as_fast_as_told():
    speeds = [math.hypot(right.std(), up.std()) for right, up in map(flow, range(0, 200, 5))]
    assert np.mean(speeds) == pytest.approx(1.0, abs=0.25)
    assert (flow(0.1)[0] - flow(0.0)[0]).abs().max() < 0.1


def test_warp_carries_things_along_and_comes_to_no_end():
    moved = repeat(blob(), Motion(warp=1.0), 50)
    assert 0.01 < math.dist(place(moved), place(blob())) < 3 * EDDY_SPEED
    assert moved.sum() == pytest.approx(blob().sum().item(), rel=0.05)


@pytest.mark.parametrize('times', [5, 100])
def test_blur_is_the_same_at_every_rate(times):
    assert torch.allclose(repeat(blob(), Motion(blur=0.7), times), repeat(blob(), Motion(blur=0.7), 1), atol=1e-5)


def test_blur_adds_its_variance_and_keeps_the_mean():
    field = blob(64, 96, size=0.08)
    soft = blur(field, 9.0)
    assert [spread(soft, axis) - spread(field, axis) for axis in (0, 1)] == pytest.approx([9.0, 9.0], rel=0.01)
    assert soft.mean() == pytest.approx(field.mean().item(), rel=1e-5)
