"""The performer's page: its files, its websocket and its clock, on the thread of a WebServer of its own.

In: orders of the pages. Out: the files beside this module, frames 30 times a second, sections when they change, the
small view 5 times a second to those that look. While nobody is there, nothing is made. A page that is slow misses
frames; one that floods is read as slowly as it may order, so its own connection fills up and nobody else's.

No path from outside reaches a file: the files are read at the start and served from a dict.
"""
import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TypeVar

from aiohttp import WSMsgType, web

from live.control.panel.backstage import Backstage
from live.control.panel.frame import RATE, VIEW_TAG, Frames, layout
from live.control.panel.guard import ROLE, Guard
from live.control.panel.orders import LONGEST, Orders
from live.control.panel.sections import Sections, dump, hello
from live.control.web import WebServer
from live.params import describe

Made = TypeVar('Made')
PORT = 8040
SECTIONS_EVERY = 3      # frames
PATIENCE = 10.0         # seconds after which a page that does not answer is gone
MOST_PAGES = 32
ORDERS_RATE, ORDERS_BURST = 600.0, 1200.0       # orders a second, and at once, that one page may give
KINDS = {'.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml'}


@dataclass(eq=False)
class Page:
    """One page that is connected. known: the sections it has been sent; seen: how many views."""
    socket: web.WebSocketResponse
    role: str
    known: dict[str, str] = field(default_factory=dict)
    looks: bool = False
    seen: int = 0
    allowance: float = ORDERS_BURST
    counted: float = field(default_factory=time.monotonic)

    def owes(self) -> float:
        """Count an order; return seconds to wait before the next one is read."""
        now = time.monotonic()
        self.allowance = min(ORDERS_BURST, self.allowance + (now - self.counted) * ORDERS_RATE) - 1
        self.counted = now
        return max(0.0, -self.allowance / ORDERS_RATE)


class Panel:
    """The page and who looks at it. port 0 takes any free one; lan: other machines may come in, with a token.

    plain: by path, what gives status, text and kind of a page for programs.
    """

    def __init__(self, backstage: Backstage, port: int = PORT, lan: bool = False,
                 tokens: Mapping[str, str] | None = None,
                 plain: Mapping[str, Callable[[], tuple[int, str, str]]] | None = None) -> None:
        self.backstage, self.guard, self.orders = backstage, Guard(lan, tokens), Orders(backstage)
        self._frames, self._sections = Frames(backstage), Sections(backstage)
        self._frame, self._told = b'', dict[str, str]()
        self._pages: set[Page] = set()
        self._tick: asyncio.Future[None]
        self._files = read_files()
        self._version = version_of(self._files)
        self._plain = dict(plain or {})
        self._web = WebServer('0.0.0.0' if lan else '127.0.0.1', port)
        self._dress(self._web.app)

    @property
    def port(self) -> int:
        return self._web.port

    @property
    def pages(self) -> int:
        """Pages that are connected now."""
        return len(self._pages)

    def start(self) -> None:
        """[main] Open the port; raise WebError that says what to do."""
        self._web.start()

    def stop(self) -> None:
        """[main] Close the port and all pages."""
        self._web.stop()

    def _dress(self, app: web.Application) -> None:
        app.middlewares.append(self.guard.middleware)
        app.cleanup_ctx.append(self._run_clock)
        app.on_shutdown.append(self._close_pages)
        app.router.add_get('/', self._serve_file)
        app.router.add_get('/live', self._serve_page)
        app.router.add_get(r'/scene-{number:\d{1,2}}.jpg', self._serve_thumbnail)
        for path in self._plain:
            app.router.add_get(path, self._serve_plain)
        app.router.add_get('/{name}', self._serve_file)

    async def _serve_file(self, request: web.Request) -> web.Response:
        name = request.match_info.get('name', 'index.html')
        if name not in self._files:
            raise web.HTTPNotFound
        return web.Response(body=self._files[name], content_type=KINDS[name[name.rindex('.'):]], charset='utf-8')

    async def _serve_plain(self, request: web.Request) -> web.Response:
        status, text, kind = self._plain[request.path]()
        return web.Response(status=status, text=text, headers={'Content-Type': kind, 'Cache-Control': 'no-store'})

    async def _serve_thumbnail(self, request: web.Request) -> web.Response:
        picture = self._sections.thumbnails.jpeg(int(request.match_info['number']))
        if not picture:
            raise web.HTTPNotFound
        return web.Response(body=picture, content_type='image/jpeg')

    async def _serve_page(self, request: web.Request) -> web.StreamResponse:
        if len(self._pages) >= MOST_PAGES:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(heartbeat=PATIENCE, compress=False, max_msg_size=LONGEST)
        if not socket.can_prepare(request):
            raise web.HTTPBadRequest
        await socket.prepare(request)
        page = Page(socket, request[ROLE])
        self._pages.add(page)
        speaker = asyncio.create_task(self._speak(page))
        try:
            await self._listen(page)
        finally:
            self._pages.discard(page)
            speaker.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await speaker
        return socket

    async def _listen(self, page: Page) -> None:
        async for message in page.socket:
            if message.type is WSMsgType.TEXT:
                answer = self.orders.obey(message.data, page.role)
                page.looks = answer.get('look', page.looks)
                if answer:
                    await page.socket.send_str(dump(answer))
            await asyncio.sleep(page.owes())

    async def _speak(self, page: Page) -> None:
        """Send what is new with every tick of the clock, or with those that a slow page is ready for."""
        await page.socket.send_str(hello(self.backstage, page.role, self._version))
        while True:
            await asyncio.shield(self._tick)
            await self._send_sections(page)
            if self._frame:
                await page.socket.send_bytes(self._frame)
            await self._send_view(page)

    async def _send_sections(self, page: Page) -> None:
        for name, text in tuple(self._told.items()):
            if page.known.get(name) != text:
                page.known[name] = text
                await page.socket.send_str(text)

    async def _send_view(self, page: Page) -> None:
        view = self.backstage.view
        if page.looks and view is not None:
            view.look()
            if view.count != page.seen:
                page.seen = view.count
                await page.socket.send_bytes(VIEW_TAG + view.jpeg())

    async def _run_clock(self, app: web.Application) -> AsyncIterator[None]:
        self._tick = asyncio.get_running_loop().create_future()
        clock = asyncio.create_task(self._beat())
        yield
        clock.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await clock

    async def _beat(self) -> None:
        """Make what is told, at an even rate, while somebody is there."""
        loop = asyncio.get_running_loop()
        due, count = loop.time(), 0
        while True:
            due = max(due + 1 / RATE, loop.time())
            await asyncio.sleep(due - loop.time())
            if not self._pages:
                continue
            self._make(count)
            count += 1
            told, self._tick = self._tick, loop.create_future()
            told.set_result(None)

    def _make(self, count: int) -> None:
        if count % SECTIONS_EVERY == 0:
            self._told = self._try(self._sections.make, self._told)
        self._frame = self._try(self._frames.make, self._frame)

    def _try(self, make: Callable[[], Made], before: Made) -> Made:
        """Make what is told; what comes from every room of the house may fail, and then what was told before stays."""
        try:
            return make()
        except Exception as error:
            self.backstage.desk.say(f'the page cannot show everything: {type(error).__name__}: {error}')
            return before

    async def _close_pages(self, app: web.Application) -> None:
        await asyncio.gather(*(page.socket.close() for page in tuple(self._pages)))


def read_files() -> dict[str, bytes]:
    """Return the files of the page by name."""
    return {path.name: path.read_bytes() for path in files(__package__).iterdir()
            if any(path.name.endswith(kind) for kind in KINDS)}


def version_of(contents: Mapping[str, bytes]) -> str:
    """Return what tells one page from another: one that is older than the server loads itself anew."""
    digest = hashlib.sha256(dump([describe(), layout()]).encode())
    for name in sorted(contents):
        digest.update(name.encode() + contents[name])
    return digest.hexdigest()[:12]
