"""Shaders as they run: passes and what persists, what is imported, reloading, and several in a row."""
import json
import os

import numpy as np
import pytest
from PIL import Image

from live.display.chain import Chain
from live.display.motion import Motion
from live.display.shaders import POLL
from live.display.sound_images import SoundImages
from live.isf import IsfError
from live.params import Board

FILTER = [{'NAME': 'inputImage', 'TYPE': 'image'}]
FILL = 'void main() { gl_FragColor = vec4(%s, 1.0); }'
INVERT = 'void main() { gl_FragColor = vec4(1.0 - IMG_THIS_PIXEL(inputImage).rgb, 1.0); }'
ADD_UP = '''
void main() {
    if (PASSINDEX == 0) gl_FragColor = vec4(IMG_THIS_PIXEL(sum).rgb + 0.1, 1.0);
    else gl_FragColor = IMG_THIS_PIXEL(sum);
}
'''


def write(path, text, moment=[1_000_000_000]):
    """Write a file with a date of its own, whatever the clock of the file system."""
    path.write_text(text)
    moment[0] += 1_000_000_000
    os.utime(path, ns=(moment[0], moment[0]))


def write_isf(folder, name, body, **head):
    write(folder / f'{name}.fs', f'/*{json.dumps(head)}*/\n{body}')


def colours(look, scenes, count, fps=10):
    """Return the colour at the top left of each of so many frames."""
    return [tuple(scenes.frame(look, number / fps)[0, 0, :3].tolist()) for number in range(count)]


def level(look, scenes, seconds):
    return int(scenes.frame(look, seconds)[0, 0, 0])


@pytest.mark.parametrize('persistent, shown', [(True, [26, 51, 76]), (False, [26, 26, 26])])
def test_a_persistent_target_is_kept_from_frame_to_frame(isf, scenes, persistent, shown):
    look = isf(ADD_UP, PASSES=[{'TARGET': 'sum', 'PERSISTENT': persistent}, {}])
    assert [red for red, _, _ in colours(look, scenes, 3)] == pytest.approx(shown, abs=1)


def test_a_last_pass_with_a_target_is_shown(isf, scenes):
    look = isf(ADD_UP, PASSES=[{'TARGET': 'sum', 'PERSISTENT': True}])
    assert [red for red, _, _ in colours(look, scenes, 3)] == pytest.approx([26, 51, 76], abs=1)


@pytest.mark.parametrize('number, kept', [(True, -3.5), (False, 0.0)])
def test_a_float_target_holds_any_number(isf, scenes, number, kept):
    body = f'''void main() {{
        if (PASSINDEX == 0) gl_FragColor = vec4(-3.5);
        else gl_FragColor = vec4(IMG_THIS_PIXEL(held).r == {kept}); }}'''
    assert scenes.frame(isf(body, PASSES=[{'TARGET': 'held', 'FLOAT': number}, {}])).min() == 255


def test_the_size_of_a_target_is_computed(isf, scenes):
    body = '''void main() {
        gl_FragColor = vec4(PASSINDEX == 0 || IMG_SIZE(small) == vec2(4.0, 3.0)); }'''
    look = isf(body, INPUTS=[{'NAME': 'high', 'TYPE': 'float', 'MAX': 9, 'DEFAULT': 3}],
               PASSES=[{'TARGET': 'small', 'WIDTH': '$WIDTH / 2', 'HEIGHT': 'floor($high)'}, {}])
    assert scenes.frame(look).min() == 255


def test_a_size_that_cannot_be_computed_is_told_and_the_picture_s_own_is_used(isf, scenes):
    look = isf(ADD_UP, PASSES=[{'TARGET': 'sum', 'WIDTH': '$WIDE'}, {}])
    assert level(look, scenes, 0.0) == pytest.approx(26, abs=1)
    assert "mine.fs: the size '$WIDE' cannot be computed" in look.chain.errors[0]


def test_what_persists_survives_a_change_of_size(isf, scenes):
    look = isf(ADD_UP, PASSES=[{'TARGET': 'sum', 'PERSISTENT': True, 'WIDTH': '$wide', 'HEIGHT': '3'}, {}],
               INPUTS=[{'NAME': 'wide', 'TYPE': 'float', 'MAX': 9, 'DEFAULT': 4}])
    colours(look, scenes, 2)
    look.values['mine_wide'] = 7
    assert level(look, scenes, 0.2) == pytest.approx(76, abs=1)


def test_time_begins_with_the_shader_and_frames_are_counted(isf, scenes):
    look = isf(FILL % 'TIME, TIMEDELTA, float(FRAMEINDEX) / 255.0')
    assert colours(look, scenes, 3) == [(0, 0, 0), (26, 26, 1), (51, 26, 2)]


def test_an_event_lasts_one_frame(isf, scenes):
    look = isf(FILL % 'vec3(flash)', INPUTS=[{'NAME': 'flash', 'TYPE': 'event'}])
    look.values['mine_flash'] = 1
    pressed = colours(look, scenes, 3)
    look.values['mine_flash'] = 0
    colours(look, scenes, 1)
    look.values['mine_flash'] = 1
    assert [red for red, _, _ in pressed + colours(look, scenes, 2)] == [255, 0, 0, 255, 0]


def test_a_knob_stays_within_its_range(isf, scenes):
    look = isf(FILL % 'vec3(a)', INPUTS=[{'NAME': 'a', 'TYPE': 'float', 'MAX': 0.5}], values={'mine.a': 7.0})
    assert scenes.frame(look)[0, 0, 0] == 128


def test_an_image_beside_the_shader_is_imported(isf, scenes, tmp_path):
    pixels = np.full((4, 8, 4), 255, np.uint8)
    pixels[0, 0, :3] = 1, 2, 3
    Image.fromarray(pixels).save(tmp_path / 'paper.png')
    look = isf('void main() { gl_FragColor = IMG_THIS_PIXEL(paper); }', IMPORTED={'paper': {'PATH': 'paper.png'}})
    assert (scenes.frame(look) == pixels).all()


@pytest.mark.parametrize('file', ['../secret.png', '/etc/hostname', 'folder/../../secret.png'])
def test_nothing_outside_the_folder_is_imported(isf, file):
    with pytest.raises(IsfError, match='outside the folder'):
        isf(FILL % 'vec3(1)', IMPORTED={'paper': {'PATH': file}})


@pytest.mark.parametrize('content', [None, b'no picture'])
def test_an_image_that_cannot_be_read_is_told(isf, tmp_path, content):
    if content:
        (tmp_path / 'paper.png').write_bytes(content)
    with pytest.raises(IsfError, match="mine: IMPORTED 'paper.png' cannot be read"):
        isf(FILL % 'vec3(1)', IMPORTED={'paper': {'PATH': 'paper.png'}})


def test_a_changed_file_takes_over_and_a_broken_one_does_not(isf, scenes, tmp_path):
    look = isf(FILL % '1, 0, 0')
    write_isf(tmp_path, 'mine', FILL % '0, 1, 0')
    look.chain.poll(0.0)
    assert tuple(scenes.frame(look)[0, 0, :3]) == (0, 255, 0)
    write_isf(tmp_path, 'mine', FILL % 'nothing')
    look.chain.poll(POLL)
    assert tuple(scenes.frame(look)[0, 0, :3]) == (0, 255, 0) and 'mine.fs line 2' in look.chain.errors[0]
    write_isf(tmp_path, 'mine', FILL % '0, 0, 1')
    look.chain.poll(2 * POLL)
    assert tuple(scenes.frame(look)[0, 0, :3]) == (0, 0, 255) and not look.chain.errors


def test_a_changed_include_takes_over(isf, scenes, tmp_path):
    (tmp_path / 'include').mkdir()
    write(tmp_path / 'include' / 'tools.glsl', 'float tone() { return 1.0; }')
    look = isf('#include "tools.glsl"\n' + FILL % 'vec3(tone())')
    write(tmp_path / 'include' / 'tools.glsl', 'float tone() { return 0.0; }')
    look.chain.poll(0.0)
    assert scenes.frame(look)[0, 0, 0] == 0


def test_what_persists_survives_a_new_text(isf, scenes, tmp_path):
    passes = [{'TARGET': 'sum', 'PERSISTENT': True}, {}]
    look = isf(ADD_UP, PASSES=passes)
    colours(look, scenes, 2)
    write_isf(tmp_path, 'mine', ADD_UP.replace('0.1', '0.2'), PASSES=passes)
    look.chain.poll(0.0)
    assert level(look, scenes, 0.2) == pytest.approx(102, abs=1)


@pytest.mark.parametrize('amount, shown', [(0, 0), (0.25, 64), (1, 255)])
def test_mix_lays_a_shader_over_what_comes_before_it(isf, scenes, amount, shown):
    look = isf(FILL % 'vec3(1)', values={'mine.mix': amount})
    assert scenes.frame(look)[0, 0, 0] == shown


def test_filters_change_what_comes_before_them(isf, scenes, tmp_path):
    write_isf(tmp_path, 'first', FILL % '0.2, 0.4, 1.0')
    look = isf(INVERT, before=('first',), INPUTS=FILTER)
    assert tuple(scenes.frame(look)[0, 0, :3]) == (204, 153, 0)
    look.chain.use(('mine', 'first'))
    assert tuple(scenes.frame(look)[0, 0, :3]) == (51, 102, 255)


def test_what_cannot_be_found_or_compiled_is_left_out_and_told(isf, scenes, tmp_path):
    write_isf(tmp_path, 'broken', FILL % 'nothing')
    look = isf(FILL % '1, 0, 0')
    look.chain.use(('mine', 'broken', 'bloom_of_may'))
    assert tuple(scenes.frame(look)[0, 0, :3]) == (255, 0, 0)
    assert 'no shader' in look.chain.errors[0] and 'broken.fs line 2' in look.chain.errors[1]


def test_a_shader_that_stays_in_the_chain_goes_on(isf, scenes):
    look = isf(ADD_UP, PASSES=[{'TARGET': 'sum', 'PERSISTENT': True}, {}])
    colours(look, scenes, 2)
    look.chain.use(())
    look.chain.use(('mine',))
    assert level(look, scenes, 0.2) == pytest.approx(76, abs=1)


def test_after_reset_the_same_frames_come_again(isf, scenes):
    look = isf(ADD_UP.replace('0.1', '0.1 + 0.3 * TIME'), PASSES=[{'TARGET': 'sum', 'PERSISTENT': True}, {}])
    first = colours(look, scenes, 4)
    look.chain.reset()
    look.motion.reset()
    assert colours(look, scenes, 4) == first


def test_an_empty_chain_gives_the_picture_back(context):
    picture, chain = context.texture((4, 4), 4), Chain(context)
    assert chain.draw(picture, (4, 4), Motion().step(0, Board(), None), SoundImages(context)) is picture


def test_in_a_rebuilt_chain_time_goes_on_in_the_last_good_text(isf, scenes, tmp_path):
    look = isf(FILL % '1, TIME, 1')
    colours(look, scenes, 2)
    write_isf(tmp_path, 'mine', FILL % 'nothing')
    look.chain.poll(0.0)
    look.chain.rebuild()
    assert tuple(scenes.frame(look, 0.2)[0, 0, :3]) == (255, 51, 255)


def test_a_shader_that_comes_later_is_found(isf, scenes, tmp_path):
    look = isf(FILL % '1, 0, 0')
    look.chain.use(('mine', 'late'))
    assert look.chain.errors
    write_isf(tmp_path, 'late', FILL % '0, 0, 1')
    look.chain.poll(0.0)
    assert tuple(scenes.frame(look)[0, 0, :3]) == (0, 0, 255) and not look.chain.errors


def test_a_shader_with_a_mix_of_its_own_is_not_mixed(isf, scenes):
    look = isf(FILL % 'vec3(mix)', INPUTS=[{'NAME': 'mix', 'TYPE': 'float', 'DEFAULT': 0.2}])
    assert scenes.frame(look)[0, 0, 0] == 51


def test_a_shader_passed_by_for_long_does_not_run_ahead(isf, scenes):
    look = isf(FILL % 'TIMEDELTA / 10.0, 0, 0')
    scenes.frame(look, 0.0)
    look.values['mine_mix'] = 0
    for number in range(1, 100):
        scenes.frame(look, number / 5)
    look.values['mine_mix'] = 1
    assert scenes.frame(look, 20.0)[0, 0, 0] == round(0.1 * 255)


def test_shadertoy_s_names_are_there(isf, scenes, tmp_path, context):
    text = '''// A toy.
void mainImage(out vec4 color, in vec2 place) {
    bool all_there = iResolution == vec3(8, 4, 1) && iFrame == 0 && iTime == 0.0 && iMouse == vec4(0)
        && iChannelResolution[0] == vec3(512, 2, 1) && iSampleRate > 8000.0 && iDate.x > 2020.0
        && texture(iChannel0, vec2(0.5, 0.75)).x == 0.5 && texture(iChannel0, vec2(0.5, 0.25)).x == 0.0;
    color = vec4(place / iResolution.xy, all_there, 0.0);
}
'''
    write(tmp_path / 'toy.frag', text)
    look = isf(INVERT, INPUTS=FILTER)
    look.chain.use(('toy',))
    pixels = scenes.frame(look)
    assert pixels[..., 2].min() == 255 and pixels[0, -1, 0] == round(255 * 7.5 / 8)
