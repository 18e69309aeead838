"""Loans: what notes have borrowed is not what hands, patches and scenes mean."""
import pytest

from live.control.loans import Loans
from live.params import Board, find_number
from live.patch import Patch

CUTOFF = 'layer2.cutoff'


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def loans(board):
    return Loans(board)


def test_what_was_lent_comes_back(loans, board):
    loans.lend(CUTOFF)
    board[CUTOFF] = 500
    assert loans[CUTOFF] == 2000
    loans.give_back(CUTOFF)
    assert board[CUTOFF] == loans[CUTOFF] == 2000


def test_what_is_put_meanwhile_comes_back(loans, board):
    loans.lend(CUTOFF)
    loans[CUTOFF] = 3000
    assert board[CUTOFF] == 2000
    loans.lend(CUTOFF)
    loans.give_back(CUTOFF)
    assert board[CUTOFF] == 3000


def test_values_are_those_without_the_notes(loans, board):
    loans.lend(CUTOFF)
    board[CUTOFF], board['drone.pan'] = 500, 1
    values = loans.read()
    assert values[find_number(CUTOFF)] == 2000 and values[find_number('drone.pan')] == 1
    values[[find_number(CUTOFF), find_number('drone.pan')]] = 700, -1
    loans.write()
    assert (board[CUTOFF], loans[CUTOFF], board['drone.pan']) == (500, 700, -1)


def test_reading_again_keeps_what_was_written(loans, board):
    loans.read()[find_number(CUTOFF)] = 700
    board['drone.pan'] = 1
    assert loans.read()[find_number(CUTOFF)] == board[CUTOFF] == 700 and board['drone.pan'] == 1


def test_stored_scene_and_undo_do_not_keep_a_note(desk):
    desk.use_patch(Patch('one'))
    desk.loans.lend('layer2.level_db')
    desk.board['layer2.level_db'] = -6
    desk.scenes.store(1)
    assert desk.scenes.stored[1].values[find_number('layer2.level_db')] == -60
    desk.use_patch(Patch('two', values={'layer2.level_db': -20.0}))
    assert desk.board['layer2.level_db'] == -6
    desk.loans.give_back('layer2.level_db')
    assert desk.board['layer2.level_db'] == -20


def test_hand_on_what_is_lent_can_be_undone(desk):
    desk.loans.lend(CUTOFF)
    desk.board[CUTOFF] = 500
    desk.set(CUTOFF, 4000)
    assert desk.board[CUTOFF] == 500 and desk.scenes.history.undo().before.value == (CUTOFF, 2000)
