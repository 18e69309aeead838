"""Files of strangers: patches, maps, sets, scales, performances, changed at random. What cannot be read is told."""
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mutations import WORDS, mutants

from live.control.map_files import MAPS
from live.control.mapping import MapError, load_map
from live.control.setlist import SetError, load_set
from live.params import GROUPS, LAYER_PARAMS, PARAMS, Board
from live.patch import HEADERS, PATCHES, SCALES, PatchError, load_patch
from live.record.score import ScoreError, load_score, write_header, write_line
from live.toml_file import LONGEST_MESSAGE, MOST_BYTES
from live.tuning.ascl import load_ascl
from live.tuning.scala import load_keyboard, load_scale
from live.tuning.scale import ScaleError
from live.tuning.table import SYSTEMS

SET = b'description = "a"\n[[cue]]\npatch = "bflat"\nmorph = 3\ncurve = "ease"\n[[cue]]\nscene = 2\nfollow = 5.0\n'
READERS = {'toml patch': (load_patch, PatchError), 'toml map': (load_map, MapError), 'toml set': (load_set, SetError),
           'scl': (load_scale, ScaleError), 'kbm': (load_keyboard, ScaleError), 'ascl': (load_ascl, ScaleError),
           'live': (load_score, ScoreError)}
ROUTE = {'source': 'lfo1', 'target': 'drone.pan', 'amount': 1, 'voice': 0, 'octaves': 0, 'zero': 0, 'scale': 1,
         'floor': 0, 'track': 0, 'gate_db': None, 'attack': 0, 'release': 0}
SCORE = write_header({'samplerate': 48000, 'inputs': 0, 'seed': 1, 'patch': 'bflat', 'model': 'off'}) + b''.join(
    write_line(64 * number, said) for number, said in enumerate([
        {'set': {'drone.root': 466.16}, 'tune': {'cents': [0.0, 500.0], 'period': 1200.0, 'glide': 0}, 'lost': 1},
        {'do': [['gate', 0.5]], 'words': [['ink', ''], 'x'], 'shaders': [[], ['bloom']], 'routes': [ROUTE]},
        {'show': [{'layer': 'drone', 'number': 1, 'rows': 1, 'columns': 2, 'light': 'eJxjYAcAAAkACA=='}]},
        {'take': {'from': 64, 'to': 192}}]))
SAMPLES = {'toml patch': [path.read_bytes() for path in sorted(PATCHES.glob('*.toml'))],
           'toml map': [path.read_bytes() for path in sorted(MAPS.glob('*.toml'))], 'toml set': [SET],
           **{kind: [path.read_bytes() for path in sorted(SCALES.glob(f'*.{kind}'))]
              for kind in ('scl', 'kbm', 'ascl')}, 'live': [SCORE]}
KEYS = ['x', *HEADERS, *(f'tuning.{name}' for name in SYSTEMS), *(f'drone.{p.name[2:]}' for p in LAYER_PARAMS),
        *GROUPS, *(p.name for p in PARAMS[-60:]), 'mpe', 'mpe.layers', 'mpe.zone', 'feedback', 'cc.1', 'note.60',
        'cc14.0', 'cc.1.param', 'cc.1.low', 'cc.1.action', 'cc.1.value', 'bend_cents', 'channel', 'devices', 'keys',
        'takeover', 'cue', 'route', 'tuning.scl', 'tuning.reference', 'tuning.glide', 'nrpn.9', 'bend']
LARGE = 2 ** 19
BOMBS = {'one string': '"' + 'x' * LARGE, 'one long name': 'x' * LARGE,
         'names of many parts': 'a.' * (LARGE // 2) + 'a = 1',
         'quoted names of many parts': '"a".' * (LARGE // 4) + 'a = 1', 'lists in lists': 'a = ' + '[' * LARGE,
         'tables in tables': 'a = ' + '{a=' * (LARGE // 3), 'many tables': '[[cue]]\n' * (LARGE // 8),
         'a large number': 'seed = ' + '9' * LARGE, 'a number too large for a float': '[drone]\nroot = ' + '9' * 4000,
         'a long choice': f'takeover = "{"x" * LARGE}"', 'an unknown source': f'[drone]\nsource = "{"x" * LARGE}"',
         'zeros': '\0' * LARGE, 'lines': '\n' * LARGE, 'returns': '\r' * LARGE, 'a comment': '#' * LARGE,
         'a scale': f'x\n{LARGE}\n' + '1.\n' * 9, 'a ratio': 'x\n1\n1/' + '9' * LARGE,
         'half a character': b'description = "\xed\xa0\x80"', 'too much': '#' * (MOST_BYTES + 1)}


@pytest.fixture(scope='session')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('strange')


def check(kind, folder, data):
    """Read a file: it is refused in a sentence, or what it says is in range."""
    load, refused = READERS[kind]
    path = folder / f'strange.{kind.split()[0]}'
    path.write_bytes(data)
    try:
        told = load(path)
    except refused as error:
        assert path.name in str(error) and len(str(error)) < LONGEST_MESSAGE + 100
        return
    if kind == 'toml patch':
        board = Board()
        told.apply(board)
        assert all(p.low <= value <= p.high for p, (_, value) in zip(PARAMS, board.items()))


@pytest.mark.parametrize('kind', READERS)
@given(data=st.data())
def test_changed_file_is_read_or_refused(kind, folder, data):
    check(kind, folder, data.draw(mutants(SAMPLES[kind])))


@pytest.mark.parametrize('kind', ['toml patch', 'toml map', 'toml set'])
@given(entries=st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(WORDS)), min_size=1, max_size=3))
@example(entries=[('drone.root', '9' * 400)])
@example(entries=[('seed', '9' * 400)])
def test_values_of_every_kind_are_read_or_refused(kind, folder, entries):
    check(kind, folder, ''.join(f'{key} = {value}\n' for key, value in dict(entries).items()).encode())


@pytest.mark.parametrize('kind', READERS)
@given(data=st.binary(max_size=300))
def test_random_bytes_are_refused_or_read(kind, folder, data):
    check(kind, folder, data)


@pytest.mark.parametrize('kind', READERS)
@pytest.mark.parametrize('bomb', BOMBS)
def test_half_a_megabyte_ends_in_a_sentence(kind, bomb, folder):
    text = BOMBS[bomb]
    check(kind, folder, text if isinstance(text, bytes) else text.encode())
