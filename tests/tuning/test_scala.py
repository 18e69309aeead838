"""Scala's files: each edge of the two formats, mistakes told by line, what is written is read back."""
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from live.tuning.scala import (MOST_BYTES, decode, encode, keyboard_text, load_keyboard, load_scale, parse_keyboard,
                               parse_pitch, parse_scale, pitch_text, save_keyboard, save_scale, scale_text)
from live.tuning.scale import Scale, ScaleError, ratio_cents
from live.tuning.tuning import Keyboard, Tuning

DEGREES = st.lists(st.one_of(st.none(), st.integers(-30, 30)), max_size=15).map(lambda degrees: (0, *degrees))
LINEAR = '0\n0\n127\n60\n69\n440.0\n0\n'


@pytest.mark.parametrize('text, cents', [
    ('81/64', ratio_cents(81, 64)), ('408.0', 408), ('408.', 408), ('5', ratio_cents(5)), ('-5.0', -5), ('.5', .5),
    ('10/20', -1200), ('100.0 cents', 100), ('100.0 C#', 100), ('5/4   E\\', ratio_cents(5, 4)), ('100.0cents', 100),
    ('5/4 Eb.', ratio_cents(5, 4)), ('2147483647/2147483646', ratio_cents(2 ** 31 - 1, 2 ** 31 - 2)), ('0.', 0),
    ('4294967296/4294967295', ratio_cents(2 ** 32, 2 ** 32 - 1)), ('1/1', 0), ('3/2! fifth', ratio_cents(3, 2)),
    ('5/4, third', None), ('1,5', None), ('3/2/1', None), ('3/', None), ('/2', None), ('x', None), ('1e3', None),
    ('100.5.5', None), ('3/2.5', None), ('-5/4', None), ('5/-4', None), ('-2', None), ('0/5', None), ('5/0', None),
    ('0', None), ('.', None), ('-', None), ('+5.0', None), ('²', None), ('9' * 5000, None), ('1.' + '0' * 5000, None)])
def test_pitch_is_read_to_the_letter(text, cents):
    if cents is None:
        with pytest.raises(ScaleError):
            parse_pitch(text)
    else:
        assert parse_pitch(text) == cents


@pytest.mark.parametrize('text, cents, period, name', [
    ('! f.scl\n!\nmeantone\n 2\n!\n 76.0\n 2/1\n', (0, 76), 1200, 'meantone'),
    ('\n0\n', (0,), 0, ''),                                                 # no description, no notes
    ('x\n0', (0,), 0, 'x'),                                                 # no newline at the end
    ('x\n1\n3/1', (0,), ratio_cents(3), 'x'),                               # the period need not be 2/1
    ('x\n3\n500.\n200.\n-1200.\n', (0, 500, 200), -1200, 'x'),              # order and sign are free
    ('x\r\n2\r\n100.\r\n2\r\n', (0, 100), 1200, 'x'), ('x\r2\r100.\r2\r', (0, 100), 1200, 'x'),
    ('x\n 2 \t\n\t100. \t\n  2  \n', (0, 100), 1200, 'x'),                  # spaces and tabs around
    ('x\n2\n\n100.\n   \n2\n', (0, 100), 1200, 'x'),                        # blank lines among the notes
    ('x\n!\n2\n! c\n100.\n!2.\n2\n', (0, 100), 1200, 'x'),                  # comments anywhere
    ('x\n1\n2/1\n\nanything at all\n9999\n', (0,), 1200, 'x'),              # after the last pitch
    ('x' * 5000 + '\n1\n2', (0,), 1200, 'x' * 5000), (' ! not a comment\n1\n2', (0,), 1200, '! not a comment'),
    ('x\x0by\x85\n1\n2', (0,), 1200, 'x\x0by'), ('x\n1 note\n2', (0,), 1200, 'x')])
def test_scale_file_is_read_to_the_letter(text, cents, period, name):
    scale = parse_scale(text)
    assert (scale.cents, scale.period_cents, scale.name) == (cents, period, name)


@pytest.mark.parametrize('text, sentence', [
    ('', 'is empty; a description, a number of notes and their pitches are needed'),
    ('! only\n! comments\n', 'is empty; a description, a number of notes and their pitches are needed'),
    ('x\n', 'ends before the number of notes'),
    ('x\ntwelve\n', "line 2: 'twelve' is no number of notes in 0..16384"),
    ('x\n-1\n', "line 2: '-1' is no number of notes in 0..16384"),
    ('x\n2.5\n', "line 2: '2.5' is no number of notes in 0..16384"),
    ('x\n99999\n', "line 2: '99999' is no number of notes in 0..16384"),
    ('x\n\xb2\n', "line 2: '\xb2' is no number of notes in 0..16384"),
    ('x\n3\n100.\n! c\n2/1\n', 'ends before pitch 3 of 3'),
    ('x\n2\n! c\n1,5\n2/1\n',
     "line 4: '1,5' is no pitch; cents have a period (701.955), ratios one slash or none (3/2)"),
    ('x\n1\n-5/4', "line 3: the ratio '-5/4' is not above 0"),
    ('x\n1\n1/' + '9' * 400, "line 3: the ratio '1/99999999999999999999999999999999999...' is too large or too small"),
    ('x\n1\n9999999.', 'line 3: 1e+07 cents is outside -1e+06..1e+06')])
def test_mistake_in_a_scale_is_told_by_line(text, sentence):
    with pytest.raises(ScaleError) as caught:
        parse_scale(text, 'f.scl')
    assert str(caught.value) == f'f.scl: {sentence}'


@pytest.mark.parametrize('text, keyboard', [
    (LINEAR, Keyboard((), 0, 127, 60, 69, 440)),
    ('! c\n' + LINEAR.replace('440.0', '261.625565 Hz'), Keyboard((), 0, 127, 60, 69, 261.625565)),
    ('0\n0\n127\n0\n69\n440\n127\n', Keyboard((), 0, 127, 0, 69, 440, 127)),            # linear, formal octave 127
    ('4\n0\n127\n62\n62\n293.664768\n12\n0\n4\nx\n4\n', Keyboard((0, 4, None, 4), 0, 127, 62, 62, 293.664768, 12)),
    ('3\n0\n127\n60\n60\n1.\n0\n\t0 ! C\n\n! c\n X\t\n-1 low\n', None),
    ('3\n0\n127\n60\n60\n100\n0\n0\n', Keyboard((0, None, None), 0, 127, 60, 60, 100)),  # the rest is unmapped
    ('1\r0\r127\r60\r60\r.5\r12\r0\r99\rmore', Keyboard((0,), 0, 127, 60, 60, .5, 12))])
def test_mapping_file_is_read_to_the_letter(text, keyboard):
    assert parse_keyboard(text) == (keyboard or Keyboard((0, None, -1), 0, 127, 60, 60, 1))


@pytest.mark.parametrize('text, sentence', [
    ('', 'f.kbm: ends before the size of the map'), ('0\n0\n127\n', 'f.kbm: ends before the middle key'),
    (LINEAR.replace('127', '128'), "f.kbm: line 3: the last key '128' is no whole number in 0..127"),
    (LINEAR.replace('60', '6.5'), "f.kbm: line 4: the middle key '6.5' is no whole number in 0..127"),
    (LINEAR.replace('440.0', '-440'), "f.kbm: line 6: the reference frequency '-440' is no number in 1e-06..1e+06"),
    (LINEAR.replace('440.0', 'nan'), "f.kbm: line 6: the reference frequency 'nan' is no number in 1e-06..1e+06"),
    (LINEAR.replace('440.0', '0'), "f.kbm: line 6: the reference frequency '0' is no number in 1e-06..1e+06"),
    ('-1' + LINEAR[1:], "f.kbm: line 1: the size of the map '-1' is no whole number in 0..4096"),
    ('9999999999' + LINEAR[1:], "f.kbm: line 1: the size of the map '9999999999' is no whole number in 0..4096"),
    ('0\n70\n60\n60\n69\n440\n0', 'f.kbm: the first key 70 lies above the last key 60'),
    ('2\n0\n127\n60\n60\n440\n0\n0\ny\n', "f.kbm: line 9: 'y' is neither a degree nor 'x'"),
    ('2\n0\n127\n60\n61\n440\n0\n0\nx\n', 'f.kbm: the reference key 61 is unmapped; it must play a degree')])
def test_mistake_in_a_mapping_is_told(text, sentence):
    with pytest.raises(ScaleError) as caught:
        parse_keyboard(text, 'f.kbm')
    assert str(caught.value) == sentence


WORDS = ['0', '1', '2', '12', '60', '127', '-1', '2/1', '100.', 'x', '!', '', '9' * 400]
TEXTS = st.one_of(st.binary(max_size=300).map(decode), st.text(max_size=300),
                  st.lists(st.sampled_from(WORDS), max_size=20).map('\n'.join))


@given(TEXTS)
@example('x\n1\n' + '9' * 5000)
@example('x\n1\n1/' + '9' * 299)
def test_any_text_is_a_scale_or_a_scale_error(text):
    try:
        scale = parse_scale(text)
    except ScaleError:
        return
    Tuning(scale).frequency(69)


@given(TEXTS)
def test_any_text_is_a_mapping_or_a_scale_error(text):
    try:
        keyboard = parse_keyboard(text)
    except ScaleError:
        return
    Tuning(keyboard=keyboard).frequency(69)


@given(st.text())
def test_text_that_is_encoded_is_decoded_the_same(text):
    assert decode(encode(text)) == text.removeprefix('\ufeff')


@pytest.mark.parametrize('text', ['plain', 'façade', 'Ã©'])
def test_text_is_written_in_latin_1_unless_that_reads_otherwise(text):
    assert encode(text) == (text.encode('utf-8') if text == 'Ã©' else text.encode('iso-8859-1'))


NAMES = st.text(max_size=30).map(lambda name: ' '.join(name.split())).filter(lambda n: '\ufeff' not in n)
PITCHES = st.lists(st.floats(-1e6, 1e6), max_size=20)


@given(PITCHES, st.floats(-1e6, 1e6), NAMES)
@example([-1e-300, 5e-324, 1e6], -0.0, '! x')
def test_scale_that_is_written_is_read_back_to_the_bit(tmp_path_factory, pitches, period, name):
    scale = Scale((0.0, *pitches), period, name)
    path = tmp_path_factory.getbasetemp() / 'scale.scl'
    save_scale(path, scale)
    assert load_scale(path).cents == scale.cents and load_scale(path).period_cents == period


@given(NAMES)
def test_description_is_read_back(name):
    assert parse_scale(scale_text(Scale((0.0,), 1200.0, name))).name == name


@pytest.mark.parametrize('cents, text', [(1200, '2/1'), (ratio_cents(3, 2), '3/2'), (ratio_cents(571, 512), '571/512'),
                                         (100, '100.0'), (-5, '-5.0'), (1e-7, '0.0000001'), (0, '1/1')])
def test_pitch_is_written_as_the_ratio_it_was(cents, text):
    assert pitch_text(cents) == text


@given(st.one_of(st.just(()), DEGREES), st.integers(0, 60), st.integers(60, 127), st.floats(1e-6, 1e6),
       st.integers(-99, 99))
def test_mapping_that_is_written_is_read_back(tmp_path_factory, degrees, first, last, reference, octave):
    keyboard = Keyboard(degrees, first, last, 60, 60, reference, octave)
    path = tmp_path_factory.getbasetemp() / 'keys.kbm'
    save_keyboard(path, keyboard)
    assert load_keyboard(path) == keyboard


@pytest.mark.parametrize('keyboard', [Keyboard(reference_key=69.5), Keyboard(reference_key=-1), Keyboard(middle=200)])
def test_mapping_that_midi_has_no_key_for_is_not_written(keyboard):
    with pytest.raises(ScaleError, match='is none of 0..127'):
        keyboard_text(keyboard)


def test_missing_and_oversized_files_are_told(tmp_path):
    with pytest.raises(ScaleError, match='^away.scl: cannot be read: No such file'):
        load_scale(tmp_path / 'away.scl')
    (tmp_path / 'large.scl').write_bytes(b' ' * (MOST_BYTES + 1))
    with pytest.raises(ScaleError, match='^large.scl: is larger than 1048576 bytes'):
        load_scale(tmp_path / 'large.scl')


def test_windows_byte_order_mark_is_no_part_of_the_description(tmp_path):
    (tmp_path / 'bom.scl').write_bytes(b'\xef\xbb\xbf! c\nx\n0\n')
    assert load_scale(tmp_path / 'bom.scl').name == 'x'
