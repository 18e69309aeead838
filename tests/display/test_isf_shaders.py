"""Every shader of ours compiles, draws, is not thrown by extremes, and lets the sound be seen."""
import re

import numpy as np
import pytest

from live.display.look import Look
from live.display.motion import UNIFORMS
from live.isf import SHADERS, list_shaders, read_header
from live.params import PARAMS, Board

NAMES = [path.stem for path in list_shaders()]
SIZE = 160, 90
FPS = 10


def make_picture():
    """Return a picture with gradients and edges."""
    y, x = np.mgrid[0:SIZE[1], 0:SIZE[0]] / np.reshape(SIZE[::-1], (2, 1, 1))
    ring = np.hypot((x - 0.5) * SIZE[0] / SIZE[1], y - 0.5) % 0.2 < 0.1
    return (255 * np.stack([x, y, np.where(ring, 1 - x, x * y), np.ones_like(x)], -1)).astype(np.uint8)


def add_partials(slice_, root, count, spread):
    """Give a slice what a drone of so many partials has, as it is known and as it is measured."""
    hz = root * (1 + spread * np.arange(count))
    slice_['root'], slice_['partials'] = root, count
    slice_['partial_hz'][:count], slice_['partial_level'][:count] = hz, 0.3 / np.arange(1, count + 1)
    slice_['beat_hz'] = 0.2 + spread * np.arange(16)
    slice_['drift_cents'] = 40 * spread * np.sin(np.arange(32))
    slice_['magnitudes'][(hz / 48000 * 2048).astype(int)] = 200 / np.arange(1, count + 1)
    slice_['samples'] = 0.3 * np.sin(2 * np.pi * root * np.arange(512) / 48000)
    return slice_


@pytest.fixture
def sounds(scenes):
    """Two drones: a low dark one, and a high bright one with pulses."""
    low = add_partials(scenes.slice(rms=0.02, centroid=300.0), 110.0, 4, 0.05)
    high = add_partials(scenes.slice(rms=0.3, centroid=4000.0, pulses=3, cents=30.0, band=18), 700.0, 24, 1.0)
    return low, high


@pytest.fixture
def film(context):
    """A function (name, slice, knobs, seconds) that gives the last picture of a shader, (height, width, 3)."""
    def film(name, slice_, knobs={}, frames=12):
        look = Look(context, (name,), SIZE, knobs, make_picture())
        for number in range(frames):
            look.draw(number / FPS, Board(), slice_)
        pixels = look.read()[..., :3].astype(float)
        look.release()
        return pixels
    return film


@pytest.mark.parametrize('name', NAMES)
def test_it_compiles_and_draws(film, sounds, name):
    assert film(name, sounds[1]).std(axis=(0, 1)).max() > 2


@pytest.mark.parametrize('name', NAMES)
def test_another_sound_is_seen(film, sounds, name):
    low, high = (film(name, each) for each in sounds)
    assert abs(high - low).mean() > 0.5


@pytest.mark.parametrize('name', NAMES)
def test_the_same_sound_gives_the_same_picture(film, sounds, name):
    assert np.array_equal(film(name, sounds[1]), film(name, sounds[1]))


@pytest.mark.parametrize('name', NAMES)
def test_without_sound_it_draws_too(film, name):
    assert np.isfinite(film(name, None)).all()


@pytest.mark.parametrize('name', NAMES)
def test_no_knob_s_end_breaks_it(context, film, sounds, name):
    """A picture that is not finite would stay in what persists: after all ends, the knobs back, it lives again."""
    header = read_header(next(path for path in list_shaders() if path.stem == name))
    look = Look(context, (name,), SIZE, {}, make_picture())
    for number, knob in enumerate([*header.knobs, *header.knobs]):
        look.values = {knob.name.replace('.', '_'): knob.high if number < len(header.knobs) else knob.low}
        look.draw(number / FPS, Board(), sounds[1])
    look.values = {}
    for number in range(20):
        look.draw(100 + number / FPS, Board(), sounds[number % 2])
    assert look.read()[..., :3].std() > 1 and not look.chain.errors
    look.release()


def test_the_example_of_the_manual_shows_its_tones(context, sounds, tmp_path):
    manual = (SHADERS.parent / 'docs' / 'shaders.md').read_text(encoding='utf-8')
    (tmp_path / 'rings.fs').write_text(re.search(r'```glsl\n(.*?)```', manual, re.DOTALL)[1])
    look = Look(context, ('rings',), SIZE, folder=tmp_path)
    look.draw(0.0, Board(), sounds[1])
    assert look.read()[..., 2].max() > 60
    look.draw(0.1, Board(), None)
    look.release()


def test_the_manual_names_every_uniform_as_it_is():
    manual = (SHADERS.parent / 'docs' / 'shaders.md').read_text(encoding='utf-8')
    table = manual.partition('## What a shader can know')[2].partition('What is slow')[0]
    named = set(re.findall(r'\b([a-z_]+)(?=[\[,;` ])', ' '.join(re.findall(r'^\| `(.*?)`', table, re.MULTILINE))))
    assert named - {'float', 'int'} <= set(UNIFORMS) | {param.field for param in PARAMS}
