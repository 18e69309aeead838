"""The desk: keys, gate, panic, parameters, prompts and patches."""
import math
import threading
import time

import numpy as np
import pytest

from live.params import PARAMS
from live.patch import Patch
from live.signals import GATE, PANIC
from live.tuning.mts import Retuning


def semitones(hz):
    return 69 + 12 * math.log2(hz / 440)


def test_value_in_plain_units_reaches_the_board(desk):
    assert desk.set('drone.drift_cents', 12.5)
    assert desk.board['drone.drift_cents'] == 12.5


def test_position_follows_the_curve_of_the_parameter(desk):
    desk.turn('drone.drift_cents', 0.5)
    assert desk.board['drone.drift_cents'] == pytest.approx(200 * 0.5 ** 2)


@pytest.mark.parametrize('value, step', [('walk', 2), (' Walk ', 2), (2, 2), (2.0, 2), ('2', 2), ('1.0', 1), (True, 1)])
def test_choice_is_taken_by_name_and_by_number(desk, value, step):
    assert desk.set('dream.noise', value)
    assert desk.board['dream.noise'] == step


@pytest.mark.parametrize('value', [float('nan'), float('inf'), -float('inf'), 'nan', 'wlak', None, b'\xff', 10 ** 400])
def test_what_is_no_number_is_refused_and_counted(desk, value):
    assert not desk.set('dream.noise', value)
    assert desk.board['dream.noise'] == 2 and desk.refused == 1 and desk.message.startswith('dream.noise = ')


def test_misspelt_choice_gets_a_hint(desk):
    desk.set('dream.noise', 'wlak')
    assert desk.message == "dream.noise = 'wlak' is not one of fixed, fresh, walk, split; did you mean walk?"


def test_misspelt_name_gets_a_hint(desk):
    desk.set('drone.drift_cent', 1)
    assert desk.message == 'drone.drift_cent is unknown; did you mean drone.drift_cents?'


@pytest.mark.parametrize('param', PARAMS, ids=lambda p: p.name)
def test_out_of_range_is_clamped(desk, param):
    desk.set(param.name, param.high + 1e9)
    assert desk.board[param.name] == param.high
    desk.set(param.name, param.low - 1e9)
    assert desk.board[param.name] == param.low


def test_switch_turns_over(desk):
    desk.toggle('stage.blackout')
    assert desk.board['stage.blackout'] == 1
    desk.toggle('stage.blackout')
    assert desk.board['stage.blackout'] == 0


def test_what_is_no_switch_does_not_turn_over(desk):
    assert not desk.toggle('drone.root')
    assert desk.message == 'drone.root is not a switch'


def test_key_sets_the_root_and_opens_the_gate(desk):
    desk.press(82, 0.5)
    assert desk.board['drone.root'] == pytest.approx(932.32)
    assert desk.sent() == [(GATE, 0.5)]


def test_key_between_two_keys_sounds_between_them(desk):
    desk.press(70.5)
    assert desk.board['drone.root'] == pytest.approx(466.16 * 2 ** (0.5 / 12))


def test_key_follows_the_tuning_of_the_patch(desk):
    desk.load_patch('nineteen')
    desk.press(70)
    assert desk.board['drone.root'] == pytest.approx(440 * 2 ** (1 / 19))


def test_unmapped_key_does_nothing(desk, tmp_path):
    (tmp_path / 'white.toml').write_text("[tuning]\nkeyboard = 'white_keys.kbm'")
    desk.load_patch('white')
    desk.sent()
    before = desk.board['drone.root']
    desk.press(61)
    desk.press(float('nan'))
    assert desk.sent() == [] and desk.board['drone.root'] == before and not desk._held


def test_held_key_that_the_new_patch_does_not_map_leaves_the_root_to_the_patch(desk, tmp_path):
    (tmp_path / 'white.toml').write_text("[tuning]\nkeyboard = 'white_keys.kbm'\n[drone]\nroot = 300")
    desk.press(61)
    desk.load_patch('white')
    assert desk.board['drone.root'] == 300


@pytest.mark.parametrize('real_time, root', [(True, 300), (False, 466.16)])
def test_sounding_key_is_retuned_at_once_if_in_real_time(desk, real_time, root):
    desk.press(70)
    desk.retune(Retuning({70: semitones(300)}, real_time=real_time))
    assert desk.board['drone.root'] == pytest.approx(root)
    desk.press(70)
    assert desk.board['drone.root'] == pytest.approx(300)


def test_released_key_that_rings_on_is_retuned_too(desk):
    desk.press(70)
    desk.release(70)
    desk.retune(Retuning(offsets=(50.0,) * 12, real_time=True))
    assert desk.board['drone.root'] == pytest.approx(466.16 * 2 ** (50 / 1200))


def test_root_that_a_knob_has_moved_follows_no_key_any_more(desk):
    desk.press(70)
    desk.set('drone.root', 100)
    desk.retune(Retuning({70: semitones(300)}, real_time=True))
    assert desk.board['drone.root'] == 100


def test_next_patch_brings_its_own_tuning(desk):
    desk.retune(Retuning({70: semitones(300)}))
    desk.load_patch('nineteen')
    desk.press(69)
    assert desk.board['drone.root'] == pytest.approx(440) and not desk.tuning.semitones


def test_newest_held_key_sounds(desk):
    desk.set('drone.hold', 0)
    for action, key, sounding in (('press', 60, 60), ('press', 64, 64), ('press', 67, 67), ('release', 64, 67),
                                  ('release', 67, 60)):
        getattr(desk, action)(key)
        assert desk.board['drone.root'] == pytest.approx(466.16 * 2 ** ((sounding - 70) / 12))
    desk.sent()
    desk.release(60)
    assert desk.sent() == [(GATE, 0)]


def test_key_pressed_twice_is_released_once(desk):
    desk.set('drone.hold', 0)
    desk.press(60)
    desk.press(60)
    desk.sent()
    desk.release(60)
    assert desk.sent() == [(GATE, 0)]


def test_hold_keeps_the_note_until_it_is_turned_off(desk):
    desk.press(60)
    desk.release(60)
    assert desk.sent() == [(GATE, 1)]
    desk.set('drone.hold', 'off')
    assert desk.sent() == [(GATE, 0)]


def test_a_patch_without_hold_lets_a_released_key_go(desk, tmp_path):
    (tmp_path / 'short.toml').write_text('[drone]\nhold = false\n')
    desk.press(60)
    desk.release(60)
    desk.load_patch('short')
    desk.scenes.tick(time.monotonic())
    gates = [event for event in desk.sent() if event[0] == GATE]
    assert not desk.board['drone.hold'] and gates == [(GATE, 1), (GATE, 0)]


@pytest.mark.parametrize('told', ['Partch\0xx', 'a \ud800 b', '\x1b]0;title\x07', 'one\ntwo'])
def test_what_no_font_takes_is_not_said(desk, told):
    desk.say(told)
    assert desk.message.isprintable() and len(desk.message) == len(told)
    desk.say('Grün ♭ 19 音')
    assert desk.message == 'Grün ♭ 19 音'


def test_turning_hold_off_leaves_a_held_key_sounding(desk):
    desk.press(60)
    desk.set('drone.hold', 0)
    assert desk.sent() == [(GATE, 1)]


def test_releasing_a_key_that_is_not_held_does_nothing(desk):
    desk.set('drone.hold', 0)
    desk.release(60)
    assert desk.sent() == []


def test_panic_silences_and_forgets_the_keys(desk):
    desk.set('drone.hold', 0)
    desk.press(60, 0.7)
    desk.panic()
    desk.release(60)
    assert desk.sent() == [(GATE, 0.7), (PANIC, 0)] and desk.silenced


@pytest.mark.parametrize('action, velocity', [(lambda d: d.panic(), 0.7), (lambda d: d.press(61, 0.4), 0.4),
                                              (lambda d: d.gate(0.2), 0.2)])
def test_second_panic_or_a_note_or_the_gate_ends_a_panic(desk, action, velocity):
    desk.gate(0.7)
    desk.panic()
    desk.sent()
    action(desk)
    assert desk.sent() == [(GATE, velocity)] and not desk.silenced


def test_closing_the_gate_does_not_end_a_panic(desk):
    desk.panic()
    desk.sent()
    desk.gate(0)
    assert desk.sent() == [] and desk.silenced


def test_silence_twice_is_silence(desk):
    desk.silence()
    desk.silence()
    assert desk.silenced


def test_prompt_is_one_line_of_words(desk):
    desk.set_prompt(1, ' a \n glass\tforest ')
    assert desk.prompts.get() == ('', 'a glass forest')


def test_half_a_character_does_not_reach_the_tokenizer(desk):
    desk.set_prompt(0, 'dust \ud800')
    assert desk.prompts.get()[0] == 'dust ?'


def test_a_prompt_beyond_the_last_leaves_empty_ones_before_it(desk):
    desk.set_prompt(4, 'glass')
    assert desk.prompts.get() == ('', '', '', '', 'glass')


def test_a_ninth_prompt_is_refused(desk):
    before = desk.prompts.get()
    assert not desk.set_prompt(8, 'glass') and desk.prompts.get() == before
    assert desk.message == 'there is no prompt 9: they are numbered 1..8'


def test_the_negative_prompt_is_one_line_until_the_next_patch(desk):
    desk.set_negative(' people,\n text ')
    assert desk.negative.get() == 'people, text'
    desk.use_patch(Patch('mine'))
    assert desk.negative.get() == ''


def test_shaders_stand_in_order_until_the_next_patch(desk):
    assert desk.set_shaders('after', 'grade grain') and desk.set_shaders('before', 'test_card')
    assert desk.patch.shaders == (('test_card',), ('grade', 'grain'))
    desk.use_patch(Patch('other'))
    assert desk.patch.shaders == ((), ())


def test_no_shaders_are_none(desk):
    desk.set_shaders('after', 'grade')
    assert desk.set_shaders('after', '') and desk.patch.shaders == ((), ())


def test_an_unknown_shader_changes_nothing_and_gets_a_hint(desk):
    desk.set_shaders('after', 'grade')
    assert not desk.set_shaders('after', 'grade grian')
    assert desk.patch.shaders == ((), ('grade',)) and 'did you mean grain?' in desk.message


def test_a_scene_keeps_its_shaders(desk):
    desk.set_shaders('after', 'grade')
    desk.scenes.store(1)
    desk.set_shaders('after', '')
    desk.scenes.recall(1, seconds=0)
    for _ in range(3):
        desk.scenes.tick(1e9)
    assert desk.patch.shaders == ((), ('grade',))


def test_patch_brings_parameters_and_prompts(desk):
    assert desk.load_patch('nineteen')
    assert desk.board['drone.drift_cents'] == 33 and desk.board['drone.root'] == 220
    assert desk.prompts.get() == ('glass', 'forest') and desk.patch.name == 'nineteen'


def test_held_key_sounds_on_in_the_tuning_of_the_new_patch(desk):
    desk.press(70)
    desk.load_patch('nineteen')
    assert desk.board['drone.root'] == pytest.approx(440 * 2 ** (1 / 19))


@pytest.mark.parametrize('name', ['broken', 'absent', 'x' * 5000, '../x', 'a\0b'])
def test_bad_patch_changes_nothing_and_tells_why(desk, name):
    before, patch = desk.board.values.copy(), desk.patch
    assert not desk.load_patch(name)
    assert (desk.board.values == before).all() and desk.patch is patch and desk.message and desk.refused == 1


def test_bad_patch_is_told_in_one_sentence(desk):
    desk.load_patch('broken')
    assert desk.message == 'broken.toml: drone.drift_cents = 1e+06 cents is outside 0..200'


def test_nth_patch_beyond_the_list_is_passed_over_quietly(desk):
    assert desk.load_nth_patch(1) and desk.patch.name == 'nineteen'
    assert not desk.load_nth_patch(2) and desk.refused == 0


def test_many_threads_lose_no_event_and_no_count(desk):
    desk.events.items = np.zeros(4096, desk.events.items.dtype)
    threads = [threading.Thread(target=lambda: [desk.gate(1) or desk.set('motes.hue', 0.1) for _ in range(400)])
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.events.written == 1600 and desk.changes == 1600


def test_keys_that_are_never_released_do_not_pile_up(desk):
    for key in range(1000):
        desk.press(key / 10)
    assert list(desk._held) == [key / 10 for key in range(1000 - 128, 1000)]


def test_notes_on_layers_keep_the_gate_open_and_leave_the_root(desk):
    desk.set('drone.hold', 0)
    desk.press(69, 0.5)
    desk.lean()
    desk.release(69)
    assert desk.board['drone.root'] == pytest.approx(440, rel=1e-5) and set(desk.sent()) == {(GATE, 0.5)}
    desk.leave()
    assert desk.sent() == [(GATE, 0)]


def test_hold_outlasts_notes_on_layers(desk):
    desk.set('drone.hold', 1)
    desk.lean()
    desk.leave()
    assert desk.sent() == [(GATE, 1)]
    desk.set('drone.hold', 0)
    assert desk.sent() == [(GATE, 0)]


def test_panic_and_release_of_all_end_notes_on_layers(desk):
    desk.lean()
    desk.silence()
    assert not desk.leaning
    desk.lean()
    desk.release_all()
    assert not desk.leaning
