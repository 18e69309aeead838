"""audio2img and audio2video as commands: real files, real models of every width, the same bits twice."""
import json
import shutil
import subprocess

import av
import numpy as np
import pytest
from made_sounds import RATE, chirp
from PIL import Image

from live.__main__ import main
from live.studio import Art, Filling, Motion, audio2img, audio2video
from live.studio.art import audio2video as film_module
from live.studio.art.audio2video import NOISES
from live.studio.files import StudioError

TINY = Art('random:tiny')


@pytest.fixture
def drone(sounds):
    return sounds(chirp())


def probe(path):
    """Return the streams that ffprobe finds, by kind."""
    if not shutil.which('ffprobe'):
        pytest.skip('system program missing: ffprobe')
    words = ['ffprobe', '-v', 'error', '-show_streams', '-of', 'json', str(path)]
    told = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
    return {stream['codec_type']: stream for stream in told['streams']}


def frames_of(path):
    with av.open(str(path)) as movie:
        return [(float(frame.pts * frame.time_base), frame.to_ndarray(format='rgb24'))
                for frame in movie.decode(video=0)]


@pytest.mark.parametrize('width', [768, 1024])
@pytest.mark.parametrize('words', [
    [], ['--raw'], ['--transpose'], ['--feature', 'waveform'], ['--feature', 'waveform', '--raw', '--transpose']])
def test_a_sound_becomes_a_picture_by_models_of_each_width(drone, wide, tmp_path, width, words):
    out = tmp_path / 'out.png'
    assert main(['studio', 'audio2img', '--prompt', str(drone), '--model', str(wide(width)), '--out', str(out),
                 *words]) == 0
    with Image.open(out) as picture:
        assert picture.size == (128, 128) and np.asarray(picture).std() > 3


def test_the_same_seed_gives_the_same_bits_and_another_another_picture(drone, tmp_path):
    one, two = (audio2img(drone, tmp_path / f'{name}.png', art=TINY) for name in 'ab')
    assert np.array_equal(one, two) and (tmp_path / 'a.png').read_bytes() == (tmp_path / 'b.png').read_bytes()
    assert not np.array_equal(one, audio2img(drone, art=Art('random:tiny', seed=1)))


def test_each_choice_changes_the_picture(drone, sounds):
    other = sounds(np.random.default_rng(1).standard_normal(RATE).astype('f4') * 0.1, name='noise.wav')
    text = ['blue dust']
    pictures = [audio2img([drone], art=TINY), audio2img([other], art=TINY), audio2img(text, art=TINY),
                audio2img([drone, *text], art=TINY), audio2img([drone, *text], weight=0.3, art=TINY),
                *(audio2img([drone], filling=filling, art=TINY) for filling in (
                    Filling('waveform'), Filling(raw=True), Filling(transpose=True)))]
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)


def test_text_with_a_sound_of_no_weight_is_the_text(drone):
    assert np.array_equal(audio2img([drone, 'blue dust'], weight=0.0, art=TINY), audio2img('blue dust', art=TINY))


def test_a_picture_to_begin_from_stays_by_strength(drone, tmp_path):
    path = tmp_path / 'init.png'
    Image.linear_gradient('L').convert('RGB').resize((128, 128)).save(path)
    apart = [np.abs(audio2img(drone, image=path, strength=strength, art=TINY).astype(float)
                    - audio2img(drone, image=path, strength=0.0, art=TINY)).mean() for strength in (0.1, 0.9)]
    assert 0 < apart[0] < apart[1]


@pytest.mark.parametrize('fps', [5, 8, 30])
@pytest.mark.parametrize('rate', [44100, 22255])
def test_a_film_carries_its_sound_in_sync_to_a_frame(sounds, tmp_path, fps, rate):
    sound, out = chirp(1.23, rate), tmp_path / 'film.mp4'
    frames = audio2video(sounds(sound, rate), out, motion=Motion(fps), art=TINY)
    told = probe(out)
    assert frames == round(1.23 * fps) == int(told['video']['nb_frames'])
    for stream in told.values():
        assert float(stream['duration']) == pytest.approx(1.23, abs=1 / fps)
    assert told['video']['codec_name'] == 'h264' and told['video']['pix_fmt'] == 'yuv420p'
    assert [moment for moment, _ in frames_of(out)] == pytest.approx(np.arange(frames) / fps, abs=1e-3)


def test_the_sound_of_a_film_lies_where_it_lay(sounds, tmp_path):
    sound = np.zeros((RATE, 2), np.float32)
    sound[RATE // 2:RATE // 2 + 400] = 0.8
    audio2video(sounds(sound), tmp_path / 'film.mp4', motion=Motion(5), art=TINY)
    with av.open(str(tmp_path / 'film.mp4')) as movie:
        heard = [(float(frame.pts * frame.time_base), frame.to_ndarray()[0]) for frame in movie.decode(audio=0)]
    loud = next(moment + np.argmax(np.abs(samples) > 0.3) / RATE for moment, samples in heard
                if np.abs(samples).max() > 0.3)
    assert loud == pytest.approx(0.5, abs=0.005)


@pytest.mark.parametrize('width', [768, 1024])
def test_films_are_dreamt_by_models_of_each_width(drone, wide, tmp_path, width):
    assert audio2video(drone, tmp_path / 'film.mkv', motion=Motion(4), art=Art(str(wide(width)))) == 8


def test_a_film_is_the_same_to_the_byte_twice(drone, tmp_path):
    for name in 'ab':
        audio2video(drone, tmp_path / f'{name}.mp4', ['0:dust', '2:light'],
                    motion=Motion(6, overlap=0.5, amplitude=0.5), art=TINY)
    assert (tmp_path / 'a.mp4').read_bytes() == (tmp_path / 'b.mp4').read_bytes()


def test_a_film_that_fails_leaves_the_old_one(drone, tmp_path, monkeypatch):
    def fail(take, sound, *rest):
        take.write_sound(sound)
        raise StudioError(f'{take.path.name}: in the middle')
    (tmp_path / 'a.mp4').write_bytes(b'old')
    monkeypatch.setattr(film_module, 'write_film', fail)
    with pytest.raises(StudioError, match='^a.mp4: in the middle'):
        audio2video(drone, tmp_path / 'a.mp4', art=TINY)
    assert (tmp_path / 'a.mp4').read_bytes() == b'old' and sorted(tmp_path.iterdir()) == [tmp_path / 'a.mp4', drone]


def test_every_idea_that_was_left_open_changes_the_film(sounds, tmp_path):
    drone = sounds(chirp(1.0))
    image = tmp_path / 'init.png'
    Image.linear_gradient('L').convert('RGB').save(image)
    ideas = [{}, {'motion': Motion(4, overlap=0.5)}, {'motion': Motion(4, amplitude=1.0)}, {'image': image},
             *({'motion': Motion(4, noise=noise)} for noise in NOISES if noise != Motion.noise),
             {'prompts': ['dust']}, {'prompts': ['dust', 'light']}, {'prompts': ['dust'], 'weight': 0.2},
             {'filling': Filling(raw=True)}, {'filling': Filling(transpose=True)}, {'filling': Filling('waveform')},
             {'motion': Motion(4, values=(('feedback.zoom', 2.0),))}]
    films = set()
    for idea in ideas:
        audio2video(drone, tmp_path / 'film.mp4', **{'motion': Motion(4), 'art': TINY} | idea)
        films.add(b''.join(pixels.tobytes() for _, pixels in frames_of(tmp_path / 'film.mp4')))
    assert len(films) == len(ideas)


def test_frames_follow_the_one_before_by_strength(drone, tmp_path):
    def unrest(strength):
        audio2video(drone, tmp_path / 'film.mp4', motion=Motion(1.5, strength))     # the model that ships
        frames = np.array([pixels for _, pixels in frames_of(tmp_path / 'film.mp4')], float)
        return np.abs(np.diff(frames, axis=0)).mean()
    assert unrest(0.1) < 0.5 * unrest(0.9)


@pytest.mark.parametrize('words, said', [
    (['audio2img', '--prompt', 'missing.wav'], 'missing.wav: there is no such file'),
    (['audio2img', '--prompt', 'SOUND', '--strength', '2'], '--strength 2: 0'),
    (['audio2img', '--prompt', 'SOUND', '--start', '9'], '--start 9: sound.wav has 2 s'),
    (['audio2img', '--prompt', '3:dust'], '--prompt 3:dust: one picture has no times'),
    (['audio2img', '--prompt', 'NOISE.wav'], 'this is no sound that can be read'),
    (['audio2img', '--prompt', 'NAN.wav'], 'is no number'),
    (['audio2img', '--prompt', 'EMPTY.wav'], 'there is no sound in it'),
    (['audio2img', '--prompt', 'SILENT.wav'], 'is silence'),
    (['audio2img', '--prompt', 'SOUND', '--image', 'SOUND'], 'this is no picture'),
    (['audio2img', '--prompt', 'SOUND', '--model', 'off'], 'there is no model to dream with'),
    (['audio2img', '--prompt', 'SOUND', '--steps', '0'], '--steps 0: at least 1'),
    (['audio2img', '--prompt', 'SOUND', '--out', 'a.xyz'], 'a.xyz: .xyz is no kind of picture'),
    (['audio2video', '--path', 'film.mp4', '--out', './film.mp4'], 'film.mp4: what is read cannot be written over'),
    (['audio2img', '--prompt', 'dust', '--image', 'a.png', '--out', './a.png'], 'a.png: what is read cannot be'),
    (['audio2video', '--path', 'missing.wav'], 'missing.wav: there is no such file'),
    (['audio2video', '--path', 'SOUND', '--set', 'dream.strength=0.7'], 'here it is --strength'),
    (['audio2video', '--path', 'SOUND', '--set', 'feedback.zoom=99'], 'feedback.zoom = 99 1/s is outside'),
    (['audio2video', '--path', 'SILENT.wav'], 'is silence'),
    (['audio2video', '--path', 'SOUND', '--fps', '0'], '--fps 0: above 0'),
    (['audio2video', '--path', 'SOUND', '--overlap', '1'], '--overlap 1: 0 to 0.9'),
    (['audio2video', '--path', 'SOUND', '--amplitude', '-1'], '--amplitude -1: 0 to 1'),
    (['audio2video', '--path', 'SOUND', '--prompt', 'SOUND'], 'give the sound by --path'),
    (['audio2video', '--path', 'SOUND', '--out', 'film.gif'], 'film.gif: a film is .mp4 or .mkv'),
    (['audio2video', '--path', 'SOUND', '--set', 'feedback.zom=2'], 'did you mean feedback.zoom'),
    (['audio2video', '--path', 'SOUND', '--set', 'drone.root=2'], 'does not act here'),
])
def test_what_cannot_be_done_is_said_in_one_sentence(drone, sounds, tmp_path, capsys, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'NOISE.wav').write_bytes(b'no sound at all')
    sounds(np.array([0.1, np.nan], np.float32), name='NAN.wav')
    sounds(np.zeros(0, np.float32), name='EMPTY.wav')
    sounds(np.zeros(RATE, np.float32), name='SILENT.wav')
    given = [str(drone) if word == 'SOUND' else word for word in words]
    assert main(['studio', *given, *([] if '--model' in words else ['--model', 'random:tiny'])]) == 2
    told = capsys.readouterr().err.strip()
    assert said in told and '\n' not in told
