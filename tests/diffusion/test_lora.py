import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from live.diffusion.hub import ModelError
from live.diffusion.lora import Lora, LoraError, fuse, parse_lora
from live.diffusion.models import load_model
from live.diffusion.random_models import TINY, build_random

ATTENTION = 'down_blocks.0.attentions.0.transformer_blocks.0.attn1'
SELF = 'encoder.layers.0.self_attn.q_proj'
RANK = 4


@pytest.fixture
def parts():
    return build_random('random:tiny', seed=2)


@pytest.fixture
def save(tmp_path):
    """A function: tensors -> a Lora of a file that holds them."""
    def write(tensors, weight=1.0, name='lines.safetensors'):
        save_file({key: torch.as_tensor(tensor).clone() for key, tensor in tensors.items()}, tmp_path / name)
        return Lora(tmp_path / name, weight)
    return write


def pieces(weight, rank=RANK):
    """Return random down and up for a weight, as a convolution has them for a convolution."""
    generator = torch.Generator().manual_seed(weight.numel())
    down = torch.randn(rank, *weight.shape[1:], generator=generator)
    up = torch.randn(weight.shape[0], rank, *[1] * (weight.dim() - 2), generator=generator)
    return down, up


def added(before, after):
    return (after - before).flatten(1)


# how the same change of attention, feed-forward, a convolution and the text encoder is spelt
DIALECTS = {
    'kohya': ('lora_unet_{}', 'lora_te_text_model_{}', '_', ('.lora_down.weight', '.lora_up.weight')),
    'diffusers': ('unet.{}', 'text_encoder.text_model.{}', '.', ('.lora.down.weight', '.lora.up.weight')),
    'peft': ('unet.{}', 'text_encoder.{}', '.', ('.lora_A.weight', '.lora_B.weight')),
}
PLACES = (('unet', ATTENTION + '.to_q'), ('unet', ATTENTION + '.to_out.0'),
          ('unet', ATTENTION.replace('attn1', 'ff') + '.net.0.proj'), ('unet', 'down_blocks.0.resnets.0.conv1'),
          ('unet', 'mid_block.attentions.0.proj_in'), ('text_encoder', SELF))


def find(parts, component, name):
    model = parts[component]
    return (getattr(model, 'text_model', model) if component == 'text_encoder' else model).get_submodule(name).weight


@pytest.mark.parametrize('dialect', DIALECTS)
@pytest.mark.parametrize('component, name', PLACES)
def test_every_dialect_adds_up_times_down(parts, save, dialect, component, name):
    unet, text, joint, ends = DIALECTS[dialect]
    weight = find(parts, component, name)
    before, (down, up) = weight.detach().clone(), pieces(weight)
    key = (unet if component == 'unet' else text).format(name.replace('.', joint))
    assert "changes 1 of the model's weights" in fuse(parts, save({key + ends[0]: down, key + ends[1]: up}, weight=0.5))
    assert torch.allclose(added(before, weight), 0.5 * up.flatten(1) @ down.flatten(1), atol=1e-5)


def test_alpha_over_rank_scales(parts, save):
    weight = find(parts, 'unet', ATTENTION + '.to_q')
    before, (down, up) = weight.detach().clone(), pieces(weight)
    key = 'lora_unet_' + (ATTENTION + '.to_q').replace('.', '_')
    fuse(parts, save({key + '.lora_down.weight': down, key + '.lora_up.weight': up, key + '.alpha': np.float32(1.0)}))
    assert torch.allclose(added(before, weight), up @ down / RANK, atol=1e-5)


def test_old_attention_processors_are_understood(parts, save):
    weight = find(parts, 'unet', ATTENTION + '.to_out.0')
    before, (down, up) = weight.detach().clone(), pieces(weight)
    key = f'{ATTENTION}.processor.to_out_lora'
    fuse(parts, save({key + '.down.weight': down, key + '.up.weight': up}))
    assert torch.allclose(added(before, weight), up @ down, atol=1e-5)


def test_the_other_names_of_sdxls_blocks_are_understood(save):
    from diffusers import UNet2DConditionModel
    unet = UNet2DConditionModel(**TINY['unet'] | {
        'layers_per_block': 2, 'block_out_channels': (8, 16, 16),
        'down_block_types': ('DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'),
        'up_block_types': ('CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D')})
    weight = unet.down_blocks[1].attentions[0].transformer_blocks[0].attn2.to_k.weight
    before, (down, up) = weight.detach().clone(), pieces(weight)
    key = 'lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k'
    fuse({'unet': unet}, save({key + '.lora_down.weight': down, key + '.lora_up.weight': up}))
    assert torch.allclose(added(before, weight), up @ down, atol=1e-5)


def test_what_the_model_does_not_have_is_told(parts, save):
    down, up = pieces(find(parts, 'unet', ATTENTION + '.to_q'))
    keys = {f'unet.{place}.lora_{side}.weight': tensor for place in (ATTENTION + '.to_q', 'up_blocks.7.to_q')
            for side, tensor in (('A', down), ('B', up))}
    said = fuse(parts, save(keys))
    assert said == "lines.safetensors at 1 changes 1 of the model's weights, and has 1 for none of them"


def test_a_lora_of_another_width_changes_nothing_and_says_so(parts, save):
    good, wide = ATTENTION + '.to_q', ATTENTION.replace('attn1', 'attn2') + '.to_k'
    down, up = pieces(find(parts, 'unet', good))
    before = find(parts, 'unet', good).detach().clone()
    tensors = {f'unet.{good}.lora_A.weight': down, f'unet.{good}.lora_B.weight': up,
               f'unet.{wide}.lora_A.weight': torch.zeros(RANK, 768), f'unet.{wide}.lora_B.weight': up}
    with pytest.raises(LoraError, match='made for another kind of model.* x 768 there and .* x 64 here'):
        fuse(parts, save(tensors))
    assert find(parts, 'unet', good).equal(before)


@pytest.mark.parametrize('key, words', [
    ('lora_unet_x.hada_w1_a', 'is a LoHa, and only plain LoRA'), ('unet.conv_in.weight', 'no LoRA of the plain kind'),
    ('unet.nowhere.lora_A.weight', 'fits no part of this model')])
def test_what_is_no_plain_lora_is_named(parts, save, key, words):
    with pytest.raises(LoraError, match=words) as caught:
        fuse(parts, save({key: torch.zeros(RANK, 8)}))
    assert '\n' not in str(caught.value)


def test_a_torn_file_is_named(parts, tmp_path):
    (tmp_path / 'torn.safetensors').write_bytes(b'\x10\x00\x00\x00\x00\x00\x00\x00{"x')
    with pytest.raises(LoraError, match='torn.safetensors cannot be read'):
        fuse(parts, Lora(tmp_path / 'torn.safetensors'))


def test_a_lora_that_does_not_fit_is_left_out_and_the_model_plays(save, tiny):
    said, lora = [], save({'unet.nowhere.lora_A.weight': torch.zeros(RANK, 8)})
    model = load_model('random:tiny', 'cpu', said.append, (lora,))
    assert model.unet.conv_in.weight.equal(tiny.unet.conv_in.weight)
    assert 'it is left out' in said[-1]


def test_a_lora_is_told_and_changes_the_model(save, tiny, parts):
    down, up = pieces(find(parts, 'unet', ATTENTION + '.to_q'))
    said, lora = [], save({f'unet.{ATTENTION}.to_q.lora_A.weight': down, f'unet.{ATTENTION}.to_q.lora_B.weight': up})
    model = load_model('random:tiny', 'cpu', said.append, (lora,))
    assert said[-1] == "lines.safetensors at 1 changes 1 of the model's weights"
    assert not find({'unet': model.unet}, 'unet', ATTENTION + '.to_q').equal(
        find({'unet': tiny.unet}, 'unet', ATTENTION + '.to_q'))


def test_path_and_weight_are_read(save):
    path = save({}).path
    assert parse_lora(str(path)) == Lora(path, 1.0)
    assert parse_lora(f'{path}:-0.5') == Lora(path, -0.5)


@pytest.mark.parametrize('text, words', [
    ('lines.ckpt', 'is pickled'), ('lines.bin:0.5', 'is pickled'), ('nowhere.safetensors', 'there is no LoRA file'),
    ('nowhere:lines.safetensors', 'there is no LoRA file nowhere:lines'), ('', 'there is no LoRA file')])
def test_what_is_not_there_or_pickled_is_refused_at_once(text, words):
    with pytest.raises(ModelError, match=words):
        parse_lora(text)
