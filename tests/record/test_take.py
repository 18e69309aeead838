"""Takes, read back by soundfile, by PyAV and by FFmpeg's own programs."""
import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from live.record.take import Take, TakeError
from reading import (FPS, RATE, SIZE, STEP, boxes, count_readable_pictures, count_readable_samples, find_click,
                     find_flash, grey, noise, picture_times, probe)


def write_flash(path, at):
    """Write two seconds of dark and silence with a flash and a click that begin at one sample."""
    take = Take(path, RATE, SIZE, FPS)
    for start in range(0, 2 * RATE, STEP):
        sound = np.zeros((STEP, 2), 'f4')
        sound[:48] = 0.9 * (start == at)
        take.write_sound(sound)
        take.write_picture(grey(255 if start == at else 20), start)
    take.close()


@pytest.mark.parametrize('suffix, subtype', [('.wav', 'FLOAT'), ('.w64', 'FLOAT'), ('.flac', 'PCM_24'),
                                             ('.WAV', 'FLOAT')])
def test_sound_is_read_back(tmp_path, suffix, subtype):
    sound, path = noise(5000), tmp_path / f'take{suffix}'
    take = Take(path, 44100)
    for start in (0, 1000, 1001):
        take.write_sound(sound[start:{0: 1000, 1000: 1001, 1001: 5000}[start]])
    take.close()
    assert soundfile.info(path).subtype == subtype and soundfile.info(path).samplerate == 44100
    assert np.abs(soundfile.read(path, dtype='float32')[0] - sound).max() <= (0 if subtype == 'FLOAT' else 2 ** -23)


def test_float_keeps_what_is_over_1_and_integers_clip_it(tmp_path):
    for suffix, peak in (('.wav', 1.5), ('.flac', 1.0)):
        take = Take(tmp_path / f'take{suffix}', RATE)
        take.write_sound(np.array([[1.5, -1.5]] * 100, 'f4'))
        take.close()
        read = soundfile.read(tmp_path / f'take{suffix}')[0]
        assert read[50] == pytest.approx([peak, -peak], abs=1e-6)


def test_same_sound_is_the_same_wav_file_at_any_time_of_day(tmp_path):
    take = Take(tmp_path / 'take.wav', RATE)
    take.write_sound(noise(100))
    take.close()
    assert b'PEAK' not in (tmp_path / 'take.wav').read_bytes()


def test_wav_beyond_its_limit_points_to_w64(tmp_path, monkeypatch):
    monkeypatch.setattr('live.record.take.LONGEST_WAV', 1000)
    take = Take(tmp_path / 'take.wav', RATE)
    with pytest.raises(TakeError, match='a .wav file holds no more; record to .w64 or .flac'):
        take.write_sound(noise(1001))


@pytest.mark.parametrize('suffix', ['.mp4', '.mkv'])
def test_movie_is_what_quicktime_plays(tmp_path, suffix):
    write_flash(tmp_path / f'take{suffix}', RATE)
    streams, duration = probe(tmp_path / f'take{suffix}')
    video, audio = streams['video'], streams['audio']
    assert (video['codec_name'], video['pix_fmt'], video['has_b_frames']) == ('h264', 'yuv420p', 0)
    assert (video['width'], video['height'], video['color_space']) == (*SIZE, 'bt709') and video['level'] <= 42
    assert (audio['codec_name'], audio['sample_rate'], audio['channels']) == ('aac', str(RATE), 2)
    assert duration == pytest.approx(2, abs=1.5 / FPS)


def test_mp4_lasts_exactly_as_long_as_its_sound(tmp_path):
    write_flash(tmp_path / 'take.mp4', RATE)
    streams, duration = probe(tmp_path / 'take.mp4')
    assert [float(streams[kind]['duration']) for kind in ('audio', 'video')] == [2, 2] and duration == 2


def test_mp4_that_is_closed_is_an_ordinary_one(tmp_path):
    write_flash(tmp_path / 'take.mp4', RATE)
    assert boxes((tmp_path / 'take.mp4').read_bytes()) == ['ftyp', 'free', 'mdat', 'moov']


@pytest.mark.parametrize('suffix', ['.mp4', '.mkv'])
@pytest.mark.parametrize('at', [STEP, 75 * STEP])
def test_flash_and_click_stay_together(tmp_path, suffix, at):
    path = tmp_path / f'take{suffix}'
    write_flash(path, at)
    assert abs(find_flash(path) - find_click(path)) <= STEP / 4
    assert abs(find_flash(path) - at) <= STEP / 4


def test_ffmpeg_s_own_program_hears_the_click_where_the_flash_is(tmp_path):
    if not shutil.which('ffmpeg'):
        pytest.skip('system program missing: ffmpeg')
    write_flash(tmp_path / 'take.mp4', 75 * STEP)
    words = ['ffmpeg', '-v', 'error', '-i', str(tmp_path / 'take.mp4'), '-f', 'f32le', '-ac', '1', '-']
    sound = np.frombuffer(subprocess.run(words, capture_output=True, check=True).stdout, 'f4')
    assert abs(np.argmax(np.abs(sound) > 0.3) - find_flash(tmp_path / 'take.mp4')) <= STEP / 4


def test_pictures_come_at_their_own_samples(tmp_path):
    take = Take(tmp_path / 'take.mp4', RATE, SIZE, FPS)
    indices = [0, 100, 801, 2400, 2401, 7000]
    for index in indices:
        take.write_picture(grey(20), index)
    take.write_sound(noise(8000))
    take.close()
    assert picture_times(tmp_path / 'take.mp4') == indices
    assert float(probe(tmp_path / 'take.mp4')[0]['video']['duration']) == pytest.approx(8000 / RATE, abs=1e-5)


def test_first_picture_is_seen_from_the_beginning(tmp_path):
    take = Take(tmp_path / 'take.mp4', RATE, SIZE, FPS)
    for index in (500, 800, 800, 700, 1600):
        take.write_picture(grey(20), index)
    take.write_sound(noise(1600))
    take.close()
    assert picture_times(tmp_path / 'take.mp4') == [0, 800, 1600] and take.pictures == 3


def test_odd_sizes_lose_a_row_and_a_column(tmp_path):
    take = Take(tmp_path / 'take.mp4', RATE, (65, 49), FPS)
    take.write_picture(grey(20, (65, 49)), 0)
    take.write_sound(noise(800))
    take.close()
    streams, _ = probe(tmp_path / 'take.mp4')
    assert (streams['video']['width'], streams['video']['height']) == (64, 48)


def test_colours_come_back(tmp_path):
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:] = (30, 60, 200, 255)
    take = Take(tmp_path / 'take.mp4', RATE, (64, 64), FPS)
    take.write_picture(pixels, 0)
    take.close()
    with av.open(str(tmp_path / 'take.mp4')) as movie:
        frame = next(movie.decode(video=0)).reformat(format='rgb24', src_colorspace='ITU709')
    assert np.abs(frame.to_ndarray().mean((0, 1)) - (30, 60, 200)).max() < 4


@pytest.mark.parametrize('size, kinds', [(None, {'audio'}), (SIZE, {'audio', 'video'})])
def test_movie_without_pictures_is_a_movie(tmp_path, size, kinds):
    take = Take(tmp_path / 'take.mp4', RATE, size)
    take.write_sound(noise(RATE))
    take.write_picture(grey(20), 0) if size is None else None
    take.close()
    streams, duration = probe(tmp_path / 'take.mp4')
    assert set(streams) == kinds and duration == pytest.approx(1, abs=0.001)


def test_file_that_is_taken_away_is_told(tmp_path):
    folder = tmp_path / 'disk'
    folder.mkdir()
    take = Take(folder / 'take.w64', RATE)
    take.write_sound(noise(1000))
    take.check()
    shutil.rmtree(folder)
    with pytest.raises(TakeError, match=r'take.w64: it is no longer there; its folder or its disk was taken away'):
        take.check()


def test_disk_that_fills_up_leaves_a_movie_that_plays(tmp_path):
    resource = pytest.importorskip('resource')
    take, random = Take(tmp_path / 'take.mp4', RATE, SIZE, 30), np.random.default_rng(1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))
    try:
        with pytest.raises(TakeError):
            for n in range(600):
                take.write_sound(noise(RATE // 30))
                take.write_picture(random.integers(0, 255, (*SIZE[::-1], 4), np.uint8), n * RATE // 30)
        with pytest.raises(TakeError):
            take.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    written = take.frames
    assert count_readable_pictures(tmp_path / 'take.mp4') >= written / RATE * 30 - 60
    assert count_readable_samples(tmp_path / 'take.mp4') >= written - 2 * RATE


@pytest.mark.parametrize('name, sentence', [
    ('take.mp3', r'take.mp3: .mp3 is not a kind of recording; use one of .wav, .w64, .flac, .mp4, .mkv'),
    ('take', r'take: no suffix is not a kind of recording; use one of .wav'),
    ('away/take.wav', r'away/take.wav: there is no folder .*away; make it first'),
])
def test_path_that_cannot_be_is_told(tmp_path, name, sentence):
    with pytest.raises(TakeError, match=sentence):
        Take(tmp_path / name, RATE)


@pytest.mark.parametrize('suffix', ['.wav', '.flac', '.mp4'])
def test_file_that_cannot_be_written_is_told_at_once(tmp_path, suffix):
    (tmp_path / f'take{suffix}').mkdir()
    with pytest.raises(TakeError, match=f'take{suffix}: Is a directory'):
        Take(tmp_path / f'take{suffix}', RATE)


def test_rate_that_aac_does_not_know_is_told(tmp_path):
    with pytest.raises(TakeError, match='AAC cannot hold 192000 Hz; it can 8000, '):
        Take(tmp_path / 'take.mp4', 192000)


@pytest.fixture
def small_files():
    """A function that lets no file grow beyond 20 kB."""
    import resource
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20000, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def fill(take):
    with pytest.raises(TakeError, match=rf'{take.path.name}: (the disk|File too large)'):
        for index in range(50):
            take.write_picture(grey(5 * index), 4800 * index)
            take.write_sound(noise(4800, 0.3))
        take.close()
    with contextlib.suppress(TakeError):
        take.close()


@pytest.mark.parametrize('suffix', ['.wav', '.w64', '.flac', '.mp4', '.mkv'])
@pytest.mark.skipif(os.name == 'nt', reason='needs the limits of Unix')
def test_disk_that_is_full_is_told(tmp_path, suffix, small_files):
    take = Take(tmp_path / f'take{suffix}', RATE, SIZE, FPS)
    small_files()
    fill(take)


@pytest.mark.parametrize('suffix', ['.wav', '.w64', '.flac', '.mp4', '.mkv'])
@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='looks into /proc')
def test_room_on_a_full_disk_is_given_back_when_the_file_is_removed(tmp_path, suffix, small_files):
    take = Take(tmp_path / f'take{suffix}', RATE, SIZE, FPS)
    small_files()
    fill(take)
    assert str(take.path) not in map(os.path.realpath, Path('/proc/self/fd').iterdir())
