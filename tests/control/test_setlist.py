"""Setlists: read strictly; performed with GO, BACK, HOLD, by number, and by themselves."""
from datetime import datetime, timedelta

import pytest

from live.control.setlist import SetError, find_set, list_sets, load_set
from live.patch import Patch

SET = '''
description = 'Two patches and a scene.'
[[cue]]
name = 'opening'
patch = 'one'
morph = 0
[[cue]]
patch = 'two'
morph = 2
curve = 'linear'
follow = 5
[[cue]]
scene = 3
quantise = 'bar'
'''


@pytest.fixture
def folder(tmp_path):
    (tmp_path / 'one.toml').write_text('[drone]\nlevel_db = -12\ndrift_cents = 10\n')
    (tmp_path / 'two.toml').write_text('[drone]\nlevel_db = -6\ndrift_cents = 40\n')
    return tmp_path


@pytest.fixture
def read(folder):
    def read_text(text):
        (folder / 'set.toml').write_text(text)
        return load_set(folder / 'set.toml')
    return read_text


class Clock:
    now = 10.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(desk):
    """Time for cues, scenes and tempo; `pass_` ticks them as the conductor would."""
    clock = Clock()
    desk.scenes._clock = desk.cues._clock = desk.tempo._clock = clock
    desk.tempo._line = desk.tempo._line._replace(time=clock.now)

    def pass_(seconds):
        for _ in range(round(seconds / 0.05)):
            clock.now += 0.05
            desk.tempo.tick(clock.now)
            desk.cues.tick(clock.now)
            desk.scenes.tick(clock.now)
    clock.pass_ = pass_
    return clock


@pytest.fixture
def cues(desk, clock, read):
    desk.cues.load(read(SET))
    return desk.cues


DAY = """
[[cue]]
patch = 'one'
morph = 0
at = '10:00'
follow = 5
[[cue]]
patch = 'two'
morph = 0
follow = 5
[[cue]]
patch = 'one'
morph = 0
at = '18:30'
"""


@pytest.fixture
def dated(desk, clock, read):
    """A function that loads a set at 12:00; `at` of the cues it returns tells another time."""
    def dated(text):
        cues, now = desk.cues, [datetime(2026, 11, 30, 12, 0)]
        cues._wall = lambda: now[0]
        cues.load(read(text))

        def at(hour, minute=0, days=0):
            now[0] = now[0].replace(hour=hour, minute=minute) + timedelta(days)
            clock.pass_(0.1)
            return cues.number
        cues.at = at
        return cues
    return dated


@pytest.fixture
def day(dated):
    """A day's cues."""
    return dated(DAY)


@pytest.mark.parametrize('hour, number', [(9, 3), (10, 1), (12, 1), (19, 3)])
def test_the_time_of_day_asks_for_the_cue_whose_time_was_last(day, hour, number):
    day.at(hour)
    assert day.asked == number


def test_a_cue_begins_at_its_time_of_day_and_once(day, desk):
    day.begin(2)
    assert day.at(18, 29) == 2
    assert day.at(18, 30) == 3
    day.begin(2)
    assert day.at(18, 31) == 2


def test_after_midnight_the_last_cue_goes_on_until_the_first_has_its_time(day):
    assert [day.at(hour, days=hour == 0) for hour in (19, 23, 0, 9, 10)] == [3, 3, 3, 3, 1]


def test_a_cue_that_alone_has_a_time_begins_every_day(dated):
    cues = dated("[[cue]]\npatch = 'one'\nmorph = 0\n[[cue]]\npatch = 'two'\nmorph = 0\nat = '18:30'")
    for _ in range(3):
        cues.begin(1)
        assert [cues.at(18, 29), cues.at(18, 30), cues.at(23)] == [1, 2, 2]
        cues.begin(1)
        assert cues.at(9, days=1) == 1


def test_an_hour_that_comes_twice_begins_nothing_twice(dated):
    day = dated(DAY.replace('18:30', '02:30'))
    assert [day.at(2, 29, days=1), day.at(2, 30)] == [0, 3]
    day.begin(2)
    assert [day.at(*time) for time in ((2, 59), (2, 0), (2, 29), (2, 30), (9, 59), (10, 0))] == [2, 2, 2, 2, 2, 1]


def test_a_time_within_an_hour_that_is_missing_comes_after_it(dated):
    day = dated(DAY.replace('18:30', '02:30'))
    assert [day.at(1, 59, days=1), day.at(3, 0)] == [0, 3]


def test_a_clock_that_was_years_ahead_holds_nothing_up(day):
    day.at(19, days=1000)
    assert day.at(12, days=-1000) == 1 and day.at(18, 30) == 3


def test_nothing_follows_into_a_cue_before_its_time(day, clock):
    day.begin(1)
    clock.pass_(30)
    assert day.number == 2 and day.follows_in is None


def test_in_a_loop_the_cues_of_one_time_go_round_until_the_next(day, clock):
    day.loop = True
    day.begin(1)
    seen = set()
    for _ in range(10):
        clock.pass_(5)
        seen.add(day.number)
    assert seen == {1, 2}


def test_a_time_that_comes_while_held_is_kept(day, desk):
    day.begin(2)
    desk.scenes.hold()
    assert day.at(18, 30) == 2
    desk.scenes.hold()
    assert day.at(18, 31) == 3


def test_a_set_is_read(read):
    first, second, third = read(SET).cues
    assert (first.name, first.patch.name, first.morph) == ('opening', 'one', 0)
    assert (second.name, second.curve, second.follow, second.quantise) == ('two', 'linear', 5, None)
    assert (third.name, third.scene, third.quantise, third.morph) == ('scene 3', 3, 2, None)


@pytest.mark.parametrize('text, said', [
    ('', 'there is no [[cue]]'),
    ('cue = 3', 'there is no [[cue]]'),
    ('cue = [3]', 'cue 1 is not a table'),
    ("[[cue]]\nscene = 1\nat = '25:00'", "cue 1: at = '25:00' is not a time like '18:30'"),
    ('[[cue]]\nscene = 1\nat = 18', "cue 1: at = 18 is not a time like '18:30'"),
    ('colour = 1\n[[cue]]\nscene = 1', 'colour is unknown'),
    ('description = 3\n[[cue]]\nscene = 1', 'description = 3 is not a text'),
    ('[[cue]]\npatsh = "one"', 'cue 1: patsh is unknown; did you mean patch?'),
    ('[[cue]]', 'cue 1 needs either a patch or a scene'),
    ('[[cue]]\npatch = "one"\nscene = 1', 'cue 1 needs either'),
    ('[[cue]]\npatch = "bflt"', "there is no patch 'bflt'; did you mean bflat?"),
    ('[[cue]]\npatch = 3', 'cue 1: patch = 3 is not a text'),
    ('[[cue]]\nscene = 17', 'scene = 17 is not a whole number in 1..16'),
    ('[[cue]]\nscene = true', 'scene = True is not'),
    ('[[cue]]\nscene = 1\n[[cue]]\nscene = 1\nmorph = -1', 'cue 2: morph = -1 is outside 0..600 s'),
    ('[[cue]]\nscene = 1\nmorph = nan', 'morph = nan is outside'),
    ('[[cue]]\nscene = 1\nfollow = "soon"', "follow = 'soon' is outside"),
    ('[[cue]]\nscene = 1\ncurve = "eas"', "'eas' is none of ease, linear, ease-in, ease-out; did you mean ease?"),
    ('[[cue]]\nscene = 1\nquantise = 2', 'quantise = 2 is none of off, beat, bar'),
    ('[[cue]', 'set.toml: '),
])
def test_a_mistake_is_told_in_one_sentence(read, text, said):
    with pytest.raises(SetError) as error:
        read(text)
    assert said in str(error.value) and str(error.value).startswith('set.toml: ') and '\n' not in str(error.value)


def test_a_bad_patch_is_told_with_its_cue(read, folder):
    (folder / 'bad.toml').write_text('[drone]\ndrift_cent = 3\n')
    with pytest.raises(SetError, match='cue 1: bad.toml: drone.drift_cent is unknown'):
        read('[[cue]]\npatch = "bad"')


@pytest.mark.parametrize('name', list_sets())
def test_sets_that_come_with_the_instrument_are_good(name):
    setlist = load_set(find_set(name))
    assert setlist.description.endswith('.') and len(setlist.cues) > 1


def test_a_misspelt_set_gets_a_hint():
    with pytest.raises(SetError, match='did you mean evening?'):
        find_set('evenning')


def test_go_and_back_go_through_the_set(cues, desk, clock):
    assert cues.next.name == 'opening' and desk.act('go') and desk.board['drone.drift_cents'] == 10
    assert desk.act('go') and cues.number == 2 and desk.message == 'cue 2: two'
    clock.pass_(2.1)
    assert desk.board['drone.drift_cents'] == 40
    assert desk.act('back') and cues.number == 1 and desk.board['drone.drift_cents'] == 10
    assert not desk.act('back') and 'first cue' in desk.message


def test_a_cue_morphs_by_its_own_time_and_curve(cues, desk, clock):
    desk.act('cue', 1)
    desk.act('cue', 2)
    clock.pass_(1)
    assert desk.board['drone.level_db'] == pytest.approx(-9, abs=0.2)


def test_a_cue_follows_by_itself(cues, desk, clock):
    desk.act('store', 3)
    desk.act('cue', 2)
    clock.pass_(4.9)
    assert cues.number == 2 and cues.follows_in == pytest.approx(0.1, abs=0.06)
    clock.pass_(0.2)
    assert cues.number == 3


def test_hold_and_safe_stop_the_time_to_the_next_cue(cues, desk, clock):
    desk.scenes.safe_patch = Patch('safe')
    desk.act('store', 3)
    desk.act('cue', 2)
    for action in ('hold', 'safe'):
        desk.act(action)
        clock.pass_(20)
        assert cues.number == 2
        desk.act(action)
    clock.pass_(5.1)
    assert cues.number == 3


def test_a_cue_that_waits_for_the_bar_counts_from_there(cues, desk, clock, read):
    cues.load(read('[[cue]]\nscene = 1\nquantise = "bar"\nfollow = 1\n[[cue]]\nscene = 1\nmorph = 0'))
    desk.act('store', 1)
    clock.pass_(1)
    desk.act('go')                      # three seconds to the bar, at 60 bpm in four
    clock.pass_(3.5)
    assert cues.number == 1
    clock.pass_(1)
    assert cues.number == 2


def test_a_scene_that_is_not_there_is_told_once_and_one_stays(cues, desk, clock):
    desk.act('cue', 2)
    refused = desk.refused
    clock.pass_(20)
    assert cues.number == 2 and desk.refused == refused + 1 and 'scene 3 is empty' in desk.message


def test_the_last_cue_is_the_last(cues, desk):
    desk.act('store', 3)
    assert desk.act('cue', 3) and cues.next is None
    assert not desk.act('go') and 'last cue' in desk.message


@pytest.mark.parametrize('number', [4, -1, 1e9])
def test_a_cue_beyond_the_set_is_refused(cues, desk, number):
    assert not desk.act('cue', number) and 'the set has 3' in desk.message


def test_program_change_is_a_cue_while_there_is_a_set(desk, clock, read):
    assert desk.load_nth_patch(1) and desk.patch.name == 'nineteen'     # after the broken one
    desk.cues.load(read(SET))
    assert desk.load_nth_patch(0) and desk.cues.number == 1 and desk.patch.name == 'one'


def test_undo_takes_a_cue_back(cues, desk, clock):
    desk.act('go')
    desk.act('cue', 2)
    clock.pass_(3)
    desk.act('undo')
    clock.pass_(1)
    assert desk.board['drone.drift_cents'] == 10 and desk.patch.name == 'one' and cues.number == 1
    desk.act('redo')
    assert cues.number == 2


def test_without_a_set_go_is_refused(desk):
    assert not desk.act('go')
