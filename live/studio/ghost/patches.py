"""A sound as a patch: spectra of some of its moments, each frozen in a layer, which swell and ebb apart.

The partials are found by the very kernels that freeze the live input on stage (live/dsp/capture.py), so the layers are
what they would be, had the sound been played to the instrument.
"""
import math
from pathlib import Path

import numpy as np

from live.dsp.capture import BANDS, CAPTURE, FRAME, begin_capture, floor_of, go_on, hear_capture, reset_capture
from live.dsp.kernel import TICK
from live.params import LAYERS, SOURCES
from live.patch import MOST_PARTIALS, Patch, Spectrum, dump_patch
from live.routes import read_routes
from live.studio.files import StudioError, check_folder

MOMENTS = 3             # layers
FROZEN = SOURCES.index('frozen')
LOUDNESS = 0.2          # root mean square of each spectrum
LEVEL_DB, SWELL_DB = -6.0, 6.0
PROMPTS = ('pale smoke that remembers a shape', 'a face under dark water')


def freeze(sound: np.ndarray, samplerate: float) -> Spectrum:
    """Return the partials (Hz, dB) of the last FRAME samples of a sound, the lowest first; silence before it counts."""
    state = np.zeros(1, CAPTURE)[0]
    reset_capture(state)
    newest = np.pad(sound[-FRAME:], (FRAME - len(sound[-FRAME:]), 0)).astype(np.float32)
    for tick in newest.reshape(-1, TICK):
        hear_capture(state, tick, tick)
    begin_capture(state)
    while not go_on(state, samplerate):
        pass
    floor, found = floor_of(state, MOST_PARTIALS), int(state['first'][BANDS])
    chosen = np.flatnonzero((state['masked'][:found] == 0) & (state['amplitude'][:found] >= floor))[:MOST_PARTIALS]
    hertz, level = state['frequency'][chosen], state['amplitude'][chosen]
    there = (hertz >= 1) & (level > 0)
    hertz, level = hertz[there], level[there]
    if not len(hertz):
        raise StudioError('there is no partial in this sound that could be frozen; it is silent there')
    gain = LOUDNESS / math.sqrt((level ** 2).sum() / 2)
    decibels = np.clip(20 * np.log10(level * gain), -120, 0)
    return tuple((round(float(h), 3), round(float(d), 2)) for h, d in zip(hertz, decibels))


def make_patch(name: str, sound: np.ndarray, samplerate: float, seed: int = 0) -> Patch:
    """Return a patch whose layers hold the spectra of MOMENTS moments of a sound."""
    ends = np.linspace(min(len(sound), FRAME), len(sound), MOMENTS).astype(int)
    layers = LAYERS[:MOMENTS]
    spectra = {layer: freeze(sound[:end], samplerate) for layer, end in zip(layers, ends)}
    values: dict[str, float] = {'lfo1.rate': 0.03, 'lfo1.wave': 2, 'reverb.decay': 12.0}
    for layer in layers:
        values |= {f'{layer}.source': FROZEN, f'{layer}.level_db': LEVEL_DB, f'{layer}.drift_cents': 3.0,
                   f'{layer}.width': 1.0, f'{layer}.gate': 0.0}
    routes = read_routes([{'from': 'lfo1', 'to': f'{layer}.level_db', 'amount': SWELL_DB * sign}
                          for layer, sign in zip(layers, (1, -1, 1))])
    return Patch(name, 'A memory of recordings, its spectrum frozen at three moments.', PROMPTS, layers=layers,
                 seed=seed, values=values, routes=routes, spectra=spectra)


def write_patch(path: str | Path, sound: np.ndarray, samplerate: float, seed: int = 0) -> Path:
    """Write a patch file that plays on stage; return its path."""
    path = check_folder(Path(path).with_suffix('.toml'))
    path.write_text(dump_patch(make_patch(path.stem, sound, samplerate, seed)), encoding='utf-8')
    return path
