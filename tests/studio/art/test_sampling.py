"""Guidance and steps, against diffusers' own pipeline."""
import numpy as np
import pytest
import torch

from live.diffusion.models import load_model
from live.diffusion.step import Step
from live.studio.art.engine import Art, Engine
from live.studio.art.sampling import GuidedStep


@pytest.fixture(scope='module')
def pipeline(many_steps):
    import diffusers

    from live.diffusion.models import quiet
    with quiet():
        pipe = diffusers.StableDiffusionPipeline.from_pretrained(str(many_steps), low_cpu_mem_usage=False)
    pipe.scheduler = diffusers.DDIMScheduler.from_config(pipe.scheduler.config, timestep_spacing='trailing')
    pipe.set_progress_bar_config(disable=True)
    return pipe


def make_noise(seed=1):
    return torch.randn(1, 4, 16, 16, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize('steps', [1, 4, 20])
@pytest.mark.parametrize('guidance', [1.0, 7.5])
def test_guided_steps_are_those_of_diffusers(pipeline, many_steps, steps, guidance):
    engine = Engine(Art(str(many_steps), steps=steps, guidance=guidance, negative='grey fog'))
    noise = make_noise()
    ours, _ = engine.step.dream(torch.zeros_like(noise), noise, 1.0, engine.book.encode('blue dust').copy())
    share = (1 - engine.model.alphas_cumprod[-1]) ** 0.5
    theirs = pipeline('blue dust', negative_prompt='grey fog', num_inference_steps=steps, guidance_scale=guidance,
                      latents=noise * share, output_type='latent', height=128, width=128).images
    assert torch.allclose(ours, theirs, atol=2e-3 * float(theirs.abs().max()))


def test_a_negative_text_turns_the_picture_away(many_steps):
    def paint(**changes):
        engine = Engine(Art(str(many_steps), steps=4, **changes))
        return engine.paint(engine.book.encode('blue dust')).astype(float)
    plain = paint(negative='grey fog')
    assert np.array_equal(plain, paint())
    assert np.abs(paint(guidance=5.0, negative='grey fog') - paint(guidance=5.0)).max() > 2


@pytest.mark.parametrize('steps', [1, 4])
def test_a_model_of_few_steps_dreams_as_on_stage_and_says_what_it_ignores(steps):
    model, noise = load_model('random:tiny', 'cpu'), make_noise()
    engine = Engine(Art('random:tiny', steps=steps, guidance=7.5, negative='fog'))
    page = engine.book.encode('blue dust').copy()
    stage = Step(model).dream(noise * 0, noise, 0.7, page, steps)[0]
    assert torch.equal(engine.step.dream(noise * 0, noise, 0.7, page)[0], stage)
    note, = engine.notes
    assert note.startswith('random:tiny: guidance and negative ignored: this model was made for one to four steps')


def test_a_negative_text_without_guidance_is_told(many_steps):
    assert 'no effect while guidance is 1' in Engine(Art(str(many_steps), negative='fog')).notes[0]
    assert Engine(Art(str(many_steps), guidance=5.0, negative='fog')).notes == []


def test_strength_nothing_leaves_the_start(many_steps):
    model, start = load_model(str(many_steps), 'cpu'), make_noise(2)
    latent, _ = GuidedStep(model, steps=3).dream(start, make_noise(), 0.0, np.zeros((77, 64), np.float32))
    whole, _ = GuidedStep(model, steps=3).dream(start, make_noise(), 1.0, np.zeros((77, 64), np.float32))
    assert (latent - start).abs().mean() < 0.2 * (whole - start).abs().mean()
