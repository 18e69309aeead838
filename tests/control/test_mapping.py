"""Map files."""
import pytest

from live.control.map_files import MAPS, find_map, list_maps
from live.control.mapping import MapError, load_map


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / 'mine.toml'
        path.write_text(text)
        return load_map(path)
    return read


@pytest.mark.parametrize('name', list_maps(MAPS))
def test_every_map_loads_and_binds_something(name):
    assert load_map(MAPS / f'{name}.toml').bindings


def test_generic_map_has_eight_knobs_and_the_wheel():
    assert {('cc', number) for number in (1, *range(70, 78))} <= set(load_map(find_map('generic')).bindings)


def test_knob_turns_the_parameter_from_low_to_high(read):
    binding, = read("[cc]\n7 = { param = 'drone.tilt_db', low = 6, high = -6 }").bindings['cc', 7]
    assert [binding.param.from_knob(binding.place(x)) for x in (0, 0.5, 1)] == [6, 0, -6]


def test_one_knob_turns_several_parameters(read):
    bindings = read("[cc]\n7 = ['motes.size', { param = 'motes.speed', channel = 3 }]").bindings['cc', 7]
    assert [(b.param.name, b.channel) for b in bindings] == [('motes.size', 0), ('motes.speed', 3)]


def test_switch_has_named_ends(read):
    binding, = read("[cc]\n7 = { param = 'drone.hold', low = 'on', high = 'off' }").bindings['cc', 7]
    assert (binding.low, binding.high) == (1, 0)


@pytest.mark.parametrize('text, sentence', [
    ("[cc]\n7 = 'drone.drift_cent'", 'drone.drift_cent is unknown; did you mean drone.drift_cents?'),
    ("[cc]\n120 = 'drone.root'", 'cc.120 is not the number of a controller, 0..119'),
    ("[cc]\nseven = 'drone.root'", 'cc.seven is not the number of a controller, 0..119'),
    ("[cc]\n7 = { param = 'drone.root', hihg = 9 }", 'cc.7.hihg is unknown; did you mean high?'),
    ("[cc]\n7 = { param = 'drone.root', high = 9000 }", 'drone.root = 9000 Hz is outside 16..8000'),
    ("[cc]\n7 = { param = 'drone.root', channel = 17 }", 'cc.7.channel = 17 is outside 1..16'),
    ("[cc]\n7 = 5", 'cc.7 = 5 is neither the name of a parameter nor a table with param = its name'),
    ('cc = 7', 'cc = 7 is not a table'),
    ('channel = 1.5', 'channel = 1.5 is not a whole number in 1..16'),
    ('bend_cents = true', 'bend_cents = True is outside 0..2400'),
    ('bend_cent = 1', 'bend_cent is unknown; did you mean bend_cents?'),
    ('description = 1', 'description = 1 is not a text'),
])
def test_mistake_is_told_in_one_sentence(read, text, sentence):
    with pytest.raises(MapError) as caught:
        read(text)
    assert str(caught.value) == f'mine.toml: {sentence}'


def test_file_that_is_not_toml_is_told(read):
    with pytest.raises(MapError, match=r'mine.toml: .* table declaration'):
        read('[cc')


def test_missing_file_is_told(tmp_path):
    with pytest.raises(MapError, match='away.toml: cannot be read'):
        load_map(tmp_path / 'away.toml')


def test_misspelt_map_gets_a_hint():
    with pytest.raises(MapError, match='there is no map \'genric\'; did you mean generic?'):
        find_map('genric')
