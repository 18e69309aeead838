"""The trainer: what it learns, that it goes on where it stood, and that what it writes can be played. Tiny steps."""
import copy

import numpy as np
import pytest
import torch

from live.diffusion.models import load_model
from live.signals import Conditioning
from live.studio.train import autoencoder, bank, critic, denoiser, eye, touch, training, words
from live.studio.train.bank import Bank, fill
from live.studio.train.captions import VOCABULARY
from live.studio.train.command import write
from live.studio.train.pictures import FAMILIES
from live.studio.train.parts import build_autoencoder, build_tokenizer, build_unet
from live.studio.train.training import Stage, Training
from live.studio.train.words import Words

CPU = torch.device('cpu')
ENTRIES = 8
ROUNDING = 2e-7         # sums of a loaded state may be taken in another order; a step is ten times as long


@pytest.fixture(scope='module', autouse=True)
def one_core():
    torch.set_num_threads(1)


@pytest.fixture(scope='module', autouse=True)
def tiny_steps():
    """The real stages in small portions, without sheets; a checkpoint after each step."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in ((bank, 'PORTION', 4), (autoencoder, 'POOL', 4), (autoencoder, 'REFRESHED', 1),
                                    (autoencoder, 'BATCH', 2), (autoencoder, 'CROP', 64), (denoiser, 'BATCH', 4),
                                    (words, 'BATCH', 4), (eye, 'BATCH', 2),
                                    (touch, 'POOL', 4), (touch, 'REFRESHED', 2), (touch, 'BATCH', 2),
                                    (touch, 'CROP', 8), (training, 'WARM_UP', 1), (training, 'SAVE_EVERY', 0.0)):
            patch.setattr(module, name, value)
        patch.setattr(Stage, 'is_time_for_sheet', lambda self, step: False)
        yield


@pytest.fixture(scope='module')
def tokenizer():
    return build_tokenizer(VOCABULARY)


@pytest.fixture(scope='module')
def vae():
    torch.manual_seed(1)
    return build_autoencoder().eval()


@pytest.fixture(scope='module')
def look():
    """An eye that has learned nothing."""
    torch.manual_seed(1)
    return eye.Eye().eval().requires_grad_(False)


@pytest.fixture(scope='module')
def pictures(tmp_path_factory, tokenizer, vae):
    """A bank of a few pictures."""
    made = Bank(tmp_path_factory.mktemp('bank'), ENTRIES)
    fill(made, tokenizer, vae.encoder, 1, CPU)
    return made


@pytest.fixture(scope='module')
def folder(tmp_path_factory, tokenizer, vae):
    """The model folder, untrained."""
    place = tmp_path_factory.mktemp('out') / 'embedded'
    torch.manual_seed(1)
    write(place, build_unet(), Words(tokenizer), build_autoencoder(), tokenizer)
    return place


class Stopped(Exception):
    """What kills a training in these tests."""


def stopping(function, count=1):
    """Return a function that does what this one does, and raises Stopped the call after `count`."""
    calls = iter(range(count))

    def wrapped(*words):
        if next(calls, None) is None:
            raise Stopped
        return function(*words)
    return wrapped


def values_of(*modules):
    return torch.cat([value.detach().flatten() for module in modules for value in module.parameters()])


def test_a_stopped_bank_goes_on_to_the_same_entries(pictures, tmp_path, tokenizer, vae):
    stopped = Bank(tmp_path, ENTRIES)
    with pytest.raises(Stopped):
        fill(stopped, tokenizer, stopping(vae.encoder), 1, CPU)
    assert stopped.count == ENTRIES // 2
    again = Bank(tmp_path, ENTRIES)
    fill(again, tokenizer, vae.encoder, 1, CPU)
    for name, values in pictures.fields.items():
        np.testing.assert_array_equal(again.fields[name], values)


def test_a_bank_of_another_size_begins_by_itself(pictures, tmp_path, tokenizer, vae):
    fill(Bank(tmp_path, ENTRIES // 2), tokenizer, vae.encoder, 1, CPU)
    assert Bank(tmp_path, ENTRIES).count == 0 and Bank(tmp_path, ENTRIES // 2).count == ENTRIES // 2


def test_another_seed_fills_a_bank_with_other_pictures(pictures, tmp_path, tokenizer, vae):
    other = Bank(tmp_path, ENTRIES // 2)
    fill(other, tokenizer, vae.encoder, 2, CPU)
    assert not np.array_equal(other.fields['noise'], pictures.fields['noise'][:ENTRIES // 2])


def test_the_autoencoder_learns(tmp_path):
    seen = autoencoder.draw_random(2, Training(tmp_path, seed=9)) * 2 - 1

    def error(steps):
        model = autoencoder.train_autoencoder(Training(tmp_path / str(steps)), steps)
        with torch.inference_mode():
            return float(autoencoder.picture_loss(model.decoder(model.encoder(seen)), seen))
    assert error(10) < 0.9 * error(0)


def untaught(tokenizer):
    torch.manual_seed(2)
    return build_unet(), Words(tokenizer)


def test_words_learn_to_tell_what_they_mean_and_leave_the_rest_of_the_unet(pictures, tmp_path, tokenizer):
    shown = {}
    unet, telling = untaught(tokenizer)
    rest = values_of(unet.conv_in, unet.mid_block)

    def remember(self, values):
        shown.setdefault('losses', []).append(float(values['family'].detach()) + float(values['palette'].detach()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stage, '_show', remember)
        words.teach_words(Training(tmp_path), pictures, unet, telling, 80)
    assert np.mean(shown['losses'][-10:]) < 0.8 * np.mean(shown['losses'][:10])
    assert torch.equal(values_of(unet.conv_in, unet.mid_block), rest)


@pytest.mark.parametrize('placed', [0.0, 1.0])
def test_the_denoiser_brings_dreams_nearer_to_what_was_meant(pictures, tmp_path, monkeypatch, tokenizer, vae, look,
                                                             placed):
    monkeypatch.setattr(denoiser, 'PLACED', placed)
    entries = pictures.take(4, torch.Generator().manual_seed(9))

    def error(steps):
        at = Training(tmp_path / str(steps))
        unet, telling = denoiser.train_denoiser(at, pictures, *untaught(tokenizer), vae, look, steps)
        torch.manual_seed(5)
        with torch.inference_mode():
            embedding = words.condition(telling, entries, np.random.default_rng(0), at)
            noised = denoiser.make_noised(entries, denoiser.alphas_cumprod(), at)
            said = unet(noised.seen, noised.time, embedding, return_dict=False)[0]
            return float(denoiser.place(noised, said, noised.time == 999))
    assert error(8) < 0.9 * error(0)


def test_a_stopped_denoiser_goes_on_to_the_same_weights(pictures, tmp_path, monkeypatch, tokenizer, vae, look):
    def train(name):
        return denoiser.train_denoiser(Training(tmp_path / name), pictures, *untaught(tokenizer), vae, look, 2)
    whole = values_of(*train('whole'))
    with monkeypatch.context() as patch, pytest.raises(Stopped):
        patch.setattr(pictures, 'take', stopping(pictures.take))
        train('stopped')
    torch.testing.assert_close(values_of(*train('stopped')), whole, rtol=0, atol=ROUNDING)


def test_crops_keep_each_latent_beside_the_noise_it_was_drawn_from(pictures):
    entries = pictures.take(3, torch.Generator().manual_seed(9))
    places = torch.arange(32 * 32.).view(1, 1, 32, 32).expand(3, 8, -1, -1)
    cut = denoiser.crop({**entries, 'latent': places, 'noise': places}, torch.Generator().manual_seed(4))
    assert cut['latent'].shape == (3, 8, 16, 16) and torch.equal(cut['latent'], cut['noise'])
    y, x = divmod(int(cut['noise'][0, 0, 0, 0]), 32)
    assert y % 2 == x % 2 == 0 and torch.equal(cut['family'], entries['family'])


def test_the_eye_learns_what_latents_show(pictures, tmp_path):
    entries = pictures.take(4, torch.Generator().manual_seed(9))

    def error(steps):
        said = eye.train_eye(Training(tmp_path / str(steps)), pictures, steps).forward(entries['latent'])[2]
        return float((said - entries['properties']).square().mean())
    assert error(12) < 0.9 * error(0)


def test_looks_tell_blurred_from_sharp_wherever_things_lie(tmp_path, pictures):
    seeing = eye.train_eye(Training(tmp_path), pictures, 1)
    true = torch.randn(4, 8, 32, 32, generator=torch.Generator().manual_seed(1))
    elsewhere = true.roll((7, 11), (2, 3))
    blurred = torch.nn.functional.avg_pool2d(true, 3, 1, 1)
    one, two, three = (critic.look_at(seeing, latents) for latents in (true, elsewhere, blurred))
    assert eye.compare_looks(two, one) < 0.4 * eye.compare_looks(three, one)
    assert eye.compare_looks(one, one) == 0


def test_the_touch_tells_blurred_pictures_from_sharp_ones_wherever_things_lie():
    torch.manual_seed(2)
    true = torch.rand(2, 3, 64, 64)
    elsewhere, blurred = true.roll((7, 11), (2, 3)), torch.nn.functional.avg_pool2d(true, 3, 1, 1)
    unlike = [float(touch.compare(touch.halve(made), touch.halve(true))) for made in (elsewhere, blurred)]
    assert unlike[0] < 0.4 * unlike[1]
    assert touch.compare(touch.halve(true), touch.halve(true)) == 0


def test_the_critic_learns_to_tell_drawn_from_dreamed_and_moves_only_itself(pictures, look):
    torch.manual_seed(1)
    judging, entries = critic.Critic(), pictures.take(4, torch.Generator().manual_seed(9))
    told, true = critic.tell(entries), critic.look_at(look, entries['latent'])
    dreamed = (0.3 * torch.randn_like(entries['latent'])).requires_grad_()
    optimizer, losses = torch.optim.Adam(judging.parameters(), 1e-3), []
    for _ in range(6):
        learning, _ = critic.hinge(judging, critic.look_at(look, dreamed), true, told)
        optimizer.zero_grad()
        learning.backward()
        optimizer.step()
        losses.append(float(learning.detach()))
    assert losses[-1] < losses[0] and dreamed.grad is None


def test_the_critic_moves_the_dream_and_not_itself(pictures, look):
    judging, entries = critic.Critic(), pictures.take(4, torch.Generator().manual_seed(9))
    dreamed = entries['latent'].clone().requires_grad_()
    _, wrong = critic.hinge(judging, critic.look_at(look, dreamed), critic.look_at(look, entries['latent']),
                            critic.tell(entries))
    wrong.backward()
    assert dreamed.grad.abs().sum() > 0 and all(value.grad is None for value in judging.parameters())


def test_a_touched_decoder_learns_and_leaves_the_encoder_as_it_is(pictures, tmp_path, tokenizer, vae):
    torch.manual_seed(1)
    unet, telling = build_unet().eval(), Words(tokenizer).eval()
    examples = touch.make_examples(Training(tmp_path), pictures, unet, telling, 4)

    def error(steps):
        at = Training(tmp_path / str(steps))
        model = touch.finish_decoder(at, pictures, unet, telling, copy.deepcopy(vae), steps)
        assert torch.equal(values_of(model.encoder), values_of(vae.encoder))
        with torch.inference_mode():
            return float(autoencoder.picture_loss(model.decoder(examples.drawn), examples.pictures))
    assert error(12) < 0.95 * error(0)


def test_examples_show_one_picture_drawn_and_dreamt(pictures, tmp_path, tokenizer):
    at, telling = Training(tmp_path), Words(tokenizer).eval()
    pool = touch.make_examples(at, pictures, build_unet().eval(), telling, 4)
    cut = touch.crop(pool, at.generator)
    assert [part.shape[1:] for part in cut] == [(3, 64, 64), (8, 8, 8), (8, 8, 8)]
    stored = torch.from_numpy(np.asarray(pictures.fields['latent'])).float()
    assert all((latent == stored).flatten(1).all(1).any() for latent in pool.drawn)


@pytest.mark.parametrize(('code', 'wanted'), [(3, {3: 1.0}), (len(FAMILIES) * 6 + 3, {3: 0.5, 5: 0.5})])
def test_a_blend_of_two_families_is_half_of_each(code, wanted):
    assert eye.shares(torch.tensor([code]))[0].nonzero()[:, 0].tolist() == sorted(wanted)
    assert all(eye.shares(torch.tensor([code]))[0, family] == share for family, share in wanted.items())


def test_a_loss_that_is_not_finite_changes_nothing(tmp_path):
    layer = torch.nn.Linear(2, 2)
    before = values_of(layer)
    stage = Training(tmp_path).begin('layer', {'layer': layer}, 1.0, 1)
    stage.step(layer(torch.full((1, 2), torch.inf)).sum())
    stage.end()
    assert stage.done == 1 and torch.equal(values_of(layer), before)


def test_the_written_folder_dreams_on_stage(folder):
    from live.conditioning.prompts import PromptBook
    from live.diffusion.turbo import Turbo
    from live.params import Board
    model = load_model(str(folder), 'cpu', progress=lambda words: None)
    page = PromptBook(model.tokenizer, model.text_encoder).encode('slow blue dust')
    picture = Turbo(model).dream(Conditioning(np.concatenate((page, page)), 0.5, 0.0, 512), Board())
    assert picture.shape == (256, 256, 4) and model.prompts


def test_diffusers_own_pipeline_reads_the_written_folder(folder):
    from diffusers import StableDiffusionPipeline

    from live.diffusion.models import quiet
    with quiet():
        pipeline = StableDiffusionPipeline.from_pretrained(str(folder), low_cpu_mem_usage=False)
    pipeline.set_progress_bar_config(disable=True)
    said = pipeline('slow blue dust', num_inference_steps=1, guidance_scale=0.0, output_type='np').images
    assert said.shape == (1, 256, 256, 3) and np.isfinite(said).all()


def test_words_keep_their_tokens_in_the_written_folder(folder, tokenizer):
    from transformers import AutoTokenizer
    text = ' '.join(VOCABULARY[:40])
    assert AutoTokenizer.from_pretrained(str(folder / 'tokenizer'))(text)['input_ids'] == tokenizer(text)['input_ids']


def test_one_command_makes_a_model_from_nothing(tmp_path):
    from live.__main__ import main
    from live.studio.train.command import STEPS
    steps = [word for stage in STEPS for word in (f'--{stage}-steps', '1')]
    out = tmp_path / 'embedded'
    assert main(['studio', 'train', '--folder', str(tmp_path / 'work'), '--out', str(out), '--pictures', '4',
                 *steps]) == 0
    assert load_model(str(out), 'cpu', progress=lambda words: None).prompts
