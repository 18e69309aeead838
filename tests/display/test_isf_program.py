"""What ISF and Shadertoy offer to a shader is there, in today's GLSL, and complaints name the file's own lines."""
import re
from pathlib import Path

import pytest

from live.display.isf_program import fragment_lines, join, translate, vertex_lines
from live.isf import IsfError, parse_header

GRADIENT = 'void main() { gl_FragColor = vec4(%s, 1.0); }'


@pytest.fixture
def colour(isf, scenes):
    """A function (expression of a vec3, head ...) that gives the colour drawn at the lower left, 0..255."""
    def colour(expression, before='', **head):
        return tuple(scenes.frame(isf(before + GRADIENT % expression, **head))[-1, 0, :3])
    return colour


def test_the_place_runs_from_the_lower_left(isf, scenes):
    pixels = scenes.frame(isf(GRADIENT % 'isf_FragNormCoord, 0.0'))
    assert pixels[-1, 0, 0] < 20 and pixels[0, -1, 0] > 230 and pixels[-1, -1, 1] < 40 and pixels[0, 0, 1] > 215


@pytest.mark.parametrize('expression', [
    'vec3(RENDERSIZE == vec2(8.0, 4.0))', 'vec3(PASSINDEX == 0)', 'vec3(FRAMEINDEX == 0)', 'vec3(TIME == 0.0)',
    'vec3(TIMEDELTA == 0.0)', 'vec3(DATE.x > 2020.0)', 'vec3(vv_FragNormCoord == isf_FragNormCoord)',
    'vec3(IMG_SIZE(inputImage) == RENDERSIZE)', 'vec3(_inputImage_imgSize == RENDERSIZE)',
    'vec3(_inputImage_imgRect.zw == vec2(1.0))', 'vec3(!_inputImage_flip)'])
def test_what_isf_offers_is_there(colour, expression):
    assert colour(expression, INPUTS=[{'NAME': 'inputImage', 'TYPE': 'image'}]) == (255, 255, 255)


@pytest.mark.parametrize('take', [
    'IMG_PIXEL(inputImage, gl_FragCoord.xy)', 'IMG_NORM_PIXEL(inputImage, isf_FragNormCoord)',
    'IMG_THIS_PIXEL(inputImage)', 'IMG_THIS_NORM_PIXEL(inputImage)', 'texture2D(inputImage, vv_FragNormCoord)',
    'texture2DRect(inputImage, gl_FragCoord.xy)'])
def test_each_way_to_take_a_pixel_takes_the_same(isf, scenes, take):
    picture = scenes.picture((40, 0, 0), size=(4, 8)).pixels
    picture[0, 7], picture[3, 0] = (10, 200, 30, 255), (90, 80, 70, 255)
    look = isf(GRADIENT % f'{take}.rgb', picture=picture, INPUTS=[{'NAME': 'inputImage', 'TYPE': 'image'}])
    assert (scenes.frame(look) == picture).all()


@pytest.mark.parametrize('item, expression', [
    ({'TYPE': 'float', 'MAX': 4, 'DEFAULT': 3}, 'vec3(a == 3.0)'),
    ({'TYPE': 'bool', 'DEFAULT': True}, 'vec3(a)'),
    ({'TYPE': 'long', 'VALUES': [7, 9], 'DEFAULT': 9}, 'vec3(a == 9 && 5 / a == 0)'),
    ({'TYPE': 'long', 'MAX': 9, 'DEFAULT': 5}, 'vec3(a == 5)'),
    ({'TYPE': 'point2D', 'DEFAULT': [0.25, 0.5]}, 'vec3(a == vec2(0.25, 0.5))'),
    ({'TYPE': 'color', 'DEFAULT': [1, 0.5, 0.25, 0]}, 'vec3(a == vec4(1, 0.5, 0.25, 0))')])
def test_every_kind_of_input_has_its_type(colour, item, expression):
    assert colour(expression, INPUTS=[{'NAME': 'a', **item}]) == (255, 255, 255)


@pytest.mark.parametrize('name', ['sample', 'filter', 'smooth', 'active', 'common', 'partition', 'flat'])
def test_an_input_may_be_called_as_glsl_calls_something_since(colour, name):
    assert colour(f'vec3({name})', INPUTS=[{'NAME': name, 'TYPE': 'float', 'DEFAULT': 1}]) == (255, 255, 255)


def test_what_the_instrument_knows_is_there_by_its_name(colour):
    assert colour('vec3(root > 466.0 && partials == 0 && bands[23] == 0.0)',
                  'uniform float root, bands[24]; uniform int partials;') == (255, 255, 255)


@pytest.mark.parametrize('number', [0, 2])
def test_each_pass_knows_its_number_when_it_is_compiled(number):
    header = parse_header('mine', '/*{}*/ void main() {}')
    assert f'const int PASSINDEX = {number};' in join(fragment_lines(header, Path('mine.fs'), number))


def test_old_words_become_new_ones():
    words = {'varying': 'in', 'texture2D': 'texture'}
    assert translate('varying vec2 p; texture2D(a_texture2D, p); gl_FragData[0]', words) == (
        'in vec2 p; texture(a_texture2D, p); isf_FragColor')


@pytest.mark.parametrize('line', ['#version 120', '#extension GL_OES_standard_derivatives : enable',
                                  'precision highp float;', '#ifdef GL_ES\nprecision mediump float;\n#endif'])
def test_what_is_written_for_other_versions_does_no_harm(colour, line):
    assert colour('vec3(1.0)', line + '\n') == (255, 255, 255)


def test_a_body_may_have_an_output_of_its_own(isf, scenes):
    assert scenes.frame(isf('out vec4 shown; void main() { shown = vec4(1.0); }')).min() == 255


@pytest.mark.parametrize('lines', [1, 2, 9])
def test_a_complaint_names_the_line_of_the_file(isf, lines):
    with pytest.raises(IsfError, match=rf'^mine.fs line {lines + 2}: '):
        isf('\n' * lines + GRADIENT % 'vec3(nothing)', INPUTS=[{'NAME': 'a', 'TYPE': 'float'}])


def test_a_complaint_about_an_include_names_that(isf, tmp_path):
    (tmp_path / 'include').mkdir()
    (tmp_path / 'include' / 'tools.glsl').write_text('\nfloat wrong() { return nothing; }\n')
    with pytest.raises(IsfError, match=r'^tools.glsl line 2: '):
        isf('#include "tools.glsl"\n' + GRADIENT % 'vec3(wrong())')


def test_a_missing_include_is_told(isf):
    with pytest.raises(IsfError, match='mine.fs: .*nowhere.glsl'):
        isf('#include "nowhere.glsl"\n' + GRADIENT % 'vec3(1.0)')


def test_a_vertex_shader_beside_it_is_used(isf, scenes, tmp_path):
    (tmp_path / 'mine.vs').write_text('varying vec2 left;\nvoid main() {\n    isf_vertShaderInit();\n'
                                      '    left = clamp(vec2(isf_FragNormCoord.x + 1.0, red), 0.0, 1.0);\n}\n')
    look = isf('varying vec2 left;\n' + GRADIENT % 'left, 0.0', INPUTS=[{'NAME': 'red', 'TYPE': 'float', 'DEFAULT': 1}])
    assert (scenes.frame(look)[..., :2] == 255).all()


def test_a_complaint_about_the_vertex_shader_names_that(isf, tmp_path):
    (tmp_path / 'mine.vs').write_text('\nvoid main() { nothing(); }\n')
    with pytest.raises(IsfError, match=r'^mine.vs line 2: '):
        isf(GRADIENT % 'vec3(1.0)')


def test_no_line_is_added_or_lost():
    header = parse_header('glow', '/*{\n}*/\n#version 120\nvarying float a;\nvoid main() {}\n')
    text = join(fragment_lines(header, Path('glow.fs')))
    assert re.search(r'\n\n\n\nin float a;\nvoid main\(\) \{\}\n$', text)
    assert join(vertex_lines(header, Path('glow.fs'))).startswith('#version 330 core\n')
