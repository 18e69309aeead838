"""Four readings of a picture: what each reads is in its sound, and nothing else."""
import numpy as np
import pytest

from live.studio.griffin_lim import analyse, find_sound
from live.studio.translation.readings import CYCLE_HERTZ, PEAK, READINGS, read_sound_of
from live.studio.translation.sonogram import AXES, Axis, draw_sound

RATE, HEIGHT, WIDTH, SECONDS = 48000, 128, 256, 6


def grey(levels):
    return np.round(np.clip(levels, 0, 1) * 255).astype(np.uint8)[..., None].repeat(3, 2)


def drawing(name):
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    wave = np.exp(-((row - 60 - 30 * np.sin(column / 40)) / 6) ** 2)
    moon = np.hypot(row - 30, column - 190) < 22
    return grey({'wave': wave, 'moon': 0.8 * moon, 'both': np.maximum(wave, 0.8 * moon)}[name])


def correlation(one, other):
    return np.corrcoef(one.mean(2).ravel(), other.mean(2).ravel())[0, 1]


@pytest.mark.parametrize('kind', AXES)
@pytest.mark.parametrize('name', ['wave', 'moon', 'both'])
@pytest.mark.parametrize('reading', ['additive', 'griffin-lim'])
def test_the_spectrogram_of_the_sound_shows_the_drawing(reading, name, kind):
    axis, picture = Axis(kind=kind), drawing(name)
    sound = read_sound_of(picture, SECONDS, reading, RATE, axis)
    assert correlation(picture, draw_sound(sound, RATE, (WIDTH, HEIGHT), axis)) >= 0.9


def test_a_drawing_is_not_shown_upside_down_or_mirrored():
    picture = drawing('moon')
    seen = draw_sound(read_sound_of(picture, SECONDS), RATE, (WIDTH, HEIGHT))
    assert correlation(picture[::-1], seen) < 0.1 and correlation(picture[:, ::-1], seen) < 0.1


@pytest.mark.parametrize('reading', READINGS)
def test_a_sound_is_as_long_as_asked_finite_and_below_full_scale(reading):
    sound = read_sound_of(drawing('both'), 1.23, reading, 44100)
    assert sound.shape == (round(1.23 * 44100), 2) and sound.dtype == np.float32
    assert np.isfinite(sound).all() and np.abs(sound).max() == pytest.approx(PEAK, abs=0.15)


@pytest.mark.parametrize('reading', READINGS)
def test_the_same_seed_gives_the_same_bits(reading):
    one, two = (read_sound_of(drawing('both'), 0.5, reading, seed=3) for _ in range(2))
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize('reading', READINGS)
def test_black_is_silence(reading):
    assert np.abs(read_sound_of(grey(np.zeros((64, 64))), 0.5, reading)).max() < 1e-4


def test_four_readings_of_one_picture_are_four_sounds():
    sounds = [read_sound_of(drawing('both'), 2, reading).mean(1) for reading in READINGS]
    likeness = np.corrcoef(sounds) - np.eye(len(sounds))
    assert np.abs(likeness).max() < 0.2


def test_rgb_mean_repeats_a_column_as_the_cycle_of_a_wave():
    picture = grey(np.tile(np.linspace(1, 0, HEIGHT)[:, None], (1, 8)))      # up and down again: a triangle
    sound = read_sound_of(picture, 2, 'rgb-mean')[:, 0]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    first, third, fifth = (spectrum[round(2 * k * CYCLE_HERTZ)] for k in (1, 3, 5))
    assert spectrum.argmax() == pytest.approx(2 * CYCLE_HERTZ, abs=1)
    assert first / third == pytest.approx(9, rel=0.2) and first / fifth == pytest.approx(25, rel=0.2)


def test_rgb_mean_reads_the_mean_of_the_channels():
    red, blue = np.zeros((2, HEIGHT, 8, 3), np.uint8)
    red[:50, :, 0] = blue[:50, :, 2] = 240
    assert np.array_equal(read_sound_of(red, 0.3, 'rgb-mean'), read_sound_of(blue, 0.3, 'rgb-mean'))


def test_a_pixel_that_brightens_sweeps_upwards():
    levels = np.zeros((24, WIDTH))
    levels[12] = np.linspace(0.5, 0.9, WIDTH)
    seen = draw_sound(read_sound_of(grey(levels), SECONDS, 'chirp'), RATE, (WIDTH, HEIGHT)).mean(2)
    rows = seen.argmax(0)
    assert rows[20] - rows[-20] > 4 and (np.diff(rows[10:-10].astype(int)) <= 1).all()


@pytest.mark.parametrize('seed', [0, 1])
def test_phases_are_found_for_the_magnitudes_of_a_true_sound(seed):
    time = np.arange(RATE // 2) / RATE
    sound = np.sin(2 * np.pi * (300 * time + 400 * time ** 2)) + 0.3 * np.sin(2 * np.pi * 1500 * time)
    wanted = np.abs(analyse(sound, 1024))
    apart = [np.linalg.norm(np.abs(analyse(find_sound(wanted, seed, rounds), 1024)) - wanted) / np.linalg.norm(wanted)
             for rounds in (0, 48)]
    assert apart[1] < 0.1 < 0.3 < apart[0]
