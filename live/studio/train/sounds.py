"""Made-up sounds for the training, as the tokens that the instrument's own sounds become when it plays.

In: properties of pictures. Out: rows of live/conditioning/tokens.py whose sound has the properties that go with them:

    light     level                 density   number of partials
    fineness  brightness            shimmer   beating
    scatter   spread

So at the stage the spectrum of a drone means something without tuning. What a picture does not show (pitch, drift,
noise) is drawn at random and means nothing. Seeded; numpy only.
"""
import numpy as np

from live.conditioning.tokens import SCALES, VALUES, register_rows, spectrum_rows, value_rows
from live.signals import BINS, N_FFT, PARTIALS, SLICE

SAMPLERATE = 48000
MEANS = {'light': 'level', 'fineness': 'brightness', 'scatter': 'spread', 'density': 'density', 'shimmer': 'beating'}
LOBE = np.array([0.02, 0.5, 1.0, 0.5, 0.02])        # a Hann window's main lobe, in bins
FLUCTUATION = 0.15                                  # share by which a partial differs from one time scale to the next


def make_rows(properties: np.ndarray, names: tuple[str, ...], width: int, random: np.random.Generator) -> np.ndarray:
    """Return token rows (n, ROWS, width) of sounds that go with properties (n, len(names)), 0..1."""
    values = random.uniform(0, 1, (len(properties), len(VALUES)))
    for property_name, value_name in MEANS.items():
        values[:, VALUES.index(value_name)] = properties[:, names.index(property_name)]
    slices, power = make_partials(values, random)
    spectra = np.stack([spectrum_rows(make_magnitudes(slices, power, value, random), width, SAMPLERATE)
                        for slices, power, value in zip(slices, power, values)])
    return np.concatenate((spectra, register_rows(slices, width), value_rows(values, width)), 1).astype(np.float32)


def make_partials(values: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return slices (n,) with root and partials of sounds of these VALUES, and the partials' power (n, PARTIALS)."""
    level, brightness, spread, density, beating, drift, pitch, noise = values.T
    n = len(values)
    root = 27.5 * 256 ** pitch
    number = np.clip(np.round(2 ** (6 * density)), 1, PARTIALS).astype(int)
    centre = np.clip(np.log2(80 * 100 ** brightness / root), -1.5, 6.0)
    octave = np.round(centre[:, None] + random.normal(0, 1.2, (n, PARTIALS)) * np.minimum(1, density * 3)[:, None])
    cents = 2 * np.expm1(spread * np.log1p(300))
    offset = np.clip(random.normal(0, 1, (n, PARTIALS)) * cents[:, None], -600, 600)
    hertz = root[:, None] * 2 ** (octave + offset / 1200)
    there = np.arange(PARTIALS) < number[:, None]
    power = np.where(there, random.uniform(0.5, 1, (n, PARTIALS)), 0.0)
    power *= (10 ** (3 * (level - 1)) ** 2 / power.sum(1))[:, None]
    slices = np.zeros(n, SLICE)
    slices['root'], slices['partials'] = root, number
    slices['partial_hz'], slices['partial_level'] = hertz, np.sqrt(power)
    return slices, power


def make_magnitudes(slices: np.void, power: np.ndarray, values: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return magnitudes (len(SCALES), BINS) of a sound at each time scale: lobes at its partials over some noise."""
    there = power > 0
    place = np.round(slices['partial_hz'][there] * N_FFT / SAMPLERATE).astype(int)
    level = np.sqrt(power[there]) * N_FFT / 4
    noise = 10 ** (2 * values[VALUES.index('noise')] - 4)
    heard = np.abs(random.normal(0, 1, (len(SCALES), BINS))) * noise * level.max()
    for scale in range(len(SCALES)):
        gains = level * (1 + FLUCTUATION * random.normal(0, 1, len(level)))
        for offset, share in enumerate(LOBE, -2):
            np.add.at(heard[scale], np.clip(place + offset, 0, BINS - 1), np.abs(gains) * share)
    return heard
