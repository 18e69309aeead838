"""The performer's page as a stage: what of the instrument it is given, and where it is announced. [main]"""
from typing import TYPE_CHECKING

from live.control.panel.announce import announcement
from live.control.panel.backstage import Backstage, View
from live.control.panel.guard import keep_tokens
from live.control.panel.server import Panel
from live.stages import say

if TYPE_CHECKING:
    from live.app import Instrument


def open_page(instrument: 'Instrument', port: int) -> Panel:
    """Serve the page; raise WebError that says what to do."""
    settings, sound = instrument.settings, instrument.sound
    view = View() if instrument.vision else None
    if instrument.vision:
        instrument.vision.view = view
    arena = sound.arena
    backstage = Backstage(sound.desk, arena.sounding, arena.slices.reader(), arena.stats,
                          figures=lambda: figures(instrument), view=view,
                          midi=instrument.control.midi if instrument.control else None,
                          recording=lambda: instrument.takes.recorder is not None)
    panel = Panel(backstage, port, settings.lan, keep_tokens(settings.resume) if settings.lan else None,
                  instrument.installed.plain)
    panel.start()
    say('page', announcement(panel))
    return panel


def figures(instrument: 'Instrument') -> dict[str, float]:
    """Return what the page's meters show of the picture, as far as it is known."""
    known: dict[str, float] = {}
    if vision := instrument.vision:
        known['window_fps'] = vision.fps
        if vision.ages:
            known['age_ms'] = vision.ages[-1]
    if instrument.dream:
        stats = instrument.dream.stats
        known |= {'dream_fps': stats.fps, 'drift': stats.drift}
    return known
