import pytest

from live.diffusion.ladder import OFF, Bounded, Ladder, Rung, count_pixels
from live.params import Board


def test_the_way_down_is_smaller_then_one_step_then_another_model_then_off():
    ladder, board, seen = Ladder(('sd-turbo', 'embedded')), Board(), []
    board['dream.size'], board['dream.steps'] = 3, 4
    while ladder.rung.model != OFF:
        bounded = Bounded(board, ladder.rung, 512)
        seen.append((ladder.rung.model, bounded.pixels, int(bounded['dream.steps'])))
        ladder.descend(bounded.pixels, int(bounded['dream.steps']))
    pixels = [512 * 512, 640 * 384, 384 * 384, 256 * 256]
    one_model = [*((size, 4) for size in pixels), (256 * 256, 1)]
    assert seen == [(model, *rest) for model in ('sd-turbo', 'embedded') for rest in one_model]


@pytest.mark.parametrize('pixels, steps, words', [
    (512 * 512, 1, 'dreaming at 640x384 now'), (256 * 256, 4, 'dreaming in one step now'),
    (256 * 256, 1, 'dreaming with embedded now'), (0, 4, 'dreaming with embedded now')])
def test_each_rung_is_told(pixels, steps, words):
    assert Ladder(('sd-turbo', 'embedded')).descend(pixels, steps) == words


def test_without_another_model_the_shader_is_next():
    ladder = Ladder(('sd-turbo',))
    assert 'shader' in ladder.change_model() and ladder.rung == Rung(OFF)


def test_a_bound_holds_the_models_own_size_too_and_leaves_the_rest():
    board = Board()
    bounded = Bounded(board, Rung('sd-turbo', pixels=256 * 256, steps=1), 512)
    board['dream.steps'], board['dream.feedback'] = 3, 0.25
    assert (bounded['dream.size'], bounded['dream.steps'], bounded['dream.feedback']) == (1, 1, 0.25)
    assert board['dream.size'] == 0


def test_what_is_below_the_bound_stays_as_asked():
    board = Board()
    board['dream.size'] = 2
    assert Bounded(board, Rung('sd-turbo', pixels=count_pixels(4)), 512)['dream.size'] == 2
    board['dream.size'] = 0
    assert Bounded(board, Rung('tiny', pixels=256 * 256), 128)['dream.size'] == 0


def test_asking_lifts_the_bounds_but_changes_the_model_only_from_none():
    ladder = Ladder(('sd-turbo', 'embedded'))
    assert not ladder.climb()
    ladder.descend(512 * 512, 1)
    assert ladder.climb() and ladder.rung == Rung('sd-turbo')
    ladder.change_model('cpu')
    ladder.descend(512 * 512, 1)
    assert ladder.climb() and ladder.rung == Rung('embedded', 'cpu')
    ladder.change_model()
    assert ladder.climb() and ladder.rung == Rung('sd-turbo')
