"""On a real X server with several monitors."""
import time

import numpy as np
import pygame
import pytest
from x_server import FIRST, SECOND, THIRD, XServer

from live.display import desktop, placing
from live.display.desktop import Monitor
from live.display.performer import GROUND, Performer
from live.display.screens import Output, Screens
from live.display.window import Window

RED, BLACK = (255, 0, 0), (0, 0, 0)
LONGEST = 10.0          # seconds to wait for what must come


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    server = XServer(tmp_path_factory.mktemp('x'))
    server.plug('DUMMY0', FIRST)
    server.plug('DUMMY1', SECOND)
    yield server
    server.stop()


@pytest.fixture
def open_window(server, monkeypatch):
    """Return a function that opens a window there and fills it with red."""
    monkeypatch.setenv('DISPLAY', server.name)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    monkeypatch.delenv('SDL_VIDEODRIVER', raising=False)
    opened = []

    def open_(**how):
        opened.append(Window('window', (320, 240), **how))
        assert opened[-1].mode == 'window'
        return opened[-1]
    yield open_
    for window in opened:
        window.close()


def show(window):
    """Show red for a frame, and return what events there were."""
    events = list(window.events())
    window.canvas.clear(1.0, 0.0, 0.0, 1.0)
    window.flip()
    return events


def seen_in(server, window, where):
    """Return whether red comes to be seen in an area, and nowhere else."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        show(window)
        red = (server.grab() == RED).all(2)
        left, top, width, height = where
        if red[top:top + height, left:left + width].all() and red.sum() == width * height:
            return True
    return False


def test_monitors_have_names_and_places(open_window):
    assert open_window()._watch.monitors[:2] == [Monitor(0, 'DUMMY0', FIRST), Monitor(1, 'DUMMY1', SECOND)]


@pytest.mark.parametrize('wanted, area', [('DUMMY0', FIRST), ('dummy1', SECOND), (1, SECOND)])
def test_fullscreen_fills_the_monitor_that_was_asked_for(server, open_window, wanted, area):
    window = open_window(monitor=wanted, fullscreen=True)
    assert seen_in(server, window, area) and window.size == area[2:]


def test_a_window_stands_in_the_middle_of_its_monitor_and_keeps_its_textures(server, open_window):
    window = open_window(monitor='DUMMY1')
    kept = window.ctx.texture((1, 1), 4, b'kept')
    assert seen_in(server, window, (1264, 180, 320, 240))
    window.toggle_fullscreen()
    assert seen_in(server, window, SECOND)
    window.toggle_fullscreen()
    assert seen_in(server, window, (1264, 180, 320, 240)) and kept.read() == b'kept'


def test_outputs_cover_their_monitors(server, open_window):
    screens = Screens((Output('DUMMY0', part=(0, 0, 0.5, 1)), Output('DUMMY1', part=(0.5, 0, 1, 1), gamma=2.0)))
    window = open_window(fullscreen=True, screens=screens)
    for _ in range(10):
        list(window.events())
        window.canvas.clear(0.5, 0.0, 0.0, 1.0)
        window.flip()
    seen = server.grab()
    assert window.size == (2048, 768)
    assert np.abs(seen[700, 1000].astype(int) - (127, 0, 0)).max() <= 1
    assert np.abs(seen[550, 1800].astype(int) - (64, 0, 0)).max() <= 1 and tuple(seen[700, 1500]) == BLACK


def test_the_performer_sees_figures_on_the_other_monitor(server, open_window):
    window = open_window(monitor='DUMMY0', fullscreen=True)
    performer = Performer(window.ctx)
    performer.place(window.other_monitor())
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        show(window)
        performer.draw(['figures'], window.canvas, 0.0)
        seen = server.grab()
        if tuple(seen[560, 1424]) == GROUND and tuple(seen[5, 5]) == RED:
            break
    performer.release()
    assert tuple(seen[560, 1424]) == GROUND and (seen[:768, :1024] == RED).all()


def test_a_monitor_that_is_plugged_in_is_taken(server, open_window):
    window = open_window(monitor='DUMMY2', fullscreen=True)
    assert window.messages[0].startswith('monitor DUMMY2 is not there (connected: 0: DUMMY0, 1024x768; 1: DUMMY1')
    assert seen_in(server, window, (352, 264, 320, 240))
    server.plug('DUMMY2', THIRD)
    assert seen_in(server, window, THIRD) and window.size == (640, 480)


def test_a_monitor_that_is_lost_is_found_again(server, open_window, monkeypatch):
    """The dummy driver never says that a monitor is gone, so that SDL would notice: its list is cut here."""
    window = open_window(monitor='DUMMY1', fullscreen=True)
    kept = window.ctx.texture((1, 1), 4, b'kept')
    assert seen_in(server, window, SECOND)
    with monkeypatch.context() as pulled:
        pulled.setattr(placing, 'list_monitors', lambda: [m for m in desktop.list_monitors() if m.name != 'DUMMY1'])
        assert seen_in(server, window, (352, 264, 320, 240))        # a window on the first that is left
    assert seen_in(server, window, SECOND) and kept.read() == b'kept'


def test_the_screen_saver_is_kept_off(open_window):
    open_window()
    assert not pygame.display.get_allow_screensaver()
