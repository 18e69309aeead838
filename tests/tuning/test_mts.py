"""The MIDI Tuning Standard: messages of the specification, what is built is parsed, what is broken is told."""
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.tuning.mts import (ALL_CHANNELS, KEYS, NO_CHANGE, DumpRequest, MtsError, Retuning, bulk_dump, checksum,
                             dump_request, parse, pitch_bytes, scale_octave, scale_octave_dump, single_notes)
from live.tuning.tuning import Tuning

RESOLUTION = 100 / 2 ** 14      # cents


@pytest.mark.parametrize('hz, data', [
    (8.1758, (0, 0, 0)), (8.6620, (1, 0, 0)), (261.6256, (0x3C, 0, 0)), (440, (0x45, 0, 0)),
    (440.0016, (0x45, 0, 1)), (8372.0181, (0x78, 0, 0)), (13289.7344, (0x7F, 0x7F, 0x7E)), (1e9, (0x7F, 0x7F, 0x7E)),
    (1e-9, (0, 0, 0)), (math.nan, NO_CHANGE), (0, NO_CHANGE), (math.inf, NO_CHANGE)])
def test_pitches_of_the_specification(hz, data):
    built = pitch_bytes(hz)
    steps = [a << 14 | b << 7 | c for a, b, c in (built, data)]
    assert abs(steps[0] - steps[1]) <= 1 and (built == NO_CHANGE) == (data == NO_CHANGE)


def test_bulk_dump_has_the_bytes_of_the_specification():
    message = bulk_dump([440.0] * KEYS, 'A', 5, device=0x10)
    assert message[:6] == bytes.fromhex('f07e10080105') and message[6:22] == b'A' + b' ' * 15
    assert len(message) == 408 and message[22:25] == bytes([69, 0, 0]) and message[-1] == 0xF7
    assert message[-2] == checksum(message[1:-2])


def test_single_note_has_the_bytes_of_the_specification():
    assert single_notes({60: 440.0}, program=1) == bytes.fromhex('f07f7f080201013c450000f7')
    assert single_notes({60: 440.0}, 1, bank=2, real_time=False) == bytes.fromhex('f07e7f08070201013c450000f7')


@pytest.mark.parametrize('channels, mask', [({1}, '000001'), ({7, 8}, '000140'), ({14}, '004000'), ({15, 16}, '030000'),
                                            (ALL_CHANNELS, '037f7f'), ((), '000000')])
def test_channels_stand_in_three_bytes(channels, mask):
    message = scale_octave([0] * 12, channels, fine=False)
    assert message[5:8].hex() == mask and parse(message).channels == frozenset(channels)


@pytest.mark.parametrize('fine, cents, data', [
    (False, -64, [0]), (False, 0, [64]), (False, 63, [127]), (False, 99, [127]), (True, -100, [0, 0]),
    (True, 0, [64, 0]), (True, 100, [127, 127]), (True, 50, [96, 0])])
def test_offsets_have_the_bytes_of_the_specification(fine, cents, data):
    assert list(scale_octave([cents] * 12, fine=fine)[8:-1]) == data * 12


@given(st.lists(st.floats(9, 12000), min_size=KEYS, max_size=KEYS), st.integers(0, 127),
       st.one_of(st.none(), st.integers(0, 127)))
def test_dump_that_is_built_is_parsed_within_the_resolution(frequencies, program, bank):
    told = parse(bulk_dump(frequencies, 'a name', program, bank))
    assert (told.name, told.program, told.bank, told.real_time) == ('a name', program, bank or 0, False)
    tuning = Tuning().retuned(told.semitones)
    assert all(abs(1200 * math.log2(tuning.frequency(key) / frequencies[key])) <= RESOLUTION / 2 + 1e-6
               for key in range(KEYS))


@pytest.mark.parametrize('real_time, bank', [(True, None), (True, 3), (False, 3)])
def test_single_notes_that_are_built_are_parsed(real_time, bank):
    told = parse(single_notes({0: 100.0, 127: 440.0, 5: math.nan}, 7, bank, real_time))
    assert told.semitones.keys() == {0, 127} and told.semitones[127] == 69
    assert (told.program, told.bank, told.real_time) == (7, bank or 0, real_time)


@pytest.mark.parametrize('fine, step', [(True, 100 / 8192), (False, 1)])
@pytest.mark.parametrize('real_time', [True, False])
@given(offsets=st.lists(st.floats(-63, 63), min_size=12, max_size=12))
def test_offsets_that_are_built_are_parsed(fine, step, real_time, offsets):
    told = parse(scale_octave(offsets, {2}, fine, real_time))
    assert told.offsets == pytest.approx(offsets, abs=step / 2 + 1e-9)
    assert told.channels == {2} and told.real_time == real_time


@pytest.mark.parametrize('fine', [True, False])
def test_dump_of_offsets_is_parsed(fine):
    told = parse(scale_octave_dump([0, 25] * 6, 'quarters', 4, 9, fine))
    assert told == Retuning({}, (0, 25) * 6, ALL_CHANNELS, False, 9, 4, 'quarters')


@pytest.mark.parametrize('bank', [None, 9])
def test_request_is_parsed(bank):
    assert parse(dump_request(5, bank, 3)) == DumpRequest(5, bank, 3)


def test_key_that_does_not_change_is_left_out():
    assert parse(bulk_dump([math.nan] * 127 + [440.0])).semitones == {127: 69}


@pytest.mark.parametrize('message', [
    b'', b'\xf0', b'\xf0\xf7', bytes.fromhex('f07e7f0601f7'), bytes.fromhex('f04110421240007f0041f7'),
    bytes.fromhex('f07e7f087ff7'), bytes.fromhex('f07f7f0800f7'), [0x90, 60, 64]])
def test_other_messages_are_not_about_tuning(message):
    assert parse(message) is None


@pytest.mark.parametrize('spoil, sentence', [
    (lambda m: m[:-1], 'has no end'), (lambda m: m[:50] + m[-1:], 'it has 51 bytes and should have 408'),
    (lambda m: m[:30] + bytes([m[30] ^ 1]) + m[31:], 'its checksum is'),
    (lambda m: m[:30] + b'\x80' + m[31:], 'above 127'),
    (lambda m: m[:-1] + b'\0' + m[-1:], 'it has 409 bytes and should have 408')])
def test_spoilt_dump_is_told(spoil, sentence):
    with pytest.raises(MtsError, match=sentence):
        parse(spoil(bulk_dump([440.0] * KEYS)))


MESSAGES = [bulk_dump([440.0] * KEYS), bulk_dump([440.0] * KEYS, bank=1), single_notes({1: 440.0, 2: 441.0}),
            single_notes({1: 440.0}, bank=1), scale_octave([1] * 12), scale_octave([1] * 12, fine=False),
            scale_octave_dump([1] * 12), scale_octave_dump([1] * 12, fine=False), dump_request(1), dump_request(1, 2)]


@pytest.mark.parametrize('message', MESSAGES, ids=lambda message: message[4])
def test_message_cut_anywhere_is_nothing_or_told(message):
    for length in range(len(message)):
        for cut in (message[:length], message[:length] + b'\xf7'):
            try:
                assert parse(cut) is None or cut == message
            except MtsError:
                continue


@given(st.one_of(st.lists(st.integers(-5, 300), max_size=40), st.binary(max_size=420).map(lambda data: b'\xf0' + data),
                 st.builds(lambda head, kind, data: bytes([0xF0, head, 0x7F, 8, kind, *data, 0xF7]),
                           st.sampled_from([0x7E, 0x7F]), st.integers(0, 12), st.binary(max_size=40))))
def test_any_bytes_are_parsed_or_told(message):
    try:
        told = parse(message)
    except MtsError:
        return
    assert told is None or isinstance(told, (Retuning, DumpRequest))


@pytest.mark.parametrize('build', [lambda: dump_request(128), lambda: single_notes({128: 440}),
                                   lambda: scale_octave([0] * 11), lambda: bulk_dump([440.0] * KEYS, device=-1)])
def test_what_does_not_fit_into_midi_is_not_built(build):
    with pytest.raises(MtsError):
        build()
