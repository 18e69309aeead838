"""Hold a number in its range, whatever it is: NaN becomes the lowest. [audio]"""
from live.dsp.kernel import kernel

LARGEST = 1e300


@kernel
def clamp(x, low, high):
    """Return x held in low..high; NaN, which compares with nothing, becomes low."""
    if x > low:
        return min(x, high)
    return low


@kernel
def is_finite(x):
    """Return whether x is a number. math.isfinite asks whether x - x is one, which a kernel may fold to 0."""
    return abs(x) <= LARGEST


@kernel
def clamp_or(x, low, high, default):
    """Return x held in low..high; NaN becomes `default`."""
    return clamp(x, low, high) if x == x else default
