"""Where the dream's weights come from: names -> a Model of diffusers' components and its noise table.

In: the name given to --model, or a folder. Out: (what to load, why) at once, and later a Model, loaded on the dream's
thread. Any model in diffusers' format is taken by its own configuration; nothing pickled is ever read, and nothing is
downloaded unless it is asked for by name. torch, diffusers and transformers are imported inside the functions, so that
the sound starts without them. Knows nothing of frames, prompts or parameters.

    DreamError              the dream cannot go on
      ModelError            a model cannot be found or read: which file, what is wrong with it, what to do
"""
import json
import re
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from live.params import hint

EMBEDDED = Path(__file__).resolve().parents[1] / 'embedded'
SD_TURBO, SD_TURBO_REVISION = 'stabilityai/sd-turbo', 'b261bac6fd2cf515557d5d0707481eafa0485ec2'
TAESD, TAESD_FILES = 'madebyollin/taesd', ('config.json', 'diffusion_pytorch_model.safetensors')
LICENCE = ('SD-Turbo: Stability AI Community License, free below 1 million USD of annual revenue '
           '(https://stability.ai/license); TAESD: MIT License')
RANDOM = ('random:tiny', 'random:sd-turbo')
NAMES = ('auto', 'embedded', 'sd-turbo', 'off', *RANDOM)
NETWORK_TIMEOUT = 10.0      # seconds for the first answer
HUB_ID = re.compile(r'[\w.-]+/[\w.-]+')
COMPONENTS = {                                  # folder: the classes that can be played
    'unet':         ('UNet2DConditionModel',),
    'vae':          ('AutoencoderKL', 'AutoencoderTiny'),
    'text_encoder': ('CLIPTextModel',),
    'tokenizer':    ('CLIPTokenizer', 'CLIPTokenizerFast'),
    'scheduler':    (),                         # any that has a table of alphas_cumprod
}
WEIGHTS = (('config.json', '*.safetensors'),)
FILES = {                                       # folder: sets of files of which one must be whole
    'unet': WEIGHTS, 'vae': WEIGHTS, 'text_encoder': WEIGHTS, 'scheduler': (('scheduler_config.json',),),
    'tokenizer': (('tokenizer.json',), ('vocab.json', 'merges.txt'))}
PREDICTIONS = ('epsilon', 'v_prediction', 'sample')
Say = Callable[[str], None]


class DreamError(RuntimeError):
    """The dream cannot go on: one sentence for the overlay."""


class ModelError(DreamError):
    """A model that cannot be found or read: which file, what is wrong, what to do."""


@dataclass(frozen=True)
class Model:
    """Everything one dream is computed with.

    alphas_cumprod: (T,) float64, the share of signal at each timestep; prediction_type: what the UNet's output means.
    width: channels of an embedding; tokens: rows of a prompt's embedding. size: pixels a side it was made for.
    latent_channels, vae_scale_factor: shape of a latent against its picture; scaling_factor: of the latents' values.
    reason: why this device and number format.
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


def is_cached() -> bool:
    """Return whether SD-Turbo at the pinned revision and TAESD are in the local Hugging Face cache."""
    from huggingface_hub import try_to_load_from_cache

    def here(hub_id, revision, *files):
        return any(isinstance(try_to_load_from_cache(hub_id, file, revision=revision), str) for file in files)
    return (all(here(SD_TURBO, SD_TURBO_REVISION, f'{stem}.fp16.safetensors', f'{stem}.safetensors')
                for stem in ('unet/diffusion_pytorch_model', 'text_encoder/model'))
            and all(here(TAESD, None, file) for file in TAESD_FILES))


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


def load_model(name: str, device: str = 'auto', progress: Say | None = None) -> Model:
    """[dream] Load what `choose_model` returned; raise ModelError with one sentence when it cannot be.

    progress: called with a few words at each step; without it only SD-Turbo's licence is printed.
    """
    say = progress or (lambda words: None)
    if name in RANDOM:
        from live.diffusion.random_models import build_random
        say(f'building {name}')
        return make_model(name, build_random(name), device)
    if name == 'embedded':
        return load_folder(EMBEDDED, name, device, say)
    if Path(name).expanduser().is_dir():
        return load_folder(Path(name).expanduser(), Path(name).name, device, say)
    if name in ('sd-turbo', SD_TURBO):
        (progress or print)(LICENCE)
        folder = fetch(SD_TURBO, SD_TURBO_REVISION, say, without=('vae',))
        return load_folder(folder, 'sd-turbo', device, say, vae_folder=fetch(TAESD, None, say, files=TAESD_FILES))
    return load_folder(fetch(name, None, say), name, device, say)


def fetch(hub_id: str, revision: str | None, say: Say, without: tuple[str, ...] = (),
          files: tuple[str, ...] = ()) -> Path:
    """Return the local folder of a hub id: from the cache, else downloaded.

    without: components that are not needed; files: all that is needed, for what is not a whole model.
    """
    from huggingface_hub import HfApi, snapshot_download
    try:
        folder = Path(snapshot_download(hub_id, revision=revision, local_files_only=True))
        if all((folder / file).is_file() for file in files) if files else not find_missing(folder, without):
            return folder
    except (OSError, ValueError):
        pass        # not in the cache
    say(f'fetching {hub_id}')
    try:
        if not files:
            listed = HfApi().model_info(hub_id, revision=revision, timeout=NETWORK_TIMEOUT).siblings or []
            files = choose_files([file.rfilename for file in listed], without)
        return Path(snapshot_download(hub_id, revision=revision, allow_patterns=list(files)))
    except Exception as error:      # each library that speaks to the network has errors of its own
        raise ModelError(f'{hub_id} is not on this machine and cannot be fetched ({_first_line(error)}); '
                         'go online once, give a folder in diffusers format, or play with --model off') from error


def choose_files(names: list[str], without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what is worth fetching of a repository: no pickles, nothing twice, float16 where there is a choice."""
    def is_wanted(name: str) -> bool:
        place, _, file = name.rpartition('/')
        if not place:
            return file == 'model_index.json'
        return (place in COMPONENTS and place not in without and 'non_ema' not in file
                and file.endswith(('.json', '.txt', '.safetensors')))
    wanted = [name for name in names if is_wanted(name)]
    halves = {name.rpartition('/')[0] for name in wanted if name.endswith('.fp16.safetensors')}
    return tuple(name for name in wanted if not name.endswith('.safetensors')
                 or name.endswith('.fp16.safetensors') or name.rpartition('/')[0] not in halves)


def load_folder(folder: Path, name: str, device: str, say: Say = print, vae_folder: Path | None = None) -> Model:
    """Load a folder in diffusers' format, as its model_index.json says; vae_folder replaces its autoencoder."""
    index = _read_index(folder)
    without = ('vae',) if vae_folder else ()
    if missing := find_missing(folder, without):
        raise ModelError(f'{folder.name}: {missing} is missing; the model is incomplete: copy or fetch it again')
    parts: dict[str, Any] = {}
    for component in COMPONENTS:
        say(f'loading {component.replace("_", " ")}')
        place, kind = folder / component, _kind(folder, index, component) if component not in without else ''
        if component == 'vae' and vae_folder:
            place, kind = vae_folder, 'AutoencoderTiny'
        parts[component] = _load_component(folder, place, kind)
    return make_model(name, parts, device)


def make_model(name: str, parts: dict[str, Any], device: str = 'auto') -> Model:
    """Return a Model of loaded components, moved to the device; float16 on GPUs, float32 elsewhere."""
    import torch
    device, reason = find_device(device)
    dtype = torch.float32 if device == 'cpu' else torch.float16
    with quiet():
        unet, vae, text_encoder = (parts[component].eval().requires_grad_(False).to(device=device, dtype=dtype)
                                   for component in ('unet', 'vae', 'text_encoder'))
    scheduler, width = parts['scheduler'], unet.config.cross_attention_dim
    prediction = scheduler.config.get('prediction_type', 'epsilon')
    if prediction not in PREDICTIONS:
        raise ModelError(f'{name}: prediction_type {prediction!r} is none of {", ".join(PREDICTIONS)}')
    if not hasattr(scheduler, 'alphas_cumprod'):
        raise ModelError(f'{name}: {type(scheduler).__name__} has no noise table (alphas_cumprod); '
                         'models of the Stable Diffusion 1, 2 and Turbo kind can be played')
    if text_encoder.config.hidden_size != width:
        raise ModelError(f'{name}: the text encoder is {text_encoder.config.hidden_size} wide and the UNet wants '
                         f'{width}; the components belong to different models')
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    return Model(
        name=name, unet=unet, vae=vae, text_encoder=text_encoder, tokenizer=parts['tokenizer'], scheduler=scheduler,
        alphas_cumprod=np.asarray(scheduler.alphas_cumprod, np.float64), prediction_type=prediction,
        device=device, dtype=dtype, width=width,
        tokens=min(parts['tokenizer'].model_max_length, text_encoder.config.max_position_embeddings),
        size=int(unet.config.sample_size) * scale, latent_channels=unet.config.in_channels, vae_scale_factor=scale,
        scaling_factor=float(vae.config.scaling_factor), reason=f'{reason}; {str(dtype).removeprefix("torch.")}')


def save_model(model: Model, folder: Path) -> None:
    """Write a model in diffusers' format; `load_model` and diffusers' own pipelines read it back."""
    from diffusers import StableDiffusionPipeline
    with quiet():
        pipeline: Any = StableDiffusionPipeline(
            unet=model.unet, vae=model.vae, text_encoder=model.text_encoder, tokenizer=model.tokenizer,
            scheduler=model.scheduler, safety_checker=None, feature_extractor=None, requires_safety_checker=False)
        pipeline.save_pretrained(folder, safe_serialization=True)


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
    options: dict[str, Any] = {'use_safetensors': True} if list(place.glob('*.safetensors')) else {}
    if list(place.glob('*.fp16.safetensors')):
        options['variant'] = 'fp16'         # half the memory to read; whoever wants float32 widens it
    if options and hasattr(diffusers, kind):
        options['low_cpu_mem_usage'] = False        # its alternative wants a library more
    try:
        with quiet():
            return cls.from_pretrained(str(place), **options)
    except Exception as error:      # each library has errors of its own for a torn file; all of them mean the same
        raise ModelError(f'{where} cannot be read ({_first_line(error)}); copy or fetch it again') from error


def _read_index(folder: Path) -> dict:
    path = folder / 'model_index.json'
    try:
        index = json.loads(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise ModelError(f'{folder.name}: model_index.json cannot be read ({error.strerror}); '
                         'a folder in diffusers format has one at its top') from error
    except ValueError as error:
        raise ModelError(f'{folder.name}: model_index.json is not JSON ({error}); copy or fetch it again') from error
    return index if isinstance(index, dict) else {}


def _kind(folder: Path, index: dict, component: str) -> str:
    """Return the class of a component, allowed ones alone: an index file may not name just anything to run."""
    entry = index.get(component)
    kind = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
    allowed = COMPONENTS[component]
    if not isinstance(kind, str) or (kind not in allowed if allowed else not kind.endswith('Scheduler')):
        raise ModelError(f'{folder.name}: {component} is {kind!r} in model_index.json; '
                         f'{" or ".join(allowed) or "a scheduler of diffusers"} can be played')
    return kind


def find_missing(folder: Path, without: tuple[str, ...] = ()) -> str:
    """Return the first file that a model lacks, as 'unet/config.json', or ''."""
    for component, choices in FILES.items():
        place = folder / component
        lacks = [[file for file in files if not list(place.glob(file))] for files in choices]
        if component not in without and all(lacks):
            return f'{component}/{lacks[0][0]}'
    return ''


def _is_model(folder: Path) -> bool:
    return (folder / 'model_index.json').is_file()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160].rstrip('.')
