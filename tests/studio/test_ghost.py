"""Ghosts: the loss falls, stages are kept, and what is generated lies nearer to the recordings than noise."""
import json

import numpy as np
import pytest
import soundfile

from live.audio.arena import Arena
from live.audio.offline import render
from live.patch import load_patch
from live.stages import dress, hold
from live.studio.files import StudioError, read_picture, read_sound
from live.studio.ghost.generating import distances, dream_frames, generate_ghost, load_ghost
from live.studio.ghost.patches import freeze, make_patch
from live.studio.ghost.spectra import (
    FLOOR_DB, fit_space, frames_db, read_recordings, spectral_distance, to_magnitudes, to_peak)
from live.studio.ghost.training import stage_steps, train_ghost

RATE, STEPS = 16000, 60
PARTIALS = 220.0 * np.array([1, 2, 3, 5])


def recording(seed, seconds=3.0):
    """A chord that swells slowly, with some noise."""
    random = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * (0.5 * t[:, None] + random.uniform(0, 1, 4)))
    tones = np.sin(2 * np.pi * (PARTIALS * t[:, None] + random.uniform(0, 1, 4)))
    return (0.1 * (swell * tones).sum(1) + 1e-4 * random.standard_normal(len(t))).astype(np.float32)


@pytest.fixture(scope='module')
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp('corpus')
    for seed in range(3):
        soundfile.write(folder / f'{seed}.wav', recording(seed), RATE)
    (folder / 'torn.wav').write_bytes(b'RIFF')
    return folder


@pytest.fixture(scope='module')
def ghost(corpus, tmp_path_factory):
    out = tmp_path_factory.mktemp('ghost')
    train_ghost(corpus, out, STEPS, 0.5, RATE, directions=8, seed=2)
    return load_ghost(out)


def test_the_loss_falls(ghost):
    losses = ghost.said['losses']
    assert len(losses) == STEPS and np.mean(losses[-10:]) < np.mean(losses[:10]) - 1


def test_stages_are_kept_and_differ(ghost):
    assert ghost.stages == [10, 30, 60] == list(stage_steps(STEPS))
    first, last = (dream_frames(ghost, 20, stage, temperature=0) for stage in (10, 60))
    assert np.abs(first - last).max() > 1


def test_a_ghost_lies_nearer_to_the_recordings_than_noise(ghost):
    """By less than half of the distance in dB, once phases are found and the sound is heard again."""
    sound = generate_ghost(ghost, 2.0, rounds=20)
    apart, noise = distances(ghost, sound)
    assert np.isfinite(sound).all() and 0.1 < np.abs(sound).max() <= 1
    assert apart < 0.5 * noise


def test_a_ghost_sounds_where_the_recordings_do(ghost):
    sound = generate_ghost(ghost, 2.0, rounds=20)
    level = frames_db(sound[:, None], RATE).mean(0)
    assert all(level[round(hz * 2048 / RATE)] > np.median(level) + 20 for hz in PARTIALS)


def test_the_same_seed_gives_the_same_ghost_and_another_another(ghost):
    one, again, other = (generate_ghost(ghost, 0.5, seed=seed, rounds=3) for seed in (1, 1, 2))
    assert (one == again).all() and (one != other).any()


def test_training_is_the_same_on_every_run(corpus, tmp_path):
    for name in 'ab':
        train_ghost(corpus, tmp_path / name, 4, 0.5, RATE, directions=4, seed=7)
    a, b = ((tmp_path / name / 'stage-000004.safetensors').read_bytes() for name in 'ab')
    assert a == b


def test_frames_come_back_from_their_places():
    frames = frames_db(recording(0)[:, None], RATE)
    space = fit_space([frames], 200)
    assert np.abs(space.frames(space.places(frames)) - np.maximum(frames, FLOOR_DB)).mean() < 1.5
    assert space.places(frames).std(0) == pytest.approx(np.ones(space.count), rel=.05)


def test_spectral_distance_knows_no_loudness():
    frames = frames_db(to_peak(recording(0))[:, None], RATE)
    assert spectral_distance(frames, frames) == pytest.approx(0, abs=1e-3)
    assert spectral_distance(np.maximum(frames - 6, FLOOR_DB), frames) < 0.05
    assert (to_magnitudes(np.full((1, 5), FLOOR_DB)) == 0).all()


@pytest.fixture(scope='module')
def made(ghost, tmp_path_factory):
    """The files of the command: sound, patch, plot."""
    from live.studio.command import main
    folder = tmp_path_factory.mktemp('made')
    main(['ghost', 'generate', str(ghost.folder), '--stage', 'all', '--seconds', '1.5', '--rounds', '8', '--out',
          str(folder / 'a.wav'), '--patch', str(folder / 'a.toml'), '--plot', str(folder / 'a.png')])
    return folder


def test_the_command_writes_each_stage(made):
    assert sorted(path.name for path in made.glob('*.wav')) == ['a-000010.wav', 'a-000030.wav', 'a-000060.wav']
    assert read_sound(made / 'a-000060.wav')[0].shape[0] / RATE == pytest.approx(1.5, abs=.05)
    assert read_picture(made / 'a.png').std() > 10


def test_its_patch_plays_on_stage_what_the_recordings_held(made):
    patch = load_patch(made / 'a.toml')
    arena = Arena(48000, patch.seed)
    patch.apply(arena.board)
    dress(arena, patch, patch.tuning)
    hold(arena, patch)
    arena.reset(patch.seed)
    render(arena, 3 * 48000)
    reader = arena.slices.reader()
    render(arena, 48000)
    level = reader.get()['magnitudes'].mean(0)
    assert level[round(220 * 2048 / 48000)] > 30 * np.median(level[:200])


def test_what_is_frozen_off_stage_are_the_partials_of_the_sound():
    t = np.arange(RATE) / RATE
    hertz, level = np.array(freeze(.3 * np.sin(2 * np.pi * 440 * t) + .1 * np.sin(2 * np.pi * 1000 * t), RATE)).T
    assert hertz == pytest.approx([440, 1000], abs=.05) and level[0] - level[1] == pytest.approx(9.54, abs=.1)


def test_silence_cannot_be_frozen():
    with pytest.raises(StudioError, match='no partial'):
        make_patch('a', np.zeros(RATE), RATE)


def test_it_goes_through_a_chain_of_effects(ghost, tmp_path):
    pytest.importorskip('live.studio.effects.command')
    from live.studio.command import main
    for name, words in (('dry', []), ('wet', ['--effects', 'reverse'])):
        main(['ghost', 'generate', str(ghost.folder), '--seconds', '0.5', '--rounds', '2', '--out',
              str(tmp_path / f'{name}.wav'), *words])
    dry, wet = (read_sound(tmp_path / f'{name}.wav')[0] for name in ('dry', 'wet'))
    assert wet == pytest.approx(dry[::-1], abs=1e-4)


def test_what_a_chain_makes_too_loud_is_told(ghost, tmp_path, capsys):
    from live.studio.command import main
    main(['ghost', 'generate', str(ghost.folder), '--seconds', '0.5', '--rounds', '1', '--out', str(tmp_path / 'a.wav'),
          '--effects', 'gain:40'])
    assert 'samples were too loud and were cut; end the chain with normalise' in capsys.readouterr().out


@pytest.mark.parametrize('words, message', [
    (['--out', 'a.xyz'], '.xyz is no kind of sound file'), (['--plot', 'a.xyz'], '.xyz is no kind of figure'),
    (['--patch', 'nowhere/a.toml'], 'there is no folder nowhere'),
    (['--stage', '11'], '--stage 11 is none of 10, 30, 60, all, last'), (['--seconds', '0'], 'outside 0.2..3600'),
    (['--temperature', '9'], 'outside 0..4'), (['--rounds', '-1'], 'outside 0..10000')])
def test_generating_refuses_in_one_sentence(ghost, tmp_path, words, message):
    from live.studio.command import main
    with pytest.raises(StudioError, match=message):
        main(['ghost', 'generate', str(ghost.folder), '--out', str(tmp_path / 'a.wav'), *words])


def test_recordings_that_cannot_be_heard_are_told(tmp_path):
    soundfile.write(tmp_path / 'fast.wav', np.full(100, .1), 2 ** 31 - 1)
    soundfile.write(tmp_path / 'short.wav', np.full(1, .1), 44100)
    soundfile.write(tmp_path / 'whole.wav', recording(0), RATE)
    told = []
    assert len(read_recordings(tmp_path, RATE, told.append)) == 1
    assert 'fast.wav: 2147483647 Hz cannot' in told[0] and 'short.wav: it is shorter' in told[1]


def test_a_short_recording_shortens_nothing(corpus, tmp_path, capsys):
    folder = tmp_path / 'more'
    folder.mkdir()
    for seed in range(2):
        soundfile.write(folder / f'{seed}.wav', recording(seed), RATE)
    soundfile.write(folder / 'short.wav', recording(3, 0.7), RATE)
    said = train_ghost(folder, tmp_path / 'out', 2, 1, RATE, directions=8)
    assert said['length'] == round(RATE / 512) and '1 recordings are shorter' in capsys.readouterr().out


def test_silence_is_nothing_to_learn_from(tmp_path):
    soundfile.write(tmp_path / 'a.wav', np.zeros(RATE), RATE)
    with pytest.raises(StudioError, match='silent'):
        train_ghost(tmp_path, tmp_path / 'out', 2, 0.5, RATE, directions=8)


def test_folders_that_hold_nothing_are_told(tmp_path):
    with pytest.raises(StudioError, match='there is no ghost in it'):
        load_ghost(tmp_path)
    (tmp_path / 'ghost.json').write_text(json.dumps([]))
    (tmp_path / 'space.safetensors').write_bytes(b'none')
    with pytest.raises(StudioError, match=str(tmp_path)):
        load_ghost(tmp_path)
    with pytest.raises(StudioError, match='no recording in it'):
        train_ghost(tmp_path, tmp_path / 'out')
    with pytest.raises(StudioError, match='no such folder'):
        train_ghost(tmp_path / 'none', tmp_path / 'out')
