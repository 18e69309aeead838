import numpy as np
import pytest

from live.dsp.kernel import TICK
from live.dsp.oscillators import CYCLE
from live.dsp.pulse import PULSE, VOICES, envelope, render_pulse, reset_pulse, step_pattern

RATE = 48000


def play(ticks, step=0.1, chance=1 / 3, spread=24.0, attack=0.01, release=0.1, seed=1):
    """Render pulses as the tick does; return samples (2, n) and the state."""
    state = np.zeros(1, PULSE)[0]
    reset_pulse(state)
    out = np.zeros((ticks, 2, TICK), np.float32)
    for k, tick in enumerate(out):
        step_pattern(state, k * TICK, RATE, seed, step, chance, spread, attack, release)
        render_pulse(state, k * TICK, 466.16 / RATE * CYCLE, 1.0, 0.0, tick[0], tick[1])
    return out.transpose(1, 0, 2).reshape(2, -1), state


def test_a_third_of_the_steps_sounds():
    _, state = play(75 * 300)                       # 300 steps of 100 ms
    assert state['steps'] == 300
    assert state['begun'] / 300 == pytest.approx(1 / 3, abs=0.09)


def test_chance_0_is_silent_and_chance_1_sounds_every_step():
    assert not play(750, chance=0.0)[0].any()
    assert play(750, chance=1.0)[1]['begun'] == 10


def test_a_step_starts_on_its_sample_whatever_the_tick():
    samples, _ = play(200, step=0.1234, chance=1.0, attack=0.001, release=0.005)
    level = np.abs(samples).sum(0).reshape(-1, TICK).max(1)
    onsets = np.nonzero((level[1:] > 0.01) & (level[:-1] < 1e-3))[0] + 1
    assert onsets[0] == pytest.approx(0.1234 * RATE / TICK, abs=1.1)


@pytest.mark.parametrize('attack, release', [(480, 4800), (4800, 480), (1, 100)])
def test_envelope_rises_to_1_and_falls_by_60_db(attack, release):
    assert envelope(0, attack, release) == 0
    assert envelope(attack, attack, release) == pytest.approx(1)
    assert envelope(attack + release, attack, release) == pytest.approx(1e-3)


def test_pulses_lie_within_the_spread():
    cents = [play(2, chance=1.0, seed=seed)[1]['cents'] for seed in range(40)]
    assert -24 <= min(cents) < -12 and 12 < max(cents) <= 24


def test_extreme_settings_never_run_out_of_voices():
    _, state = play(3000, step=0.02, chance=1.0, attack=0.1, release=10.0)
    assert state['begun'] == state['steps'] and state['alive'].sum() < VOICES
