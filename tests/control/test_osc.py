"""OSC: what a datagram does, and the server on real UDP."""
import random
import socket
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osc_hands import Client, bundle, send, typed, wait_for
from pythonosc.osc_bundle_builder import IMMEDIATELY
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg
from pythonosc.udp_client import SimpleUDPClient

from live.control.desk import Desk
from live.control.midi_learn import Learn
from live.control.osc import OscServer
from live.control.osc_sockets import OscError
from live.params import PARAMS, Board
from live.signals import EVENT, GATE, PANIC
from live.wires import Latest, Ring


def test_every_parameter_has_an_address_and_a_position(osc, desk):
    for param in PARAMS:
        send(osc, '/n' + param.address, 1.0)
        assert desk.board[param.name] == pytest.approx(param.high), param.name
        send(osc, param.address, float(param.low))
        assert desk.board[param.name] == pytest.approx(param.low), param.name
    assert osc.received == 2 * len(PARAMS) and osc.refused == 0


@pytest.mark.parametrize('kind, value', [('i', 12), ('h', 12), ('f', 12.0), ('d', 12.0), ('s', '12'), ('s', ' 1.2e1 ')])
def test_every_number_type_is_taken(osc, desk, kind, value):
    osc.handle(typed('/drone/drift_cents', kind, value))
    assert desk.board['drone.drift_cents'] == 12


@pytest.mark.parametrize('kind, value', [('T', True), ('i', 1), ('f', 1.0), ('s', 'on'), ('s', '1')])
def test_every_way_to_say_on_is_taken(osc, desk, kind, value):
    osc.handle(typed('/stage/freeze', kind, value))
    assert desk.board['stage.freeze'] == 1


@pytest.mark.parametrize('kind, value', [('f', float('nan')), ('d', float('inf')), ('s', 'nan'), ('N', None),
                                         ('b', b'\1\2'), ('s', 'much')])
def test_what_is_no_number_is_refused(osc, desk, kind, value):
    osc.handle(typed('/drone/drift_cents', kind, value))
    assert desk.board['drone.drift_cents'] == 5 and (osc.received, osc.refused, osc.malformed) == (1, 1, 0)
    assert osc.error.startswith('drone.drift_cents = ')


def test_first_of_several_numbers_counts_also_in_an_array(osc, desk):
    send(osc, '/drone/drift_cents', [7.0, 8.0], 9.0)
    assert desk.board['drone.drift_cents'] == 7


def test_choice_is_taken_by_name(osc, desk):
    send(osc, '/dream/noise', 'fresh')
    assert desk.board['dream.noise'] == 1


def test_prompt_joins_all_its_arguments(osc, desk):
    send(osc, '/prompt', 'a', 'glass', 'forest', 7, 0.5)
    send(osc, '/prompt/2', 'blue dust')
    assert desk.prompts.get() == ('a glass forest 7 0.5', 'blue dust')


def test_notes_and_gate(osc, desk):
    send(osc, '/note', 82.0, 0.5)
    send(osc, '/gate', 0.25)
    send(osc, '/gate', 0)
    assert desk.sent() == [(GATE, 0.5), (GATE, 0.25), (GATE, 0)]
    assert desk.board['drone.root'] == pytest.approx(932.32)


def test_note_with_velocity_0_releases_the_key(osc, desk):
    desk.set('drone.hold', 0)
    send(osc, '/note', 60)
    send(osc, '/note', 60, 0)
    assert desk.sent() == [(GATE, 1), (GATE, 0)]


def test_button_that_panics_is_pressed_and_let_go(osc, desk):
    send(osc, '/panic', 1.0)
    send(osc, '/panic', 0.0)
    assert desk.sent() == [(PANIC, 0)]
    send(osc, '/panic')
    assert desk.sent() == [(GATE, 1)]


@pytest.mark.parametrize('name', ['blackout', 'freeze'])
def test_stage_switches_turn_over_or_are_told(osc, desk, name):
    for arguments, state in (((), 1), ((), 0), ((1.0,), 1), ((1,), 1), ((0,), 0)):
        send(osc, f'/{name}', *arguments)
        assert desk.board[f'stage.{name}'] == state


def test_patch_is_loaded_by_name(osc, desk):
    send(osc, '/patch', 'nineteen')
    assert desk.patch.name == 'nineteen' and osc.refused == 0


def test_bad_patch_is_refused_with_its_reason(osc, desk):
    send(osc, '/patch', 'broken')
    assert osc.refused == 1 and 'outside 0..200' in osc.error


def test_unknown_address_gets_a_hint(osc):
    send(osc, '/drone/drift_cent', 1.0)
    assert osc.refused == 1 and osc.error == '/drone/drift_cent is unknown; did you mean /drone/drift_cents?'


@pytest.mark.parametrize('datagram', [b'', b'drone/drift_cents\0\0\0', b'/a\0\0,i\0\0', b'/a\0\0,q\0\0',
                                      b'/\xff\0\0', b'/a', b'#bundle\0', b'#bundle\0' + b'\0' * 7,
                                      b'#bundle\0' + bytes(8) + struct.pack('>i', -4),
                                      b'#bundle\0' + bytes(8) + struct.pack('>i', 99) + b'/a\0\0'])
def test_malformed_packet_is_counted(osc, datagram, caplog):
    osc.handle(datagram)
    assert (osc.received, osc.malformed) == (0, 1)
    assert not caplog.records


def test_broken_message_does_not_spoil_its_bundle(osc, desk):
    good = build_msg('/drone/drift_cents', [9.0]).dgram
    parts = [b'/a\0\0,q\0\0', good]
    osc.handle(b'#bundle\0' + bytes(7) + b'\1' + b''.join(struct.pack('>i', len(p)) + p for p in parts))
    assert desk.board['drone.drift_cents'] == 9 and osc.malformed == 1


def test_bundles_within_bundles_are_done_in_order(osc, desk):
    messages = [build_msg('/drone/drift_cents', [float(n)]) for n in (1, 2, 3)]
    osc.handle(bundle(IMMEDIATELY, messages[0], bundle(IMMEDIATELY, messages[1]), messages[2]).dgram)
    assert desk.board['drone.drift_cents'] == 3 and osc.received == 3 and osc.early == 0


def test_deep_bundles_are_taken_apart(osc, desk):
    packet = build_msg('/drone/drift_cents', [9.0]).dgram
    while len(packet) < 65000:
        packet = b'#bundle\0' + bytes(7) + b'\1' + struct.pack('>i', len(packet)) + packet
    osc.handle(packet)
    assert desk.board['drone.drift_cents'] == 9


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.binary(max_size=80).map(lambda b: b'#bundle\0' + b),
                 st.binary(max_size=80).map(lambda b: b'/drone/drift_cents\0\0,' + b),
                 st.lists(st.binary(max_size=40), max_size=5).map(lambda parts: b'#bundle\0' + bytes(8) + b''.join(
                     struct.pack('>i', len(p)) + p for p in parts))))
def test_random_bytes_raise_nothing_and_leave_the_board_in_range(datagram):
    osc = OscServer(Desk(Board(), Ring.make(64, EVENT), Latest(('', ''))))
    osc.handle(datagram)
    assert all(p.low <= value <= p.high for p, (_, value) in zip(PARAMS, osc.desk.board.items()))


def test_parameter_without_value_answers_with_it(client):
    assert client.ask('/drone/drift_cents') == ('/drone/drift_cents', [5.0])
    assert client.ask('/n/drone/hold') == ('/n/drone/hold', [1.0])


def test_eight_prompts_have_an_address_each(osc, desk):
    for number in range(1, 9):
        send(osc, f'/prompt/{number}', f'dust {number}')
    assert desk.prompts.get() == tuple(f'dust {number}' for number in range(1, 9))


def test_the_negative_prompt_takes_words_and_its_parameter_numbers(osc, desk):
    send(osc, '/prompt/negative', 'people', 'and', 'text')
    send(osc, '/prompt/negative', 0.5)
    assert desk.negative.get() == 'people and text' and desk.board['prompt.negative'] == 0.5
    send(osc, '/prompt/negative', '1.5')
    send(osc, '/prompt/negative_text', '7')
    assert desk.negative.get() == '7' and desk.board['prompt.negative'] == 1.5


def test_the_negative_prompt_answers_with_its_words(client):
    client.send('/prompt/negative_text', 'people')
    assert client.ask('/prompt/negative_text') == ('/prompt/negative_text', ['people'])


def test_shaders_are_named_in_one_argument_or_several(client, desk):
    client.send('/shaders/after', 'grade', 'grain')
    assert client.ask('/shaders/after') == ('/shaders/after', ['grade grain'])
    client.send('/shaders/after', 'grain grade')
    assert client.ask('/shaders/after') == ('/shaders/after', ['grain grade'])
    client.send('/shaders/after', '')
    assert client.ask('/shaders/after') == ('/shaders/after', [''])


def test_prompt_and_patch_answer_with_what_they_are(client):
    client.send('/patch', 'nineteen')
    assert client.ask('/patch') == ('/patch', ['nineteen'])
    assert client.ask('/prompt/2') == ('/prompt/2', ['forest'])


def test_ping_answers_pong(client):
    assert client.ask('/ping') == ('/pong', [])


def test_list_tells_every_parameter(client):
    client.send('/params')
    rows = [client.hear() for _ in PARAMS]
    assert [row[1][0] for row in rows] == [p.address for p in PARAMS]
    assert rows[0][0] == '/param' and rows[0][1][1:4] == pytest.approx([466.16, 16, 8000])
    assert rows[0][1][4:] == ['Hz', '', PARAMS[0].doc]
    assert client.hear() == ('/params/end', [len(PARAMS)])


def test_answers_go_to_the_port_that_was_named(client):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(('127.0.0.1', 0))
        other.settimeout(5)
        client.send('/answer', other.getsockname()[1])
        client.send('/ping')
        assert OscMessage(other.recv(100)).address == '/pong'


@pytest.mark.parametrize('ahead', [3600, 10])
def test_bundle_dated_far_ahead_holds_nothing_up(server, client, ahead):
    client.socket.send(bundle(time.time() + ahead, build_msg('/drone/drift_cents', [9.0])).dgram)
    assert client.ask('/drone/drift_cents') == ('/drone/drift_cents', [9.0])
    assert server.early == 1


def test_bundle_dated_a_little_ahead_is_done_when_it_is_due(server, client, desk):
    due = time.time() + 0.15
    client.socket.send(bundle(due, build_msg('/drone/drift_cents', [9.0])).dgram)
    assert client.ask('/drone/drift_cents') == ('/drone/drift_cents', [5.0])
    wait_for(lambda: desk.board['drone.drift_cents'] == 9)
    assert time.time() >= due and server.early == 0


def test_burst_of_5000_is_kept_whole(server, client, desk):
    sender = SimpleUDPClient('127.0.0.1', server.port)
    for n in range(5000):
        sender.send_message('/drone/drift_cents', n / 50)
    client.ask('/ping')
    assert server.received == 5001 and desk.changes == 5000
    sender._sock.close()


def test_random_datagrams_leave_the_server_alive(server, client):
    generator = random.Random(1)
    for _ in range(500):
        client.socket.send(generator.randbytes(generator.randrange(1, 200)))
    assert client.ask('/ping') == ('/pong', [])
    assert server.malformed == 500


def test_only_this_machine_is_heard_unless_asked_otherwise(desk):
    for lan, host in ((False, '127.0.0.1'), (True, '0.0.0.0')):
        server = OscServer(desk, port=0, lan=lan)
        server.start()
        assert server._socket.getsockname()[0] == host
        server.stop()


def test_port_in_use_tells_what_to_do(server, desk):
    with pytest.raises(OscError, match=rf'OSC port {server.port} cannot be opened .*--osc-port'):
        OscServer(desk, server.port).start()


def test_port_out_of_range_tells_what_to_do(desk):
    with pytest.raises(OscError, match='OSC port 70000 .*--osc-port'):
        OscServer(desk, 70000).start()


def test_server_starts_again_after_a_stop(server, desk):
    port = server.port
    server.stop()
    server.start()
    client = Client(server)
    assert client.ask('/ping') == ('/pong', []) and server.port == port
    client.socket.close()


def test_address_without_its_slash_is_taken_and_counted(osc, desk):
    osc.handle(b'drone/drift_cents\0\0\0,f\0\0' + struct.pack('>f', 9))
    assert desk.board['drone.drift_cents'] == 9 and (osc.received, osc.bare, osc.malformed) == (1, 1, 0)


@pytest.mark.parametrize('pattern, meant', [
    ('/*/drift_cents', 8), ('/layer?/pan', 7), ('/layer[2-4]/pan', 3), ('/{drone,layer8}/pan', 2), ('/n/*/pan', 8)])
def test_a_pattern_sets_all_that_it_matches(osc, desk, pattern, meant):
    before = dict(desk.board.items())
    send(osc, pattern, 0.75)
    assert sum(before[name] != value for name, value in desk.board.items()) == meant and osc.refused == 0


def test_a_pattern_reaches_no_action(osc, desk):
    send(osc, '/{panic,blackout,gate}', 1)
    send(osc, '/pani?')
    assert desk.sent() == [] and osc.refused == 2 and osc.error == '/pani? matches nothing that has a value'


def test_a_pattern_without_a_value_answers_with_all_that_it_matches(client):
    client.send('/layer[23]/pan')
    assert sorted([client.hear(), client.hear()]) == [('/layer2/pan', [0]), ('/layer3/pan', [0])]


def test_too_many_new_patterns_are_refused(osc):
    for number in range(200):
        send(osc, f'/*{number}*/pan', 0)
    assert 'too many different patterns at once' in osc.error


def test_action_is_done_by_its_address_and_a_button_let_go_does_nothing(osc, desk):
    done = []
    desk.offer('go', lambda: done.append('go'))
    desk.offer('recall', lambda number: done.append(number))
    for address, arguments in (('/go', [1.0]), ('/go', [0.0]), ('/go', []), ('/recall', [3])):
        send(osc, address, *arguments)
    assert done == ['go', 'go', 3] and osc.refused == 0


def test_action_that_fails_is_refused_and_leaves_the_server_alive(server, client, desk):
    def burst():
        raise RuntimeError('no film in the camera')
    desk.offer('record', burst)
    client.send('/record')
    assert client.ask('/ping') == ('/pong', [])
    assert server.refused == 1 and 'no film in the camera' in server.error


def test_impulse_is_a_button_pressed(osc, desk):
    osc.handle(b'/panic\0\0,I\0\0')
    assert desk.sent() == [(PANIC, 0)]


def test_action_that_nothing_offers_is_refused(osc):
    send(osc, '/record')
    assert osc.refused == 1 and osc.error.startswith('record')


@pytest.fixture
def learning(desk):
    """An OSC server beside a MIDI input that can learn, and has no device."""
    return OscServer(desk, port=0, learn=Learn(desk, lambda device, mapping: None, lambda: []))


@pytest.mark.parametrize('words, armed', [
    (['drone.drift_cents'], 'drone.drift_cents'), (['/drone/drift_cents'], 'drone.drift_cents'),
    (['drone/drift_cents'], 'drone.drift_cents'), (['go'], 'go'), (['/recall', 3], 'recall 3')])
def test_learning_is_armed_by_name_or_address_and_ended(learning, words, armed):
    send(learning, '/learn', *words)
    assert learning.values.answer('/learn') == (armed,)
    send(learning, '/learn', 'off')
    assert learning.values.answer('/learn') == ('',) and learning.refused == 0


def test_learning_an_unknown_name_gets_a_hint(learning):
    send(learning, '/learn', 'drone.drift_cent')
    assert learning.refused == 1 and learning.error.endswith('did you mean drone.drift_cents?')


def test_without_midi_there_is_nothing_to_learn(osc):
    send(osc, '/learn', 'drone.pan')
    assert osc.error == '/learn: there is no MIDI to learn from'


def test_what_another_thread_posts_is_done_and_answered(server, desk):
    class Friend:
        by_name = True
        heard = []

        def send(self, packet):
            self.heard.append(packet)

    friend = Friend()
    server.post(build_msg('/dream/noise', []).dgram, friend)
    wait_for(lambda: friend.heard)
    assert OscMessage(friend.heard[0]).address == '/dream/noise'
