"""How the tests of processors play sound through them, tick by tick, and measure what comes out."""
import numpy as np

from live.dsp.kernel import TICK


def play(process, samples, *settings):
    """Run samples (2, n) through process(*settings, left, right); a setting is a number, or a function of the tick."""
    out = samples[:, :samples.shape[1] // TICK * TICK].astype(np.float32)
    for k in range(out.shape[1] // TICK):
        now = [float(setting(k)) if callable(setting) else float(setting) for setting in settings]
        process(*now, *out[:, k * TICK:(k + 1) * TICK])
    return out


def sine(frequency, seconds, rate=48000, amplitude=0.5):
    """Return the same sine on both channels; it swells in 10 ms, since a sudden start is a click of its own."""
    wave = amplitude * np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate)
    swell = rate // 100
    wave[:swell] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(swell) / swell)
    return np.tile(wave, (2, 1))


def noise(seconds, rate=48000, level=0.1, seed=1):
    """Return white noise, another on each channel."""
    return level * np.random.default_rng(seed).standard_normal((2, int(seconds * rate)))


def decibels(ratio):
    return 20 * np.log10(np.maximum(np.abs(ratio), 1e-30))


def gain_db(out, samples):
    """Return how much louder the second half of `out` is than that of `samples`."""
    half = out.shape[-1] // 2
    return decibels(out[0, half:].astype(float).std() / samples[0, half:out.shape[1]].std())


def largest_bend(samples):
    """Return the largest second difference, which a click makes large."""
    return np.abs(np.diff(samples.astype(np.float64), 2)).max()


def ramp_bend(height):
    """Return the bend at the ends of a straight line that rises to `height` within a tick."""
    return height / TICK


def flip(one, other, ticks=50):
    """Return a setting that jumps from one value to the other and back."""
    return lambda tick: other if tick // ticks % 2 else one
