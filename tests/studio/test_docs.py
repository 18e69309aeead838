"""The studio's page: its commands are understood, and its pictures are there and small."""
import re
import shlex
from pathlib import Path

import pytest

from live.studio.command import make_parser

DOCS = Path(__file__).resolve().parents[2] / 'docs'
PAGE = (DOCS / 'studio.md').read_text(encoding='utf-8')
COMMANDS = re.findall(r'^live studio (.*?)(?:  .*)?$', PAGE, re.MULTILINE)


@pytest.mark.parametrize('words', COMMANDS)
def test_every_command_is_understood(words):
    told = shlex.split(words)
    make_parser(told[0]).parse_args(told)


@pytest.mark.parametrize('name', re.findall(r'\]\((studio/[\w-]+\.png)\)', PAGE))
def test_every_picture_is_there_and_small(name):
    assert 1000 < (DOCS / name).stat().st_size <= 250_000
