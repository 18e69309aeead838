"""What all of the instrument stands on: its settings, the sound, and what the dream's thread calls. [main]

    Sound         patch -> Board -> arena -> stream
    make_loader   model, prompts -> what the dream's thread calls

Control and Course are in steering.py, Vision in vision.py. Each has its parts joined and prints its reasons. What is
slow to import is imported when a stage is built, so that the sound need not wait for the rest.
"""
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from weakref import WeakKeyDictionary

import numpy as np

from live.audio import offline
from live.audio.arena import Arena
from live.audio.devices import Choice, DeviceError, choose_stream
from live.audio.kept import KeptStream
from live.audio.priority import lock_memory, raise_priority
from live.control.desk import Desk
from live.params import LAYERS
from live.patch import Patch, find_patch, load_patch
from live.tuning.tuning import Tuning
from live.wires import Latest

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
    """Print an automatic choice with its reason; any thread may, and none is ended by a terminal that has gone."""
    with suppress(OSError, ValueError):     # nobody reads any more, or the disk of a log is full
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
        self.stream = self._open_stream(settings.audio == 'auto' and settings.device is None)
        self.priority = ''
        self._now = 0           # what was last told of `sample_now`: it never goes back

    def _open_stream(self, may_do_without: bool) -> KeptStream:
        """Open what was chosen; the clock where nothing was asked for by name and that cannot be opened."""
        try:
            return KeptStream(self.choice, self.arena, self._tell, self._hurry)
        except DeviceError as error:
            if not may_do_without:
                raise
            self.choice = Choice('clock', None, self.arena.samplerate, self.choice.blocksize, 0, f'because {error}')
            return KeptStream(self.choice, self.arena, self._tell, self._hurry)

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
        locked = 'locked' if lock_memory(self.arena.record) else 'not locked'
        return f'real-time scheduling {"granted" if granted else "not granted"}: {self.priority}; memory {locked}'

    @property
    def sample_now(self) -> int:
        """Index of the sample that leaves the speakers now; between two callbacks it goes on by the clock."""
        begin, block, made = (int(self.arena.stats[name]) for name in ('last_ns', 'last_frames', 'frames'))
        rate = self.arena.samplerate
        since = min(block, max(0.0, (time.monotonic_ns() - begin) * 1e-9 * rate))       # frames, in this block
        self._now = max(self._now, round(made - block + since - self.stream.latency * rate))
        return self._now


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
                                  arena.slices.reader(), arena.samplerate, negative, model.hears)
        progress('preparing the engine')
        engine = Turbo(model, seed(), arena.samplerate, Step(model, compiled=compiled))
        conditioners[engine] = conditioner
        return engine

    def condition(engine):
        engine.seed = seed()
        return conditioners[engine].condition()

    return load, condition
