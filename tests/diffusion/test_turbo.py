import math

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler, StableDiffusionImg2ImgPipeline

from live.diffusion.hub import DreamError
from live.diffusion.models import PREDICTIONS, load_model, quiet
from live.diffusion.turbo import FIXED, FRESH, WALK, Turbo

STEPS = (1, 2, 4, 5, 10, 20)        # strength 1/N of N trailing steps is one step from timestep 1000/N - 1


def reference(folder, scheduler=DDIMScheduler):
    with quiet():
        pipeline = StableDiffusionImg2ImgPipeline.from_pretrained(folder, safety_checker=None,
                                                                  requires_safety_checker=False)
    pipeline.scheduler = scheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def ask_diffusers(pipeline, image, embedding, steps, output):
    return pipeline(image=image, prompt_embeds=embedding, num_inference_steps=steps, strength=1 / steps,
                    guidance_scale=0.0, generator=torch.Generator().manual_seed(7), output_type=output).images


def same_noise():
    return torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(7))


@pytest.mark.parametrize('steps', STEPS)
@pytest.mark.parametrize('prediction', PREDICTIONS)
def test_one_step_equals_diffusers_pipeline(folder_of, conditioning, prediction, steps):
    folder = folder_of(prediction)
    engine, pipeline = Turbo(load_model(str(folder), 'cpu'), guard=0.0), reference(folder)
    embedding = torch.from_numpy(conditioning().embedding)[None]
    latent = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(5))
    wanted = ask_diffusers(pipeline, latent, embedding, steps, 'latent')
    ours = engine.step(latent, same_noise(), (1000 // steps - 1) / 999, embedding)
    assert (ours - wanted).abs().max() <= 1e-4


@pytest.mark.parametrize('prediction', ['epsilon', 'v_prediction'])
def test_one_step_equals_eulers_method(folder_of, conditioning, prediction):
    folder = folder_of(prediction)
    engine, pipeline = Turbo(load_model(str(folder), 'cpu'), guard=0.0), reference(folder, EulerDiscreteScheduler)
    embedding = torch.from_numpy(conditioning().embedding)[None]
    latent = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(5))
    wanted = ask_diffusers(pipeline, latent, embedding, 2, 'latent')
    assert (engine.step(latent, same_noise(), 499 / 999, embedding) - wanted).abs().max() <= 1e-4


@pytest.mark.parametrize('prediction', PREDICTIONS)
def test_pixels_to_pixels_equals_diffusers_pipeline(folder_of, conditioning, prediction):
    from PIL import Image
    folder = folder_of(prediction)
    engine, pipeline = Turbo(load_model(str(folder), 'cpu'), guard=0.0), reference(folder)
    picture = np.random.default_rng(2).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    embedding = torch.from_numpy(conditioning().embedding)[None]
    wanted = ask_diffusers(pipeline, Image.fromarray(picture), embedding, 2, 'np')
    latent = engine.step(engine.encode(picture), same_noise(), 499 / 999, embedding)
    ours = (engine.decode(latent) / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy()
    assert np.abs(ours - wanted).max() <= 1e-4


def test_strength_is_the_timestep_and_continuous(tiny):
    engine = Turbo(tiny)
    assert engine.timestep(499 / 999) == pytest.approx((499.0, tiny.alphas_cumprod[499]), abs=1e-12)
    time, alpha = engine.timestep(499.5 / 999)
    assert time == pytest.approx(499.5)
    assert alpha == pytest.approx(tiny.alphas_cumprod[499:501].mean())
    assert engine.timestep(-1.0)[0] == 0 and engine.timestep(2.0)[0] == 999


def test_a_small_turn_of_strength_is_a_small_change(tiny, conditioning):
    def dream(strength):
        engine = Turbo(tiny)
        embedding = torch.from_numpy(conditioning().embedding)[None]
        return engine.step(same_noise() * 0.5, same_noise(), strength, embedding)
    change = [(dream(0.5 + turn) - dream(0.5)).abs().mean() for turn in (1e-4, 1e-2)]
    assert 0 < change[0] < 0.1 * change[1]


def test_a_dream_is_an_opaque_picture(tiny, conditioning):
    pixels = Turbo(tiny, 96, 160).dream(conditioning())
    assert pixels.shape == (96, 160, 4) and pixels.dtype == np.uint8
    assert (pixels[..., 3] == 255).all() and pixels[..., :3].std() > 10


def test_size_is_rounded_down_to_what_the_autoencoder_makes(tiny, conditioning):
    engine = Turbo(tiny, 101, 70)
    assert engine.dream(conditioning()).shape == (96, 64, 4)


def test_row_zero_is_the_top(tiny):
    engine = Turbo(tiny)
    top_lit = np.zeros((128, 128, 4), np.uint8)
    top_lit[:64] = 255
    lit, dark = engine.encode(top_lit), engine.encode(np.zeros_like(top_lit))
    assert (lit - dark)[:, :, :6].abs().mean() > 10 * (lit - dark)[:, :, 10:].abs().mean()


@pytest.mark.parametrize('noise', [FIXED, FRESH, WALK])
def test_same_seed_gives_the_same_pictures(tiny, conditioning, noise):
    def film(seed):
        engine = Turbo(tiny, seed=seed)
        return [engine.dream(conditioning(walk=0.1 * k, seed=k), 0.9, noise) for k in range(4)]
    assert np.array_equal(film(1), film(1))
    assert not np.array_equal(film(1)[0], film(2)[0])


def test_reset_begins_anew(tiny, conditioning):
    engine = Turbo(tiny)
    first, second = engine.dream(conditioning(), noise=FRESH), engine.dream(conditioning(), noise=FRESH)
    engine.reset()
    assert np.array_equal(first, engine.dream(conditioning(), noise=FRESH))
    assert not np.array_equal(first, second)


def test_another_embedding_gives_another_picture(tiny, conditioning):
    one, other = (Turbo(tiny).dream(conditioning(seed=seed)) for seed in (0, 1))
    assert np.abs(one.astype(int) - other).mean() > 1


@pytest.mark.parametrize('kind', [np.uint8, np.float32])
def test_without_feedback_the_dream_grows_from_the_motes(tiny, conditioning, kind):
    motes = np.zeros((50, 90, 4), kind)
    engine = Turbo(tiny)
    with torch.inference_mode():
        engine.dream(conditioning(), init=motes)
        assert engine._start(0.0, motes).equal(engine.encode(motes))
        assert engine._start(1.0, motes).equal(engine.latent)


def test_fixed_noise_stays_and_fresh_noise_does_not(tiny, conditioning):
    engine = Turbo(tiny)
    fixed, fresh = engine.noise(FIXED, 0.0), engine.noise(FRESH, 0.0)
    engine.dream(conditioning())
    assert engine.noise(FIXED, 9.0).equal(fixed)
    assert not engine.noise(FRESH, 0.0).equal(fresh)


def test_the_walk_has_unit_variance_for_many_turns(tiny):
    engine = Turbo(tiny, 512, 512)
    for angle in np.linspace(0, 20 * math.pi, 101):
        assert engine.noise(WALK, angle).std() == pytest.approx(1.0, abs=0.02)


def test_the_walk_never_jumps(tiny):
    engine = Turbo(tiny)
    steps = [engine.noise(WALK, angle) for angle in np.arange(0, 4 * math.pi, 0.05)]
    lengths = [(b - a).std().item() for a, b in zip(steps, steps[1:])]
    assert max(lengths) < 0.07      # 0.05 radians on a sphere of radius 1


def test_the_walk_never_comes_back(tiny):
    engine = Turbo(tiny)
    start = engine.noise(WALK, 0.0).flatten()
    for turn in range(1, 6):
        there = engine.noise(WALK, 2 * math.pi * turn).flatten()
        assert abs(torch.corrcoef(torch.stack((start, there)))[0, 1]) < 0.15


def test_any_angle_of_the_walk_is_known_without_those_before(tiny):
    walked = Turbo(tiny)
    for angle in np.arange(0, 30, 0.4):
        walked.noise(WALK, angle)
    assert walked.noise(WALK, 30.0).equal(Turbo(tiny).noise(WALK, 30.0))


def test_hundreds_of_dreams_of_feedback_do_not_burn_in(tiny, conditioning):
    engine = Turbo(tiny, 32, 32)
    for k in range(400):
        pixels = engine.dream(conditioning(strength=0.3, walk=0.01 * k))
    assert pixels[..., :3].std() > 10
    assert engine.latent.abs().max() < 20


def test_the_guard_leaves_true_latents_alone(tiny):
    latent = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(1))
    assert torch.allclose(Turbo(tiny)._hold(latent), latent, atol=1e-6)


def test_a_broken_embedding_is_reported_and_the_next_dream_is_whole(tiny, conditioning):
    engine, twin = Turbo(tiny), Turbo(tiny)
    engine.dream(conditioning())
    twin.dream(conditioning())
    broken = conditioning()
    broken.embedding[3, 3] = np.nan
    with pytest.raises(DreamError, match='not finite'):
        engine.dream(broken)
    assert np.array_equal(engine.dream(conditioning()), twin.dream(conditioning()))


def test_zero_terminal_snr_does_not_divide_by_zero(folder_of, conditioning):
    import dataclasses
    model = load_model(str(folder_of('epsilon')), 'cpu')
    table = model.alphas_cumprod.copy()
    table[-1] = 0.0
    engine = Turbo(dataclasses.replace(model, alphas_cumprod=table))
    assert engine.dream(conditioning(strength=1.0)).shape == (128, 128, 4)
