"""Routes and what moves them."""
import numpy as np
import pytest

from live.audio import modulation
from live.audio.arena import Arena
from live.audio.offline import render
from live.params import LAYERS
from live.routes import LFOS, NUMBERS, Route
from live.signals import GATE

RATE = 48000
ALONE = {'motes.hue': 0, 'pulse.level_db': -60}       # what routes move in these tests; the first layer sounds alone


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


def led(source, values, seconds=2, **options):
    """Where a source takes a parameter that stands at 0."""
    arena = start(ALONE | values, [Route(source, 'motes.hue', 1.0, **options)])
    return follow(arena, 'motes.hue', seconds)[-1]


def tone(cents=0.0):
    return {'drone.source': 2, 'drone.partials': 1, 'drone.drift_cents': 0, 'drone.root': 400,
            'drone.interval_cents': cents}


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


@pytest.mark.parametrize('name', [name for name in dir(modulation) if name.lower() in NUMBERS or name == 'CHROMA'])
def test_sources_are_counted_as_they_are_listed(name):
    assert getattr(modulation, name) == NUMBERS['chroma1' if name == 'CHROMA' else name.lower()] >= LFOS


def test_loudness_moves_the_strength_of_dreams_beside_the_board():
    route = Route('loudness', 'dream.strength', 0.5, low=-40, high=-10, attack=0, release=0)
    arena = start({'dream.strength': 0.2}, [route])
    strength = follow(arena, 'dream.strength', 2)
    loudness = arena.record['slices']['features']['momentary'][0][arena.slices.written - 1]
    assert strength[0] == pytest.approx(0.2) and arena.board['dream.strength'] == 0.2
    assert strength[-1] == pytest.approx(0.2 + 0.5 * (loudness + 40) / 30, abs=0.01)


@pytest.mark.parametrize('source, low, high', [('centroid', 200, 800), ('rolloff', 100, 1600)])
def test_frequencies_run_in_octaves_between_low_and_high(source, low, high):
    place = np.log(400 / low) / np.log(high / low)
    assert led(source, tone(), low=low, high=high) == pytest.approx(place, abs=0.03)


@pytest.mark.parametrize('cents, degree', [(0, 1), (200, 3), (-100, 12), (1100, 12)])
def test_chroma_of_the_degree_that_sounds_is_1(cents, degree):
    seen = [led(f'chroma{n}', tone(cents), 1) for n in (1, 3, 12)]
    assert seen == pytest.approx([float(n == degree) for n in (1, 3, 12)], abs=0.01)


@pytest.mark.parametrize('beat', [0.7, 3])
def test_beat_is_1_when_the_pair_is_loud_and_minus_1_when_it_is_gone(beat):
    pair = {'drone.source': 8, 'drone.beat': beat, 'drone.width': 0, 'motes.hue': 0.5}
    arena = start(ALONE | pair, [Route('beat', 'motes.hue', 0.5)])
    seen = np.array([(render(arena, 480).std(), arena.sounding['motes.hue']) for _ in range(400)])[100:]
    assert np.corrcoef(seen.T)[0, 1] > 0.97
    assert seen[:, 1].min() < 0.02 and seen[:, 1].max() > 0.98


def test_beat_rate_is_that_of_the_pair():
    assert led('beat_rate', {'drone.source': 8, 'drone.beat': 2}, low=0.5, high=8) == pytest.approx(0.5)


def test_drift_is_that_of_the_first_partial():
    arena = start({'drone.drift_cents': 10, 'drone.drift_half_life': 0.5, 'motes.hue': 0.5},
                  [Route('drift', 'motes.hue', 0.5, attack=0, release=0)])
    seen = follow(arena, 'motes.hue', 4, step=512)
    told = arena.record['slices']['drift_cents'][0][:arena.slices.written, 0]
    assert np.corrcoef(seen[2:], told[1:len(seen) - 1])[0, 1] > 0.99 and seen.std() > 0.05


def test_pitch_of_the_live_input_stays_in_rests():
    arena, seen = Arena(RATE, 1, inputs=1), []
    arena.board['motes.hue'] = 0
    arena.route(Route('pitch', 'motes.hue', 1.0, low=110, high=440).rows())
    sine = np.sin(2 * np.pi * 220 / RATE * np.arange(RATE)).astype(np.float32)[:, None] / 4
    for sound in (0 * sine, sine, 0 * sine):
        render(arena, RATE, sound)
        seen.append(arena.sounding['motes.hue'])
    assert seen == pytest.approx([0, 0.5, 0.5], abs=0.01)


@pytest.mark.parametrize('track, least, most', [(None, 0, 0.1), (3.0, 0.7, 1)])
def test_tracked_source_uses_its_whole_way(track, least, most):
    routes = [Route('lfo1', 'drone.level_db', 2.0), Route('level', 'motes.hue', 1.0, track=track)]
    arena = start(ALONE | tone() | {'lfo1.rate': 1}, routes)
    assert least < np.ptp(follow(arena, 'motes.hue', 6)[300:]) <= most


def test_gate_closes_with_the_release_when_the_sound_is_over():
    arena = start(ALONE | tone() | {'drone.release': 0.01},
                  [Route('chroma1', 'motes.hue', 1.0, gate_db=-50, attack=0, release=0.5)])
    assert follow(arena, 'motes.hue', 1)[-1] == pytest.approx(1, abs=0.01)
    event = np.zeros(1, arena.events.items.dtype)
    event['kind'] = GATE
    arena.events.put(event)
    seen = follow(arena, 'motes.hue', 3)
    assert 0.3 < seen[60] < 0.6 and seen[-1] < 0.01


def test_routes_that_are_put_in_force_again_keep_what_they_have_learnt():
    rows = Route('level', 'motes.hue', 1.0, track=60.0).rows()
    arena, lows = start(), []
    for wanted in (rows, rows, [rows[0]._replace(amount=0.5)]):
        arena.route(wanted)
        render(arena, RATE)
        lows.append(arena.record['modulation']['follower']['low'][0, 0])
    assert lows[0] == lows[1] < lows[2]


def test_every_source_is_the_same_for_any_cut_into_blocks_and_after_a_reset():
    """All at once, into one parameter of the sound."""
    names = [name for name in NUMBERS if not name.startswith('chroma')] + ['chroma1', 'chroma128']
    routes = [Route(name, 'drone.cutoff', 0.1, track=track, attack=0.02, release=0.3, gate_db=-60)
              for name in names for track in (None, 0.4)]
    whole, cut = start({'drone.filter': 1}, routes), start({'drone.filter': 1}, routes)
    first, counts = render(whole, RATE), [1, 63, 417, 1000] * 32
    assert np.array_equal(first, np.concatenate([render(cut, count) for count in (*counts, RATE - sum(counts))]))
    whole.reset(1)
    assert np.array_equal(first, render(whole, RATE))
    assert not np.array_equal(first, render(start({'drone.filter': 1}), RATE))


def test_how_sure_a_class_is_moves_what_a_route_says():
    arena = start(ALONE, [Route('class2', 'motes.hue', 0.8)])
    arena.classify(np.array([.1, 1.0]))
    assert follow(arena, 'motes.hue', 2)[-1] == pytest.approx(.8, abs=.01)
    arena.classify(np.array([1.0, np.nan]))
    assert follow(arena, 'motes.hue', 2)[-1] == pytest.approx(0, abs=.01)
    arena.classify(np.full(40, 7.0))
    assert follow(arena, 'motes.hue', 2)[-1] == pytest.approx(.8, abs=.01)
