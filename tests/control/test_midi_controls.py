"""The raw stream of a device -> moves of its controls, and back."""
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mido import Message, Parser

from live.control.midi_controls import KINDS, RELATIVE, Control, ControlReader, Move, encode


def read(*messages, reader=None):
    reader = reader or ControlReader()
    return [move for message in messages for move in reader.read(message)]


def cc(number, value, channel=1):
    return Message('control_change', control=number, value=value, channel=channel - 1)


def last(moves, kind):
    return [move for move in moves if move.control.kind == kind][-1]


@pytest.mark.parametrize('message, move', [
    (cc(70, 5), Move(Control('cc', 70, 1), 5)),
    (Message('note_on', note=60, velocity=9, channel=3), Move(Control('note', 60, 4), 9)),
    (Message('note_off', note=60, velocity=9), Move(Control('note', 60, 1), 0)),
    (Message('pitchwheel', pitch=-8192), Move(Control('bend', 0, 1), 0)),
    (Message('pitchwheel', pitch=8191), Move(Control('bend', 0, 1), 16383)),
    (Message('aftertouch', value=3, channel=15), Move(Control('pressure', 0, 16), 3)),
])
def test_plain_controls(message, move):
    assert read(message) == [move]


@pytest.mark.parametrize('message', [Message('clock'), Message('sysex', data=(1, 2)), Message('program_change'),
                                     cc(120, 0), cc(123, 0)])
def test_what_is_no_control_moves_nothing(message):
    assert read(message) == []


@pytest.mark.parametrize('order', [(7, 39), (39, 7)])
def test_halves_make_fourteen_bits_in_either_order(order):
    halves = {7: 100, 39: 3}
    moves = read(*(cc(number, halves[number]) for number in order))
    assert last(moves, 'cc14') == (Control('cc14', 7, 1), 100 * 128 + 3)


def test_wheel_at_rest_is_in_the_middle_and_reaches_both_ends():
    positions = [read(Message('pitchwheel', pitch=pitch))[0].position for pitch in (-8192, 0, 8191)]
    assert positions == [0, 0.5, 1]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 16383), min_size=2, max_size=30).map(sorted), st.booleans(), st.booleans())
def test_fourteen_bits_never_leap_back_while_they_rise(values, falling, only_changed_halves):
    values = values[::-1] if falling else values
    reader, seen, before = ControlReader(), [], (None, None)
    for value in [values[0], *values]:
        halves = value >> 7, value & 127
        for number, half, old in zip((1, 33), halves, before):
            if half != old or not only_changed_halves:
                seen += [move.value for move in reader.read(cc(number, half)) if move.control.kind == 'cc14']
        before = halves
    seen = seen[2:]
    unknown = 127 if only_changed_halves else 0       # a coarse half alone leaves the fine one to be guessed
    assert seen == sorted(seen, reverse=falling)
    assert all(abs(value - values[-1]) <= unknown for value in seen[-1:])


def select(number, registered=False):
    high, low = (101, 100) if registered else (99, 98)
    return cc(high, number >> 7), cc(low, number & 127)


@pytest.mark.parametrize('data', [(cc(6, 10), cc(38, 20)), (cc(38, 20), cc(6, 10), cc(38, 20))])
def test_nrpn_in_fourteen_bits(data):
    assert last(read(*select(300), *data), 'nrpn') == (Control('nrpn', 300, 1), 10 * 128 + 20)


def test_nrpn_in_seven_bits_selected_in_the_other_order():
    assert last(read(*select(300)[::-1], cc(6, 10)), 'nrpn7') == (Control('nrpn7', 300, 1), 10)


def test_nrpn_goes_up_and_down_by_one():
    moves = read(*select(5), cc(6, 1), cc(96, 0), cc(96, 0), cc(97, 0))
    assert last(moves, 'nrpn').value == 129


@pytest.mark.parametrize('messages', [(cc(6, 10),), (*select(0x3FFF), cc(6, 10)),
                                      (*select(5), *select(0x3FFF), cc(6, 1))])
def test_data_for_nothing_moves_no_nrpn(messages):
    assert not [move for move in read(*messages) if move.control.kind in ('nrpn', 'nrpn7', 'rpn')]


def test_bend_range_is_read_whatever_it_was_before():
    moves = read(*select(0, True), cc(6, 12), cc(38, 50), cc(6, 2), cc(38, 0))
    assert [move.value for move in moves if move.control.kind == 'rpn'][-1] == 2 << 7


def test_channels_do_not_mix():
    assert not [m for m in read(*select(5), cc(6, 1, channel=2)) if m.control.kind == 'nrpn']


@pytest.mark.parametrize('encoding, right, left', [('twos', 1, 127), ('offset', 65, 63), ('signed', 1, 65),
                                                   ('reversed', 65, 1)])
def test_encoders_click_right_and_left(encoding, right, left):
    decode = RELATIVE[encoding]
    assert (decode(right), decode(left)) == (1, -1)
    assert decode(right + 4) == 5       # turned faster


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_sent_is_read_back(data):
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    count, most = KINDS[kind]
    control = Control(kind, data.draw(st.integers(0, count - 1)), data.draw(st.integers(1, 16)))
    value, parser = data.draw(st.integers(0, most)), Parser()
    for message in encode(control, value):
        parser.feed(message)
    assert last(read(*parser), kind) == (control, value)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([6, 38, 96, 97, 98, 99, 100, 101, 1, 33]), st.integers(0, 127))))
def test_any_controllers_give_values_within_range(stream):
    for move in read(*(cc(number, value) for number, value in stream)):
        assert 0 <= move.value <= KINDS[move.control.kind][1] and 0 <= move.position <= 1
