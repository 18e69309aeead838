import numpy as np
import pygame
import pytest

from live.display.desktop import list_monitors
from live.display.performer import EVERY, GROUND, Performer, paint
from live.display.window import Window


@pytest.fixture
def window():
    made = Window('offscreen', (64, 48))
    list(made.events())
    yield made
    made.close()


@pytest.fixture
def performer(window):
    made = Performer(window.ctx)
    yield made
    made.release()


def shown(surface):
    return np.frombuffer(pygame.image.tobytes(surface, 'RGB'), np.uint8).reshape(*surface.get_size()[::-1], 3)


def test_the_picture_stands_above_and_the_lines_below(performer):
    surface = shown(paint(['one', 'two'], np.full((9, 16, 4), 250, np.uint8), (400, 400)))
    bright = (surface != GROUND).any(2)
    assert (surface[20:220, 30:370] == 250).all() and bright[240:].any() and not bright[:20].any()


@pytest.mark.parametrize('size', [(200, 100), (500, 700), (1600, 900)])
def test_long_lines_fit(performer, size):
    surface = shown(paint(['the quick brown fox jumps over it'] * 5, None, size))
    assert (surface != GROUND).any() and (surface[:, -10:] == GROUND).all()


def test_it_opens_and_closes_with_its_monitor(window, performer):
    monitor = list_monitors()[0]
    assert not performer.open and not performer.due(0.0)
    performer.place(monitor)
    assert performer.open and performer.due(0.0)
    performer.draw(['a line'], window.canvas, 0.0)
    assert not performer.due(EVERY / 2) and performer.due(EVERY)
    performer.place(None)
    assert not performer.open


def test_it_takes_nothing_from_the_picture(window, performer):
    performer.place(list_monitors()[0])
    window.canvas.clear(0.0, 1.0, 0.0, 1.0)
    for now in range(3):
        performer.draw(['a line'], window.canvas, now)
    assert (performer._pixels[..., :3] == (0, 255, 0)).all()
    window.flip()
    assert window.ctx.screen.read(viewport=(5, 5, 1, 1)) == b'\x00\xff\x00'


def test_closing_it_ends_nothing_else(window, performer):
    monitor = list_monitors()[0]
    performer.place(monitor)
    pygame.event.post(pygame.event.Event(pygame.WINDOWCLOSE, window=performer._window))
    (kind, closed), = [event for event in window.events() if event[0] in ('close', 'quit')]
    performer.closed(closed)
    performer.place(monitor)        # the same as before: it stays closed
    assert kind == 'close' and not performer.open
