"""Small models of every kind of Stable Diffusion, made by diffusers' own classes, played by ours."""
import dataclasses
import shutil

import pytest

from live.conditioning.prompts import PromptBook
from live.diffusion import models
from live.diffusion.hub import ModelError
from live.diffusion.models import load_model, make_model, quiet, save_model
from live.diffusion.random_models import SCHEDULE, TINY, build_random
from live.diffusion.step import Step

PROMPT = 'dust in the light'


def make_unet(**changes):
    from diffusers import UNet2DConditionModel
    return UNet2DConditionModel(**TINY['unet'] | changes).eval()


def make_kl(**changes):
    from diffusers import AutoencoderKL
    return AutoencoderKL(block_out_channels=(8,) * 4, latent_channels=4, norm_num_groups=4,
                         down_block_types=['DownEncoderBlock2D'] * 4, up_block_types=['UpDecoderBlock2D'] * 4,
                         **changes).eval()


def make_second_encoder(tokenizer):
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection
    words = {'vocab_size': len(tokenizer), 'bos_token_id': tokenizer.bos_token_id,
             'eos_token_id': tokenizer.eos_token_id, 'pad_token_id': tokenizer.pad_token_id}
    sizes = TINY['text_encoder'] | {'hidden_size': 32, 'projection_dim': 32}
    return CLIPTextModelWithProjection(CLIPTextConfig(**words | sizes)).eval()


def make_parts(kind):
    """Return the components of a small model built as the models of this name are."""
    import diffusers
    parts = build_random('random:tiny', seed=1) | {'safety_checker': None, 'feature_extractor': None}
    trailing = {key: value for key, value in SCHEDULE.items() if key != 'clip_sample'}
    if kind == 'sd 1.5':
        parts |= {'unet': make_unet(use_linear_projection=False, attention_head_dim=8), 'vae': make_kl(),
                  'scheduler': diffusers.PNDMScheduler(**trailing | {'timestep_spacing': 'leading'})}
    if kind == 'sd 1.5 lcm':
        parts |= {'unet': make_unet(time_cond_proj_dim=32), 'scheduler': diffusers.LCMScheduler(**SCHEDULE)}
    if kind == 'sd 2.1':
        parts |= {'vae': make_kl(), 'scheduler': diffusers.DDIMScheduler(**SCHEDULE, prediction_type='v_prediction')}
    if kind == 'sdxs':
        parts |= {'unet': make_unet(mid_block_type=None), 'scheduler': diffusers.EulerDiscreteScheduler(**trailing)}
    if kind == 'sdxl':
        sizes = {'addition_embed_type': 'text_time', 'addition_time_embed_dim': 8,
                 'projection_class_embeddings_input_dim': 32 + 6 * 8, 'cross_attention_dim': 96}
        parts |= {'unet': make_unet(**sizes), 'vae': make_kl(scaling_factor=0.13025),
                  'tokenizer_2': parts['tokenizer'], 'text_encoder_2': make_second_encoder(parts['tokenizer']),
                  'scheduler': diffusers.EulerAncestralDiscreteScheduler(**trailing)}
    return parts


@pytest.fixture(scope='module')
def saved(tmp_path_factory):
    """A function: kind -> (diffusers' own pipeline, the folder it has written)."""
    import diffusers
    import torch
    made = {}

    def make(kind):
        if kind not in made:
            path = tmp_path_factory.mktemp('kinds') / kind.replace(' ', '-')
            torch.manual_seed(5)
            parts = make_parts(kind)
            with quiet():
                if kind == 'sdxl':
                    parts = {key: part for key, part in parts.items() if part is not None}
                    pipeline = diffusers.StableDiffusionXLPipeline(**parts, add_watermarker=False)
                elif kind == 'sd 1.5 lcm':
                    pipeline = diffusers.LatentConsistencyModelPipeline(**parts, requires_safety_checker=False)
                else:
                    pipeline = diffusers.StableDiffusionPipeline(**parts, requires_safety_checker=False)
                pipeline.save_pretrained(path)
            pipeline.set_progress_bar_config(disable=True)
            made[kind] = pipeline, path
        return made[kind]
    return make


def dream_once(model, noise):
    book = PromptBook(model.tokenizer, model.text_encoder)
    return Step(model).dream(noise * 0, noise, 1.0, book.encode(PROMPT).copy())[0]


KINDS = ['sd 1.5', 'sd 1.5 lcm', 'sd 2.1', 'sdxs', 'sdxl']


@pytest.mark.parametrize('kind', KINDS)
def test_one_step_from_noise_is_what_diffusers_own_pipeline_makes(saved, kind):
    import diffusers
    import torch
    pipeline, path = saved(kind)
    model = load_model(str(path), 'cpu')
    noise = torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(1))
    ours = dream_once(model, noise)
    if kind != 'sd 1.5 lcm':    # one step of DDIM from the last timestep is x0, without the noise of other schedulers
        pipeline.scheduler = diffusers.DDIMScheduler(**SCHEDULE, prediction_type=model.prediction_type)
    theirs = pipeline(PROMPT, num_inference_steps=1, guidance_scale=8.5 if kind == 'sd 1.5 lcm' else 0.0,
                      latents=noise * (1 - model.alphas_cumprod[-1]) ** 0.5, output_type='latent',
                      height=128, width=128).images
    assert torch.allclose(ours, theirs, atol=1e-3 * float(theirs.abs().max()))


def test_two_encoders_answer_as_diffusers_does_whatever_the_length(saved):
    import torch
    pipeline, path = saved('sdxl')
    model = load_model(str(path), 'cpu')
    book = PromptBook(model.tokenizer, model.text_encoder)
    for prompt in ('', PROMPT, 'very ' * 100):
        rows, _, pooled, _ = pipeline.encode_prompt(prompt, do_classifier_free_guidance=False)
        page = torch.from_numpy(book.encode(prompt).copy())
        assert page.shape == (77, 96)
        assert torch.allclose(page[1:], rows[0, 1:].detach(), atol=1e-5)
        assert torch.allclose(page[0, :32], pooled[0].detach(), atol=1e-5) and not page[0, 32:].any()


def test_the_pooled_embedding_counts_and_several_texts_may_follow_each_other(saved):
    import torch
    model = load_model(str(saved('sdxl')[1]), 'cpu')
    page = torch.from_numpy(PromptBook(model.tokenizer, model.text_encoder).encode(PROMPT).copy())[None]
    other, twice = page.clone(), torch.cat((page, page), 1)
    other[:, 0] += 1.0
    with torch.inference_mode():
        said, changed, again = (model.unet(torch.ones(1, 4, 16, 16), 500, encoder_hidden_states=rows)[0]
                                for rows in (page, other, twice))
    assert torch.allclose(said, again, atol=1e-5)       # attention is a mean over a set: twice the same is the same
    assert (said - changed).abs().max() > 1e-3


@pytest.mark.parametrize('kind', ['sd 2.1', 'sdxl'])
def test_what_was_saved_by_us_loads_again(saved, kind, tmp_path):
    model = dataclasses.replace(load_model(str(saved(kind)[1]), 'cpu'), prompts=('red sand', 'a bell'))
    save_model(model, tmp_path / 'again')
    again = load_model(str(tmp_path / 'again'), 'cpu')
    assert (again.width, again.scaling_factor, again.prompts) == (model.width, model.scaling_factor, model.prompts)
    assert again.prediction_type == model.prediction_type


def test_a_second_encoder_that_is_named_but_not_there_is_missed(saved, tmp_path):
    path = shutil.copytree(saved('sdxl')[1], tmp_path / 'half')
    shutil.rmtree(path / 'text_encoder_2')
    with pytest.raises(ModelError, match='half: text_encoder_2/config.json is missing'):
        load_model(str(path), 'cpu')


@pytest.mark.parametrize('changes, words', [
    ({'in_channels': 9},                                             'takes 9 channels and gives 4'),
    ({'class_embed_type': 'timestep'},                               'something besides the text'),
    ({'cross_attention_dim': 48},                                    '64 wide and the UNet wants 48'),
    ({'addition_embed_type': 'text_time', 'addition_time_embed_dim': 8,
      'projection_class_embeddings_input_dim': 80},                  'something besides the text'),
])
def test_a_network_that_wants_something_else_is_refused_in_one_sentence(changes, words):
    with pytest.raises(ModelError, match=words):
        make_model('odd', build_random('random:tiny') | {'unet': make_unet(**changes)}, 'cpu')


def test_a_scheduler_without_a_noise_table_is_refused():
    from diffusers import FlowMatchEulerDiscreteScheduler
    with pytest.raises(ModelError, match='FlowMatchEulerDiscreteScheduler has no noise table'):
        make_model('flow', build_random('random:tiny') | {'scheduler': FlowMatchEulerDiscreteScheduler()}, 'cpu')


@pytest.mark.parametrize('kind, upcast, wide', [('sdxl', True, True), ('sdxl', False, False), ('sd 1.5', True, False)])
def test_an_autoencoder_that_overflows_in_float16_stays_in_float32(kind, upcast, wide):
    import torch
    parts = make_parts(kind) | {'vae': make_kl(force_upcast=upcast)}
    models._move(parts, 'cpu', torch.float16)
    assert parts['unet'].dtype == parts['text_encoder'].dtype == torch.float16
    assert parts['vae'].dtype == (torch.float32 if wide else torch.float16)
