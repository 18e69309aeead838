"""The instrument: builds the stages, joins them, runs the window loop. The only module that knows them all.

Order of the start: sound, then control, picture, dream; so the sound is there first, and nothing that is slow to load
or missing keeps it waiting. Every automatic choice is printed once with its reason. [main]
"""
import json
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from live.diffusion.processor import share_arenas
from live.ears import open_ears
from live.installed import Installed, dress_settings, read_installation
from live.report import overlay_lines, status
from live.recording import Recording
from live.stages import Settings, Sound, make_loader, say
from live.steering import Control, Course, read_map
from live.terminal import StatusLine
from live.vision import Vision

if TYPE_CHECKING:
    from live.control.panel.server import Panel
    from live.diffusion.dream import Dream
    from live.share.sharing import Sharing

STATUS_TIME = 1.0       # seconds from one status file to the next
DEMO_SECONDS, DEMO_FILE = 20.0, 'performance.mp4'
BLIND_TIME = 0.1        # seconds from a frame that failed to the next
SWITCH_TIME = 0.0005    # seconds a Python thread may hold the lock while MIDI or OSC waits; Python's default is 0.005


class Instrument:
    """All stages together. Any but the sound may be absent."""

    def __init__(self, settings: Settings) -> None:
        from live.diffusion.init_image import InitSources
        from live.diffusion.lora import parse_lora
        from live.diffusion.models import choose_model
        from live.display.screens import find_screens, load_screens
        from live.display.window import choose_display
        self.settings = settings
        said = read_installation(settings.installation) if settings.installation else None
        if said:
            dress_settings(settings, said)
        self.screens = load_screens(find_screens(settings.screens)) if settings.screens else None
        self.map = read_map(settings.map)
        self.control: Control | None = None
        self.vision: Vision | None = None
        self.dream: Dream | None = None
        self.panel: Panel | None = None
        self.began: dict[str, float] = {}       # wall-clock time of the first sound, window, dream
        self.ended = threading.Event()
        self.mode, self.mode_reason = choose_display(settings.display)
        self.model, self.model_reason = choose_model(settings.model)
        self.loras = tuple(map(parse_lora, settings.lora))
        self.sources = InitSources(settings.image, settings.camera, lambda text: say('init', text))
        self.sound = Sound(settings)
        self.ears = open_ears(settings.classifier, self.sound) if settings.classifier else None
        self.course = Course(settings, self.sound.desk)
        self.recording = Recording(settings, self.sound, self.model)
        self.takes = self.recording.takes
        self.sharing = self._make_sharing()
        self.installed = Installed(self, said)
        self._plan_demo()
        self._next_status = 0.0
        self._blind = ''                        # why there is no picture

    def _make_sharing(self) -> 'Sharing | None':
        words = list(self.settings.share)
        if not words:
            return None
        if self.mode == 'none':
            raise ValueError('--share: there is no picture to give with --display none')
        from live.share.sharing import Sharing
        return Sharing(words, self.settings.lan, partial(say, 'share'))

    def _plan_demo(self) -> None:
        """With neither sound card nor screen, and nothing asked for, play a while into a file and say so."""
        s = self.settings
        if s.installation:
            return
        alone = s.audio == s.display == 'auto' and self.sound.choice.backend == 'clock' and self.mode == 'offscreen'
        if alone and s.seconds is None and s.record is None:
            s.seconds, s.record = DEMO_SECONDS, DEMO_FILE
            print(f'There is neither a sound card nor a screen here: playing {DEMO_SECONDS:g} s into {DEMO_FILE}.')

    def start(self) -> None:
        self.sound.start()
        self.began['sound'] = time.time()
        self.course.start()
        if self.ears:
            self.ears.start()
        self.control = Control(self.settings, self.sound.desk, self.map)
        if self.mode != 'none':
            self._open_window(self.control)
        if self.sharing:
            self.sharing.start()
        self.recording.start(self.vision)
        self._open_page()
        self._start_dream()
        self.installed.start()

    def _open_window(self, control: Control) -> None:
        """Begin the picture; what plays goes on without one that cannot be had."""
        try:
            self.vision = Vision(self.settings, self.mode, self.mode_reason, self.sound, self.sources,
                                 self.course.gamepad, self.screens)
        except Exception as error:      # whatever a driver of a screen raises
            self.mode = 'none'
            say('picture', f'none: {error}')
            return
        self.vision.keys.add('l', control.midi.learn.turn_over)
        self.vision.sharing = self.sharing
        self.sound.desk.scenes.latency = lambda: self.vision.latency if self.vision else 0.0
        self.began['window'] = time.time()

    def _open_page(self) -> None:
        if self.settings.panel is not None:
            from live.page import open_page
            self.panel = open_page(self, self.settings.panel)

    def _start_dream(self) -> None:
        say('dream', self.model_reason)
        if self.model == 'off' or self.vision is None:
            return
        from live.diffusion.dream import Dream
        from live.diffusion.models import list_fallbacks
        sound = self.sound
        load, condition = make_loader(self.model, lambda: sound.desk.patch.seed, sound.arena, sound.prompts,
                                      sound.desk.negative, self.loras, self.settings.compile)
        self.dream = Dream(load, condition, sound.arena.sounding, self.vision.pictures, self.vision.init,
                           (self.model, *list_fallbacks(self.model)), partial(say, 'dream'),
                           wishes=sound.arena.board)
        self.dream.start()

    def run(self) -> None:
        """[main] Show frames until the time is over, the performer leaves, or `ended` is set."""
        line = StatusLine()
        try:
            self._run(line)
        finally:
            line.close()

    def _run(self, line: StatusLine) -> None:
        last = round((self.settings.seconds or 0) * self.sound.arena.samplerate)
        while not self.ended.is_set() and not (last and self.sound.arena.frames >= last):
            self.sound.follow_desk()
            if self.vision is None:
                time.sleep(0.02)
            elif not self._show(self.vision):
                break
            if 'dream' not in self.began and self.dream and self.dream.stats.frames:
                self.began['dream'] = time.time()
            self._write_status()
            line.show(self)

    def _show(self, vision: Vision) -> bool:
        """Show a frame; False when the performer wants to leave. One that fails is told of, and the next one tried."""
        try:
            going, self._blind = vision.frame(overlay_lines(self), self.recording.film), ''
            return going
        except Exception as error:      # whatever a driver of a screen raises: the sound goes on
            if (trouble := f'no picture: {error}') != self._blind:
                self._blind = trouble
                say('picture', trouble)
                self.sound.desk.say(trouble)
            time.sleep(BLIND_TIME)
            return True

    def stop(self) -> None:
        """End in the order that keeps the sound longest; every step has a time limit."""
        self.installed.stop()
        if self.dream and not self.dream.stop():
            say('dream', 'did not end in time and is left behind')
        if self.ears:
            self.ears.stop()
        if self.panel:
            self.panel.stop()
        if self.control:
            self.control.stop()
        if self.sharing:
            self.sharing.stop()
        self.course.stop()
        self.recording.stop()
        if not self.sound.stream.stop():
            say('sound', 'the driver does not answer; it is left behind')
        self._write_status(force=True)
        if self.vision:
            self.vision.close()

    def _write_status(self, force: bool = False) -> None:
        now = time.monotonic()
        if self.settings.status_json and (force or now >= self._next_status):
            self._next_status = now + STATUS_TIME
            write_atomically(Path(self.settings.status_json), json.dumps(status(self)))


def write_atomically(path: Path, text: str) -> None:
    """Replace a file so that a reader sees the old or the new one, never half of it."""
    beside = path.with_name(f'.{path.name}.{os.getpid()}')
    try:
        beside.write_text(text)
        beside.replace(path)
    except OSError as error:
        say('status', f'{path} cannot be written: {error.strerror}')


@contextmanager
def leaving_on_signals():
    """Let SIGTERM end the performance as Ctrl-C does."""
    def leave(number, frame):
        raise KeyboardInterrupt
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def play(settings: Settings) -> int:
    """[main] Perform until the end; return the exit code."""
    sys.setswitchinterval(SWITCH_TIME)
    share_arenas()
    instrument = Instrument(settings)
    with leaving_on_signals():
        try:
            instrument.start()
            instrument.run()
        except KeyboardInterrupt:
            print()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):      # every step has a time limit: once is enough
                signal.signal(number, signal.SIG_IGN)
            instrument.stop()
    return 0
