"""OSC over TCP, with both framings, against python-osc's own client."""
import contextlib
import socket
import struct
import time

import pytest
from osc_hands import wait_for
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg
from pythonosc.tcp_client import SimpleTCPClient

from live.control.osc_tcp import LARGEST, MOST_CONNECTIONS, Broken, SizeFraming, SlipFraming

FRAMINGS = pytest.mark.parametrize('framing', [SizeFraming, SlipFraming], ids=['size', 'slip'])


@pytest.fixture
def connect(server):
    opened = []

    def one():
        opened.append(socket.create_connection(('127.0.0.1', server.port), timeout=5))
        return opened[-1]
    yield one
    for each in opened:
        each.close()


def hear(connection, framing):
    """Return the next message that comes over a connection."""
    received = bytearray()
    while (packet := framing.take(received)) is None:
        received += connection.recv(1)
    message = OscMessage(packet)
    return message.address, message.params


def ask(connection, framing, address, *arguments):
    connection.sendall(framing.wrap(build_msg(address, list(arguments)).dgram))
    return hear(connection, framing)


def is_closed(connection):
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


@given(st.lists(st.binary(min_size=1, max_size=50).map(lambda data: b'/' + data), max_size=5), st.integers(1, 40))
@FRAMINGS
def test_packets_are_found_however_the_stream_is_cut(framing, packets, size):
    stream, received, found = b''.join(map(framing.wrap, packets)), bytearray(), []
    for place in range(0, len(stream), size):
        received += stream[place:place + size]
        while (packet := framing.take(received)) is not None:
            found.append(packet)
    assert found == packets


@FRAMINGS
def test_answers_are_framed_as_the_questions(connect, framing):
    connection = connect()
    assert ask(connection, framing, '/ping') == ('/pong', [])
    assert ask(connection, framing, '/drone/drift_cents') == ('/drone/drift_cents', [5.0])


@pytest.mark.parametrize('mode', ['1.0', '1.1'])
def test_python_osc_is_understood(server, desk, mode):
    peer = SimpleTCPClient('127.0.0.1', server.port, mode=mode)
    peer.send_message('/drone/drift_cents', 9.0)
    peer.send_message('/ping', [])
    assert OscMessage(peer.receive(5)[0]).address == '/pong'
    assert desk.board['drone.drift_cents'] == 9
    peer.close()


def test_slip_without_a_first_end_is_understood(connect):
    connection = connect()
    connection.sendall(build_msg('/ping', []).dgram + b'\xc0')
    assert hear(connection, SlipFraming) == ('/pong', [])


@FRAMINGS
def test_feedback_comes_over_the_same_connection(connect, desk, framing):
    connection = connect()
    assert ask(connection, framing, '/subscribe', '/drone/drift_cents') == ('/drone/drift_cents', [5.0])
    desk.set('drone.drift_cents', 9)
    heard = hear(connection, framing)
    while heard[0] == '/heartbeat':
        heard = hear(connection, framing)
    assert heard == ('/drone/drift_cents', [9.0])


@pytest.mark.parametrize('first', [b'POST / HTTP/1.1\r\nHost: localhost\r\n\r\n', b'\x16\x03', b'x'])
def test_who_does_not_begin_with_osc_is_closed_and_nothing_of_it_is_done(server, connect, desk, first):
    connection = connect()
    connection.sendall(first + SlipFraming.wrap(build_msg('/drone/drift_cents', [9.0]).dgram))
    assert is_closed(connection) and 'no OSC' in server.error
    assert desk.board['drone.drift_cents'] == 5 and server.received == 0


def test_a_connection_that_was_reset_before_it_was_accepted_ends_nothing(server, connect, monkeypatch):
    def fail(opened):
        raise OSError(22, 'Invalid argument')
    with monkeypatch.context() as patch:
        patch.setattr('live.control.osc_tcp.Connection', fail)
        assert is_closed(connect())
    assert ask(connect(), SizeFraming, '/ping') == ('/pong', [])


@pytest.mark.parametrize('data', [struct.pack('>I', LARGEST + 1), struct.pack('>I', 0), bytes([0, 255, 255, 255])])
def test_a_size_that_is_not_allowed_ends_the_connection(server, connect, data):
    connection = connect()
    connection.sendall(data)
    assert is_closed(connection) and server.dropped == 1 and 'is not allowed' in server.error


def test_a_packet_without_end_is_not_kept():
    with pytest.raises(Broken, match='more than 65536 bytes'):
        SlipFraming.take(bytearray(b'/' * 200000))


def test_a_reader_that_is_too_slow_is_dropped_and_the_others_are_served(server, connect):
    quick = connect()
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(('127.0.0.1', server.port))
        for _ in range(1000):
            with contextlib.suppress(OSError):
                slow.sendall(SizeFraming.wrap(build_msg('/params', []).dgram))
            if server.dropped:
                break
            time.sleep(0.01)
    assert ask(quick, SizeFraming, '/ping') == ('/pong', [])
    assert server.dropped == 1 and 'too slowly' in server.error


def test_who_leaves_is_forgotten(server, connect):
    connection = connect()
    ask(connection, SizeFraming, '/subscribe', '/drone/pan')
    connection.close()
    other = connect()
    assert ask(other, SizeFraming, '/ping') == ('/pong', [])
    wait_for(lambda: not server.answers._followers)


def test_there_are_no_more_connections_than_so_many(server, connect):
    connections = [connect() for _ in range(MOST_CONNECTIONS)]
    for one in connections:
        ask(one, SizeFraming, '/ping')
    assert is_closed(connect())
    assert ask(connections[0], SizeFraming, '/ping') == ('/pong', [])


def test_random_bytes_leave_the_server_alive(server, connect):
    for seed in range(1, 60):
        connection = connect()
        connection.sendall(bytes((seed * 37 + k * k) % 256 for k in range(100)))
        connection.close()
    assert ask(connect(), SlipFraming, '/ping') == ('/pong', [])


def test_where_the_port_is_taken_over_tcp_udp_plays_on(desk):
    from live.control.osc import OscServer
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen()
        server = OscServer(desk, other.getsockname()[1])
        server.start()
        assert server.error.startswith('OSC over TCP is off')
        server.stop()
