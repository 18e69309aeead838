"""The arena as a whole: pictures that are shown, performances that are repeated, any samplerate."""
import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.offline import render
from live.audio.stats import read_stats
from live.params import LAYERS, PARAMS, SOURCES
from live.patch import Route
from live.signals import GATE

RATE = 48000
ALONE = {'pulse.level_db': -60, 'drone.gate': 0, 'drone.reverb': 0, 'drone.attack': .01, 'drone.drift_cents': 0}


def start(values=(), rate=RATE, inputs=0, seed=1):
    arena = Arena(rate, seed, inputs)
    for name, value in {**ALONE, **dict(values)}.items():
        arena.board[name] = value
    arena.reset(seed)
    return arena


def loudest(samples, rate=RATE):
    """Hz of the strongest partial."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return spectrum.argmax() * rate / len(samples)


def line(row, rows=64):
    picture = np.zeros((rows, 32))
    picture[row] = 1
    return picture


@pytest.mark.parametrize('number', [1, 5])
def test_a_layer_that_nobody_heard_begins_where_it_is_wanted(number):
    arena = start()
    render(arena, RATE // 10)
    arena.board[f'layer{number + 1}.interval_cents'], arena.board[f'layer{number + 1}.level_db'] = 1900, -12
    render(arena, 128)
    assert arena.record['layers'][0, number]['hertz'] == pytest.approx(466.16 * 2 ** (1900 / 1200))


def test_a_sounding_layer_glides_to_its_interval():
    arena = start({'layer2.level_db': -12})
    render(arena, RATE // 10)
    arena.board['layer2.interval_cents'] = 1900
    render(arena, 128)
    assert 466.2 < arena.record['layers'][0, 1]['hertz'] < 700


def test_the_picture_that_is_shown_is_what_sounds():
    arena = start({'drone.source': SOURCES.index('picture'), 'drone.octaves': 0, 'drone.spread_cents': 0})
    render(arena, RATE)
    for row, octaves in ((0, 1), (63, -1)):
        assert arena.show(line(row))
        render(arena, RATE)
        assert np.log2(loudest(render(arena, RATE)[:, 0]) / 466.16) == pytest.approx(octaves, abs=0.01)


def test_a_layer_that_turns_to_pictures_later_has_one():
    arena = start()
    render(arena, RATE // 2)
    arena.board['drone.source'] = SOURCES.index('picture')
    render(arena, RATE)
    assert render(arena, RATE).std() > 0.005


def test_a_picture_that_no_layer_wants_is_left_alone():
    assert not start().wants_picture() and not start().show(line(0))


def everything(arena):
    """Let all sources sound through everything there is."""
    for number, layer in enumerate(LAYERS):
        values = {'level_db': -20, 'source': (number * 2 + (number > 6)) % len(SOURCES), 'filter': number % 5,
                  'chorus': .5, 'drive_db': 6, 'cross': .3, 'ring': .2, 'delay': .3, 'capture': 1, 'gate': .4}
        for name, value in values.items():
            arena.board[f'{layer}.{name}'] = value
    arena.route(Route('lfo1', '*.pan', 0.5).rows() + Route('level', 'drone.cutoff', 1.0).rows())


@pytest.mark.parametrize('shift', [0, 1])
def test_reset_gives_every_source_and_effect_again_to_the_bit(shift):
    arena = Arena(RATE, 5, 2)
    everything(arena)
    for layer in LAYERS:
        arena.board[f'{layer}.source'] += shift
    indata = 0.1 * np.random.default_rng(1).standard_normal((RATE, 2)).astype(np.float32)
    arena.reset(5)
    first = render(arena, RATE, indata)
    slices = arena.record['slices'].tobytes()
    arena.reset(5)
    assert np.array_equal(first, render(arena, RATE, indata)) and first.std() > 0.005
    assert slices == arena.record['slices'].tobytes()


@pytest.mark.parametrize('rate', [44100, 88200, 96000, 192000])
def test_any_samplerate_plays_the_same_note(rate):
    arena = start({'drone.partials': 1, 'drone.octaves': 0, 'drone.delay': 1, 'delay.time': 4, 'reverb.size': 2,
                   'drone.reverb': .2, 'drone.chorus': 0, 'reverb.predelay': .25}, rate)
    out = render(arena, rate)[rate // 2:, 0]
    assert loudest(out, rate) == pytest.approx(466.16, abs=2) and np.abs(out).max() < 0.9


@pytest.mark.parametrize('rate', [44100, 96000, 192000])
def test_any_samplerate_takes_everything_at_once(rate):
    arena = Arena(rate, 2, 1)
    everything(arena)
    arena.reset(2)
    out = render(arena, rate, np.full((rate, 1), 0.2, np.float32))
    assert np.isfinite(out).all() and 0.005 < out.std() and np.abs(out).max() <= 1


def test_one_input_is_heard_on_both_sides_and_two_each_on_its_own():
    tone = (0.1 * np.sin(np.arange(RATE) / 20)).astype(np.float32)
    quiet = {'drone.level_db': -60, 'input.level_db': 0}
    one = render(start(quiet, inputs=1), RATE, tone[:, None])
    two = render(start(quiet, inputs=2), RATE, np.stack((tone, 0 * tone), 1))
    assert np.array_equal(one[:, 0], one[:, 1])
    assert np.array_equal(one[:, 0], two[:, 0]) and not two[:, 1].any()


def test_no_frames_at_all_are_no_block():
    arena = Arena(RATE)
    assert render(arena, 0).shape == (0, 2)
    assert read_stats(arena)['callbacks'] == 0 and not arena.stats['interval'].any()


def test_a_gate_that_closes_ends_in_silence_to_the_bit():
    arena = start({'drone.release': 0.1})
    render(arena, RATE // 2)
    event = np.zeros(1, arena.events.items.dtype)
    event['kind'] = GATE
    arena.events.put(event)
    render(arena, RATE)
    assert not arena.record['layers'][0, 0]['gains_end'][:2].any()


def test_a_board_that_was_poisoned_recovers_at_once():
    arena = start()
    arena.record['board'][0] = np.nan
    arena.reset(1)
    arena.board.reset()
    assert np.isfinite(render(arena, RATE)).all() and np.isfinite(arena.record['params']['values']).all()
    arena.record['board'][0] = 1e300
    render(arena, RATE // 10)
    arena.board.reset()
    render(arena, RATE)
    values = arena.record['params']['values'][0][:len(PARAMS)]
    assert values == pytest.approx(arena.board.values, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize('rate', [44100, 192000])
def test_sound_waits_ten_seconds_for_the_disk_at_any_samplerate(rate):
    assert len(Arena(rate).sound.items) >= 10 * rate
