"""The real program, started as a performer starts it, without sound card or screen."""
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pythonosc.udp_client import SimpleUDPClient

ROOT = Path(__file__).resolve().parents[1]


def live(*words, **options):
    return subprocess.run([sys.executable, '-m', 'live', *map(str, words)], cwd=ROOT, capture_output=True, text=True,
                          timeout=120, **options)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Performance:
    """`live play` in a process of its own, with its status file and an OSC client."""

    def __init__(self, folder, *words, cwd=ROOT):
        self.path, self.port = folder / 'status.json', free_port()
        self.osc = SimpleUDPClient('127.0.0.1', self.port)
        signal.signal(signal.SIGINT, signal.default_int_handler)     # jobs in a shell's background ignore Ctrl-C
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'live', 'play', '--audio', 'clock', '--display', 'offscreen', '--size', '320x180',
             '--osc-port', str(self.port), '--status-json', str(self.path), *map(str, words)],
            cwd=cwd, env=os.environ | {'PYTHONPATH': str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)

    @property
    def status(self):
        return json.loads(self.path.read_text())

    def wait_for(self, condition, seconds=40):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.path.exists() and condition(self.status):
                return self.status
            time.sleep(0.1)
        raise AssertionError(f'not seen in {seconds} s; the status was {self.path.exists() and self.status}')

    def leave(self, how=signal.SIGINT):
        self.osc.close()
        self.process.send_signal(how)
        self.said = self.process.communicate(timeout=30)[0]
        return self.process.returncode


@pytest.fixture(scope='module')
def performance(tmp_path_factory):
    """A performance with a dream, recorded; ended by Ctrl-C after all tests have looked at it."""
    folder = tmp_path_factory.mktemp('performance')
    running = Performance(folder, '--model', 'random:tiny', '--record', folder / 'take.mp4')
    yield running
    if running.process.poll() is None:
        running.leave()


def test_every_choice_is_told_with_its_reason(performance):
    status = performance.wait_for(lambda s: s['display']['frames'] > 3)
    assert status['sound']['backend'] == 'clock' and status['sound']['reason']
    assert status['display']['backend'] == 'offscreen' and status['display']['reason']
    assert status['sound']['nan'] == 0 and status['sound']['callbacks'] > 10
    assert status['params']['drone.root'] == pytest.approx(466.16)


def test_osc_steers_and_is_counted(performance):
    performance.wait_for(lambda s: s['osc']['port'])
    performance.osc.send_message('/drone/drift_cents', 12.5)
    performance.osc.send_message('/drone/drift_cents', float('nan'))
    performance.osc.send_message('/prompt/1', ['a', 'glass', 'forest'])
    status = performance.wait_for(lambda s: s['params']['drone.drift_cents'] == 12.5 and s['osc']['refused'] == 1)
    assert status['osc']['received'] >= 2 and status['prompts'][0] == 'a glass forest'


def test_a_patch_is_loaded_while_playing_and_a_bad_one_changes_nothing(performance):
    performance.osc.send_message('/patch', 'beats')
    before = performance.wait_for(lambda s: s['patch'] == 'beats')
    performance.osc.send_message('/patch', 'baets')
    after = performance.wait_for(lambda s: 'baets' in s['message'])
    assert 'did you mean beats?' in after['message'] and after['params'] == before['params']


def test_dreams_come_and_their_age_is_known(performance):
    status = performance.wait_for(lambda s: s['dream']['frames'] >= 3)
    assert status['dream']['model'] == 'random:tiny' and status['dream']['restarts'] == 0
    assert 0 < status['picture_age_ms']['p50'] <= status['picture_age_ms']['p99']


def test_ctrl_c_ends_it_and_the_take_plays(performance):
    performance.wait_for(lambda s: s['dream']['frames'] >= 3)
    assert performance.leave() == 0
    assert 'recorded' in performance.said and 'Traceback' not in performance.said
    import av
    with av.open(str(performance.path.with_name('take.mp4'))) as take:
        pictures = [frame.to_ndarray(format='gray').astype(float) for frame in take.decode(video=0)]
        assert take.streams.video[0].codec_context.pix_fmt == 'yuv420p'
    with av.open(str(performance.path.with_name('take.mp4'))) as take:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in take.decode(audio=0)])
    assert sound.std() > 0.005                                      # not silent
    assert len(pictures) > 10 and np.ptp([p.mean() for p in pictures]) > 0.5     # not still


def test_sigterm_ends_it_too_and_seconds_are_kept(tmp_path):
    running = Performance(tmp_path, '--model', 'off', '--display', 'none', '--record', tmp_path / 'take.wav')
    running.wait_for(lambda s: s['sound']['callbacks'] > 50)
    assert running.leave(signal.SIGTERM) == 0
    assert live('play', '--audio', 'clock', '--display', 'none', '--model', 'off', '--seconds', 1.5, '--osc-port',
                free_port(), '--record', tmp_path / 'short.wav').returncode == 0
    assert soundfile.info(tmp_path / 'short.wav').duration == 1.5


def test_a_misspelt_patch_is_refused_with_a_hint():
    refused = live('play', 'bflt')
    assert refused.returncode == 2 and 'did you mean bflat?' in refused.stderr and 'Traceback' not in refused.stderr


@pytest.mark.parametrize('words', [('--audio', 'sounddevice', '--device', 'none such'), ('--map', 'none such'),
                                   ('--model', '/none/such'), ('--record', '/none/such/take.mp4'),
                                   ('--record', 'take.xyz', '--display', 'none')])
def test_what_cannot_be_had_is_refused_in_one_sentence(words):
    refused = live('play', '--seconds', 1, '--audio', 'clock', '--display', 'none', *words)
    assert refused.returncode == 2
    assert refused.stderr.count('\n') == 1 and refused.stderr.startswith('live: ')


def test_a_sound_is_rendered_the_same_every_time(tmp_path):
    for name in ('a.wav', 'b.wav'):
        assert live('render', 'bflat', '--seconds', 2, '--out', tmp_path / name).returncode == 0
    assert (tmp_path / 'a.wav').read_bytes() == (tmp_path / 'b.wav').read_bytes()
    samples, rate = soundfile.read(tmp_path / 'a.wav')
    assert rate == 48000 and len(samples) == 96000 and samples.std() > 0.005


def test_a_movie_is_rendered_with_dreams(tmp_path):
    done = live('render', 'rain', '--seconds', 1, '--out', tmp_path / 'a.mp4', '--size', '128x128', '--fps', 12,
                '--model', 'random:tiny', '--dream-fps', 4)
    assert done.returncode == 0, done.stderr
    import av
    with av.open(str(tmp_path / 'a.mp4')) as movie:
        assert len(list(movie.decode(video=0))) == 12
        assert movie.duration / av.time_base == pytest.approx(1, abs=0.1)


def test_devices_and_doctor_report():
    assert 'midi:' in live('devices').stdout
    report = live('doctor')
    assert report.returncode == 0 and 'times faster than real time' in report.stdout


def test_params_are_listed_as_json():
    rows = json.loads(live('params', '--json').stdout)
    assert {'drone.root', 'dream.strength'} <= {row['name'] for row in rows}
