"""A sound from elsewhere, heard just as the instrument hears itself: slices of a file, by the callback's kernels.

In: a sound in blocks, (frames, channels). Out: one SLICE every HOP samples, the first as soon as N_FFT samples are
there, so that slice k is of samples k * HOP to k * HOP + N_FFT (librosa's `center=False`). The fields that only a
synthesizer can know (partials, beats, drift, pulses) stay 0. The same slices however the sound is cut into blocks.
[any] Knows nothing of files.
"""
import numpy as np

from live.audio.analysis import describe_music, describe_spectrum, unroll
from live.audio.arena import ANALYSIS, fill_analysis, reset_analysis
from live.dsp.chroma import set_chroma_scale
from live.dsp.kernel import exact
from live.dsp.loudness import measure_loudness
from live.dsp.pitch import hear_pitch, measure_pitch
from live.signals import HOP, N_FFT, SLICE

SEMITONES, C4 = np.arange(12) * 100.0, 440 * 2 ** (-9 / 12)


class Hearing:
    """Hears one sound. cents, period: degrees of the scale that `chroma` is folded to; root: Hz of its first."""

    def __init__(self, samplerate: float, cents: np.ndarray = SEMITONES, period: float = 1200.0,
                 root: float = C4) -> None:
        self.samplerate, self.root = float(samplerate), float(root)
        self.frames = 0
        self._analysis = np.zeros(1, ANALYSIS)
        fill_analysis(self._analysis[0], self.samplerate)
        reset_analysis(self._analysis[0], self.samplerate)
        set_chroma_scale(self._analysis[0]['chroma'], np.ascontiguousarray(cents, np.float64), len(cents), period)

    def hear(self, block: np.ndarray) -> np.ndarray:
        """Return the slices (n,) that are complete with a block (frames, channels); n may be 0.

        Of two channels the mean is analyzed, and loudness is that of both; of more, that of their mean.
        """
        heard = block.mean(1, dtype=np.float64).astype(np.float32)
        left = block[:, 0] if block.shape[1] == 2 else heard
        right = block[:, 1] if block.shape[1] == 2 else np.zeros_like(heard)
        slices = np.zeros(len(block) // HOP + 1, SLICE)
        count = hear_block(self._analysis[0], self.samplerate, self.root, heard, np.ascontiguousarray(left, np.float32),
                           np.ascontiguousarray(right, np.float32), self.frames, slices)
        self.frames += len(block)
        return slices[:count]


@exact
def hear_block(analysis, samplerate, root, heard, left, right, begun, slices):
    """Take a block that begins at sample `begun`; return how many slices were written."""
    count = 0
    for k in range(len(heard)):
        analysis.history[analysis.place] = heard[k]
        analysis.place = (analysis.place + 1) % N_FFT
        measure_loudness(analysis.loudness, left[k], right[k])
        hear_pitch(analysis.pitch, heard[k])
        clock = begun + k + 1
        if clock % HOP == HOP // 2:
            measure_pitch(analysis.pitch)
        if clock % HOP == 0 and clock >= N_FFT:
            item = slices[count]
            unroll(analysis, item.samples)
            item.end, item.root = clock, root
            describe_spectrum(analysis, samplerate, item)
            describe_music(analysis, samplerate, root, item)
            count += 1
    return count
