"""Bit depth: the dynamic range of theory, dither that frees the noise from the tone, files read back to the bit."""
import numpy as np
import pytest
import soundfile

import live.studio.depth as depth_module
from live.studio.depth import dynamic_range_db, open_writer, quantise, write_at_depth
from live.studio.files import StudioError, write_sound

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


@pytest.mark.parametrize('suffix', ['wav', 'w64', 'aiff', 'caf', 'au', 'flac'])
@pytest.mark.parametrize('depth', ['8', '16', '24'])
def test_every_form_has_the_depth_that_was_asked_for(tmp_path, suffix, depth):
    path = tmp_path / f'a.{suffix}'
    write_at_depth(path, sine(.1, 99), RATE, depth)
    assert soundfile.info(path).subtype in ('PCM_U8' if depth == '8' else '', f'PCM_{depth}', f'PCM_S{depth}')


def test_what_flac_cuts_is_counted_too(tmp_path):
    with open_writer(tmp_path / 'a.flac', RATE, 1) as writer:
        writer.write(np.array([[0.5], [1.5]]))
    assert writer.clipped == 1 and soundfile.info(tmp_path / 'a.flac').subtype == 'PCM_24'


def test_more_than_a_form_holds_is_refused(tmp_path, monkeypatch):
    monkeypatch.setitem(depth_module.MOST_BYTES, 'WAV', 1000)
    with pytest.raises(StudioError, match='w64 or .flac'), open_writer(tmp_path / 'a.wav', RATE, 1) as writer:
        for _ in range(3):
            writer.write(np.zeros((100, 1)))
    assert not list(tmp_path.iterdir())
    with open_writer(tmp_path / 'a.w64', RATE, 1) as writer:
        writer.write(np.zeros((1000, 1)))


@pytest.mark.parametrize('write', [write_sound, write_at_depth])
def test_a_long_ogg_is_written_to_its_end(tmp_path, write):
    write(tmp_path / 'a.ogg', np.zeros(2_200_000, np.float32), RATE)        # in one piece libsndfile falls over it
    assert soundfile.info(tmp_path / 'a.ogg').frames == 2_200_000


@pytest.mark.parametrize('name, rate, channels, message', [
    ('a.ogg', 384000, 1, '^a.ogg: 1 channels at 384000 Hz are more than a .ogg holds, 255 channels, 200000 Hz; use'),
    ('a.flac', RATE, 12, '^a.flac: 12 channels at 48000 Hz are more than a .flac holds, 8 channels, 655350 Hz; use'),
    ('a.wav', RATE, 1200, '/a.wav: 1200 channels at 48000 Hz cannot be written'), ('a.xyz', RATE, 1, '^a.xyz: .xyz')])
def test_what_a_form_does_not_hold_is_told_with_the_name_of_the_file(tmp_path, name, rate, channels, message):
    with pytest.raises(StudioError, match=message):
        write_at_depth(tmp_path / name, np.zeros((10, channels)), rate)
    assert not list(tmp_path.iterdir())


def test_unknown_depths_are_refused(tmp_path):
    with pytest.raises(StudioError, match='12 bits is none of 8, 16, 24, 32'):
        write_at_depth(tmp_path / 'a.wav', sine(.1, 9), RATE, '12')


def test_dynamic_range_is_that_of_the_levels():
    assert dynamic_range_db(16) == pytest.approx(96.33, abs=.01)
