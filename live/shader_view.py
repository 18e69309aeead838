"""`live shader`: draw one shader without a window, moved by the real sound of a patch, into a PNG. [main]

What is drawn depends only on the shader, the patch and the arguments. Filters are shown the test card, or a picture.
"""
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from live.audio import offline
from live.audio.arena import Arena
from live.isf import Header, IsfError, Knob, find_shader, list_shaders, read_header
from live.params import hint
from live.patch import find_patch, load_patch
from live.stages import dress, hold

SAMPLERATE = 48000
CARD = 'test_card'


def list_all() -> str:
    """Return a line for each shader of the instrument."""
    return '\n'.join(f'{path.stem:14}{describe(path)}' for path in list_shaders())


def describe(path: Path) -> str:
    try:
        return read_header(path).description
    except IsfError as error:
        return str(error)


def show_shader(name: str, patch: str = 'bflat', png: str | None = None, size: tuple[int, int] = (960, 540),
                seconds: float = 4.0, fps: float = 30.0, settings: Sequence[str] = (),
                picture: str | None = None) -> str:
    """Draw a shader for so long, write the last frame; return its knobs. Raise IsfError for what does not compile."""
    from live.display.look import Look
    from live.display.window import Window
    header = read_header(find_shader(name))
    values = read_settings(header, settings)
    before = () if picture or not header.is_filter or header.name == CARD else (CARD,)
    with closing(Window('offscreen', size)) as window:
        look = Look(window.ctx, (*before, name), size, values, read_picture(picture, size) if picture else None)
        for number, (board, slice_) in enumerate(sounds(patch, seconds, fps)):
            look.draw(number / fps, board, slice_)
        if png:
            write_png(png, look.read())
        look.release()
    return '\n'.join([header.description, *map(knob_line, header.knobs)])


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
    from PIL import Image
    with Image.open(path) as image:
        return np.asarray(image.convert('RGBA').resize(size))


def write_png(path: str, pixels: np.ndarray) -> None:
    from PIL import Image
    Image.fromarray(pixels[..., :3]).save(path, 'PNG')


def knob_line(knob: Knob) -> str:
    allowed = ', '.join(knob.choices) if knob.choices else f'{knob.low:g}..{knob.high:g}'
    default = knob.choices[int(knob.default)] if knob.choices else f'{knob.default:g}'
    return f'  {knob.name:26}{default:>8}   {allowed:20} {knob.doc}'
