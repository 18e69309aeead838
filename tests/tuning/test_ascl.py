"""Ableton's .ascl: reference, names and range out of comments."""
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.tuning.ascl import load_ascl, parse_ascl, save_ascl
from live.tuning.scale import Scale, ScaleError
from live.tuning.systems import bohlen_pierce, harmonics
from live.tuning.tuning import Keyboard, Tuning

TWELVE = 'twelve\n12\n' + ''.join(f'{100 * n}.\n' for n in range(1, 13))
SEVEN = 'harmonics\n7\n8/7\n9/7\n10/7\n11/7\n12/7\n13/7\n2/1\n'


def tuning(text):
    return Tuning(*parse_ascl(text, 'f.ascl'))


@pytest.mark.parametrize('directive, key, hz', [
    ('REFERENCE_PITCH 4 9 440.0', 69, 440), ('REFERENCE_PITCH 4 9 432', 69, 432),
    ('REFERENCE_PITCH 3 0 261.6256', 60, 261.6256),
    ('SOURCE somebody', 60, 261.6255653)])
def test_key_60_is_nearest_to_middle_c(directive, key, hz):
    assert tuning(f'{TWELVE}! @ABL {directive}\n').frequency(key) == pytest.approx(hz)


def test_key_60_is_nearest_to_middle_c_in_other_scales():
    told = tuning(SEVEN + '! @ABL REFERENCE_PITCH 3 2 880\n')
    assert min(range(128), key=lambda key: abs(told.frequency(key) - 261.6255653)) == 60
    assert told.nearest_key(880) == told.keyboard.reference_key


def test_key_60_is_found_among_many_small_steps_far_from_the_reference():
    text = 'x\n300\n' + ''.join(f'{4 * n}.0\n' for n in range(1, 301)) + '! @ABL REFERENCE_PITCH 8 7 8000\n'
    assert 1200 * math.log2(tuning(text).frequency(60) / 261.6255653) == pytest.approx(0, abs=2)


def test_names_may_be_quoted_and_begin_with_degree_0():
    scale, _ = parse_ascl(SEVEN + '! @ABL NOTE_NAMES A "B flat" C D "E"F G\n')
    assert scale.names == ('A', 'B flat', 'C', 'D', 'E', 'F', 'G')


@pytest.mark.parametrize('directive, keys', [
    ('NOTE_RANGE_BY_FREQUENCY 200 440', (56, 69)), ('NOTE_RANGE_BY_FREQUENCY 4000', (108, 127)),
    ('NOTE_RANGE_BY_INDEX 3 0 4 2', (60, 74)), ('NOTE_RANGE_BY_INDEX 2 11', (59, 127)),
    ('NOTE_RANGE_BY_INDEX -10 0 15 0', (0, 127))])
def test_range_limits_the_keys(directive, keys):
    told = tuning(f'{TWELVE}! @ABL REFERENCE_PITCH 3 0 261.6255653\n! @ABL {directive}\n')
    heard = [key for key in range(128) if not math.isnan(told.frequency(key))]
    assert (heard[0], heard[-1]) == keys


@pytest.mark.parametrize('line', ['!! @ABL NOTE_NAMES x', '! ABL NOTE_NAMES x', '! see @ABL', '! @ABL'])
def test_directive_that_is_switched_off_is_a_comment(line):
    assert parse_ascl(f'{TWELVE}{line}\n')[1] is None


@pytest.mark.parametrize('directive, sentence', [
    ('REFERENCE_PITCH 4 440', "REFERENCE_PITCH: '4 440' is not 3 numbers"),
    ('REFERENCE_PITCH 4 9 A', "REFERENCE_PITCH: '4 9 A' is not 3 numbers"),
    ('REFERENCE_PITCH 9 0 440', 'REFERENCE_PITCH 9 0 440 is outside octave -2..8, note 0..11, 0.000001..1000000 Hz'),
    ('REFERENCE_PITCH 4 12 440', 'REFERENCE_PITCH 4 12 440 is outside octave -2..8, note 0..11, 0.000001..1000000 Hz'),
    ('REFERENCE_PITCH 4 0 0', 'REFERENCE_PITCH 4 0 0 is outside octave -2..8, note 0..11, 0.000001..1000000 Hz'),
    ('NOTE_NAMES a b', '2 NOTE_NAMES for 12 notes'),
    ('NOTE_RANGE_BY_INDEX 1', "NOTE_RANGE_BY_INDEX: '1' is not 2 numbers"),
    ('NOTE_RANGE_BY_INDEX 4 0 3 0', 'NOTE_RANGE_BY_INDEX: no key lies in the range'),
    ('NOTE_RANGE_BY_FREQUENCY 900 100', 'NOTE_RANGE_BY_FREQUENCY: no key lies in the range')])
def test_mistake_is_told_by_line(directive, sentence):
    with pytest.raises(ScaleError) as caught:
        parse_ascl(f'{TWELVE}! @ABL {directive}\n', 'f.ascl')
    assert str(caught.value) == f'f.ascl: line 15: {sentence}'


def test_two_ranges_are_refused():
    with pytest.raises(ScaleError, match='one of them is allowed'):
        parse_ascl(TWELVE + '! @ABL NOTE_RANGE_BY_INDEX 1 0\n! @ABL NOTE_RANGE_BY_FREQUENCY 100\n')


def test_directives_ask_for_utf_8(tmp_path):
    path = tmp_path / 'f.ascl'
    path.write_bytes(('é' + TWELVE).encode('iso-8859-1'))
    assert load_ascl(path)[0].name == 'étwelve'
    path.write_bytes(('é' + TWELVE + '! @ABL SOURCE x\n').encode('iso-8859-1'))
    with pytest.raises(ScaleError, match='^f.ascl: has @ABL directives and is not UTF-8$'):
        load_ascl(path)


@pytest.mark.parametrize('told', [
    Tuning(), Tuning(harmonics(7, 14), Keyboard(middle=62, reference_key=65, reference=300)),
    Tuning(bohlen_pierce()), Tuning(Scale((0.0, 500.0), 1200.0, 'naïve', ('a b', '"é"')))])
def test_tuning_that_is_written_has_the_same_pitches(tmp_path, told):
    save_ascl(tmp_path / 'f.ascl', told)
    scale, keyboard = load_ascl(tmp_path / 'f.ascl')
    assert scale.cents == told.scale.cents and scale.period_cents == told.scale.period_cents
    shift = Tuning(scale, keyboard).nearest_key(told.frequency(70)) - 70
    assert [Tuning(scale, keyboard).frequency(key + shift) for key in range(40, 80)] == pytest.approx(
        [told.frequency(key) for key in range(40, 80)])


WORDS = ['@ABL', 'REFERENCE_PITCH', 'NOTE_NAMES', 'NOTE_RANGE_BY_INDEX', 'NOTE_RANGE_BY_FREQUENCY', '"', '3', '0',
         '440.0', '-2', 'x', '9' * 30, '\n!']


@given(st.sampled_from([TWELVE, SEVEN, 'one\n0\n', 'none\n1\n0.\n', 'odd\n2\n-5.\n1/3\n']),
       st.lists(st.sampled_from(WORDS), max_size=12).map(' '.join))
def test_any_directive_is_a_tuning_or_a_scale_error(text, directive):
    try:
        scale, keyboard = parse_ascl(f'{text}! @ABL {directive}')
    except ScaleError:
        return
    Tuning(scale, keyboard or Keyboard()).frequency(69)
