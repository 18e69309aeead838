import numpy as np
import pytest

from live.dsp.capture import (
    BANDS, CAPTURE, FRAME, WIDTH, begin_capture, count_above, floor_of, go_on, hear_capture, reset_capture)
from live.dsp.kernel import TICK

RATE = 48000
BIN = RATE / FRAME


def capture(*sines, noise=0.0):
    """Frequencies and amplitudes of what is found in sines (Hz, amplitude), sidelobes left out; and the state."""
    t = np.arange(3 * FRAME // 2) / RATE
    sound = sum(level * np.sin(2 * np.pi * hertz * t + hertz) for hertz, level in sines)
    sound = (sound + noise * np.random.default_rng(1).standard_normal(len(t))).astype(np.float32)
    state = np.zeros(1, CAPTURE)[0]
    reset_capture(state)
    for k in range(0, len(sound), TICK):
        hear_capture(state, sound[k:k + TICK], sound[k:k + TICK])
    begin_capture(state)
    while not go_on(state, RATE):
        pass
    found = np.arange(len(state['masked'])) < state['first'][BANDS]
    found &= state['masked'] == 0
    order = np.argsort(state['frequency'][found])
    return state['frequency'][found][order], state['amplitude'][found][order], state


@pytest.mark.parametrize('hertz', [55.3, 440.0, 5003.7, 19999.0])
@pytest.mark.parametrize('level', [1.0, 1e-3])
def test_one_sine_is_one_sine(hertz, level):
    frequencies, amplitudes, _ = capture((hertz, level))
    assert frequencies[amplitudes > 1e-3 * level] == pytest.approx([hertz], rel=1e-4)
    assert amplitudes.max() == pytest.approx(level, rel=1e-3)


@pytest.mark.parametrize('edge', [WIDTH, 3 * WIDTH])
@pytest.mark.parametrize('away', [-1.2, -0.5, 0.0, 0.4, 1.1])
def test_a_sine_at_the_edge_of_a_band_is_found_once(edge, away):
    frequencies, amplitudes, _ = capture(((edge + away) * BIN, 0.5))
    assert frequencies[amplitudes > 1e-3] == pytest.approx([(edge + away) * BIN], abs=0.01)


def test_a_quiet_neighbour_is_no_sidelobe():
    frequencies, amplitudes, _ = capture((1000.0, 0.5), (1100.0, 0.5e-3))
    assert amplitudes[np.abs(frequencies - 1100) < 1] == pytest.approx([0.5e-3], rel=0.1)


def test_the_floor_lets_so_many_through():
    state = capture((440.0, 0.3), noise=0.1)[2]
    for most in (1, 10, 300):
        assert most - 3 <= count_above(state, floor_of(state, most)) <= most
    assert floor_of(state, 10000) < 1e-4
