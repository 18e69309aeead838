"""OSC packets: what is written is read again, by us and by python-osc."""
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

from live.control.osc_packet import read, seconds_ahead, split, write

TEXTS = st.text(st.characters(exclude_characters='\0', exclude_categories=['Cs']), max_size=20)
NUMBERS = st.one_of(st.integers(-2 ** 31, 2 ** 31 - 1), st.floats(width=32, allow_nan=False))
ARGUMENTS = st.lists(st.one_of(NUMBERS, TEXTS), max_size=6)
RARE = ARGUMENTS.flatmap(lambda items: st.just([items, *items, b'blob']))


@given(ARGUMENTS)
def test_python_osc_reads_what_is_written(arguments):
    message = OscMessage(write('/dream/noise', arguments))
    assert (message.address, message.params) == ('/dream/noise', arguments)


@given(ARGUMENTS)
def test_what_is_written_is_read_again(arguments):
    assert read(write('/a', arguments)) == ('/a', arguments)


@given(RARE)
def test_rare_types_are_read_by_python_osc_and_laid_flat(arguments):
    nested, *rest = arguments
    assert read(build_msg('/a', arguments).dgram) == ('/a', nested + rest)


@pytest.mark.parametrize('kind, data, value', [
    ('i', struct.pack('>i', -7), -7), ('h', struct.pack('>q', 2 ** 40), 2 ** 40), ('f', struct.pack('>f', 0.5), 0.5),
    ('d', struct.pack('>d', 0.1), 0.1), ('s', b'abc\0', 'abc'), ('S', b'abcd\0\0\0\0', 'abcd'), ('T', b'', True),
    ('F', b'', False), ('N', b'', None), ('I', b'', True)])
def test_each_type_is_read(kind, data, value):
    assert read(b'/a\0\0,' + kind.encode() + b'\0\0' + data) == ('/a', [value])


def test_message_without_types_has_no_arguments():
    assert read(b'/a\0\0') == ('/a', [])


@pytest.mark.parametrize('message', [b'', b'/a', b'/a\0', b'a\0\0\0', b'\0\0\0\0,f\0\0\0\0\0\0', b'/a\0\0,f\0\0\0\0',
                                     b'/a\0\0,s\0\0abcd', b'/a\0\0f\0\0\0', b'/a\0\0,q\0\0', b'/a\0\0,f[\0',
                                     b'/\xff\0\0,\0\0\0', b'\n\0\0\0,f\0\0\0\0\0\0'])
def test_broken_message_is_a_sentence(message):
    with pytest.raises(ValueError, match=f'^an OSC message of {len(message)} bytes cannot be read'):
        read(message)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    for message in (data, b'/a\0\0,' + data):
        try:
            address, arguments = read(message)
        except ValueError:
            continue
        assert isinstance(address, str) and isinstance(arguments, list)


def test_an_inner_bundle_keeps_its_own_date():
    inner = b'#bundle\0' + struct.pack('>Qi', 5 << 32, 4) + b'/b\0\0'
    outer = b'#bundle\0' + struct.pack('>Qi', 3 << 32, 4) + b'/a\0\0' + struct.pack('>i', len(inner)) + inner
    assert list(split(outer)) == [(3 << 32, b'/a\0\0'), (5 << 32, b'/b\0\0')]


@pytest.mark.parametrize('tag', [0, 1, 1 << 32])
def test_dates_that_mean_at_once_or_are_past_are_not_ahead(tag):
    assert seconds_ahead(tag) <= 0
