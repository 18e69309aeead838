"""What a layer does with its sources: changes between them, who has the swarm, what bends with the note."""
import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.offline import render
from live.params import SOURCES

RATE = 48000
ALONE = {'pulse.level_db': -60, 'drone.gate': 0, 'drone.reverb': 0, 'drone.attack': .01, 'drone.drift_cents': 0}


def source(name):
    return SOURCES.index(name)


def start(values=(), inputs=0):
    arena = Arena(RATE, 1, inputs)
    for name, value in {**ALONE, **dict(values)}.items():
        arena.board[name] = value
    arena.reset(1)
    return arena


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2, axis=0)).max()


def loudest(samples):
    """Hz of the strongest partial, between the bins."""
    spectrum = np.log(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) + 1e-12)
    k = int(spectrum.argmax())
    a, b, c = spectrum[k - 1:k + 2]
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / len(samples)


def newest(arena):
    return arena.record['slices'][0][(arena.slices.written - 1) % 512]


def test_a_wave_becomes_exact_and_back_without_a_click():
    arena = start({'drone.source': source('triangle'), 'drone.root': 110, 'drone.partials': 1})
    steady = bend(render(arena, 2 * RATE)[RATE:])
    for exact in (1, 0):
        arena.board['drone.exact'] = exact
        moving = bend(render(arena, RATE // 4))
        settled = bend(render(arena, RATE))
        assert moving < 1.2 * max(steady, settled)


def test_exact_means_nothing_to_other_sources():
    arena = start()
    assert np.array_equal(render(arena, RATE), render(start({'drone.exact': 1}), RATE))


def test_the_swarm_goes_to_the_next_layer_that_wants_it_without_a_click():
    arena = start({'drone.source': source('swarm'), 'layer2.source': source('swarm'), 'layer2.level_db': -12,
                   'layer2.reverb': 0})
    steady = bend(render(arena, 2 * RATE)[RATE:])
    arena.board['drone.source'] = source('input')
    moving = bend(render(arena, RATE // 2))
    out = render(arena, RATE)
    assert arena.record['swarm_owner'][0] == 1
    assert out.std() > 0.01 and moving < 1.5 * max(steady, bend(out))


@pytest.mark.parametrize('snap, cents', [(0, 60), (1, 60)])
def test_what_is_frozen_bends_with_the_note(snap, cents):
    arena = start({'drone.source': source('frozen'), 'drone.snap': snap, 'drone.root': 440}, inputs=1)
    tone = 0.3 * np.sin(2 * np.pi * 660 * np.arange(RATE) / RATE)[:, None].astype(np.float32)
    silence = np.zeros((2 * RATE, 1), np.float32)
    render(arena, RATE, tone)
    arena.board['drone.capture'] = 1
    render(arena, RATE, tone)
    before = loudest(render(arena, 2 * RATE, silence)[RATE:, 0])
    arena.board['drone.bend_cents'] = cents
    render(arena, 2 * RATE, silence)
    after = loudest(render(arena, 2 * RATE, silence)[RATE:, 0])
    assert 1200 * np.log2(after / before) == pytest.approx(cents, abs=2)


@pytest.mark.parametrize('name, tones', [('pair', 1), ('ghost', 5), ('cubic_ghost', 2)])
def test_tones_of_a_comb_are_told_as_they_sound(name, tones):
    arena = start({'drone.source': source(name), 'drone.partials': 5, 'drone.balance': 1, 'drone.root': 150,
                   'drone.formant': 1500, 'drone.width': 0, 'drone.level_db': 0})
    out = render(arena, 3 * RATE)[RATE:]
    told = newest(arena)
    assert told['partials'] == tones
    spectrum = np.abs(np.fft.rfft(out[:, 0] * np.hanning(len(out)))) / len(out) * 4
    for frequency, level in zip(told['partial_hz'][:tones], told['partial_level'][:tones]):
        place = round(frequency * len(out) / RATE)
        assert 2 * spectrum[place - 2:place + 3].max() == pytest.approx(level, rel=0.12)


def test_chroma_and_root_follow_a_bend_together():
    arena = start({'drone.partials': 1, 'drone.octaves': 0, 'drone.bend_cents': 50, 'drone.root': 880})
    render(arena, RATE)
    assert newest(arena)['root'] == pytest.approx(880 * 2 ** (50 / 1200))
    assert newest(arena)['features']['chroma'][:12] == pytest.approx(np.eye(12)[0], abs=0.05)


def test_a_gate_that_wakes_a_layer_again_and_again_clicks_in_no_chorus():
    arena = start({'drone.source': source('pair'), 'drone.beat': 0, 'drone.root': 110, 'drone.chorus': 1,
                   'drone.filter': 1, 'drone.cutoff': 500, 'drone.drive_db': 6})
    steady = bend(render(arena, 2 * RATE)[RATE:])
    for name, value in {'drone.gate': 1, 'pulse.attack': .005, 'pulse.step': .2, 'pulse.chance': .5}.items():
        arena.board[name] = value
    render(arena, RATE)
    assert bend(render(arena, 6 * RATE)) < 3 * steady
