"""`live shader`: lists them, draws one to the real sound of a patch, and says what it cannot do."""
import numpy as np
import pytest
from PIL import Image

from live.__main__ import main

SIZE = ['--size', '96x54', '--seconds', '0.2', '--fps', '10']


def test_all_shaders_are_listed(capsys):
    assert main(['shader']) == 0
    assert 'test_card' in capsys.readouterr().out


@pytest.fixture
def draw(tmp_path):
    """A function (words ...) that gives the picture that the command writes."""
    def draw(*words):
        assert main(['shader', *words, *SIZE, '--png', str(tmp_path / 'out.png')]) == 0
        with Image.open(tmp_path / 'out.png') as image:
            return np.asarray(image).astype(int)
    return draw


def test_a_shader_is_drawn_and_its_knobs_are_told(draw, capsys):
    pixels = draw('test_card')
    assert pixels.shape == (54, 96, 3) and pixels.std() > 20
    assert 'test_card.cells' in capsys.readouterr().out


def test_without_a_name_all_are_drawn_into_one_picture(tmp_path, capsys):
    assert main(['shader', '--size', '144x90', '--seconds', '0.2', '--fps', '5',
                 '--png', str(tmp_path / 'all.png')]) == 0
    told = capsys.readouterr().out.splitlines()
    with Image.open(tmp_path / 'all.png') as image:
        assert image.size == (144, 30 * -(-len(told) // 3))
        assert np.asarray(image).std() > 20


def test_the_same_words_give_the_same_picture(draw):
    assert np.array_equal(draw('test_card'), draw('test_card'))


def test_another_patch_sounds_and_looks_different(draw):
    assert not np.array_equal(draw('test_card'), draw('test_card', '--patch', 'rain'))


def test_a_knob_is_turned(draw):
    assert abs(draw('grade', '--set', 'exposure=-4') - draw('grade')).mean() > 10


def test_a_filter_changes_the_picture_that_is_given(draw, tmp_path):
    Image.new('RGB', (8, 8), (0, 200, 0)).save(tmp_path / 'green.png')
    red, green, blue = draw('grain', '--picture', str(tmp_path / 'green.png')).mean(axis=(0, 1))
    assert green > 150 > 50 > max(red, blue)


@pytest.mark.parametrize('words, complaint', [
    (['test_cart'], "no shader 'test_cart'; did you mean test_card?"),
    (['grade', '--set', 'exposur=1'], "grade has no 'exposur'; did you mean exposure?"),
    (['grade', '--set', 'exposure=9'], "grade.exposure = '9' is not a number in -4..4"),
    (['test_card', '--set', 'sweep=maybe'], "test_card.sweep = 'maybe' is not off, on"),
    (['grade', '--patch', 'bflap'], "there is no patch 'bflap'; did you mean bflat?"),
    (['grade', '--picture', 'nowhere.png'], 'nowhere.png: there is no such picture'),
    (['grade', '--picture', __file__], 'this is no picture that can be read'),
    (['grade', '--png', 'no/such/a.png'], 'no/such/a.png: there is no folder no/such; make it first'),
    (['--png', 'no/such/a.png'], 'there is no folder no/such')])
def test_what_cannot_be_done_is_told_in_one_sentence(capsys, words, complaint):
    assert main(['shader', *words, *SIZE]) == 2
    assert complaint in capsys.readouterr().err


def test_a_shader_that_does_not_compile_is_told_by_its_line(capsys, tmp_path):
    (tmp_path / 'mine.fs').write_text('/*{}*/\nvoid main() {\n    nothing;\n}\n')
    assert main(['shader', str(tmp_path / 'mine.fs'), *SIZE]) == 2
    assert 'mine.fs line 3' in capsys.readouterr().err
