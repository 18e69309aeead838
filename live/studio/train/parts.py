"""The shipped model's parts, small and untrained: what each is made of, in diffusers' and transformers' own classes.

    autoencoder   256x256 pictures <-> latents 32x32x8, of about unit variance in every channel
    UNet          5.6 M weights; says v; reads (154, 128): words, then words mixed with sound
    text encoder  CLIP's, two layers, 128 wide, 77 tokens
    tokenizer     one token a word, the picture maker's own words

Knows nothing of training.
"""
import json
from pathlib import Path
from typing import Any

from live.diffusion.hub import HEARS

LATENT_CHANNELS, SCALE, SIZE = 8, 8, 256        # a latent's pixel stands for 8x8 of a picture
WIDTH, TOKENS = 128, 77
SCHEDULE: dict[str, Any] = {
    'num_train_timesteps': 1000, 'beta_start': 0.00085, 'beta_end': 0.012, 'beta_schedule': 'scaled_linear',
    'timestep_spacing': 'trailing', 'steps_offset': 1, 'clip_sample': False, 'prediction_type': 'v_prediction'}
SPECIAL = ('<pad>', '<start>', '<end>', '<unknown>')
LETTERS_ALONE = r'[^a-z ]'


def drawing_noise(noise: Any) -> Any:
    """Return the noise (n, 16, rows / 2, columns / 2) that a picture is drawn from; noise: (n, 8, rows, columns)."""
    from torch.nn.functional import pixel_unshuffle
    return pixel_unshuffle(noise[:, :LATENT_CHANNELS // 2], 2)


def build_autoencoder() -> Any:
    from diffusers import AutoencoderTiny
    return AutoencoderTiny(
        encoder_block_out_channels=(32,) * 4, decoder_block_out_channels=(32,) * 4, latent_channels=LATENT_CHANNELS,
        num_encoder_blocks=(1, 1, 3, 3), num_decoder_blocks=(3, 3, 1, 1))


def build_unet() -> Any:
    from diffusers import UNet2DConditionModel
    return UNet2DConditionModel(
        sample_size=SIZE // SCALE, in_channels=LATENT_CHANNELS, out_channels=LATENT_CHANNELS,
        block_out_channels=(64, 96, 128), layers_per_block=1, cross_attention_dim=WIDTH, attention_head_dim=4,
        down_block_types=('DownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'),
        up_block_types=('CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'UpBlock2D'), norm_num_groups=16,
        use_linear_projection=True, addition_embed_type='text', addition_embed_type_num_heads=4,
        resnet_time_scale_shift='scale_shift')


def build_text_encoder(tokenizer: Any) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=2 * WIDTH, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=TOKENS, hidden_act='gelu', projection_dim=WIDTH,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id))


def build_tokenizer(words: tuple[str, ...]) -> Any:
    """Return a tokenizer that knows these words, whole, in lower case; all else is '<unknown>'."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast
    vocabulary = {word: index for index, word in enumerate((*SPECIAL, *words))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIAL[3]))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Lowercase(), normalizers.Replace(Regex(LETTERS_ALONE), ' ')])
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f'{SPECIAL[1]} $A {SPECIAL[2]}', special_tokens=[(SPECIAL[1], 1), (SPECIAL[2], 2)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=SPECIAL[0], bos_token=SPECIAL[1], eos_token=SPECIAL[2],
        unk_token=SPECIAL[3], model_max_length=TOKENS)


def save_folder(folder: Path, parts: dict[str, Any], prompts: tuple[str, ...]) -> None:
    """Write the parts as a model folder in diffusers' format, weights as float16, and its prompts, one a line."""
    import torch
    from diffusers import DDIMScheduler
    from diffusers import __version__ as version
    index: dict[str, Any] = {
        '_class_name': 'StableDiffusionPipeline', '_diffusers_version': version, HEARS: True,
        'feature_extractor': [None, None], 'safety_checker': [None, None], 'requires_safety_checker': False}
    for name, part in {**parts, 'scheduler': DDIMScheduler(**SCHEDULE)}.items():
        if name in ('unet', 'vae', 'text_encoder'):
            part = part.to(torch.float16)
        part.save_pretrained(folder / name)
        if name == 'text_encoder':
            _widen(folder / name / 'config.json')
        library = 'transformers' if name in ('text_encoder', 'tokenizer') else 'diffusers'
        index[name] = [library, 'PreTrainedTokenizerFast' if name == 'tokenizer' else type(part).__name__]
    (folder / 'model_index.json').write_text(json.dumps(index, indent=2) + '\n', encoding='utf-8')
    (folder / 'prompts.txt').write_text('\n'.join(prompts) + '\n', encoding='utf-8')


def _widen(config: Path) -> None:
    """Have transformers read weights as float32, as diffusers does: it would keep the format they were written in."""
    told = json.loads(config.read_text(encoding='utf-8'))
    config.write_text(json.dumps({**told, 'dtype': 'float32'}, indent=2) + '\n', encoding='utf-8')
