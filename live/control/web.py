"""HTTP and websockets in one thread of their own: aiohttp serves what others add to `.app` before the start.

In: routes, added by the performer's page and by OSCQuery. Out: a port that answers. The thread "web" runs one asyncio
loop; handlers run there and must not wait. Knows nothing of what is served, nor who may have it.
"""
import asyncio
import os
import threading

from aiohttp import web

CLOSING_TIME = 1.0      # seconds that open connections get at the end


class WebError(OSError):
    """The port cannot be opened."""


class WebServer:
    """A web server on a thread of its own. port 0 takes any free one."""

    def __init__(self, host: str = '127.0.0.1', port: int = 0) -> None:
        self.host, self.port = host, port
        self.app = web.Application()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._opened = threading.Event()
        self._error: Exception | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """[main] Open the port and serve from it, once; raise WebError that says what to do."""
        self._thread = threading.Thread(target=self._run, name='web', daemon=True)
        self._thread.start()
        self._opened.wait()
        if self._error:
            self._thread.join()
            raise WebError(f'web port {self.port} cannot be opened ({describe(self._error)}): close the program that '
                           'uses it, or choose another') from self._error

    def stop(self) -> None:
        """[main] Close the port and all connections."""
        if self._thread and self._loop and self._ended and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(2 * CLOSING_TIME + 1)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=CLOSING_TIME)
        try:
            await runner.setup()
            await web.TCPSite(runner, self.host, self.port).start()
            self.port = runner.addresses[0][1]
        except (OSError, OverflowError) as error:
            self._error = error
            self._ended.set()
        self._opened.set()
        await self._ended.wait()
        await runner.cleanup()


def describe(error: Exception) -> str:
    """Return the system's own words for an error, without asyncio's around them."""
    number = getattr(error, 'errno', None)
    return os.strerror(number) if number else str(error)
