import re

import numpy as np
import pytest

from live.display.screens import (
    SCREENS, SQUARE, Output, Screens, ScreensError, find_screens, from_monitor, load_screens, picture_size)

HALF = Output('left', part=(0, 0, 0.5, 1))


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a file of this text."""
    def load(text):
        (tmp_path / 'wall.toml').write_text(text)
        return load_screens(tmp_path / 'wall.toml')
    return load


def test_what_is_not_given_is_plain(read):
    outputs = read('[[output]]\nmonitor = "HDMI-1"').outputs
    assert outputs == (Output('HDMI-1'),) and outputs[0].plain and Screens().outputs[0].plain


def test_everything_is_read(read):
    text = '''
        [[output]]
        monitor = 2
        part = [0, 0, 0.6, 1]
        corners = [[0, 0], [1, 0.1], [0.9, 1], [-0.1, 1]]
        soft = [0, 0, 0.1, 0]
        mask = [[0, 0], [1, 0], [0.5, 1]]
        mask_soft = 0.05
        flip = 'both'
        gamma = 1.2'''
    assert read(text).outputs == (Output(2, (0, 0, .6, 1), ((0, 0), (1, .1), (.9, 1), (-.1, 1)), (0, 0, .1, 0),
                                         ((0, 0), (1, 0), (.5, 1)), .05, 'both', 1.2),)


@pytest.mark.parametrize('text, complaint', [
    ('', r'\[\[output\]\] must stand there 1 to 16 times'),
    ('[[ouput]]', r'ouput is unknown; did you mean output\?'),
    ('[[output]]\ngama = 1', r'output 1: gama is unknown; did you mean gamma\?'),
    ('[[output]]\ngamma = 9', r'output 1: gamma = 9 is not a number in 0.2..5'),
    ('[[output]]\ngamma = true', r'gamma = True is not a number'),
    ('[[output]]\nmonitor = 1.5', r'monitor = 1.5 is neither the name nor the number of a monitor'),
    ('[[output]]\npart = [0, 0, 1]', r'part = \[0, 0, 1\] is not a list of 4'),
    ('[[output]]\npart = [0.5, 0, 0.2, 1]', r'part = .* is empty; it is left, top, right, bottom'),
    ('[[output]]\nflip = "horizontaly"', r"flip = 'horizontaly' is none of .*; did you mean horizontal\?"),
    ('[[output]]\nmask = [[0, 0], [1, 1]]', r'mask = .* is not a list of 3 to 32'),
    ('[[output]]\nmask_soft = nan', r'mask_soft = nan is not a number in 0..0.5'),
    ('[[output]]\ncorners = [[0, 0], [0, 1], [1, 1], [1, 0]]', r'corners = .* do not go clockwise'),
    ('[[output]]\ncorners = [[0, 0], [0.1, 0.9], [1, 1], [0, 1]]', r'without a dent'),
    ('[[output]]\nmonitor = "A"\n[[output]]\nmonitor = "A"', r'two outputs have the same monitor'),
    ('[[output]]\n[output]', r'wall.toml: '),
])
def test_what_is_wrong_is_told_with_its_place(read, text, complaint):
    with pytest.raises(ScreensError, match=f'^wall.toml: .*{complaint}' if 'wall' not in complaint else complaint):
        read(text)


def test_a_file_is_found_by_path_and_by_name(tmp_path):
    (tmp_path / 'gallery.toml').touch()
    assert find_screens(str(tmp_path / 'gallery.toml')) == tmp_path / 'gallery.toml'
    assert find_screens('gallery', tmp_path) == tmp_path / 'gallery.toml'
    with pytest.raises(ScreensError, match="there are no screens 'galery'; did you mean gallery?"):
        find_screens('galery', tmp_path)


@pytest.mark.parametrize('path', sorted(SCREENS.glob('*.toml')), ids=lambda path: path.stem)
def test_every_file_of_ours_is_read(path):
    assert load_screens(path).outputs


def test_the_example_of_the_manual_is_read(read):
    manual = (SCREENS.parents[1] / 'docs' / 'screens.md').read_text(encoding='utf-8')
    output, = read(re.search(r'```toml\n(.*?)```', manual, re.DOTALL)[1]).outputs
    assert output.monitor == 'HDMI-1' and not output.plain


def test_corners_of_the_monitor_come_back_to_the_square():
    corners = (0.1, 0.05), (0.9, 0.0), (1.0, 0.8), (-0.2, 1.1)
    places = np.array([(*corner, 1) for corner in corners]) @ from_monitor(corners).T
    assert places[:, :2] / places[:, 2:] == pytest.approx(np.array(SQUARE), abs=1e-9)


def test_the_picture_is_as_fine_as_the_finest_output():
    assert picture_size([(Output(), (0, 0, 640, 480))], 8192) == (640, 480)
    assert picture_size([(HALF, (0, 0, 800, 600)), (Output('b', (.5, 0, 1, 1)), (0, 0, 400, 900))], 8192) == (1600, 900)


def test_the_picture_is_no_larger_than_can_be_drawn():
    assert picture_size([(HALF, (0, 0, 4096, 1024))], 2048) == (2048, 256)
