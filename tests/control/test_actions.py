import pytest

from live.control.actions import ACTION_BY_NAME, ACTIONS
from live.params import BY_ADDRESS


def test_names_are_words_of_their_own():
    assert len(ACTION_BY_NAME) == len(ACTIONS)
    assert not {action.address for action in ACTIONS} & set(BY_ADDRESS)


def test_what_is_offered_is_done(desk):
    done = []
    desk.offer('go', lambda: done.append('go'))
    desk.offer('recall', done.append)
    assert desk.act('go') and desk.act('go', 1.0) and desk.act('recall', '3')
    assert done == ['go', 'go', 3]


@pytest.mark.parametrize('action', ['go', 'recall'])
def test_a_button_let_go_does_nothing(desk, action):
    done = []
    desk.offer(action, lambda *number: done.append(number))
    assert desk.act(action, 0.0) and not done


@pytest.mark.parametrize('name, value, said', [
    ('got', None, 'did you mean go?'), ('go', None, 'nothing here can do it'), ('recall', None, 'number of a scene'),
    ('recall', float('nan'), 'not a number'), ('recall', 'three', 'not a number')])
def test_what_cannot_be_done_is_refused_with_a_reason(desk, name, value, said):
    desk.offer('recall', lambda number: None)
    assert not desk.act(name, value)
    assert said in desk.message and desk.refused == 1


def test_what_an_action_refuses_is_refused(desk):
    desk.offer('go', lambda: desk.refuse('there is no cue'))
    assert not desk.act('go')


def test_patches_follow_one_another_in_a_ring_past_bad_ones(desk, tmp_path):
    (tmp_path / 'zero.toml').write_text('description = "none"')
    names = [desk.patch.name for _ in range(3) if desk.act('patch_next')]
    assert names == ['nineteen', 'zero', 'nineteen']
    assert desk.act('patch_back') and desk.patch.name == 'zero'
