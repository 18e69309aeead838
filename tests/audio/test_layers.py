import itertools

import numpy as np
import pytest

from live.audio.arena import Arena
from live.audio.layer import drawing
from live.audio.offline import render
from live.dsp.degrees import degree_cents
from live.params import LAYERS, SOURCES
from live.patch import Route
from live.signals import SHOWN
from live.tuning.systems import equal

RATE = 48000
SOUNDING = [s for s in SOURCES if s not in ('input', 'frozen')]


JUMPS = {'drone.root': 233, 'drone.partials': 40, 'drone.pan': -1, 'drone.level_db': -30, 'drone.filter': 1,
         'drone.cutoff': 300, 'drone.drive_db': 20, 'drone.chorus': 1, 'drone.reverb': 1, 'drone.delay': 1,
         'drone.interval_cents': 700, 'drone.distribution': 2, 'master.tilt_db': 12, 'stage.gain_db': -20}


def play(seconds, values=(), inputs=0, seed=1):
    """An arena in which the first layer alone sounds as told, and its first seconds."""
    arena, frames = Arena(RATE, seed, inputs), round(seconds * RATE)
    for name, value in {'pulse.level_db': -60, 'drone.gate': 0, 'drone.reverb': 0, 'drone.attack': .01,
                        **dict(values)}.items():
        arena.board[name] = value
    arena.reset(seed)
    return arena, render(arena, frames, np.zeros((frames, inputs), np.float32))


def source(name):
    return SOURCES.index(name)


def bend(samples):
    return np.abs(np.diff(samples.astype(np.float64), 2, axis=0)).max()


@pytest.mark.parametrize('name', SOUNDING)
def test_every_source_sounds(name):
    _, out = play(2, {'drone.source': source(name)})
    assert np.isfinite(out).all() and 0.005 < out[RATE:].std() and np.abs(out).max() < 0.9


def test_sources_sound_different():
    colours = {}
    for name in SOUNDING:
        arena, _ = play(1.5, {'drone.source': source(name), 'drone.spread_cents': 200})
        colours[name] = arena.record['slices'][0][arena.slices.written - 1]['features']['bands']
    alike = [(a, b) for (a, x), (b, y) in itertools.combinations(colours.items(), 2)
             if np.abs(x / x.sum() - y / y.sum()).sum() < 0.02]
    assert not [pair for pair in alike if set(pair) not in ({'cluster', 'swarm'}, {'ghost', 'cubic_ghost'})]


@pytest.mark.parametrize('before, after', [('cluster', 'saw'), ('pair', 'harmonic'), ('noise', 'swarm')])
def test_a_change_of_source_makes_no_click(before, after):
    arena, _ = play(2, {'drone.source': source(before)})
    steady = bend(render(arena, RATE))
    arena.board['drone.source'] = source(after)
    moving = bend(render(arena, RATE // 4))
    settled = bend(render(arena, RATE))
    assert moving < 1.5 * max(steady, settled)


@pytest.mark.parametrize('name, value', JUMPS.items())
def test_a_jump_of_a_parameter_makes_no_click(name, value):
    arena, _ = play(2, {'drone.spread_cents': 40})
    steady = bend(render(arena, RATE))
    arena.board[name] = value
    moving = bend(render(arena, RATE // 2))
    settled = bend(render(arena, 2 * RATE))
    assert moving < 2 * max(steady, settled)


def test_a_new_scale_glides_without_a_click_to_its_places():
    arena, _ = play(1, {'drone.distribution': 3, 'drone.partials': 12, 'drone.octaves': 0, 'drone.spread_cents': 0,
                        'drone.drift_cents': 0})
    steady = bend(render(arena, RATE))
    arena.tune(equal(7).folded, 1200.0, glide=0.5)
    moving = bend(render(arena, RATE))
    render(arena, RATE)
    found = sorted(arena.record['slices'][0][(arena.slices.written - 1) % 512]['partial_hz'][:7])
    assert 1200 * np.log2(np.array(found) / 466.16) == pytest.approx(np.arange(7) * 1200 / 7, abs=0.5)
    assert moving < 2 * steady


def test_more_degrees_and_another_period_set_out_from_where_their_numbers_were():
    arena = Arena(RATE)
    degrees = arena.record['degrees'][0]
    arena.tune(equal(12).folded, 1200.0)
    render(arena, RATE // 10)
    before = [degree_cents(degrees, k) for k in range(40)]
    arena.tune(np.arange(19) * 1902 / 19, 1902.0, glide=5.0)
    render(arena, 512)
    assert degrees['count'] == 19
    assert [degree_cents(degrees, k) for k in range(19)] == pytest.approx(before[:19], abs=5)
    assert degrees['period'] == pytest.approx(1200, abs=5)
    render(arena, 40 * RATE)
    assert degrees['cents'][:19] == pytest.approx(np.arange(19) * 1902 / 19, abs=0.5)
    assert degrees['period'] == pytest.approx(1902, abs=0.5)


def test_partials_are_told_exactly_and_their_beat():
    arena, out = play(3, {'drone.partials': 2, 'drone.octaves': 0, 'drone.distribution': 3, 'drone.spread_cents': 0,
                          'drone.drift_cents': 0})
    arena.tune(np.array([0.0, 5.0]), 1200.0)
    out = render(arena, 8 * RATE)[2 * RATE:, 0]
    newest = arena.record['slices'][0][(arena.slices.written - 1) % 512]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    peaks = np.sort(np.argsort(spectrum)[-2:]) * RATE / len(out)
    assert np.sort(newest['partial_hz'][:2]) == pytest.approx([466.16, 466.16 * 2 ** (5 / 1200)], rel=1e-7)
    assert peaks == pytest.approx(np.sort(newest['partial_hz'][:2]), abs=0.4)
    assert newest['beat_hz'][:2] == pytest.approx(466.16 * (2 ** (5 / 1200) - 1), rel=1e-4)
    assert newest['partials'] == 2 and not newest['beat_hz'][2:].any()


def test_a_pair_tells_its_tones_and_beats_in_hertz_while_the_centre_drifts():
    arena, _ = play(3, {'drone.source': source('pair'), 'drone.beat': 0.75, 'drone.drift_cents': 40,
                        'drone.drift_half_life': 0.5})
    newest = arena.record['slices'][0][arena.slices.written - 1]
    assert newest['beat_hz'][:2] == pytest.approx(0.75)
    assert abs(1200 * np.log2(newest['partial_hz'][:2].mean() / 466.16)) > 1


def test_only_one_layer_has_the_swarm_and_hands_it_on():
    arena, _ = play(1, {'drone.source': source('swarm'), 'layer2.source': source('swarm'), 'layer2.level_db': -12})
    assert arena.record['swarm_owner'][0] == 0
    arena.board['drone.source'] = source('pair')
    render(arena, RATE)
    arena.board['layer2.source'] = source('noise')
    render(arena, RATE // 2)
    arena.board['layer2.source'] = source('swarm')
    render(arena, RATE // 2)
    assert arena.record['swarm_owner'][0] == 1


def test_a_swarm_that_is_turned_down_gives_way():
    arena, _ = play(1, {'drone.source': source('swarm'), 'layer2.source': source('swarm'), 'layer2.level_db': -12})
    arena.board['drone.level_db'] = -60
    render(arena, RATE)
    assert arena.record['swarm_owner'][0] == 1 and render(arena, RATE).std() > 0.001


def test_routes_move_what_sounds_and_leave_the_board():
    arena, _ = play(0.1, {'lfo1.rate': 5, 'lfo1.wave': 0})
    arena.route(Route('lfo1', 'drone.cutoff', 1.0).rows() + Route('lfo1', 'drone.pan', 0.5).rows())
    seen = []
    for _ in range(100):
        render(arena, 480)
        seen.append((arena.sounding['drone.cutoff'], arena.sounding['drone.pan']))
    cutoffs, pans = np.array(seen).T
    assert arena.board['drone.cutoff'] == 2000 and arena.board['drone.pan'] == 0
    assert np.log2(cutoffs.max() / cutoffs.min()) == pytest.approx(2, abs=0.1)      # an octave up and one down
    assert (pans.min(), pans.max()) == pytest.approx((-0.5, 0.5), abs=0.03)


def test_a_route_to_all_layers_runs_apart_in_each():
    arena, _ = play(0.1, {'lfo1.rate': 0.5, 'lfo1.wave': 0})
    arena.route(Route('lfo1', '*.pan', 1.0).rows())
    seen = []
    for _ in range(400):
        render(arena, 480)
        seen.append([arena.sounding[f'{layer}.pan'] for layer in LAYERS])
    correlation = np.corrcoef(np.array(seen).T)
    assert (np.abs(correlation - np.eye(8)) < 0.99).all()


def test_input_can_be_frozen_while_the_layer_is_silent():
    arena, _ = play(0.5, {'drone.source': source('frozen'), 'drone.level_db': -60}, inputs=1)
    tone = 0.3 * np.sin(2 * np.pi * 330 * np.arange(RATE) / RATE)[:, None].astype(np.float32)
    render(arena, RATE, tone)
    arena.board['drone.capture'] = 1
    render(arena, RATE, tone)
    arena.board['drone.capture'] = 0
    render(arena, RATE, np.zeros((RATE, 1), np.float32))
    arena.board['drone.level_db'] = 0
    out = render(arena, 2 * RATE, np.zeros((2 * RATE, 1), np.float32))[RATE:, 0]
    spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
    assert out.std() > 0.01 and spectrum.argmax() * RATE / len(out) == pytest.approx(330, abs=2)


def test_input_can_be_frozen_and_outlasts_what_made_it():
    arena, _ = play(0.5, {'drone.source': source('frozen')}, inputs=1)
    tone = 0.3 * np.sin(2 * np.pi * 330 * np.arange(RATE) / RATE)[:, None].astype(np.float32)
    render(arena, RATE, tone)
    arena.board['drone.capture'] = 1
    render(arena, RATE, tone)
    silence = np.zeros((2 * RATE, 1), np.float32)
    out = render(arena, 2 * RATE, silence)[RATE:, 0]
    peak = np.argmax(np.abs(np.fft.rfft(out * np.hanning(len(out))))) * RATE / len(out)
    assert out.std() > 0.01 and 1200 * np.log2(peak / 330) == pytest.approx(0, abs=6)


def test_capture_that_is_on_before_its_source_freezes_what_plays_then():
    """Nothing of what played while the layer had another source, and again after capture was off meanwhile."""
    arena, _ = play(0.5, {'drone.source': source('pair'), 'drone.capture': 1}, inputs=1)
    for hertz in (330, 220):
        tone = 0.3 * np.sin(2 * np.pi * hertz * np.arange(RATE) / RATE)[:, None].astype(np.float32)
        render(arena, RATE, tone)
        arena.board['drone.source'] = source('frozen')
        render(arena, RATE, tone)
        out = render(arena, 2 * RATE, np.zeros((2 * RATE, 1), np.float32))[RATE:, 0]
        peak = np.argmax(np.abs(np.fft.rfft(out * np.hanning(len(out))))) * RATE / len(out)
        assert out.std() > 0.01 and peak == pytest.approx(hertz, abs=2)
        arena.board['drone.source'], arena.board['drone.capture'] = source('pair'), 0
        render(arena, 4800, np.zeros((4800, 1), np.float32))
        arena.board['drone.capture'] = 1


def test_capture_without_an_input_takes_nothing_away():
    arena, _ = play(0.1, {'drone.source': source('frozen')})
    arena.freeze(0, np.array([440.0]), np.array([0.3]))
    render(arena, RATE)
    arena.board['drone.capture'] = 1
    assert render(arena, 3 * RATE)[2 * RATE:].std() > 0.01


def test_input_passes_through_a_layer_a_tick_late():
    arena, _ = play(0.2, {'drone.source': source('input'), 'drone.level_db': 0, 'drone.filter': 0}, inputs=2)
    click = np.zeros((4800, 2), np.float32)
    click[960] = 0.5
    out = np.abs(render(arena, 4800, click)).max(1)
    assert out.argmax() in range(960 + 64, 960 + 3 * 64)


def test_a_picture_sounds_and_a_new_one_changes_it():
    arena, before = play(3, {'drone.source': source('picture'), 'drone.sweep': 1.0})
    assert arena.show(np.flipud(np.tri(64, 64)) > 0.5)
    render(arena, RATE)
    after = render(arena, 2 * RATE)
    one, two = (np.abs(np.fft.rfft(x[-2 * RATE:, 0])) for x in (before, after))
    assert after.std() > 0.005 and np.corrcoef(one, two)[0, 1] < 0.95
    assert drawing(1).shape == (128, 256) and not np.array_equal(drawing(1), drawing(2))


def test_a_picture_comes_to_a_silent_layer_at_once():
    arena, _ = play(0.2, {'drone.source': source('picture'), 'drone.level_db': -60})
    for light in (0.2, 0.6, 1.0):
        assert arena.show(np.full((8, 8), light))
        render(arena, 480)
    table = arena.record[0]['layers'][0]['table']
    assert table['asked'][0] == table['done'][0] and table['picture'][table['now']]['number'] == arena.pictures.written
    shown = [each for each in arena.taken.reader(0).get().tolist() if each[1] == SHOWN]
    assert [number for *_, number in shown][-3:] == [1, 2, 3]


def test_cross_modulation_adds_colour_and_stays_bounded():
    quiet = {'drone.source': source('pair'), 'layer2.source': source('pair'), 'layer2.interval_cents': 702,
             'layer2.level_db': -18}
    widths = []
    for depth in (0.0, 1.0):
        arena, out = play(2, {**quiet, 'drone.cross': depth, 'drone.ring': depth, 'layer2.cross': depth})
        widths.append(arena.record['slices'][0][arena.slices.written - 1]['features']['bandwidth'])
        assert np.abs(out).max() < 0.9
    assert widths[1] > 1.3 * widths[0]


def test_panic_empties_the_reverb_too():
    from live.signals import PANIC
    arena, _ = play(3, {'drone.reverb': 1, 'reverb.decay': 60})
    event = np.zeros(1, arena.events.items.dtype)
    event['kind'] = PANIC
    arena.events.put(event)
    render(arena, RATE // 20)
    assert np.abs(render(arena, RATE)).max() < 1e-3


def test_frozen_reverb_outlasts_the_note_for_ever():
    arena, _ = play(4, {'drone.reverb': 1})
    arena.board['reverb.freeze'] = 1
    render(arena, RATE)
    arena.board['drone.level_db'] = -60
    levels = [render(arena, 10 * RATE)[-RATE:].std() for _ in range(4)]
    assert levels[-1] > 0.001 and max(levels) / min(levels) < 1.3


def test_true_peak_stays_below_the_ceiling_however_loud():
    arena, _ = play(1, {f'{layer}.level_db': 6 for layer in LAYERS} | {'stage.gain_db': 6, 'layer2.source': 3})
    out = render(arena, 4 * RATE)
    spectrum = np.fft.rfft(out[:, 0].astype(float))
    fine = np.fft.irfft(np.concatenate((spectrum, np.zeros(7 * len(spectrum) - 7))), 8 * len(out)) * 8
    assert 20 * np.log10(np.abs(fine[8000:-8000]).max()) < -0.9


def test_loudness_pitch_and_chroma_travel_with_the_slices():
    arena, _ = play(0.5, {'drone.level_db': -60, 'input.level_db': 0, 'input.analysis': 1, 'drone.root': 220}, inputs=1)
    tone = 0.25 * np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE)[:, None].astype(np.float32)
    render(arena, 4 * RATE, tone)
    f = arena.record['slices'][0][(arena.slices.written - 1) % 512]['features']
    assert 1200 * np.log2(f['pitch'] / 440) == pytest.approx(0, abs=3) and f['pitch_confidence'] > 0.9
    assert f['short_term'] == pytest.approx(-0.691 + 10 * np.log10(2 * 0.25 ** 2 / 2), abs=0.5)
    assert f['chroma'].argmax() == 0 and f['chroma'][1:12].max() < 0.1


def test_a_route_wakes_no_layer_that_is_silent():
    arena, _ = play(0.5, {'drone.level_db': -60, 'lfo1.rate': 5})
    arena.route(Route('lfo1', '*.level_db', 20.0).rows())
    assert np.abs(render(arena, RATE)).max() < 1e-6
