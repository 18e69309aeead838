"""A picture that fails: the sound goes on, and the picture comes back."""
from types import SimpleNamespace

import pytest

import live.app as room
from live.app import Instrument
from live.stages import Settings


@pytest.fixture
def instrument(monkeypatch):
    """What of an instrument stands between the window and the rest."""
    monkeypatch.setattr(room, 'overlay_lines', lambda instrument: [])
    monkeypatch.setattr(room, 'BLIND_TIME', 0.0)
    one = Instrument.__new__(Instrument)
    one.settings, one.mode, one.mode_reason, one._blind, one.vision = Settings(), 'window', '', '', None
    one.sources = one.screens = one.sharing = None
    one.course, one.recording = SimpleNamespace(gamepad=None), SimpleNamespace(film=None)
    one.sound = SimpleNamespace(desk=SimpleNamespace(said=[]))
    one.sound.desk.say = one.sound.desk.said.append
    return one


def test_a_frame_that_fails_is_told_once_and_the_next_is_tried(instrument, capsys):
    answers = iter((True, OSError('out of memory'), OSError('out of memory'), True, OSError('out of memory'), False))

    def frame(lines, film):
        if isinstance(answer := next(answers), OSError):
            raise answer
        return answer
    vision = SimpleNamespace(frame=frame)
    assert [instrument._show(vision) for _ in range(6)] == [True] * 5 + [False]
    assert instrument.sound.desk.said == ['no picture: out of memory'] * 2
    assert capsys.readouterr().out.count('no picture: out of memory') == 2


def test_a_picture_that_cannot_be_had_is_told_and_done_without(instrument, monkeypatch, capsys):
    def fail(*parts):
        raise RuntimeError('cannot create a context')
    monkeypatch.setattr(room, 'Vision', fail)
    instrument._open_window(SimpleNamespace())
    assert instrument.vision is None and 'none: cannot create a context' in capsys.readouterr().out
