"""Windows on a real X server, in a process of their own: Xlib ends the process that other contexts have been in."""
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def test_windows_on_an_x_server_do_as_windows_on_x_py_says():
    done = subprocess.run([sys.executable, '-m', 'pytest', '-o', 'addopts=', '-q', '-rs', HERE / 'windows_on_x.py'],
                          cwd=HERE.parents[1], capture_output=True, text=True, timeout=300)
    if missing := re.search(r'system program missing: .*', done.stdout):
        pytest.skip(missing[0])
    assert done.returncode == 0 and ' passed' in done.stdout, done.stdout + done.stderr
