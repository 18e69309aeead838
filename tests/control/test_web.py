"""The web server: one thread, any application."""
import socket
import threading
from urllib.request import urlopen

import pytest
from aiohttp import web

from live.control.web import WebError, WebServer


@pytest.fixture
def server():
    one = WebServer()
    one.app.router.add_get('/', hello)
    one.start()
    yield one
    one.stop()


async def hello(request):
    return web.Response(text=threading.current_thread().name)


def test_what_was_added_is_served_by_a_thread_of_its_own(server):
    with urlopen(f'http://127.0.0.1:{server.port}/', timeout=5) as answer:
        assert answer.read() == b'web'


def test_port_in_use_tells_what_to_do(server):
    with pytest.raises(WebError, match=f'web port {server.port} cannot be opened .*choose another'):
        WebServer(port=server.port).start()


def test_port_out_of_range_tells_what_to_do():
    with pytest.raises(WebError, match='web port 70000 .*choose another'):
        WebServer(port=70000).start()


def test_port_is_free_after_a_stop(server):
    server.stop()
    with socket.socket() as other:
        other.bind(('127.0.0.1', server.port))
    assert 'web' not in [thread.name for thread in threading.enumerate()]


def test_stop_without_a_start_does_nothing():
    WebServer().stop()
