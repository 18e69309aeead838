"""`live shader`: draw a shader without a window, or all of them, moved by the real sound of a patch, into a PNG. [main]

What is drawn depends only on the shader, the patch and the arguments. Filters are shown the test card, or a picture.
"""
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from live.audio import offline
from live.audio.arena import Arena
from live.isf import Header, IsfError, Knob, find_shader, list_shaders, read_header
from live.params import Board, hint
from live.patch import find_patch, load_patch
from live.stages import dress, hold

SAMPLERATE = 48000
CARD = 'test_card'
ACROSS, LETTERS = 3, 11        # of the sheet of all: tiles in a row, pixels of a letter


def list_all() -> str:
    """Return a line for each shader of the instrument."""
    return '\n'.join(f'{path.stem:14}{describe(path)}' for path in list_shaders())


def describe(path: Path) -> str:
    try:
        return read_header(path).description
    except IsfError as error:
        return str(error)


def show_shader(name: str, png: str | None = None, patch: str = 'bflat', size: tuple[int, int] = (960, 540),
                seconds: float = 4.0, fps: float = 30.0, settings: Sequence[str] = (),
                picture: str | None = None) -> str:
    """Draw a shader for so long, write the last frame; return its knobs. Raise IsfError for what does not compile."""
    from live.display.window import Window
    check_png(png)
    header = read_header(find_shader(name))
    values = read_settings(header, settings)
    given = read_picture(picture, size) if picture else None
    with closing(Window('offscreen', size)) as window:
        pixels = draw_shader(window.ctx, name, sounds(patch, seconds, fps), fps, size, values, given)
    if png:
        write_png(png, pixels)
    return '\n'.join([header.description, *map(knob_line, header.knobs)])


def show_all(png: str, patch: str = 'bflat', size: tuple[int, int] = (960, 540), seconds: float = 4.0,
             fps: float = 30.0, picture: str | None = None) -> str:
    """Draw all shaders of the instrument into one sheet as wide as `size`, each with its name; return the list."""
    from live.display.overlay import set_text
    from live.display.window import Window
    check_png(png)
    tile = size[0] // ACROSS, size[1] // ACROSS
    given = read_picture(picture, tile) if picture else None
    heard, tiles = keep(sounds(patch, seconds, fps)), []
    with closing(Window('offscreen', tile)) as window:
        for path in list_shaders():
            pixels = draw_shader(window.ctx, path.stem, heard, fps, tile, picture=given).copy()
            tiles.append(lay_over(pixels, set_text([path.stem], LETTERS)))
    write_png(png, in_rows(tiles, ACROSS))
    return list_all()


def draw_shader(context: Any, name: str, heard: Iterable, fps: float, size: tuple[int, int],
                values: Mapping[str, float] = {}, picture: np.ndarray | None = None) -> np.ndarray:
    """Return the last frame, (height, width, 4) uint8, row 0 on top; a filter without a picture changes the test card.

    context: of moderngl; heard: Board and SLICE of each frame.
    """
    from live.display.look import Look
    header = read_header(find_shader(name))
    before = () if picture is not None or not header.is_filter or header.name == CARD else (CARD,)
    look = Look(context, (*before, name), size, values, picture)
    for number, (board, slice_) in enumerate(heard):
        look.draw(number / fps, board, slice_)
    pixels = look.read()
    look.release()
    return pixels


def keep(heard: Iterable) -> list:
    """Return what `sounds` gives as a list that does not change any more."""
    return [(Board(board.memory.copy(), fresh=False), None if slice_ is None else slice_.copy())
            for board, slice_ in heard]


def lay_over(pixels: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Return a tile with a label in its lower left corner, as opaque as the label says."""
    high, wide = (min(sides) for sides in zip(label.shape, pixels.shape[:2]))
    corner, cover = pixels[-high:, :wide, :3], label[:high, :wide, 3:] / 255
    corner[:] = corner * (1 - cover) + label[:high, :wide, :3] * cover
    return pixels


def in_rows(tiles: Sequence[np.ndarray], across: int) -> np.ndarray:
    """Return one picture of many; what is left of the last row is black."""
    room = [*tiles, *[np.zeros_like(tiles[0])] * (-len(tiles) % across)]
    return np.concatenate([np.concatenate(room[at:at + across], 1) for at in range(0, len(room), across)])


def sounds(patch_name: str, seconds: float, fps: float) -> Iterator:
    """Render a patch; give the Board and the newest SLICE at each frame."""
    patch = load_patch(find_patch(patch_name))
    arena = Arena(SAMPLERATE, patch.seed)
    patch.apply(arena.board)
    dress(arena, patch, patch.tuning)
    hold(arena, patch)
    arena.reset(patch.seed)
    slices, newest = arena.slices.reader(0), None
    for number in range(1, max(1, round(seconds * fps)) + 1):
        offline.render(arena, round(number * SAMPLERATE / fps) - arena.frames)
        heard = slices.newest()
        newest = heard if heard is not None else newest
        yield arena.sounding, newest


def read_settings(header: Header, settings: Sequence[str]) -> Mapping[str, float]:
    """Return knobs by name from words such as 'amount=0.5'; raise IsfError for what is not there or not allowed."""
    knobs = {knob.name.partition('.')[2]: knob for knob in header.knobs}
    found = {}
    for setting in settings:
        name, _, text = setting.partition('=')
        if name not in knobs:
            raise IsfError(f'{header.name} has no {name!r}{hint(name, knobs)} (it has {", ".join(knobs)})')
        found[knobs[name].name] = read_number(knobs[name], text)
    return found


def read_number(knob: Knob, text: str) -> float:
    if text in knob.choices:
        return knob.choices.index(text)
    try:
        value = float(text)
    except ValueError:
        value = np.nan
    if not knob.low <= value <= knob.high:
        allowed = ', '.join(knob.choices) if knob.choices else f'a number in {knob.low:g}..{knob.high:g}'
        raise IsfError(f'{knob.name} = {text!r} is not {allowed}')
    return value


def read_picture(path: str, size: tuple[int, int]) -> np.ndarray:
    """Return (height, width, 4) uint8, row 0 on top."""
    from PIL import Image, UnidentifiedImageError
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert('RGBA').resize(size))
    except FileNotFoundError as error:
        raise ValueError(f'{path}: there is no such picture') from error
    except UnidentifiedImageError as error:
        raise ValueError(f'{path}: this is no picture that can be read; png, jpeg, webp, tiff and bmp can') from error


def check_png(path: str | None) -> None:
    """Raise ValueError, before anything is drawn, where a picture could not be written."""
    if path and not Path(path).parent.is_dir():
        raise ValueError(f'{path}: there is no folder {Path(path).parent}; make it first')


def write_png(path: str, pixels: np.ndarray) -> None:
    from PIL import Image
    Image.fromarray(pixels[..., :3]).save(path, 'PNG')


def knob_line(knob: Knob) -> str:
    allowed = ', '.join(knob.choices) if knob.choices else f'{knob.low:g}..{knob.high:g}'
    default = knob.choices[int(knob.default)] if knob.choices else f'{knob.default:g}'
    return f'  {knob.name:26}{default:>8}   {allowed:20} {knob.doc}'
