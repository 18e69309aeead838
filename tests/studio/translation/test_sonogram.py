"""A sound as a picture and back: places, brightness, scale."""
import numpy as np
import pytest

from live.diffusion.spectrogram import RANGE_DB
from live.studio.translation.sonogram import AXES, Axis, colour, draw_levels, draw_sound, read_levels, to_amplitude

RATE, SIZE = 48000, (32, 128)


def tone(hertz, seconds=1.0, rate=RATE):
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


@pytest.mark.parametrize('rate', [22050, 44100, 48000])
@pytest.mark.parametrize('kind', AXES)
@pytest.mark.parametrize('hertz', [233.08, 466.16, 3000])
def test_a_tone_lies_in_the_row_of_its_pitch(hertz, kind, rate):
    axis = Axis(kind=kind)
    row = draw_levels(tone(hertz, rate=rate), rate, SIZE, axis)[:, 16].argmax()
    edges = axis.edges(SIZE[1], rate)
    assert edges[row + 1] * 0.97 <= hertz <= edges[row] * 1.03


@pytest.mark.parametrize('hertz', [60, 150, 400, 1100, 2500, 9000])
def test_a_tone_is_as_bright_wherever_it_lies(hertz):
    both = tone(hertz) + tone(700)
    column = draw_levels(both, RATE, SIZE)[:, 16]
    row = np.argmin(abs(Axis().hertz(SIZE[1], RATE) - hertz))
    assert column[max(0, row - 1):row + 2].max() > 1 - 4 / RANGE_DB


def test_a_click_lies_in_the_column_of_its_moment():
    sound = np.zeros(4 * RATE)
    sound[3 * RATE] = 1
    assert abs(draw_levels(sound, RATE, (64, 64)).sum(0).argmax() - 48) <= 1


def test_no_moment_is_left_out_where_columns_are_long():
    sound = np.zeros(60 * RATE)
    sound[100::RATE] = 1
    assert (draw_levels(sound, RATE, (60, 32)).max(0) > 0.5).all()


def test_half_as_loud_is_six_decibels_darker():
    sound = np.concatenate((tone(500), 0.5 * tone(500)))
    column = draw_levels(sound, RATE, (8, 64)).max(0)
    assert (column[1] - column[6]) * RANGE_DB == pytest.approx(6.02, abs=0.3)


def test_what_the_palette_draws_is_read_back():
    levels = np.random.default_rng(1).uniform(0, 1, (16, 16))
    assert np.abs(read_levels(colour(levels)) - levels).max() < 0.04        # colours are rounded to 8 bits


def test_levels_of_any_picture_rise_with_its_brightness():
    grey = np.arange(256, dtype=np.uint8)[None, :, None].repeat(3, 2)
    levels = read_levels(grey)[0]
    assert levels[0] == 0 and levels[-1] == 1 and (np.diff(levels) >= 0).all()
    assert to_amplitude(levels)[0] == 0 and to_amplitude(levels)[-1] == 1


def test_silence_is_dark():
    assert (draw_sound(np.zeros(RATE), RATE, SIZE) == colour(np.zeros(1))).all()
