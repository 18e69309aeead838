import pytest

from live.display.small_view import SmallView


def test_copy_is_the_frame_made_small(context, renderer, scenes):
    scenes.play(renderer, [scenes.slice()] * 5)
    view = SmallView(context, 80)
    view.draw(renderer.frame)
    small = view.take()
    assert small.shape == (45, 80, 4)
    assert small[..., :3].mean((0, 1)) == pytest.approx(renderer.read()[..., :3].mean((0, 1)), abs=1)
    view.release()


def test_copy_stands_the_right_way_up(context, renderer, scenes):
    scenes.play(renderer, [scenes.slice()] * 5)
    view = SmallView(context, 1000)
    view.draw(renderer.frame)
    assert (view.take() == renderer.read()).all()       # never larger than the frame
    view.release()


def test_each_copy_is_taken_once(context, renderer):
    view = SmallView(context, 80)
    assert view.take() is None
    view.draw(renderer.frame)
    assert view.take() is not None and view.take() is None
    view.release()
