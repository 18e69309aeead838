"""What is printed into a pipe: all of it, or, where nobody reads on, no complaint."""
import subprocess
import sys

import pytest

from live.params import PARAMS

LIVE = sys.executable, '-m', 'live'


@pytest.mark.parametrize('words', [['params'], ['params', '--json'], ['play', '--help'], ['studio', 'system', 'keys']],
                         ids=' '.join)
def test_output_that_nobody_reads_ends_without_a_word(words):
    with subprocess.Popen([*LIVE, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        program.stdout.close()
        assert program.stderr.read() == b''
    assert program.returncode == 141


def test_output_that_is_read_is_whole():
    said = subprocess.run([*LIVE, 'params'], capture_output=True, text=True, check=True)
    assert len(said.stdout.splitlines()) == len(PARAMS) and not said.stderr


def test_program_without_any_output_still_ends_well():
    said = subprocess.run(['sh', '-c', '"$@" >&-', 'sh', *LIVE, 'shader'], capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, '')
