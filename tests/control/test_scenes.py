"""Scenes over a real Desk: recall, morph, hands, edits, undo, SAFE, travel. Time is a number that the test moves."""
import time

import numpy as np
import pytest

from live.control.passage import EASINGS
from live.control.scenes import PICTURE, SAFE_TIME, SOUND, UNDO_TIME
from live.control.transit import values_of
from live.control.travel import CATCH, CAUGHT, HAND_TRANSITION, mix_words
from live.params import PARAMS, SILENT_DB, STAGE
from live.patch import Patch
from live.tuning.mts import Retuning
from live.tuning.systems import equal
from live.tuning.tuning import Tuning


@pytest.fixture
def clock(desk):
    """Time for scenes and tempo, moved by `clock.pass_(seconds)`, which ticks as the conductor would."""
    class Clock:
        now = 100.0

        def __call__(self):
            return self.now

        def pass_(self, seconds, step=0.01):
            until = self.now + seconds
            while self.now < until - 1e-9:
                self.now = min(until, self.now + step)
                desk.tempo.tick(self.now)
                desk.scenes.tick(self.now)
    desk.scenes._clock = desk.tempo._clock = clock = Clock()
    desk.tempo.tick(clock.now)
    desk.tempo._line = desk.tempo._line._replace(time=clock.now, beat=0.0)
    return clock


@pytest.fixture
def two(desk, clock):
    """Scene 1 at 100 Hz cutoff and 'glass', scene 2 at 10 kHz and 'smoke'; one is in scene 1."""
    for number, cutoff, word in ((1, 100, 'glass'), (2, 10000, 'smoke')):
        desk.set('drone.cutoff', cutoff)
        desk.set('drone.drift_cents', 10 * number)
        desk.set_prompt(0, word)
        desk.act('store', number)
        clock.pass_(2)
    desk.set('stage.morph', 4)
    desk.scenes.recall(1, 0)
    return desk


def test_a_recalled_scene_is_what_was_stored(two, clock):
    wanted = two.scenes.stored[2]
    assert two.act('recall', 2)
    clock.pass_(4.01)
    kept = np.array([p.group != STAGE for p in PARAMS])
    assert (values_of(two.board)[kept] == wanted.values[kept]).all() and two.words == wanted.words


def test_a_number_between_two_scenes_is_the_lower_one(two, clock):
    two.act('recall', 2.5)
    clock.pass_(4.01)
    two.set('drone.cutoff', 500)
    assert two.scenes.place == 'scene 2' and two.act('revert')
    clock.pass_(UNDO_TIME + 0.1)
    assert two.board['drone.cutoff'] == pytest.approx(10000)


def test_half_way_is_half_way_for_the_ear(two, clock):
    two.act('recall', 2)
    clock.pass_(2)
    assert two.board['drone.cutoff'] == pytest.approx(1000, rel=1e-3)


@pytest.mark.parametrize('curve', EASINGS)
def test_a_curve_is_followed(two, clock, curve):
    two.scenes.recall(2, 4, curve)
    clock.pass_(1)
    assert np.log10(two.board['drone.cutoff']) == pytest.approx(2 + 2 * EASINGS[curve](0.25), abs=0.01)


def test_new_words_come_at_once_and_take_the_time_of_the_morph(two, clock):
    before = two.board['prompt.transition']
    two.act('recall', 2)
    assert two.words[0][0] == 'smoke' and two.board['prompt.transition'] == pytest.approx(4)
    clock.pass_(4.1)
    assert two.board['prompt.transition'] == before


def test_a_scene_stored_in_a_morph_knows_the_transition_that_will_be(two, clock):
    before = two.board['prompt.transition']
    two.act('recall', 2)
    clock.pass_(1)
    two.act('store', 3)
    assert two.scenes.find(3).values[[p.name for p in PARAMS].index('prompt.transition')] == before


def test_a_hand_takes_its_parameter_out_of_the_morph(two, clock):
    two.act('recall', 2)
    clock.pass_(1)
    two.set('drone.cutoff', 321)
    clock.pass_(4)
    assert two.board['drone.cutoff'] == 321 and two.board['drone.drift_cents'] == 20


def test_a_key_pressed_in_a_morph_keeps_its_note(two, clock):
    two.scenes.stored[2].values[0] = 200        # drone.root
    two.act('recall', 2)
    clock.pass_(1)
    two.press(69)
    clock.pass_(4)
    assert two.board['drone.root'] == two.tuning.frequency(69)


def test_a_held_key_goes_over_to_the_tuning_of_the_scene(two, clock):
    two.press(60)
    two.load_patch('nineteen')
    two.act('store', 4)
    two.scenes.recall(1, 0)
    assert two.board['drone.root'] == pytest.approx(two.tuning.frequency(60))
    two.scenes.recall(4, 1)
    clock.pass_(1.1)
    assert two.board['drone.root'] == pytest.approx(two.scenes.stored[4].tuning.frequency(60))


def test_the_stage_is_nobodys_scene(two, clock):
    two.set('stage.gain_db', -20)
    two.set('stage.blackout', 1)
    two.scenes.recall(2, 0)
    assert two.board['stage.gain_db'] == -20 and two.board['stage.blackout'] == 1


def test_who_leads_the_tempo_and_the_tempo_a_patch_does_not_name_stay(two):
    two.set('tempo.quantise', 'bar')
    two.set('tempo.bpm', 93)
    two.load_patch('nineteen')
    assert two.board['tempo.quantise'] == 2 and two.board['tempo.bpm'] == 93


def test_hold_stops_a_morph_and_lets_it_go_on(two, clock):
    two.act('recall', 2)
    clock.pass_(2)
    two.act('hold')
    clock.pass_(30)
    assert two.board['drone.cutoff'] == pytest.approx(1000, rel=1e-3)
    two.act('hold')
    clock.pass_(2.1)
    assert two.board['drone.cutoff'] == 10000


def test_a_recall_in_a_morph_goes_on_from_where_one_is(two, clock):
    two.act('recall', 2)
    clock.pass_(2)
    middle = two.board['drone.cutoff']
    two.act('recall', 1)
    assert two.board['drone.cutoff'] == pytest.approx(middle, rel=0.01)
    clock.pass_(4.1)
    assert two.board['drone.cutoff'] == 100


@pytest.mark.parametrize('number, said', [(9, 'scene 9 is empty'), (17, 'numbered 1..16'), (-1, 'numbered 1..16')])
def test_an_empty_scene_is_refused(desk, number, said):
    assert not desk.act('recall', number) and said in desk.message


@pytest.mark.parametrize('number', [17, -2])
def test_only_sixteen_can_be_stored(desk, number):
    assert not desk.act('store', number) and not desk.scenes.stored


def test_a_quantised_recall_waits_for_the_bar(two, clock):
    two.set('tempo.bpm', 120)
    two.set('tempo.quantise', 'bar')
    clock.pass_(0.1)
    clock.pass_(4 * 0.5 * (1 - two.tempo.bar[1] / 4) + 0.5)     # one beat into a bar
    two.scenes.recall(2, 0)
    clock.pass_(1.4)
    assert two.board['drone.cutoff'] == 100
    clock.pass_(0.2)
    assert two.board['drone.cutoff'] == 10000


def test_what_is_dreamt_begins_earlier_by_the_latency_to_meet_the_beat(two, clock):
    two.scenes.latency = lambda: 0.3
    two.set('dream.strength', 0.9)
    two.set_prompt(0, 'smoke')
    two.act('store', 2)
    two.scenes.recall(1, 0)
    two.set('tempo.bpm', 60)
    clock.pass_(0.1)
    clock.pass_(1.2 - two.tempo.beat % 1)
    two.scenes.recall(2, 0, quantise=1)
    clock.pass_(0.45)
    assert two.board['dream.strength'] == 0.45 and two.words[0][0] == 'glass'
    clock.pass_(0.1)
    assert two.board['dream.strength'] == 0.9 and two.words[0][0] == 'smoke' and two.scenes.place == 'scene 1'
    clock.pass_(0.3)
    assert two.scenes.place == 'scene 2'


def test_every_parameter_but_the_stages_belongs_to_picture_or_sound():
    assert sorted([*PICTURE, *SOUND]) == [n for n, p in enumerate(PARAMS) if p.group != STAGE]


def test_edits_come_back_and_revert_drops_them(two, clock):
    two.set('drone.drift_cents', 77)
    two.scenes.recall(2, 0)
    two.scenes.recall(1, 0)
    assert two.board['drone.drift_cents'] == 77 and 'with 1 changes' in two.message
    two.act('revert')
    clock.pass_(1)
    assert two.board['drone.drift_cents'] == 10
    two.scenes.recall(1, 0)
    assert two.board['drone.drift_cents'] == 10


def test_edits_of_a_patch_come_back_with_its_words(desk, clock):
    desk.load_patch('nineteen')
    desk.set('drone.drift_cents', 44)
    desk.set_prompt(1, 'moss')
    desk.use_patch(Patch('other'))
    desk.load_patch('nineteen')
    assert desk.board['drone.drift_cents'] == 44 and desk.words[0] == ('glass', 'moss')
    desk.act('revert')
    clock.pass_(1)
    assert desk.board['drone.drift_cents'] == 33 and desk.words[0] == ('glass', 'forest')


def test_what_is_stored_as_another_scene_is_no_edit_of_the_first(two, clock):
    two.set('drone.drift_cents', 77)
    two.act('store', 3)
    two.scenes.recall(1, 0)
    assert two.board['drone.drift_cents'] == 10
    two.act('undo')
    two.act('undo')
    two.scenes.recall(2, 0)
    two.scenes.recall(1, 0)
    assert two.board['drone.drift_cents'] == 77 and 3 not in two.scenes.stored


def test_storing_a_scene_anew_takes_its_edits_in(two, clock):
    two.set('drone.drift_cents', 77)
    two.act('store', 1)
    assert not two.act('revert')
    two.scenes.recall(2, 0)
    two.scenes.recall(1, 0)
    assert two.board['drone.drift_cents'] == 77


def test_a_played_key_and_a_bent_wheel_are_no_edits(two):
    two.press(64)
    two.bend(50)
    assert not two.scenes.edits.get('scene 1') and two.board['drone.bend_cents'] == 50


def test_undo_takes_back_one_gesture_however_many_movements_it_had(two, clock):
    for value in range(20, 60):
        two.set('drone.drift_cents', value)
        clock.pass_(0.05)
    clock.pass_(2)
    two.set('drone.drift_cents', 99)
    two.act('undo')
    assert two.board['drone.drift_cents'] == 59
    two.act('undo')
    assert two.board['drone.drift_cents'] == 10 and not two.scenes.edits['scene 1']
    two.act('redo')
    assert two.board['drone.drift_cents'] == 59 and two.scenes.edits['scene 1'].values == {'drone.drift_cents': 59}


def test_two_hands_make_two_gestures(two, clock):
    for value in range(5):
        two.set('drone.drift_cents', value)
        two.set('drone.cutoff', 500 + value)
        clock.pass_(0.1)
    two.act('undo')
    assert two.board['drone.cutoff'] == 100 and two.board['drone.drift_cents'] == 4


def test_undo_takes_back_words_patches_recalls_and_stores(two, clock):
    two.set_prompt(0, 'fire')
    two.load_patch('nineteen')
    two.act('store', 1)
    two.act('undo')
    assert two.scenes.stored[1].words[0][0] == 'glass'
    two.act('undo')
    clock.pass_(UNDO_TIME + 0.01)
    assert two.words[0][0] == 'fire' and two.board['drone.cutoff'] == 100 and two.patch.name == ''
    two.act('undo')
    assert two.words[0][0] == 'glass'


def test_fifty_gestures_are_remembered(two, clock):
    for value in range(60):
        two.set('drone.drift_cents', value)
        clock.pass_(1.5, 1.5)
    undone = sum(two.act('undo') for _ in range(70))
    assert undone == 50 and two.board['drone.drift_cents'] == 9 and 'nothing to undo' in two.message


def test_the_stage_is_not_undone(two):
    two.set('stage.blackout', 1)
    two.act('undo')
    assert two.board['stage.blackout'] == 1


def test_safe_goes_to_the_safe_patch_and_back(two, clock):
    two.scenes.safe_patch = Patch('safe', prompts=('calm',), values={'drone.level_db': -30.0})
    two.set('drone.drift_cents', 77)
    two.act('safe')
    clock.pass_(SAFE_TIME + 0.01)
    assert two.board['drone.level_db'] == -30 and two.words[0] == ('calm',) and two.scenes.is_safe
    two.set('drone.level_db', 0)
    two.act('safe')
    clock.pass_(SAFE_TIME + 0.01)
    assert two.board['drone.drift_cents'] == 77 and two.scenes.place == 'scene 1' and not two.scenes.is_safe
    two.act('safe')
    clock.pass_(SAFE_TIME + 0.01)
    assert two.board['drone.level_db'] == -30           # nobody's hand has changed what is safe


def test_without_a_safe_patch_safe_is_refused(desk):
    assert not desk.act('safe')


def test_the_tuning_follows_from_the_half_of_the_morph_on(two, clock):
    two.scenes.load(Patch('five', tuning=Tuning(equal(5))), 4)
    clock.pass_(1.9)
    assert two.tuning.scale == equal(12) and two.scenes.place == 'patch five'
    clock.pass_(0.2)
    assert two.tuning.scale == equal(5) and two.glide == pytest.approx(1.2)
    clock.pass_(2)
    assert two.glide == 0 and two.tuning.scale == equal(5)


def test_a_scene_keeps_what_midi_has_tuned(two):
    two.retune(Retuning(semitones={69: 69.5}))
    two.act('store', 3)
    two.load_patch('nineteen')
    two.scenes.recall(3, 0)
    assert two.tuning.semitones[69] == 69.5


@pytest.fixture
def three(two, clock):
    """A third scene, and the way from 1 to 3."""
    two.scenes.recall(2, 0)
    two.set('drone.cutoff', 1000)
    two.set_prompt(0, 'moss')
    two.act('store', 3)
    two.scenes.recall(1, 0)
    two.set('stage.scene_b', 3)
    clock.pass_(2)
    return two


def test_the_fader_travels_through_all_scenes_between(three, clock):
    for position, cutoff in ((0.25, 1000), (0.5, 10000), (0.75, 3162.28), (1, 1000), (0, 100)):
        three.set('stage.position', position)
        clock.pass_(CATCH + 1)
        assert three.board['drone.cutoff'] == pytest.approx(cutoff, rel=1e-4)


def test_on_the_way_the_words_of_both_scenes_are_mixed(three, clock):
    three.set('stage.position', 0.125)
    clock.pass_(2)
    weights = [three.board[f'prompt.weight{n}'] for n in range(1, 4)]
    assert three.words[0][:2] == ('glass', 'smoke') and weights == pytest.approx([0.75, 0.25, 0])
    three.set('stage.position', 0.5)
    clock.pass_(2)
    assert three.words[0][0] == 'smoke' and three.board['prompt.weight1'] == 1


def test_words_follow_the_hand_and_are_slow_again_when_it_rests(three, clock):
    before = three.board['prompt.transition']
    three.set('stage.position', 0.1)
    clock.pass_(CAUGHT + 0.5)
    three.set('stage.position', 0.2)
    clock.pass_(0.02)
    assert three.board['prompt.transition'] == HAND_TRANSITION
    clock.pass_(2)
    assert three.board['prompt.transition'] == pytest.approx(before)


def test_setting_out_is_smooth_from_wherever_one_was(three, clock):
    three.set('drone.cutoff', 20)
    clock.pass_(2)
    three.set('stage.position', 0.5)
    steps = []
    for _ in range(int(100 * (CATCH + 0.5))):
        clock.pass_(0.01)
        steps.append(np.log2(three.board['drone.cutoff']))
    assert np.abs(np.diff(steps)).max() < 0.2 and steps[-1] == pytest.approx(np.log2(10000))


def test_a_hand_takes_its_parameter_off_the_way(three, clock):
    three.set('stage.position', 0.2)
    clock.pass_(2)
    three.set('drone.cutoff', 333)
    three.set('stage.position', 0.9)
    clock.pass_(2)
    assert three.board['drone.cutoff'] == 333 and three.board['drone.drift_cents'] == pytest.approx(20)
    three.scenes.recall(2, 0)
    three.set('stage.position', 0)
    clock.pass_(2)
    assert three.board['drone.cutoff'] == pytest.approx(100)


def test_travelling_is_undone_as_one(three, clock):
    for position in np.linspace(0, 1, 30):
        three.set('stage.position', position)
        clock.pass_(0.05)
    clock.pass_(2)
    three.act('undo')
    clock.pass_(UNDO_TIME + 0.01)
    assert three.board['drone.cutoff'] == 100 and three.words[0][0] == 'glass'
    three.act('redo')
    clock.pass_(UNDO_TIME + 0.01)
    assert three.board['drone.cutoff'] == 1000


def test_one_scene_is_no_way(desk, clock):
    desk.act('store', 1)
    desk.set('stage.position', 0.5)
    clock.pass_(0.1)
    assert 'two or more' in desk.message


def test_too_many_words_to_mix_are_not(three):
    scenes = [three.scenes.stored[n] for n in (1, 2)]
    many = [scene.__class__(scene.values.copy(), (tuple(f'{n} {k}' for k in range(8)), ''), scene.patch, scene.tuning)
            for n, scene in enumerate(scenes)]
    for scene in many:
        scene.values[[n for n, p in enumerate(PARAMS) if p.name.startswith('prompt.weight')]] = 0.5
    assert mix_words(*many, 0.5) is None


def test_a_layer_that_was_silent_rises_without_a_jump(desk, clock):
    desk.set('drone.level_db', SILENT_DB)
    desk.act('store', 1)
    desk.set('drone.level_db', 0)
    desk.act('store', 2)
    desk.scenes.recall(1, 0)
    desk.scenes.recall(2, 2)
    gains = []
    for _ in range(200):
        clock.pass_(0.01)
        gains.append(10 ** (desk.board['drone.level_db'] / 20))
    assert np.abs(np.diff([0, *gains])).max() < 0.02 and gains[-1] == 1


def test_a_tick_of_all_parameters_costs_less_than_setting_them_one_by_one(desk, clock):
    random = np.random.default_rng(2)
    for number in (1, 2):
        values_of(desk.board)[:] = [p.from_knob(x) for p, x in zip(PARAMS, random.random(len(PARAMS)))]
        desk.board['tempo.quantise'] = 0
        desk.act('store', number)
    desk.scenes.recall(1, 1000)
    ticks, sets = [], []
    for _ in range(50):
        clock.now += 0.01
        began = time.perf_counter()
        desk.scenes.tick(clock.now)
        ticks.append(time.perf_counter() - began)
        began = time.perf_counter()
        for name, value in desk.board.items():
            desk.board[name] = value
        sets.append(time.perf_counter() - began)
    assert np.median(ticks) < np.median(sets)
