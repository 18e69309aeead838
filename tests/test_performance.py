"""The real program with a set: cues by OSC, killed in the middle, and taken up again."""
import os
import signal

import pytest
from test_app import Performance

QUIET = '--display', 'none', '--model', 'off', '--set', 'evening'


@pytest.fixture
def play(tmp_path, monkeypatch):
    """A function that starts a performance whose state lies in a folder of its own."""
    monkeypatch.setenv('XDG_STATE_HOME', str(tmp_path / 'states'))
    running = []

    def start(*words):
        running.append(Performance(tmp_path, *QUIET, *words))
        running[-1].wait_for(lambda status: status['osc']['port'] == running[-1].port)
        return running[-1]
    yield start
    for performance in running:
        if performance.process.poll() is None:
            performance.leave()


def test_what_was_killed_in_a_set_goes_on_from_there(play, tmp_path):
    first = play()
    first.osc.send_message('/stage/gain_db', -30.0)
    first.osc.send_message('/cue', 1)
    first.wait_for(lambda status: status['patch'] == 'safe')
    first.osc.send_message('/drone/drift_cents', 33.0)
    first.osc.send_message('/store', 5)
    state = tmp_path / 'states' / 'live' / 'performance.json'
    first.wait_for(lambda status: state.exists() and '"5": ' in state.read_text())
    first.leave(signal.SIGKILL)
    os.remove(first.path)
    second = play('--resume')
    status = second.wait_for(lambda status: status['patch'] == 'safe')
    assert status['params']['drone.drift_cents'] == 33 and status['params']['stage.gain_db'] == -30
    second.osc.send_message('/go', 1)
    second.wait_for(lambda status: status['params']['pulse.level_db'] > -60 or status['params']['drone.root'] > 120)
    second.leave()
    assert 'resumed the performance of' in second.said
