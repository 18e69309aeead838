"""A whole sound, heard frame by frame of a film: each frame's matrix of (rows, width), and how loud it is there.

    moments of frame f   rows of them from f / fps to (f + 1) / fps, evenly: the transform (width, frames * rows) of
                         Sound Diffusion cut into slices (width, rows), its moments rounded to samples one by one, so
                         that the last slice ends where the sound does
    overlap              a slice reaches into both of its neighbours and shares this part of its moments with them:
                         0 is none, 0.5 doubles the stretch that a slice hears
    waveform             rows * width samples from the frame's first on

One scale for the whole sound: a quiet passage is quieter than a loud one. numpy only.
"""
import numpy as np

from live.conditioning.history import LEVEL_DB, to_db
from live.conditioning.spectrum import gate
from live.studio.art.matrix import Filling, Scale, fill, lay, measure, transform

MEASURED = 200          # frames, at most, that the scale is measured by


class Hearing:
    """sound: (n,) float32; frames: of the film; rows, width: of the matrix."""

    def __init__(self, sound: np.ndarray, frames: int, filling: Filling, rows: int, width: int,
                 overlap: float = 0.0) -> None:
        self.sound, self.frames, self.filling, self.rows, self.width = sound, frames, filling, rows, width
        self._step = max(1, round(rows * (1 - overlap)))
        self._edges = np.round(np.arange(frames + 1) * len(sound) / frames).astype(int)
        self._rms = np.array([np.sqrt(np.mean(np.square(sound[begin:max(end, begin + 1)], dtype=np.float64)))
                              for begin, end in zip(self._edges, self._edges[1:])])
        self._rms /= max(1e-12, self._rms.max())

    def matrix(self, frame: int) -> np.ndarray:
        """Return a frame's matrix (rows, width), as it is."""
        if self.filling.feature == 'waveform':
            begin = self._edges[frame]
            return fill(self.sound[begin:begin + self.rows * self.width], self.filling, self.rows, self.width)
        return lay(transform(self.sound, self.moments(frame), self.width), self.filling.transpose)

    def moments(self, frame: int) -> np.ndarray:
        """Return the samples (rows,) around which a frame's slice hears."""
        column = frame * self._step + np.arange(self.rows) - (self.rows - self._step) // 2
        return np.clip(np.round(column * len(self.sound) / (self.frames * self._step)), 0, len(self.sound)).astype(int)

    def measure(self, name: str = 'this sound') -> Scale:
        """Return the scale of the whole sound; raise StudioError where it is silent."""
        chosen = np.unique(np.linspace(0, self.frames - 1, MEASURED).astype(int))
        return measure(np.concatenate([self.matrix(frame) for frame in chosen]), self.filling.feature, name)

    def depth(self, frame: int, amplitude: float) -> float:
        """Return how far a frame's sound leads, 0..1: by its loudness as far as `amplitude` says; not in silence.

        Loudness is that of the frame against the loudest, on the stage's scale of decibels.
        """
        low, high = LEVEL_DB
        level = min(1.0, max(0.0, (float(to_db(self._rms[frame])) - low) / (high - low)))
        return (1 - amplitude + amplitude * level) * float(gate(self._rms[frame]))
