import numpy as np
import pytest
import torch

from live.conditioning import prompts
from live.conditioning.prompts import CALIBRATION_PROMPTS, PromptBook, slerp


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
