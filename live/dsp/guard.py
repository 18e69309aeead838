"""What a processor takes for sound: nothing that is not finite or absurdly loud gets into its memory. [audio]"""
import numpy as np

from live.dsp.kernel import kernel

ABSURD = np.float32(1000)       # +60 dBFS
_SILENCE = np.float32(0)


@kernel
def audible(sample):
    """Return a float32 sample, or silence where it is NaN, infinite or absurdly loud."""
    return sample if abs(sample) < ABSURD else _SILENCE
