"""Everything that one translation made, on one sheet: the sound's picture, the art, the picture of each reading."""
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from live.studio.figures import draw_figure, label_pitches
from live.studio.translation.sonogram import Axis, draw_sound

if TYPE_CHECKING:
    from live.studio.translation.command import Round

ROW_INCHES = 1.9


def draw_sheet(path: Path, rounds: 'list[Round]', samplerate: int, axis: Axis) -> None:
    """Draw two pictures a row, round by round."""
    panels = [panel for number, made in enumerate(rounds, 1) for panel in list_panels(number, made, samplerate, axis)]
    seconds = len(next(iter(rounds[0].sounds.values()))) / samplerate
    rows = -(-len(panels) // 2)
    with draw_figure(path, rows=rows, columns=2, size=(10.0, ROW_INCHES * rows)) as axes:
        for place, (title, picture, is_sound) in zip(axes, panels):
            show_picture(place, title, picture, seconds, min(axis.high, 0.499 * samplerate), axis if is_sound else None)
        for place in axes[len(panels):]:
            place.set_axis_off()


def list_panels(number: int, made: 'Round', samplerate: int, axis: Axis) -> list[tuple[str, np.ndarray, bool]]:
    """Return (title, picture, whether its rows are pitches)."""
    size = made.art.shape[1::-1]
    return [('the sound' if number == 1 else f'{number}: the sound that came back', made.spectrogram, True),
            (f'{number}: art', made.art, False),
            *((f'{number}: heard as {name}', draw_sound(sound, samplerate, size, axis), True)
              for name, sound in made.sounds.items())]


def show_picture(place: Any, title: str, picture: np.ndarray, seconds: float, high: float, axis: Axis | None) -> None:
    place.imshow(picture, extent=(0, seconds, 0, 1), aspect='auto', interpolation='bilinear')
    place.set_title(title)
    place.grid(False)
    if axis:
        label_pitches(place, axis.low, high, axis.kind == 'log')
        place.set_ylabel('Hz')
    else:
        place.set_yticks([])
