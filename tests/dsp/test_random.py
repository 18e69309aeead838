import numpy as np

from live.dsp.random import gaussian, uniform


def test_uniform_fills_zero_to_one_evenly():
    draws = np.array([uniform(1, voice, 5) for voice in range(20000)])
    counts, _ = np.histogram(draws, 20, (0, 1))
    assert counts.sum() == 20000 and counts.min() > 850 and counts.max() < 1150


def test_gaussian_has_mean_0_and_deviation_1():
    draws = np.array([gaussian(3, 7, step) for step in range(50000)])
    assert abs(draws.mean()) < 0.02 and abs(draws.std() - 1) < 0.02


def test_voices_steps_and_seeds_are_uncorrelated():
    a = np.array([[gaussian(seed, voice, step) for step in range(4000)]
                  for seed, voice in ((1, 1), (1, 2), (2, 1))])
    assert np.abs(np.corrcoef(a) - np.eye(3)).max() < 0.06
    assert abs(np.corrcoef(a[0, 1:], a[0, :-1])[0, 1]) < 0.06
