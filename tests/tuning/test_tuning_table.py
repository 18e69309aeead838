"""The [tuning] of a patch: every system it can say, every mistake in one sentence, written and read back."""
import math
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.tuning.scala import load_keyboard, save_keyboard, save_scale
from live.tuning.systems import bohlen_pierce, equal, euler_fokker, harmonic_set, harmonics, products, subharmonics
from live.tuning.table import BOUNDS, KNOWN, find_file, read_tuning, tuning_lines
from live.tuning.tuning import Keyboard, Tuning


@pytest.fixture
def folder(tmp_path):
    save_scale(tmp_path / 'seven.scl', harmonics(7, 14))
    save_keyboard(tmp_path / 'white.kbm', Keyboard((0, None, 1, None, 2, 3, None), 0, 127, 60, 60, 256.0, 7))
    (tmp_path / 'live.ascl').write_text('x\n2\n600.\n2/1\n! @ABL REFERENCE_PITCH 3 0 260\n')
    (tmp_path / 'bad.scl').write_text('x\n1\n1,5\n')
    return tmp_path


def cents(text):
    return read_tuning(tomllib.loads(text)).scale.cents


@pytest.mark.parametrize('text, scale', [
    ('', equal(12)), ('edo = 19', equal(19)), ('divisions = 24', equal(24)),
    ("edo = 13\nperiod = '3/1'", bohlen_pierce()),
    ('edo = 13\nperiod_cents = 1901.955000865387', bohlen_pierce()), ('harmonics = [7, 14]', harmonics(7, 14)),
    ('subharmonics = [7, 14]', subharmonics(7, 14)), ('harmonic_set = [28, 31, 29]', harmonic_set([28, 29, 31])),
    ("bohlen_pierce = 'just'", bohlen_pierce(True)), ("bohlen_pierce = 'equal'", bohlen_pierce()),
    ('euler_fokker = [3, 3, 5]', euler_fokker([3, 3, 5])),
    ('cps = {choose = 2, factors = [1, 3, 5, 7]}', products([1, 3, 5, 7], 2)),
    ('nested = [{edo = 12}, {edo = 12}]', equal(144)), ('built_on = [{edo = 2}, {edo = 3}]', equal(6)),
    ('nested = [{nested = [{edo = 2}, {edo = 2}]}, {edo = 3}]', equal(12)), ('cents = [0, 600]', equal(2)),
    ('cents = [600]', equal(2)), ("ratios = ['1/1', '9/7', 2]\nperiod = 2", harmonic_set([7, 9, 14])),
    ("ratios = ['9/7']", harmonic_set([7, 9, 14]))])
def test_patch_tells_a_system(text, scale):
    assert cents(text) == pytest.approx(scale.cents)
    assert read_tuning(tomllib.loads(text)).scale.period_cents == pytest.approx(scale.period_cents)


@pytest.mark.parametrize('text, key, hz', [
    ('', 70, 466.16), ('reference = 100', 70, 100), ('reference_note = 60\nreference = 100', 72, 200),
    ('harmonics = [8, 16]\nreference_note = 60\nreference = 100', 62, 125),
    ('harmonics = [8, 16]\nreference_note = 60\nreference = 100\nmiddle = 56', 56, 800 / 12),
    ('harmonics = [1, 128]\nfundamental = 3.14\nreference_note = 0', 99, 314),
    ('harmonic_set = [56, 28, 29]\nfundamental = 7.5', 70, 210), ('subharmonics = [4, 8]\nfundamental = 800', 70, 100)])
def test_patch_tells_the_keys(text, key, hz):
    assert read_tuning(tomllib.loads(text)).frequency(key) == pytest.approx(hz)


def test_glide_is_told_in_seconds():
    assert read_tuning({'glide': 5}).glide == 5 and read_tuning({}).glide == 0


def test_files_are_found_beside_the_patch_first(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp('other')
    save_scale(other / 'seven.scl', equal(5))
    assert find_file('seven.scl', (folder, other)).parent == folder
    assert read_tuning({'file': 'seven.scl'}, (other, folder)).scale == equal(5)


def test_file_brings_scale_or_keyboard_or_both(folder):
    told = read_tuning({'file': 'seven.scl', 'keyboard': 'white.kbm'}, (folder,))
    assert told.frequency(62) == pytest.approx(256 * 8 / 7) and math.isnan(told.frequency(61))
    assert told.keyboard == load_keyboard(folder / 'white.kbm')
    assert read_tuning({'file': 'live.ascl'}, (folder,)).frequency(61) == pytest.approx(260 * 2 ** .5)
    assert read_tuning({'file': 'live.ascl', 'reference': 300}, (folder,)).frequency(70) == 300


@pytest.mark.parametrize('text, sentence', [
    ('edoo = 19', 'tuning.edoo is unknown; did you mean edo?'), ('edo = 0', 'tuning.edo = 0 is outside 1..1200, whole'),
    ('edo = 12.5', 'tuning.edo = 12.5 is outside 1..1200, whole numbers'),
    ('edo = 12\ndivisions = 5', 'tuning has edo and'),
    ("harmonics = [7, 14]\nperiod = '2/1'", 'tuning.period does not go with harmonics'),
    ("ratios = ['3/2']\nperiod_cents = 1200", 'tuning.period_cents does not go with ratios'),
    ("edo = 5\nperiod = '3/1'\nperiod_cents = 1902", 'tuning.period_cents does not go with period'),
    ("edo = 5\nperiod = '1/1'", "tuning.period = '1/1' is not above 1/1, at most 1024"),
    ("ratios = ['3/0']", "tuning.ratios: '3/0' is no ratio such as '3/2' of numbers in 1..2147483647"),
    ("ratios = ['3/2/1']", "tuning.ratios: '3/2/1' is no ratio"), ('ratios = [1.5]', 'tuning.ratios: 1.5 is no ratio'),
    ("ratios = '3/2'", "tuning.ratios = '3/2' is not a list"), ('ratios = []', 'tuning.ratios = [] is not a list'),
    ('cents = [nan]', 'tuning.cents: nan is outside -1e+06..1e+06'), ("cents = ['a']", "tuning.cents: 'a' is outside"),
    ('harmonics = [14, 7]', 'tuning.harmonics = [14, 7] is not 2 numbers, the lower first'),
    ('harmonics = [7]', 'tuning.harmonics = [7] is not 2 numbers, the lower first'),
    ('harmonics = [0, 7]', 'tuning.harmonics = [0, 7] holds what is no whole number in 1..2147483647'),
    ("bohlen_pierce = 'jst'", "tuning.bohlen_pierce = 'jst' is none of equal, just; did you mean just?"),
    ('bohlen_pierce = [1]', 'tuning.bohlen_pierce = [1] is none of equal, just'),
    ('cps = {choose = 2}', "tuning.cps = {'choose': 2} is not {choose = 2, factors = [1, 3, 5, 7]} or the like"),
    ('cps = {choose = 5, factors = [1, 3]}', 'tuning.cps: 5 of 2 factors cannot be chosen'),
    ('nested = [{edo = 12}]', "tuning.nested = [{'edo': 12}] is not a list of 2 to 8 systems, outermost first"),
    ('nested = [{edo = 2}, {edoo = 2}]', 'tuning.nested.edoo is unknown; did you mean edo?'),
    ('nested = [{edo = 2}, 5]', 'tuning.nested = 5 is not a table'),
    ('glide = -1', 'tuning.glide = -1 is outside 0..600'),
    ('fundamental = 3.14', 'tuning.fundamental goes with harmonics, harmonic_set, subharmonics'),
    ('harmonics = [1, 2]\nfundamental = 3\nreference = 4', 'tuning.fundamental does not go with reference'),
    ("file = 'sevn.scl'",
     "there is no tuning file 'sevn.scl' beside the patch or in patches/scales; did you mean seven.scl?"),
    ('file = 5', 'there is no tuning file 5'), ("file = ''", "there is no tuning file ''"),
    ("file = 'bad.scl'", "bad.scl: line 3: '1,5' is no pitch"), ("file = 'seven.scl'\nedo = 5", 'tuning has '),
    ("keyboard = 'white.kbm'\nreference = 5", 'tuning.reference does not go with a keyboard, which tells it itself'),
    ("keyboard = 'seven.scl'", "seven.scl: line 3: the size of the map 'harmonics' is no whole number"),
    ('scl = 5', 'tuning.scl = 5 is not a text'), ("scl = ''", 'tuning.scl: text: is empty'),
    ("kbm = ''", 'tuning.kbm: ends before')])
def test_mistake_is_told_in_one_sentence(folder, text, sentence):
    with pytest.raises((ValueError, KeyError)) as caught:
        read_tuning(tomllib.loads(text), (folder,))
    assert caught.value.args[0].startswith(sentence)


@pytest.mark.parametrize('name', BOUNDS)
@pytest.mark.parametrize('value', ['12', True, None, -1, 1e9, float('nan')])
def test_value_out_of_bounds_is_refused(name, value):
    with pytest.raises(ValueError, match=f'tuning.{name} = .* is outside'):
        read_tuning({name: value})


@pytest.mark.parametrize('text', [
    '', 'divisions = 12.5\nreference_note = 69.5', "ratios = ['9/8', 2]\nperiod = 3\nglide = 2.5", 'cents = [150.25]',
    "nested = [{edo = 5}, {ratios = ['3/2']}]", "file = 'seven.scl'\nkeyboard = 'white.kbm'", "file = 'live.ascl'",
    'cps = {choose = 2, factors = [1, 3, 5]}', 'scl = "a \\" \\\\ \\u007f \\u00e9 \\U0001F600\\n1\\n2/1\\n"'])
def test_table_that_is_written_is_read_back_without_its_files(folder, text):
    told = read_tuning(tomllib.loads(text), (folder,))
    assert read_tuning(tomllib.loads('\n'.join(tuning_lines(told)))) == told


def test_tuning_made_in_code_sounds_the_same_on_every_key():
    told = Tuning(harmonics(5, 10), Keyboard(middle=60, reference_key=64, reference=300), 4.0)
    again = read_tuning(tomllib.loads('\n'.join(tuning_lines(told))))
    np.testing.assert_array_equal(again.frequencies, told.frequencies)
    assert again.glide == 4


ANY = st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
                   lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KNOWN), inner)),
                   max_leaves=8)


@given(st.dictionaries(st.sampled_from(KNOWN), ANY, max_size=3))
def test_any_table_is_a_tuning_or_an_error_of_ours(table):
    try:
        told = read_tuning(table)
    except (ValueError, KeyError):
        return
    assert math.isnan(told.frequency(69)) or told.frequency(69) > 0
