"""The whole chain as a command: what is written, the same bits twice, the loop, no seams."""
import json

import numpy as np
import pytest
import soundfile
from PIL import Image

from live.__main__ import main
from live.studio import Art, read_sound, translate
from live.studio.art.engine import Engine
from live.studio.files import StudioError
from live.studio.translation.panorama import fade, paint_panorama, place_windows
from live.studio.translation.readings import READINGS
from live.studio.translation.sonogram import draw_sound

RATE = 24000


@pytest.fixture(scope='module', autouse=True)
def one_core():
    import torch
    torch.set_num_threads(1)


@pytest.fixture
def drone(tmp_path):
    time = np.arange(2 * RATE) / RATE
    path = tmp_path / 'drone.wav'
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 233 * time) + 0.1 * np.sin(2 * np.pi * 1400 * time ** 1.2), RATE)
    return path


def test_everything_on_the_way_is_written(drone, tmp_path):
    out = tmp_path / 'new' / 'folder'
    assert main(['studio', 'translate', str(drone), '--out', str(out), '--model', 'random:tiny', '--loop', '2',
                 '--feed', 'additive']) == 0
    expected = {'sound.wav', 'sheet.png', 'translate.json', '0-spectrogram.png', '1-art.png', '2-art.png',
                *(f'{number}-{name}.{suffix}' for number in (1, 2) for name in READINGS for suffix in ('wav', 'png'))}
    assert {path.name for path in out.iterdir()} == expected
    for path in out.glob('*.wav'):
        sound, rate = read_sound(path)
        assert (len(sound), rate) == (2 * RATE, RATE) and 0.1 < np.abs(sound).max() <= 1
    with Image.open(out / '1-art.png') as picture:
        assert picture.size == (128, 128) and np.asarray(picture).std() > 3
    assert json.loads((out / 'translate.json').read_text())['art']['model'] == 'random:tiny'


def test_the_same_seed_gives_the_same_files(drone, tmp_path):
    for name in 'ab':
        translate(drone, tmp_path / name, readings=('rgb-mean', 'chirp', 'additive'), art=Art('random:tiny', seed=4))
    for path in (tmp_path / 'a').glob('[0-9]*.*'):
        assert path.read_bytes() == (tmp_path / 'b' / path.name).read_bytes(), path.name


@pytest.mark.parametrize('name', ['sound', '2-chirp'])
def test_what_is_read_is_not_written_over(drone, tmp_path, name):
    path = drone.rename(tmp_path / f'{name}.wav')
    with pytest.raises(StudioError, match=f'{name}.wav: what is read cannot be written over'):
        translate(path, tmp_path, readings=('chirp',), loop=2, art=Art('random:tiny'))


def test_the_loop_goes_on_from_the_sound_that_is_fed(drone, tmp_path):
    first, second = translate(drone, tmp_path / 'out', readings=('additive',), loop=2, feed='additive',
                              art=Art('random:tiny'))
    size = second.spectrogram.shape[1::-1]
    assert np.array_equal(second.spectrogram, draw_sound(first.sounds['additive'], RATE, size))


def test_strength_leads_away_from_the_spectrogram(drone, tmp_path):
    still, near, far = (translate(drone, tmp_path / 'out', strength=strength, readings=('chirp',),
                                  art=Art('random:tiny'))[0].art.astype(float) for strength in (0, 0.1, 0.9))
    assert 0 < np.abs(near - still).mean() < np.abs(far - still).mean()


@pytest.mark.parametrize('width, starts', [(128, [0]), (192, [0, 64]), (320, [0, 64, 128, 192])])
def test_windows_cover_a_picture_and_overlap_by_half(width, starts):
    assert place_windows(width, 128, 8) == starts
    total = np.zeros(width)
    for start, shares in zip(starts, fade(starts, 128)):
        total[start:start + 128] += shares
    assert total.min() > 0.4


def test_a_wide_picture_has_no_seams():
    engine = Engine(Art('random:tiny'))
    ramp = np.linspace(40, 200, 320).astype(np.uint8)[None, :, None]
    picture = np.broadcast_to(ramp, (128, 320, 3))
    made = paint_panorama(engine, picture, engine.book.encode('dust'), 0.5).astype(float)
    steps = np.abs(np.diff(made, axis=1)).mean((0, 2))
    edges = [column for start in place_windows(320, 128, 8) for column in (start, start + 128) if 0 < column < 320]
    assert steps[np.array(edges) - 1].mean() < 1.5 * np.median(steps)


@pytest.mark.parametrize('words, said', [
    (['missing.wav'], 'missing.wav: there is no such file'), (['DRONE', '--loop', '0'], '--loop 0: at least 1'),
    (['DRONE', '--low', '500', '--high', '100'], 'the low below the high'),
    (['DRONE', '--across', '0'], '--across 0: more than 0'), (['DRONE', '--strength', '-1'], '--strength -1: 0'),
    (['DRONE', '--out', 'DRONE'], 'this folder cannot be made'), (['DRONE', '--model', 'nothing'], 'there is no model'),
])
def test_what_cannot_be_done_is_said_in_one_sentence(drone, tmp_path, capsys, words, said):
    given = [str(drone) if word == 'DRONE' else word for word in words]
    out = [] if '--out' in words else ['--out', str(tmp_path / 'out')]
    assert main(['studio', 'translate', *given, *out, *([] if '--model' in words else ['--model', 'random:tiny'])]) == 2
    told = capsys.readouterr().err.strip()
    assert said in told and '\n' not in told
