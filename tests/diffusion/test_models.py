import dataclasses
import gc
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from live.diffusion import hub, models
from live.diffusion.hub import ModelError
from live.diffusion.models import choose_model, load_model


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty Hugging Face cache, and no network."""
    from huggingface_hub import constants
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path / 'hub'))
    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', True)
    return tmp_path / 'hub'


def put_in_cache(cache, hub_id, revision, source):
    place = cache / f'models--{hub_id.replace("/", "--")}'
    shutil.copytree(source, place / 'snapshots' / revision)
    (place / 'refs').mkdir()
    (place / 'refs' / 'main').write_text(revision)


@pytest.fixture
def turbo_cache(cache, folder):
    """A cache that holds, under SD-Turbo's and TAESD's names, the tiny model."""
    put_in_cache(cache, hub.SD_TURBO, hub.SD_TURBO_REVISION, folder)
    put_in_cache(cache, hub.TAESD, 'f' * 40, folder / 'vae')
    shutil.rmtree(cache / 'models--stabilityai--sd-turbo/snapshots' / hub.SD_TURBO_REVISION / 'vae')


def test_no_room_imports_torch_before_it_is_needed():
    rooms = ('diffusion.models', 'diffusion.random_models', 'diffusion.turbo', 'diffusion.dream',
             'conditioning.mix', 'conditioning.prompts', 'conditioning.spectrum')
    code = (f'import sys, {", ".join("live." + room for room in rooms)}; '
            'from live.diffusion.models import choose_model; choose_model("off"); '
            'print([name for name in ("torch", "diffusers", "transformers") if name in sys.modules])')
    said = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == '[]'


def test_auto_without_weights_is_off_and_says_why(cache, monkeypatch, tmp_path):
    monkeypatch.setattr(models, 'EMBEDDED', tmp_path / 'embedded')
    what, why = choose_model('auto')
    assert what == 'off' and 'weights of SD-Turbo are not here' in why


def test_auto_takes_the_embedded_model_where_there_is_one(cache, monkeypatch, folder):
    monkeypatch.setattr(models, 'EMBEDDED', folder)
    assert choose_model('auto')[0] == 'embedded'
    assert load_model('embedded', 'cpu').name == 'embedded'


def test_auto_takes_cached_sd_turbo_on_a_gpu_alone(turbo_cache, monkeypatch, tmp_path):
    monkeypatch.setattr(models, 'EMBEDDED', tmp_path / 'embedded')
    assert hub.is_cached()
    assert choose_model('auto')[0] == ('off' if models.find_device()[0] == 'cpu' else 'sd-turbo')


def test_auto_wants_the_pinned_revision(cache, folder):
    put_in_cache(cache, hub.SD_TURBO, '0' * 40, folder)
    put_in_cache(cache, hub.TAESD, 'f' * 40, folder / 'vae')
    assert not hub.is_cached()


def test_sd_turbo_loads_from_the_cache_with_taesd_and_its_licence(turbo_cache, capsys):
    model = load_model('sd-turbo', 'cpu')
    assert 'Stability AI Community License' in capsys.readouterr().out
    assert (model.name, model.width) == ('sd-turbo', 64)


def test_sd_turbo_without_network_says_what_to_do(cache, capsys):
    with pytest.raises(ModelError, match='stabilityai/sd-turbo is not on this machine.*--model off'):
        load_model('sd-turbo', 'cpu')


def test_a_cached_hub_model_loads_by_its_id(cache, folder):
    put_in_cache(cache, 'somebody/something', 'a' * 40, folder)
    assert choose_model('somebody/something')[0] == 'somebody/something'
    assert load_model('somebody/something', 'cpu').width == 64


@pytest.mark.parametrize('name', ['off', 'random:tiny', 'random:sd-turbo', 'sd-turbo'])
def test_a_known_name_is_taken_as_asked(name):
    assert choose_model(name) == (name, f'{name}, as asked')


def test_misspelt_name_gets_a_hint():
    with pytest.raises(ModelError, match='did you mean random:tiny'):
        choose_model('random:tny')


def test_a_folder_gives_the_model_that_was_saved(folder, tiny):
    model = load_model(str(folder), 'cpu')
    assert (model.name, model.width, model.tokens, model.size) == ('tiny', 64, 77, 128)
    assert (model.latent_channels, model.vae_scale_factor, model.scaling_factor) == (4, 8, 1.0)
    assert model.unet.conv_in.weight.equal(tiny.unet.conv_in.weight)
    assert model.tokenizer('blue dust').input_ids == tiny.tokenizer('blue dust').input_ids


def test_the_noise_table_is_the_schedulers(folder):
    from diffusers import DDIMScheduler
    model = load_model(str(folder), 'cpu')
    assert model.alphas_cumprod.dtype == np.float64
    assert np.array_equal(model.alphas_cumprod, DDIMScheduler.from_pretrained(folder / 'scheduler').alphas_cumprod)
    assert np.sqrt(model.alphas_cumprod[999]) == pytest.approx(0.0683, abs=1e-4)        # SD-Turbo's schedule


def test_zero_terminal_snr_of_the_configuration_is_obeyed(folder, tmp_path):
    path = shutil.copytree(folder, tmp_path / 'zero')
    file = path / 'scheduler' / 'scheduler_config.json'
    file.write_text(json.dumps(json.loads(file.read_text()) | {'rescale_betas_zero_snr': True}))
    assert load_model(str(path), 'cpu').alphas_cumprod[-1] < 1e-9


def test_an_autoencoder_kl_is_played_too(folder, tmp_path):
    from diffusers import AutoencoderKL
    path = shutil.copytree(folder, tmp_path / 'kl')
    shutil.rmtree(path / 'vae')
    AutoencoderKL(block_out_channels=(8, 8), latent_channels=4, norm_num_groups=4, scaling_factor=0.18215,
                  down_block_types=['DownEncoderBlock2D'] * 2, up_block_types=['UpDecoderBlock2D'] * 2,
                  ).save_pretrained(path / 'vae')
    index = json.loads((path / 'model_index.json').read_text())
    (path / 'model_index.json').write_text(json.dumps(index | {'vae': ['diffusers', 'AutoencoderKL']}))
    model = load_model(str(path), 'cpu')
    assert (model.vae_scale_factor, model.scaling_factor) == (2, 0.18215)


def test_float16_files_alone_are_enough(folder, tmp_path):
    path = shutil.copytree(folder, tmp_path / 'half')
    for file in path.glob('*/*.safetensors'):
        file.rename(file.with_suffix('.fp16.safetensors'))
    assert load_model(str(path), 'cpu').width == 64


@pytest.mark.parametrize('file, words', [
    ('model_index.json',                         'broken: model_index.json cannot be read'),
    ('unet/diffusion_pytorch_model.safetensors', r'broken: unet/\*.safetensors is missing'),
    ('text_encoder/config.json',                 'broken: text_encoder/config.json is missing'),
    ('tokenizer/tokenizer.json',                 'broken: tokenizer/tokenizer.json is missing'),
    ('scheduler/scheduler_config.json',          'broken: scheduler/scheduler_config.json is missing'),
])
def test_a_missing_file_is_named_in_one_sentence(folder, tmp_path, file, words):
    path = shutil.copytree(folder, tmp_path / 'broken')
    (path / file).unlink()
    with pytest.raises(ModelError, match=words) as caught:
        load_model(str(path), 'cpu')
    assert '\n' not in str(caught.value)


@pytest.mark.parametrize('component', ['unet', 'vae', 'text_encoder', 'tokenizer', 'scheduler'])
def test_a_garbled_configuration_is_named(folder, tmp_path, component):
    path = shutil.copytree(folder, tmp_path / 'garbled')
    for file in (path / component).glob('*.json'):
        file.write_text('{"x": [')
    with pytest.raises(ModelError, match=f'garbled/{component} cannot be read') as caught:
        load_model(str(path), 'cpu')
    assert '\n' not in str(caught.value)


def test_torn_weights_are_named(folder, tmp_path):
    path = shutil.copytree(folder, tmp_path / 'torn')
    weights = path / 'vae' / 'diffusion_pytorch_model.safetensors'
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match='torn/vae cannot be read'):
        load_model(str(path), 'cpu')


def test_pickled_weights_are_never_read(folder, tmp_path):
    path = shutil.copytree(folder, tmp_path / 'pickled')
    (path / 'unet' / 'diffusion_pytorch_model.safetensors').rename(path / 'unet' / 'diffusion_pytorch_model.bin')
    with pytest.raises(ModelError, match='diffusion_pytorch_model.bin is pickled, and nothing pickled is ever loaded'):
        load_model(str(path), 'cpu')


@pytest.mark.parametrize('name, words', [('some/model.ckpt', 'model.ckpt is pickled'),
                                         ('model.safetensors', 'a model in one file')])
def test_a_single_file_is_refused_and_told_what_to_do(name, words):
    with pytest.raises(ModelError, match=words + '.*give a folder in diffusers format'):
        choose_model(name)


def test_a_model_that_was_trained_with_sound_says_so(folder, tiny, tmp_path):
    assert load_model('embedded', 'cpu').hears and not load_model(str(folder), 'cpu').hears
    models.save_model(dataclasses.replace(tiny, hears=True), tmp_path / 'heard')
    assert load_model(str(tmp_path / 'heard'), 'cpu').hears


def test_a_model_says_what_it_was_made_for(folder, tiny, tmp_path):
    path = shutil.copytree(folder, tmp_path / 'spoken')
    (path / 'prompts.txt').write_text('blue dust\n\n  a bell, from inside \n', encoding='utf-8')
    assert load_model(str(path), 'cpu').prompts == ('blue dust', 'a bell, from inside')
    assert tiny.prompts == ()


def test_prompts_that_cannot_be_read_are_named(folder, tmp_path):
    path = shutil.copytree(folder, tmp_path / 'latin')
    (path / 'prompts.txt').write_bytes(b'caf\xe9')
    with pytest.raises(ModelError, match='latin: prompts.txt cannot be read.*UTF-8'):
        load_model(str(path), 'cpu')


def test_an_index_may_not_name_just_any_class(folder, tmp_path):
    path = shutil.copytree(folder, tmp_path / 'odd')
    index = json.loads((path / 'model_index.json').read_text())
    (path / 'model_index.json').write_text(json.dumps(index | {'unet': ['os', 'system']}))
    with pytest.raises(ModelError, match='unet is .system.*UNet2DConditionModel can be played'):
        load_model(str(path), 'cpu')


def test_no_pickle_is_fetched_and_nothing_twice():
    names = ['README.md', 'model_index.json', 'sd_turbo.safetensors', 'tokenizer/vocab.json', 'tokenizer/merges.txt',
             'unet/config.json', 'unet/diffusion_pytorch_model.safetensors', 'vae/config.json',
             'unet/diffusion_pytorch_model.fp16.safetensors', 'text_encoder/pytorch_model.bin',
             'text_encoder/model.safetensors', 'safety_checker/model.safetensors', 'text_encoder_2/model.safetensors',
             'prompts.txt']
    assert hub.choose_files(names, without=('vae',)) == (
        'model_index.json', 'tokenizer/vocab.json', 'tokenizer/merges.txt', 'unet/config.json',
        'unet/diffusion_pytorch_model.fp16.safetensors', 'text_encoder/model.safetensors',
        'text_encoder_2/model.safetensors', 'prompts.txt')


def test_a_device_that_is_not_here_is_named():
    with pytest.raises(ModelError, match="no device 'tpu'.*cpu"):
        load_model('random:tiny', 'tpu')


def test_random_weights_depend_on_the_seed_alone(tiny):
    import torch
    from live.diffusion.random_models import build_random
    torch.manual_seed(99)
    assert build_random('random:tiny')['unet'].conv_in.weight.equal(tiny.unet.conv_in.weight)
    assert not build_random('random:tiny', seed=1)['unet'].conv_in.weight.equal(tiny.unet.conv_in.weight)


@pytest.mark.slow
def test_random_sd_turbo_has_the_true_sizes():
    model = load_model('random:sd-turbo', 'cpu')
    count = sum(p.numel() for p in model.unet.parameters())
    assert (count, model.width, model.size, model.tokens) == (865_910_724, 1024, 512, 77)
    assert sum(p.numel() for p in model.vae.parameters()) == 2_445_063
    assert len(model.text_encoder.encoder.layers) == 23


def test_a_model_that_is_loaded_again_and_again_holds_no_more_memory():
    sys.path.insert(0, str(Path(__file__).parents[2] / 'bench'))
    try:
        from soak_memory import held
    finally:
        sys.path.pop(0)
    assert held() is not None       # by glibc's malloc, which this counts with

    def load():
        load_model('embedded', 'cpu', progress=lambda words: None)
        gc.collect()
        return min(held() for _ in range(4))
    sizes = [load() for _ in range(9)][4:]
    assert np.median(np.diff(sizes)) < 40e3     # read from a mapped file: 100 kB each time
