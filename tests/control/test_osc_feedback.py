"""Feedback: who hears of what, how often, and that nobody hears what it has said itself."""
import time

import pytest
from osc_hands import Client
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

from live.control.osc_feedback import BURST, HOLD, MOST_CLIENTS, Follower
from live.control.osc_values import Values
from live.params import PARAMS, SCENES

WORDS = 15      # addresses of texts: prompts, the negative one, the patch, two chains of shaders ...


@pytest.fixture
def follower(desk):
    """One that follows the wandering of the first layer, and has been told where it is."""
    one = Follower(Values(desk))
    one.follow(['/drone/drift_cents'])
    assert list(one.changes(0.0)) == [('/drone/drift_cents', (5.0,))]
    return one


def test_a_change_is_told_once(follower, desk):
    desk.set('drone.drift_cents', 9)
    assert list(follower.changes(1.0)) == [('/drone/drift_cents', (9.0,))]
    assert list(follower.changes(2.0)) == []


def test_what_nobody_follows_is_not_told(follower, desk):
    desk.set('drone.width', 0.1)
    assert list(follower.changes(1.0)) == []


def test_a_client_does_not_hear_its_own_change(follower, desk):
    desk.set('drone.drift_cents', 12.3)
    follower.has('/drone/drift_cents', 12.3, 1.0)
    assert list(follower.changes(1.0)) == list(follower.changes(1.0 + 2 * HOLD)) == []


def test_a_client_that_asked_for_too_much_is_told_what_it_got_when_it_rests(follower, desk):
    desk.set('drone.drift_cents', 900)
    follower.has('/drone/drift_cents', 900, 1.0)
    assert list(follower.changes(1.0 + HOLD / 2)) == []
    assert list(follower.changes(1.0 + HOLD)) == [('/drone/drift_cents', (200.0,))]


def test_while_a_client_moves_something_nobody_else_moves_its_fader(follower, desk):
    desk.set('drone.drift_cents', 12)
    follower.has('/drone/drift_cents', 12, 1.0)
    desk.set('drone.drift_cents', 3)
    assert list(follower.changes(1.0 + HOLD / 2)) == []
    assert list(follower.changes(1.0 + HOLD)) == [('/drone/drift_cents', (3.0,))]


def test_the_mirror_tells_positions(desk):
    follower = Follower(Values(desk))
    follower.follow(['/n/drone/hold'])
    list(follower.changes(0.0))
    desk.set('drone.hold', 0)
    assert list(follower.changes(1.0)) == [('/n/drone/hold', (0.0,))]


def test_a_fader_in_hand_moves_its_own_readout_at_once(desk):
    follower = Follower(Values(desk))
    follower.follow(['/drone/width', '/n/drone/width'])
    list(follower.changes(0.0))
    desk.turn('drone.width', 0.25)
    follower.has('/n/drone/width', 0.25, 1.0)
    assert list(follower.changes(1.0)) == [('/drone/width', (0.25,))]
    assert list(follower.changes(1.0 + HOLD)) == []


def test_to_follow_again_tells_nothing_again(follower):
    follower.follow(['/drone/drift_cents', '/patch'])
    assert list(follower.changes(1.0)) == [('/patch', ('',))]
    follower.follow(['/drone/drift_cents', '/patch'])
    assert list(follower.changes(2.0)) == []


def test_a_fader_between_two_steps_is_set_on_the_step_when_it_rests(desk):
    follower = Follower(Values(desk))
    follower.follow(['/n/drone/hold'])
    list(follower.changes(0.0))
    desk.turn('drone.hold', 0.7)
    follower.has('/n/drone/hold', 0.7, 1.0)
    assert list(follower.changes(1.0 + HOLD)) == [('/n/drone/hold', (1.0,))]


@pytest.mark.parametrize('by_name, value', [(False, 3), (True, 'split')])
def test_a_choice_is_told_by_number_or_by_name(desk, by_name, value):
    follower = Follower(Values(desk), by_name)
    follower.follow(['/dream/noise'])
    desk.set('dream.noise', 'split')
    assert list(follower.changes(0.0)) == [('/dream/noise', (value,))]


def test_words_are_told_when_they_change_and_not_to_who_wrote_them(desk):
    follower = Follower(Values(desk))
    follower.follow(['/prompt/2'])
    assert list(follower.changes(0.0)) == [('/prompt/2', ('',))]
    desk.set_prompt(1, 'embers')
    assert list(follower.changes(1.0)) == [('/prompt/2', ('embers',))]
    desk.set_prompt(1, 'glass')
    follower.has_words('/prompt/2', ('glass',))
    assert list(follower.changes(2.0)) == []


def test_a_new_patch_is_told_in_bursts(desk):
    follower = Follower(Values(desk))
    follower.follow([param.address for param in PARAMS])
    bursts = [list(follower.changes(now)) for now in range(2 + len(PARAMS) // BURST)]
    assert max(map(len, bursts)) == BURST
    assert [address for burst in bursts for address, _ in burst] == [param.address for param in PARAMS]


@pytest.mark.parametrize('group, count', [('/drone', sum(p.group == 'drone' for p in PARAMS)), ('/n', len(PARAMS)),
                                          ('/', len(PARAMS) + WORDS), ('/drone/pan', 1), ('/*/pan', 8), ('/none', 0)])
def test_a_group_a_pattern_or_all_can_be_followed(desk, group, count):
    assert len(Values(desk).expand(group)) == count


def test_scene_names_have_a_place_each(desk):
    desk.load_patch('nineteen')
    desk.act('store', 2)
    assert Values(desk).answer('/scene/names') == ('', 'nineteen', *[''] * (SCENES - 2))


def test_a_subscriber_hears_values_changes_and_the_heartbeat(client, desk):
    client.send('/subscribe', '/drone/drift_cents')
    heard = client.hear_until('/heartbeat')
    assert ('/drone/drift_cents', [5.0]) in heard
    desk.set('drone.drift_cents', 9)
    assert ('/drone/drift_cents', [9.0]) in client.hear_until('/drone/drift_cents')


def test_the_heartbeat_varies(client):
    client.send('/subscribe', '/drone/pan')
    first, second = client.hear_until('/heartbeat')[-1], client.hear_until('/heartbeat')[-1]
    assert second[1][0] > first[1][0] >= 0


def test_two_clients_hear_of_each_other_and_not_of_themselves(server, client):
    other = Client(server)
    for one in (client, other):
        one.send('/subscribe', '/drone/drift_cents')
        one.hear_until('/drone/drift_cents')
    client.send('/drone/drift_cents', 9.0)
    assert other.hear_until('/drone/drift_cents')[-1] == ('/drone/drift_cents', [9.0])
    client.send('/ping')
    assert {address for address, _ in client.hear_until('/pong')} <= {'/heartbeat', '/pong'}
    other.socket.close()


def test_changes_come_no_faster_than_asked_for(client, desk):
    client.send('/subscribe', '/drone/drift_cents', 10.0)
    client.hear_until('/drone/drift_cents')
    heard, end = 0, time.monotonic() + 0.5
    client.socket.settimeout(0.02)
    while time.monotonic() < end:
        desk.set('drone.drift_cents', time.monotonic() % 100)
        try:
            heard += client.hear()[0] == '/drone/drift_cents'
        except TimeoutError:
            pass
    assert 1 <= heard <= 6


def test_who_unsubscribes_hears_no_more(client, desk):
    client.send('/subscribe', '/drone')
    client.hear_until('/drone/ring')
    client.send('/unsubscribe')
    client.send('/ping')
    client.hear_until('/pong')
    desk.set('drone.drift_cents', 9)
    client.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.hear()


def test_one_of_two_subscriptions_can_be_ended(server, client):
    client.send('/subscribe', '/drone/pan', '/drone/width')
    client.send('/unsubscribe', '/drone/pan')
    client.send('/ping')
    client.hear_until('/pong')
    follower = server.answers.follower(client.socket.getsockname())
    assert follower.places.sum() == 1


def test_sync_tells_all_values_once(client):
    client.send('/sync')
    heard = [client.hear() for _ in range(len(PARAMS) + WORDS)]
    assert {param.address for param in PARAMS} <= {address for address, _ in heard}
    assert ('/prompt/1', ['']) in heard and ('/patch', ['']) in heard


def test_sync_tells_a_subscriber_again(client):
    client.send('/subscribe', '/drone/pan')
    client.hear_until('/drone/pan')
    client.send('/sync')
    assert client.hear_until('/drone/pan')[-1] == ('/drone/pan', [0.0])


@pytest.mark.parametrize('address', ['/subscribe', '/sync', '/unsubscribe'])
def test_a_request_for_what_is_not_there_is_refused(server, client, address):
    client.send('/subscribe', '/drone/pan')
    client.send(address, '/nothing')
    client.send('/ping')
    client.hear_until('/pong')
    assert server.refused == 1 and server.error.endswith('is at /nothing')


def test_lists_asked_for_without_end_are_refused(server, client):
    for _ in range(100):
        client.send('/params')
    for _ in range(2):
        client.hear_until('/params/end')
    assert server.refused >= 50 and 'too many lists' in server.error


def test_lists_for_too_many_clients_are_refused_and_the_others_are_sent(osc):
    for port in range(1, 100):
        osc.handle(build_msg('/params', []).dgram, ('127.0.0.1', port))
    for turn in range(20):
        osc.answers.tick(float(turn))
        while osc.answers.send_next():
            pass
    assert osc.refused == 99 - MOST_CLIENTS and osc.answers.wait(20.0, 0.1) == 0.1


def test_the_oldest_of_too_many_subscribers_is_forgotten(osc):
    for port in range(1, 100):
        osc.handle(build_msg('/subscribe', ['/drone/pan']).dgram, ('127.0.0.1', port))
    assert osc.answers.follower(('127.0.0.1', 1)) is None and osc.answers.follower(('127.0.0.1', 99))


def test_feedback_goes_to_the_port_that_was_named(server, client):
    other = Client(server)
    client.send('/answer', other.socket.getsockname()[1])
    client.send('/subscribe', '/drone/pan')
    assert OscMessage(other.socket.recv(100)).address == '/drone/pan'
    other.socket.close()
