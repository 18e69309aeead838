"""What one sender may send: a burst is taken whole, a flood is not read, others are heard beside it."""
import socket
import time

import pytest
from osc_hands import Client, wait_for
from pythonosc.osc_message_builder import build_msg

from live.control.osc import OscServer
from live.control.osc_allowance import BURST, MOST_SENDERS, PART, RATE, Allowance


@pytest.fixture
def allowance():
    allowance = Allowance()
    allowance.refill(100.0)
    return allowance


def spend(allowance, count, sender='a', size=40):
    """Return how many packets are taken."""
    return sum(allowance.spend(sender, size) for _ in range(count))


def test_a_burst_is_taken_whole_and_the_rest_counted(allowance):
    assert spend(allowance, BURST + 100) == BURST and allowance.refused == 100


@pytest.mark.parametrize('seconds', [0.06, 1.0, 2.5])
def test_time_brings_new_allowance(allowance, seconds):
    spend(allowance, BURST + 1)
    allowance.refill(100.0 + seconds)
    assert spend(allowance, BURST) == pytest.approx(RATE * seconds, abs=1)


def test_a_sender_within_its_rate_is_never_refused(allowance):
    for tenth in range(300):
        allowance.refill(100.0 + tenth / 10)
        assert spend(allowance, RATE // 10) == RATE // 10


def test_one_sender_takes_nothing_from_another(allowance):
    spend(allowance, 2 * BURST)
    assert spend(allowance, 100, 'b') == 100


def test_a_long_packet_counts_as_several(allowance):
    assert spend(allowance, BURST, size=7 * PART) == BURST // 8


def test_no_more_than_so_many_senders_are_known_and_rest_lets_others_in(allowance):
    assert sum(spend(allowance, 1, sender) for sender in range(10 * MOST_SENDERS)) == MOST_SENDERS
    allowance.refill(200.0)
    assert spend(allowance, 1, 'another') == 1


@pytest.fixture
def served(desk):
    server = OscServer(desk, port=0)
    server.start()
    yield server
    server.stop()


def test_beside_a_flood_another_sender_is_heard_whole(served, desk):
    stranger, performer = Client(served), Client(served)
    noise = build_msg('/drone/pan', [0.1]).dgram
    with stranger.socket, performer.socket:
        number = 0
        while served.allowance.refused < 1000 and number < 199:
            for _ in range(300):
                stranger.socket.send(noise)
            number += 1
            performer.send('/drone/drift_cents', float(number))
            time.sleep(0.005)
    wait_for(lambda: desk.board['drone.drift_cents'] == number)
    assert served.refused >= served.allowance.refused >= 1000 and 'not read' in served.error


def test_a_sender_over_tcp_is_held_to_the_same(served, desk):
    packet = build_msg('/drone/pan', [0.1]).dgram
    with socket.create_connection(('127.0.0.1', served.port)) as stranger:
        stranger.sendall((len(packet).to_bytes(4, 'big') + packet) * (BURST + 5000))
        wait_for(lambda: served.received + served.refused >= BURST + 5000)
    assert served.refused > 0
