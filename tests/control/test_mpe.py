"""MPE: zones, and notes that play a layer each; messages are handed in, time is told."""
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from live.control.desk import Desk
from live.control.mpe import Mpe, MpeSetup, read_setup
from live.control.mpe_voices import PRESS_DB, STRIKE_DB, TOP_DB
from live.params import LAYERS, SILENT_DB, Board
from live.patch import Patch
from live.signals import EVENT, GATE
from live.tuning import mts
from live.wires import Latest, Ring

LOWER = MpeSetup('lower')


@pytest.fixture
def mpe(desk):
    desk.set('drone.root', 440)
    return Mpe(desk, LOWER)


def play(mpe, *messages):
    return [mpe.handle(Message(kind, **values)) for kind, values in messages]


def on(note, velocity=127, channel=1):
    return 'note_on', {'note': note, 'velocity': velocity, 'channel': channel}


def off(note, velocity=64, channel=1):
    return 'note_off', {'note': note, 'velocity': velocity, 'channel': channel}


def cc(control, value, channel=1):
    return 'control_change', {'control': control, 'value': value, 'channel': channel}


def press(value, channel=1):
    return 'aftertouch', {'value': value, 'channel': channel}


def wheel(pitch, channel=1):
    return 'pitchwheel', {'pitch': pitch, 'channel': channel}


def set_number(number, value, channel):
    return cc(101, 0, channel), cc(100, number, channel), cc(6, value, channel)


def of(desk, quantity, layer='layer2'):
    return desk.board[f'{layer}.{quantity}']


def pass_time(mpe, seconds):
    for _ in range(round(seconds / 0.01)):
        mpe.voices.tick(0.01)


def taken(mpe):
    return {key: layer for layer, key in mpe.voices.sounding.items()}


def test_note_takes_a_layer_and_leaves_the_root(mpe, desk):
    assert play(mpe, on(81)) == [True]
    assert desk.board['drone.root'] == 440 and desk.sent() == [(GATE, 1)]
    assert of(desk, 'interval_cents') == pytest.approx(1200, abs=0.1) and of(desk, 'level_db') == TOP_DB


def test_pitch_is_the_patch_s_tuning(mpe, desk):
    desk.load_patch('nineteen')
    desk.set('drone.root', 440)
    play(mpe, on(70))
    assert of(desk, 'interval_cents') == pytest.approx(1200 / 19)


def test_key_that_is_not_mapped_does_nothing(mpe, desk):
    desk.tuning = desk.tuning.retuned({})
    desk.tuning = type(desk.tuning)(keyboard=type(desk.tuning.keyboard)(last=71))
    play(mpe, on(80))
    assert taken(mpe) == {} and desk.sent() == []


def test_every_note_has_its_own_layer_bend_pressure_and_timbre(mpe, desk):
    play(mpe, on(69, channel=1), on(76, channel=2))
    one, other = taken(mpe)[69], taken(mpe)[76]
    before = [of(desk, name, other) for name in ('interval_cents', 'level_db', 'tilt_db')]
    play(mpe, wheel(8191), press(127), cc(74, 127))
    assert one != other and of(desk, 'interval_cents', one) == pytest.approx(4800, abs=0.1)
    assert [of(desk, name, other) for name in ('interval_cents', 'level_db', 'tilt_db')] == before


@pytest.mark.parametrize('semitones', [0, 12, 24, 96])
def test_bend_range_of_one_member_is_that_of_all(mpe, desk, semitones):
    play(mpe, *set_number(0, semitones, channel=3), on(69), wheel(-4096))
    assert of(desk, 'interval_cents') == pytest.approx(-50 * semitones, abs=0.1)


def test_master_bends_everything_by_two_semitones(mpe, desk):
    play(mpe, on(69), wheel(8191, channel=0))
    assert desk.board['drone.bend_cents'] == 200 and of(desk, 'interval_cents') == pytest.approx(0, abs=0.1)
    play(mpe, *set_number(0, 12, channel=0), wheel(8191, channel=0))
    assert desk.board['drone.bend_cents'] == 1200


@pytest.mark.parametrize('velocity', [1, 64, 127])
def test_velocity_sets_the_level(mpe, desk, velocity):
    play(mpe, on(69, velocity))
    assert of(desk, 'level_db') == pytest.approx(TOP_DB - STRIKE_DB * (1 - velocity / 127))


def test_pressure_rises_at_once_and_falls_gently(mpe, desk):
    play(mpe, on(69, 1), press(127))
    assert of(desk, 'level_db') == TOP_DB
    play(mpe, press(1))
    levels = [of(desk, 'level_db')] + [pass_time(mpe, 0.05) or of(desk, 'level_db') for _ in range(30)]
    falls = [a - b for a, b in zip(levels, levels[1:])]
    assert levels[0] == TOP_DB and falls == sorted(falls, reverse=True)
    assert levels[-1] == pytest.approx(TOP_DB - PRESS_DB * 126 / 127, abs=0.1)


def test_strike_stands_until_pressure_is_felt(mpe, desk):
    play(mpe, press(0), on(69, 100))
    struck = of(desk, 'level_db')
    pass_time(mpe, 1)
    assert of(desk, 'level_db') == struck


def test_pressure_of_the_last_note_is_not_the_next_one_s(mpe, desk):
    play(mpe, on(69), press(127), off(69), on(76, 1))
    assert of(desk, 'level_db', taken(mpe)[76]) == TOP_DB - STRIKE_DB * 126 / 127


@pytest.mark.parametrize('value, factor', [(0, 1 / 8), (64, 1), (127, 8)])
def test_timbre_turns_the_cutoff_around_the_patch_s(mpe, desk, value, factor):
    desk.set('layer2.filter', 'low')
    desk.set('layer2.cutoff', 1000)
    play(mpe, on(69), cc(74, value))
    assert of(desk, 'cutoff') == pytest.approx(1000 * factor)


def test_timbre_tilts_a_layer_without_a_filter(mpe, desk):
    play(mpe, on(69), cc(74, 127))
    assert of(desk, 'tilt_db') == -3 + 9 and of(desk, 'cutoff') == 2000


def test_fade_takes_the_release_and_gives_the_layer_back_as_it_was(mpe, desk):
    desk.set('drone.release', 1)
    play(mpe, on(69), cc(74, 127), off(69))
    pass_time(mpe, 0.4)
    assert of(desk, 'level_db') == pytest.approx(TOP_DB - 24, abs=0.1)
    pass_time(mpe, 0.41)
    assert of(desk, 'level_db') == SILENT_DB and of(desk, 'tilt_db') == -3 and taken(mpe) == {}


def test_fade_has_no_step(mpe, desk):
    play(mpe, on(69, 100), press(90), off(69))
    levels = [of(desk, 'level_db')]
    while taken(mpe):
        mpe.voices.tick(0.01)
        levels.append(of(desk, 'level_db'))
    assert max(a - b for a, b in zip(levels, levels[1:])) < 0.2 and len(levels) > 100


def test_quick_lift_fades_faster(mpe, desk):
    play(mpe, on(69, channel=1), on(76, channel=2), off(69, 127, channel=1), off(76, 1, channel=2))
    pass_time(mpe, 0.1)
    assert of(desk, 'level_db', taken(mpe)[69]) < of(desk, 'level_db', taken(mpe)[76])


def test_note_on_without_velocity_ends_the_note(mpe, desk):
    desk.set('drone.hold', 0)
    play(mpe, on(69), on(69, 0))
    assert not desk.leaning and desk.sent() == [(GATE, 1), (GATE, 0)]


def test_expression_after_the_release_is_for_the_next_note(mpe, desk):
    play(mpe, on(69), off(69), wheel(8191))
    assert of(desk, 'interval_cents') == pytest.approx(0, abs=0.1)


def test_drone_goes_on_when_it_holds_and_ends_when_all_is_released(mpe, desk):
    desk.set('drone.hold', 1)
    play(mpe, on(69), off(69))
    assert desk.sent() == [(GATE, 1)]
    desk.set('drone.hold', 0)
    desk.press(60, 1)
    play(mpe, on(69), off(69))
    assert (GATE, 0) not in desk.sent()[1:]
    desk.release(60)
    assert desk.sent() == [(GATE, 0)]


def test_key_that_fades_takes_its_layer_again(mpe, desk):
    play(mpe, on(69, channel=1), on(76, channel=2), off(76, channel=2))
    layer = taken(mpe)[76]
    play(mpe, on(76, channel=3))
    assert taken(mpe) == {69: 'layer2', 76: layer}


def test_note_takes_the_layer_that_is_nearest(mpe, desk):
    for layer, cents in (('layer5', 690), ('layer6', -1200)):
        desk.set(f'{layer}.interval_cents', cents)
    play(mpe, on(76), on(57, channel=2))
    assert taken(mpe) == {76: 'layer5', 57: 'layer6'}


def test_oldest_note_gives_its_layer_when_there_is_none(mpe, desk):
    play(mpe, *(on(60 + n, channel=1 + n) for n in range(8)))
    assert sorted(taken(mpe)) == list(range(61, 68)) and len(set(taken(mpe).values())) == 7


def test_note_that_fades_gives_its_layer_before_a_held_one(mpe, desk):
    play(mpe, *(on(60 + n, channel=1 + n) for n in range(7)), off(64, channel=5))
    pass_time(mpe, 0.1)
    play(mpe, on(72, channel=8))
    assert 64 not in taken(mpe) and 60 in taken(mpe)


def test_layers_that_sound_in_the_patch_are_left_alone(mpe, desk):
    desk.set('layer2.level_db', -20)
    play(mpe, *(on(60 + n, channel=1 + n) for n in range(10)))
    assert 'layer2' not in taken(mpe).values() and of(desk, 'level_db') == -20


def test_where_all_layers_sound_notes_take_them_and_give_their_level(mpe, desk):
    for layer in LAYERS:
        desk.set(f'{layer}.level_db', -20)
    play(mpe, on(69))
    assert len(taken(mpe)) == 1 and 'drone' not in taken(mpe).values()
    assert of(desk, 'level_db', taken(mpe)[69]) == -20


def test_drone_that_notes_may_take_goes_back_to_its_own_pitch_and_level(desk):
    desk.set('drone.root', 440)
    mpe = Mpe(desk, MpeSetup('lower', layers=('drone',)))
    play(mpe, on(81), press(127), off(81))
    pass_time(mpe, 10)
    assert of(desk, 'level_db', 'drone') == -12 and of(desk, 'interval_cents', 'drone') == 0


def test_panic_frees_everything_at_once(mpe, desk):
    play(mpe, on(69), on(76, channel=2))
    desk.panic()
    pass_time(mpe, 0.01)
    assert taken(mpe) == {} and of(desk, 'level_db') == SILENT_DB


def test_release_of_all_keys_lets_notes_fade(mpe, desk):
    play(mpe, on(69))
    desk.release_all()
    pass_time(mpe, 0.1)
    assert SILENT_DB < of(desk, 'level_db') < TOP_DB


def test_held_notes_sound_on_in_the_tuning_of_a_new_patch(mpe, desk):
    play(mpe, on(69), on(70, channel=2))
    before = taken(mpe)
    desk.load_patch('nineteen')
    pass_time(mpe, 0.01)
    assert taken(mpe) == before and of(desk, 'level_db', before[70]) == TOP_DB
    assert of(desk, 'interval_cents', before[70]) == pytest.approx(1200 + 1200 / 19, abs=0.1)


def test_layer_that_a_new_patch_lets_sound_does_so_after_the_note(mpe, desk):
    play(mpe, on(69))
    desk.use_patch(Patch('new', values={'layer2.level_db': -7.0, 'layer2.interval_cents': 702.0}))
    play(mpe, off(69))
    pass_time(mpe, 20)
    assert of(desk, 'level_db') == -7 and of(desk, 'interval_cents') == 702


def test_layer_that_is_turned_up_after_its_note_has_its_own_pitch(mpe, desk):
    play(mpe, on(69), wheel(8191), off(69))
    pass_time(mpe, 20)
    desk.set('layer2.level_db', -10)
    pass_time(mpe, 0.01)
    assert of(desk, 'level_db') == -10 and of(desk, 'interval_cents') == 0


def test_hand_on_the_cutoff_of_a_sounding_layer_moves_what_timbre_turns(mpe, desk):
    desk.set('layer2.filter', 'low')
    play(mpe, on(69), cc(74, 127))
    desk.set('layer2.cutoff', 500)
    play(mpe, cc(74, 127))
    assert of(desk, 'cutoff') == 4000
    play(mpe, off(69))
    pass_time(mpe, 20)
    assert of(desk, 'cutoff') == 500


def test_tuning_not_in_real_time_waits_for_the_next_note(mpe, desk):
    play(mpe, on(69))
    desk.retune(mts.parse(mts.single_notes({69: 432.0}, bank=0, real_time=False)))
    pass_time(mpe, 0.1)
    assert of(desk, 'interval_cents') == pytest.approx(0, abs=0.1)
    play(mpe, on(69))
    assert of(desk, 'interval_cents') == pytest.approx(1200 * math.log2(432 / 440), abs=0.01)


def test_tuning_in_real_time_moves_what_sounds(mpe, desk):
    play(mpe, on(69))
    desk.retune(mts.parse(mts.single_notes({69: 432.0})))
    mpe.voices.retune()
    assert of(desk, 'interval_cents') == pytest.approx(1200 * math.log2(432 / 440), abs=0.01)


def test_pedal_holds_released_notes(mpe, desk):
    play(mpe, on(69), cc(64, 127, channel=0), off(69))
    pass_time(mpe, 1)
    assert of(desk, 'level_db') == TOP_DB
    assert play(mpe, cc(64, 0, channel=0)) == [False]
    pass_time(mpe, 1)
    assert of(desk, 'level_db') < TOP_DB


def test_reset_and_all_notes_off_on_a_member(mpe, desk):
    play(mpe, on(69), on(76, channel=2), wheel(8191), cc(121, 0))
    assert of(desk, 'interval_cents') == pytest.approx(0, abs=0.1)
    play(mpe, cc(123, 0))
    pass_time(mpe, 20)
    assert list(taken(mpe)) == [76]


def test_channels_beside_the_zone_are_for_others(desk):
    mpe = Mpe(desk, MpeSetup('lower', members=4))
    assert play(mpe, on(60, channel=5), on(60, channel=0), cc(1, 5, channel=0), on(60, channel=4)) == [
        False, False, False, True]
    assert mpe.handle(Message('sysex', data=(1,))) is False


def test_controller_makes_moves_and_ends_zones(desk):
    mpe = Mpe(desk)
    assert play(mpe, on(60)) == [False] and mpe.zones == []
    play(mpe, *set_number(6, 15, channel=0))
    assert mpe.zones == ['lower 15'] and desk.message == 'MPE: lower 15'
    play(mpe, *set_number(6, 5, channel=15))
    assert mpe.zones == ['lower 9', 'upper 5'] and play(mpe, on(60, channel=9), on(60, channel=10)) == [True, True]
    play(mpe, *set_number(6, 15, channel=15))
    assert mpe.zones == ['upper 15']
    play(mpe, *set_number(6, 0, channel=15))
    assert mpe.zones == [] and play(mpe, on(60)) == [False]


def test_new_zone_lets_old_notes_fade_and_begins_with_48_semitones(mpe, desk):
    play(mpe, *set_number(0, 2, channel=1), on(69), *set_number(6, 8, channel=0))
    assert not desk.leaning
    play(mpe, on(69), wheel(8191))
    assert of(desk, 'interval_cents') == pytest.approx(4800, abs=0.1)


def test_other_numbers_are_left_to_others(mpe):
    assert play(mpe, cc(99, 0, channel=0), cc(98, 6, channel=0), cc(6, 3, channel=0)) == [False] * 3
    assert mpe.zones == ['lower 15']


def test_devices_have_zones_of_their_own(desk):
    mpe = Mpe(desk)
    for message in set_number(6, 15, channel=0):
        mpe.handle(Message(message[0], **message[1]), 'one')
    assert mpe.handle(Message('note_on', channel=1), 'one') and not mpe.handle(Message('note_on', channel=1), 'other')
    mpe.forget('one')
    assert not desk.leaning and mpe.zones == []


def test_thread_fades_by_itself_and_stop_gives_back(mpe, desk):
    desk.set('drone.release', 0.05)
    mpe.voices.start()
    play(mpe, on(69), off(69), on(70))
    until = time.monotonic() + 10
    while 69 in taken(mpe) and time.monotonic() < until:
        time.sleep(0.01)
    assert list(taken(mpe)) == [70]
    mpe.voices.stop()
    assert taken(mpe) == {} and not desk.leaning


@pytest.mark.parametrize('table, sentence', [
    ({'zone': 'middle'}, 'mpe.zone = \'middle\' is none of lower, upper, both'),
    ({'zone': []}, 'mpe.zone = \\[\\] is none of'),
    ({'members': 0}, 'mpe.members = 0 is outside 1..15'),
    ({'members': 1.5}, 'is not a whole number'),
    ({'zone': 'both', 'members': 8}, 'outside 1..7'),
    ({'bend_cents': True}, 'outside 0..9600'),
    ({'layers': 'drone'}, 'not a list of layers'),
    ({'layers': ['layer9']}, 'not a list of layers'),
    ({'layer': []}, 'mpe.layer is unknown; did you mean layers?'),
    (5, 'mpe = 5 is not a table')])
def test_mistake_in_a_map_is_told(table, sentence):
    with pytest.raises((ValueError, KeyError), match=sentence):
        read_setup(table)


def test_map_says_it_all():
    table = {'zone': 'upper', 'members': 3, 'bend_cents': 1200, 'layers': ['layer4', 'drone', 'layer4']}
    assert read_setup(table) == MpeSetup('upper', 3, 1200, layers=('layer4', 'drone'))


EVERYTHING = st.one_of(
    st.builds(lambda c, n, v: [0x90 | c, n, v], st.integers(0, 15), st.integers(55, 62), st.integers(0, 127)),
    st.builds(lambda k, c, n, v: [k | c, n, v], st.sampled_from([0x80, 0xA0, 0xE0]), st.integers(0, 15),
              st.integers(0, 127), st.integers(0, 127)),
    st.builds(lambda c, n, v: [0xB0 | c, n, v], st.integers(0, 15),
              st.sampled_from([6, 38, 64, 74, 98, 99, 100, 101, 120, 121, 123]), st.integers(0, 127)),
    st.builds(lambda c, v: [0xD0 | c, v], st.integers(0, 15), st.integers(0, 127)),
    st.just('panic'), st.just('tick'), st.just('patch'))


@given(st.lists(EVERYTHING, max_size=80))
def test_whatever_is_played_all_layers_come_back(events):
    desk = Desk(Board(), Ring.make(64, EVENT), Latest(('',)))
    mpe = Mpe(desk, LOWER)
    clean = dict(Board().items())
    for event in events:
        if event == 'panic':
            desk.silence()
        elif event == 'tick':
            mpe.voices.tick(0.5)
        elif event == 'patch':
            desk.use_patch(Patch('new'))
        else:
            mpe.handle(Message.from_bytes(event))
    desk.silence()
    mpe.voices.tick(0.01)
    assert taken(mpe) == {}
    mpe.voices.stop()
    assert {name for name, value in desk.board.items() if value != clean[name]} <= {'drone.bend_cents'}
