"""An image, or a folder of images one after the other, as pictures that dreams can begin from.

In: a path; the size and the time of each picture that is wanted. Out: one or two pictures (height, width, 4) uint8 RGBA
with their shares, while one gives way to the next. A folder goes round in the order of its names; files that are added,
replaced or taken away are noticed while it is shown. What cannot be read is counted, told once, and passed over; what
was shown stays when the disk goes.

After `start` the disk is read on a thread of its own, [image], and only while somebody asks; without it by who asks, so
that offline pictures come out the same every time. Knows nothing of parameters or dreams.
"""
import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from live.diffusion.on_demand import OnDemand

Size = tuple[int, int]      # width, height
SUFFIXES = ('.bmp', '.gif', '.jpeg', '.jpg', '.png', '.tif', '.tiff', '.webp')
FORMATS = ('BMP', 'GIF', 'JPEG', 'PNG', 'TIFF', 'WEBP')     # Pillow knows more; some of them start programs
FADE = 3.0                  # seconds in which an image gives way to the next, at most half of its turn
LOOK_TIME = 0.5             # seconds from look to look at the disk


class ImageError(ValueError):
    """An image that cannot be shown: which file, what is wrong with it."""


@dataclass(frozen=True)
class Loaded:
    """A picture; made_of: its size in pixels, and the time and length of its file."""
    path: Path
    made_of: tuple
    pixels: np.ndarray


class Shelf:
    """The files of a path as they stand on disk, and the pictures of two of them. Looked at by one thread."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self.path, self.refused = path, 0
        self.pair: tuple[Loaded, ...] = ()
        self.bad: dict[Path, tuple] = {}            # files that cannot be read, by what they were then
        self._say, self._told = say, set[Path]()

    def look(self, first: Path | None, size: Size) -> None:
        """Make `pair` the pictures of `first`, or of what comes after it, and of the next file that can be read."""
        stamps = list_files(self.path)
        before = {loaded.path: loaded for loaded in self.pair}
        self.bad = {path: stamp for path, stamp in self.bad.items() if path in stamps}
        names = sorted(stamps)
        start = next((number for number, path in enumerate(names) if first is None or path >= first), 0)
        pair: list[Loaded] = []
        for path in names[start:] + names[:start]:
            loaded = self._load(path, (size, *stamps[path]), before.get(path))
            pair += [loaded] if loaded else []
            if len(pair) == 2:
                break
        if pair:
            self.pair = tuple(pair)

    def _load(self, path: Path, made_of: tuple, before: Loaded | None) -> Loaded | None:
        if before is not None and before.made_of == made_of:
            return before
        if self.bad.get(path) == made_of[1:]:
            return None
        try:
            loaded = Loaded(path, made_of, load_image(path, made_of[0]))
            self.bad.pop(path, None)
            return loaded
        except ImageError as error:
            self.bad[path] = made_of[1:]
            self.refused += 1
            if path not in self._told:
                self._told.add(path)
                self._say(f'{error}; passed over')
            return None


class ImageFiles(OnDemand):
    """What is seen of a path, and when.

    refused: how often a file could not be read; trouble: what cannot be read now; say: told once about each file.
    Raise ImageError when there is nothing at the path, or a file that is no image.
    """

    NAME = 'image'

    def __init__(self, path: str, say: Callable[[str], None]) -> None:
        super().__init__()
        self.path = Path(path).expanduser()
        check_path(self.path)
        self._shelf = Shelf(self.path, say)
        self._current: Path | None = None
        self._place, self._seconds = 0.0, math.inf  # in the turn of the current image; when it was asked for last
        self._size: Size | None = None
        self._asked = False

    @property
    def refused(self) -> int:
        return self._shelf.refused

    @property
    def trouble(self) -> str:
        bad = len(self._shelf.bad)
        return f'{bad} of the images cannot be read' if bad else ''

    def pictures(self, size: Size, seconds: float, turn: float) -> list[tuple[float, np.ndarray]]:
        """Return (share, picture) of what is seen at this time, shares adding up to 1; nothing while nothing is there.

        turn: seconds that each image of a folder stays; it ends when the next image is there, never before.
        """
        self._ask(size)
        pair = self._shelf.pair
        if self._current in [loaded.path for loaded in pair[1:]]:
            pair = pair[1:]                         # the shelf has not yet followed
        if not pair:
            return []
        self._current = pair[0].path
        share = self._turn(seconds, turn, len(pair) == 2)
        if share >= 1.0:
            self._current, self._place, share = pair[1].path, 0.0, 0.0
            pair = pair[1:]
            self._wake.set()
        return [(1.0 - share, pair[0].pixels), (share, pair[1].pixels)] if share else [(1.0, pair[0].pixels)]

    def _ask(self, size: Size) -> None:
        if size != self._size:
            self._size = size
            self._wake.set()
        self._asked = True
        if self._thread is None:
            self._shelf.look(self._current, size)

    def _turn(self, seconds: float, turn: float, is_next_there: bool) -> float:
        """Go on to this time; return the share of the next image, 0..1."""
        self._place += max(0.0, seconds - self._seconds) / turn
        self._seconds = seconds
        fade = min(0.5, FADE / turn)
        self._place = min(self._place, 1.0 if is_next_there else 1.0 - fade)
        x = max(0.0, (self._place - 1.0) / fade + 1.0)
        return x * x * (3 - 2 * x)

    def _run(self) -> None:
        """[image]"""
        while not self._stopping.is_set():
            self._wake.wait(LOOK_TIME)
            self._wake.clear()
            asked, self._asked = self._asked, False
            if asked and self._size is not None:
                self._shelf.look(self._current, self._size)


def check_path(path: Path) -> None:
    """Raise ImageError unless there is a folder, or an image by the looks of its header."""
    if not path.exists():
        raise ImageError(f'{path}: there is no such image or folder')
    if not path.is_dir():
        open_image(path).close()


def list_files(path: Path) -> dict[Path, tuple]:
    """Return the time and length of each image file of a folder, or of the one file; nothing when it has gone."""
    def is_image(file: Path) -> bool:
        return file.suffix.lower() in SUFFIXES and not file.name.startswith('.')
    stamps: dict[Path, tuple] = {}
    with suppress(OSError):             # the folder has gone
        for file in list(filter(is_image, path.iterdir())) if path.is_dir() else [path]:
            with suppress(OSError):     # taken away while we looked, or a link to nothing
                stamp = file.stat()
                stamps[file] = stamp.st_mtime_ns, stamp.st_size
    return stamps


def open_image(path: Path):
    """Return Pillow's image, of which only the header has been read; raise ImageError."""
    from PIL import Image
    try:
        return Image.open(path, formats=FORMATS)
    except Exception as error:      # each of Pillow's readers has errors of its own
        raise ImageError(f'{path.name} cannot be read as {", ".join(FORMATS)}: {error}') from error


def load_image(path: Path, size: Size) -> np.ndarray:
    """Return a file as (height, width, 4) uint8 RGBA: upright as its camera was held, cut around its centre.

    What is transparent lies on black. Raise ImageError.
    """
    from PIL import Image, ImageOps
    with open_image(path) as image:
        try:
            image.draft('RGB', (max(size), max(size)))      # a large JPEG is decoded at a fraction of its size
            upright = to_rgba(ImageOps.exif_transpose(image))
            fitted = ImageOps.fit(upright, size, Image.Resampling.LANCZOS)
            return np.array(Image.alpha_composite(Image.new('RGBA', size, 'black'), fitted))
        except Exception as error:
            raise ImageError(f'{path.name} cannot be read: {error}') from error


def to_rgba(image):
    """Return an image with 8 bits a channel; Pillow would cut 16 bits off at the brightest instead."""
    from PIL import Image
    if image.mode.startswith('I'):
        image = Image.fromarray((np.asarray(image).astype(np.float64) / 257).clip(0, 255).astype(np.uint8))
    return image.convert('RGBA')
