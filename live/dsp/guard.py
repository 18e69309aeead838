"""What every processor does with what it is given: scalars are held in range, absurd samples are silence. [audio]"""
import numpy as np

from live.dsp.kernel import kernel

ABSURD = np.float32(1000)       # +60 dBFS: no sound is louder
_SILENCE = np.float32(0)


@kernel
def bounded(x, low, high, otherwise):
    """Return x held between low and high; NaN becomes `otherwise`."""
    return min(max(x, low), high) if x == x else otherwise


@kernel
def audible(sample):
    """Return a float32 sample, or silence where it is NaN, infinite or absurdly loud: no filter is poisoned by it."""
    return sample if abs(sample) < ABSURD else _SILENCE
