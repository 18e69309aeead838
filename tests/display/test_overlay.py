import pytest

from live.display.overlay import EVERY, Overlay, set_text
from live.display.targets import make_target, read_target

LINES = ['display 60.0 fps   dream 12.3 fps', 'sound 7.2 % load   0 underflows', 'Press Esc again to leave']


@pytest.fixture
def canvas(context):
    made = make_target(context, (640, 360), 'f1')
    made.clear(0.5, 0.5, 0.5, 1.0)
    return made


@pytest.fixture
def overlay(context):
    made = Overlay(context)
    yield made
    made.release()


def test_text_is_light_on_a_dark_panel_in_the_upper_left(canvas, overlay):
    overlay.draw(canvas, LINES, 0.0)
    seen = read_target(canvas)[..., :3].astype(int)
    corner = seen[20:70, 20:220]
    assert corner.max() > 200 and 20 < sorted(corner.reshape(-1))[corner.size // 4] < 80
    assert (seen[200:] == seen[-1, -1]).all()


def test_the_picture_shows_through_the_panel(canvas, overlay):
    overlay.draw(canvas, [' '], 0.0)
    grey = read_target(canvas)[20, 20, :3].astype(int)
    assert (30 < grey).all() and (grey < 60).all()


def test_no_lines_draw_nothing(canvas, overlay):
    before = read_target(canvas)
    overlay.draw(canvas, LINES, 0.0)
    canvas.clear(0.5, 0.5, 0.5, 1.0)
    overlay.draw(canvas, [], 0.01)
    assert (read_target(canvas) == before).all()


def test_text_changes_four_times_a_second_at_most(canvas, overlay):
    pictures = []
    for now in (0.0, EVERY * 0.5, EVERY):
        canvas.clear()
        overlay.draw(canvas, [f'{now:.4f}'], now)
        pictures.append(read_target(canvas))
    assert (pictures[0] == pictures[1]).all() and (pictures[1] != pictures[2]).any()


def test_letters_grow_with_the_window(context, overlay):
    heights = []
    for size in ((640, 360), (3840, 2160)):
        canvas = make_target(context, size, 'f1')
        overlay.draw(canvas, LINES, 10.0 * size[0])
        heights.append((read_target(canvas)[..., 3] > 0).any(axis=1).sum())
    assert heights[1] > 2 * heights[0]


def test_very_much_text_is_cut_to_the_window(canvas, overlay):
    overlay.draw(canvas, ['w' * 5000] * 500, 0.0)
    assert read_target(canvas)[..., :3].max() > 200


@pytest.mark.parametrize('line', ['', 'ä ü ß é', '\t\n', '€ → 音'])
def test_any_text_can_be_set(line):
    assert set_text([line], 16).shape[2] == 4
