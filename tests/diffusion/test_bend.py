import pytest
import torch

from live.diffusion.bend import AT_REST, Bend
from live.diffusion.models import load_model
from live.params import PARAMS

VALUES = [param.name.removeprefix('bend.') for param in PARAMS if param.group == 'bend']
BENDING = [name for name in VALUES if not name.endswith('_block')]


@pytest.fixture(scope='module')
def unet():
    return load_model('random:tiny', 'cpu').unet


@pytest.fixture
def bend(unet):
    bend = Bend(unet, 'cpu')
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
    return [changed.get(name, rest) for name, rest in zip(VALUES, AT_REST, strict=True)]


def outputs_of(block, run):
    """Return what one block says during a run, after it was bent."""
    said = []
    hook = block.register_forward_hook(lambda module, inputs, output: said.append(output))
    run()
    hook.remove()
    return said[0]


def hooked(unet):
    """Return the names of the blocks that have a hook."""
    return [name for name, module in unet.named_modules() if module._forward_hooks]


def test_the_parameters_rest_where_nothing_is_bent():
    assert tuple(param.default for param in PARAMS if param.group == 'bend') == AT_REST


def test_at_rest_there_are_no_hooks_and_no_bit_changes(unet, bend, say):
    straight = say()
    bend.set(values(up_noise=1))
    assert len(bend.bent) == len(hooked(unet)) == 5
    bend.set(AT_REST)
    assert bend.bent == () and hooked(unet) == []
    assert say().equal(straight)


@pytest.mark.parametrize('name', [name for name in BENDING if name != 'up_scale'])
def test_each_value_bends_the_picture(bend, say, name):
    straight = say()
    bend.set(values(**{name: 40 if 'rotate' in name else 2}))
    assert (say() - straight).std() > 0.02 * straight.std()


@pytest.mark.parametrize('part, others', [('down', ['mid_block', 'up_blocks.0', 'up_blocks.1']),
                                          ('up', ['down_blocks.0', 'down_blocks.1', 'mid_block'])])
@pytest.mark.parametrize('choice, place', [(1, 0), (2, 1), (4, 1)], ids=['first', 'last', 'beyond'])
def test_one_block_is_bent_alone(unet, bend, part, others, choice, place):
    bend.set(values(**{f'{part}_rotate': 30, f'{part}_block': choice}))
    assert sorted(hooked(unet)) == sorted([f'{part}_blocks.{place}', *others])


def test_a_choice_moves_the_bending_and_all_brings_it_back(unet, bend, say):
    said = {}
    for choice in (0, 1, 2, 0):
        bend.set(values(down_rotate=60, down_block=choice))
        assert said.setdefault(choice, say()).equal(say())
    assert not any(said[one].equal(said[other]) for one, other in ((0, 1), (1, 2), (0, 2)))


def test_a_choice_alone_bends_nothing(unet, bend, say):
    straight = say()
    bend.set(values(down_block=1, up_block=2))
    assert hooked(unet) == [] and say().equal(straight)


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


def test_noise_is_always_the_same(unet, bend, say):
    bend.set(values(down_noise=1))
    said = say()
    bend.remove()
    other = Bend(unet, 'cpu')
    other.set(values(down_noise=1))
    assert say().equal(said)
    other.remove()


def test_values_move_without_new_hooks(unet, bend, say):
    bend.set(values(up_rotate=10))
    hooks = list(bend._hooks)
    before = say()
    bend.set(values(up_rotate=11))
    assert bend._hooks == hooks and 0 < (say() - before).std() < 0.2 * before.std()
