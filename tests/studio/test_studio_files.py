"""Sounds of films: as long as the film says, not a sample of its codec's filling more."""
import subprocess

import numpy as np
import pytest

from live.studio.files import open_sound, read_sound


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


def test_nothing_but_the_filling_is_left_out(film):
    sound, _ = read_sound(film)
    assert np.sqrt(np.mean(sound[49300:49900] ** 2)) == pytest.approx(np.sqrt(np.mean(sound[20000:29000] ** 2)), rel=.1)


def test_blocks_of_a_film_are_its_whole(film):
    with open_sound(film) as source:
        blocks = [*source.blocks()]
    assert all(map(len, blocks)) and (np.concatenate(blocks) == read_sound(film)[0]).all()
