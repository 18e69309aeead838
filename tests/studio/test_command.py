"""`live studio`: a table of tools, each of which tells what it does before anything heavy is imported."""
import subprocess
import sys
from pathlib import Path

import pytest

from live.studio.command import TOOLS, main, make_parser

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = ('classify train', 'classify predict', 'classify drones', 'ghost train', 'ghost generate', 'match render',
           'match dataset', 'match train', 'match generate')
SEEDED = (*(tool for tool, *_ in TOOLS if tool not in ('classify', 'ghost', 'match', 'train')), *ACTIONS)
HEAVY = 'torch diffusers transformers matplotlib moderngl av'


@pytest.mark.parametrize('tool', [tool for tool, *_ in TOOLS])
def test_tool_tells_what_it_does(tool, capsys):
    with pytest.raises(SystemExit) as left:
        main([tool, '--help'])
    assert left.value.code == 0 and f'live studio {tool}' in capsys.readouterr().out


@pytest.mark.parametrize('words', ACTIONS)
def test_action_tells_examples(words, capsys):
    with pytest.raises(SystemExit):
        main([*words.split(), '--help'])
    assert f'  live studio {words}' in capsys.readouterr().out


@pytest.mark.parametrize('seed', ['-1', '2147483648', '1.5'])
@pytest.mark.parametrize('words', SEEDED)
def test_every_seed_has_the_same_range(words, seed, capsys):
    with pytest.raises(SystemExit):
        main([*words.split(), '--seed', seed])
    assert f'argument --seed: {seed} is no whole number in 0..2147483647' in capsys.readouterr().err


@pytest.mark.parametrize('words, name, wanted', [
    ('effects a.wav b.wav --chain inside-out normalise', 'pedals', ['normalise']),
    ('effects a.wav --bits 16 b.wav gain:1 --dither stretch:2', 'pedals', ['gain:1', 'stretch:2']),
    ('features a.wav --out x.csv b.wav c.wav', 'sounds', ['a.wav', 'b.wav', 'c.wav']),
    ('tones A4 --wave saw C4+14', 'chords', ['A4', 'C4+14']),
    ('classify predict heard a.wav --plot a.png b.wav', 'sounds', ['a.wav', 'b.wav'])])
def test_options_may_stand_among_the_words_of_a_list(words, name, wanted):
    assert getattr(make_parser(words.split()[0]).parse_args(words.split()), name) == wanted


@pytest.mark.parametrize('words, told', [
    ('effects a.wav b.wav --depth normalise', 'unrecognized arguments: --depth'),
    ('features a.wav --out x.csv b.wav --tunig c.wav', 'unrecognized arguments: --tunig'),
    ('plot a.wav --out a.png b.wav', 'unrecognized arguments: b.wav'), ('effects a.wav --bits 16', 'required: out')])
def test_what_is_not_known_is_told(words, told, capsys):
    with pytest.raises(SystemExit):
        main(words.split())
    assert told in capsys.readouterr().err


def test_help_of_no_tool_needs_anything_heavy():
    code = 'import sys\nfrom live.studio.command import TOOLS, make_parser\n' \
           f'for tool, *_ in TOOLS: make_parser(tool)\nprint(*set("{HEAVY}".split()) & set(sys.modules))'
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ''


def test_table_of_tools_is_told(capsys):
    with pytest.raises(SystemExit):
        main(['--help'])
    told = capsys.readouterr().out
    assert all(tool in told for tool, *_ in TOOLS)
