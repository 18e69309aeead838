"""OSC from strangers: real packets changed at random, floods and bombs. Nothing raises, all is counted."""
import math
import socket
import struct
import threading
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutations import mutants
from osc_hands import bundle, typed, wait_for
from pythonosc.osc_message_builder import build_msg

from live.control.desk import Desk
from live.control.osc import OscServer
from live.params import PARAMS, Board
from live.signals import EVENT
from live.wires import Latest, Ring

ROUTES = ('/prompt', '/prompt/3', '/prompt/negative', '/prompt/negative_text', '/gate', '/note', '/panic',
          '/go', '/recall', '/store', '/cue', '/undo', '/redo', '/revert', '/hold', '/tap', '/learn', '/subscribe',
          '/unsubscribe', '/sync', '/ping', '/answer', '/heartbeat', '/message', '/blackout', '/drone/hold',
          '/drone/source', '/layer3/cutoff', '/n/drone/root', '/*/drift_cents', '/{drone,layer2}/pan',
          '/stage/position')
VALUES = st.one_of(
    st.floats(width=32), st.integers(-2 ** 31, 2 ** 31 - 1), st.booleans(), st.binary(min_size=1),
    st.text(st.characters(exclude_characters='\0', exclude_categories=['Cs']), max_size=40),
    st.lists(st.integers(0, 9), max_size=3),
    st.sampled_from([math.nan, math.inf, -math.inf, 'nan', '1e400', 'off', '9' * 400, 1e-45]))
PACKETS = [build_msg('/drone/drift_cents', [12.5]).dgram, build_msg('/patch', ['nineteen']).dgram,
           build_msg('/prompt', ['deep', 'water', 3]).dgram, build_msg('/subscribe', ['/drone/*', 30]).dgram,
           typed('/note', 'd', 60.5), typed('/n/drone/root', 'h', 2 ** 40), typed('/panic', 'T', True),
           bundle(1, bundle(1, build_msg('/gate', [1.0])), build_msg('/ping', [])).dgram]


def nest(depth):
    """Return a bundle within bundles, as deep as asked for."""
    packet = b''
    for _ in range(depth):
        packet = b'#bundle\0' + bytes(7) + b'\1' + (struct.pack('>i', len(packet)) + packet if packet else b'')
    return packet


def message(address, types=b'', data=b''):
    def pad(text):
        return text + bytes(4 - len(text) % 4)
    return pad(address) + pad(b',' + types) + data


BOMBS = {'nested bundles': nest(3000), 'many messages': b'#bundle\0' + bytes(8) + b''.join(
             struct.pack('>i', len(m)) + m for m in [message(b'/gate', b'f', struct.pack('>f', 0.5))] * 3000),
         'a megabyte of text': message(b'/prompt', b's', b'x' * 2 ** 20 + bytes(4)),
         'a megabyte of address': message(b'/' + b'x' * 2 ** 20),
         'a megabyte of types': message(b'/gate', b'i' * 2 ** 20, bytes(2 ** 22)),
         'many stars': message(b'/' + b'*' * 1000 + b'x', b'f', bytes(4)),
         'stars and letters': message(b'/' + b'*a' * 500 + b'/' + b'*a' * 500, b'f', bytes(4)),
         'many braces': message(b'/{' + b'drone,' * 2000 + b'}/{' + b'pan,' * 2000 + b'}', b'f', bytes(4)),
         'braces in braces': message(b'/' + b'{a,' * 500 + b'}' * 500, b'f', bytes(4)),
         'many brackets': message(b'/' + b'[a-z]*' * 300, b'f', bytes(4)),
         'lists in lists': message(b'/gate', b'[' * 4000 + b']' * 4000),
         'all at once': message(b'/*/*', b'f', struct.pack('>f', math.nan)),
         'a blob of minus one': message(b'/gate', b'b', b'\xff' * 8)}


def make():
    return OscServer(Desk(Board(), Ring.make(64, EVENT), Latest(('', ''))))


def check(osc):
    assert all(p.low <= value <= p.high for p, (_, value) in zip(PARAMS, osc.desk.board.items()))
    assert len(osc.error) < 500 and len(osc.desk.message) < 500


@given(st.lists(mutants(PACKETS), max_size=5))
def test_changed_packets_are_counted(packets):
    osc = make()
    for packet in packets:
        osc.handle(packet)
        check(osc)


@given(st.lists(st.tuples(st.sampled_from(ROUTES), st.lists(VALUES, max_size=4)), min_size=1, max_size=5))
def test_any_arguments_are_taken_or_refused(messages):
    osc = make()
    for number, (address, arguments) in enumerate(messages, 1):
        osc.handle(build_msg(address, arguments).dgram)
        assert osc.received + osc.malformed == number
    check(osc)


@pytest.mark.parametrize('bomb', BOMBS)
def test_bombs_end_in_a_sentence(bomb):
    osc = make()
    began = time.process_time()
    osc.handle(BOMBS[bomb])
    assert osc.received + osc.malformed > 0 or bomb == 'nested bundles'
    assert time.process_time() - began < 20     # of nothing that hangs, on any machine
    check(osc)


@pytest.fixture
def served(desk):
    osc = OscServer(desk, 0)
    osc.start()
    yield osc
    osc.stop()


def flood(port, packets, rate, seconds):
    """Send so many a second; return how many were sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.connect(('127.0.0.1', port))
        begin, sent = time.monotonic(), 0
        while sent < rate * seconds:
            for _ in range(100):
                source.send(packets[sent % len(packets)])
                sent += 1
            time.sleep(max(0.0, begin + sent / rate - time.monotonic()))
    return sent


def test_ten_thousand_messages_a_second_leave_memory_flat(served, desk):
    good = [build_msg('/drone/drift_cents', [float(n % 200)]).dgram for n in range(200)]
    packets = [*good, b'/x\0\0,\0\0\0', b'garbage', *PACKETS[:3], build_msg('/drone/pan', [math.nan]).dgram]
    flood(served.port, packets, 10000, 0.5)
    wait_for(lambda: not served._waiting)
    tracemalloc.start()
    sent = flood(served.port, packets, 10000, 2)
    wait_for(lambda: not served._waiting)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    handled = served.received + served.malformed
    assert handled > sent / 4 and served.refused > 0 and served.malformed > 0
    assert kept < 2 << 20 and len(threading.enumerate()) < 20


def test_what_is_said_after_a_flood_is_done(served, desk):
    flood(served.port, [build_msg('/note', [60.0, 0.5]).dgram, build_msg('/note', [60.0, 0.0]).dgram], 10000, 0.5)
    wait_for(lambda: not served._waiting)
    flood(served.port, [build_msg('/drone/drift_cents', [7.0]).dgram], 100, 1)
    wait_for(lambda: desk.board['drone.drift_cents'] == 7)
