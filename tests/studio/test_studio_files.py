"""Sounds of films: as long as the film says, not a sample of its codec's filling more. Sounds that break off.

At another rate sounds are as long to the sample; a file that is written is the same on every day.
"""
import subprocess

import numpy as np
import pytest
import soundfile

from live.studio.files import StudioError, open_sound, read_sound, resample, write_sound


@pytest.fixture(params=['mp4', 'mov', 'mkv'])
def film(request, tmp_path):
    """A second and a bit of a tone in AAC, whose last frame is not full: 49920 samples are 48.75 frames."""
    path = tmp_path / f'film.{request.param}'
    tone = 'sine=440:r=48000,atrim=end_sample=49920'
    subprocess.run(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', tone, '-c:a', 'aac', str(path)], check=True)
    return path


def test_sound_of_a_film_ends_where_the_film_ends(film):
    sound, rate = read_sound(film)
    assert rate == 48000 and sound.shape[1] == 1
    filling = 2048 if film.suffix == '.mkv' else 0          # which does not say where the sound ends
    assert 49920 <= len(sound) <= 49920 + filling


def test_a_film_tells_beforehand_how_long_its_sound_is(film):
    with open_sound(film) as source:
        assert source.frames == pytest.approx(49920, abs=2048)


def test_nothing_but_the_filling_is_left_out(film):
    sound, _ = read_sound(film)
    assert np.sqrt(np.mean(sound[49300:49900] ** 2)) == pytest.approx(np.sqrt(np.mean(sound[20000:29000] ** 2)), rel=.1)


def test_blocks_of_a_film_are_its_whole(film):
    with open_sound(film) as source:
        blocks = [*source.blocks()]
    assert all(map(len, blocks)) and (np.concatenate(blocks) == read_sound(film)[0]).all()


def test_a_sound_that_breaks_off_is_told_by_its_name(tmp_path):
    path = tmp_path / 'torn.flac'
    soundfile.write(path, np.random.default_rng(0).normal(0, .1, 200000), 48000)
    data = bytearray(path.read_bytes())
    data[len(data) // 2:len(data) // 2 + 4000] = bytes(4000)
    path.write_bytes(data)
    with pytest.raises(StudioError, match='torn.flac: it breaks off near'):
        read_sound(path)


def test_what_says_nothing_of_itself_is_no_sound(tmp_path):
    (tmp_path / 'a.raw').write_bytes(bytes(1000))
    with pytest.raises(StudioError, match='a.raw: th'):
        read_sound(tmp_path / 'a.raw')


def test_mono_is_the_mean_of_the_channels(tmp_path):
    sound = np.random.default_rng(0).normal(0, .1, (200000, 3)).astype('f4')
    soundfile.write(tmp_path / 'a.wav', sound, 48000, 'FLOAT')
    assert (read_sound(tmp_path / 'a.wav', mono=True)[0] == sound.mean(1, keepdims=True)).all()


def test_a_film_may_have_more_channels_than_eight(tmp_path):
    sound = np.random.default_rng(0).normal(0, .1, (5000, 12)).astype('f4')
    soundfile.write(tmp_path / 'a.wav', sound, 48000, 'FLOAT')
    words = 'ffmpeg', '-v', 'error', '-i', tmp_path / 'a.wav', '-c:a', 'pcm_f32le', tmp_path / 'a.mka'
    subprocess.run(words, check=True)
    assert np.array_equal(read_sound(tmp_path / 'a.mka')[0], sound)


@pytest.mark.parametrize('frames, before, after, wanted', [
    (1, 44100, 48000, 1), (25, 44100, 24000, 14), (3, 96000, 24000, 1), (1, 96000, 24000, 1), (100, 44100, 24000, 54),
    (44100, 44100, 48000, 48000), (100001, 768000, 22050, 2871)])
def test_a_sound_at_another_rate_is_as_long_to_the_sample(frames, before, after, wanted):
    assert resample(np.ones((frames, 1)), before, after).shape == (wanted, 1)


@pytest.mark.parametrize('channels', [1, 2, 9])
def test_every_channel_is_the_same_sound_at_another_rate(channels):
    seconds = np.arange(4410) / 44100
    made = resample(np.sin(2 * np.pi * 300 * seconds)[:, None] * np.arange(1, channels + 1), 44100, 48000)
    wanted = np.sin(2 * np.pi * 300 * np.arange(4800) / 48000)[:, None] * np.arange(1, channels + 1)
    assert made.shape == (4800, channels) and made[200:-200] == pytest.approx(wanted[200:-200], abs=1e-3)


def test_a_rate_that_cannot_be_left_is_told_with_the_file(tmp_path):
    soundfile.write(tmp_path / 'fast.wav', np.full(100, .1), 2 ** 31 - 1)
    with pytest.raises(StudioError, match='fast.wav: 2147483647 Hz cannot be brought to 48000 Hz'):
        read_sound(tmp_path / 'fast.wav', 48000)


@pytest.mark.parametrize('suffix', ['wav', 'aiff'])
def test_a_file_of_floats_does_not_hold_the_time_of_day(tmp_path, suffix):
    write_sound(tmp_path / f'a.{suffix}', np.full(100, .1), 48000)
    assert soundfile.info(tmp_path / f'a.{suffix}').subtype == 'FLOAT'
    assert b'PEAK' not in (tmp_path / f'a.{suffix}').read_bytes()
