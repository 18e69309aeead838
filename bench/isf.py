"""Which ISF shaders of a folder can the instrument use?

Every .fs (and fragment with `mainImage`) of the folder, and of those in it, is compiled without a window, drawn for a
second to the sound of two patches, offline, and to silence. It is

    compiled          the driver takes it
    drawn             its last picture is not of one colour; filters are shown a picture of many
    moved             two of its pictures differ: it moves with time or with sound
    followed_sound    its last picture differs between the sounds by more than 1/500 of the scale, in the mean

Budget: of ours, all are compiled, drawn and follow the sound; of the collection that ISF's makers publish (github.com/
Vidvox/ISF-Files, MIT, not part of this), at least 318 of 321 are compiled. Failures are printed by reason. Times are of
the CPU where the CPU draws; `compile_ms` is what changing to a shader costs on stage.

    python bench/isf.py [PATH] [--size 160x90] [--quick]
"""
import time
from collections import Counter
from pathlib import Path

import numpy as np
from common import argument_parser, machine, print_json, print_table

from live.__main__ import _size
from live.display.isf_shader import IsfShader
from live.display.motion import Motion
from live.display.shaders import Paste
from live.display.sound_images import SoundImages
from live.display.targets import make_target, read_target
from live.display.window import Window
from live.isf import SHADERS, SUFFIX, TOY_SUFFIXES
from live.params import Board
from live.shader_view import sounds

PATCHES = 'bflat', 'rain'
FPS = 12.0
FLAT, MOVED, FOLLOWED = 1.0, 0.2, 255 / 500     # of 255: standard deviation, two mean differences


class Stage:
    """Where all shaders are drawn, in turn."""

    def __init__(self, size: tuple[int, int], seconds: float) -> None:
        self.size = size
        self.window = Window('offscreen', size)
        self.context = self.window.ctx
        self.paste, self.frame = Paste(self.context), make_target(self.context, size, 'f1')
        self.picture = self.context.texture(size, 4, picture(size).tobytes())
        self.sounds = {name: hear(name, seconds) for name in PATCHES}
        self.sounds['silence'] = [None] * len(self.sounds[PATCHES[0]])

    def look(self, path: Path) -> dict:
        """Return what became of one shader."""
        begin = time.perf_counter()
        shader = IsfShader(self.context, path, self.paste)
        found = {'shader': path.stem, 'error': shader.error, 'compile_ms': 1000 * (time.perf_counter() - begin)}
        if not shader.error:
            found |= self.judge(shader)
        shader.release()
        return found

    def judge(self, shader: IsfShader) -> dict:
        begin = time.perf_counter()
        films = {name: self.draw(shader, slices) for name, slices in self.sounds.items()}
        frames = sum(map(len, films.values()))
        ends = [film[-1] for film in films.values()]
        first = films[PATCHES[0]]
        return {'frame_ms': 1000 * (time.perf_counter() - begin) / frames,
                'drawn': max(end.std(axis=(0, 1)).max() for end in ends) > FLAT,
                'moved': max(difference(frame, first[0]) for frame in first) > MOVED,
                'followed': max(difference(end, ends[0]) for end in ends) > FOLLOWED}

    def draw(self, shader: IsfShader, slices: list) -> list[np.ndarray]:
        """Return every frame of a film, (height, width, 3)."""
        motion, sound, board, film = Motion(), SoundImages(self.context), Board(), []
        shader.reset()
        for number, slice_ in enumerate(slices):
            values = motion.step(number / FPS, board, slice_)
            sound.step(slice_, float(values['elapsed']))
            made = shader.draw(self.picture, self.size, values, sound)
            self.paste.draw(made, self.frame, (0, 0, *self.size))
            film.append(read_target(self.frame)[..., :3].astype(float))
        sound.release()
        return film


def hear(patch: str, seconds: float) -> list:
    """Return the SLICE of each frame of a patch, when it has risen for two seconds."""
    return [slice_.copy() for _, slice_ in sounds(patch, 2 + seconds, FPS)][round(2 * FPS):]


def picture(size: tuple[int, int]) -> np.ndarray:
    """Return a picture with all colours, edges and gradients, (height, width, 4) uint8."""
    y, x = np.mgrid[0:size[1], 0:size[0]] / np.reshape(size[::-1], (2, 1, 1))
    ring = np.hypot((x - 0.5) * size[0] / size[1], y - 0.5) % 0.2 < 0.1
    return (255 * np.stack([x, y, np.where(ring, 1 - x, x * y), np.ones_like(x)], -1)).astype(np.uint8)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(abs(one - other).mean())


def reason(error: str) -> str:
    """Return the kind of a complaint, without the names in it."""
    told = error.partition(': ')[2].partition(': ')[2] if ' line ' in error else error.partition(': ')[2]
    return (told or error).partition("'")[0].partition('`')[0].strip(' :')[:60]


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument('path', nargs='?', type=Path, default=SHADERS, metavar='PATH')
    parser.add_argument('--size', type=_size, default=(160, 90), metavar='WxH')
    arguments = parser.parse_args()
    paths = sorted(path for path in arguments.path.rglob('*') if path.suffix == SUFFIX or (
        path.suffix in TOY_SUFFIXES and 'mainImage' in path.read_text(encoding='utf-8', errors='replace')))
    stage = Stage(arguments.size, 0.5 if arguments.quick else 1.0)
    rows = [stage.look(path) for path in paths]
    tell(rows)
    renderer = stage.window.renderer_name
    good = [row for row in rows if not row['error']]
    print_json({'files': len(rows), 'compiled': len(good), 'drawn': count(good, 'drawn'), 'moved': count(good, 'moved'),
                'followed_sound': count(good, 'followed'), 'compile_ms_median': median(rows, 'compile_ms'),
                'frame_ms_median': median(good, 'frame_ms'), 'size': list(arguments.size), 'renderer': renderer,
                'machine': machine()})
    stage.window.close()


def tell(rows: list[dict]) -> None:
    """Print a table of a small folder, and what is wrong in any."""
    if len(rows) <= 40:
        names = ('drawn', 'moved', 'followed')
        print_table([(row['shader'], f'{row["compile_ms"]:.1f}', f'{row.get("frame_ms", 0):.1f}',
                      *('yes' if row.get(name) else 'no' for name in names)) for row in rows],
                    ('shader', 'compile ms', 'frame ms', *names))
    failed = [row for row in rows if row['error']]
    for kind, number in Counter(reason(row['error']) for row in failed).most_common():
        print(f'{number} x {kind}')
        for row in [row for row in failed if reason(row['error']) == kind][:5]:
            print(f'    {row["error"]}')
    for name in ('drawn', 'followed'):
        if missing := [row['shader'] for row in rows if not row['error'] and not row[name]]:
            print(f'not {name}: {", ".join(missing[:60])}')


def count(rows: list[dict], name: str) -> int:
    return sum(bool(row[name]) for row in rows)


def median(rows: list[dict], name: str) -> float:
    return round(float(np.median([row[name] for row in rows])), 2) if rows else 0.0


if __name__ == '__main__':
    main()
