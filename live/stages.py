"""The stages as the instrument holds them: each with its parts joined, each with its reasons printed. [main]

    Sound         patch -> Board -> arena -> stream
    Control       OSC, MIDI -> desk
    Course        tempo, scenes, the set -> desk; what happens -> disk
    Vision        slices, dreams -> renderer -> window
    make_loader   model, prompts -> what the dream's thread calls

What is slow to import is imported when a stage is built, so that the sound need not wait for the rest.
"""
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from live.audio import offline
from live.audio.arena import Arena
from live.audio.devices import choose_stream
from live.audio.kept import KeptStream
from live.audio.priority import raise_priority
from live.control.autosave import Autosave
from live.control.conductor import Conductor
from live.control.desk import Desk
from live.control.gamepad import Gamepad
from live.control.gamepad_map import find_pad, load_pad
from live.control.keys import Keys
from live.control.panel.backstage import VIEW_SIDE, View
from live.control.setlist import find_set, load_set
from live.diffusion.init_image import InitImage, InitSources
from live.params import LAYERS
from live.patch import Patch, find_patch, load_patch
from live.signals import Picture
from live.tuning.tuning import Tuning
from live.wires import Latest

if TYPE_CHECKING:
    from live.control.oscquery import OscQueryServer
    from live.share.sharing import Sharing
    from live.display.screens import Screens

OSC_PORT = 9000
WINDOW_SIZE, OFFSCREEN_SIZE = (1280, 720), (640, 360)
OFFSCREEN_FPS = 30.0    # nobody is watching: what a recording needs
REST = 0.5              # of the time that a frame took, left to the dream where this machine draws too slowly
RECORD_FPS = 30.0
INIT_EVERY = 8          # frames from one picture for dreams to begin from to the next, at most, while dreams come
MOTES_EVERY = 90        # and where nothing dreams
INIT_SIZE = 256, 256    # before the first dream tells what it wants
LATELY = 64             # pictures whose age tells the latency
MESSAGE_TIME = 5.0      # seconds a message stays on the screen
FIRST_SOUND = 2.0       # seconds to wait for the first callback before going on


@dataclass
class Settings:
    """What `live play` was asked for; None and 'auto' leave the choice to the instrument."""
    patch: str = 'bflat'
    audio: str = 'auto'
    device: str | None = None
    samplerate: float | None = None
    blocksize: int = 0
    input: bool = False
    display: str = 'auto'
    monitor: str | None = None
    fullscreen: bool = False
    screens: str | None = None
    performer: str | None = None
    guarded: bool = False       # flashes are softened whether or not stage.guard is on
    size: tuple[int, int] | None = None
    model: str = 'auto'
    lora: Iterable[str] = ()
    compile: bool = False
    share_gl: bool = False
    share: Iterable[str] = ()
    image: str | None = None
    camera: str | None = None
    classifier: str | None = None
    osc_port: int | None = None
    lan: bool = False
    panel: int | None = None
    midi: str | None = None
    midi_clock: str | None = None
    map: str | None = None
    gamepad: str = 'gamepad'
    record: str | None = None
    keep: float | None = None
    set: str | None = None
    safe: str = 'safe'
    resume: bool = False
    installation: str | None = None
    supervised: bool = False    # a supervisor reads what is printed
    seconds: float | None = None
    status_json: str | None = None


def say(stage: str, choice: str) -> None:
    """Print an automatic choice with its reason."""
    print(f'{stage + ":":9}{choice}', flush=True)


class Sound:
    """Arena, desk and stream: what can be heard, and what steers it."""

    def __init__(self, settings: Settings) -> None:
        patch = load_patch(find_patch(settings.patch))
        self.choice = choose_stream(settings.audio, settings.device, settings.samplerate, settings.blocksize,
                                    2 if settings.input else 0)
        self.arena = Arena(self.choice.samplerate, patch.seed, self.choice.inputs)
        self.prompts: Latest[tuple[str, ...]] = Latest(('',))
        self.desk = Desk(self.arena.board, self.arena.events, self.prompts)
        self.desk.use_patch(patch)
        self._worn: tuple[Patch, Tuning] | None = None
        self.follow_desk()
        self._warm(patch.seed)
        self.stream = KeptStream(self.choice, self.arena, self._tell, self._hurry)
        self.priority = ''

    def _warm(self, seed: int) -> None:
        """Compile or load every kernel by using it, then begin from silence."""
        offline.render(self.arena, 1024, np.zeros((1024, self.choice.inputs), np.float32))
        self.arena.reset(seed)

    def follow_desk(self) -> None:
        """[main] Hand the routes and the scale to the sound when the desk has new ones."""
        worn = self.desk.patch, self.desk.tuning
        if self._worn is None or worn[0] is not self._worn[0] or worn[1] is not self._worn[1]:
            if self._worn is None or worn[0].spectra is not self._worn[0].spectra:
                hold(self.arena, worn[0])
            self._worn = worn
            dress(self.arena, *worn, glide=self.desk.glide)

    def start(self) -> None:
        self.stream.start()
        until = time.monotonic() + FIRST_SOUND
        while not self.arena.frames and time.monotonic() < until:
            time.sleep(0.001)
        say('sound', f'{self.choice.backend}, {self.choice.reason}; {self.choice.samplerate:g} Hz')
        if self.choice.backend in ('jack', 'sounddevice'):
            say('', self._hurry())

    def _tell(self, text: str) -> None:
        """Tell of a device lost or found, in the terminal and to the performer."""
        say('sound', text)
        self.desk.say(text)

    def _hurry(self) -> str:
        """Let the thread that plays go before all others; return what came of it."""
        granted, self.priority = raise_priority(int(self.arena.stats['thread']))
        return f'real-time scheduling {"granted" if granted else "not granted"}: {self.priority}'

    @property
    def sample_now(self) -> int:
        """Index of the sample that leaves the speakers now."""
        return max(0, self.arena.frames - round(self.stream.latency * self.arena.samplerate))


def dress(arena: Arena, patch: Patch, tuning: Tuning, glide: float = 0.0) -> None:
    """[control] Give the sound the routes of a patch and the degrees of a tuning, there in `glide` seconds at least."""
    arena.route([row for route in patch.routes for row in route.rows()])
    arena.tune(tuning.scale_cents(), tuning.period_cents, max(glide, tuning.glide))


def hold(arena: Arena, patch: Patch) -> None:
    """[control] Give the frozen layers of a patch the spectra that it brings."""
    for layer, partials in patch.spectra.items():
        hertz, decibels = np.array(partials).T
        arena.freeze(LAYERS.index(layer), hertz, 10 ** (decibels / 20))


def show(arena: Arena, pixels: np.ndarray) -> None:
    """[control] Let a picture sound, if a layer wants one: its light, dark made darker so that lines stay lines."""
    if arena.wants_picture():
        light = pixels[..., :3].mean(2) / 255
        arena.show(np.maximum(0, light - light.mean()) ** 2 / max(1e-3, (1 - light.mean()) ** 2))


class Control:
    """OSC, OSCQuery and MIDI; each may be missing, and then says why."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        from live.control.map_files import find_map
        from live.control.mapping import load_map
        from live.control.midi import MidiInput
        from live.control.osc import OscError, OscServer
        given = None if settings.map in (None, 'auto') else load_map(find_map(settings.map))
        self.midi = MidiInput(desk, settings.midi, given, clock=settings.midi_clock or '')
        port = settings.osc_port or OSC_PORT
        self.osc: OscServer | None = OscServer(desk, port, settings.lan, self.midi.learn)
        try:
            self.osc.start()
            say('osc', f'port {self.osc.port}, ' + ('from the whole network' if settings.lan else 'from this machine'))
        except OscError as error:
            if settings.osc_port:
                raise
            self.osc = None
            say('osc', f'off, because {error}')
        self.query: OscQueryServer | None = None
        self._opening = threading.Thread(target=self._open_query, args=[settings.lan], daemon=True)
        self._opening.start()
        self.midi.start()
        say('midi', f'{"; ".join(self.midi.maps) or "no device yet"}; {self.midi.reason}')

    def _open_query(self, lan: bool) -> None:
        """Answer OSCQuery: beside the start of the rest, for its libraries take a while."""
        if self.osc is None:
            return
        from live.control.oscquery import OscQueryServer
        from live.control.web import WebError
        query = OscQueryServer(self.osc, lan=lan)
        try:
            query.start()
            self.query = query
            say('osc', f'OSCQuery on port {query.port}')
        except WebError as error:
            say('osc', f'OSCQuery is off, because {error}')
        if query.announcement and (reason := query.announcement.wait()):
            say('osc', reason)

    def stop(self) -> None:
        self.midi.stop()
        self._opening.join(2)
        if self.query:
            self.query.stop()
        if self.osc:
            self.osc.stop()


class Course:
    """What happens in time: the conductor, the set, gamepads, and the performance kept on disk."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        desk.scenes.safe_patch = load_patch(find_patch(settings.safe))
        if settings.set:
            setlist = load_set(find_set(settings.set))
            desk.cues.load(setlist)
            say('set', f'{setlist.name}, {len(setlist.cues)} cues')
        self.gamepad = Gamepad(desk, load_pad(find_pad(settings.gamepad)))
        self.conductor = Conductor(desk, [self.gamepad])
        self._autosave = Autosave(desk, say=partial(say, 'state'))
        self._autosave.begin(settings.resume)

    def start(self) -> None:
        self.conductor.start()

    def stop(self) -> None:
        self.conductor.stop()
        self._autosave.end()


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


def make_loader(name: str, seed: Callable[[], int], arena: Arena, prompts: Latest[tuple[str, ...]],
                negative: Latest[str], loras: tuple = (), compiled: bool = False) -> tuple[Callable, Callable]:
    """Return the two functions that the dream's thread calls: load an engine for a rung, and condition it.

    seed: of the patch as it is now.
    """
    from live.diffusion.ladder import Rung
    conditioners: WeakKeyDictionary = WeakKeyDictionary()       # by engine: one that hung may end loading late

    def load(rung: Rung = Rung(name), progress: Callable[[str], None] = partial(say, 'dream')):
        from live.conditioning.mix import Conditioner
        from live.conditioning.prompts import PromptBook
        from live.diffusion.models import load_model
        from live.diffusion.step import Step
        from live.diffusion.turbo import Turbo
        model = load_model(rung.model, rung.device, progress, loras if rung.model == name else ())
        progress('reading prompts')
        book = PromptBook(model.tokenizer, model.text_encoder, partial(say, 'dream'))
        conditioner = Conditioner(book, book.calibration(model.prompts), arena.sounding, prompts,
                                  arena.slices.reader(), arena.samplerate, negative)
        progress('preparing the engine')
        engine = Turbo(model, seed(), arena.samplerate, Step(model, compiled=compiled))
        conditioners[engine] = conditioner
        return engine

    def condition(engine):
        engine.seed = seed()
        return conditioners[engine].condition()

    return load, condition
