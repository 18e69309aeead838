"""ISF headers: what they say becomes rows and passes; what they say wrongly is refused in one sentence."""
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.isf import (TYPES, Header, IsfError, Pass, evaluate, find_shader, list_shaders, parse_header, read_header,
                      snake)

ANY = st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.just('NAME'),
                   lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                       st.sampled_from(['NAME', 'PATH', 'TARGET']), inner, max_size=3), max_leaves=6)
ITEMS = st.fixed_dictionaries({'NAME': st.just('a'), 'TYPE': st.sampled_from(TYPES)}, optional=dict.fromkeys(
    ('MIN', 'MAX', 'DEFAULT', 'VALUES', 'LABELS', 'LABEL'), ANY))
HEADS = st.fixed_dictionaries({'INPUTS': st.lists(ITEMS, max_size=2)}, optional=dict.fromkeys(
    ('DESCRIPTION', 'PASSES', 'PERSISTENT_BUFFERS', 'IMPORTED'), ANY)) | ANY


def parse(body='void main() {}', **head) -> Header:
    return parse_header('glow', f'/*{json.dumps(head)}*/\n{body}')


def knobs(**item):
    return parse(INPUTS=[{'NAME': 'amount', **item}]).knobs[:-1]


def test_a_float_is_one_knob_with_its_range():
    knob, = knobs(TYPE='float', MIN=-2, MAX=3, DEFAULT=1, LABEL='How much')
    assert (knob.name, knob.low, knob.high, knob.default, knob.doc) == ('glow.amount', -2, 3, 1, 'How much.')


def test_a_float_without_a_range_goes_from_0_to_1():
    knob, = knobs(TYPE='float')
    assert (knob.low, knob.high, knob.default) == (0, 1, 0)


@pytest.mark.parametrize('kind', ['bool', 'event'])
def test_a_switch_is_off_or_on(kind):
    knob, = knobs(TYPE=kind, DEFAULT=True)
    assert (knob.choices, knob.default) == (('off', 'on'), 1)


def test_a_long_is_a_choice_by_its_labels():
    header = parse(INPUTS=[{'NAME': 'mode', 'TYPE': 'long', 'VALUES': [4, 8, 16], 'LABELS': ['few', 'more'],
                            'DEFAULT': 8}])
    assert header.knobs[0].choices == ('few', 'more', '16') and header.knobs[0].default == 1
    assert header.inputs[0].values == (4, 8, 16)


def test_a_long_without_values_is_a_number():
    knob, = knobs(TYPE='long', MIN=1, MAX=9, DEFAULT=4)
    assert (knob.low, knob.high, knob.default, knob.choices) == (1, 9, 4, ())


def test_points_and_colours_are_a_knob_for_each_part():
    assert [(knob.name, knob.default) for knob in knobs(TYPE='point2D', DEFAULT=[0.25, 0.75])] == [
        ('glow.amount_x', 0.25), ('glow.amount_y', 0.75)]
    assert [(knob.name, knob.default) for knob in knobs(TYPE='color')] == [
        ('glow.amount_r', 0), ('glow.amount_g', 0), ('glow.amount_b', 0), ('glow.amount_a', 1)]


@pytest.mark.parametrize('kind', ['image', 'audio', 'audioFFT'])
def test_pictures_and_sound_have_no_knobs(kind):
    assert knobs(TYPE=kind) == ()


def test_every_shader_has_a_mix_unless_it_has_its_own():
    assert parse().knobs[-1].name == 'glow.mix'
    own = parse(INPUTS=[{'NAME': 'mix', 'TYPE': 'float', 'MAX': 7}]).knobs
    assert [(knob.name, knob.high) for knob in own] == [('glow.mix', 7)]


def test_a_default_outside_its_range_comes_in():
    knob, = knobs(TYPE='float', MIN=0, MAX=1, DEFAULT=9)
    assert knob.default == 1


@pytest.mark.parametrize('kind, is_filter', [('image', True), ('audio', False), ('float', False)])
def test_a_filter_is_known_by_its_image(kind, is_filter):
    assert parse(INPUTS=[{'NAME': 'inputImage', 'TYPE': kind}]).is_filter == is_filter


def test_passes_tell_target_size_and_kind():
    header = parse(PASSES=[{'TARGET': 'a', 'PERSISTENT': True, 'FLOAT': True, 'WIDTH': '$WIDTH / 2'}, {}])
    assert header.passes == (Pass('a', True, True, '$WIDTH / 2'), Pass())


def test_without_passes_there_is_one():
    assert parse().passes == (Pass(),)


@pytest.mark.parametrize('kept', [['a'], {'a': {}}, {'a': {'WIDTH': '8'}}])
def test_version_1_tells_elsewhere_what_persists(kept):
    first, second = parse(PERSISTENT_BUFFERS=kept, PASSES=[{'TARGET': 'a'}, {'TARGET': 'b'}]).passes
    assert first.persistent and not second.persistent
    assert first.width == ('8' if isinstance(kept, dict) and kept['a'] else '')


@pytest.mark.parametrize('imported', [{'paper': {'PATH': 'p.png'}}, [{'NAME': 'paper', 'PATH': 'p.png'}]])
def test_both_forms_of_imports_are_read(imported):
    assert parse(IMPORTED=imported).imported == {'paper': 'p.png'}


def test_lines_are_counted_as_in_the_file():
    header = parse_header('glow', '/*{\n\n"INPUTS": []\n}*/\nfirst\nsecond')
    assert header.body.splitlines().index('second') == 5


def test_what_other_hosts_forgive_is_forgiven():
    text = '\ufeff /*{"DESCRIPTION": "two\nlines", "INPUTS": [{"NAME": "a", "TYPE": "float",},],}*/'
    assert parse_header('glow', text).knobs[0].name == 'glow.a'


@pytest.mark.parametrize('head, complaint', [
    ({'INPUTS': {}}, 'INPUTS is not a list'),
    ({'INPUTS': [{'NAME': '2', 'TYPE': 'float'}]}, "NAME = '2' is not a name"),
    ({'INPUTS': [{'NAME': 'a', 'TYPE': 'double'}]}, "a: TYPE = 'double' is none of event, bool"),
    ({'INPUTS': [{'NAME': 'a', 'TYPE': 'color', 'DEFAULT': [1]}]}, r'a: .* do not fit a color'),
    ({'INPUTS': [{'NAME': 'a', 'TYPE': 'long', 'VALUES': 3}]}, r'a: .* do not fit a long'),
])
def test_a_bad_head_is_refused_with_file_and_entry(head, complaint):
    with pytest.raises(IsfError, match='glow.fs: ' + complaint):
        parse(**head)


@pytest.mark.parametrize('text', ['void main() {}', '/* no JSON */', '/*[1]*/', '/*{*/'])
def test_a_file_without_a_head_is_refused(text):
    with pytest.raises(IsfError, match='glow.fs'):
        parse_header('glow', text)


@given(HEADS)
def test_whatever_a_head_holds_it_is_read_or_refused(data):
    try:
        header = parse_header('glow', f'/*{json.dumps(data)}*/')
    except IsfError as error:
        assert str(error).startswith('glow.fs')
    else:
        assert all(knob.low <= knob.default <= knob.high and knob.low < knob.high for knob in header.knobs)


def test_a_fragment_of_shadertoy_is_read_without_a_head(tmp_path):
    path = tmp_path / 'waves.frag'
    path.write_text('// Waves.\nvoid mainImage(out vec4 c, in vec2 p) { c = texture(iChannel1, p); }')
    header = read_header(path)
    assert (header.is_toy, header.is_filter, header.description) == (True, True, 'Waves.')


def test_a_fragment_without_mainimage_is_refused(tmp_path):
    (tmp_path / 'plain.frag').write_text('void main() {}')
    with pytest.raises(IsfError, match='mainImage'):
        read_header(tmp_path / 'plain.frag')


def test_a_misspelt_shader_gets_a_hint():
    with pytest.raises(IsfError, match='did you mean test_card'):
        find_shader('test_cart')


def test_every_shader_has_a_name_a_description_and_documented_knobs():
    for path in list_shaders():
        header = read_header(path)
        assert path.stem == snake(path.stem) and len(header.description) > 20
        assert all(len(knob.doc) > 5 for knob in header.knobs), path.name


def test_a_name_of_humps_becomes_one_of_lines():
    names = {'inputSize': 'input_size', 'rate': 'rate', 'RGBShift': 'rgbshift', 'size_2': 'size_2'}
    assert [snake(name) for name in names] == list(names.values())


@pytest.mark.parametrize('text, value', [
    ('$WIDTH / 2', 320), ('$WIDTH/2.0 + $HEIGHT', 680), ('floor($amount * 10)', 3), ('max(-$amount, 2)', 2),
    ('7', 7), ('$WIDTH % 100', 40)])
def test_a_size_is_computed(text, value):
    assert evaluate(text, {'WIDTH': 640, 'HEIGHT': 360, 'amount': 0.35}) == value


@pytest.mark.parametrize('text', ['', '$OTHER', '1 / 0', '__import__("os")', '$WIDTH.real', '9 ** 9', '(' * 999,
                                  '[1][0]', 'pow(9, 9999)', '"a" * 9', 'min()', 'sqrt(-1)', 'floor(1e999)'])
def test_nothing_else_is_computed(text):
    with pytest.raises(IsfError, match='cannot be computed'):
        evaluate(text, {'WIDTH': 640, 'HEIGHT': 360})
