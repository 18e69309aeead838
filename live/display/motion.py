"""Motion: what the shaders are told about the sound, slowed down and carried on from frame to frame.

In: time, the Board and the newest SLICE, once per frame. Out: a dict of uniform values by name. All speed is
integrated here, so turning a speed never makes anything jump; features are smoothed; every pulse leaves a bloom that
outlives it. Root, partials and their beats come exactly as they sound. A pure function of what it was given since
`reset`. [main] Knows nothing of OpenGL.
"""
import math
from collections.abc import Mapping

import numpy as np

from live.params import Board
from live.signals import BANDS, BEATS, DRIFTS, FEATURES, PARTIALS

BLOOMS = 32             # pulses that are still seen
BLOOM_GAP = 0.1         # seconds; pulses closer than this share a bloom, or old ones would be cut off
FLOW_PERIOD = 4096.0    # all motion comes round unseen after this much flow: hours stay as smooth as seconds
LONGEST_STEP = 0.25     # seconds; a display that hung goes on from where it was
RISE, FALL = 0.15, 0.9  # seconds in which a smoothed value rises and falls most of the way
LONGEST_TIME = 65536.0  # seconds, 18 hours: where time begins anew, while a frame is still more than a float's step
NEVER = 1e4             # seconds since something that never happened

SCALARS = tuple(name for name in FEATURES.names or () if name != 'bands')
SMOOTHED = tuple(f'feature_{name}' for name in SCALARS)
STATE = ('gate', 'pulse', 'drift_cents')
FIGURES = ('root', 'pulses', 'pulse_cents')
EXACT = (*FIGURES, 'partials', 'partial_hz', 'partial_level', 'tones', 'tone_hz', 'tone_level', 'beat_hz')
SLOW = ('level', 'brightness', 'band_level', 'level_time', 'band_time', 'beat_phase')
UNIFORMS = (*SMOOTHED, 'bands', *STATE, *EXACT, *SLOW, 'bloom_cents', 'bloom_age', 'time', 'seconds', 'elapsed', 'flow',
            'frame')


def rest_values() -> dict[str, float | np.ndarray]:
    """Return the values that stand when nothing sounds yet."""
    silent: dict[str, float | np.ndarray] = dict.fromkeys(SMOOTHED, 0.0)
    return {**silent, 'bands': np.zeros(BANDS), 'gate': 1.0, 'pulse': 0.0, 'drift_cents': np.zeros(DRIFTS)}


def read_slice(slice_: np.void) -> dict[str, float | np.ndarray]:
    """Return the values of a SLICE by uniform name."""
    features = slice_['features']
    return {**{f'feature_{name}': features[name] for name in SCALARS},
            'bands': features['bands'], **{name: slice_[name] for name in STATE}}


def read_exact(slice_: np.void) -> dict[str, float | np.ndarray]:
    """Return what is not smoothed. tones: the partials where they are known, else the peaks that are measured."""
    partials, peaks = read_lines(slice_, 'partial'), read_lines(slice_, 'peak')
    tones = {name.replace('partial', 'tone').replace('peak', 'tone'): value
             for name, value in (partials if partials['partials'] else peaks).items()}
    figures = {name: float(slice_[name]) for name in FIGURES if np.isfinite(slice_[name])}
    return {**figures, **partials, **tones, 'beat_hz': np.nan_to_num(slice_['beat_hz'].astype('f8'))}


def read_lines(slice_: np.void, kind: str) -> dict[str, float | np.ndarray]:
    """Return number, frequencies and levels of partials or peaks; those that are not there have 0 Hz and no level."""
    count = int(slice_[f'{kind}s'])
    names = f'{kind}_hz', f'{kind}_level'
    return {f'{kind}s': count, **{name: np.where(np.arange(len(slice_[name])) < count, np.nan_to_num(slice_[name]), 0.0)
                                  for name in names}}


class Motion:
    """What moves. `step` gives the values of the next frame."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._values = rest_values()
        self._time: float | None = None
        self._flow = self._seconds = self._level_time = 0.0
        self._exact: dict[str, float | np.ndarray] = {
            'root': 466.16, 'pulses': 0.0, 'pulse_cents': 0.0,
            'partials': 0, 'partial_hz': np.zeros(PARTIALS), 'partial_level': np.zeros(PARTIALS),
            'tones': 0, 'tone_hz': np.zeros(PARTIALS), 'tone_level': np.zeros(PARTIALS), 'beat_hz': np.zeros(BEATS)}
        self._band_time, self._beat_phase = np.zeros(BANDS), np.zeros(BEATS)
        self._frame = 0
        self._pulses: float | None = None
        self._bloom_cents = np.zeros(BLOOMS)
        self._bloom_born = np.full(BLOOMS, -NEVER)
        self._next_bloom = 0

    def step(self, time: float, board: Board, slice_: np.void | None) -> Mapping[str, object]:
        """Return all uniform values at `time` seconds; slice_: the newest SLICE, None before the first."""
        elapsed = NEVER if self._time is None else min(max(0.0, time - self._time), LONGEST_STEP)
        self._time = time
        if slice_ is not None:
            self._follow(read_slice(slice_), elapsed)
            self._exact |= read_exact(slice_)
            self._bloom(slice_, time)
        if elapsed < NEVER:
            self._flow = (self._flow + elapsed * flow_rate(board['motes.speed'])) % FLOW_PERIOD
            self._seconds += elapsed
        self._frame = (self._frame + 1) % 65536
        return {**{name.replace('.', '_'): value for name, value in board.items()}, **self._values,
                'bloom_cents': self._bloom_cents, 'bloom_age': np.clip(time - self._bloom_born, 0.0, NEVER),
                **self._exact, **self._slow(elapsed), 'time': time % FLOW_PERIOD, 'seconds': self._seconds,
                'elapsed': elapsed, 'flow': self._flow, 'frame': self._frame}

    def _slow(self, elapsed: float) -> dict[str, float | np.ndarray]:
        """Return levels of 0..1, and what has been added up of them: time that runs as fast as something is loud."""
        level, band_level = level_of(self._values['feature_rms']), band_level_of(self._values['bands'])
        step = elapsed if elapsed < NEVER else 0.0
        self._level_time = (self._level_time + step * float(level)) % LONGEST_TIME
        self._band_time = (self._band_time + step * band_level) % LONGEST_TIME
        self._beat_phase = (self._beat_phase + step * self._exact['beat_hz']) % 1.0
        return {'level': level, 'band_level': band_level, 'level_time': self._level_time, 'band_time': self._band_time,
                'brightness': brightness_of(self._values['feature_centroid']), 'beat_phase': self._beat_phase}

    def _follow(self, newest: Mapping[str, float | np.ndarray], elapsed: float) -> None:
        """Move each value towards the newest; what is not a number stays where it was."""
        rise, fall = 1.0 - math.exp(-elapsed / RISE), 1.0 - math.exp(-elapsed / FALL)
        for name, value in newest.items():
            before = self._values[name]
            step = np.where(np.greater(value, before), rise, rise if name in STATE else fall)
            moved = before + step * (np.asarray(value, 'f8') - before)
            self._values[name] = np.where(np.isfinite(moved), moved, before)

    def _bloom(self, slice_: np.void, time: float) -> None:
        pulses = float(slice_['pulses'])
        new = self._pulses is not None and pulses > self._pulses
        self._pulses = pulses
        newest = self._bloom_born[self._next_bloom - 1]
        if new and time - newest >= BLOOM_GAP:
            self._bloom_cents[self._next_bloom] = slice_['pulse_cents']
            self._bloom_born[self._next_bloom] = time
            self._next_bloom = (self._next_bloom + 1) % BLOOMS


def flow_rate(speed: float) -> float:
    """Return flow per second at knob position `speed`: nearly still at 0, never hasty at 1."""
    return 0.12 + 1.4 * speed + 2.5 * speed ** 3


def level_of(rms: float | np.ndarray) -> float | np.ndarray:
    """Return 0 at -60 dB and below, 1 at full scale."""
    return np.clip(1.0 + np.log10(np.maximum(rms, 1e-6)) / 3.0, 0.0, 1.0)


def brightness_of(centroid: float | np.ndarray) -> float | np.ndarray:
    """Return 0 at 120 Hz and below, 1 at 7680 Hz, even in octaves."""
    return np.clip(np.log2(np.maximum(centroid, 60.0) / 120.0) / 6.0, 0.0, 1.0)


def band_level_of(power: float | np.ndarray) -> np.ndarray:
    """Return 0 at -20 dB and below, 1 at 50 dB, of the power of bins."""
    return np.clip((10.0 * np.log10(np.maximum(power, 1e-12)) + 20.0) / 70.0, 0.0, 1.0)
