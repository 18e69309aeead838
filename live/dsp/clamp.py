"""Hold a number in its range, whatever it is: NaN becomes the lowest. [audio]"""
from live.dsp.kernel import kernel


@kernel
def clamp(x, low, high):
    """Return x held in low..high; NaN, which compares with nothing, becomes low."""
    if x > low:
        return min(x, high)
    return low


@kernel
def clamp_or(x, low, high, default):
    """Return x held in low..high; NaN becomes `default`."""
    return clamp(x, low, high) if x == x else default
