"""Four sounds become pictures, one of them a film, and the film's art sound again.

    python docs/examples/sound_becomes_light.py [FOLDER]

Renders four patches of the instrument, gives each to the model as its prompt, makes a film of one between two texts,
translates it to art and back, and draws pictures and film on one sheet, light.png. A few minutes on a laptop; the same
on every run.
"""
import sys
from pathlib import Path

import av

from live.render import render_file
from live.studio import Motion, audio2img, audio2video, draw_figure, translate

PATCHES = 'bflat', 'strings', 'wind', 'radigue'
SECONDS = 8.0
TEXTS = '0:slow blue ink in water', '8:gold embers, luminous'


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sounds = [folder / f'{patch}.wav' for patch in PATCHES]
    for patch, sound in zip(PATCHES, sounds):
        render_file(patch, str(sound), SECONDS)
    pictures = [audio2img(sound, folder / f'{sound.stem}.png') for sound in sounds]
    film = folder / 'film.mp4'
    audio2video(sounds[1], film, TEXTS, weight=0.6, motion=Motion(fps=8, strength=0.5, overlap=0.5))
    translate(sounds[1], folder / 'translation', ['silver waves, delicate'])
    draw_sheet(folder / 'light.png', pictures, pick_frames(film, 8))


def pick_frames(film: Path, count: int) -> list:
    """Return (seconds, picture) of frames spread over a film."""
    with av.open(str(film)) as movie:
        frames = [(float(frame.pts * frame.time_base), frame.to_ndarray(format='rgb24'))
                  for frame in movie.decode(video=0)]
    return [frames[round(k * (len(frames) - 1) / (count - 1))] for k in range(count)]


def draw_sheet(path: Path, pictures: list, frames: list) -> None:
    """Draw the four pictures in a row, and the film in two below."""
    panels = [*zip(PATCHES, pictures), *((f'{moment:.1f} s', picture) for moment, picture in frames)]
    with draw_figure(path, rows=3, columns=4, size=(9, 7.2)) as axes:
        for place, (title, picture) in zip(axes, panels):
            place.imshow(picture)
            place.set_title(title)
            place.set_axis_off()


if __name__ == '__main__':
    main(Path(sys.argv[1] if len(sys.argv) > 1 else 'light'))
