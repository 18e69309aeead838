import os
import re

import moderngl
import numpy as np
import pytest

from live.display.motion import UNIFORMS
from live.display.shaders import POLL, STAGE, Shader, Shaders, set_uniforms
from live.display.targets import make_target, read_target
from live.params import PARAMS

PASSES = sorted(path.stem for path in STAGE.glob('*.glsl'))
FILES = sorted(STAGE.parent.rglob('*.glsl'))
TEXTURES = {'swarm', 'motes', 'clouds', 'air', 'previous', 'dream', 'picture', 'before', 'light', 'shown',
            'old', 'fresh', 'coarse', 'ways'}
OWN = {'resolution', 'fade', 'there', 'grid', 'mip', 'first', 'top_first'}
KNOWN = {param.field for param in PARAMS} | set(UNIFORMS) | TEXTURES | OWN

ONE_COLOUR = 'in vec2 uv;\nout vec4 color;\nvoid main() {{ color = vec4({}); }}\n'


def write(path, text, moment=[1_000_000_000]):
    """Write a file with a date of its own, whatever the clock of the file system."""
    path.write_text(text)
    moment[0] += 1_000_000_000
    os.utime(path, ns=(moment[0], moment[0]))


@pytest.fixture
def shown(context):
    """Return a function that gives the colour that a shader draws."""
    target = make_target(context, (4, 4), 'f1')

    def show(shader, **values):
        shader.draw(target, values)
        return tuple(read_target(target)[0, 0])
    return show


@pytest.mark.parametrize('name', PASSES)
def test_every_pass_compiles(context, name):
    assert Shader(context, STAGE / f'{name}.glsl').error == ''


@pytest.mark.parametrize('name', PASSES)
def test_every_uniform_is_a_parameter_a_feature_or_a_state(name):
    text = (STAGE / f'{name}.glsl').read_text()
    lines = ''.join(re.findall(r'^uniform \w+ (.*;)', text, re.MULTILINE))
    declared = re.findall(r'(\w+)(?:\[\d+\])?(?=[,;])', lines)
    assert declared and set(declared) <= KNOWN


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_every_file_tells_what_it_is(path):
    keys = re.findall(r'^(\w+): \S', path.read_text().partition('*/')[0], re.MULTILINE)
    assert keys == (['description', 'use'] if path.parent.name == 'include' else ['description', 'in', 'out'])


def test_numbers_arrays_and_textures_are_set_by_name(context, shown, tmp_path):
    write(tmp_path / 'sum.glsl',
          'uniform float one, many[3];\nuniform vec2 pair;\nuniform sampler2D picture;\n'
          'in vec2 uv;\nout vec4 color;\n'
          'void main() { color = vec4(one, many[0] + many[2], pair.y, texture(picture, uv).r); }')
    picture = context.texture((1, 1), 4, bytes([255, 0, 0, 0]))
    values = {'one': 0.2, 'many': np.array([0.2, 9.0, 0.4]), 'pair': (0.0, 0.8), 'picture': picture, 'unknown': 1}
    assert shown(Shader(context, tmp_path / 'sum.glsl'), **values) == (51, 153, 204, 255)


def test_a_changed_file_takes_over(context, shown, tmp_path):
    path = tmp_path / 'pass.glsl'
    write(path, ONE_COLOUR.format('1, 0, 0, 1'))
    shader = Shader(context, path)
    write(path, ONE_COLOUR.format('0, 0, 1, 1'))
    assert shader.reload() and shown(shader) == (0, 0, 255, 255)


def test_a_changed_include_takes_over(context, shown, tmp_path):
    (tmp_path / 'include').mkdir()
    write(tmp_path / 'include' / 'blue.glsl', 'const float BLUE = 0.0;')
    write(tmp_path / 'pass.glsl', '#include "blue.glsl"\n' + ONE_COLOUR.format('0, 0, BLUE, 1'))
    shader = Shader(context, tmp_path / 'pass.glsl')
    write(tmp_path / 'include' / 'blue.glsl', 'const float BLUE = 1.0;')
    assert shader.reload() and shown(shader) == (0, 0, 255, 255)


def test_a_broken_file_keeps_the_last_good_one_and_tells_the_line(context, shown, tmp_path):
    path = tmp_path / 'pass.glsl'
    write(path, ONE_COLOUR.format('1, 0, 0, 1'))
    shader = Shader(context, path)
    write(path, ONE_COLOUR.format('1, 0, 0, nonsense'))
    assert not shader.reload() and shown(shader) == (255, 0, 0, 255)
    assert 'pass.glsl line 3:' in shader.error and 'nonsense' in shader.error


def test_a_broken_include_is_named_with_its_own_line(context, tmp_path):
    (tmp_path / 'include').mkdir()
    write(tmp_path / 'include' / 'part.glsl', '\nfloat part() { return nonsense; }')
    write(tmp_path / 'pass.glsl', '#include "part.glsl"\n' + ONE_COLOUR.format('part()'))
    assert 'part.glsl line 2:' in Shader(context, tmp_path / 'pass.glsl').error


def test_a_lost_file_keeps_the_last_good_one(context, shown, tmp_path):
    path = tmp_path / 'pass.glsl'
    write(path, ONE_COLOUR.format('1, 0, 0, 1'))
    shader = Shader(context, path)
    path.unlink()
    shader.reload()
    assert 'pass.glsl: cannot be read' in shader.error and shown(shader) == (255, 0, 0, 255)


def test_a_repaired_file_ends_the_complaint(context, tmp_path):
    path = tmp_path / 'pass.glsl'
    write(path, 'nonsense')
    shaders = Shaders(context, tmp_path)
    assert len(shaders.errors) == 1
    write(path, ONE_COLOUR.format('1'))
    shaders.poll(POLL)
    assert shaders.errors == []


def test_files_are_looked_at_four_times_a_second(context, tmp_path):
    path = tmp_path / 'pass.glsl'
    write(path, ONE_COLOUR.format('1'))
    shaders = Shaders(context, tmp_path)
    shaders.poll(10.0)
    write(path, 'nonsense')
    shaders.poll(10.0 + POLL * 0.9)
    assert shaders.errors == []
    shaders.poll(10.0 + POLL)
    assert len(shaders.errors) == 1


def test_a_shader_that_never_compiled_draws_nothing(context, shown, tmp_path):
    write(tmp_path / 'pass.glsl', 'nonsense')
    assert shown(Shader(context, tmp_path / 'pass.glsl')) == (0, 0, 0, 0)


def test_rebuild_uses_the_last_good_text(context, shown, tmp_path):
    path = tmp_path / 'pass.glsl'
    write(path, ONE_COLOUR.format('1, 0, 0, 1'))
    shaders = Shaders(context, tmp_path)
    write(path, 'nonsense')
    shaders.poll(POLL)
    shaders.rebuild()
    assert shown(shaders['pass']) == (255, 0, 0, 255)


def test_a_value_that_fits_no_uniform_is_cut(context):
    program = context.program('#version 330\nuniform float few[2];\n'
                              'void main() { gl_Position = vec4(few[0], few[1], 0, 1); }')
    set_uniforms(program, {'few': np.arange(9.0)})
    assert isinstance(program['few'], moderngl.Uniform) and program['few'].value == [0.0, 1.0]


@pytest.mark.parametrize('kind, read, value, wanted', [
    ('vec3 wide', 'wide', 7.0, (7, 0, 0)),
    ('float wide[4]', 'vec3(wide[0], wide[1], wide[3])', (1.0, 2.0), [1, 2, 0, 0])])
def test_a_uniform_wider_than_its_value_is_filled_with_nothing(context, kind, read, value, wanted):
    program = context.program(f'#version 330\nuniform {kind};\nvoid main() {{ gl_Position = vec4({read}, 1); }}')
    set_uniforms(program, {'wide': value})
    assert isinstance(program['wide'], moderngl.Uniform) and program['wide'].value == wanted
