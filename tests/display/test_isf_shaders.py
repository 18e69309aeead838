"""Every shader of ours compiles, draws, is not thrown by extremes, and lets the sound be seen."""
import math
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


def test_what_the_stage_needs_is_there():
    assert set(NAMES) >= {'dust', 'clouds', 'ink', 'strings', 'microscope', 'trails', 'kaleidoscope', 'bloom', 'grain',
                          'grade', 'displace', 'mask', 'warp', 'test_card', 'aurora'}


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


@pytest.fixture
def tone(scenes):
    """A function (cents, beat) that gives the slice of one tone beside the root."""
    def tone(cents, beat=0.0):
        made = scenes.slice(rms=0.1)
        made['partials'], made['partial_hz'][0], made['partial_level'][0] = 1, made['root'] * 2 ** (cents / 1200), 0.3
        made['beat_hz'][0] = beat
        return made
    return tone


@pytest.mark.parametrize('octaves', [-2, 0, 1])
@pytest.mark.parametrize('cents', [-200, -10, -1, 0, 3, 50])
def test_the_microscope_shows_a_tone_where_it_stands(film, tone, cents, octaves):
    across = math.copysign(math.log1p(abs(cents) / 8) / math.log1p(600 / 8), cents)
    column = film('microscope', tone(cents + 1200 * octaves), {'microscope.scale': 0})[1].sum(axis=-1).argmax()
    assert column + 0.5 == pytest.approx((across + 1.03) / 2.06 * SIZE[0], abs=1)


def test_the_microscope_remembers_where_a_tone_was(context, tone):
    look = Look(context, ('microscope',), SIZE, {'microscope.scale': 0, 'microscope.history': 2})
    for number in range(20):
        look.draw(number / FPS, Board(), tone(-50 if number < 10 else 50))
    columns = look.read()[..., :3].sum(axis=-1).argmax(axis=-1)
    look.release()
    assert columns[SIZE[1] // 4] > SIZE[0] // 2 > columns[3 * SIZE[1] // 4]


def test_a_string_swells_and_sinks_as_its_partial_beats(context, tone):
    """Its thickness in the middle, over two beats of one a second: widest when the beat is round."""
    look, heights = Look(context, ('strings',), SIZE, {'strings.knots': 0, 'strings.slant': 0}), []
    for number in range(21):
        look.draw(number / FPS, Board(), tone(0, beat=1.0))
        heights.append((look.read()[:, SIZE[0] // 2, 2] > 40).sum())
    look.release()
    assert min(heights[10], heights[20]) > 2 * max(heights[5], heights[15])


def test_ink_spreads_and_thins_out(context, tone):
    look, light = Look(context, ('ink',), SIZE, {'ink.memory': 1}), []
    for number in range(60):
        look.draw(number / FPS, Board(), tone(0))
        look.values['ink_flow_rate'] = float(number < 29)
        light.append(int(look.read()[..., 2].max()))
    look.release()
    assert light[29] > 1.5 * light[0] and light[59] < 0.7 * light[29]


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
