"""What moves, as numbers: one binary frame 30 times a second, the same for every page, so it is made once.

In: the newest slice, the Board, what modulators make of it, the callback's counters. Out: bytes. FRAME is all float32
and is told to the page as (name, first number, count), so the layout stands here alone. NaN means: not known. Polls;
nobody has to tell anything. [web]
"""
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from live.control.panel.backstage import Backstage
from live.params import BY_NAME, PARAMS, find_number
from live.signals import BANDS, N_FFT, PARTIALS

RATE = 30.0             # frames a second
TAG = b'live'           # the first four bytes of a frame
VIEW_TAG = b'view'      # and of a small picture
LOAD_FRAMES = 30        # the load is that of the last one to two times so many frames
FULL_SCALE = (N_FFT / 4) ** 2          # power of a bin in which a full sine lies
QUIET = 1e-6            # linear: shown as -120 dB
NONE = 1e9              # no value warns


@dataclass(frozen=True, slots=True)
class Meter:
    """One figure: shown from low to high, with a warning from `warn` on."""
    name: str
    label: str
    unit: str
    low: float
    high: float
    warn: float
    doc: str


METERS = (
    #     name          label         unit    low  high  warn  doc
    Meter('rms_db',     'level',      'dB',   -60,   0,   -3, 'Level of what is analyzed.'),
    Meter('peak_db',    'peak',       'dB',   -60,   0,  -.5, 'Peak of what is analyzed.'),
    Meter('loudness',   'loud',       'LUFS', -60,   0,   -5, 'Loudness of the last 0.4 s.'),
    Meter('load',       'sound load', '%',      0, 100,   70, 'Of its time that the sound takes; 99 of 100 take less.'),
    Meter('underflows', 'underflows', '',       0,   1,    1, 'Blocks that came too late to be heard whole.'),
    Meter('late',       'late',       '',       0,  10, NONE, 'Callbacks more than half a block late.'),
    Meter('window_fps', 'picture',    'fps',    0,  60, NONE, 'Frames a second on the screen.'),
    Meter('dream_fps',  'dream',      'fps',    0,  30, NONE, 'Dreams a second.'),
    Meter('age_ms',     'age',        'ms',     0, 500,  400, 'From the sound to the picture that it made.'),
    Meter('drift',      'drift',      '',       0,   8,    6, 'How far dreams are from real pictures, in deviations.'),
    Meter('beat',       'beat',       '',       0,   4, NONE, 'Beats since the start.'),
    Meter('bpm',        'tempo',      'bpm',   20, 300, NONE, 'Tempo in force.'),
    Meter('morph',      'morph',      '',       0,   1, NONE, 'How far a scene or a cue has taken over.'),
    Meter('gate',       'gate',       '',       0,   1, NONE, 'How far the gate is open.'),
)
FRAME = np.dtype([
    ('meters', '<f4', (len(METERS),)),
    ('silenced', '<f4', (1,)), ('root', '<f4', (1,)), ('partials', '<f4', (1,)),
    ('bands_db', '<f4', (BANDS,)),
    ('partial_hz', '<f4', (PARTIALS,)), ('partial_level', '<f4', (PARTIALS,)),
    ('target', '<f4', (len(PARAMS),)), ('actual', '<f4', (len(PARAMS),)),
    ('ghost', '<f4', (len(PARAMS),)),                   # knob positions of controls that wait to take over
])


def layout() -> list[tuple[str, int, int]]:
    """Return (name, first number, count) of each field."""
    return [(name, FRAME.fields[name][1] // 4, FRAME[name].shape[0]) for name in FRAME.names or () if FRAME.fields]


def decibels(value: float) -> float:
    return 20 * float(np.log10(max(value, QUIET)))


class Frames:
    """Makes frames of what is backstage."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._frame = np.zeros(1, FRAME)
        self._slice: Any = None                 # the newest SLICE
        self._loads = [backstage.stats['load'].copy()] * 2
        self._count = 0

    def make(self) -> bytes:
        """Return the frame of now."""
        frame, backstage = self._frame[0], self._backstage
        newest = backstage.slices.newest()
        if newest is not None:
            self._slice = newest
            self._listen(frame, newest)
        figures = dict(self._figures())
        frame['meters'] = [figures.get(meter.name, np.nan) for meter in METERS]
        frame['silenced'] = backstage.desk.silenced
        frame['target'] = backstage.desk.board.values
        frame['actual'] = backstage.sounding.values
        frame['ghost'] = np.nan
        for name, position in (backstage.midi.pending if backstage.midi else {}).items():
            if name in BY_NAME:
                frame['ghost'][find_number(name)] = position
        return TAG + self._frame.tobytes()

    def _listen(self, frame: np.void, newest: Any) -> None:
        frame['root'], frame['partials'] = newest['root'], newest['partials']
        frame['bands_db'] = 10 * np.log10(np.maximum(newest['features']['bands'] / FULL_SCALE, QUIET ** 2))
        frame['partial_hz'], frame['partial_level'] = newest['partial_hz'], newest['partial_level']

    def _figures(self) -> Iterator[tuple[str, float]]:
        backstage = self._backstage
        yield 'load', self._load()
        yield 'morph', backstage.desk.scenes.progress
        yield from ((name, float(backstage.stats[name])) for name in ('underflows', 'late'))
        if self._slice is not None:
            features = self._slice['features']
            yield 'rms_db', decibels(features['rms'])
            yield 'peak_db', decibels(features['peak'])
            yield 'loudness', float(features['momentary'])
            yield 'gate', float(self._slice['gate'])
        yield from (('beat', backstage.desk.tempo.beat), ('bpm', backstage.desk.tempo.bpm))
        yield from backstage.figures().items()

    def _load(self) -> float:
        """Return the load in % that 99 of 100 of the newest blocks stay below; NaN before the first."""
        now = self._backstage.stats['load'].copy()
        sums = np.cumsum(now - self._loads[0])
        if self._count % LOAD_FRAMES == 0:
            self._loads = [self._loads[1], now]
        self._count += 1
        return float(np.searchsorted(sums, .99 * sums[-1]) + 1) if sums[-1] else np.nan
