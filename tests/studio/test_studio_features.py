"""Features: equal to librosa's, whole in what is written, and told in a sentence where there are none."""
import csv
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from live.signals import HOP, N_FFT
from live.studio.features import measure
from live.studio.files import StudioError
from live.studio.tables import open_table
from live.studio.tunings import find_tuning

RATE = 32000
RANDOM = np.random.default_rng(5)
T = np.arange(RATE) / RATE
SOUNDS = {
    'noise': 0.2 * RANDOM.standard_normal(RATE),
    'glide': 0.3 * np.sin(2 * np.pi * (200 * T + 900 * T * T)),
    'cluster': 0.04 * np.sin(2 * np.pi * np.outer(466.16 * 2 ** RANDOM.uniform(-.02, .02, 20), T)).sum(0)}
WINDOWED = {'n_fft': N_FFT, 'hop_length': HOP, 'center': False}
SPECTRAL = ('spectral_centroid', 'spectral_bandwidth', 'spectral_rolloff', 'spectral_flatness')


@pytest.fixture
def write(tmp_path):
    def write(sound, name='a.wav', rate=RATE):
        soundfile.write(tmp_path / name, sound, rate, 'FLOAT')
        return tmp_path / name
    return write


@pytest.fixture(params=SOUNDS)
def measured(request, write):
    sound = SOUNDS[request.param].astype(np.float32)
    return sound, measure(write(sound))


@pytest.mark.parametrize('name', SPECTRAL)
def test_shape_of_the_spectrum_equals_librosas_to_a_ten_thousandth(measured, name):
    librosa = pytest.importorskip('librosa')
    sound, columns = measured
    rate = {} if name == 'spectral_flatness' else {'sr': RATE}
    theirs = getattr(librosa.feature, name)(y=sound, **rate, **WINDOWED)[0]
    assert columns[name.removeprefix('spectral_')] == pytest.approx(theirs, rel=1e-4)


def test_rms_mfcc_and_chroma_equal_librosas(measured):
    librosa = pytest.importorskip('librosa')
    sound, columns = measured
    theirs = librosa.feature.rms(y=sound, frame_length=N_FFT, hop_length=HOP, center=False)[0]
    assert columns['rms'] == pytest.approx(theirs, rel=1e-4)
    mel = librosa.feature.melspectrogram(y=sound.astype(float), sr=RATE, **WINDOWED)
    theirs = librosa.feature.mfcc(S=librosa.power_to_db(mel, ref=1.0, top_db=None), n_mfcc=13)
    ours = np.array([columns[f'mfcc{n + 1}'] for n in range(13)])
    assert np.abs(ours - theirs).max() < 1e-4 * np.linalg.norm(theirs, axis=0).max()
    theirs = librosa.feature.chroma_stft(y=sound, sr=RATE, tuning=0.0, **WINDOWED)
    assert np.array([v for k, v in columns.items() if k.startswith('chroma_')]) == pytest.approx(theirs, abs=1e-4)


def test_loudness_is_that_of_another_meter(write):
    pyloudnorm = pytest.importorskip('pyloudnorm')
    sound = np.tile(SOUNDS['noise'], 4)
    columns = measure(write(sound))
    assert columns['loudness_short'][-1] == pytest.approx(
        pyloudnorm.Meter(RATE).integrated_loudness(sound), abs=0.2)


def test_a_tone_lies_on_its_degree_of_any_scale_and_is_the_first_partial(write):
    tuning = find_tuning("edo = 19; reference = 440; reference_note = 69; middle = 69")
    columns = measure(write(0.3 * np.sin(2 * np.pi * 440 * 2 ** (7 / 19) * T)), tuning)
    scale = np.array([columns[f'scale{n + 1}'] for n in range(19)])
    assert (scale.argmax(0) == 7).all() and 'scale20' not in columns
    assert columns['partial1_hz'] == pytest.approx(440 * 2 ** (7 / 19), abs=.05)
    assert columns['partial1_db'] == pytest.approx(20 * np.log10(.3), abs=.05)


def test_what_is_shorter_than_a_frame_is_one_frame(write):
    assert len(measure(write(np.full(10, .1)))['seconds']) == 1


@pytest.mark.parametrize('name, read', [
    ('all.csv', lambda path: list(csv.DictReader(path.read_text().splitlines()))),
    ('all.parquet', lambda path: pytest.importorskip('pyarrow.parquet').read_table(path).to_pylist())])
def test_the_command_writes_what_was_measured(write, tmp_path, name, read):
    paths = [write(SOUNDS['glide'], 'glide.wav'), write(np.stack((SOUNDS['noise'],) * 2, 1), 'noise.w64', 22050)]
    from live.studio.command import main
    main(['features', *map(str, paths), '--out', str(tmp_path / name), '--tuning', 'quarter', '--partials', '2'])
    rows = read(tmp_path / name)
    columns = measure(paths[0], find_tuning('quarter'), partials=2)
    first = [row for row in rows if row['file'] == 'glide.wav']
    assert {row['file'] for row in rows} == {'glide.wav', 'noise.w64'} and list(rows[0]) == ['file', *columns]
    for column in ('seconds', 'centroid', 'mfcc2', 'scale3', 'partial2_hz'):
        assert [float(row[column]) for row in first] == pytest.approx(columns[column], rel=1e-5, abs=1e-9)


def test_the_same_sound_gives_the_same_file(write, tmp_path):
    from live.studio.command import main
    for name in ('one.csv', 'two.csv'):
        main(['features', str(write(SOUNDS['noise'])), '--out', str(tmp_path / name)])
    assert (tmp_path / 'one.csv').read_bytes() == (tmp_path / 'two.csv').read_bytes()


def broken(kind, write, tmp_path):
    if kind == 'nan':
        return write(np.where(np.arange(9000) == 4321, np.nan, .1))
    if kind == 'empty':
        return write(np.zeros(0))
    path = tmp_path / 'a.wav'
    if kind == 'text':
        path.write_text('no sound')
    return path


@pytest.mark.parametrize('kind, message', [
    ('nan', 'sample 4321 is no number'), ('empty', 'there is no sound in it'),
    ('text', 'no sound that can be read'), ('missing', 'there is no such file')])
def test_what_is_no_sound_is_told_and_leaves_no_table(write, tmp_path, kind, message):
    from live.studio.command import main
    with pytest.raises(StudioError, match=message):
        main(['features', str(broken(kind, write, tmp_path)), '--out', str(tmp_path / 'a.csv')])
    assert not list(tmp_path.glob('*.csv*')) and not list(tmp_path.glob('.*'))


@pytest.mark.parametrize('words, message', [
    (['--out', 'a.xls'], '.xls is no kind of table'), (['--partials', '99'], 'outside 0..64'),
    (['--tuning', 'edo = 0'], 'edo = 0 is outside'), (['--tuning', 'quartre'], 'did you mean quarter'),
    (['--root', '0'], 'outside 1..20000')])
def test_the_command_line_refuses_in_one_sentence(write, tmp_path, words, message):
    given = [sys.executable, '-m', 'live', 'studio', 'features', str(write(SOUNDS['glide'])), '--out',
             str(tmp_path / 'a.csv'), *words]
    refused = subprocess.run(given, capture_output=True, text=True)
    assert refused.returncode == 2 and message in refused.stderr and 'Traceback' not in refused.stderr


def test_a_table_that_fails_leaves_the_old_one(tmp_path):
    path = tmp_path / 'a.csv'
    path.write_text('old')
    with pytest.raises(StudioError), open_table(path) as table:
        table.write({'a': np.arange(3)})
        raise StudioError('in the middle')
    assert path.read_text() == 'old' and [*tmp_path.iterdir()] == [path]


def test_a_plot_is_the_same_on_every_run_and_shows_the_sound(write, tmp_path):
    from live.studio.files import read_picture
    from live.studio.plot import plot_sound
    for name, sound in (('one', 'glide'), ('two', 'glide'), ('three', 'noise')):
        plot_sound(write(SOUNDS[sound]), tmp_path / f'{name}.png', find_tuning('edo = 7'))
    one, two, three = ((tmp_path / f'{name}.png').read_bytes() for name in ('one', 'two', 'three'))
    assert one == two != three and read_picture(tmp_path / 'one.png').std() > 10


@pytest.mark.parametrize('out, root, message', [
    ('a.png', -5, 'outside 1..20000'), ('a.png', 0, 'outside 1..20000'), ('a.xyz', None, 'no kind of figure'),
    ('none/a.png', None, 'no folder')])
def test_a_plot_that_cannot_be_is_told_before_anything_is_read(tmp_path, out, root, message):
    from live.studio.plot import plot_sound
    with pytest.raises(StudioError, match=message):
        plot_sound('none.wav', tmp_path / out, root=root)


def test_a_plot_of_silence_is_a_plot(write, tmp_path):
    from live.studio.plot import plot_sound
    plot_sound(write(np.zeros(100)), tmp_path / 'a.png')
    assert (tmp_path / 'a.png').stat().st_size > 1000
