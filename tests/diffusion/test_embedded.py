"""The model that ships with the instrument: small, read in the standard way, led by words and strength, repeatable."""
import numpy as np
import pytest
import torch

from live.conditioning.prompts import PromptBook
from live.diffusion.models import EMBEDDED, choose_model, load_model
from live.diffusion.turbo import Turbo
from live.params import Board
from live.patch import find_patch, list_patches, load_patch
from live.signals import Conditioning

if not (EMBEDDED / 'model_index.json').is_file():
    pytest.skip('live/embedded is not built', allow_module_level=True)


@pytest.fixture(scope='module')
def model():
    return load_model('embedded', 'cpu', progress=lambda words: None)


@pytest.fixture(scope='module')
def book(model):
    return PromptBook(model.tokenizer, model.text_encoder)


@pytest.fixture(scope='module')
def dream(model, book):
    """A function: words, strength, what to begin from -> light of the first picture, (height, width, 3) of 0..1."""
    engine, board = Turbo(model, seed=3), Board()

    def make(text='slow blue dust', strength=1.0, init=None):
        engine.reset()
        page = book.encode(text)
        conditioning = Conditioning(np.concatenate((page, page)), strength, 0.0, 512)
        return engine.dream(conditioning, board, init)[..., :3] / 255
    return make


def difference(one, other):
    return np.abs(one - other).mean()


def test_it_is_chosen_by_name():
    assert choose_model('embedded')[0] == 'embedded'


def test_all_weights_fit_into_16_megabytes():
    assert sum(path.stat().st_size for path in EMBEDDED.rglob('*.safetensors')) <= 16e6


def test_nothing_but_model_prompts_and_card_is_in_the_folder():
    kinds = {path.suffix for path in EMBEDDED.rglob('*') if path.is_file()}
    assert kinds <= {'.json', '.safetensors', '.txt', '.md'}


def test_the_unet_has_at_most_six_million_weights(model):
    assert sum(value.numel() for value in model.unet.parameters()) <= 6e6


def test_it_is_made_for_256_pixels_and_77_words(model):
    assert (model.size, model.tokens) == (256, 77)


@pytest.mark.parametrize('patch', list_patches())
def test_it_knows_every_word_of_every_patch(model, patch):
    told = []
    book = PromptBook(model.tokenizer, model.text_encoder, told.append)
    for prompt in load_patch(find_patch(patch)).prompts:
        book.known_words(prompt)
    assert told == []


def test_an_unknown_word_is_told_once_with_near_ones_and_left_out(model):
    told = []
    fresh = PromptBook(model.tokenizer, model.text_encoder, told.append)
    assert fresh.known_words('blue dusst') == fresh.known_words('dusst blue') == 'blue'
    assert len(told) == 1 and 'dust' in told[0]


def test_it_brings_prompts_for_steering(model):
    assert len(model.prompts) >= 32


def test_two_prompts_give_two_pictures(dream):
    assert difference(dream('blue dust'), dream('crimson silk')) > 0.05


def test_colours_follow_the_words(dream):
    red, blue = (dream(f'{colour} clouds').mean((0, 1)) for colour in ('crimson', 'blue'))
    assert red[0] > red[2] and blue[2] > blue[0]


def test_the_same_words_and_noise_give_the_same_picture(dream):
    np.testing.assert_array_equal(dream(), dream())


def test_a_picture_from_noise_has_light_and_structure(dream):
    assert dream().std() > 0.03


def test_strength_leads_away_from_where_the_dream_begins(dream):
    start = dream('blue clouds')
    moved = [difference(dream('amber veins', strength, start), start) for strength in (0.05, 0.3, 0.6, 0.95)]
    assert moved[0] < 0.5 * moved[1] < 0.25 * min(moved[2:])     # from 0.6 on nothing of it need be left


def test_at_low_strength_the_picture_stays(dream):
    start = dream('blue clouds')
    assert difference(dream('blue clouds', 0.05, start), start) < 0.05


def test_diffusers_own_pipeline_reads_and_runs_it():
    from diffusers import StableDiffusionPipeline

    from live.diffusion.models import quiet
    with quiet():
        pipeline = StableDiffusionPipeline.from_pretrained(str(EMBEDDED), low_cpu_mem_usage=False)
    pipeline.set_progress_bar_config(disable=True)
    said = pipeline('slow blue dust', num_inference_steps=1, guidance_scale=0.0, output_type='np',
                    generator=torch.Generator().manual_seed(1)).images[0]
    assert said.shape == (256, 256, 3) and said.std() > 0.03
