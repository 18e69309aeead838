"""Frames to browsers and scripts: JPEGs over a websocket, with a page that shows them. Needs nothing else.

    /           the page
    /frames     websocket: binary messages, the index of the sample as 8 bytes (little-endian) and a JPEG

A client that is slower than the frames misses some. Frames are encoded only while somebody looks. From this machine
alone, unless other machines are let in: then whoever knows the address sees the picture, and can do nothing else.
"""
import asyncio
import struct
from urllib.parse import urlsplit

import numpy as np
from aiohttp import WSMsgType, web

from live.control.announcement import own_address
from live.control.web import WebServer
from live.share.jpeg import encode, shrink
from live.share.output import Output

PORT = 8041
SIDE = 960              # pixels of the longer side
HEARTBEAT = 10.0        # seconds after which a client that is gone is noticed
PAGE = '''<!doctype html><title>live</title><meta name="viewport" content="width=device-width">
<style>html, body, canvas { margin: 0; width: 100%; height: 100%; background: #000; object-fit: contain }</style>
<canvas></canvas><script>
const canvas = document.querySelector('canvas'), context = canvas.getContext('2d');
function connect() {
  const socket = new WebSocket((location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/frames');
  socket.binaryType = 'blob';
  socket.onmessage = async message => {
    const picture = await createImageBitmap(message.data.slice(8));
    if (canvas.width !== picture.width || canvas.height !== picture.height) {
      [canvas.width, canvas.height] = [picture.width, picture.height];
    }
    context.drawImage(picture, 0, 0);
  };
  socket.onclose = () => setTimeout(connect, 1000);
}
connect();
</script>'''


class Client:
    """One who looks. The newest frame wins."""

    def __init__(self) -> None:
        self.frame: bytes = b''
        self.is_new = asyncio.Event()

    def put(self, frame: bytes) -> None:
        self.frame = frame
        self.is_new.set()


class WebsocketOutput(Output):
    """A server of its own, on a thread of its own."""

    def __init__(self, port: int, lan: bool) -> None:
        self._server = WebServer('0.0.0.0' if lan else '127.0.0.1', port)
        self._clients: set[Client] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lan = lan
        self._server.app.router.add_get('/', self._page)
        self._server.app.router.add_get('/frames', self._frames)
        self._server.start()

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def where(self) -> str:
        return f'http://{own_address() if self._lan else "127.0.0.1"}:{self.port}/'

    def send(self, pixels: np.ndarray, sample_index: int) -> None:
        if self._clients and self._loop:
            frame = struct.pack('<q', sample_index) + encode(shrink(pixels, SIDE))
            self._loop.call_soon_threadsafe(self._give, frame)

    def close(self) -> None:
        self._server.stop()

    def _give(self, frame: bytes) -> None:
        for client in self._clients:
            client.put(frame)

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type='text/html')

    async def _frames(self, request: web.Request) -> web.WebSocketResponse:
        origin = request.headers.get('Origin')
        if origin and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text='only the page of this server may look')
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT)
        await socket.prepare(request)
        self._loop = asyncio.get_running_loop()
        client = Client()
        sending = asyncio.create_task(self._send(client, socket))
        self._clients.add(client)
        try:
            async for message in socket:        # what it says is passed over
                if message.type == WSMsgType.ERROR:
                    break
        finally:
            self._clients.discard(client)
            sending.cancel()
        return socket

    async def _send(self, client: Client, socket: web.WebSocketResponse) -> None:
        while not socket.closed:
            await client.is_new.wait()
            client.is_new.clear()
            try:
                await socket.send_bytes(client.frame)
            except ConnectionError:
                return


def open_output(argument: str, fps: float, lan: bool) -> Output:
    """Return the server; argument: its port."""
    return WebsocketOutput(int(argument or PORT), lan)
