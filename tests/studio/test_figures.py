"""Figures: dark, the same on every run, and true to what they show."""
import time

import numpy as np
import pytest

from live.studio.figures import DEPTHS, depths, draw_figure, show_level, show_spectrogram, spectrogram_db
from live.studio.files import StudioError, read_picture


def sine(hz, seconds=.5, rate=8000):
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def draw(path):
    with draw_figure(path, 'A tone', rows=2, height_ratios=(2, 1)) as (upper, lower):
        show_spectrogram(upper, sine(1000), 8000)
        show_level(lower, sine(3), 8000)
    return path


def show(path, hz):
    with draw_figure(path) as (axes,):
        show_spectrogram(axes, sine(hz), 8000, 100, 4000)
    return read_picture(path)


def test_a_figure_is_dark_and_the_same_on_every_run(tmp_path):
    one, two = (draw(tmp_path / name) for name in ('one.png', 'two.png'))
    assert one.read_bytes() == two.read_bytes() and one.stat().st_size < 250_000
    assert 0 < read_picture(one).mean() < 90


@pytest.mark.parametrize('suffix', ['svg', 'pdf'])
def test_a_figure_for_print_holds_no_date(tmp_path, suffix):
    one = draw(tmp_path / f'one.{suffix}').read_bytes()
    time.sleep(1.1)
    assert draw(tmp_path / f'two.{suffix}').read_bytes() == one


def test_high_frequencies_are_marked(tmp_path):
    with draw_figure(tmp_path / 'a.png') as (axes,):
        show_spectrogram(axes, sine(1000, rate=96000), 96000, 40, 45000, octaves=False)
        assert 3 <= len(axes.get_yticks()) <= 9


def test_a_sine_is_as_loud_as_it_is():
    power = spectrogram_db(.1 * sine(1000), 1024)
    assert power.argmax(0)[10] == 128 and power.max() == pytest.approx(-20, abs=.1)


def test_a_higher_tone_stands_higher(tmp_path):
    low, high = (show(tmp_path / 'a.png', hz) for hz in (200, 3000))
    rows = [np.argmax(picture[30:-60, 200:-200].sum((1, 2))) for picture in (low, high)]
    assert rows[1] < rows[0]


def test_colours_go_from_night_to_light():
    colours = depths()(np.linspace(0, 1, 50))[:, :3]
    assert (np.diff(colours @ (.2126, .7152, .0722)) > 0).all() and len(DEPTHS) == 6


@pytest.mark.parametrize('name', ['nowhere/a.png', 'a.xyz', 'a'])
def test_a_figure_that_cannot_be_written_is_told(tmp_path, name):
    with pytest.raises(StudioError, match='nowhere|png'):
        with draw_figure(tmp_path / name):
            pass
