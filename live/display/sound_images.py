"""Sound as images: what shaders sample of it, 0..1, made of the newest SLICE. [main]

`sound`, 512x2 as Shadertoy has it: row 0 the spectrum up to a quarter of the sample rate, in dB and slowed down as a
browser's analyser does it (Web Audio, AnalyserNode: -100 .. -30 dB, smoothing 0.8 at 60 frames a second); row 1 the
wave, 0.5 is silence. ISF's `audio`, the wave, and `audioFFT`, the whole spectrum, have one row, as wide as is asked
for.
"""
import math

import moderngl
import numpy as np

from live.signals import BINS, HOP, N_FFT

WIDTH = 512
QUIET_DB, LOUD_DB = -100.0, -30.0
SMOOTHING = 0.075       # seconds; 0.8 sixty times a second


class SoundImages:
    """The images of one moment; `step` brings the next."""

    def __init__(self, context: moderngl.Context) -> None:
        self.context = context
        self._textures: dict[tuple[str, int], moderngl.Texture] = {}
        self._stale: set[tuple[str, int]] = set()
        self.reset()

    def reset(self) -> None:
        self._spectrum, self._wave = np.zeros(BINS), np.full(HOP, 0.5)
        self._stale = set(self._textures)

    def step(self, slice_: np.void | None, elapsed: float) -> None:
        """Take in a slice, `elapsed` seconds after the last."""
        if slice_ is None:
            return
        kept = math.exp(-max(0.0, elapsed) / SMOOTHING)
        loud = np.nan_to_num(slice_['magnitudes'].astype('f8'), posinf=0.0) / N_FFT
        self._spectrum = loud + kept * (self._spectrum - loud)
        self._wave = np.clip(0.5 + 0.5 * np.nan_to_num(slice_['samples']), 0.0, 1.0)
        self._stale = set(self._textures)

    def get(self, kind: str, width: int = 0) -> moderngl.Texture:
        """Return the texture of 'sound', 'audio' or 'audioFFT'; width 0 = as many columns as is usual."""
        width = WIDTH if kind == 'sound' else min(4096, width) if width > 0 else HOP
        key = kind, width
        if key not in self._textures:
            self._textures[key] = self._make(width, 2 if kind == 'sound' else 1)
            self._stale.add(key)
        if key in self._stale:
            self._stale.discard(key)
            self._textures[key].write(self._rows(kind, width).astype('f4').tobytes())
        return self._textures[key]

    def release(self) -> None:
        for texture in self._textures.values():
            texture.release()
        self._textures.clear()

    def _make(self, width: int, height: int) -> moderngl.Texture:
        texture = self.context.texture((width, height), 1, dtype='f4')
        texture.repeat_x = texture.repeat_y = False
        texture.swizzle = 'RRR1'
        return texture

    def _rows(self, kind: str, width: int) -> np.ndarray:
        if kind == 'audio':
            return resample(self._wave, width)
        in_db = 20 * np.log10(np.maximum(self._spectrum, 1e-9))
        shown = np.clip((in_db - QUIET_DB) / (LOUD_DB - QUIET_DB), 0.0, 1.0)
        return np.stack([shown[:width], self._wave]) if kind == 'sound' else resample(loudest(shown, width), width)


def loudest(row: np.ndarray, width: int) -> np.ndarray:
    """Return a row with no more than `width` columns, each the loudest of its part: no partial is lost."""
    return np.maximum.reduceat(row, np.arange(width) * len(row) // width) if width < len(row) else row


def resample(row: np.ndarray, width: int) -> np.ndarray:
    return row if len(row) == width else np.interp(np.linspace(0, len(row) - 1, width), np.arange(len(row)), row)
