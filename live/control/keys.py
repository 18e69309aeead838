"""Keys of the window -> Desk. In: names of keys as they are pressed. Out: what the window itself has to do.

    Enter, right   go: the next cue                 S   safe, and back          Esc, Esc   leave (the second within 2 s)
    left           back: the cue before             P   panic, and back         F          fullscreen
    W              hold (wait), and go on           B   blackout, and back      H          figures over the picture
    1 .. 9, 0      recall scene 1 .. 10             T   tap the tempo           R          record, and end
    up, down       main level by 1 dB               U   undo      Y   redo      Space      freeze the picture
    Page down, Page up   next patch, patch before   K   keep the last minutes   L          learn what was moved last

Runs on the window's thread; knows nothing of windows.
"""
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from live.control.desk import Desk

LEAVE_TIME = 2.0        # seconds in which Esc must be pressed again
GAIN_STEP_DB = 1.0
ACTION_OF = {'return': 'go', 'enter': 'go', 'right': 'go', 'left': 'back', 'w': 'hold', 's': 'safe', 't': 'tap',
             'u': 'undo', 'y': 'redo', 'r': 'record', 'k': 'keep', 'page down': 'patch_next', 'page up': 'patch_back'}


class Answer(NamedTuple):
    """What the window has to do: '', 'leave' or 'fullscreen'; and what it may show."""
    action: str = ''
    message: str = ''


class Keys:
    """The keys and what they do; `press` one."""

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        self.desk, self._clock = desk, clock
        self._leave_until = -1.0
        self._actions: dict[str, Callable[[], Answer]] = {
            'escape': self._leave,
            'f': lambda: Answer('fullscreen'),
            'b': lambda: self._switch('stage.blackout'),
            'space': lambda: self._switch('stage.freeze'),
            'h': lambda: self._switch('stage.overlay'),
            'p': self._panic,
            **{key: partial(self._act, action) for key, action in ACTION_OF.items()},
            **{str(number % 10): partial(self._act, 'recall', number) for number in range(1, 11)},
            'up': lambda: self._gain(GAIN_STEP_DB),
            'down': lambda: self._gain(-GAIN_STEP_DB),
        }

    def lock(self) -> None:
        """Let keys do nothing any more but leave."""
        self._actions = {'escape': self._leave}

    def add(self, name: str, action: Callable[[], str]) -> None:
        """Let a key do something more, which returns what may be shown."""
        self._actions[name] = lambda: Answer(message=action())

    def press(self, name: str) -> Answer:
        """[main] Do what a key does ('escape', 'f', 'space', 'up' ...); a key without a meaning does nothing."""
        action = self._actions.get(name.lower())
        return action() if action else Answer()

    def _leave(self) -> Answer:
        now = self._clock()
        if now <= self._leave_until:
            return Answer('leave')
        self._leave_until = now + LEAVE_TIME
        return Answer(message='Esc again to leave')

    def _act(self, action: str, number: int | None = None) -> Answer:
        """Do an action; what the desk says to it, also why not, is shown."""
        before = self.desk.message_time
        self.desk.act(action, number)
        return Answer(message=self.desk.message if self.desk.message_time != before else '')

    def _switch(self, name: str) -> Answer:
        self.desk.toggle(name)
        return Answer(message=f'{name.partition(".")[2]} {"on" if self.desk.board[name] else "off"}')

    def _panic(self) -> Answer:
        self.desk.panic()
        return Answer(message='panic: P again to sound' if self.desk.silenced else 'sounding again')

    def _gain(self, step_db: float) -> Answer:
        self.desk.set('stage.gain_db', self.desk.board['stage.gain_db'] + step_db)
        return Answer(message=f'gain {self.desk.board["stage.gain_db"]:g} dB')
