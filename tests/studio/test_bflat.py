"""The piece: one mp4 that plays everywhere, exact to a frame, its light following its sound, the same on every run."""
import json
import shutil
import subprocess

import numpy as np
import pytest

from live.studio.bflat import MEMORY, OCTAVES, ROOT, bflat, correlation, make_patch, plot
from live.studio.command import main
from live.studio.files import StudioError, read_picture, read_sound

SMALL = {'size': (128, 72), 'fps': 10.0}


def probe(path):
    if not shutil.which('ffprobe'):
        pytest.skip('system program missing: ffprobe')
    words = 'ffprobe', '-v', 'error', '-show_streams', '-of', 'json', path
    told = subprocess.run(words, capture_output=True, check=True)
    return {stream['codec_type']: stream for stream in json.loads(told.stdout)['streams']}


@pytest.fixture(scope='module')
def piece(tmp_path_factory):
    path = tmp_path_factory.mktemp('piece') / 'a.mp4'
    return path, bflat(path, 14, seed=3, **SMALL)


def test_it_plays_everywhere_and_is_exact_to_a_frame(piece):
    streams = probe(piece[0])
    video, audio = streams['video'], streams['audio']
    assert (video['codec_name'], video['pix_fmt'], audio['codec_name']) == ('h264', 'yuv420p', 'aac')
    assert int(video['nb_frames']) == 140
    assert float(video['duration']) == pytest.approx(14, abs=1e-3) == float(audio['duration'])
    assert float(video['start_time']) == float(audio['start_time']) == 0


def test_the_index_lies_in_front(piece):
    data = piece[0].read_bytes()
    assert 0 < data.index(b'moov') < data.index(b'mdat')


def test_light_follows_the_sound(piece):
    assert correlation(piece[1]) > .75


def test_level_is_that_of_the_sound_before_each_picture(piece):
    sound, rate = read_sound(piece[0], mono=True)
    for number in (20, 60, 100):
        end = round(number * rate / SMALL['fps'])
        power = np.mean(sound[end - round(MEMORY * rate):end] ** 2)
        assert piece[1].level_db[number] == pytest.approx(10 * np.log10(power), abs=.3)


def test_it_comes_out_of_the_dark_and_goes_into_it(piece):
    light = piece[1].light
    assert light[0] < .01 and light[-1] < .02 < .1 < light[40:100].mean()


def test_pictures_are_blue(piece):
    red, green, blue = np.mean(piece[1].stills, (0, 1, 2))
    assert blue > 1.4 * green > green > red


def test_pulses_are_microtones_of_b_flat(tmp_path):
    bflat(tmp_path / 'a.mp4', 8, drone_db=-60, **SMALL)
    sound, rate = read_sound(tmp_path / 'a.mp4', mono=True)
    power = np.abs(np.fft.rfft(sound[:, 0] * np.hanning(len(sound)))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / rate)
    away = np.abs(np.log2(np.maximum(hz, 1) / ROOT))
    assert away[power.argmax()] < OCTAVES and power[away < .25].sum() > .99 * power.sum()
    tops = np.flatnonzero(power > .2 * power.max())
    assert (away[tops] < OCTAVES + .002).all() and np.ptp(hz[tops]) > 3     # several, none of them outside


def test_steps_sound_one_in_three_every_tenth_of_a_second():
    values = make_patch(1, -60).values
    assert values['pulse.step'] == .1 and values['pulse.chance'] == pytest.approx(1 / 3)
    assert values['pulse.spread_cents'] == pytest.approx(24) and values['drone.level_db'] == -60


def test_a_seed_gives_the_same_bits_and_another_one_does_not(tmp_path):
    made = []
    for name, seed in (('a', 1), ('b', 1), ('c', 2)):
        bflat(tmp_path / f'{name}.mp4', 1, seed, **SMALL)
        made.append((tmp_path / f'{name}.mp4').read_bytes())
    assert made[0] == made[1] != made[2]


def test_the_command_writes_film_figure_and_poster(tmp_path, capsys):
    names = {name: str(tmp_path / name) for name in ('a.mp4', 'plot.png', 'poster.png')}
    assert main(['bflat', '--seconds', '2', '--size', '64x36', '--fps', '12.5', '--out', names['a.mp4'], '--plot',
                 names['plot.png'], '--poster', names['poster.png']]) == 0
    assert '25 pictures, 2.000 s' in capsys.readouterr().out
    assert read_picture(names['poster.png']).shape == (36, 64, 3) and read_picture(names['plot.png']).std() > 5


def test_a_piece_of_one_picture_can_be_drawn(tmp_path):
    plot(bflat(tmp_path / 'a.mp4', .1, **SMALL), tmp_path / 'a.png')
    assert (tmp_path / 'a.png').stat().st_size > 1000


@pytest.mark.parametrize('words, message', [
    (['--plot', 'a.xyz'], 'no kind of figure'), (['--plot', 'none/a.png'], 'there is no folder none'),
    (['--poster', 'a.xyz'], 'no kind of picture'), (['--poster', 'none/a.png'], 'there is no folder none')])
def test_outputs_that_cannot_be_are_told_before_the_work(tmp_path, words, message):
    with pytest.raises(StudioError, match=message):
        main(['bflat', '--seconds', '1', '--size', '64x36', '--out', str(tmp_path / 'a.mp4'), *words])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('words, message', [
    ({'out': 'a.avi'}, 'is an .mp4'), ({'seconds': 0}, 'outside 0.1'), ({'fps': 1e3}, 'outside'),
    ({'seed': -1}, 'the seed -1'), ({'out': 'nowhere/a.mp4'}, 'no folder')])
def test_what_cannot_be_made_is_told_first(tmp_path, words, message):
    with pytest.raises(StudioError, match=message):
        bflat(tmp_path / words.pop('out', 'a.mp4'), **words)
