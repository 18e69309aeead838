"""Knobs that stand elsewhere than their parameter."""
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.control.mapping import Binding
from live.control.takeover import NEAR, Takeover
from live.params import find_param

MIX = find_param('display.mix')         # 0..1, linear


class Hand:
    """A knob on a parameter that others move as well."""

    def __init__(self, binding=Binding(MIX), value=0.5):
        self.binding, self.value, self.takeover = binding, value, Takeover()

    def turn(self, *positions):
        for position in positions:
            knob = self.takeover.turn(self.binding, position, self.value)
            if knob is not None:
                self.value = self.binding.param.from_knob(knob)
                self.takeover.leave(knob, self.value)
        return self.value

    @property
    def waits(self):
        return self.takeover.waits(self.binding, self.value)


def test_knob_elsewhere_waits_until_it_passes():
    hand = Hand()
    assert hand.turn(0.1, 0.3) == 0.5 and hand.waits
    assert hand.turn(0.6) == 0.6 and not hand.waits


def test_fast_turn_leaps_over_every_window_and_still_gets_hold():
    assert Hand().turn(0.0, 1.0) == 1.0


@pytest.mark.parametrize('away, caught', [(NEAR * 0.9, True), (NEAR * 1.1, False)])
def test_knob_that_is_near_gets_hold_at_once(away, caught):
    assert Hand().turn(0.5 + away) == (0.5 + away if caught else 0.5)


def test_knob_keeps_hold_while_nobody_else_moves_the_parameter():
    hand = Hand()
    assert [hand.turn(position) for position in (0.5, 0.9, 0.1, 0.4)] == [0.5, 0.9, 0.1, 0.4]


def test_patch_takes_the_parameter_away_and_the_knob_gets_it_back_by_passing():
    hand = Hand()
    hand.turn(0.5, 0.2)
    hand.value = 0.7
    assert hand.waits and hand.turn(0.3) == 0.7
    assert hand.turn(0.8) == 0.8


def test_first_message_of_a_knob_gets_no_hold_from_afar():
    assert Hand(value=0.9).turn(0.1) == 0.9


def test_forgotten_knob_that_was_turned_unseen_waits_again():
    hand = Hand()
    hand.turn(0.5)
    hand.takeover.forget()
    assert hand.turn(0.9) == 0.5


def test_value_out_of_the_knob_s_reach_is_got_at_its_end():
    hand = Hand(Binding(MIX, low=0.2, high=0.4), value=1.0)
    assert hand.turn(0.5, 0.9) == 1.0
    assert hand.turn(1.0) == pytest.approx(0.4)


def test_jump_goes_where_the_knob_is():
    assert Hand(Binding(MIX, takeover='jump')).turn(0.1) == pytest.approx(0.1)


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_scale_moves_at_once_and_both_arrive_at_the_ends(start, positions):
    hand = Hand(Binding(MIX, takeover='scale'), start)
    hand.turn(*positions)
    assert hand.turn(1.0) == pytest.approx(1) or positions == [1.0]
    assert hand.turn(0.5, 0.0) == pytest.approx(0)


def test_scale_goes_the_same_way_as_the_knob():
    hand = Hand(Binding(MIX, takeover='scale'))
    hand.turn(0.1)
    assert 0.5 < hand.turn(0.2) < hand.turn(0.3) < 1
    assert hand.turn(0.2) < hand.value + 1e-9


def test_encoder_moves_from_where_the_parameter_is():
    hand, binding = Hand(), Binding(MIX, mode='twos', step=0.1)
    assert hand.takeover.click(binding, 2, 0.5) == pytest.approx(0.7)
    assert hand.takeover.click(binding, -9, 0.5) == 0


def test_encoder_of_choices_goes_one_by_one():
    binding = Binding(find_param('drone.filter'), mode='twos')
    assert binding.param.from_knob(Takeover().click(binding, 1, 2)) == 3


def test_slow_encoder_moves_a_count_that_rounds():
    binding, takeover, value = Binding(find_param('dream.steps'), mode='twos'), Takeover(), 1.0
    for _ in range(64):
        knob = takeover.click(binding, 1, value)
        value = binding.param.from_knob(knob)
        takeover.leave(knob, value)
    assert value == 2


def test_encoder_turned_over_runs_the_other_way():
    binding = Binding(MIX, low=1, high=0, mode='twos', step=0.1)
    assert Takeover().click(binding, 1, 0.5) == pytest.approx(0.4)
