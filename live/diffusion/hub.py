"""Folders of weights: what a model in diffusers' format must hold, and how a hub id becomes such a folder.

The local Hugging Face cache is asked first and taken as it is, so that nothing changes under a performer's feet and a
stage needs no network; only what it lacks is fetched, and of that only what is played: no pickles, nothing twice.
Runs on the dream's thread. Knows nothing of torch: it sees files alone.

    DreamError              the dream cannot go on
      ModelError            a model cannot be found or read: which file, what is wrong with it, what to do
"""
import json
from collections.abc import Callable
from pathlib import Path

SD_TURBO, SD_TURBO_REVISION = 'stabilityai/sd-turbo', 'b261bac6fd2cf515557d5d0707481eafa0485ec2'
TAESD, TAESD_FILES = 'madebyollin/taesd', ('config.json', 'diffusion_pytorch_model.safetensors')
NETWORK_TIMEOUT = 10.0      # seconds for the first answer
HEARS = '_hears_sound'          # key of an index: the model was trained with sound (conditioning/tokens.py)
COMPONENTS = {                                  # folder: the classes that can be played
    'unet':           ('UNet2DConditionModel',),
    'vae':            ('AutoencoderKL', 'AutoencoderTiny'),
    'text_encoder':   ('CLIPTextModel',),
    'text_encoder_2': ('CLIPTextModelWithProjection',),
    'tokenizer':      ('CLIPTokenizer', 'CLIPTokenizerFast', 'PreTrainedTokenizerFast'),
    'tokenizer_2':    ('CLIPTokenizer', 'CLIPTokenizerFast'),
    'scheduler':      (),                       # any that has a table of alphas_cumprod
}
SECOND = ('text_encoder_2', 'tokenizer_2')      # SDXL has them
WEIGHTS = (('config.json', '*.safetensors'),)
WORDS = (('tokenizer.json',), ('vocab.json', 'merges.txt'))
FILES = {                                       # folder: sets of files of which one must be whole
    'unet': WEIGHTS, 'vae': WEIGHTS, 'text_encoder': WEIGHTS, 'text_encoder_2': WEIGHTS, 'tokenizer': WORDS,
    'tokenizer_2': WORDS, 'scheduler': (('scheduler_config.json',),)}
PICKLES = ('.bin', '.ckpt', '.pt', '.pth', '.pkl')      # code can hide in them
Say = Callable[[str], None]


class DreamError(RuntimeError):
    """The dream cannot go on: one sentence for the overlay."""


class ModelError(DreamError):
    """A model that cannot be found or read: which file, what is wrong, what to do."""


def is_cached() -> bool:
    """Return whether SD-Turbo at the pinned revision and TAESD are in the local Hugging Face cache."""
    from huggingface_hub import try_to_load_from_cache

    def here(hub_id, revision, *files):
        return any(isinstance(try_to_load_from_cache(hub_id, file, revision=revision), str) for file in files)
    return (all(here(SD_TURBO, SD_TURBO_REVISION, f'{stem}.fp16.safetensors', f'{stem}.safetensors')
                for stem in ('unet/diffusion_pytorch_model', 'text_encoder/model'))
            and all(here(TAESD, None, file) for file in TAESD_FILES))


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
    except (OSError, ValueError, ModelError):
        pass        # not in the cache, or not all of it
    say(f'fetching {hub_id}')
    try:
        if not files:
            listed = HfApi().model_info(hub_id, revision=revision, timeout=NETWORK_TIMEOUT).siblings or []
            files = choose_files([file.rfilename for file in listed], without)
        return Path(snapshot_download(hub_id, revision=revision, allow_patterns=list(files)))
    except Exception as error:      # each library that speaks to the network has errors of its own
        raise ModelError(f'{hub_id} is not on this machine and cannot be fetched ({first_line(error)}); '
                         'go online once, give a folder in diffusers format, or play with --model off') from error


def choose_files(names: list[str], without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return what is worth fetching of a repository: no pickles, nothing twice, float16 where there is a choice."""
    def is_wanted(name: str) -> bool:
        place, _, file = name.rpartition('/')
        if not place:
            return file in ('model_index.json', 'prompts.txt')
        return (place in COMPONENTS and place not in without and 'non_ema' not in file
                and file.endswith(('.json', '.txt', '.safetensors')))
    wanted = [name for name in names if is_wanted(name)]
    halves = {name.rpartition('/')[0] for name in wanted if name.endswith('.fp16.safetensors')}
    return tuple(name for name in wanted if not name.endswith('.safetensors')
                 or name.endswith('.fp16.safetensors') or name.rpartition('/')[0] not in halves)


def read_index(folder: Path) -> dict:
    """Return what model_index.json says; raise ModelError when there is none or it is no such thing."""
    path = folder / 'model_index.json'
    try:
        index = json.loads(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise ModelError(f'{folder.name}: model_index.json cannot be read ({error.strerror}); '
                         'a folder in diffusers format has one at its top') from error
    except ValueError as error:
        raise ModelError(f'{folder.name}: model_index.json is not JSON ({error}); copy or fetch it again') from error
    return index if isinstance(index, dict) else {}


def list_components(index: dict) -> tuple[str, ...]:
    """Return the components that a model has by its index; the second encoder only where it is named."""
    return tuple(component for component in COMPONENTS
                 if component not in SECOND or any(index.get(component) or ()))


def find_missing(folder: Path, without: tuple[str, ...] = ()) -> str:
    """Return the first file that a model lacks, as 'unet/config.json', or ''; raise ModelError without an index."""
    for component in list_components(read_index(folder)):
        place = folder / component
        lacks = [[file for file in files if not list(place.glob(file))] for files in FILES[component]]
        if component not in without and all(lacks):
            return f'{component}/{lacks[0][0]}'
    return ''


def find_pickle(place: Path) -> str:
    """Return the name of a pickled file in a component's folder, or ''."""
    return next((path.name for path in sorted(place.glob('*')) if path.suffix in PICKLES), '')


def read_prompts(folder: Path) -> tuple[str, ...]:
    """Return the lines of prompts.txt, what a model was made for; () where there is none."""
    try:
        lines = (folder / 'prompts.txt').read_text(encoding='utf-8').splitlines()
    except FileNotFoundError:
        return ()
    except (OSError, ValueError) as error:
        raise ModelError(f'{folder.name}: prompts.txt cannot be read ({first_line(error)}); '
                         'it holds one prompt a line, in UTF-8') from error
    return tuple(line.strip() for line in lines if line.strip())


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:160].rstrip('.')
