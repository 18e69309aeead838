"""Sound as images: in the places, and of the size, that Web Audio and ISF give it."""
import numpy as np
import pytest

from live.display.sound_images import SMOOTHING, SoundImages
from live.signals import BINS, HOP, N_FFT, SLICE


def make_slice(level_db=-40.0, bin_=100):
    """Return a slice of one sine; level_db: of its spectrum as Web Audio counts."""
    made = np.zeros(1, SLICE)[0]
    made['magnitudes'][bin_] = N_FFT * 10 ** (level_db / 20)
    made['samples'] = 0.5 * np.sin(np.arange(HOP) / 7)
    return made


@pytest.fixture
def images(context):
    made = SoundImages(context)
    yield made
    made.release()


def rows(texture):
    return np.frombuffer(texture.read(), 'f4').reshape(texture.height, texture.width)


def test_silence_is_no_spectrum_and_a_wave_in_the_middle(images):
    spectrum, wave = rows(images.get('sound'))
    assert (spectrum == 0).all() and (wave == 0.5).all()


@pytest.mark.parametrize('level_db, shown', [(-110, 0), (-100, 0), (-65, 0.5), (-30, 1), (0, 1)])
def test_the_spectrum_is_in_decibels(images, level_db, shown):
    images.step(make_slice(level_db), 1e4)
    assert rows(images.get('sound'))[0, 100] == pytest.approx(shown, abs=1e-5)


def test_the_wave_is_around_one_half(images):
    images.step(make_slice(), 1e4)
    assert rows(images.get('sound'))[1] == pytest.approx(0.5 + 0.25 * np.sin(np.arange(HOP) / 7), abs=1e-6)


def test_the_spectrum_falls_as_slowly_whatever_the_frame_rate(images):
    levels = []
    for fps in (15, 60):
        images.reset()
        images.step(make_slice(-40), 1e4)
        for _ in range(round(fps * 0.2)):
            images.step(make_slice(-300), 1 / fps)
        levels.append(rows(images.get('sound'))[0, 100])
    assert levels[0] == pytest.approx(levels[1], abs=1e-4)
    assert levels[0] == pytest.approx((60 - 20 * 0.2 / SMOOTHING / np.log(10)) / 70, abs=0.01)


@pytest.mark.parametrize('width', [0, 64, 512, 1025, 2000])
def test_isf_gets_the_width_that_it_asks_for(images, width):
    images.step(make_slice(bin_=512), 1e4)
    spectrum = rows(images.get('audioFFT', width))
    assert spectrum.shape == (1, width or HOP)
    assert spectrum.max() > 0.6
    assert spectrum[0].argmax() / (spectrum.shape[1] - 1) == pytest.approx(512 / (BINS - 1), abs=1 / 64)


def test_what_is_not_a_number_is_silence(images):
    broken = make_slice()
    broken['magnitudes'][7], broken['samples'][3] = np.nan, np.inf
    images.step(broken, 0.1)
    images.step(make_slice(), 0.1)
    assert np.isfinite(rows(images.get('sound'))).all()


def test_all_channels_of_an_image_show_the_sound(isf, scenes):
    look = isf('void main() { gl_FragColor = IMG_NORM_PIXEL(wave, vec2(0.5)); }',
               INPUTS=[{'NAME': 'wave', 'TYPE': 'audio'}])
    assert scenes.frame(look)[0, 0].tolist() == [128, 128, 128, 255]
