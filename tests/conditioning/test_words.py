import numpy as np
import pytest
from hypothesis import given, settings, strategies

from live.conditioning.prompts import PromptBook, slerp
from live.conditioning.words import Glide, Words, ease
from live.params import Board
from live.wires import Latest


class Rig:
    """Words with what they read from; `board` names without their group."""

    def __init__(self, tiny, *prompts, negative='', **board):
        self.book, self.board = PromptBook(tiny.tokenizer, tiny.text_encoder), Board()
        self.prompts, self.negative = Latest(prompts), Latest(negative)
        self.words = Words(self.book, self.board, self.prompts, self.negative)
        self.turn(transition=4, **board)

    def turn(self, **board):
        for name, value in board.items():
            self.board[f'prompt.{name}'] = value

    def at(self, *times):
        return [self.words.now(time) for time in times][-1]


@pytest.fixture
def rig(tiny):
    return Rig(tiny, 'blue dust', 'a red fox', 'smoke')


def angle(one, other):
    """Return the mean angle between rows."""
    cosine = (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return np.arccos(np.clip(cosine, -1, 1))[1:].mean()


def test_the_first_words_stand_at_once(rig):
    assert np.array_equal(rig.at(0), rig.book.encode('blue dust'))


@pytest.mark.parametrize('weights, text', [((0, 1, 0), 'a red fox'), ((0, 0, 1), 'smoke'), ((0, 0, 0), 'blue dust')])
def test_a_prompt_alone_is_that_prompt(tiny, weights, text):
    rig = Rig(tiny, 'blue dust', 'a red fox', 'smoke', **{f'weight{k + 1}': w for k, w in enumerate(weights)})
    assert np.array_equal(rig.at(0), rig.book.encode(text))


def test_weights_of_prompts_that_are_not_there_count_for_nothing(tiny):
    rig = Rig(tiny, 'blue dust', weight8=1, mix=0.5)
    assert np.array_equal(rig.at(0), rig.book.encode('blue dust'))


def test_new_words_take_over_in_the_time_of_the_transition(rig):
    old, new = rig.at(0), rig.book.encode('northern lights')
    rig.prompts.put(('northern lights',))
    assert np.array_equal(rig.at(1), old)
    assert np.allclose(rig.at(2), slerp(old, new, ease(0.25)), atol=1e-5)
    assert np.allclose(rig.at(3), slerp(old, new, 0.5), atol=1e-5)
    assert np.array_equal(rig.at(5), new)


def test_words_that_change_under_way_go_on_from_where_they_are(rig):
    rig.at(0)
    rig.prompts.put(('northern lights',))
    before = rig.at(1, 3)
    rig.prompts.put(('rusted machines',))
    assert np.allclose(rig.at(3.001), before, atol=0.02) and not np.allclose(rig.at(5), before, atol=0.1)
    assert np.array_equal(rig.at(7.001), rig.book.encode('rusted machines'))


def test_another_time_of_transition_changes_the_pace_and_takes_nothing_back(rig):
    rig.at(0)
    rig.prompts.put(('northern lights',))
    before = rig.at(1, 4)
    rig.turn(transition=40)
    assert np.allclose(rig.at(4.001), before, atol=1e-3)
    assert not np.array_equal(rig.at(5), rig.book.encode('northern lights'))
    assert np.array_equal(rig.at(15), rig.book.encode('northern lights'))


def test_one_prompt_is_encoded_a_dream_and_the_old_ones_stand_meanwhile(rig):
    old = rig.at(0)
    rig.prompts.put(('one', 'two', 'three'))
    for seconds, known in ((1, 1), (2, 2)):
        assert np.array_equal(rig.at(seconds), old)
        assert sum(text in rig.book for text in ('one', 'two', 'three')) == known
    assert np.array_equal(rig.at(3), old) and not np.array_equal(rig.at(5), old)


def test_faders_of_a_new_patch_wait_for_its_words(rig):
    old = rig.at(0)
    rig.prompts.put(('one', 'two', 'three'))
    rig.turn(mix=1, weight3=1)
    assert np.array_equal(rig.at(1, 2), old)
    assert np.allclose(rig.at(3, 3.001), old, atol=1e-3)


def test_half_a_mix_is_half_way_on_the_sphere(rig):
    rig.at(0)
    rig.turn(mix=0.5)
    expected = slerp(rig.book.encode('blue dust'), rig.book.encode('a red fox'), 0.5)
    assert np.allclose(rig.at(0.1), expected, atol=1e-5)


def test_weights_glide_and_the_mix_follows_at_once(rig):
    rig.at(0)
    rig.turn(mix=1)
    assert np.array_equal(rig.at(1), rig.book.encode('a red fox'))
    rig.turn(mix=0, weight1=0, weight3=1)
    assert np.array_equal(rig.at(1), rig.book.encode('blue dust'))
    assert np.allclose(rig.at(3), slerp(rig.book.encode('blue dust'), rig.book.encode('smoke'), 0.5), atol=1e-5)
    assert np.array_equal(rig.at(5), rig.book.encode('smoke'))


def test_no_transition_is_a_cut(rig):
    rig.at(0)
    rig.turn(transition=0, weight1=0, weight2=1)
    assert np.array_equal(rig.at(0.01), rig.book.encode('a red fox'))
    rig.prompts.put(('smoke', 'glass'))
    assert np.array_equal(rig.at(0.02, 0.03), rig.book.encode('glass'))


def test_the_negative_prompt_pushes_the_words_away_and_keeps_their_length(tiny):
    rig, apart = Rig(tiny, 'blue dust', negative='a red fox'), []
    words, fox = rig.at(0), rig.book.encode('a red fox')
    for amount in (0, 0.5, 1, 2):
        rig.turn(negative=amount)
        apart.append(angle(rig.at(1), fox))
    assert apart == sorted(apart) and apart[-1] > apart[0] + 0.1
    assert np.allclose(np.linalg.norm(rig.at(2), axis=1), np.linalg.norm(words, axis=1), rtol=1e-5)


def test_a_new_negative_prompt_takes_over_in_the_time_of_the_transition(tiny):
    rig = Rig(tiny, 'blue dust', negative='a red fox')
    rig.turn(negative=1)
    before = rig.at(0)
    rig.negative.put('smoke')
    seen = [rig.at(time) for time in (1, 1.01, 3, 5.01)]
    assert np.allclose(seen[0], before, atol=1e-4) and angle(seen[1], before) < 0.01
    away = [angle(one, before) for one in seen]
    assert away == sorted(away)
    after = Rig(tiny, 'blue dust', negative='smoke')
    after.turn(negative=1)
    assert np.allclose(seen[-1], after.at(0), atol=1e-5)


def test_a_negative_prompt_equal_to_the_words_changes_nothing(tiny):
    rig = Rig(tiny, 'blue dust', negative='blue dust')
    rig.turn(negative=2)
    assert np.allclose(rig.at(0), rig.book.encode('blue dust'), atol=1e-6)


def test_a_glide_is_at_rest_at_both_ends_and_exact():
    glide = Glide(np.zeros(1))
    glide.aim(np.ones(1), 10.0, 4.0)
    assert glide.at(10)[0] == 0 and glide.at(12)[0] == 0.5 and glide.at(14)[0] == glide.at(99)[0] == 1
    assert glide.at(10.01)[0] < 1e-4 and glide.at(13.99)[0] > 1 - 1e-4


@settings(max_examples=30, deadline=None)
@given(moves=strategies.lists(strategies.tuples(strategies.floats(0, 1), strategies.floats(0.01, 3)), max_size=9))
def test_a_glide_turns_without_a_jump_or_a_corner(moves):
    glide, now = Glide(np.zeros(1)), 0.0
    for target, wait in moves:
        here, speed = glide.at(now), glide._speed_at(now)
        glide.aim(np.array([target]), now, 2.0)
        assert np.allclose(glide.at(now), here) and np.allclose(glide._speed_at(now), speed)
        now += wait
    assert -0.5 <= glide.at(now)[0] <= 1.5
