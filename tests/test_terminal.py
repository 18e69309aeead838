"""The line at the foot of the terminal, in a real one."""
import os
import pty
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLAY = [sys.executable, '-m', 'live', 'play', '--audio', 'clock', '--display', 'none', '--seconds', '3',
        '--osc-port', '0']


def play_in_terminal():
    ours, theirs = pty.openpty()
    process = subprocess.Popen(PLAY, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs,
                               env={**os.environ, 'TERM': 'xterm', 'COLUMNS': '200'})
    os.close(theirs)
    said = b''
    try:
        while block := os.read(ours, 4096):
            said += block
    except OSError:         # the terminal is gone when the program has ended
        pass
    os.close(ours)
    assert process.wait(30) == 0
    return said.decode()


def test_line_is_renewed_in_place_and_leaves_at_the_end():
    said = play_in_terminal()
    shown = said.count('466.16 Hz bflat')
    assert shown >= 3                                        # brought up to date
    assert said.count('\x1b[2K') >= shown - 1                # each time over the one before
    assert not said.rstrip().endswith('bflat')


def test_no_line_where_the_output_is_no_terminal():
    said = subprocess.run(PLAY, cwd=ROOT, capture_output=True, text=True, timeout=60).stdout
    assert 'sound:' in said and '\x1b' not in said
