"""Random numbers without state: each is a hash of (seed, voice, step), so any voice can be drawn at any time.

The mixing function is the finalizer of SplitMix64 (Steele, Lea and Flood 2014, 'Fast splittable pseudorandom number
generators'). [audio]
"""
import numpy as np

from live.dsp.kernel import kernel

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_A, _B = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_STEP = np.uint64(0xD1B54A32D192ED03)


@kernel
def hashed(seed, voice, step):
    """Return 64 random bits for three integers."""
    x = np.uint64(seed) * _GOLDEN + np.uint64(voice) * _STEP + np.uint64(step) + _GOLDEN
    x = (x ^ (x >> np.uint64(30))) * _A
    x = (x ^ (x >> np.uint64(27))) * _B
    x = x ^ (x >> np.uint64(31))
    x = (x ^ (x >> np.uint64(30))) * _A
    return x ^ (x >> np.uint64(31))


@kernel
def uniform(seed, voice, step):
    """Return a number in [0, 1)."""
    return np.float64(hashed(seed, voice, step) >> np.uint64(11)) * 2.0 ** -53


@kernel
def gaussian(seed, voice, step):
    """Return a number of mean 0 and deviation 1: the sum of four uniforms, which ends at +-3.5 deviations."""
    bits = hashed(seed, voice, step)
    total = 0.0
    for _ in range(4):
        total += np.float64(bits & np.uint64(0xFFFF))
        bits = bits >> np.uint64(16)
    return (total - 4 * 32767.5) / 37837.2277      # 65536 / sqrt(3): four uniforms of deviation 65536 / sqrt(12)


@kernel
def hashed32(x):
    """Return 32 random bits for 32 bits: a hash that vectorises (Wellons 2018, 'Prospecting for hash functions')."""
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D))
    x = np.uint32(np.uint32(x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))
