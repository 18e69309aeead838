import dataclasses

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, StableDiffusionImg2ImgPipeline

from live.diffusion.bend import AT_REST, Bend
from live.diffusion.models import PREDICTIONS, load_model, quiet
from live.diffusion.step import MIRRORS, Step, fetch, to_rgba

EMBEDDING = np.random.default_rng(0).standard_normal((77, 64)).astype(np.float32)
HALF = 499 / 999        # strength whose timestep is in the table


def noise(seed, rows=16, columns=16):
    return torch.randn((1, 4, rows, columns), generator=torch.Generator().manual_seed(seed))


def picture(seed=0, height=128, width=128):
    return torch.rand((1, 3, height, width), generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.fixture(scope='module')
def step(tiny):
    return Step(tiny)


@pytest.fixture(scope='module')
def own_step():
    """A step with a model of its own, for tests that change it."""
    return Step(load_model('random:tiny', 'cpu'))


def ask_diffusers(folder, start, steps):
    with quiet():
        pipeline = StableDiffusionImg2ImgPipeline.from_pretrained(folder, safety_checker=None,
                                                                  requires_safety_checker=False)
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    pipeline.set_progress_bar_config(disable=True)
    said = [pipeline(image=start, prompt_embeds=torch.from_numpy(EMBEDDING)[None], num_inference_steps=steps,
                     strength=1 / steps, guidance_scale=0.0, generator=torch.Generator().manual_seed(7),
                     output_type=output).images for output in ('latent', 'np')]
    return said[0], torch.from_numpy(said[1]).permute(0, 3, 1, 2) * 2 - 1


@pytest.mark.parametrize('steps', [1, 2, 5, 20])
@pytest.mark.parametrize('prediction', PREDICTIONS)
def test_one_step_equals_diffusers_pipeline(folder_of, prediction, steps):
    start = noise(5)
    wanted = ask_diffusers(folder_of(prediction), start, steps)
    latent, seen = Step(load_model(str(folder_of(prediction)), 'cpu')).dream(
        start, noise(7), (1000 // steps - 1) / 999, EMBEDDING)
    assert (latent - wanted[0]).abs().max() <= 1e-4
    assert (seen.clamp(-1, 1) - wanted[1]).abs().max() <= 1e-4


@pytest.mark.parametrize('steps', [2, 4])       # diffusers rounds 1000 / 3
@pytest.mark.parametrize('prediction', PREDICTIONS)
def test_more_steps_are_x0_and_noise_by_turns_as_diffusers_counts_them(folder_of, prediction, steps):
    model = load_model(str(folder_of(prediction)), 'cpu')
    scheduler = DDIMScheduler.from_config(model.scheduler.config, timestep_spacing='trailing')
    scheduler.set_timesteps(steps)
    wanted = noise(5)
    with torch.no_grad():
        for time, mirror in zip(scheduler.timesteps, MIRRORS):
            noised = scheduler.add_noise(wanted, noise(7).flip(mirror), time)
            said = model.unet(noised, time, torch.from_numpy(EMBEDDING)[None]).sample
            wanted = scheduler.step(said, time, noised).pred_original_sample
    latent, _ = Step(model).dream(noise(5), noise(7), 1.0, EMBEDDING, steps)
    assert (latent - wanted).abs().max() <= 2e-4


def test_four_steps_from_full_strength_are_those_that_turbo_models_know(step):
    assert [time for time, _, _ in step.schedule(1.0, 4)] == pytest.approx([999, 749, 499, 249])


@pytest.mark.parametrize('steps', [1, 2, 3, 4])
@pytest.mark.parametrize('strength', [0.0, 0.01, 0.45, 1.0])
def test_a_schedule_begins_at_the_strength_and_falls(step, strength, steps):
    schedule = step.schedule(strength, steps)
    times = [time for time, _, _ in schedule]
    assert len(times) == steps and times[0] == strength * 999
    assert all(0 <= later <= earlier for earlier, later in zip(times, times[1:]))
    assert all(a * a + b * b == pytest.approx(1.0) for _, a, b in schedule)


def test_mirrored_noise_has_nothing_to_do_with_itself():
    flat = [noise(3, 64, 64).flip(mirror).flatten() for mirror in MIRRORS]
    assert (torch.corrcoef(torch.stack(flat)) - torch.eye(4)).abs().max() < 0.03


def test_a_picture_is_encoded_first(step):
    from_picture = step.dream(picture(), noise(7), HALF, EMBEDDING)
    from_latent = step.dream(step.encode(picture()), noise(7), HALF, EMBEDDING)
    assert from_picture[0].equal(from_latent[0]) and from_picture[1].equal(from_latent[1])


@pytest.mark.parametrize('start', [noise(5), picture(1)], ids=['latent', 'picture'])
def test_a_picture_is_mixed_in_by_its_share(step, start):
    latent = start if start.shape[1] == 4 else step.encode(start)
    mixed = step.dream(start, noise(7), HALF, EMBEDDING, init=picture(), share=0.3)
    by_hand = step.dream(0.7 * latent + 0.3 * step.encode(picture()), noise(7), HALF, EMBEDDING)
    assert torch.allclose(mixed[0], by_hand[0], atol=1e-5)


def test_the_picture_is_the_decoded_latent(step):
    latent, seen = step.dream(noise(5), noise(7), HALF, EMBEDDING)
    assert seen.equal(step.decode(latent)) and seen.dtype == latent.dtype == torch.float32


@pytest.mark.parametrize('rows, columns', [(4, 4), (12, 20)])
@pytest.mark.parametrize('tokens', [77, 93])
def test_sizes_and_tokens_change_live(step, rows, columns, tokens):
    words = np.resize(EMBEDDING, (tokens, 64))
    latent, seen = step.dream(noise(5, rows, columns), noise(7, rows, columns), HALF, words)
    assert latent.shape == (1, 4, rows, columns) and seen.shape == (1, 3, 8 * rows, 8 * columns)


def test_nothing_that_was_returned_changes_later(step):
    start = noise(5)
    latent, seen = step.dream(start, noise(7), HALF, EMBEDDING)
    pixels = step.read(seen)
    kept = [value.clone() for value in (latent, seen)], pixels.copy(), start.clone()
    step.read(step.dream(noise(6), noise(8), 0.9, EMBEDDING + 1)[1])
    assert latent.equal(kept[0][0]) and seen.equal(kept[0][1]) and start.equal(kept[2])
    assert np.array_equal(pixels, kept[1])


def test_an_embedding_that_cannot_be_written_is_taken(step):
    frozen = EMBEDDING.copy()
    frozen.flags.writeable = False
    step.dream(noise(5), noise(7), HALF, frozen)


def test_a_read_picture_is_opaque_and_rounded_to_the_nearest(step):
    ramp = torch.linspace(-1.2, 1.2, 3 * 8 * 16).reshape(1, 3, 8, 16)
    pixels = step.read(ramp)
    exact = 255 * (ramp[0].permute(1, 2, 0).numpy() / 2 + 0.5).clip(0, 1)
    assert pixels.shape == (8, 16, 4) and pixels.dtype == np.uint8 and (pixels[..., 3] == 255).all()
    assert np.abs(pixels[..., :3] - exact).max() <= 0.5001


def test_bending_at_rest_changes_no_bit_and_bending_does(own_step):
    bend = Bend(own_step.model.unet, 'cpu')
    straight = own_step.dream(noise(5), noise(7), HALF, EMBEDDING)[0]
    bend.set(AT_REST)
    assert own_step.dream(noise(5), noise(7), HALF, EMBEDDING, bend=bend)[0].equal(straight)
    bend.set([1, 2, 1, 0, 30, 0, 0, 0, .5, 0, 0])
    assert not own_step.dream(noise(5), noise(7), HALF, EMBEDDING, bend=bend)[0].equal(straight)
    bend.remove()


def test_the_end_of_a_table_without_signal_divides_by_no_zero(tiny):
    table = tiny.alphas_cumprod.copy()
    table[-1] = 0.0
    blind = Step(dataclasses.replace(tiny, alphas_cumprod=table))
    assert torch.isfinite(blind.dream(noise(5), noise(7), 1.0, EMBEDDING, 2)[1]).all()


def test_warming_up_says_what_it_does_and_keeps_the_reason():
    said = []
    step = Step(load_model('random:tiny', 'cpu'))
    step.warm_up(8, 8, 77, said.append)
    assert said == ['choosing number formats', 'warming up for 64 x 64 from latents and pictures']
    assert 'UNet in' in step.reason and 'autoencoder in' in step.reason
    assert np.isfinite(step.read(step.dream(noise(5), noise(7), HALF, EMBEDDING)[1])).all()


def test_warming_up_takes_as_many_steps_as_will_be_asked_for(tiny, monkeypatch):
    schedules = []
    step = Step(tiny)
    monkeypatch.setattr(step, 'schedule', lambda *asked: schedules.append(asked[1]) or Step.schedule(step, *asked))
    step.warm_up(8, 8, 77, lambda text: None, 3)
    assert schedules == [3]


def test_bfloat16_stays_close_to_float32(step):
    from live.diffusion.processor import has_bfloat16, to_bfloat16
    if not has_bfloat16():
        pytest.skip('this processor has no bfloat16')
    narrow = load_model('random:tiny', 'cpu')
    to_bfloat16(narrow.vae)
    ours, exact = Step(narrow).decode(noise(5)), step.decode(noise(5))
    assert (ours - exact).abs().mean() < 0.02 * exact.std()


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
@pytest.mark.parametrize('steps', [1, 3])
@pytest.mark.parametrize('start, init', [(noise(5), None), (picture(), None), (noise(5), picture(1))],
                         ids=['latent', 'picture', 'both'])
def test_a_captured_graph_says_what_the_steps_say(start, init, steps):
    model = load_model('random:tiny', 'cuda')
    captured, eager = Step(model), Step(model, graphs=False)
    for turn in range(3):
        given = (start.cuda() * (1 - 0.1 * turn), noise(turn).cuda(), 0.3 + 0.2 * turn, EMBEDDING * turn, steps, None,
                 None if init is None else init.cuda(), 0.2 * turn)
        ours, exact = captured.dream(*given), eager.dream(*given)
        assert torch.allclose(ours[0], exact[0], atol=2e-2) and torch.allclose(ours[1], exact[1], atol=2e-2)
        assert np.array_equal(captured.read(ours[1]), fetch(to_rgba(ours[1])))
    assert captured.uncaptured == 0 and len(captured._graphs._captured) == 1


@pytest.mark.skipif(not torch.cuda.is_available(), reason='no CUDA device')
def test_a_captured_bend_follows_its_values_and_its_blocks():
    model = load_model('random:tiny', 'cuda')
    captured, eager, bend = Step(model), Step(model, graphs=False), Bend(model.unet, 'cuda')
    for turn, block in ((10, 0), (20, 0), (30, 1), (40, 2), (50, 0)):
        bend.set([1, 1, 1, 0, turn, 0, 0, 0, 1, 0, block])
        given = noise(5).cuda(), noise(7).cuda(), HALF, EMBEDDING, 1, bend
        assert torch.allclose(captured.dream(*given)[0], eager.dream(*given)[0], atol=5e-2)
    bend.remove()
