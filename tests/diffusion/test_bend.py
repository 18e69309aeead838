import pytest
import torch

from live.diffusion.bend import AT_REST, Bend
from live.diffusion.models import load_model

PLACES = {'down_scale': 0, 'middle_scale': 1, 'up_scale': 2, 'down_rotate': 3, 'middle_rotate': 4, 'up_rotate': 5,
          'down_noise': 6, 'middle_noise': 7, 'up_noise': 8}


@pytest.fixture(scope='module')
def unet():
    return load_model('random:tiny', 'cpu').unet


@pytest.fixture
def bend(unet):
    bend = Bend(unet, 'cpu', seed=4)
    yield bend
    bend.remove()


@pytest.fixture
def say(unet):
    generator = torch.Generator().manual_seed(1)
    latent, words = torch.randn((1, 4, 16, 16), generator=generator), torch.randn((1, 77, 64), generator=generator)

    def run():
        with torch.inference_mode():
            return unet(latent, torch.tensor([499.0]), encoder_hidden_states=words, return_dict=False)[0]
    return run


def values(**changed):
    return [changed.get(name, rest) for name, rest in zip(PLACES, AT_REST)]


def outputs_of(block, run):
    """Return what one block says during a run, after it was bent."""
    said = []
    hook = block.register_forward_hook(lambda module, inputs, output: said.append(output))
    run()
    hook.remove()
    return said[0]


def hooks_of(unet):
    return sum(len(module._forward_hooks) for module in unet.modules())


def test_at_rest_there_are_no_hooks_and_no_bit_changes(unet, bend, say):
    straight = say()
    bend.set(values(up_noise=1))
    assert bend.on and hooks_of(unet) == 5
    bend.set(AT_REST)
    assert not bend.on and hooks_of(unet) == 0
    assert say().equal(straight)


@pytest.mark.parametrize('name', [name for name in PLACES if name != 'up_scale'])
def test_each_value_bends_the_picture(bend, say, name):
    straight = say()
    bend.set(values(**{name: 40 if 'rotate' in name else 2}))
    assert (say() - straight).std() > 0.02 * straight.std()


def test_every_up_block_but_the_last_shows_its_scale(bend, say):
    straight = say()
    bend.set(values(up_scale=2))
    assert not say().equal(straight)


def test_scale_scales_what_the_middle_says(unet, bend, say):
    straight = outputs_of(unet.mid_block, say)
    bend.set(values(middle_scale=3))
    assert torch.allclose(outputs_of(unet.mid_block, say), 3 * straight)


def test_down_blocks_are_bent_in_all_that_they_say(unet, bend, say):
    on, across = outputs_of(unet.down_blocks[0], say)
    bend.set(values(down_scale=2))
    bent_on, bent_across = outputs_of(unet.down_blocks[0], say)
    assert torch.allclose(bent_on, 2 * on) and bent_on is bent_across[-1]
    assert all(torch.allclose(bent, 2 * straight) for bent, straight in zip(bent_across, across))


@pytest.mark.parametrize('degrees', [30, 90, -145])
def test_rotation_keeps_every_length(unet, bend, say, degrees):
    straight = outputs_of(unet.mid_block, say)
    bend.set(values(middle_rotate=degrees))
    bent = outputs_of(unet.mid_block, say)
    assert torch.allclose(bent.norm(dim=1), straight.norm(dim=1), rtol=1e-4)
    assert not torch.allclose(bent, straight, atol=0.1)


def test_a_quarter_turn_puts_one_half_in_the_place_of_the_other(unet, bend, say):
    first, second = outputs_of(unet.mid_block, say).chunk(2, dim=1)
    bend.set(values(middle_rotate=90))
    assert torch.allclose(outputs_of(unet.mid_block, say), torch.cat((-second, first), dim=1), atol=1e-5)


def test_noise_is_measured_by_what_it_is_added_to(unet, bend, say):
    straight = outputs_of(unet.mid_block, say)
    bend.set(values(middle_noise=0.5))
    added = outputs_of(unet.mid_block, say) - straight
    assert float(added.std() / straight.std()) == pytest.approx(0.5, rel=0.05)


def test_noise_is_the_same_for_a_seed_and_another_for_another(unet, bend, say):
    def bent(seed):
        other = Bend(unet, 'cpu', seed)
        other.set(values(down_noise=1))
        said = say()
        other.remove()
        return said
    assert bent(1).equal(bent(1)) and not bent(1).equal(bent(2))


def test_values_move_without_new_hooks(unet, bend, say):
    bend.set(values(up_rotate=10))
    hooks = list(bend._hooks)
    before = say()
    bend.set(values(up_rotate=11))
    assert bend._hooks == hooks and 0 < (say() - before).std() < 0.2 * before.std()
