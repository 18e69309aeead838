import numpy as np
import pytest

from live.dsp.kernel import TICK
from live.dsp.oscillators import CYCLE
from live.dsp.pulse import (
    EUCLID, FLOOR, PULSE, RANDOM, VOICES, envelope, is_hit, render_pulse, reset_pulse, step_pattern)

RATE = 48000


def play(ticks, step=0.1, chance=1 / 3, spread=24.0, attack=0.01, release=0.1, seed=1, pattern=RANDOM, hits=5,
         steps=16, rotation=0, swing=0.0, breathe=0):
    """Render pulses as the tick does; return samples (2, n), the state, and the gate at each tick."""
    state = np.zeros(1, PULSE)[0]
    reset_pulse(state)
    out, gates = np.zeros((ticks, 2, TICK), np.float32), []
    for k, tick in enumerate(out):
        step_pattern(state, k * TICK, RATE, seed, step, chance, spread, attack, release, pattern, hits, steps,
                     rotation, swing, breathe)
        state['gate'] += state['gate_slope']
        gates.append(float(state['gate']))
        render_pulse(state, k * TICK, 466.16 / RATE * CYCLE, 1.0, 0.0, tick[0], tick[1])
    return out.transpose(1, 0, 2).reshape(2, -1), state, np.array(gates)


def test_a_third_of_the_steps_sounds():
    _, state, _ = play(75 * 300)                       # 300 steps of 100 ms
    assert state['steps'] == 300
    assert state['begun'] / 300 == pytest.approx(1 / 3, abs=0.09)


def test_chance_0_is_silent_and_chance_1_sounds_every_step():
    assert not play(750, chance=0.0)[0].any()
    assert play(750, chance=1.0)[1]['begun'] == 10


def test_a_step_starts_on_its_sample_whatever_the_tick():
    samples, _, _ = play(200, step=0.1234, chance=1.0, attack=0.001, release=0.005)
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
    _, state, _ = play(3000, step=0.02, chance=1.0, attack=0.1, release=10.0)
    assert state['begun'] == state['steps'] and state['alive'].sum() < VOICES


@pytest.mark.parametrize('hits, steps, rhythm', [(3, 8, 'x..x..x.'), (5, 8, 'x.xx.xx.'), (4, 16, 'x...x...x...x...'),
                                                 (1, 1, 'x'), (9, 5, 'xxxxx')])
def test_euclid_spreads_hits_evenly(hits, steps, rhythm):
    found = ''.join('x' if is_hit(k, hits, steps) else '.' for k in range(steps))
    rotations = {rhythm[k:] + rhythm[:k] for k in range(steps)}
    assert found in rotations and found.startswith('x')


def test_euclidean_pattern_sounds_its_hits():
    _, state, _ = play(75 * 32, chance=1.0, pattern=EUCLID, hits=5, steps=16, rotation=3)
    assert state['steps'] == 32 and state['begun'] == 10


def test_swing_delays_every_other_step_and_keeps_the_pace():
    samples, state, _ = play(75 * 8, chance=1.0, release=0.02, swing=0.5)
    level = np.abs(samples).sum(0).reshape(-1, TICK).max(1)
    onsets = np.nonzero((level[1:] > 0.05) & (level[:-1] <= 0.05))[0]
    gaps = np.diff(onsets) * TICK / RATE
    assert gaps[:4] == pytest.approx([0.15, 0.05, 0.15, 0.05], abs=0.004) or \
        gaps[:4] == pytest.approx([0.05, 0.15, 0.05, 0.15], abs=0.004)
    assert state['steps'] == 8


def test_breathing_gate_never_closes_and_never_leaps():
    gates = play(75 * 100, breathe=1)[2][750:]
    assert FLOOR - 1e-9 <= gates.min() < 0.5 and gates.max() > 0.6
    assert np.abs(np.diff(gates)).max() < 0.003


def test_a_step_that_is_made_shorter_is_not_waited_for():
    state = np.zeros(1, PULSE)[0]
    reset_pulse(state)
    for k in range(20 * 75):
        step_pattern(state, k * TICK, RATE, 1, 10.0 if k < 75 else 0.1, 1.0, 0.0, .01, .1, RANDOM, 1, 1, 0, 0.0, 0)
    assert state['steps'] == pytest.approx(19, abs=1)
