"""Files of installations: read strictly, refused in one sentence, whatever is in them."""
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live.installation.file import INSTALLATIONS, PLAY, TABLES, InstallationError, find_installation, load_installation
from live.installed import dress_settings
from live.stages import Settings
from live.toml_file import LONGEST_MESSAGE

WORDS = ('1', '-1', 'true', '"x"', '""', '[]', '["mon 10:00-18:00"]', '[1, 2]', '{}', 'nan', 'inf', '1e400',
         '2020-01-01', '"25:00"', '"' + 'x' * 5000 + '"', '10:00:00')
KEYS = ('x', 'description', *TABLES, *(f'{table}.{key}' for table, keys in TABLES.items() for key in keys))


def read(folder, text):
    path = folder / 'house.toml'
    path.write_text(text) if isinstance(text, str) else path.write_bytes(text)
    return load_installation(path)


@pytest.mark.parametrize('path', sorted(INSTALLATIONS.glob('*.toml')), ids=lambda path: path.stem)
def test_every_installation_of_ours_is_read_and_plays_what_there_is(path):
    from live.control.setlist import find_set
    said = load_installation(path)
    assert said.description and said.hours
    assert find_set(said.play['set']).exists()


def test_everything_that_can_be_said(tmp_path):
    said = read(tmp_path, '[play]\npatch = "wind"\npanel = 9\nsize = [64, 32]\nlan = true\n'
                          '[hours]\nopen = ["mon 8:00-9:00"]\nfade = 3\ngain_db = -12\n'
                          '[care]\nloop = false\nguard = false\nlocked = false\nthumbnails = 5\n'
                          'recycle = "03:30"\nhang = 20\n')
    assert said.play == {'patch': 'wind', 'panel': 9, 'size': (64, 32), 'lan': True}
    assert (said.fade, said.gain_db, said.thumbnails, said.recycle, said.hang) == (3, -12, 5, time(3, 30), 20)
    assert not (said.loop or said.guard or said.locked)


@pytest.mark.parametrize('text, words', [
    ('[paly]', 'paly is unknown; did you mean play'),
    ('[play]\npach = "a"', r'\[play\] pach is unknown; did you mean patch'),
    ('[care]\nguard = 1', 'care: guard = 1 is neither true nor false'),
    ('[hours]\nopen = "10:00-18:00"', 'hours: open = .* is not a list of texts'),
    ('[hours]\nopen = ["10-18"]', "'10-18' is not a range like"),
    ('[hours]\nfade = -1', 'fade = -1 is not a number in 0..600'),
    ('[care]\nrecycle = "24:00"', 'not a time like 04:00'), ('play = 3', 'play = 3 is not a table')])
def test_mistake_is_told_in_a_sentence(tmp_path, text, words):
    with pytest.raises(InstallationError, match=f'house.toml: .*{words}'):
        read(tmp_path, text)


def test_misspelt_name_gets_a_hint():
    with pytest.raises(InstallationError, match='did you mean stairwell'):
        find_installation('starwell')


def test_every_option_is_one_of_the_settings():
    assert set(PLAY) <= set(vars(Settings()))


def test_command_line_counts_more_than_the_file(tmp_path):
    said = read(tmp_path, '[play]\npatch = "wind"\npanel = 9\ndisplay = "offscreen"\n')
    settings = Settings(panel=0, model='off')
    dress_settings(settings, said)
    assert (settings.patch, settings.panel, settings.model, settings.display) == ('wind', 0, 'off', 'offscreen')
    assert settings.guarded and settings.fullscreen


@given(entries=st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(WORDS)), min_size=1, max_size=3))
def test_values_of_every_kind_are_read_or_refused(tmp_path_factory, entries):
    check(tmp_path_factory, ''.join(f'{key} = {value}\n' for key, value in dict(entries).items()))


@given(data=st.binary(max_size=300))
def test_random_bytes_are_refused_or_read(tmp_path_factory, data):
    check(tmp_path_factory, data)


def check(factory, text):
    try:
        read(factory.getbasetemp(), text)
    except InstallationError as error:
        assert 'house.toml' in str(error) and len(str(error)) < LONGEST_MESSAGE + 100
