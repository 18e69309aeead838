"""The performance on disk: all of it comes back, whole, after a crash; what is damaged is told and ignored."""
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from live.control.autosave import CRASHED, NAME, Autosave, state_folder
from live.control.performance_file import StateError, dump_state, restore_state
from live.control.setlist import load_set
from live.control.transit import values_of
from live.params import PARAMS
from live.patch import Patch
from live.tuning.mts import Retuning


@pytest.fixture
def folder(tmp_path):
    return tmp_path / 'state'


@pytest.fixture
def said():
    return []


@pytest.fixture
def keep(desk, folder, said):
    """A function that begins to keep a desk; all end with the test."""
    kept = []

    def begin(desk=desk, resume=False):
        kept.append(Autosave(desk, folder, said.append))
        kept[-1].found = kept[-1].begin(resume)
        return kept[-1]
    yield begin
    for autosave in kept:
        crash(autosave)


def crash(autosave):
    """End a performance as a crash does: no word, and the lock is gone."""
    autosave._ended.set()
    if autosave._thread.ident is not None:
        autosave._thread.join()
    if autosave._lock:
        autosave._lock.close()
        autosave._lock = None


def perform(desk):
    desk.load_patch('nineteen')
    desk.set('drone.drift_cents', 44)
    desk.set_prompt(1, 'moss')
    desk.retune(Retuning(semitones={69: 69.5}, offsets=(1.0,) * 12))
    desk.act('store', 3)
    desk.set('dream.noise', 'fixed')
    desk.set('tempo.quantise', 'bar')
    desk.set('tempo.bpm', 93)
    desk.set('stage.gain_db', -9)
    desk.set_negative('people')


def is_same(first, second):
    return (values_of(first.board) == values_of(second.board)).all() and first.words == second.words \
        and first.patch.name == second.patch.name and dict(first.tuning.semitones) == dict(second.tuning.semitones) \
        and first.tuning.offsets == second.tuning.offsets and first.scenes.place == second.scenes.place \
        and first.scenes.edits == second.scenes.edits


def test_all_of_a_performance_comes_back(desk, fresh):
    perform(desk)
    assert restore_state(fresh, dump_state(desk)) == []
    assert is_same(desk, fresh)
    desk.scenes.recall(3, 0)
    fresh.scenes.recall(3, 0)
    assert is_same(desk, fresh) and fresh.board['drone.drift_cents'] == 44


def test_shaders_come_back_in_scenes_too(desk, fresh):
    desk.set_shaders('before', 'test_card')
    desk.act('store', 1)
    desk.set_shaders('after', 'grade grain')
    restore_state(fresh, dump_state(desk))
    assert fresh.patch.shaders == (('test_card',), ('grade', 'grain'))
    assert fresh.scenes.stored[1].patch.shaders == (('test_card',), ())


def test_every_value_survives_to_the_bit(desk, fresh):
    random = np.random.default_rng(4)
    values_of(desk.board)[:] = [p.from_knob(x) for p, x in zip(PARAMS, random.random(len(PARAMS)))]
    restore_state(fresh, dump_state(desk))
    assert (values_of(desk.board) == values_of(fresh.board)).all()


def test_in_safe_it_is_kept_where_one_was(desk, fresh):
    perform(desk)
    desk.scenes.safe_patch = desk.read_patch('nineteen')
    drift = desk.board['drone.drift_cents']
    desk.act('safe')
    restore_state(fresh, dump_state(desk))
    assert fresh.board['drone.drift_cents'] == drift == 44 and fresh.scenes.place == 'scene 3'


def test_in_a_morph_it_is_kept_where_that_leads(desk, fresh):
    perform(desk)
    desk.set('drone.drift_cents', 120)
    desk.scenes.load(desk.read_patch('nineteen'), seconds=60)
    desk.set('drone.cutoff', 99)
    restore_state(fresh, dump_state(desk))
    assert desk.board['drone.drift_cents'] > 100 and fresh.board['drone.drift_cents'] == 33
    assert fresh.board['drone.cutoff'] == 99


def test_the_place_in_a_set_comes_back(desk, fresh, tmp_path):
    (tmp_path / 'set').mkdir()
    (tmp_path / 'set' / 'evening.toml').write_text('[[cue]]\nscene = 1\nmorph = 0\n[[cue]]\nscene = 1')
    setlist = load_set(tmp_path / 'set' / 'evening.toml')
    for one in (desk, fresh):
        one.cues.load(setlist)
    desk.act('store', 1)
    desk.act('go')
    restore_state(fresh, dump_state(desk))
    assert fresh.cues.number == 1 and fresh.cues.next is setlist.cues[1]


@pytest.mark.parametrize('hour, begun', [(9, 0), (10, 1)])
def test_a_cue_whose_time_came_meanwhile_begins(desk, fresh, tmp_path, hour, begun):
    (tmp_path / 'set').mkdir()
    (tmp_path / 'set' / 'evening.toml').write_text("[[cue]]\nscene = 1\nat = '10:00'")
    setlist = load_set(tmp_path / 'set' / 'evening.toml')
    desk.act('store', 1)
    for one, now in ((desk, datetime(2026, 11, 30, 8)), (fresh, datetime(2026, 11, 30, hour))):
        one.cues._wall = lambda now=now: now
        one.cues.load(setlist)
    restore_state(fresh, dump_state(desk))
    fresh.cues.tick(0.0)
    assert fresh.cues.number == begun


@pytest.mark.parametrize('served', ['yesterday', '2026-11-30T10:00:00+02:00', 7])
def test_a_time_that_cannot_be_read_is_left_out(desk, fresh, tmp_path, served):
    (tmp_path / 'set').mkdir()
    (tmp_path / 'set' / 'evening.toml').write_text("[[cue]]\nscene = 1\nat = '10:00'")
    desk.cues.load(setlist := load_set(tmp_path / 'set' / 'evening.toml'))
    fresh.cues.load(setlist)
    state = json.loads(dump_state(desk))
    state['set']['served'] = served
    assert restore_state(fresh, json.dumps(state)) == []
    fresh.cues.tick(0.0)


def test_patches_beside_the_set_come_back_as_they_are_there(desk, fresh, tmp_path):
    (tmp_path / 'set').mkdir()
    (tmp_path / 'set' / 'nineteen.toml').write_text("prompts = ['ash']")
    (tmp_path / 'set' / 'only.toml').write_text("prompts = ['moss']")
    (tmp_path / 'set' / 'evening.toml').write_text("[[cue]]\npatch = 'nineteen'\n[[cue]]\npatch = 'only'\nmorph = 0")
    setlist = load_set(tmp_path / 'set' / 'evening.toml')
    for one in (desk, fresh):
        one.cues.load(setlist)
        one.scenes.safe_patch = Patch('dark')
    for number, patch in enumerate((setlist.cues[0].patch, setlist.cues[1].patch, Patch('dark')), 1):
        desk.use_patch(patch)
        desk.act('store', number)
    assert restore_state(fresh, dump_state(desk)) == []
    patches = [scene.patch for scene in fresh.scenes.stored.values()]
    assert [patch.prompts for patch in patches[:2]] == [('ash',), ('moss',)] and patches[2].name == 'dark'


def test_what_is_unknown_by_now_is_left_out_and_told(desk, fresh, tmp_path):
    perform(desk)
    text = dump_state(desk).replace('drone.drift_cents', 'drone.drift_miles').replace('"nineteen"', '"gone"')
    (tmp_path / 'gone.toml').unlink(missing_ok=True)
    troubles = restore_state(fresh, text)
    assert any('drone.drift_miles' in trouble for trouble in troubles) and any('gone' in t for t in troubles)
    assert fresh.board['stage.gain_db'] == -9


@pytest.mark.parametrize('text', ['', '{}', '[]', 'null', '{"now": 3}', '[' * 100000,
                                  '{"scenes": {"99": {}}, "edits": {}, "now": {}, "place": "", "stage": {}}'])
def test_a_state_that_cannot_be_read_changes_nothing(desk, text):
    before = values_of(desk.board).copy()
    with pytest.raises(StateError, match='the state cannot be read'):
        restore_state(desk, text)
    assert (values_of(desk.board) == before).all()


@pytest.mark.parametrize('part', ['"prompts": [', '"offsets": [', '"semitones": {', '"values": {'])
def test_no_part_that_is_damaged_gets_through(desk, fresh, part):
    perform(desk)
    text = dump_state(desk)
    assert part in text
    wrong = text.replace(part, part + ('{}, ' if part.endswith('[') else '"x": [], '))
    try:
        restore_state(fresh, wrong)
    except StateError:
        assert fresh.patch.name == ''


def test_a_crash_is_told_and_taken_up(desk, fresh, keep, said, folder):
    perform(desk)
    first = keep()
    assert first.save() and not first.save()
    crash(first)
    keep(fresh)
    assert 'live play --resume' in said[-1] and fresh.patch.name == ''


def test_what_crashed_waits_until_it_is_taken_up(desk, fresh, keep, said, folder):
    perform(desk)
    first = keep()
    first.save()
    crash(first)
    second = keep(fresh)
    second.save()
    second.end()
    third = keep(fresh, resume=True)
    assert third.found and is_same(desk, fresh) and (folder / CRASHED).exists()
    third.save()
    assert not (folder / CRASHED).exists()


def test_resume_after_a_proper_end_goes_on_from_there(desk, fresh, keep, said):
    perform(desk)
    keep().end()
    resumed = keep(fresh, resume=True)
    assert resumed.found and is_same(desk, fresh) and 'resumed' in said[-1]


def test_after_a_proper_end_nothing_is_offered(desk, fresh, keep, said):
    perform(desk)
    keep().end()
    keep(fresh)
    assert said == []


def test_resume_without_anything_is_told(keep, said):
    assert not keep(resume=True).found and 'no performance to resume' in said[0]


@pytest.mark.parametrize('text', ['', '{"clean": false, "time": "now"}', '{"clean": fal', '\x00\xff',
                                  '{"clean": false, "time": "now", "state": {"now": 1}}'])
def test_a_damaged_state_is_told_and_ignored(keep, said, folder, desk, text):
    folder.mkdir()
    (folder / NAME).write_text(text, encoding='latin1')
    assert not keep(resume=True).found
    assert 'is damaged' in said[0] and list(folder.glob('*.damaged'))


def test_a_second_performance_is_not_kept(keep, said, fresh, desk):
    perform(desk)
    first = keep()
    first.save()
    second = keep(fresh)
    assert 'not kept' in said[0]
    second.end()
    assert json.loads((first.folder / NAME).read_text())['state']['place'] == 'scene 3'


def test_a_folder_that_cannot_be_made_is_told_and_the_show_goes_on(desk, tmp_path, said):
    (tmp_path / 'file').write_text('')
    autosave = Autosave(desk, tmp_path / 'file' / 'state', said.append)
    assert autosave.begin() and 'not kept' in said[0]
    autosave.end()


SAVING = """
import sys
from pathlib import Path
from live.control.autosave import Autosave
from live.control.desk import Desk
from live.params import Board
from live.signals import EVENT
from live.wires import Latest, Ring

desk = Desk(Board(), Ring.make(64, EVENT), Latest(('',)))
autosave = Autosave(desk, Path(sys.argv[1]))
autosave.begin()
for number in range(10 ** 9):
    desk.board['drone.drift_cents'] = number % 200
    autosave.save()
    print(number, flush=True)
"""


def test_a_process_killed_while_it_saves_leaves_a_whole_file(folder):
    with subprocess.Popen([sys.executable, '-c', SAVING, str(folder)], stdout=subprocess.PIPE, text=True,
                          cwd=Path(__file__).parents[2]) as process:
        assert [process.stdout.readline() for _ in range(5)][4] == '4\n'
        process.kill()
    state = json.loads((folder / NAME).read_text())
    assert state['clean'] is False and len(state['state']['stage']) > 5


@pytest.mark.parametrize('environment, platform, expected', [
    ({'XDG_STATE_HOME': os.sep + 'x'}, 'linux', Path(os.sep, 'x', 'live')),
    ({'XDG_STATE_HOME': ''}, 'linux', Path.home() / '.local' / 'state' / 'live'),
    ({}, 'linux', Path.home() / '.local' / 'state' / 'live'),
    ({}, 'darwin', Path.home() / 'Library' / 'Application Support' / 'live'),
    ({'LOCALAPPDATA': 'y'}, 'win32', Path('y', 'live'))])
def test_states_are_where_the_system_wants_them(environment, platform, expected):
    assert state_folder(environment, platform) == expected
