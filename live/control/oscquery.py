"""OSCQuery: programs such as VDMX, ossia score, Vezer or MadMapper find the instrument and all its addresses.

    GET /drone/pan          the node as JSON with all below it;  GET /drone/pan?VALUE  one attribute;  GET /?HOST_INFO
    200 found   204 the node has no such attribute   400 there is no such attribute   404 there is no such node
    websocket, text         {"COMMAND": "LISTEN" or "IGNORE", "DATA": "/drone/pan"};  we tell PATH_CHANGED
    websocket, binary       OSC packets both ways: what a client sends is done as over UDP, what it listens to comes

In: an OscServer, which does and tells everything; this only translates. Runs in the thread "web" of a WebServer, its
own or another's (`add_routes`). On this machine whoever asks is answered; other machines only with lan, and then the
instrument is announced by zeroconf as well. Browsers are answered on pages of this address alone: no page from
elsewhere may steer a performance.
"""
import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable

from aiohttp import WSMsgType, web

from live.control.announcement import OSC, OSC_QUERY, Announcement
from live.control.osc import OscServer
from live.control.osc_packet import write
from live.control.oscquery_tree import ATTRIBUTES, Tree
from live.control.panel.guard import Guard
from live.control.web import WebServer
from live.patch import list_patches

ABOVE = 2               # the port of OSC: 9002 beside 9000
NAME = 'live'
FRESH = 0.1             # seconds for which a group once told is told again: to gather all takes milliseconds
LOOK_EVERY = 2.0        # seconds from one look at the patches to the next
MOST_CLIENTS = 32
MOST_UNSENT = 4096      # messages that a slow reader may leave
LARGEST = 65536         # bytes of a packet
EXTENSIONS = {**dict.fromkeys(ATTRIBUTES[3:], True), 'LISTEN': True, 'IGNORE': True, 'PATH_CHANGED': True}


class Listener:
    """One websocket. by_name: choices go out by their names, as the tree says."""
    by_name = True

    def __init__(self, opened: web.WebSocketResponse) -> None:
        self.socket = opened
        self._loop = asyncio.get_running_loop()
        self._unsent: asyncio.Queue[bytes] = asyncio.Queue(MOST_UNSENT)
        self.task = asyncio.create_task(self._deliver())

    def send(self, packet: bytes) -> None:
        """[osc] Send a packet soon."""
        with contextlib.suppress(RuntimeError):         # the server has ended
            self._loop.call_soon_threadsafe(self._put, packet)

    def _put(self, packet: bytes) -> None:
        try:
            self._unsent.put_nowait(packet)
        except asyncio.QueueFull:       # it does not read; when it comes again it gets all values anew
            self.task.cancel()

    async def _deliver(self) -> None:
        try:
            while True:
                await self.socket.send_bytes(await self._unsent.get())
        except ConnectionError:
            pass
        finally:
            await self.socket.close()


class OscQuery:
    """Answers for an OscServer."""

    def __init__(self, osc: OscServer, lan: bool = False, patches: Callable[[], list[str]] = list_patches) -> None:
        self.osc, self._guard = osc, Guard(lan)
        self.tree = Tree(osc.values, patches)
        self._listeners: set[Listener] = set()
        self._told: dict[str, tuple[float, dict]] = {}

    def add_routes(self, app: web.Application) -> None:
        """Answer every GET that nothing added before has taken."""
        app.router.add_get('/{path:.*}', self._get, allow_head=False)
        app.cleanup_ctx.append(self._watch)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        if not (self._guard.is_for_us(request.headers.get('Host', '')) and self._guard.is_our_page(request)):
            return web.Response(status=403)
        if request.headers.get('Upgrade', '').lower() == 'websocket':
            return await self._listen(request)
        return self._answer(request)

    def _answer(self, request: web.Request) -> web.Response:
        address = request.path.rstrip('/') or '/'
        asked = request.query_string.partition('&')[0].partition('=')[0]
        if asked == 'HOST_INFO':
            return web.json_response(self.host_info(request))
        if asked and asked not in ATTRIBUTES:
            return web.Response(status=400, text=f'{asked[:40]} is no attribute: {", ".join(ATTRIBUTES)}, HOST_INFO\n')
        if address not in self.tree.nodes:
            return web.Response(status=404, text=f'there is nothing at {address[:80]}\n')
        node = self._tell(address)
        if not asked:
            return web.json_response(node)
        if asked not in node or asked == 'VALUE' and not node['ACCESS'] & 1:
            return web.Response(status=204)
        return web.json_response({asked: node[asked]})

    def _tell(self, address: str) -> dict:
        if 'CONTENTS' not in self.tree.nodes[address]:
            return self.tree.tell(address)
        now = time.monotonic()
        made, node = self._told.get(address, (0.0, {}))
        if now - made > FRESH:
            made, node = self._told[address] = now, self.tree.tell(address)
        return node

    def host_info(self, request: web.Request) -> dict:
        """Return where OSC and websockets go: to the address under which we were asked."""
        host, port = request.transport.get_extra_info('sockname')[:2]       # type: ignore[union-attr]
        return {'NAME': NAME, 'OSC_IP': host, 'OSC_PORT': self.osc.port, 'OSC_TRANSPORT': 'UDP', 'WS_IP': host,
                'WS_PORT': port, 'EXTENSIONS': EXTENSIONS}

    async def _listen(self, request: web.Request) -> web.StreamResponse:
        if len(self._listeners) >= MOST_CLIENTS:
            return web.Response(status=503)
        opened = web.WebSocketResponse(heartbeat=20, max_msg_size=LARGEST)
        await opened.prepare(request)
        listener = Listener(opened)
        self._listeners.add(listener)
        try:
            async for message in opened:
                if message.type == WSMsgType.BINARY:
                    self.osc.post(message.data, listener)
                elif message.type == WSMsgType.TEXT:
                    self._command(message.data, listener)
        finally:
            self._listeners.discard(listener)
            self.osc.forget(listener)
            listener.task.cancel()
        return opened

    def _command(self, text: str, listener: Listener) -> None:
        """Do what a client asks; what is not understood is left alone, as the proposal wants it."""
        try:
            order = json.loads(text)
            command, address = order['COMMAND'], order['DATA']
        except (ValueError, TypeError, KeyError, RecursionError):
            return
        request = {'LISTEN': '/subscribe', 'IGNORE': '/unsubscribe'}.get(str(command))
        if request and isinstance(address, str) and address in self.osc.values.addresses:
            self.osc.post(write(request, [address]), listener)

    async def _watch(self, app: web.Application) -> AsyncIterator[None]:
        """Tell listeners when patches come or go, as long as the server runs; close what is open at its end."""
        task = asyncio.create_task(self._watch_patches())
        yield
        task.cancel()
        for listener in tuple(self._listeners):
            listener.task.cancel()

    async def _watch_patches(self) -> None:
        before = self.tree.patches()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = self.tree.patches()
            if now != before:
                before = now
                for listener in tuple(self._listeners):
                    with contextlib.suppress(ConnectionError):
                        await listener.socket.send_json({'COMMAND': 'PATH_CHANGED', 'DATA': '/patch'})


class OscQueryServer:
    """OSCQuery for a running OscServer, on a port of its own: when none is given, two above OSC's.

    port 0 takes any free one; lan: other machines may ask, and the instrument is announced.
    """

    def __init__(self, osc: OscServer, port: int | None = None, lan: bool = False) -> None:
        self.osc, self.lan = osc, lan
        self.query = OscQuery(osc, lan)
        self._web = WebServer('0.0.0.0' if lan else '127.0.0.1', osc.port + ABOVE if port is None else port)
        self.query.add_routes(self._web.app)
        self.announcement: Announcement | None = None

    @property
    def port(self) -> int:
        return self._web.port

    def start(self) -> None:
        """[main] Open the port; raise WebError that says what to do."""
        self._web.start()
        if self.lan:
            self.announcement = Announcement({OSC_QUERY: self.port, OSC: self.osc.port})
            self.announcement.start()

    def stop(self) -> None:
        """[main] Close the port."""
        if self.announcement:
            self.announcement.stop()
            self.announcement = None
        self._web.stop()
