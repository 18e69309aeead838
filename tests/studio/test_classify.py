"""Classification: drones are told apart by their kind, files are never split, what is broken is left out and told."""
import json

import numpy as np
import pytest
import soundfile

from live.conditioning.classifier import load_classifier
from live.studio.classify.dataset import find_sounds, load_data, split_files
from live.studio.classify.drones import KINDS, make_drones, render_drone
from live.studio.classify.making import train_classifier
from live.studio.classify.predicting import predict, predict_files
from live.studio.command import main
from live.studio.files import StudioError, read_picture

SIX = 'still', 'cluster', 'octaves', 'saws', 'wind', 'beating'
SECONDS, COUNT = 0.8, 12


@pytest.fixture(scope='module')
def drones(tmp_path_factory):
    """Six kinds, twelve drones of each, and three files that are no sounds."""
    folder = tmp_path_factory.mktemp('drones')
    make_drones(folder, COUNT, 1.5, seed=3, kinds=SIX)
    (folder / 'wind' / 'torn.wav').write_bytes(b'RIFF....WAVE')
    soundfile.write(folder / 'saws' / 'nan.wav', np.full(9000, np.nan), 48000, 'FLOAT')
    soundfile.write(folder / 'saws' / 'empty.wav', np.zeros(0), 48000)
    return folder


@pytest.fixture(scope='module')
def dense(drones, tmp_path_factory):
    out = tmp_path_factory.mktemp('heard') / 'dense'
    train_classifier(drones, out, 'dense', SECONDS, seed=1, epochs=150)
    return out


@pytest.fixture(scope='module')
def strangers(tmp_path_factory):
    """Thirty drones whose seeds are in no training: their kinds, their files."""
    folder = tmp_path_factory.mktemp('strangers')
    make_drones(folder, 5, 1.5, seed=4, kinds=SIX)
    return [(path.parent.name, path) for path in sorted(folder.rglob('*.wav'))]


@pytest.mark.parametrize('kind', ['dense', 'lstm', pytest.param('cnn', marks=pytest.mark.slow)])
def test_nine_of_ten_drones_of_seeds_it_has_not_heard_are_told_right(drones, strangers, tmp_path, capsys, kind):
    train_classifier(drones, tmp_path / 'a', kind, SECONDS, seed=1, epochs=120)
    classifier = load_classifier(tmp_path / 'a')
    told = [classifier.classes[predict(classifier, path)[1].mean(0).argmax()] for _, path in strangers]
    assert np.mean([name == wanted for name, (wanted, _) in zip(told, strangers)]) >= 0.9
    assert capsys.readouterr().out.count('skipped: ') == 3


@pytest.mark.parametrize('shape', [(5, 62), (5, 9, 62)])
def test_a_sound_is_learnt_in_every_key(shape):
    import torch

    from live.studio.classify.training import CHROMA, transpose
    inputs = torch.arange(float(np.prod(shape))).reshape(shape)
    keys = {float(transpose(inputs).flatten()[CHROMA]) for _ in range(200)}
    turned = transpose(inputs)
    assert keys == set(inputs.flatten()[CHROMA:31].tolist())
    assert (turned[..., :CHROMA] == inputs[..., :CHROMA]).all()
    assert (turned.sort(-1).values == inputs).all() and (inputs.diff(dim=-1) == 1).all()


def test_what_is_written_tells_how_it_was_made(dense):
    said = json.loads((dense / 'classifier.json').read_text())
    assert said['classes'] == sorted(SIX) and len(said['skipped']) == 3
    files = [set(said['files'][part]) for part in ('train', 'validation', 'test')]
    assert sum(map(len, files)) == len(set.union(*files)) == len(SIX) * COUNT
    assert np.sum(said['confusion']) == len(files[2]) and said['best_epoch'] <= said['epochs'] == len(said['losses'])
    assert read_picture(dense / 'confusion.png').std() > 10


def test_training_ends_early_and_keeps_the_best(dense):
    said = json.loads((dense / 'classifier.json').read_text())
    validation = [loss for _, loss in said['losses']]
    assert said['best_epoch'] == 1 + int(np.argmin(validation))


def test_the_same_seed_gives_the_same_weights(drones, tmp_path):
    for name, seed in (('a', 5), ('b', 5), ('c', 6)):
        train_classifier(drones, tmp_path / name, 'dense', SECONDS, seed=seed, epochs=3)
    a, b, c = ((tmp_path / name / 'classifier.safetensors').read_bytes() for name in 'abc')
    assert a == b != c


def test_files_are_dealt_out_whole_and_class_by_class():
    label = np.repeat([0, 1, 2], [3, 10, 50])
    split = split_files(label, 0)
    assert sorted(np.concatenate([*split.values()])) == list(range(63))
    assert [len(part) for part in split.values()] == [1 + 6 + 30, 1 + 2 + 10, 1 + 2 + 10]
    assert all((np.bincount(label[part], minlength=3) > 0).all() for part in split.values())


def test_segments_of_a_file_stay_together(drones, capsys):
    data = load_data(drones, 'lstm', 48000, SECONDS)
    train, test = (data.select(split_files(data.label, 0)[part])[0] for part in ('train', 'test'))
    assert len(train) + len(test) < len(data.inputs) == len(data.file)
    assert not any((train == segment).all((1, 2)).any() for segment in test)


def test_a_short_sound_is_heard_and_one_of_no_rate_is_told(tmp_path, capsys):
    for name in 'ab':
        (tmp_path / name).mkdir()
        for number in range(3):
            soundfile.write(tmp_path / name / f'{number}.wav', np.full((1, 9), .1), 44100)
    soundfile.write(tmp_path / 'a' / 'fast.wav', np.full(100, .1), 2 ** 31 - 1)
    assert len(load_data(tmp_path, 'dense', 48000, SECONDS).files) == 6
    assert 'fast.wav: 2147483647 Hz cannot be brought to 48000 Hz' in capsys.readouterr().out


def test_pictures_that_the_cnn_reads_are_kept(drones, tmp_path):
    train_classifier(drones, tmp_path / 'a', 'cnn', SECONDS, epochs=1, pictures=tmp_path / 'pictures')
    kept = sorted((tmp_path / 'pictures').rglob('*.png'))
    assert {path.parent.name for path in kept} == set(SIX) and read_picture(kept[0]).shape[0] == 96


def test_predictions_are_written_over_time(dense, drones, tmp_path):
    paths = [str(drones / name / f'{name}.00000.wav') for name in ('wind', 'saws')]
    lines = predict_files(dense, [*paths, str(tmp_path / 'none.wav')], str(tmp_path / 'a.csv'), str(tmp_path / 'a.png'))
    assert 'wind.00000.wav: wind' in lines and 'none.wav: there is no such file' in lines
    table = np.genfromtxt(tmp_path / 'a.csv', delimiter=',', names=True, dtype=None, encoding='utf-8')
    assert table.dtype.names[1:] == ('seconds', *sorted(SIX))
    assert sum(table[name] for name in SIX) == pytest.approx(1, abs=1e-4)
    assert read_picture(tmp_path / 'a.png').std() > 10


def test_gtzan_s_layout_is_read(tmp_path):
    for genre in ('blues', 'metal'):
        (tmp_path / genre).mkdir()
        for number in range(3):
            (tmp_path / genre / f'{genre}.{number:05d}.wav').touch()
    (tmp_path / 'blues' / '.DS_Store').touch()
    assert {name: len(files) for name, files in find_sounds(tmp_path).items()} == {'blues': 3, 'metal': 3}


@pytest.mark.parametrize('make, message', [
    (lambda folder: None, 'there is no such folder'),
    (lambda folder: (folder / 'a').mkdir(parents=True), '0 folders in it hold files'),
    (lambda folder: [write_silence(folder / name) for name in 'ab'], 'a: 1 sounds can be read; each class needs')])
def test_a_folder_that_cannot_be_learnt_from_is_told(tmp_path, make, message):
    make(tmp_path / 'data')
    with pytest.raises(StudioError, match=message):
        train_classifier(tmp_path / 'data', tmp_path / 'out')


def write_silence(folder):
    folder.mkdir(parents=True)
    soundfile.write(folder / 'a.wav', np.zeros(48000), 48000)


@pytest.mark.parametrize('words, message', [(['--out', 'a.xls'], '.xls is no kind of table'),
                                            (['--plot', 'a.xyz'], '.xyz is no kind of figure')])
def test_outputs_that_cannot_be_are_told_before_anything_is_heard(dense, words, message):
    with pytest.raises(StudioError, match=message):
        main(['classify', 'predict', str(dense), 'none.wav', *words])


@pytest.mark.parametrize('kind', KINDS)
def test_every_kind_of_drone_sounds_and_depends_on_its_number_alone(kind):
    one, again, other = (render_drone(kind, number, .3) for number in (4, 4, 5))
    assert one.std() > 1e-3 and (one == again).all() and (one != other).any()
