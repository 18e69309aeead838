"""Routes and what moves them."""
import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.offline import render
from live.params import LAYERS
from live.patch import Route

RATE = 48000


def start(values=(), routes=()):
    arena = Arena(RATE, 1)
    for name, value in {'drone.gate': 0, 'drone.reverb': 0, 'drone.attack': .01, **dict(values)}.items():
        arena.board[name] = value
    arena.route([row for route in routes for row in route.rows()])
    arena.reset(1)
    return arena


def follow(arena, name, seconds, step=480):
    """Where a parameter sounds, every 10 ms."""
    seen = []
    for _ in range(round(seconds * RATE / step)):
        render(arena, step)
        seen.append(arena.sounding[name])
    return np.array(seen)


def turns(values):
    return np.count_nonzero(np.diff(np.sign(values)) > 0)


def test_a_modulator_s_rate_can_be_modulated():
    quick = {'lfo1.wave': 0, 'lfo1.rate': 1, 'lfo2.wave': 3, 'lfo2.rate': .0005, 'tempo.bpm': 60}
    still = start(quick, [Route('lfo1', 'drone.pan', 1.0)])
    moved = start(quick, [Route('lfo1', 'drone.pan', 1.0), Route('gate', 'lfo1.rate', 2.0)])
    assert turns(follow(still, 'drone.pan', 4)) == pytest.approx(4, abs=1)
    assert turns(follow(moved, 'drone.pan', 4)) == pytest.approx(16, abs=2)


def test_routes_to_one_parameter_add_up_in_any_order():
    up, down = Route('gate', 'drone.pan', 1.5), Route('gate', 'drone.pan', -1.25)
    ends = [follow(start(routes=routes), 'drone.pan', 1)[-1] for routes in ([up, down], [down, up])]
    assert ends == pytest.approx([0.25, 0.25], abs=0.01)


def test_routes_come_and_go_without_a_click():
    arena = start({'pulse.level_db': -60, 'lfo1.rate': .0005}, [Route('gate', 'drone.level_db', -18.0)])
    quiet = render(arena, RATE)
    arena.route([])
    moving = render(arena, RATE // 4)
    loud = render(arena, RATE)
    steps = [np.abs(np.diff(x.astype(np.float64), 2, axis=0)).max() for x in (quiet, moving, loud)]
    assert loud.std() > 3 * quiet[RATE // 2:].std() and steps[1] < 1.5 * steps[2]
    levels = np.abs(moving).max(1).reshape(-1, 100).max(1)
    assert levels[:2].max() < 0.5 * np.abs(loud).max()


def test_unheard_pulses_go_on_and_can_move_things():
    arena = start({'pulse.level_db': -60, 'pulse.chance': 1, 'pulse.step': .1}, [Route('pulse', 'drone.pan', 1.0)])
    pans = follow(arena, 'drone.pan', 8)
    assert pans.max() > 0.3 and pans[400:].std() > 0.05
    assert arena.record['pulse']['begun'][0] == pytest.approx(80, abs=1)


def test_routes_beyond_the_last_place_are_left_out():
    arena = start(routes=[Route('lfo1', f'{layer}.pan', 0.1) for layer in LAYERS for _ in range(20)])
    assert np.isfinite(render(arena, RATE // 10)).all()
