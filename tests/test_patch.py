"""Patches: what is read, what is refused, and that writing and reading are inverse."""
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.isf import list_shaders
from live.dsp.freeze import MOST
from live.params import LAYERS, PARAMS, SILENT_DB, STAGE, Board
from live.patch import (
    DECIBELS, HERTZ, MOST_PARTIALS, SOUNDING, Patch, PatchError, dump_patch, find_patch, list_patches, load_patch)
from live.tuning.table import BOUNDS, read_tuning

SETTABLE = [p for p in PARAMS if p.group != STAGE]
VALUES = st.fixed_dictionaries({}, optional={
    p.name: (st.integers(int(p.low), int(p.high)) if p.curve in ('step', 'count') else st.floats(p.low, p.high))
    for p in SETTABLE})
KEYBOARDS = st.fixed_dictionaries({}, optional={name: st.floats(*BOUNDS[name])
                                                for name in ('reference_note', 'reference', 'glide')})
EQUAL = st.fixed_dictionaries({}, optional={name: st.floats(*BOUNDS[name]) for name in ('divisions', 'period_cents')})
NUMBERS = st.lists(st.integers(1, 99), min_size=2, max_size=4, unique=True)
RATIOS = st.builds('{}/{}'.format, st.integers(1, 9), st.integers(1, 9))
ONE_SYSTEM = st.one_of(
    EQUAL, st.fixed_dictionaries({'edo': st.integers(1, 99)}), st.fixed_dictionaries({'harmonic_set': NUMBERS}),
    st.fixed_dictionaries({'ratios': st.lists(RATIOS, min_size=1)}),
    st.fixed_dictionaries({'harmonics': NUMBERS.map(lambda numbers: [min(numbers), max(numbers)])}),
    st.fixed_dictionaries({'cps': st.fixed_dictionaries({'choose': st.integers(1, 2), 'factors': NUMBERS})}))
SYSTEMS = st.one_of(ONE_SYSTEM, st.fixed_dictionaries({'nested': st.lists(ONE_SYSTEM, min_size=2, max_size=2)}))
TUNINGS = st.builds(lambda system, keyboard: read_tuning(system | keyboard), SYSTEMS, KEYBOARDS)
CHAIN = st.lists(st.sampled_from([path.stem for path in list_shaders()]), unique=True).map(tuple)
PARTIALS = st.lists(st.tuples(st.floats(*HERTZ), st.floats(*DECIBELS)), min_size=1, max_size=5).map(tuple)
SPECTRA = st.dictionaries(st.sampled_from(LAYERS), PARTIALS)
PATCHES = st.builds(Patch, name=st.just('mine'), description=st.text(), negative=st.text(),
                    prompts=st.lists(st.text(), min_size=1, max_size=8).map(tuple),
                    layers=st.lists(st.sampled_from(SOUNDING), unique=True).map(tuple),
                    seed=st.integers(0, 2 ** 31 - 1),
                    shaders=st.tuples(CHAIN, CHAIN),
                    tuning=TUNINGS, values=VALUES, spectra=SPECTRA,
                    classes=st.lists(st.text(), max_size=16, unique=True).map(tuple))


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / 'mine.toml'
        path.write_text(text, encoding='utf-8')
        return load_patch(path)
    return read


@pytest.fixture(scope='session')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('patches')


@given(patch=PATCHES)
def test_patch_that_is_written_is_read_back_the_same(folder, patch):
    path = folder / 'mine.toml'
    path.write_text(dump_patch(patch), encoding='utf-8', newline='')
    assert load_patch(path) == patch


def test_board_s_own_values_are_read_back_the_same(read):
    board = Board()
    values = {name: value for name, value in board.items() if not name.startswith(STAGE)}
    assert read(dump_patch(Patch('mine', values=values))).values == values


@pytest.mark.parametrize('name', list_patches())
def test_every_patch_that_ships_loads_and_sounds(name):
    patch = load_patch(find_patch(name))
    assert patch.description and patch.layers and all(patch.prompts)


def test_empty_patch_is_the_defaults(read):
    board = Board()
    board['drone.root'] = 100
    read('').apply(board)
    assert board.items() == Board().items()


def test_patch_leaves_the_stage_to_the_performer(read):
    board = Board()
    board['stage.gain_db'] = -20
    read('').apply(board)
    assert board['stage.gain_db'] == -20


def test_layer_that_is_left_out_is_silent(read):
    board = Board()
    read("layers = ['drone']\n[pulse]\nlevel_db = -3").apply(board)
    assert board['pulse.level_db'] == SILENT_DB and board['drone.level_db'] == -12


@pytest.mark.parametrize('count', (1, 3, 8))
def test_patch_brings_one_to_eight_prompts_and_a_negative_one(read, count):
    patch = read(f"prompts = {['glass'] * count}\nnegative = 'people'")
    assert patch.prompts == ('glass',) * count and patch.negative == 'people'


@pytest.mark.parametrize('text, sentence', [
    ('[drone]\nspred_cents = 1', 'drone.spred_cents is unknown; did you mean drone.spread_cents?'),
    ('[dron]\nroot = 1', 'dron is unknown; did you mean drone?'),
    ('drone = 1', 'drone is unknown; did you mean drone?'),
    ('[drone]\ndrift_cents = 201', 'drone.drift_cents = 201 cents is outside 0..200'),
    ("[dream]\nnoise = 'wlak'", "dream.noise = 'wlak' is none of fixed, fresh, walk, split; did you mean walk?"),
    ('[stage]\ngain_db = 0', '[stage] belongs to the performer and cannot stand in a patch'),
    ('description = 1', 'description = 1 is not a text'),
    ('prompts = []', 'prompts = [] is not a list of one to 8 texts'),
    ('negative = []', 'negative = [] is not a text'),
    ('prompts = [1]', 'prompts = 1 is not a text'),
    ("layers = ['dorne']", f"layers: 'dorne' is none of {', '.join(SOUNDING)}; did you mean drone?"),
    ("layers = [['drone']]", f"layers: ['drone'] is none of {', '.join(SOUNDING)}; did you mean drone?"),
    ("layers = 'drone'", f"layers = 'drone' is not a list of layers ({', '.join(SOUNDING)})"),
    ('seed = -1', 'seed = -1 is not a whole number in 0..2147483647'),
    ('seed = true', 'seed = True is not a whole number in 0..2147483647'),
    ('tuning = 1', 'tuning = 1 is not a table'),
    ('[tuning]\ndivision = 19', 'tuning.division is unknown; did you mean divisions?'),
    ('[tuning]\ndivisions = 0', 'tuning.divisions = 0 is outside 1..1200'),
])
def test_mistake_is_told_in_one_sentence(read, text, sentence):
    with pytest.raises(PatchError) as caught:
        read(text)
    assert str(caught.value) == f'mine.toml: {sentence}'


@pytest.mark.parametrize('data', [b'[drone', b'\xff\xfe', b'x = ' + b'[' * 5000])
def test_file_that_is_not_toml_is_told(tmp_path, data):
    (tmp_path / 'mine.toml').write_bytes(data)
    with pytest.raises(PatchError, match='^mine.toml: '):
        load_patch(tmp_path / 'mine.toml')


def test_missing_file_is_told(tmp_path):
    with pytest.raises(PatchError, match='^away.toml: cannot be read: No such file'):
        load_patch(tmp_path / 'away.toml')


def test_patch_is_found_by_name_or_by_path(tmp_path):
    path = tmp_path / 'mine.toml'
    path.write_text('')
    assert find_patch('mine', tmp_path) == find_patch(str(path), Path('nowhere')) == path


def test_misspelt_patch_gets_a_hint(tmp_path):
    (tmp_path / 'mine.toml').write_text('')
    with pytest.raises(PatchError, match=r"there is no patch 'mien'; did you mean mine\? \(known: mine\)"):
        find_patch('mien', tmp_path)


def test_route_to_all_layers_of_what_only_the_note_has_is_told(read):
    with pytest.raises(PatchError, match=r"mine.toml: route to \*.root: no layer but drone has a root"):
        read("[[route]]\nfrom = 'lfo1'\nto = '*.root'\namount = 1")


def test_routes_for_which_there_is_no_room_are_told(read):
    with pytest.raises(PatchError, match='mine.toml: routes move 72 parameters, at most 64'):
        read("[[route]]\nfrom = 'lfo1'\nto = '*.pan'\namount = 1\n" * 9)


def test_shaders_stand_before_the_dream_and_after_it(read):
    assert read("[shaders]\nafter = ['test_card']").shaders == ((), ('test_card',))
    assert read('').shaders == ((), ())


@pytest.mark.parametrize('text, complaint', [
    ("[shaders]\nafter = ['test_cart']", 'shaders.after: there is no shader .test_cart.; did you mean test_card?'),
    ("[shaders]\nafter = 'test_card'", 'shaders.after = .test_card. is not a list of shaders'),
    ("[shaders]\nafter = [3]", 'shaders.after: there is no shader 3'),
    ("[shaders]\nbefore = ['test_card', 'test_card']", 'names a shader twice'),
    ("[shaders]\nbefor = []", 'shaders.befor is unknown; did you mean before?'),
    ('shaders = 1', 'is not a table of before and after')])
def test_wrong_shaders_are_refused(read, text, complaint):
    with pytest.raises(PatchError, match=complaint):
        read(text)


@pytest.mark.parametrize('text, message', [
    ('spectra = 3', 'is not a table of layers'),
    ('[spectra]\nlayer9 = [[440, -6]]', 'spectra.layer9 is unknown; did you mean layer'),
    ('[spectra]\ndrone = []', r'not a list of 1 to 512 partials \[Hz, dB\]'),
    ('[spectra]\ndrone = [[440, 6]]', r'\[440, 6\] is no partial \[Hz, dB\] in 1..96000, -120..0'),
    ('[spectra]\ndrone = [[440]]', 'is no partial'),
    ('[spectra]\ndrone = [[true, -6]]', 'is no partial'),
    ("classes = 'calm'", 'not a list of at most 16 different names'),
    ("classes = ['a', 'a']", 'not a list of at most 16 different names'),
    ('classes = [1]', 'is not a text')])
def test_spectra_and_classes_that_are_none_are_told(read, text, message):
    with pytest.raises(PatchError, match=message):
        read(text)


def test_a_spectrum_has_as_many_partials_as_a_frozen_layer_holds():
    assert MOST_PARTIALS == MOST
