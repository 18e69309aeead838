"""One calm line at the foot of the terminal: what sounds, what is seen, how the machine copes. [main]

Shown where the output is a terminal; elsewhere nothing is written. What is printed beside it stands above it and
scrolls as always. In: the instrument. Changes nothing.
"""
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from live.audio.stats import read_stats
from live.vision import MESSAGE_TIME

if TYPE_CHECKING:
    from live.app import Instrument

SHOW_TIME = 0.5         # seconds from one look to the next
HIGH_LOAD = 0.7         # of a period of the sound
DIM, CALM, WARNING = 'grey58', 'default', 'bold red'


class StatusLine:
    """The line; `show` it from the main loop, `close` it before the last words."""

    def __init__(self) -> None:
        self._next, self._live = 0.0, None
        if sys.stdout.isatty():
            from rich.console import Console
            from rich.live import Live
            self._live = Live(console=Console(highlight=False), auto_refresh=False, transient=True)
            self._live.start()

    def show(self, instrument: 'Instrument') -> None:
        """Bring the line up to date, at most twice a second."""
        now = time.monotonic()
        if self._live is None or now < self._next:
            return
        self._next = now + SHOW_TIME
        from rich.text import Text
        with suppress(OSError, ValueError):     # a terminal that has gone
            self._live.update(Text('   ', no_wrap=True, overflow='ellipsis').join(
                Text(text, style) for text, style in parts(instrument)), refresh=True)

    def close(self) -> None:
        """Take the line away."""
        if self._live is not None:
            with suppress(OSError, ValueError):
                self._live.stop()
            self._live = None


def parts(instrument: 'Instrument') -> Iterator[tuple[str, str]]:
    """Yield what the line says, each with its colour."""
    stats, desk = read_stats(instrument.sound.arena), instrument.sound.desk
    vision, dream = instrument.vision, instrument.dream.stats if instrument.dream else None
    yield f'{desk.board["drone.root"]:.2f} Hz {desk.patch.name}', 'bold'
    load = stats['load_p50']
    yield f'sound {100 * load:.0f} %', WARNING if load > HIGH_LOAD else CALM
    if instrument.sound.stream.lost:
        yield f'NO DEVICE for {instrument.sound.stream.lost_seconds:.0f} s in all', WARNING
    if stats['underflows']:
        yield f'{stats["underflows"]} underflows', WARNING
    if vision:
        yield f'picture {vision.fps:.0f} fps', DIM
    if dream:
        yield f'dream {dream.fps:.1f} fps', CALM if dream.frames else DIM
    if vision and vision.ages:
        yield f'age {vision.ages[-1]:.0f} ms', DIM
    recorder = instrument.takes.recorder
    if recorder:
        yield f'REC {recorder.take.frames / recorder.take.samplerate:.0f} s', WARNING
    yield from ((f'{name.partition(".")[2].upper()}', WARNING) for name in ('stage.blackout', 'stage.freeze')
                if desk.board[name])
    if time.monotonic() - desk.message_time < MESSAGE_TIME:
        yield desk.message, 'italic'
