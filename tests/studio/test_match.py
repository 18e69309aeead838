"""From sounds to settings: spectra and distances, training, search, and what is written."""
import json

import numpy as np
import pytest
import soundfile
import torch

from live.__main__ import main
from live.patch import load_patch
from live.studio.files import StudioError
from live.studio.match.batches import stream
from live.studio.match.generate import SHIPPED, generate_match, read_target
from live.studio.match.network import build_network, load_model, measure_loss, save_model
from live.studio.match.search import match
from live.studio.match.spectra import BINS, CHANNELS, Distance, choose_window, read_spectra
from live.studio.match.synth import RATE, SECONDS, open_synth
from live.studio.match.training import train

FRAMES = round(SECONDS * RATE)
pytestmark = pytest.mark.usefixtures('one_thread')


def tone(hertz, harmonics=8):
    time = np.arange(FRAMES) / RATE
    return sum(np.sin(2 * np.pi * n * hertz * time) / n for n in range(1, harmonics + 1)).astype(np.float32)


def noise(seed=1):
    return np.random.default_rng(seed).standard_normal(FRAMES).astype(np.float32)


@pytest.fixture(scope='module')
def small():
    """Return a synthesizer of few knobs: enough to learn within seconds."""
    return open_synth('live', ['source', 'root', 'tilt_db'])


@pytest.fixture(scope='module')
def trained(small):
    return train(small, stream(small, 16 * 6, 1, 16), 8, held_out=1)


def test_distance_is_nothing_from_itself_at_any_level():
    assert Distance(tone(200))(np.stack([tone(200), .1 * tone(200)])) == pytest.approx(0, abs=1e-3)


def test_distance_grows_as_sounds_part():
    near, detuned, far, other = Distance(tone(200))(np.stack([tone(200.3), tone(206), tone(310, 3), noise()]))
    assert near < detuned < far < other


def test_spectra_stand_in_their_range():
    spectra = read_spectra(np.stack([tone(100), noise(), np.zeros(FRAMES, np.float32)]))
    assert spectra.shape == (3, CHANNELS, BINS) and torch.isfinite(spectra).all() and spectra.abs().max() < 5


def test_the_loudest_part_of_a_long_sound_counts():
    sound = np.concatenate([.1 * noise(), noise(2), .1 * noise(3)])
    assert np.abs(choose_window(sound, FRAMES)).mean() > .7


def test_a_single_period_is_repeated():
    period = np.sin(2 * np.pi * np.arange(240) / 240)
    window = choose_window(period, FRAMES)
    assert len(window) == FRAMES and np.allclose(window[:240], window[240:480])


def test_a_period_of_another_rate_keeps_its_pitch(tmp_path):
    soundfile.write(tmp_path / 'a.wav', np.sin(2 * np.pi * np.arange(100) / 100), 44100, 'FLOAT')
    power = np.abs(np.fft.rfft(read_target(tmp_path / 'a.wav')[0] * np.hanning(FRAMES), 1 << 20))
    assert power.argmax() * RATE / (1 << 20) == pytest.approx(441, abs=.05)


def test_loss_falls_on_sounds_held_out(trained):
    assert min(trained.losses) < trained.losses[0] - .1


def test_the_same_seed_trains_the_same_network(small):
    first, second = (train(small, stream(small, 12, 1, 4), 2, seed=4, held_out=1) for _ in range(2))
    assert first.losses == second.losses
    for a, b in zip(first.network.parameters(), second.network.parameters()):
        assert torch.equal(a, b)


def test_training_ends_early_when_nothing_gets_better(small):
    batches = list(stream(small, 8, 1, 4))
    ended = train(small, iter(batches), 40, held_out=1, patience=2)     # 4 sounds are soon known by heart
    assert len(ended.losses) < 40


def test_too_few_sounds_are_told(small):
    with pytest.raises(StudioError, match='too few sounds'):
        train(small, stream(small, 4, 1, 4), 5)


def test_what_is_not_heard_teaches_nothing(small):
    network = build_network(small).eval()
    spectra, chosen, positions = torch.randn(2, CHANNELS, BINS), torch.zeros(2, 1, dtype=torch.long), torch.rand(2, 2)
    heard = torch.tensor([[1.0, 1, 0]]).repeat(2, 1)
    moved = torch.stack((positions[:, 0], 1 - positions[:, 1]), 1)
    losses = [measure_loss(network, spectra, chosen, where, heard) for where in (positions, moved)]
    assert losses[0] == losses[1]


def test_a_model_is_read_as_it_was_written(trained, small, tmp_path):
    save_model(tmp_path / 'model', trained.network, small, trained.figures())
    network, synth = load_model(tmp_path / 'model')
    spectra = read_spectra(tone(200)[None]).float()
    assert [knob.name for knob in synth.knobs] == [knob.name for knob in small.knobs]
    assert torch.allclose(network(spectra), trained.network(spectra), atol=.05)


@pytest.mark.parametrize('spoil, sentence', [
    (lambda told: told['knobs'][1].update(low=1), 'train it again'), (lambda told: told.pop('text'), 'no model')])
def test_a_model_that_does_not_fit_is_told(trained, small, tmp_path, spoil, sentence):
    save_model(tmp_path, trained.network, small, {})
    told = json.loads((tmp_path / 'match.json').read_text())
    spoil(told)
    (tmp_path / 'match.json').write_text(json.dumps(told))
    with pytest.raises(StudioError, match=sentence):
        load_model(tmp_path)


def test_search_comes_nearer_than_the_guess_and_keeps_its_limit(trained, small):
    target = small.render(small.put(small.defaults(), ['source=harmonic', 'root=210'])[None], [5])[0]
    found = match(trained.network, small, target, evaluations=90, seed=1)
    assert found.distance < found.guess_distance and found.evaluations <= 90
    assert Distance(target)(small.render(found.settings[None], [1]))[0] == pytest.approx(found.distance)
    assert (match(trained.network, small, target, evaluations=90, seed=1).settings == found.settings).all()


def test_a_single_knob_is_found_as_well():
    synth = open_synth('live', ['root'])
    torch.manual_seed(1)
    target = synth.render(np.array([[300.0]]), [0])[0]
    found = match(build_network(synth).eval(), synth, target, evaluations=60)
    assert found.distance < found.guess_distance


def test_the_guess_alone_plays_one_sound(trained, small):
    found = match(trained.network, small, tone(200), evaluations=1)
    assert found.evaluations == 1 and (found.settings == found.guess).all()


def test_a_period_becomes_a_patch_that_loads(tmp_path):
    rate = 44100
    wave = np.linspace(-.5, .5, 294, endpoint=False)                    # a saw at 150 Hz, one period
    soundfile.write(tmp_path / 'saw.wav', wave, rate)
    made = generate_match(tmp_path / 'saw.wav', tmp_path / 'found.toml', seconds=1, evaluations=120)
    patch = load_patch(tmp_path / 'found.toml')
    assert patch.layers == ('drone',) and all(path.is_file() for path in made.files)
    target, _ = read_target(tmp_path / 'saw.wav')
    played, _ = read_target(tmp_path / 'found.wav')
    random = made.synth.render(made.synth.draw(20, np.random.default_rng(1)), [0] * 20)
    assert Distance(target)(played[None])[0] < Distance(target)(random).min()


@pytest.mark.parametrize('sound, sentence', [
    (np.zeros(1000), 'it is silent'), (np.full(1000, .5), 'it is silent'), (np.full(1000, np.nan), 'is no number')])
def test_what_holds_nothing_is_told(tmp_path, sound, sentence):
    soundfile.write(tmp_path / 'nothing.wav', sound, RATE, 'FLOAT')
    with pytest.raises(StudioError, match=sentence):
        read_target(tmp_path / 'nothing.wav')


def test_a_patch_wants_its_suffix(tmp_path):
    with pytest.raises(StudioError, match='like voice.toml'):
        generate_match(tmp_path / 'a.wav', tmp_path / 'voice.csd')


def test_the_shipped_model_is_of_the_layer_as_it_is():
    network, synth = load_model(SHIPPED)
    assert synth.name == 'live' and network.knobs == len(synth.continuous)


def test_commands_go_from_a_dataset_to_a_patch(tmp_path, capfd):
    sounds, model, out = (str(tmp_path / name) for name in ('sounds', 'model', 'found.toml'))
    steer = ['--steer', 'root', 'tilt_db']
    assert main(['studio', 'match', 'dataset', sounds, '--count', '9', *steer]) == 0
    assert main(['studio', 'match', 'train', '--dataset', sounds, '--batch', '3', '--rounds', '2', '--out', model,
                 *steer]) == 0
    assert main(['studio', 'match', 'render', '--set', 'root=150', '--seconds', '1', '--out',
                 str(tmp_path / 'wave.wav'), *steer]) == 0
    assert main(['studio', 'match', 'generate', str(tmp_path / 'wave.wav'), '--model', model, '--out', out,
                 '--evaluations', '20', '--seconds', '1']) == 0
    assert load_patch(tmp_path / 'found.toml').values['drone.root'] > 0
    assert soundfile.info(tmp_path / 'found.wav').duration == 1
