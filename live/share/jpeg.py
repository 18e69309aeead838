"""Frames as JPEGs that are small enough for a network. Pure."""
import io

import numpy as np
from PIL import Image

QUALITIES = (80, 65, 50, 35, 20, 10)


def shrink(pixels: np.ndarray, side: int) -> Image.Image:
    """Return a frame (height, width, 4) uint8 whose longer side has so many pixels at most."""
    image = Image.fromarray(np.ascontiguousarray(pixels[..., :3]))
    image.thumbnail((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return image


def encode(image: Image.Image, quality: int = QUALITIES[0]) -> bytes:
    """Return a JPEG."""
    file = io.BytesIO()
    image.save(file, 'JPEG', quality=quality)
    return file.getvalue()


def fit(pixels: np.ndarray, side: int, most: int) -> tuple[bytes, tuple[int, int]]:
    """Return a JPEG of so many bytes at most, and its width and height: first quality goes, then size."""
    while True:
        image = shrink(pixels, side)
        for quality in QUALITIES:
            data = encode(image, quality)
            if len(data) <= most:
                return data, image.size
        side = side * 3 // 4
