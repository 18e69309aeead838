"""Which map a device gets, and what is saved where."""
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from live.control import map_files
from live.control.actions import ACTIONS
from live.control.map_files import MAPS, choose_map, dump_map, find_map, list_maps, own_map, save_map, user_maps
from live.control.mapping import (ALONE, BOUND, BUTTONS, CURVES, KINDS, MODES, TAKEOVERS, Binding, Map, MapError, Rule,
                                  load_map)
from live.control.midi_controls import RELATIVE, Control
from live.control.mpe import MpeSetup
from live.params import LAYERS, PARAMS

TEXT = st.text(st.characters(exclude_categories=['Cs']), max_size=12)

SETUPS = st.builds(MpeSetup, st.sampled_from(['lower', 'upper']), st.integers(1, 15), st.floats(0, 9600),
                   st.floats(0, 9600), st.lists(st.sampled_from(LAYERS), unique=True).map(tuple))


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CONFIG_HOME', str(tmp_path))
    monkeypatch.setattr('sys.platform', 'linux')


@st.composite
def bindings(draw, kind):
    channel, lit = draw(st.integers(0, 16)), draw(st.none() | st.integers(0, 127))
    action = draw(st.none() | st.sampled_from(ACTIONS))
    if action:
        value = draw(st.integers(1, 9999)) if action.takes else None
        return Binding(action=action.name, value=value, channel=channel, lit=lit, mode='trigger')
    param, most = draw(st.sampled_from(PARAMS)), KINDS[kind][1]
    plain = st.floats(param.low, param.high).map(param.clamp)
    plain = st.integers(0, len(param.choices) - 1) if param.choices else plain
    low, high = draw(st.none() | plain), draw(st.none() | plain)
    ends = sorted(draw(st.lists(st.integers(0, most), min_size=2, max_size=2, unique=True)))
    modes = MODES if most == 127 else ('absolute', *BUTTONS)
    return Binding(param, low, high, channel, ends[0] / most, ends[1] / most, draw(st.sampled_from(sorted(CURVES))),
                   draw(st.sampled_from(TAKEOVERS)), draw(st.sampled_from(modes)),
                   draw(st.floats(-1024, 1024)), lit=lit)


@st.composite
def rules(draw):
    kind = draw(st.sampled_from(BOUND))
    first, last = sorted(draw(st.tuples(*[st.integers(0, KINDS[kind][0] - 1)] * 2)))
    most = KINDS[kind][1]
    return Rule(kind, first, last, channel=draw(st.integers(0, 16)), off=draw(st.integers(0, most)),
                on=draw(st.integers(0, most)))


@st.composite
def maps(draw):
    keys = draw(st.lists(st.sampled_from(BOUND).flatmap(
        lambda kind: st.tuples(st.just(kind), st.integers(0, KINDS[kind][0] - 1))), unique=True, max_size=6))
    return Map('saved', draw(TEXT), draw(st.floats(0, 2400)), draw(st.integers(0, 16)),
               {key: tuple(draw(st.lists(bindings(key[0]), min_size=1, max_size=3))) for key in keys},
               tuple(draw(st.lists(TEXT, max_size=3))), draw(st.booleans()), draw(st.sampled_from(TAKEOVERS)),
               tuple(draw(st.lists(rules(), max_size=3))), draw(st.none() | SETUPS))


@settings(max_examples=60, deadline=None)
@given(maps())
def test_saved_map_is_read_back_the_same(tmp_path_factory, saved):
    path = tmp_path_factory.getbasetemp() / 'saved.toml'
    path.write_text(dump_map(saved), encoding='utf-8')
    assert load_map(path) == saved


@pytest.mark.parametrize('name', list_maps(MAPS))
def test_shipped_map_is_written_and_read_back_the_same(name, tmp_path):
    shipped = load_map(MAPS / f'{name}.toml')
    path = tmp_path / f'{name}.toml'
    path.write_text(dump_map(shipped))
    assert load_map(path) == shipped


@settings(max_examples=60, deadline=None)
@given(bindings('cc').filter(lambda binding: binding.param and binding.ends[0] != binding.ends[1]), st.floats(0, 1))
def test_control_is_found_where_it_was_placed(binding, position):
    position = binding.in_low + (binding.in_high - binding.in_low) * position
    assert binding.place(binding.find(binding.place(position))) == pytest.approx(binding.place(position), abs=1e-6)


@pytest.mark.parametrize('curve', sorted(CURVES))
def test_curve_has_an_inverse_and_fixed_ends(curve):
    there, back = CURVES[curve]
    assert [there(0), there(1)] == pytest.approx([0, 1])
    assert [back(there(x / 16)) for x in range(17)] == pytest.approx([x / 16 for x in range(17)])


def test_input_range_is_stretched_to_the_whole():
    binding = Binding(PARAMS[0], in_low=0.25, in_high=0.75)
    assert [binding.place(x) for x in (0, 0.25, 0.5, 0.75, 1)] == [0, 0, 0.5, 1, 1]


@pytest.mark.parametrize('device, name', [
    ('nanoKONTROL2:nanoKONTROL2 nanoKONTROL2 _ CTRL', 'nanokontrol2'), ('nanoKONTROL2 SLIDER/KNOB', 'nanokontrol2'),
    ('APC mini mk2:APC mini mk2 APC mini mk2 Contr', 'apc_mini_mk2'),
    ('X-TOUCH MINI:X-TOUCH MINI MIDI 1', 'x_touch_mini'), ('APC mini mk2 Notes', 'generic'),
    ('Midi Fighter Twister', 'midi_fighter_twister'), ('Keystation 49', 'generic')])
def test_device_gets_the_map_that_is_for_it(device, name):
    assert choose_map(device)[0].name == name


def test_own_map_of_the_same_name_wins():
    user_maps().mkdir(parents=True)
    (user_maps() / 'nanokontrol2.toml').write_text("description = 'mine'\ndevices = ['nanoKONTROL2']\n")
    assert choose_map('nanoKONTROL2')[0].description == 'mine'
    assert find_map('nanokontrol2').parent == user_maps()


def test_broken_own_map_is_told_and_passed_over():
    user_maps().mkdir(parents=True)
    (user_maps() / 'mine.toml').write_text('[cc')
    chosen, reason = choose_map('Keystation')
    assert chosen.name == 'generic' and reason.startswith('no map is for it; mine.toml: ')


def test_saved_map_goes_to_the_user_s_folder_and_never_over_a_shipped_one():
    shipped = (MAPS / 'nanokontrol2.toml').read_bytes()
    saved = save_map(load_map(MAPS / 'nanokontrol2.toml'))
    assert saved.path == user_maps() / 'nanokontrol2.toml' and load_map(saved.path) == saved
    assert (MAPS / 'nanokontrol2.toml').read_bytes() == shipped


def test_what_is_learned_without_a_map_of_its_own_goes_to_one_named_for_the_device():
    own = own_map(choose_map('My Knobs:My Knobs MIDI 1')[0], 'My Knobs:My Knobs MIDI 1')
    assert save_map(own).path == user_maps() / 'my_knobs_midi_1.toml'
    assert choose_map('My Knobs:My Knobs MIDI 1')[0] == own


def test_comment_at_the_head_of_an_own_file_is_kept(tmp_path):
    path = tmp_path / 'mine.toml'
    path.write_text('# For the church.\n# Left: sound.\n\n[cc]\n1 = "drone.root"\n')
    save_map(load_map(path))
    assert path.read_text().startswith('# For the church.\n# Left: sound.\n\ndescription = ')
    assert load_map(path).find(Control('cc', 1, 1))


def test_failed_save_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / 'mine.toml'
    path.write_text('[cc]\n1 = "drone.root"\n')
    mine, before = load_map(path), path.read_text()
    def fail(handle): raise OSError(28, 'No space left on device')
    monkeypatch.setattr(map_files.os, 'fsync', fail)
    with pytest.raises(OSError):
        save_map(mine)
    assert path.read_text() == before and [file.name for file in tmp_path.glob('.mine*')] == []


@pytest.mark.parametrize('system, variable', [('win32', 'APPDATA'), ('linux', 'XDG_CONFIG_HOME')])
def test_folder_is_where_the_system_wants_it(monkeypatch, tmp_path, system, variable):
    monkeypatch.setattr('sys.platform', system)
    monkeypatch.setenv(variable, str(tmp_path / 'here'))
    assert map_files.user_folder() == tmp_path / 'here' / 'live'


@pytest.mark.parametrize('text, sentence', [
    ("[cc]\n7 = { action = 'goo' }", "cc.7.action = 'goo' is none of go, .*; did you mean go\\?"),
    ("[cc]\n7 = { action = 'recall' }", 'cc.7: the action recall needs value = the number of a scene'),
    ("[cc]\n7 = { action = 'go', value = 2 }", 'cc.7: the action go takes no value'),
    ("[cc14]\n7 = { param = 'drone.root', mode = 'twos' }", "cc14.7.mode = 'twos' is for controls of 7 bits"),
    ("[cc14]\n32 = 'drone.root'", 'cc14.32 is not the number of a control of kind cc14, 0..31'),
    ("[note]\n7 = { param = 'drone.root', in_low = 9, in_high = 9 }", 'note.7: in_low = 9 is not below in_high = 9'),
    ("[cc]\n7 = { param = 'drone.root', mode = 'twoes' }", "cc.7.mode = 'twoes' is none of .*; did you mean twos\\?"),
    ("[cc]\n7 = { param = 'drone.root', lit = 200 }", 'cc.7.lit = 200 is outside 0..127'),
    ("takeover = 'slow'", "takeover = 'slow' is none of cross, scale, jump"),
    ("keys = 1", 'keys = 1 is neither true nor false'),
    ("devices = 'nano'", "devices = 'nano' is not a list of texts"),
    ("[feedback]", 'feedback = {} is not a list of tables; write \\[\\[feedback\\]\\]'),
    ("[[feedback]]\nfirst = 1", 'feedback 1 needs kind = one of cc'),
    ("[[feedback]]\nkind = 'note'\nnumber = 1", 'feedback 1: 128 controls do not fit below note 127'),
    ("bend = 5", 'bend = 5 is neither the name of a parameter nor'),
])
def test_mistake_in_what_is_new_is_told_in_one_sentence(tmp_path, text, sentence):
    path = tmp_path / 'mine.toml'
    path.write_text(text)
    with pytest.raises(MapError, match=f'^mine.toml: {sentence}'):
        load_map(path)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / 'any.toml'
    path.write_bytes(text.encode(errors='surrogatepass'))
    try:
        assert isinstance(load_map(path), Map)
    except MapError as error:
        assert '\n' not in str(error).rstrip()


def test_every_kind_and_encoding_is_written_down():
    from live.control import mapping
    assert all(word in mapping.__doc__ for word in (*BOUND, *RELATIVE, *BUTTONS, *TAKEOVERS, *CURVES, *ALONE))
    assert math.isfinite(Binding(PARAMS[0]).place(0.5))
