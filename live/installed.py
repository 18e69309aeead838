"""An installation as a stage: its file as settings, its caretaker and its vitals, what a monitor is told. [main]"""
import os
import sys
from typing import TYPE_CHECKING, Any

from live.audio.stats import read_stats
from live.control.autosave import state_folder
from live.control.panel.backstage import View
from live.installation.caretaker import LEVEL, SILENCE_DB, Caretaker
from live.installation.file import Installation, find_installation, load_installation
from live.installation.vitals import Vitals, health_page, metrics_page
from live.stages import Settings

if TYPE_CHECKING:
    from live.app import Instrument

PAGE = os.sysconf('SC_PAGE_SIZE') if hasattr(os, 'sysconf') else 4096
PANEL_PORT = 8040


def read_installation(name: str) -> Installation:
    """Return what a file says, given by name or path; raise InstallationError."""
    return load_installation(find_installation(name))


def dress_settings(settings: Settings, said: Installation) -> None:
    """Put what the file says into settings; what the command line says counts more."""
    plain = Settings()
    house: dict[str, Any] = {'panel': PANEL_PORT, 'fullscreen': True, 'guarded': said.guard, **said.play}
    for name, value in house.items():
        if getattr(settings, name) in (getattr(plain, name), [], ()):
            setattr(settings, name, value)


class Installed:
    """What an instrument has in a house. health and metrics are there for every page, also without an installation.

    Made before any sound and after the last state has been taken up: a house begins silent and dark, open or closed,
    and its caretaker wakes it. One whose picture cannot be had sounds all the same, and is ill.
    """

    def __init__(self, instrument: 'Instrument', said: Installation | None) -> None:
        self._instrument, self._said = instrument, said
        self.caretaker: Caretaker | None = None
        if said:
            instrument.sound.desk.set(LEVEL, SILENCE_DB)
            instrument.sound.desk.set('stage.blackout', 1)
        self._wants_picture = instrument.mode != 'none'
        counters = {'sound': lambda: int(instrument.sound.arena.stats['callbacks'])}
        if self._wants_picture:
            counters['window'] = lambda: instrument.vision.frames if instrument.vision else counters['sound']()
        self.vitals = Vitals(counters, instrument.settings.supervised)
        self.plain = {'/health': lambda: health_page(self.health()), '/metrics': lambda: metrics_page(self.figures())}

    def start(self) -> None:
        """Once all stages are there."""
        self.vitals.start()
        said, instrument = self._said, self._instrument
        if said is None:
            return
        instrument.sound.desk.cues.loop = said.loop
        if instrument.vision:
            instrument.vision.view = instrument.vision.view or View()
            if said.locked:
                instrument.vision.keys.lock()
        view = instrument.vision.view if instrument.vision else None
        self.caretaker = Caretaker(said, instrument.sound.desk, view, self._renew, state_folder() / 'pictures')
        instrument.course.conductor.others.append(self.caretaker)

    def stop(self) -> None:
        """Before all else is closed. An error on its way is no intended end: the supervisor starts it again."""
        self.vitals.stop(intended=sys.exception() is None)

    def _renew(self) -> None:
        if self._instrument.dream:
            self._instrument.dream.renew()

    def health(self) -> dict:
        """[any] Return whether all is well; a device that is lost is not, though no new start would help."""
        stream, health = self._instrument.sound.stream, self.vitals.health()
        dream = self._instrument.dream
        lost = ['device'] * stream.lost + ['picture'] * (self._wants_picture and self._instrument.vision is None)
        return {**health, 'ok': health['ok'] and not lost, 'ill': health['ill'] + lost,
                'restarts': int(os.environ.get('LIVE_RESTARTS', 0)), 'dream': dream.stats.model if dream else 'off',
                'open': self.caretaker.opened if self.caretaker else True}

    def figures(self) -> dict[str, tuple[str, str, float]]:
        """[any] Return what /metrics tells: name -> kind, help, value."""
        instrument, health = self._instrument, self.health()
        stats, stream, vision = read_stats(instrument.sound.arena), instrument.sound.stream, instrument.vision
        dream = instrument.dream.stats if instrument.dream else None
        return {
            'ok': ('gauge', '1 where /health is 200.', health['ok']),
            'open': ('gauge', '1 within the opening hours.', health['open'] is not False),
            'up_seconds': ('gauge', 'Since this start.', health['up_s']),
            'restarts_total': ('counter', 'Starts by the supervisor after a failure.', health['restarts']),
            'sound_frames_total': ('counter', 'Audio samples made.', stats['frames']),
            'sound_callbacks_total': ('counter', 'Calls of the audio callback.', stats['callbacks']),
            'sound_underflows_total': ('counter', 'Blocks that came too late.', stats['underflows']),
            'sound_load': ('gauge', 'Median share of a block spent on it.', stats['load_p50']),
            'sound_nan_total': ('counter', 'Samples that were not finite, muted.', stats['nan']),
            'device_losses_total': ('counter', 'Times that the sound device was lost.', stream.losses),
            'device_lost_seconds_total': ('counter', 'Seconds without a sound device.', stream.lost_seconds),
            'window_frames_total': ('counter', 'Frames shown.', vision.frames if vision else 0),
            'window_fps': ('gauge', 'Frames a second, lately.', vision.fps if vision else 0),
            'guard_interventions_total': ('counter', 'Times that flashes were softened.',
                                          vision.renderer.guard.counts.interventions if vision else 0),
            'dream_frames_total': ('counter', 'Pictures dreamt.', dream.frames if dream else 0),
            'dream_fps': ('gauge', 'Dreams a second, lately.', dream.fps if dream else 0),
            'dream_restarts_total': ('counter', 'Dreams that failed.', dream.restarts if dream else 0),
            'memory_bytes': ('gauge', 'Resident memory of this process.', resident()),
        }


def resident() -> int:
    """Return the bytes of memory that this process holds; 0 where the system does not tell."""
    try:
        with open('/proc/self/statm') as file:
            return int(file.read().split()[1]) * PAGE
    except OSError:
        return 0
