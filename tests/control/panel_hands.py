"""What the tests of the performer's page have in common: what is backstage, and a page made of Python."""
import asyncio
import http.client
import json

import aiohttp
import numpy as np

from live.control.desk import Desk
from live.control.panel.backstage import Backstage, View
from live.control.panel.frame import FRAME, TAG
from live.params import Board
from live.signals import EVENT, SLICE
from live.wires import Latest, Ring

STATS = np.dtype([('underflows', 'i8'), ('late', 'i8'), ('load', 'i8', (200,))])     # as the callback counts


def make_desk():
    """Return a desk with nothing behind it."""
    return Desk(Board(), Ring.make(64, EVENT), Latest(('', '')))


def make_backstage(desk, midi=None):
    """Return a Backstage around a desk, and the ring that its slices come from."""
    slices = Ring.make(8, SLICE)
    return Backstage(desk, Board(), slices.reader(), np.zeros(1, STATS)[0], view=View(), midi=midi,
                     patches=lambda: ['broken', 'nineteen']), slices


def put_partials(slices, root, partials):
    """Let partials sound: (Hz, level) each."""
    one = np.zeros(1, SLICE)
    one['root'], one['partials'] = root, len(partials)
    for number, (hz, level) in enumerate(partials):
        one['partial_hz'][0, number], one['partial_level'][0, number] = hz, level
    slices.put(one)


def request(port, path, headers=()):
    """Return status, headers and text of an answer; the path goes out as it is."""
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=5)
    connection.putrequest('GET', path, skip_host='Host' in dict(headers))
    for name, value in dict(headers).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode('utf-8', 'replace')
    connection.close()
    return answer.status, dict(answer.getheaders()), text


class Page:
    """A page without a browser: says orders, hears sections and frames."""

    def __init__(self, socket):
        self._socket = socket

    async def say(self, *order):
        await self.say_text(json.dumps(order))

    async def say_text(self, text):
        await self._socket.send_str(text)

    async def hear(self, name):
        """Return the next section of a name; 'frame' for a frame, 'closed' for the code of the end."""
        while True:
            message = await self._socket.receive(5)
            if message.type is aiohttp.WSMsgType.BINARY and name == 'frame' and message.data.startswith(TAG):
                return np.frombuffer(message.data, FRAME, offset=len(TAG))[0]
            if message.type is aiohttp.WSMsgType.TEXT and name in (told := json.loads(message.data)):
                return told[name]
            if message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
                assert name == 'closed', f'closed while waiting for {name}'
                return self._socket.close_code


def with_page(panel, act, token=''):
    """Open a page, let `act(page)` do something with it, and return what it returns."""
    async def run():
        jar = aiohttp.CookieJar(unsafe=True)        # takes cookies of an address without a name
        async with aiohttp.ClientSession(f'http://127.0.0.1:{panel.port}', cookie_jar=jar) as session:
            if token:
                await session.get(f'/?token={token}')
            async with session.ws_connect('/live') as socket:
                return await act(Page(socket))
    return asyncio.run(run())
