"""`live studio`: a table of tools, each of which tells what it does before anything heavy is imported."""
import subprocess
import sys
from pathlib import Path

import pytest

from live.studio.command import TOOLS, main

ROOT = Path(__file__).resolve().parents[2]
HEAVY = 'torch diffusers transformers matplotlib moderngl av'


@pytest.mark.parametrize('tool', [tool for tool, *_ in TOOLS])
def test_tool_tells_what_it_does(tool, capsys):
    with pytest.raises(SystemExit) as left:
        main([tool, '--help'])
    assert left.value.code == 0 and f'live studio {tool}' in capsys.readouterr().out


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
