"""Bit depth: the dynamic range of theory, dither that frees the noise from the tone, files read back to the bit."""
import numpy as np
import pytest
import soundfile

from live.studio.depth import dynamic_range_db, open_writer, quantise, write_at_depth
from live.studio.files import StudioError

RATE, FRAMES = 48000, 1 << 17
HZ = 6841 * RATE / FRAMES       # a prime number of cycles: rounding never repeats


def sine(level, frames=FRAMES):
    return level * np.sin(2 * np.pi * HZ * np.arange(frames) / RATE)


def measured_range_db(path, level):
    """Return the level of a tone over all that is not the tone, by least squares, in dB."""
    heard = soundfile.read(path, dtype='float64')[0]
    t = 2 * np.pi * HZ * np.arange(FRAMES) / RATE
    basis = np.stack([np.sin(t), np.cos(t), np.ones(FRAMES)], 1)
    tone = basis @ np.linalg.lstsq(basis, heard, rcond=None)[0]
    return 20 * np.log10(tone.std() / (heard - tone).std())


@pytest.mark.parametrize('suffix', ['.wav', '.flac'])
@pytest.mark.parametrize('depth', ['8', '16', '24'])
def test_a_full_scale_sine_stands_as_far_above_the_noise_as_theory_says(tmp_path, depth, suffix):
    level = 1 - 2.0 ** (1 - int(depth))
    write_at_depth(tmp_path / f'a{suffix}', sine(level), RATE, depth)
    assert measured_range_db(tmp_path / f'a{suffix}', level) == pytest.approx(6.02 * int(depth) + 1.76, abs=.25)


@pytest.mark.parametrize('depth', ['8', '16', '24'])
def test_dither_costs_4_77_db(tmp_path, depth):
    level = 1 - 2.0 ** (3 - int(depth))
    write_at_depth(tmp_path / 'a.wav', sine(level), RATE, depth, dither=True)
    assert measured_range_db(tmp_path / 'a.wav', level) == pytest.approx(6.02 * int(depth) + 1.76 - 4.77, abs=.3)


def test_float_is_better_than_24_bits(tmp_path):
    write_at_depth(tmp_path / 'a.wav', sine(1.), RATE, '32')
    assert measured_range_db(tmp_path / 'a.wav', 1.) > 6.02 * 24 + 1.76


def test_dither_frees_the_noise_from_the_tone():
    """Rounded, a tone of a step has harmonics; dithered it has none, and is heard far below a step."""
    def lines(level, dither):
        made = quantise(level * np.sin(2 * np.pi * 1024 * np.arange(FRAMES) / FRAMES), 8, dither)
        spectrum = np.abs(np.fft.rfft(made)) * 2 / FRAMES
        return spectrum[1024], spectrum[3 * 1024]
    tone, third = lines(.6 * 2 ** -7, None)
    assert third > .5 * tone
    tone, third = lines(.6 * 2 ** -7, np.random.default_rng(1))
    assert third < .03 * tone and tone == pytest.approx(.6, abs=.02)
    assert lines(.2 * 2 ** -7, None)[0] == 0 and lines(.2 * 2 ** -7, np.random.default_rng(1))[0] > .15


def test_levels_are_written_as_they_are(tmp_path):
    for depth in (8, 16, 24):
        levels = np.arange(-2 ** (depth - 1), 2 ** (depth - 1), max(1, 2 ** (depth - 12))) / 2.0 ** (depth - 1)
        write_at_depth(tmp_path / 'a.wav', levels, RATE, str(depth))
        assert np.array_equal(soundfile.read(tmp_path / 'a.wav', dtype='float64')[0], levels)


def test_what_is_too_loud_is_cut_and_counted(tmp_path):
    with open_writer(tmp_path / 'a.wav', RATE, 1, '16') as writer:
        writer.write(np.array([[0], [1.5], [-2], [1]]))
    assert writer.clipped == 2
    assert soundfile.read(tmp_path / 'a.wav', dtype='int16')[0].tolist() == [0, 32767, -32768, 32767]


def test_the_same_seed_gives_the_same_dither(tmp_path):
    for name, seed in (('a', 1), ('b', 1), ('c', 2)):
        write_at_depth(tmp_path / f'{name}.wav', sine(.1, 999), RATE, '8', dither=True, seed=seed)
    one, two, three = ((tmp_path / f'{name}.wav').read_bytes() for name in 'abc')
    assert one == two != three


def test_unknown_depths_are_refused(tmp_path):
    with pytest.raises(StudioError, match='12 bits is none of 8, 16, 24, 32'):
        write_at_depth(tmp_path / 'a.wav', sine(.1, 9), RATE, '12')


def test_dynamic_range_is_that_of_the_levels():
    assert dynamic_range_db(16) == pytest.approx(96.33, abs=.01)
