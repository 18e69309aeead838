"""Between dreams: what is seen from one dream to the next, so that a few a second look like sixty.

In: the newest dream, the Board and the time, once per frame. Out: a texture. Three ways, as display.motion says when a
dream arrives:

    fade       it fades in over display.fade
    flow       what has moved moves there until the next dream is due; where nothing certain is found, it fades
    latent     pictures that were dreamt in between follow each other until the next dream is due; where none were made,
               it flows

Whatever the way, it sets out from what was seen last and comes to the new dream itself: early dreams cut it short, late
ones find it waiting, and none makes the picture jump or go back. When nothing dreams any more, the last one fades away.
A pure function of what was given since `reset`. [main] Knows nothing of engines, threads or windows.
"""
from collections import deque

import moderngl
import numpy as np

from live.display.flow import Flow
from live.display.motion import LONGEST_STEP
from live.display.shaders import Shaders
from live.display.shared_upload import SharedUpload
from live.display.targets import make_target, release_target, texture_of
from live.params import Board
from live.signals import Picture

FADE, LATENT = 0, 2                     # as display.motion counts them; 1 flows
SMALLEST = 16, 16                       # pixels, before the first dream
GAPS = 8                                # between dreams, that are remembered
LONGEST_WAY = 2.0                       # seconds from one dream to the next; slower ones find the last one waiting
LATE, MARGIN = 0.75, 1.1                # so many dreams come in less time; a little more, and it rarely stands still


class Rhythm:
    """When the next dream is due, from how far apart the last ones came."""

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=GAPS)
        self._last: float | None = None

    def arrive(self, seconds: float) -> None:
        """Take in that a dream has come; seconds: on a clock that stands still while the display does."""
        if self._last is not None:
            self._gaps.append(seconds - self._last)
        self._last = seconds

    def due(self, otherwise: float) -> float:
        """Return the seconds from one dream to the next that can be counted on; `otherwise` before the second."""
        return min(LONGEST_WAY, MARGIN * float(np.quantile(self._gaps, LATE))) if self._gaps else otherwise


class Between:
    """The dream as it is seen, on its way from what was seen `before` to the newest.

    share: brings dreams from CUDA without the host. lag: seconds from the arrival of a dream until it is seen as it is.
    """

    def __init__(self, context: moderngl.Context, shaders: Shaders, share: SharedUpload | None = None) -> None:
        self.context, self.shaders, self.share = context, shaders, share
        self._flow = Flow(context, shaders)
        self.now: moderngl.Framebuffer
        self.before: moderngl.Framebuffer
        self._begin()
        self._make(SMALLEST)

    def _begin(self) -> None:
        self._rhythm = Rhythm()
        self._seconds: float | None = None          # on the clock of the sound, at the last frame
        self._time = 0.0                            # seconds that have been drawn
        self._picture: Picture | None = None
        self._leaving = False                       # the last one still fades away
        self._age = 0.0                             # seconds since the newest arrived
        self._lasts: float | None = None            # seconds of its way; None: display.fade
        self._flows = False
        self._stops: tuple = (None,)                # pixels on the way, the dream itself at its end
        self._stop, self._began, self._place = 0, 0.0, 1.0      # the next, the age at which it was set out for, 0..1
        self._left = 0.0                            # of the way before, where this one cut it short
        self._ways: moderngl.Texture | None = None
        self.lag = 0.0

    def draw(self, picture: Picture | None, board: Board, seconds: float) -> moderngl.Texture | None:
        """Return the texture of the dream as it stands at `seconds`, None where there is none.

        A new dream has arrived between two frames, so in the first that shows it, it has begun to be seen: dreams may
        come with every frame, each setting out anew, and are seen nevertheless.
        """
        elapsed = 0.0 if self._seconds is None else min(max(0.0, seconds - self._seconds), LONGEST_STEP)
        self._seconds, self._time, self._age = seconds, self._time + elapsed, self._age + elapsed
        if picture is not self._picture:
            self._take(picture, board, elapsed)
        if self._picture is None and not self._leaving:
            return None
        self.lag = board['display.fade'] if self._lasts is None else self._lasts
        self._choose_stop(self._age - elapsed)
        self._draw()
        self._leaving = self._picture is None and self._place < 1.0
        return texture_of(self.now)

    def _take(self, picture: Picture | None, board: Board, age: float) -> None:
        """Set out for another dream, or for none."""
        motion = int(board['display.motion']) if picture is not None and self._picture is not None else FADE
        self._left = max(0.0, 1.0 - (self._age - age) / self.lag) if self.lag > 0 else 0.0
        self._picture, self._leaving, self._age = picture, picture is None, age
        if picture is not None:
            self._rhythm.arrive(self._time)
        self._lasts = None if motion == FADE else self._rhythm.due(board['display.fade'])
        between = getattr(picture, 'between', ()) if motion == LATENT else ()
        self._stops, self._stop = (*between, None if picture is None else picture.pixels), -1
        self._flows = motion != FADE and not between

    def _choose_stop(self, before: float) -> None:
        """Find the place on the way to the stop that is next; at one that was passed, set out anew from `before`.

        What was left of the way before comes first, so that stops follow each other evenly.
        """
        count, whole = len(self._stops), 1 + self._left
        gone = whole * self._age / self.lag - self._left if self.lag > 0 else 1.0
        stop = min(count - 1, max(0, int(count * gone)))
        if stop > self._stop:
            self._stop, self._began, self._place = stop, before, 0.0
            self._aim(self._stops[stop])
        way = self.lag * (self._left + (stop + 1) / count) / whole - self._began
        self._place = min(1.0, max(self._place, (self._age - self._began) / way if way > 0 else 1.0))

    def _aim(self, pixels: np.ndarray | None) -> None:
        """Put what is seen into `before`, and what it becomes into the upload."""
        if pixels is not None and pixels.shape[1::-1] != self.upload.size:
            self._resize(pixels.shape[1::-1])
        else:
            self.now, self.before = self.before, self.now
        if pixels is not None:
            self._fill(pixels)
        self._ways = self._flow.find(texture_of(self.before), self.upload) if self._flows else None

    def _draw(self) -> None:
        values = {'picture': self.upload, 'before': texture_of(self.before), 'fade': self._place,
                  'there': float(self._picture is not None)}
        if self._ways is None:
            self.shaders['dream'].draw(self.now, values)
        else:
            self.shaders['between'].draw(self.now, {**values, 'ways': self._ways})

    def _fill(self, pixels: np.ndarray) -> None:
        if self.share is None or not self.share.write(self.upload, pixels):
            self.upload.write(np.ascontiguousarray(pixels))

    def _make(self, size: tuple[int, int]) -> None:
        self.upload = self.context.texture(size, 4)
        self.upload.repeat_x = self.upload.repeat_y = False
        self.now, self.before = make_target(self.context, size), make_target(self.context, size)

    def _resize(self, size: tuple[int, int]) -> None:
        """Make the textures in another size; what is seen goes on in `before`."""
        upload, now, before = self.upload, self.now, self.before
        self._make(size)
        self.shaders['dream'].draw(self.before, {'picture': upload, 'before': texture_of(now), 'fade': 0.0})
        self._release(upload, now, before)

    def rebuild(self) -> None:
        """Make the textures again; the newest dream stays, as far faded in as it was."""
        size = self.upload.size
        self.release()
        self._make(size)
        self._ways = None
        if self._picture is not None:
            self._fill(self._stops[self._stop])

    def reset(self) -> None:
        """Forget all that was drawn."""
        self._begin()
        self.rebuild()

    def release(self) -> None:
        self._flow.release()
        self._release(self.upload, self.now, self.before)

    def _release(self, upload: moderngl.Texture, *targets: moderngl.Framebuffer) -> None:
        if self.share is not None:
            self.share.release()
        upload.release()
        for target in targets:
            release_target(target)
