"""What is seen: slices and dreams -> renderer -> window, and what looks at the picture besides. [main]

It also gives back: the picture that the next dream begins from, the picture that a layer sounds, and its age.
"""
import time
from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from live.control.gamepad import Gamepad
from live.control.keys import Keys
from live.control.panel.backstage import VIEW_SIDE, View
from live.diffusion.init_image import InitImage, InitSources
from live.signals import Picture
from live.stages import Settings, Sound, say, show
from live.wires import Latest

if TYPE_CHECKING:
    from live.display.screens import Screens
    from live.share.sharing import Sharing

WINDOW_SIZE, OFFSCREEN_SIZE = (1280, 720), (640, 360)
OFFSCREEN_FPS = 30.0    # nobody is watching: what a recording needs
REST = 0.5              # of the time that a frame took, left to the dream where this machine draws too slowly
RECORD_FPS = 30.0
INIT_EVERY = 8          # frames from one picture for dreams to begin from to the next, at most, while dreams come
MOTES_EVERY = 90        # and where nothing dreams
INIT_SIZE = 256, 256    # before the first dream tells what it wants
LATELY = 64             # pictures whose age tells the latency
MESSAGE_TIME = 5.0      # seconds a message stays on the screen


class Vision:
    """Window, renderer and overlay, and what has been seen so far."""

    def __init__(self, settings: Settings, mode: str, reason: str, sound: Sound, sources: InitSources,
                 gamepad: Gamepad, screens: 'Screens | None' = None) -> None:
        from live.display.overlay import Overlay
        from live.display.performer import Performer
        from live.display.renderer import Renderer
        from live.display.shared_upload import SharedUpload
        from live.display.small_view import SmallView
        from live.display.window import Window
        size = settings.size or (WINDOW_SIZE if mode == 'window' else OFFSCREEN_SIZE)
        self.window = Window(mode, size, settings.monitor, settings.fullscreen or screens is not None, screens=screens)
        self._performer_monitor = settings.performer
        self.performer = Performer(self.window.ctx)
        self.view: View | None = None               # where the page looks at the picture
        self.sharing: Sharing | None = None         # where other programs look at it
        self._small = SmallView(self.window.ctx, VIEW_SIDE)
        self._message, self._message_until = '', 0.0
        share = SharedUpload(self.window.ctx, self._tell_sharing) if settings.share_gl else None
        self.renderer = Renderer(self.window.ctx, self.window.size, share=share, guarded=settings.guarded)
        self.overlay = Overlay(self.window.ctx)
        self.reason = reason
        self.sound, self.keys, self.gamepad = sound, Keys(sound.desk), gamepad
        self.pictures: Latest[Picture | None] = Latest()     # None: nothing dreams
        self.init: Latest[np.ndarray] = Latest()         # what the next dream begins from
        self.sources = sources
        self._init_image = InitImage(sources, sound.arena.slices, sound.arena.samplerate)
        self._init_frame = 0
        self._guarded = 0                               # interventions of the guard that have been told
        self.frames = self._shown = 0                   # of the frame: the sample that was heard with it
        self.ages: deque[float] = deque(maxlen=512)     # ms from the end of a slice to its picture being seen
        self._slices = sound.arena.slices.reader()
        self._slice: Any = None                         # the newest SLICE
        self._seen: Picture | None = None
        self._times: deque[float] = deque(maxlen=60)
        self._next = self._next_recorded = self._woke = time.monotonic()
        sources.start()
        say('picture', f'{self.window.mode}, because {reason}; {self.window.renderer_name}')
        for message in self.window.messages:
            say('', message)
        self._place_performer()

    @property
    def fps(self) -> float:
        times = tuple(self._times)
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0

    @property
    def latency(self) -> float:
        """Seconds from sound to picture, as lately measured."""
        ages = tuple(self.ages)[-LATELY:]
        return float(np.median(ages)) / 1000 if ages else 0.0

    def frame(self, lines: Iterable[str], film=None) -> bool:
        """[main] Show one frame; False when the performer wants to leave."""
        from live.display.renderer import Scene
        self._record(film)
        if not self._take_events():
            return False
        self._give_view()
        newest = self._slices.newest()
        if newest is not None:
            self._slice = newest
        sound, picture = self.sound, self.pictures.get()
        self.renderer.draw(Scene(time.monotonic(), sound.arena.sounding, self._slice, picture, sound.arena.samplerate,
                                 sound.sample_now, sound.desk.patch.shaders))
        self.renderer.show(self.window.canvas)
        self._overlay(lines)
        self.window.flip()
        self._shown = sound.sample_now
        self._tell_guard()
        self._count(picture)
        self._pace()
        return True

    def _take_events(self) -> bool:
        for kind, key in self.window.events():
            if kind == 'quit':
                return False
            if kind == 'resize':
                self.renderer.resize(self.window.size)
            elif kind == 'pad':
                self.gamepad.handle(*key)
            elif kind == 'key':
                answer = self.keys.press(key)
                if answer.message:
                    self._show_message(answer.message)
                if answer.action == 'leave':
                    return False
                if answer.action == 'fullscreen':
                    self.window.toggle_fullscreen()
                    self._moved()
            elif kind == 'screens':
                say('picture', key)
                self._show_message(key)
                self._moved()
            elif kind == 'close':
                self.performer.closed(key)
        return True

    def _moved(self) -> None:
        """The window is on other monitors: make again what it may have lost."""
        for thing in (self.renderer, self._small, self.performer):
            thing.rebuild()
        self._place_performer()

    def _place_performer(self) -> None:
        if self._performer_monitor is not None:
            self.performer.place(self.window.other_monitor(self._performer_monitor))

    def _give_view(self) -> None:
        """Copy the last frame for the page, or give it the copy made a frame ago."""
        if self.view is None:
            return
        if (pixels := self._small.take()) is not None:
            self.view.put(pixels)
        elif self.view.due():
            self._small.draw(self.renderer.frame)

    def _record(self, film) -> None:
        """Offer the frame before: the graphics card has made it by now, so that nothing is waited for."""
        now = time.monotonic()
        recorded = film is not None and film.wanted and now >= self._next_recorded
        shared = self.sharing is not None and self.sharing.due(now)
        if not self.frames or not (recorded or shared):
            return
        pixels = self.renderer.read()
        if recorded:
            film.add_picture(pixels, self._shown)
            self._next_recorded = max(self._next_recorded + 1 / RECORD_FPS, now - 1 / RECORD_FPS)
        if shared and self.sharing is not None:
            self.sharing.send(pixels, self._shown, now)

    def _tell_guard(self) -> None:
        interventions = self.renderer.guard.counts.interventions
        if interventions != self._guarded:
            self._guarded = interventions
            say('guard', f'flashes are softened; times so far: {interventions}')

    def _tell_sharing(self, text: str) -> None:
        say('share', text)
        self._show_message(text)

    def _show_message(self, text: str) -> None:
        self._message, self._message_until = text, time.monotonic() + MESSAGE_TIME

    def _overlay(self, lines: Iterable[str]) -> None:
        now, wanted = time.monotonic(), bool(self.sound.arena.board['stage.overlay'])
        message = [self._message] if now < self._message_until else []
        due = self.performer.due(now)
        figures = list(lines) if wanted or due else []
        if due:
            self.performer.draw(figures + message, self.renderer.frame, now)
        shown = (figures if wanted else []) + ([] if self.performer.open else message)
        self.overlay.draw(self.window.canvas, shown, now)

    def _count(self, picture: Picture | None) -> None:
        """Keep the age of what has just become visible: a new dream, or, without dreams, the motes' slice."""
        self.frames += 1
        self._times.append(time.monotonic())
        if picture is not None and picture is not self._seen:
            self._seen = picture
            self._age(picture.end)
            self._begin(picture)
            show(self.sound.arena, picture.pixels)
        elif picture is not None and self.frames - self._init_frame >= INIT_EVERY:
            self._begin(picture)
        elif picture is None and self._slice is not None:
            self._age(int(self._slice['end']))
            if self.init.count == 0 or self.frames - self._init_frame >= MOTES_EVERY:
                show(self.sound.arena, self._begin(None))

    def _begin(self, picture: Picture | None) -> np.ndarray:
        """Put and return what the next dream begins from, of the size of the last one."""
        size = INIT_SIZE if picture is None else picture.pixels.shape[1::-1]
        seconds = self.sound.sample_now / self.sound.arena.samplerate
        made = self._init_image.make(self.sound.arena.sounding, size, seconds, self.renderer.motes_image,
                                     self.renderer.shaded_image)
        self.init.put(made)
        self._init_frame = self.frames
        return made

    def _age(self, end: int) -> None:
        self.ages.append(1000 * (self.sound.sample_now - end) / self.sound.arena.samplerate)

    def _pace(self) -> None:
        """Wait for the next frame where no monitor does it."""
        if self.window.vsync:
            return
        now = time.monotonic()
        self._next = max(self._next + 1 / OFFSCREEN_FPS, now - 1 / OFFSCREEN_FPS)
        time.sleep(find_rest(self._next - now, now - self._woke))
        self._woke = time.monotonic()

    def close(self) -> None:
        self.sources.stop()
        self.performer.release()
        self.window.close()


def find_rest(early: float, took: float) -> float:
    """Return seconds to sleep after a frame that is so early and took so long: never a frame right after a slow one.

    One core was measured to dream 9 times a second beside a window that drew without a rest, and 28 times beside this.
    """
    return max(early, REST * took)
