import numpy as np
import pygame
import pytest

from live.display.desktop import Monitor
from live.display.renderer import Renderer, Scene
from live.display.screens import Output, Screens
from live.display.shaders import Paste
from live.display.window import Window, choose_display
from live.params import Board


@pytest.fixture
def window():
    made = Window('offscreen', (320, 180))
    list(made.events())
    yield made
    made.close()


@pytest.mark.parametrize('name', ['auto', 'window'])
def test_without_a_screen_it_draws_offscreen_and_says_why(monkeypatch, name):
    monkeypatch.setattr('live.display.window.LINUX', True)
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    assert choose_display(name) == ('offscreen', 'neither DISPLAY nor WAYLAND_DISPLAY is set, so there is no screen')


@pytest.mark.parametrize('variable', ['DISPLAY', 'WAYLAND_DISPLAY'])
def test_with_a_screen_there_is_a_window(monkeypatch, variable):
    monkeypatch.setenv(variable, 'somewhere')
    assert choose_display('auto')[0] == choose_display('window')[0] == 'window'


@pytest.mark.parametrize('name', ['offscreen', 'none'])
def test_what_is_asked_for_is_taken(name):
    assert choose_display(name) == (name, 'it was asked for')


def test_a_misspelt_display_gets_a_hint():
    with pytest.raises(ValueError, match="display 'ofscreen' is none of .* did you mean offscreen"):
        choose_display('ofscreen')


def test_what_is_drawn_can_be_read_before_and_after_flip(window):
    window.canvas.clear(1.0, 0.0, 0.2, 1.0)
    before = window.read()
    window.flip()
    assert before.shape == (180, 320, 4) and (before == (255, 0, 51, 255)).all()
    assert np.array_equal(window.read(), before)


def test_flip_brings_the_canvas_to_the_screen(window):
    window.canvas.clear(0.0, 1.0, 0.0, 1.0)
    window.flip()
    window.canvas.clear()
    assert window.ctx.screen.read(viewport=(0, 0, 1, 1)) == b'\x00\xff\x00'


def test_row_0_is_on_top(window):
    picture = window.ctx.texture((1, 2), 4, bytes([0, 0, 0, 255, 255, 255, 255, 255]))
    picture.repeat_y = False
    Paste(window.ctx).draw(picture, window.canvas, (0, 0, *window.size))
    assert window.read()[0, 0, 0] == 255 and window.read()[-1, 0, 0] == 0


def test_keys_and_quit_become_pairs_of_words(window):
    for key in (pygame.K_f, pygame.K_ESCAPE):
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert list(window.events()) == [('key', 'f'), ('key', 'escape'), ('quit', '')]
    assert list(window.events()) == []


@pytest.mark.parametrize('fullscreen', [False, True])
def test_a_monitor_that_is_missing_is_named_and_done_without(fullscreen):
    window = Window('offscreen', (64, 48), monitor=7, fullscreen=fullscreen)
    window.close()
    assert window.messages[0].startswith('monitor 7 is not there (connected: 0: ') and window.size == (64, 48)


def test_fullscreen_fills_the_monitor_and_comes_back(window):
    desktop = pygame.display.get_desktop_sizes()[0]
    window.toggle_fullscreen()
    assert list(window.events()) == [('resize', '')] and window.size == desktop
    window.toggle_fullscreen()
    assert list(window.events()) == [('resize', '')] and window.size == (320, 180)


def test_the_pointer_is_hidden_in_fullscreen(window):
    window.toggle_fullscreen()
    assert not pygame.mouse.get_visible()
    window.toggle_fullscreen()
    assert pygame.mouse.get_visible()


def test_the_picture_survives_a_change_of_mode(window):
    renderer = Renderer(window.ctx, window.size)
    for _ in range(2):
        window.toggle_fullscreen()
        list(window.events())
        renderer.resize(window.size)
        renderer.rebuild()
        renderer.draw(Scene(0.0, Board()))
        renderer.show(window.canvas)
        window.flip()
        assert np.array_equal(window.read(), renderer.read()) and renderer.read()[..., :3].mean() > 5


def test_a_window_may_start_in_fullscreen():
    window = Window('offscreen', (64, 64), fullscreen=True)
    size, desktop = window.size, pygame.display.get_desktop_sizes()[0]
    window.close()
    assert size == desktop


def test_two_windows_one_after_the_other():
    for colour in (1.0, 0.0):
        window = Window('offscreen', (48, 32))
        window.canvas.clear(colour, 1.0 - colour, 0.0, 1.0)
        window.flip()
        assert window.read()[0, 0, 0] == 255 * colour
        window.close()


def test_a_screen_that_does_not_answer_is_done_without(monkeypatch):
    monkeypatch.setattr('live.display.window.LINUX', True)
    monkeypatch.setenv('DISPLAY', ':4095')
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    monkeypatch.delenv('SDL_VIDEODRIVER', raising=False)
    window = Window('window', (64, 64))
    window.close()
    assert window.mode == 'offscreen' and 'so the picture is drawn without a screen' in window.messages[0]


def colour_at(window, x, y):
    """Return the colour that the screen shows, from left and top."""
    return tuple(window.ctx.screen.read(viewport=(x, window._window_size[1] - 1 - y, 1, 1)))


def test_a_monitor_shows_the_picture_as_its_output_says():
    window = Window('offscreen', (64, 64), fullscreen=True, screens=Screens((Output(0, gamma=2.0),)))
    window.canvas.clear(0.5, 1.0, 0.0, 1.0)
    window.flip()
    shown = colour_at(window, 10, 757)
    window.close()
    assert shown == (64, 255, 0) and window.size == (1024, 768)


def test_outputs_stand_side_by_side_in_a_window():
    halves = Output(0, part=(0, 0, 0.5, 1)), Output(1, part=(0.5, 0, 1, 1), flip='vertical')
    window = Window('offscreen', (200, 50), screens=Screens(halves))
    window.canvas.clear(1.0, 0.0, 0.0, 1.0, viewport=(100, 0, 100, 25))
    window.flip()
    shown = [colour_at(window, x, y)[0] for x, y in ((20, 40), (150, 10), (150, 40))]
    window.close()
    assert window.size == (200, 50) and shown == [0, 255, 0]


@pytest.fixture
def plugged(monkeypatch):
    """The monitors that are plugged in; put others in, or take them out."""
    there = [Monitor(0, 'inside', (0, 0, 1024, 768)), Monitor(1, 'beamer', (1024, 0, 640, 480))]
    monkeypatch.setattr('live.display.placing.list_monitors', lambda: list(there))
    return there


def test_a_monitor_that_is_lost_is_done_without_until_it_is_found(plugged, monkeypatch):
    monkeypatch.setattr('live.display.placing.EVERY', 0.0)
    areas = []
    monkeypatch.setattr('live.display.window.place_window', lambda *where, **how: areas.append((*where, how)) or True)
    window = Window('offscreen', (100, 80), monitor='beamer', fullscreen=True)
    kept = window.ctx.texture((1, 1), 4, b'kept')
    beamer = plugged.pop()
    assert ('screens', 'monitor 1: beamer, 640x480 is gone') in list(window.events())
    inside = plugged.pop()
    list(window.events())       # all are gone: nothing moves
    plugged[:] = inside, beamer
    assert ('screens', 'monitor 1: beamer, 640x480 is there') in list(window.events())
    window.flip()
    assert kept.read() == b'kept'
    window.close()
    full, small = (beamer.area, True, {'bordered': False}), ((462, 344, 100, 80), False, {'bordered': True})
    assert areas == [full, small, full]


def test_without_sdl_itself_there_is_fullscreen_nevertheless(monkeypatch):
    monkeypatch.setattr('live.display.desktop._library', lambda: None)
    window = Window('offscreen', (64, 48), fullscreen=True)
    desktop = pygame.display.get_desktop_sizes()[0]
    sizes = [window.size]
    window.toggle_fullscreen()
    list(window.events())
    sizes.append(window.size)
    window.close()
    assert sizes == [desktop, (64, 48)]


def test_another_monitor_is_one_that_the_picture_is_not_on(plugged):
    window = Window('offscreen', (64, 48), monitor='beamer', fullscreen=True)
    assert window.other_monitor() == plugged[0] and window.other_monitor('beamer') == plugged[1]
    window.close()
    window = Window('offscreen', (64, 48))
    assert window.other_monitor() == plugged[1] and window.other_monitor('nothing') is None
    window.close()
