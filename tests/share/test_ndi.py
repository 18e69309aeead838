"""NDI for real: a sender and a receiver in processes of their own, on the loopback interface."""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip('cyndilib', reason='the extra share-ndi is not installed')

ROOT = Path(__file__).resolve().parents[2]
SEND = '''
import sys, time
import numpy as np
from live.share.sharing import Sharing
sharing = Sharing([f'ndi:{sys.argv[1]}'])
sharing.start()
for number in range(900):
    size, colour = ((48, 64), (200, 90, 10)) if number < 240 else ((72, 128), (20, 160, 240))
    pixels = np.zeros((*size, 4), np.uint8)
    pixels[:size[0] // 2, :, :3] = colour
    sharing.send(pixels, 1600 * number)
    time.sleep(1 / 30)
'''
RECEIVE = '''
import json, sys, time
import numpy as np
from cyndilib.finder import Finder
from cyndilib.receiver import Receiver
from cyndilib.video_frame import VideoFrameSync
from cyndilib.wrapper.ndi_recv import RecvBandwidth, RecvColorFormat
finder, wanted, until = Finder(), int(sys.argv[2]), time.time() + 40
finder.open()
names = []
while not names and time.time() < until:
    finder.wait_for_sources(1)
    names = [name for name in finder.get_source_names() if sys.argv[1] in name]
receiver, frame = Receiver(color_format=RecvColorFormat.RGBX_RGBA, bandwidth=RecvBandwidth.highest), VideoFrameSync()
receiver.frame_sync.set_video_frame(frame)
receiver.set_source(finder.get_source(names[0]))
seen = {}
while len(seen) < wanted and time.time() < until:
    receiver.frame_sync.capture_video()
    if frame.xres:
        pixels = np.frombuffer(frame, np.uint8).copy().reshape(frame.yres, frame.xres, 4)[..., :3]
        seen[frame.xres, frame.yres] = [*map(int, pixels[0, 0]), *map(int, pixels[-1, -1]), float(pixels.std())]
    time.sleep(0.02)
print(json.dumps([[*size, *told] for size, told in seen.items()]))
'''


@pytest.fixture
def environment(tmp_path):
    """Let NDI look at this machine alone, where no mDNS is needed."""
    config = {'ndi': {'networks': {'ips': '127.0.0.1,'}, 'machinename': 'here'}}
    (tmp_path / 'ndi-config.v1.json').write_text(json.dumps(config))
    return os.environ | {'NDI_CONFIG_DIR': str(tmp_path), 'PYTHONPATH': str(ROOT)}


def received(sender, name, environment, wanted):
    """Return size, first and last pixel and deviation of frames of different sizes, sent by a process."""
    try:
        words = [sys.executable, '-c', RECEIVE, name, str(wanted)]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    finally:
        sender.kill()
        sender.wait()


def test_frames_arrive_as_they_were_and_may_change_their_size(environment):
    name = f'live test {os.getpid()}'
    sender = subprocess.Popen([sys.executable, '-c', SEND, name], env=environment)
    small, large = received(sender, name, environment, 2)
    assert small[:8] == pytest.approx([64, 48, 200, 90, 10, 0, 0, 0], abs=10)       # NDI's codec is lossy
    assert large[:8] == pytest.approx([128, 72, 20, 160, 240, 0, 0, 0], abs=10)


def test_the_instrument_is_seen_in_the_network(environment, tmp_path):
    name = f'live show {os.getpid()}'
    words = [sys.executable, '-m', 'live', 'play', '--audio', 'clock', '--display', 'offscreen', '--size', '192x128',
             '--model', 'off', '--osc-port', '0', '--share', f'ndi:{name},websocket:0']
    sender = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    (width, height, *_, deviation), = received(sender, name, environment, 1)
    assert (width, height) == (192, 128) and deviation > 1
