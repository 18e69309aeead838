"""Sounds that the tests of the art make."""
import numpy as np

RATE = 44100


def chirp(seconds=2.0, rate=RATE):
    time = np.arange(round(seconds * rate)) / rate
    return (0.4 * np.sin(2 * np.pi * (200 * time + 400 * time ** 2)) * np.minimum(1, 8 * time)).astype(np.float32)
