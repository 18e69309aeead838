"""The house is in order: imports go down only, and the linters are content."""
import subprocess
import sys
from pathlib import Path

import pytest

from live.params import markdown_table

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


@pytest.mark.parametrize('words', [[BIN / 'lint-imports'], [sys.executable, '-m', 'mypy'],
                                   [sys.executable, '-m', 'flake8', 'live', 'tests', 'bench', 'start.py']],
                         ids=['imports', 'types', 'style'])
def test_linter_is_content(words):
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_libraries_are_imported_only_where_they_live():
    """Importing the rooms brings in no torch, window, sound card or controller library."""
    rooms = 'live.params live.signals live.wires live.patch live.audio.streams live.conditioning.mix ' \
            'live.diffusion.dream live.record.take live.stages'
    lazy = 'torch diffusers transformers moderngl pygame sounddevice pyaudio mido pythonosc av'
    code = f'import sys\nfor name in "{rooms}".split(): __import__(name)\n' \
           f'print(*set("{lazy}".split()) & set(sys.modules))'
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ''


def test_readme_holds_the_generated_parameter_table():
    assert markdown_table() in (ROOT / 'README.md').read_text(encoding='utf-8')
