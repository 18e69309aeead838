"""True architectures with random weights, for tests, benches and machines without weights: no download, no meaning.

random:tiny is small enough to dream on a laptop's processor; random:sd-turbo has every size of SD-Turbo with TAESD, and
so its speed and memory. The same seed gives the same weights. Runs on the dream's thread; imports torch and diffusers
inside the functions. The tokenizer is a real CLIP tokenizer over bytes and the commonest pairs of English letters.
"""
import json
import tempfile
from pathlib import Path
from typing import Any

SCHEDULE: dict[str, Any] = {
    'num_train_timesteps': 1000, 'beta_start': 0.00085, 'beta_end': 0.012, 'beta_schedule': 'scaled_linear',
    'timestep_spacing': 'trailing', 'steps_offset': 1, 'clip_sample': False}
PAIRS = ('th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri '
         'ro ic ne ea ra ce li ch ll be ma si om ur').split()
BOS, EOS = '<|startoftext|>', '<|endoftext|>'

TINY: dict[str, dict[str, Any]] = {
    'unet': {'sample_size': 16, 'block_out_channels': (32, 64), 'layers_per_block': 1, 'cross_attention_dim': 64,
             'down_block_types': ('CrossAttnDownBlock2D', 'DownBlock2D'),
             'up_block_types': ('UpBlock2D', 'CrossAttnUpBlock2D'), 'norm_num_groups': 8, 'attention_head_dim': 4,
             'use_linear_projection': True},
    'vae': {'encoder_block_out_channels': (16,) * 4, 'decoder_block_out_channels': (16,) * 4,
            'num_encoder_blocks': (1, 1, 1, 1), 'num_decoder_blocks': (1, 1, 1, 1)},
    'text_encoder': {'hidden_size': 64, 'intermediate_size': 128, 'num_hidden_layers': 2, 'num_attention_heads': 4,
                     'hidden_act': 'gelu', 'projection_dim': 64},
}
SD_TURBO: dict[str, dict[str, Any]] = {
    'unet': {'sample_size': 64, 'block_out_channels': (320, 640, 1280, 1280), 'layers_per_block': 2,
             'cross_attention_dim': 1024, 'attention_head_dim': (5, 10, 20, 20), 'use_linear_projection': True},
    'vae': {},                              # AutoencoderTiny's defaults are TAESD
    'text_encoder': {'vocab_size': 49408, 'hidden_size': 1024, 'intermediate_size': 4096, 'num_hidden_layers': 23,
                     'num_attention_heads': 16, 'hidden_act': 'gelu', 'projection_dim': 512},
}


def build_random(name: str, seed: int = 0, prediction_type: str = 'epsilon') -> dict[str, Any]:
    """[dream] Return the components of 'random:tiny' or 'random:sd-turbo' by their folder names."""
    import torch
    from diffusers import AutoencoderTiny, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel
    sizes = TINY if name == 'random:tiny' else SD_TURBO
    tokenizer = build_tokenizer()
    words = {'vocab_size': len(tokenizer), 'bos_token_id': tokenizer.bos_token_id,
             'eos_token_id': tokenizer.eos_token_id, 'pad_token_id': tokenizer.pad_token_id}
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        unet: Any = UNet2DConditionModel(**sizes['unet'])
        vae: Any = AutoencoderTiny(**sizes['vae'])
        text_encoder = CLIPTextModel(CLIPTextConfig(**words | sizes['text_encoder']))
        _give_statistics(unet.eval(), vae.eval())
    return {'unet': unet, 'vae': vae, 'text_encoder': text_encoder, 'tokenizer': tokenizer,
            'scheduler': DDIMScheduler(**SCHEDULE, prediction_type=prediction_type)}


def _give_statistics(unet, vae) -> None:
    """Scale the last layers so that outputs spread as trained ones do: untrained, every picture is nearly black."""
    import torch
    latent = torch.randn(1, unet.config.in_channels, 16, 16)
    embedding = torch.randn(1, 77, unet.config.cross_attention_dim)
    _fit(unet.conv_out, unet(latent, 500, embedding).sample, mean=0.0, std=1.0)
    _fit(vae.encoder.layers[-1], vae.encode(torch.rand(1, 3, 128, 128) * 2 - 1).latents, mean=0.0, std=1.0)
    _fit(vae.decoder.layers[-1], vae.decode(latent).sample / 2 + 0.5, mean=0.5, std=0.22)


def _fit(layer, said, mean: float, std: float) -> None:
    """Change the last layer so that `said`, its output, would have this mean and deviation in every channel."""
    gain = std / said.std((0, 2, 3))
    layer.weight.mul_(gain[:, None, None, None])
    layer.bias.copy_((layer.bias - said.mean((0, 2, 3))) * gain + mean)


def build_tokenizer() -> Any:
    """Return a CLIPTokenizer over bytes and PAIRS, read from files as any other."""
    from transformers import CLIPTokenizer
    with tempfile.TemporaryDirectory() as folder:
        write_tokenizer(Path(folder))
        return CLIPTokenizer.from_pretrained(folder)


def write_tokenizer(folder: Path) -> None:
    """Write vocab.json, merges.txt and tokenizer_config.json of a small CLIP vocabulary."""
    letters = byte_letters()
    merges = [tuple(pair) for pair in PAIRS] + [(pair[0], pair[1] + '</w>') for pair in PAIRS]
    vocabulary = [*letters, *(letter + '</w>' for letter in letters), *map(''.join, merges), BOS, EOS]
    texts = {'vocab.json': json.dumps({word: index for index, word in enumerate(vocabulary)}),
             'merges.txt': '\n'.join(['#version: 0.2', *map(' '.join, merges), '']),
             'tokenizer_config.json': json.dumps({'tokenizer_class': 'CLIPTokenizer', 'model_max_length': 77})}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding='utf-8')


def byte_letters() -> list[str]:
    """Return the letters that stand for the bytes 0..255 in byte-level vocabularies (as GPT-2 chose them)."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    hidden = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) if byte in printable else chr(256 + hidden.index(byte)) for byte in range(256)]
