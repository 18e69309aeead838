"""Frames on their way to other programs: who gets which, what is missing, what fails."""
import asyncio
import io
import socket
import struct
import threading
import time

import aiohttp
import numpy as np
import pytest
from PIL import Image
from pythonosc.osc_message import OscMessage

from live.share.jpeg import fit
from live.share.output import KINDS, Output, ShareError, find_kind
from live.share.sharing import Sharing, Way

KIND = next(kind for kind in KINDS if kind.name == 'osc')


def picture(shade=200, size=(90, 160)):
    pixels = np.full((*size, 4), 255, np.uint8)
    pixels[..., :3] = np.linspace(0, shade, size[1]).astype(np.uint8)[None, :, None]
    return pixels


def wait_for(condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, 'it did not come'
        time.sleep(0.01)


@pytest.fixture
def share():
    """A function that opens ways out by their words; all are closed in the end."""
    opened = []

    def open_them(*words, say=lambda text: None):
        opened.append(Sharing(words, say=say))
        opened[-1].start()
        return opened[-1]
    yield open_them
    for sharing in opened:
        sharing.stop()


class Slow(Output):
    """A real output of our own that takes its time, and fails when told to."""

    def __init__(self):
        self.seen, self.gate, self.broken, self.closed = [], threading.Event(), False, 0

    def send(self, pixels, sample_index):
        self.gate.wait(10)
        if self.broken:
            raise RuntimeError('the cable is out')
        self.seen.append(sample_index)

    def close(self):
        self.closed += 1


@pytest.fixture
def way(monkeypatch):
    monkeypatch.setattr('live.share.sharing.RETRY', 0.01)
    said, output = [], Slow()
    made = Way(KIND, lambda: output, said.append)
    made.start()
    wait_for(lambda: made.output)
    yield made, output, said
    output.gate.set()
    made.stop()


def test_a_way_that_never_began_ends():
    Way(KIND, Slow, print).stop()


def test_the_newest_frame_wins_and_nothing_waits(way):
    made, output, _ = way
    made.put(picture(), 0, 0.0)
    wait_for(lambda: not made._offered.is_set())
    for sample in range(1, 10):
        made.put(picture(), sample, 0.0)
    output.gate.set()
    wait_for(lambda: made.sent == 2)
    assert output.seen == [0, 9] and made.passed == 8


def test_what_fails_is_told_once_closed_and_tried_again(way):
    made, output, said = way
    output.broken = True
    output.gate.set()
    for _ in range(3):
        wait_for(lambda: made.output)
        closed = output.closed
        made.put(picture(), 0, 0.0)
        wait_for(lambda: output.closed > closed)
    output.broken = False
    wait_for(lambda: made.output)
    made.put(picture(), 7, 0.0)
    wait_for(lambda: made.sent == 1)
    assert [text.partition(';')[0] for text in said] == ['osc: the cable is out', 'osc: ']
    assert made.trouble == ''


def test_no_more_frames_are_wanted_than_a_way_takes(way):
    made, output, _ = way
    output.gate.set()
    wanted = 0
    for now in np.arange(0, 10, 1 / 60):
        if made.due(now):
            made.put(picture(), 0, now)
            wanted += 1
    assert wanted == pytest.approx(10 * KIND.fps, abs=2)


@pytest.mark.parametrize('words, told', [
    ('ndo', "there is no such way out; did you mean ndi"),
    ('osc:here', 'write osc:HOST:PORT'),
    ('websocket:web', 'write websocket or websocket:PORT'),
])
def test_words_that_mean_nothing_are_refused_at_once(words, told):
    with pytest.raises(ShareError, match=told):
        Sharing([words])


def test_what_another_system_has_is_told():
    with pytest.raises(ShareError, match='spout is for win32 alone, and this is linux'):
        find_kind('spout', 'linux')


@pytest.mark.parametrize('kind', [kind for kind in KINDS if kind.package], ids=lambda kind: kind.name)
def test_what_is_not_installed_is_named_with_command_and_licence(kind, monkeypatch):
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(ShareError) as error:
        find_kind(kind.name, kind.platforms[0])
    assert f'pip install -e ".[{kind.extra}]"' in str(error.value) and kind.licence in str(error.value)


def test_every_extra_is_in_setup_cfg():
    from configparser import ConfigParser
    from pathlib import Path
    setup = ConfigParser()
    setup.read(Path(__file__).resolve().parents[2] / 'setup.cfg')
    assert {kind.extra for kind in KINDS if kind.extra} <= set(setup['options.extras_require'])


def test_osc_carries_the_sample_and_a_jpeg(share):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(('127.0.0.1', 0))
        receiver.settimeout(10)
        sharing = share(f'osc:127.0.0.1:{receiver.getsockname()[1]}')
        wait_for(lambda: sharing.due(0))
        sharing.send(picture(), 48000 * 3600 * 24, 0.0)
        message = OscMessage(receiver.recv(65536))
    sample, width, height, data = message.params
    assert (message.address, sample, width, height) == ('/frame', 48000 * 3600 * 24, 160, 90)
    assert np.asarray(Image.open(io.BytesIO(data)))[:, -1].mean() == pytest.approx(200, abs=8)


def test_any_frame_fits_into_a_datagram():
    noise = np.random.default_rng(1).integers(0, 256, (720, 1280, 4), np.uint8)
    data, (width, height) = fit(noise, 1280, 60000)
    assert len(data) <= 60000 and width / height == pytest.approx(16 / 9, abs=0.05) and width > 160


def receive(url, count, headers=None):
    """Open a websocket and return so many frames as sample and picture."""
    async def listen():
        async with aiohttp.ClientSession() as session, session.ws_connect(url, headers=headers) as connection:
            return [(await connection.receive(10)).data for _ in range(count)]
    return [(struct.unpack('<q', data[:8])[0], np.asarray(Image.open(io.BytesIO(data[8:]))))
            for data in asyncio.run(listen())]


@pytest.fixture
def web(share):
    """The address of a websocket that is given a frame every few milliseconds."""
    sharing, over = share('websocket:0'), threading.Event()
    wait_for(lambda: sharing.ways[0].output)

    def offer():
        sample = 0
        while not over.wait(0.005):
            if sharing.due():
                sharing.send(picture(size=(540, 1920)), sample)
            sample += 1

    thread = threading.Thread(target=offer)
    thread.start()
    yield sharing.ways[0].output.where
    over.set()
    thread.join()


def test_a_script_gets_frames_in_order_by_websocket(web):
    frames = receive(f'{web}frames', 4)
    samples = [sample for sample, _ in frames]
    assert samples == sorted(set(samples))
    assert frames[0][1].shape == (270, 960, 3) and frames[0][1][:, -1].mean() == pytest.approx(200, abs=8)


def test_a_foreign_page_may_not_look(web):
    with pytest.raises(aiohttp.WSServerHandshakeError):
        receive(f'{web}frames', 1, {'Origin': 'http://example.com'})
    assert receive(f'{web}frames', 1, {'Origin': web.rstrip('/')})


def test_the_page_is_served(web):
    async def fetch():
        async with aiohttp.ClientSession() as session, session.get(web) as answer:
            return await answer.text()
    assert '/frames' in asyncio.run(fetch())


def test_a_camera_that_is_not_there_leaves_the_others_alone(share):
    pytest.importorskip('pyvirtualcam')
    said = []
    sharing = share('camera:/dev/video987', 'osc:127.0.0.1:9', say=said.append)
    wait_for(lambda: all(way.output for way in sharing.ways))
    sharing.send(picture(), 0, 0.0)
    wait_for(lambda: sharing.ways[1].sent and sharing.ways[0].trouble)
    assert sharing.status()[0]['trouble'].startswith('camera: ') and sharing.status()[1]['sent'] == 1
