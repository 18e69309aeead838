"""Reading between samples: exact on them, flat in the band, nothing folds."""
import numpy as np
import pytest

from live.dsp.sinc import WING, interpolate, reach

RATE = 48000


def read(sound, step, place=0.0):
    margin = reach(step)
    held = np.pad(sound, margin).astype(np.float32)[:, None]
    out = np.empty((int((len(sound) - place) / step), 1), np.float32)
    interpolate(held, margin + place, step, WING, out)
    return out[:, 0]


def sine(hz, frames=8000):
    return .5 * np.sin(2 * np.pi * hz * np.arange(frames) / RATE)


@pytest.mark.parametrize('step', [.3, 1.0, 1.6])
@pytest.mark.parametrize('hz', [50, 997, 9000])
def test_a_sine_stays_a_sine(step, hz):
    made = read(sine(hz), step, .25)[300:-300]
    place = .25 + step * np.arange(300, 300 + len(made))
    assert np.abs(made - .5 * np.sin(2 * np.pi * hz * place / RATE)).max() < 1e-4


@pytest.mark.parametrize('hz', [13500, 18000, 23000])
def test_what_would_fold_is_gone(hz):
    assert np.abs(read(sine(hz), 2.0)[100:-100]).max() < .5 * 10 ** (-75 / 20)


def test_the_band_is_flat():
    for hz in (100, 10000, 20000):
        assert read(sine(hz), .999)[100:-100].std() == pytest.approx(.5 / 2 ** .5, rel=3e-3)
