"""How the tests of pedals play signals through them, and measure what comes out."""
import numpy as np

from live.studio.effects.chain import parse_words, play_chain
from live.studio.effects.stream import Shelf, Stream

RATE = 24000


def play(sound, *words, rate=RATE, size=5000):
    """Return a sound (n,) or (n, channels), handed over in blocks of `size`, played through pedals."""
    sound = np.asarray(sound if sound.ndim == 2 else sound[:, None], np.float32)
    blocks = (sound[at:at + size] for at in range(0, len(sound), size))
    with Shelf() as shelf:
        made, = (np.concatenate([np.zeros((0, made.channels), np.float32), *made.blocks])
                 for made in play_chain(Stream(rate, sound.shape[1], blocks), parse_words(words), shelf))
    return made


def sine(hz, seconds=1.0, level=.5, rate=RATE):
    return level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def noise(frames, channels=1, seed=0):
    return np.random.default_rng(seed).uniform(-.5, .5, (frames, channels)).astype(np.float32)


def partials(sound, count=1, rate=RATE):
    """Return Hz of the strongest partials of the middle of a sound, ascending; parabolic between bins of a wide FFT."""
    mono = sound[:, 0] if sound.ndim == 2 else sound
    middle = mono[len(mono) // 6:-len(mono) // 6].astype(float)
    power = np.log(np.abs(np.fft.rfft(middle * np.blackman(len(middle)), 4 * len(middle))) + 1e-12)
    tops = np.flatnonzero((power[1:-1] > power[:-2]) & (power[1:-1] >= power[2:])) + 1
    tops = sorted(sorted(tops, key=lambda k: -power[k])[:count])
    low, mid, high = (power[np.array(tops) + d] for d in (-1, 0, 1))
    return (np.array(tops) + .5 * (low - high) / (low - 2 * mid + high)) * rate / (4 * len(middle))


def cents(hz, other):
    return 1200 * np.log2(np.asarray(hz) / other)
