import pytest
import soundfile

from live.diffusion.models import make_model, save_model
from live.diffusion.random_models import SCHEDULE, TINY, build_random, build_tokenizer


@pytest.fixture(scope='session', autouse=True)
def one_core():
    """torch's workers wait for each other by spinning: on busy cores two of them are ten times slower than one."""
    import torch
    torch.set_num_threads(1)


@pytest.fixture(scope='session')
def wide(tmp_path_factory):
    """A function: width of the embeddings -> the folder of a tiny model with them, in diffusers' format."""
    import torch
    from diffusers import UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel
    made = {}

    def make(width):
        if width not in made:
            torch.manual_seed(5)
            words = {'vocab_size': len(build_tokenizer()), 'hidden_size': width, 'projection_dim': width}
            parts = build_random('random:tiny') | {
                'unet': UNet2DConditionModel(**TINY['unet'] | {'cross_attention_dim': width}).eval(),
                'text_encoder': CLIPTextModel(CLIPTextConfig(**TINY['text_encoder'] | words))}
            made[width] = tmp_path_factory.mktemp('wide') / f'w{width}'
            save_model(make_model('wide', parts, 'cpu'), made[width])
        return made[width]
    return make


@pytest.fixture(scope='session')
def many_steps(tmp_path_factory):
    """The folder of a tiny model that takes many steps and guidance, as Stable Diffusion 1.5 does."""
    from diffusers import DDIMScheduler
    path = tmp_path_factory.mktemp('models') / 'many'
    scheduler = DDIMScheduler(**SCHEDULE | {'timestep_spacing': 'leading'})
    save_model(make_model('many', build_random('random:tiny', seed=3) | {'scheduler': scheduler}, 'cpu'), path)
    return path


@pytest.fixture
def sounds(tmp_path):
    """A function: samples (n,) or (n, channels), rate -> the path of a file with them."""
    def write(samples, rate=44100, name='sound.wav'):
        path = tmp_path / name
        soundfile.write(path, samples, rate, 'FLOAT')
        return path
    return write
