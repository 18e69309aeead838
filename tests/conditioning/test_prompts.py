import numpy as np
import pytest
import torch

from live.conditioning import prompts
from live.conditioning.prompts import CALIBRATION_PROMPTS, PromptBook, blend, principal_directions, slerp


def test_a_prompt_is_encoded_as_diffusers_does(book, tiny):
    from diffusers import StableDiffusionImg2ImgPipeline
    pipeline = StableDiffusionImg2ImgPipeline(
        tiny.vae, tiny.text_encoder, tiny.tokenizer, tiny.unet, tiny.scheduler, None, None,
        requires_safety_checker=False)
    with torch.no_grad():
        wanted = pipeline.encode_prompt('blue dust in slow light', 'cpu', 1, False)[0][0].numpy()
    assert np.array_equal(book.encode('blue dust in slow light'), wanted)


@pytest.mark.parametrize('text', ['', 'blue', 'x' * 3000, 'é 蓝 \x00 🌌'])
def test_any_text_gives_one_finite_embedding(book, text):
    page = book.encode(text)
    assert page.shape == (77, 64) and page.dtype == np.float32 and np.isfinite(page).all()


def test_every_prompt_begins_with_the_same_row(book):
    assert np.allclose(book.encode('blue dust')[0], book.encode('a red fox')[0], atol=1e-6)


def test_a_prompt_is_encoded_once(book):
    assert book.encode('once') is book.encode('once')


def test_old_prompts_are_forgotten_and_used_ones_stay(tiny, monkeypatch):
    monkeypatch.setattr(prompts, 'KEPT', 3)
    book = PromptBook(tiny.tokenizer, tiny.text_encoder)
    first = book.encode('a')
    for text in ('b', 'c', 'a', 'd'):
        book.encode(text)
    assert book.encode('a') is first and len(book._pages) == 3


def test_the_calibration_is_that_of_the_content_tokens(book, tiny):
    wanted = []
    for text in CALIBRATION_PROMPTS:
        length = len(tiny.tokenizer(text).input_ids)
        wanted.append(book.encode(text)[1:length - 1])
    wanted = np.concatenate(wanted)
    calibration = book.calibration()
    assert np.allclose(calibration.mean, wanted.mean(0), atol=1e-5)
    assert np.allclose(calibration.std, wanted.std(0), atol=1e-5)


def test_a_bank_of_a_models_own_is_measured_instead(book):
    own = book.calibration(('a red fox', 'blue dust', 'smoke'))
    assert own.directions[:2].any(1).all() and not own.directions[2:].round(4).any()
    assert not np.allclose(own.mean, book.calibration().mean)


def test_directions_hold_nearly_all_that_prompts_differ_in(calibration, book, tiny):
    pages = [book.encode(text)[1:len(tiny.tokenizer(text).input_ids) - 1].mean(0) for text in CALIBRATION_PROMPTS]
    assert (calibration.directions ** 2).sum() > 0.9 * np.var(pages, axis=0).sum()


def test_principal_directions_are_square_to_each_other_and_one_deviation_long():
    points = np.random.default_rng(0).standard_normal((4000, 5)) * (5, 4, 3, 2, 1)
    found = principal_directions(points, 3)
    assert np.allclose(np.linalg.norm(found, axis=1), (5, 4, 3), rtol=0.05)
    assert np.allclose(found @ found.T, np.diag((found ** 2).sum(1)), atol=1e-9)


def test_there_are_64_different_prompts_of_many_lengths():
    assert len(set(CALIBRATION_PROMPTS)) == 64
    assert len({len(text.split()) for text in CALIBRATION_PROMPTS}) >= 8


def test_slerp_is_exact_at_its_ends(book):
    one, other = book.encode('blue dust'), book.encode('a red fox in the snow')
    assert np.array_equal(slerp(one, other, 0.0), one) and np.array_equal(slerp(one, other, 1.0), other)


def test_slerp_between_a_prompt_and_itself_is_that_prompt(book):
    one = book.encode('blue dust')
    assert np.allclose(slerp(one, one.copy(), 0.37), one, atol=1e-6)


@pytest.mark.parametrize('mix', [0.1, 0.5, 0.9])
def test_slerp_keeps_the_length_and_divides_the_angle(mix):
    random = np.random.default_rng(0)
    one, other = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in random.standard_normal((2, 77, 64)))
    between = slerp(one, other, mix)
    assert np.allclose(np.linalg.norm(between, axis=1), 1.0, atol=1e-5)
    assert np.allclose(np.arccos((one * between).sum(1)), mix * np.arccos((one * other).sum(1)), atol=1e-3)


def test_slerp_of_opposite_and_empty_rows_is_finite():
    rows = np.ones((2, 8), np.float32)
    assert np.isfinite(slerp(rows, -rows, 0.5)).all() and not slerp(0 * rows, 0 * rows, 0.5).any()


def test_slerp_never_jumps(book):
    one, other = book.encode('blue dust'), book.encode('a red fox in the snow')
    path = [slerp(one, other, mix) for mix in np.linspace(0, 1, 101)]
    steps = [np.abs(b - a).max() for a, b in zip(path, path[1:])]
    assert max(steps) < 0.1


def test_a_blend_is_exact_where_one_prompt_is_alone(book):
    pages = [book.encode(text) for text in ('blue dust', 'a red fox', 'smoke')]
    for number, page in enumerate(pages):
        assert np.array_equal(blend(pages, np.eye(3)[number] * 0.4), page)


def test_a_blend_of_two_is_the_great_circle_between_them(book):
    one, other = book.encode('blue dust'), book.encode('a red fox')
    assert np.allclose(blend([one, other], np.array([0.6, 0.2])), slerp(one, other, 0.25), atol=1e-6)


def test_a_blend_never_jumps_when_weights_come_to_nothing(book):
    pages = [book.encode(text) for text in ('blue dust', 'a red fox', 'smoke')]
    path = [blend(pages, weight * np.array([0.0, 0.7, 0.3])) for weight in np.linspace(0.2, 0, 101)]
    assert np.array_equal(path[-1], pages[0])
    assert max(np.abs(b - a).max() for a, b in zip(path, path[1:])) < 0.3


WORDS = ('a', 'blue', 'red', 'sand', 'sandstone', 'river', 'dust', ',')


@pytest.fixture
def small(tiny):
    """A book with a vocabulary of eight words, and what it told."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast
    ids = {word: number for number, word in enumerate(('<unk>', '<begin>', '<end>', *WORDS))}
    words = Tokenizer(models.WordLevel(ids, unk_token='<unk>'))
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words.post_processor = processors.TemplateProcessing(
        single='<begin> $A <end>', special_tokens=[('<begin>', 1), ('<end>', 2)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, unk_token='<unk>', bos_token='<begin>',
                                        eos_token='<end>', pad_token='<end>', model_max_length=16)
    told = []
    return PromptBook(tokenizer, tiny.text_encoder, told.append), told


def test_words_that_a_model_does_not_know_are_told_once_with_near_ones(small):
    book, told = small
    for text in ('blue sandstorm, a river', 'a sandstorm'):
        book.encode(text)
    assert told == ["the model does not know the word 'sandstorm'; it knows sandstone, sand"]


def test_words_that_a_model_does_not_know_are_left_out(small):
    book, told = small
    assert np.array_equal(book.encode('blue qqqqq! river'), book.encode('blue river'))
    assert told == ["the model does not know the word 'qqqqq'"]


def test_a_bank_of_unknown_words_is_still_measured(small):
    assert np.isfinite(small[0].calibration(('xx yy', 'red', 'zz')).directions).all()
