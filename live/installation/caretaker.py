"""The caretaker of an installation: opens and closes it, keeps a picture of it now and then, has the dream renewed.

In: what the file says, a Desk, a View of the picture, ticks of the conductor. Out: parameters of the stage, JPEGs.
Closing: the sound fades in `fade` seconds, then the picture is black and nothing is dreamt (stage.blackout and
stage.freeze); callback and window go on, so that opening is at once. Opening: the picture is there, the sound fades
in. Whoever turns these parameters in between is left alone until the next opening or closing. [control]
"""
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from live.installation.file import Installation
from live.installation.hours import is_open
from live.params import BY_NAME

if TYPE_CHECKING:
    from live.control.desk import Desk
    from live.control.panel.backstage import View

LEVEL = 'stage.gain_db'
SILENCE_DB = BY_NAME[LEVEL].low
MOST_PICTURES = 14 * 24         # kept; the oldest go


class Caretaker:
    """renew: builds the dream anew. folder: of the thumbnails. opened: whether it is open, None before the first look.

    clock: the local time; renewals, pictures: how many there were.
    """

    def __init__(self, said: Installation, desk: 'Desk', view: 'View | None', renew: Callable[[], None], folder: Path,
                 clock: Callable[[], datetime] = datetime.now) -> None:
        self._said, self._desk, self._view, self._renew = said, desk, view, renew
        self._folder, self._clock = folder, clock
        self.opened: bool | None = None
        self.renewals = self.pictures = 0
        self._fading: float | None = None       # when it began, on the conductor's clock
        self._today = clock().date() if said.recycle and clock().time() >= said.recycle else None
        self._next_picture = 0.0
        self._looked_since: int | None = None   # count of the view when a picture was wanted

    def tick(self, now: float) -> bool:
        """[control] Do what is due; True while the sound fades."""
        wall = self._clock()
        wanted = is_open(self._said.hours, wall)
        if wanted != self.opened:
            self._turn(wanted, now)
        self._recycle(wall)
        self._photograph(wall, now)
        return self._fade(now)

    def _turn(self, opens: bool, now: float) -> None:
        """Begin to open or to close; at the first look there is nothing to fade from."""
        first, self.opened = self.opened is None, opens
        self._fading = now - (self._said.fade if first and not opens else 0.0)
        if opens:
            self._desk.set('stage.blackout', 0)
            self._desk.set('stage.freeze', 0)
            if self._desk.cues.setlist and not self._desk.cues.number:
                self._desk.cues.begin(self._desk.cues.asked or 1)
        if not first or not opens:
            self._desk.say('the installation opens' if opens else 'the installation closes')

    def _fade(self, now: float) -> bool:
        if self._fading is None:
            return False
        part = min(1.0, (now - self._fading) / self._said.fade) if self._said.fade else 1.0
        loud = part if self.opened else 1 - part
        self._desk.set(LEVEL, SILENCE_DB + loud * (self._said.gain_db - SILENCE_DB))
        if part < 1:
            return True
        self._fading = None
        if not self.opened:
            self._desk.set('stage.blackout', 1)
            self._desk.set('stage.freeze', 1)
        return False

    def _recycle(self, wall: datetime) -> None:
        """Renew the dream once a day, when its time has come."""
        due = self._said.recycle
        if due is None or wall.time() < due or wall.date() == self._today:
            return
        self._today = wall.date()
        self.renewals += 1
        self._desk.say('the dream is built anew')
        self._renew()

    def _photograph(self, wall: datetime, now: float) -> None:
        """Ask for a picture when one is due, and keep it when it is there."""
        view = self._view
        if view is None or not self._said.thumbnails or now < self._next_picture:
            return
        if self._looked_since is None:
            self._looked_since = view.count
        view.look()
        if view.count > self._looked_since + 1:         # the one on its way may be old
            self._looked_since, self._next_picture = None, now + 60 * self._said.thumbnails
            self.pictures += 1
            threading.Thread(target=self._keep, args=[view.jpeg(), f'{wall:%Y-%m-%d %H.%M.%S}.jpg'],
                             daemon=True).start()

    def _keep(self, jpeg: bytes, name: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside = self._folder / f'.{name}'
            beside.write_bytes(jpeg)
            beside.replace(self._folder / name)
            for old in sorted(self._folder.glob('*.jpg'))[:-MOST_PICTURES]:
                old.unlink()
        except OSError as error:
            self._desk.say(f'the picture {name} cannot be kept: {error.strerror}')
