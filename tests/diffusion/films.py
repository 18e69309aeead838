"""Films that the tests make and read: each frame of another grey, lossless."""
from fractions import Fraction

import av
import numpy as np

GREYS = (20, 70, 120, 170, 220)


def make_film(path, pictures=tuple(np.full((48, 64), grey) for grey in GREYS)):
    """Write pictures, 10 a second; return the path."""
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('ffv1', rate=Fraction(10))
        stream.height, stream.width = pictures[0].shape
        stream.pix_fmt = 'gray'
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture.astype(np.uint8), format='gray')))
        container.mux(stream.encode(None))
    return path


def grey_of(picture):
    """Return the mean of a frame or of its pixels."""
    pixels = picture[..., :3] if isinstance(picture, np.ndarray) else picture.to_ndarray(format='gray')
    return round(float(pixels.mean()))
