"""Simple waves: their harmonics as Fourier has them, none above half the rate, and long stretches in any pieces."""
import numpy as np
import pytest

from live.dsp.series import WAVES, make_wave

RATE = 48000
LAWS = {'sine': lambda n: float(n == 1), 'saw': lambda n: 2 / np.pi / n,
        'square': lambda n: 4 / np.pi / n * (n % 2), 'triangle': lambda n: 8 / np.pi ** 2 / n ** 2 * (n % 2),
        'pulse': lambda n: abs(4 / np.pi * np.sin(.2 * np.pi * n) / n)}


def levels(samples):
    return 2 * np.abs(np.fft.rfft(samples)) / len(samples)


@pytest.mark.parametrize('wave', WAVES)
@pytest.mark.parametrize('hz', [10, 466, 7001])
def test_harmonics_follow_their_law_and_there_is_no_alias(wave, hz):
    found = levels(make_wave(wave, hz, RATE, RATE))
    wanted = np.zeros(RATE // 2 + 1)
    for n in range(1, -(-RATE // 2 // hz)):
        if n * hz < RATE / 2:
            wanted[n * hz] = LAWS[wave](n)
    assert found == pytest.approx(wanted, abs=1e-9)


def test_the_sine_is_exact():
    t = np.arange(100000)
    assert make_wave('sine', 997, RATE, 100000) == pytest.approx(np.sin(2 * np.pi * 997 * t / RATE), abs=1e-9)


@pytest.mark.parametrize('wave', WAVES)
def test_pieces_are_the_whole(wave):
    whole = make_wave(wave, 466.16, RATE, 5000)
    assert np.array_equal(np.concatenate([make_wave(wave, 466.16, RATE, 1000, at) for at in range(0, 5000, 1000)]),
                          whole)


def test_what_lies_too_high_is_silent():
    assert not make_wave('saw', 24000, RATE, 100).any() and make_wave('saw', 23990, RATE, 100).any()
