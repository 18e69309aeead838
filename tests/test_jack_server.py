"""Who may open clients when: never beside those of a server that has died."""
import pytest

from live.jack_server import Clients


@pytest.fixture
def clients():
    return Clients()


def test_nobody_enters_before_all_have_left_the_dead(clients):
    assert clients.enter('sound') and clients.enter('midi')
    clients.tell_death()
    clients.leave('sound')
    assert clients.died and not clients.enter('sound')
    clients.leave('midi')
    assert not clients.died and clients.enter('sound')


def test_death_of_a_server_that_nobody_had_clients_with_is_none(clients):
    clients.tell_death()
    assert not clients.died and clients.enter('midi')


def test_who_leaves_twice_has_left(clients):
    clients.enter('midi')
    clients.leave('midi')
    clients.leave('midi')
    assert clients.enter('midi')
