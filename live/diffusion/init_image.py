"""What dreams begin from: motes, the spectrogram, images and a camera, mixed by the parameters of `init`.

In: the Board, the size and the time; motes, and what shaders make of them, by functions, sound by a ring of slices,
images and camera by threads of their own. Out: one picture (height, width, 4) uint8 RGBA, row 0 on top: the mean of the
sources that are there, each with its share; the motes alone where no other is. A source without a share costs nothing.
[main] Knows nothing of models, windows, or of how motes are drawn.
"""
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from live.diffusion.image_files import ImageFiles
from live.diffusion.spectrogram import Spectrogram
from live.params import Board
from live.wires import Reader, Ring

if TYPE_CHECKING:
    from live.diffusion.camera import Camera

Size = tuple[int, int]      # width, height
Term = tuple[float, np.ndarray]
ONE = 256                   # shares are counted in parts of it
CATCH_UP = 256              # slices drawn for the first picture, at most: a past of seconds must not hold up the window


class InitSources:
    """The images and the camera that were asked for; None for each that was not. Raise ImageError or CameraError."""

    def __init__(self, image: str | None, camera: str | None, say: Callable[[str], None]) -> None:
        self.images = None if image is None else ImageFiles(image, say)
        self.camera: Camera | None = None
        if camera is not None:
            from live.diffusion.camera import Camera
            self.camera = Camera(camera, say)

    def start(self) -> None:
        """[main] Read on threads of their own; without it everything is read when it is asked for, as offline."""
        for source in self._present():
            source.start()

    def stop(self) -> None:
        """[main]"""
        for source in self._present():
            source.stop()

    @property
    def trouble(self) -> str:
        """[any] What is wrong with them now, '' while all is well."""
        return '; '.join(source.trouble for source in self._present() if source.trouble)

    def _present(self) -> 'list[ImageFiles | Camera]':
        return [source for source in (self.images, self.camera) if source is not None]


class InitImage:
    """The mixer. slices: the ring of the sound that becomes the spectrogram."""

    def __init__(self, sources: InitSources, slices: Ring, samplerate: float) -> None:
        self._sources, self._slices, self._samplerate = sources, slices, samplerate
        self._spectrogram: tuple[Spectrogram, Reader] | None = None

    def make(self, board: Board, size: Size, seconds: float, motes: Callable[[Size], np.ndarray],
             shaded: Callable[[Size], np.ndarray] | None = None) -> np.ndarray:
        """[main] Return the picture that stands at this time; `motes` and `shaded` are called if they have a share."""
        terms: list[Term] = []
        if share := board['init.spectrogram']:
            terms.append((share, self._draw_spectrogram(size)))
        else:
            self._spectrogram = None
        if (images := self._sources.images) and (share := board['init.image']):
            terms += [(share * part, pixels) for part, pixels in images.pictures(size, seconds, board['init.turn'])]
        if (camera := self._sources.camera) and (share := board['init.camera']):
            pixels = camera.picture(size, seconds)
            terms += [] if pixels is None else [(share, pixels)]
        if shaded and (share := board['init.shaders']):
            terms.append((share, shaded(size)))
        if (share := board['init.motes']) or not terms:
            terms.append((share or 1.0, motes(size)))
        return mix(terms, size)

    def _draw_spectrogram(self, size: Size) -> np.ndarray:
        """Return the spectrogram; a new one begins with all that the ring still holds, in two pictures' time."""
        limit = None
        if self._spectrogram is None or self._spectrogram[0].size != size:
            oldest = max(0, self._slices.written - len(self._slices.items))
            self._spectrogram = Spectrogram(self._samplerate, size), self._slices.reader(oldest)
            limit = CATCH_UP
        spectrogram, reader = self._spectrogram
        spectrogram.put(reader.get(limit))
        return spectrogram.picture()


def mix(terms: list[Term], size: Size) -> np.ndarray:
    """Return the mean of pictures by their shares, (height, width, 4) uint8; exact to 1/256 of the scale."""
    fitted = [fit_pixels(pixels, size) for _, pixels in terms]
    marks = np.cumsum([share for share, _ in terms])
    parts = np.diff(np.round(marks / marks[-1] * ONE), prepend=0).astype(np.uint16)     # that add up to ONE
    if len(terms) == 1:
        return fitted[0]
    total = np.full(fitted[0].shape, ONE // 2, np.uint16)
    for part, pixels in zip(parts, fitted):
        total += part * pixels
    return (total >> 8).astype(np.uint8)


def fit_pixels(pixels: np.ndarray, size: Size) -> np.ndarray:
    """Return a picture at another size, its nearest pixels: until its source has heard of the new size."""
    width, height = size
    if pixels.shape[:2] == (height, width):
        return pixels
    rows, columns = (np.arange(new) * old // new for new, old in zip((height, width), pixels.shape))
    return pixels[np.ix_(rows, columns)]
