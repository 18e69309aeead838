"""A performance played live by OSC and MIDI while it is recorded, and rendered again from its file."""
import subprocess
import sys
import time

import av
import numpy as np
import pytest
import soundfile
from test_app import Performance, live

from live.record.score import load_score

PLAYER = '''
import sys, time
import mido
out = mido.Backend('mido.backends.rtmidi/UNIX_JACK').open_output('live again', virtual=True)
while True:
    for number in range(8):
        out.send(mido.Message('note_on', note=60 + number, velocity=50 + 8 * number))
        out.send(mido.Message('control_change', control=70 + number % 5, value=16 * number))
        out.send(mido.Message('pitchwheel', pitch=1000 * number))
        time.sleep(0.05)
        out.send(mido.Message('note_off', note=60 + number))
'''


def play(performance):
    """Do everything that moves the sound: values, patches, notes, scenes, cues, words, tuning, routes, panic."""
    send = performance.osc.send_message
    send('/store', 1)
    for patch in ('beats', 'wind', 'scan', 'twins', 'bflat'):
        send('/patch', patch)
        send('/dream/size', '256')
        for step in range(6):
            send('/drone/drift_cents', 3.0 * step)
            send('/drone/interval_cents', 100.0 * step)
            send('/note', [60 + step, 0.8])
            time.sleep(0.04)
        send('/prompt/1', f'the {patch} of a note')
    send('/stage/morph', 0.4)
    send('/store', 2)
    send('/recall', 1)
    time.sleep(0.2)
    send('/panic', 1)
    send('/gate', 0.6)
    time.sleep(0.4)


@pytest.fixture
def midi(jack):
    player = subprocess.Popen([sys.executable, '-c', PLAYER])
    yield
    player.kill()
    player.wait()


def record(folder, *words):
    """Play a while, then record; return what the program said."""
    running = Performance(folder, '--model', 'random:tiny', '--set', 'evening', *words, cwd=folder)
    running.wait_for(lambda s: s['osc']['port'] == running.port and s['display']['frames'] > 2)
    play(running)
    running.osc.send_message('/record', 1)
    running.wait_for(lambda s: s['record'])
    play(running)
    running.leave()
    return running.said


def again(path, out, *words):
    done = live('render', path, '--out', out, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check(folder, said):
    score_path, = folder.glob('*.live')
    score = load_score(score_path)
    assert score.take[0] > 0 and score.lost == 0 and f'{score_path.name}, to render it again' in said
    told = again(score_path, folder / 'again.w64')
    assert 'differ' not in told
    sound, rate = soundfile.read(score_path.with_suffix('.w64'), dtype='float32')
    rendered, same_rate = soundfile.read(folder / 'again.w64', dtype='float32')
    assert rate == same_rate and sound.std() > 0.001 and len(sound) == score.take[1] - score.take[0]
    assert np.array_equal(sound, rendered)
    return score_path


@pytest.mark.slow
def test_a_take_by_the_clock_sounds_the_same_again_and_has_a_picture_of_any_size(tmp_path):
    path = check(tmp_path, record(tmp_path))
    again(path, tmp_path / 'again.mp4', '--size', '192x108', '--fps', 6, '--dream-fps', 2, '--steps', 2, '--seconds', 1)
    with av.open(str(tmp_path / 'again.mp4')) as movie:
        pictures = [frame.to_ndarray(format='gray').astype(float) for frame in movie.decode(video=0)]
    assert pictures[0].shape == (108, 192) and len(pictures) == 6
    assert np.mean([p.std() for p in pictures]) > 1 and np.ptp([p.mean() for p in pictures]) > 0.5


@pytest.mark.slow
def test_a_take_by_jack_and_midi_sounds_the_same_again(tmp_path, midi):
    said = record(tmp_path, '--audio', 'sounddevice')
    assert 'JACK' in said and 'live again' in said
    path = check(tmp_path, said)
    assert path.read_text().count('"do"') > 20
