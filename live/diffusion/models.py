"""Where the dream's weights come from: names -> a Model of diffusers' components and its noise table.

In: the name given to --model, or a folder. Out: (what to load, why) at once, and later a Model, loaded on the dream's
thread. Any model in diffusers' format is taken by its own configuration; nothing pickled is ever read, and nothing is
downloaded unless it is asked for by name. torch, diffusers and transformers are imported inside the functions, so that
the sound starts without them. Knows nothing of frames, prompts or parameters.
"""
import json
import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from live.diffusion.encoders import TwoEncoders, hook_guidance, hook_pooled
from live.diffusion.hub import (COMPONENTS, HEARS, PICKLES, SD_TURBO, SD_TURBO_REVISION, TAESD, TAESD_FILES,
                                ModelError, Say, fetch, find_missing, find_pickle, first_line, is_cached,
                                list_components, read_index, read_prompts)
from live.diffusion.libraries import import_libraries
from live.diffusion.lora import Lora, LoraError, fuse
from live.params import hint

EMBEDDED = Path(__file__).resolve().parents[1] / 'embedded'
LICENCE = ('SD-Turbo: Stability AI Community License, free below 1 million USD of annual revenue '
           '(https://stability.ai/license); TAESD: MIT License')
RANDOM = ('random:tiny', 'random:sd-turbo')
NAMES = ('auto', 'embedded', 'sd-turbo', 'off', *RANDOM)
HUB_ID = re.compile(r'[\w.-]+/[\w.-]+')
PREDICTIONS = ('epsilon', 'v_prediction', 'sample')
SMALL = 64 << 20        # bytes of a file that is read as a whole: safetensors loses 200 for each tensor of a mapped one
KINDS = 'the Stable Diffusion 1, 2, XL and Turbo kinds'


@dataclass(frozen=True)
class Model:
    """Everything one dream is computed with.

    alphas_cumprod: (T,) float64, the share of signal at each timestep; prediction_type: what the UNet's output means.
    width: channels of an embedding; tokens: rows of a prompt's embedding. size: pixels a side it was made for.
    latent_channels, vae_scale_factor: shape of a latent against its picture; scaling_factor: of the latents' values.
    reason: why this device and number format. prompts: what it was made for, () where it does not say.
    hears: whether it was trained with sound in its embeddings, as conditioning/tokens.py writes it.
    """
    name: str
    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    scheduler: Any
    alphas_cumprod: np.ndarray
    prediction_type: str
    device: str
    dtype: Any
    width: int
    tokens: int
    size: int
    latent_channels: int
    vae_scale_factor: int
    scaling_factor: float
    reason: str
    prompts: tuple[str, ...] = ()
    hears: bool = False


def choose_model(name: str) -> tuple[str, str]:
    """Return what to load ('off', a name of NAMES, a folder or a hub id) and why; raise ModelError for an unknown name.

    [any] Downloads nothing. Imports torch only when SD-Turbo's weights are here and only the device is in question.
    """
    if name == 'auto':
        return _choose_automatically()
    if name == 'embedded' and not _is_model(EMBEDDED):
        raise ModelError(f'the embedded model is not here: {EMBEDDED.name}/model_index.json is missing; '
                         'play with --model auto or off')
    if name in NAMES:
        return name, f'{name}, as asked'
    if Path(name).expanduser().is_dir():
        return name, f'the folder {Path(name).name}, as asked'
    if Path(name).suffix in PICKLES:
        raise ModelError(f'{Path(name).name} is pickled, and nothing pickled is ever loaded; '
                         'give a folder in diffusers format')
    if Path(name).suffix == '.safetensors':
        raise ModelError(f'{Path(name).name} is a model in one file; give a folder in diffusers format '
                         '(StableDiffusionPipeline.from_single_file(...).save_pretrained(...) makes one)')
    if HUB_ID.fullmatch(name) and name[0] not in './~':
        return name, f'{name} from the Hugging Face hub, as asked'
    raise ModelError(f'there is no model {name!r}{hint(name, NAMES)} (known: {", ".join(NAMES)}; or a folder with a '
                     'model_index.json, or a hub id such as stabilityai/sd-turbo)')


def _choose_automatically() -> tuple[str, str]:
    cached = is_cached()
    if cached and (device := find_device()[0]) != 'cpu':
        return 'sd-turbo', f'sd-turbo, because its weights and {device} are here'
    lack = 'no GPU is here' if cached else 'the weights of SD-Turbo are not here'
    if _is_model(EMBEDDED):
        return 'embedded', f'embedded, because {lack}'
    return 'off', (f'off, because {lack} and no model came with the project; the shader carries the picture'
                   + ('' if cached else ' (--model sd-turbo fetches them)'))


def list_fallbacks(name: str) -> tuple[str, ...]:
    """Return what can be loaded in place of a model that cannot be played: the embedded one, where it is."""
    return ('embedded',) if name not in ('embedded', 'off') and _is_model(EMBEDDED) else ()


def find_device(wanted: str = 'auto') -> tuple[str, str]:
    """Return the torch device to use and why."""
    import torch
    here = {'cpu': True, 'cuda': torch.cuda.is_available(), 'mps': torch.backends.mps.is_available()}
    if wanted != 'auto':
        if not here.get(wanted, False):
            raise ModelError(f'torch {torch.__version__} finds no device {wanted!r} (found: '
                             f'{", ".join(name for name in here if here[name])})')
        return wanted, f'{wanted}, as asked'
    if here['cuda']:
        return 'cuda', f'cuda, because {torch.cuda.get_device_name()} is here'
    if here['mps']:
        return 'mps', 'mps, because this Mac has a GPU'
    return 'cpu', 'cpu, because torch found no GPU'


def load_model(name: str, device: str = 'auto', progress: Say | None = None, loras: tuple[Lora, ...] = ()) -> Model:
    """[dream] Load what `choose_model` returned; raise ModelError with one sentence when it cannot be.

    progress: called with a few words at each step; without it only SD-Turbo's licence is printed. A LoRA that does not
    fit is told there, and left out.
    """
    say = progress or (lambda words: None)
    import_libraries()
    title, parts = _load_parts(name, say, progress or print)
    for lora in loras:
        try:
            with quiet():
                say(fuse(parts, lora))
        except LoraError as error:
            say(f'{error}; it is left out')
    return make_model(title, parts, device)


def _load_parts(name: str, say: Say, tell_licence: Callable[[str], object]) -> tuple[str, dict[str, Any]]:
    if name in RANDOM:
        from live.diffusion.random_models import build_random
        say(f'building {name}')
        return name, build_random(name)
    if name == 'embedded':
        return name, load_folder(EMBEDDED, say)
    if Path(name).expanduser().is_dir():
        return Path(name).name, load_folder(Path(name).expanduser(), say)
    if name in ('sd-turbo', SD_TURBO):
        tell_licence(LICENCE)
        folder = fetch(SD_TURBO, SD_TURBO_REVISION, say, without=('vae',))
        return 'sd-turbo', load_folder(folder, say, vae_folder=fetch(TAESD, None, say, files=TAESD_FILES))
    return name, load_folder(fetch(name, None, say), say)


def load_folder(folder: Path, say: Say = print, vae_folder: Path | None = None) -> dict[str, Any]:
    """Return the components of a folder in diffusers' format, as its model_index.json says, 'prompts' and 'hears'.

    vae_folder: replaces its autoencoder.
    """
    index = read_index(folder)
    without = ('vae',) if vae_folder else ()
    if missing := find_missing(folder, without):
        if pickle := find_pickle((folder / missing).parent):
            raise ModelError(f'{folder.name}: {missing} is missing; {pickle} is pickled, and nothing pickled is ever '
                             'loaded: fetch the model with its safetensors')
        raise ModelError(f'{folder.name}: {missing} is missing; the model is incomplete: copy or fetch it again')
    parts: dict[str, Any] = {'prompts': read_prompts(folder), 'hears': index.get(HEARS) is True}
    for component in list_components(index):
        say(f'loading {component.replace("_", " ")}')
        place, kind = folder / component, _kind(folder, index, component) if component not in without else ''
        if component == 'vae' and vae_folder:
            place, kind = vae_folder, 'AutoencoderTiny'
        parts[component] = _load_component(folder, place, kind)
    return parts


def make_model(name: str, parts: dict[str, Any], device: str = 'auto') -> Model:
    """Return a Model of loaded components, moved to the device; float16 on GPUs, float32 elsewhere."""
    import torch
    check_parts(name, parts)
    device, reason = find_device(device)
    dtype = torch.float32 if device == 'cpu' else torch.float16
    _move(parts, device, dtype)
    unet, vae, scheduler, tokenizer = (parts[key] for key in ('unet', 'vae', 'scheduler', 'tokenizer'))
    text_encoder = parts['text_encoder']
    if 'text_encoder_2' in parts:
        text_encoder = TwoEncoders(text_encoder, parts['text_encoder_2'], tokenizer, parts['tokenizer_2'])
    tokens = min(tokenizer.model_max_length, text_encoder.config.max_position_embeddings)
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    size = int(unet.config.sample_size) * scale
    if 'text_encoder_2' in parts:
        hook_pooled(unet, text_encoder, tokenizer.bos_token_id, tokens, size)
    if unet.config.time_cond_proj_dim:
        hook_guidance(unet)
    return Model(
        name=name, unet=unet, vae=vae, text_encoder=text_encoder, tokenizer=tokenizer, scheduler=scheduler,
        alphas_cumprod=np.asarray(scheduler.alphas_cumprod, np.float64),
        prediction_type=scheduler.config.get('prediction_type', 'epsilon'),
        device=device, dtype=dtype, width=unet.config.cross_attention_dim, tokens=tokens, size=size,
        latent_channels=unet.config.in_channels, vae_scale_factor=scale,
        scaling_factor=float(vae.config.scaling_factor), reason=f'{reason}; {str(dtype).removeprefix("torch.")}',
        prompts=parts.get('prompts', ()), hears=parts.get('hears', False))


def _move(parts: dict[str, Any], device: str, dtype: Any) -> None:
    """Bring the networks to a device, ready to be used, never to be trained."""
    import torch
    # SDXL's own autoencoder overflows in float16, as its configuration says; that of others says so without reason.
    fine = 'text_encoder_2' in parts and parts['vae'].config.get('force_upcast', False)
    with quiet():
        for key in ('unet', 'vae', 'text_encoder', 'text_encoder_2'):
            if key in parts:
                parts[key].eval().requires_grad_(False).to(
                    device=device, dtype=torch.float32 if key == 'vae' and fine else dtype)


def check_parts(name: str, parts: dict[str, Any]) -> None:
    """Raise ModelError when these components cannot be played together."""
    unet, vae, scheduler = parts['unet'].config, parts['vae'].config, parts['scheduler']
    prediction = scheduler.config.get('prediction_type', 'epsilon')
    wide = sum(parts[key].config.hidden_size for key in ('text_encoder', 'text_encoder_2') if key in parts)
    if prediction not in PREDICTIONS:
        raise ModelError(f'{name}: prediction_type {prediction!r} is none of {", ".join(PREDICTIONS)}')
    if not hasattr(scheduler, 'alphas_cumprod'):
        raise ModelError(f'{name}: {type(scheduler).__name__} has no noise table (alphas_cumprod); '
                         f'models of {KINDS} can be played')
    if wide != unet.cross_attention_dim:
        raise ModelError(f'{name}: the text encoder is {wide} wide and the UNet wants '
                         f'{unet.cross_attention_dim}; the components belong to different models')
    if not unet.in_channels == unet.out_channels == vae.latent_channels:
        raise ModelError(f'{name}: the UNet takes {unet.in_channels} channels and gives {unet.out_channels}, the '
                         f'autoencoder has {vae.latent_channels}; models that paint into pictures cannot be played')
    if _wants_more(unet, parts.get('text_encoder_2')):
        raise ModelError(f'{name}: the UNet wants something besides the text that is not known here; '
                         f'models of {KINDS} can be played')


def _wants_more(unet: Any, second: Any) -> bool:
    """Tell whether a UNet wants more than text, and, beside a second encoder, its pooled embedding and six sizes."""
    if unet.class_embed_type or unet.encoder_hid_dim_type:
        return True
    if second is None:
        return unet.addition_embed_type not in (None, 'text')       # 'text' is the same text, pooled
    pooled = second.config.projection_dim
    return (unet.addition_embed_type != 'text_time' or pooled > unet.cross_attention_dim
            or unet.projection_class_embeddings_input_dim != pooled + 6 * unet.addition_time_embed_dim)


def save_model(model: Model, folder: Path) -> None:
    """Write a model in diffusers' format; `load_model` and diffusers' own pipelines read it back."""
    from diffusers import StableDiffusionPipeline, StableDiffusionXLPipeline
    shared = {'unet': model.unet, 'vae': model.vae, 'tokenizer': model.tokenizer, 'scheduler': model.scheduler}
    pipeline: Any
    with quiet():
        if isinstance(model.text_encoder, TwoEncoders):
            both = model.text_encoder
            pipeline = StableDiffusionXLPipeline(**shared, text_encoder=both.first, text_encoder_2=both.second,
                                                 tokenizer_2=both.tokenizer_2, add_watermarker=False)
        else:
            pipeline = StableDiffusionPipeline(**shared, text_encoder=model.text_encoder, safety_checker=None,
                                               feature_extractor=None, requires_safety_checker=False)
        pipeline.save_pretrained(folder, safe_serialization=True)
    if model.prompts:
        (folder / 'prompts.txt').write_text('\n'.join((*model.prompts, '')), encoding='utf-8')
    if model.hears:
        index = read_index(folder) | {HEARS: True}
        (folder / 'model_index.json').write_text(json.dumps(index, indent=2) + '\n', encoding='utf-8')


@contextmanager
def quiet():
    """Keep the libraries' progress bars and advice off the terminal of a show."""
    import diffusers
    import transformers
    before = diffusers.utils.logging.get_verbosity(), transformers.utils.logging.get_verbosity()
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    try:
        yield
    finally:
        diffusers.utils.logging.set_verbosity(before[0])
        transformers.utils.logging.set_verbosity(before[1])


def _load_component(folder: Path, place: Path, kind: str) -> Any:
    import diffusers
    import transformers
    where = f'{folder.name}/{place.name}'
    cls: Any = getattr(transformers if hasattr(transformers, kind) else diffusers, kind, None)
    if not hasattr(cls, 'from_pretrained'):
        raise ModelError(f'{where}: the class {kind} is not in diffusers {diffusers.__version__}; '
                         'a newer one may be needed')
    weights = list(place.glob('*.safetensors'))
    options: dict[str, Any] = {'use_safetensors': True} if weights else {}
    if weights and max(path.stat().st_size for path in weights) <= SMALL:
        options['disable_mmap'] = True
    if list(place.glob('*.fp16.safetensors')):
        options['variant'] = 'fp16'         # half the memory to read; whoever wants float32 widens it
    if options and hasattr(diffusers, kind):
        options['low_cpu_mem_usage'] = False        # its alternative wants a library more
    try:
        with quiet():
            return cls.from_pretrained(str(place), **options)
    except Exception as error:      # each library has errors of its own for a torn file; all of them mean the same
        raise ModelError(f'{where} cannot be read ({first_line(error)}); copy or fetch it again') from error


def _kind(folder: Path, index: dict, component: str) -> str:
    """Return the class of a component, allowed ones alone: an index file may not name just anything to run."""
    entry = index.get(component)
    kind = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
    allowed = COMPONENTS[component]
    if not isinstance(kind, str) or (kind not in allowed if allowed else not kind.endswith('Scheduler')):
        raise ModelError(f'{folder.name}: {component} is {kind!r} in model_index.json; '
                         f'{" or ".join(allowed) or "a scheduler of diffusers"} can be played')
    return kind


def _is_model(folder: Path) -> bool:
    return (folder / 'model_index.json').is_file()
