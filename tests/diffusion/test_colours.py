import numpy as np
import pytest
import torch

from live.diffusion.colours import LUMA, PIXELS, Colours, measure_colours, recolour, turn_hue


def painted():
    """Channels that show as known colours."""
    generator = np.random.default_rng(4)
    return Colours(generator.standard_normal((3, 4)) * 0.2, np.array([0.1, -0.2, 0.0]), 1.0)


@pytest.mark.parametrize('turns', [0.1, 1 / 3, -0.4])
def test_turning_hues_keeps_light_and_greys(turns):
    matrix = turn_hue(turns)
    assert LUMA @ matrix == pytest.approx(LUMA)
    assert matrix @ np.ones(3) == pytest.approx(np.ones(3))


def test_turns_add_up_to_a_whole_one():
    assert turn_hue(1.0) == pytest.approx(np.eye(3))
    assert np.linalg.matrix_power(turn_hue(0.01), 100) == pytest.approx(np.eye(3))


def test_a_third_of_a_turn_makes_another_colour():
    red = np.array([0.8, -0.5, -0.5])
    turned = [turn_hue(k / 3) @ red for k in (0, 1, 2)]
    assert sorted(int(np.argmax(colour)) for colour in turned) == [0, 1, 2]


def test_latents_are_turned_as_what_they_show_as():
    colours = painted()
    channels = np.random.default_rng(1).standard_normal((4, 50))
    turned = colours.turn(0.2)[:4] @ np.vstack((channels, np.ones(50)))
    shown = turn_hue(0.2) @ (colours.matrix @ channels + colours.offset[:, None])
    assert colours.matrix @ turned + colours.offset[:, None] == pytest.approx(shown)


def test_a_hundred_turns_of_a_latent_bring_it_back():
    assert np.linalg.matrix_power(painted().turn(0.01), 100) == pytest.approx(np.eye(5), abs=1e-9)


def test_no_turn_is_the_field_itself():
    field = torch.randn(1, 3, 8, 8)
    assert recolour(field, PIXELS.turn(0.0)) is field


def test_measuring_finds_a_linear_decoder():
    wanted = painted()

    def decode(latent):
        flat = torch.einsum('dc,nchw->ndhw', torch.tensor(wanted.matrix).float(), latent) * 0.5
        shown = flat + torch.tensor(wanted.offset).float()[:, None, None]
        return shown.repeat_interleave(8, 2).repeat_interleave(8, 3)
    found = measure_colours(decode, 4, 'cpu')
    assert found.matrix == pytest.approx(wanted.matrix * 0.5, abs=0.01)
    assert found.fit > 0.99


def test_measuring_a_real_decoder_explains_most_of_it(tiny):
    from live.diffusion.step import Step
    found = measure_colours(Step(tiny).decode, 4, 'cpu')
    assert found.fit > 0.5
    assert np.linalg.matrix_rank(found.matrix) == 3


def test_a_map_is_applied_with_its_offset():
    field = torch.randn(1, 3, 5, 7)
    map_ = np.eye(4)
    map_[0, 1], map_[2, 3] = 0.5, -1.0
    wanted = field + torch.stack((0.5 * field[0, 1], torch.zeros(5, 7), torch.full((5, 7), -1.0)))
    assert torch.allclose(recolour(field, map_), wanted, atol=1e-6)
