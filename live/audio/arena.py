"""All memory of the audio callback, in one block that it gets a pointer to. Made once; nothing is allocated later.

ARENA is a numpy dtype: compiled code and Python read the same fields by name. Python writes only `board` (through
`Board`) and `events` (through `Ring`); everything else belongs to the audio thread and is polled.
"""
import numpy as np

from live.dsp.cluster import CLUSTER, reset_cluster
from live.dsp.degrees import DEGREES, set_degrees
from live.dsp.features import band_edges
from live.dsp.fft import twiddles
from live.dsp.kernel import TICK
from live.dsp.output import OUTPUT, reset_output
from live.dsp.pulse import PULSE, reset_pulse
from live.params import PARAMS, RECORD, Board
from live.signals import BANDS, BINS, EVENT, N_FFT, SLICE
from live.wires import Ring

EVENTS = 1024           # waiting events
SLICES = 512            # 5.5 s at 48 kHz
SOUND = 2 ** 20         # frames, 21.8 s at 48 kHz
LOADS = 200             # histogram of render time: hundredths of the block's duration
INTERVALS = 100         # histogram of callback interval: twentieths of the block's duration
CACHE_LINE = 64

STATS = np.dtype([
    ('callbacks', 'i8'), ('frames', 'i8'),              # made so far
    ('underflows', 'i8'), ('overflows', 'i8'),          # as PortAudio reports them, after the first tenth of a second
    ('late', 'i8'),                                     # callbacks more than half a block late
    ('nan', 'i8'),                                      # samples that were not finite, muted
    ('refused', 'i8'),                                  # parameter values that were not finite, ignored
    ('last_ns', 'i8'), ('last_frames', 'i8'), ('longest_ns', 'i8'),
    ('thread', 'i8'),                                   # as pthread_setschedparam takes it
    ('load', 'i8', (LOADS,)), ('interval', 'i8', (INTERVALS,)),
], align=True)

GATE_STATE = np.dtype([
    ('open', 'f8'), ('place', 'f8'), ('velocity', 'f8'),        # wanted 0 or 1; how far open 0..1; loudness
    ('level', 'f8'), ('mute', 'f8'), ('panic', 'f8'),           # level now; 1 heard .. 0 muted; panic wanted
], align=True)

ANALYSIS = np.dtype([
    ('history', 'f4', (N_FFT,)), ('place', 'i8'),       # circular: the newest samples; where the next one goes
    ('frame', 'f4', (N_FFT,)), ('window', 'f8', (N_FFT,)), ('turn', 'f8', (2, N_FFT // 2)),
    ('work', 'f8', (4, N_FFT // 2)), ('magnitudes', 'f8', (BINS,)), ('previous', 'f8', (BINS,)),
    ('edges', 'f8', (BANDS + 1,)), ('drift', 'f8', (4,)),
], align=True)

_NOW = np.dtype({'names': ['now', 'values'], 'formats': [RECORD, ('f8', (len(PARAMS),))], 'offsets': [0, 0]})

ARENA = np.dtype([
    ('samplerate', 'f8'), ('seed', 'i8'), ('inputs', 'i8'),     # inputs: channels that are opened, 0..2
    ('position', 'i8'),                                         # frames of the present tick already handed out
    ('ticks', 'i8'),
    ('board', 'f8', (len(PARAMS),)),                            # targets, written by control
    ('params', _NOW),                                           # where they have glided to, by name and by number
    ('glide', 'f8', (len(PARAMS),)), ('logarithmic', 'i8', (len(PARAMS),)),
    ('degrees', DEGREES), ('cluster', CLUSTER), ('pulse', PULSE), ('gate', GATE_STATE),
    ('gain', 'f8', (4,)), ('gain_end', 'f8', (4,)),             # cluster, pulse, input, main: at both ends of the tick
    ('listen', 'f8', (2,)),                                     # share of the input in the analysis, at both ends
    ('left', 'f4', (TICK,)), ('right', 'f4', (TICK,)),
    ('analysis', ANALYSIS), ('output', OUTPUT), ('stats', STATS),
    ('events', EVENT, (EVENTS,)), ('events_head', 'i8', (8,)), ('events_tail', 'i8'),
    ('slices', SLICE, (SLICES,)), ('slices_head', 'i8', (8,)),
    ('sound', 'f4', (SOUND, 2)), ('sound_head', 'i8', (8,)),
], align=True)


class Arena:
    """The callback's memory and the views of it that Python uses.

    record: (1,) ARENA; board: writes the targets; events, slices, sound: rings; stats: polled counters.
    """

    def __init__(self, samplerate: float, seed: int = 0, inputs: int = 0) -> None:
        room = np.zeros(ARENA.itemsize + CACHE_LINE, np.uint8)
        room[:] = 0                                     # touch every page now, not in the callback
        start = -room.ctypes.data % CACHE_LINE
        self.record = room[start:start + ARENA.itemsize].view(ARENA)
        one = self.record[0]
        one['samplerate'], one['seed'], one['inputs'] = samplerate, seed, inputs
        self.board = Board(one['board'].view(RECORD))
        self.events = Ring(one['events'], one['events_head'])
        self.slices = Ring(one['slices'], one['slices_head'])
        self.sound = Ring(one['sound'], one['sound_head'], burst=TICK)
        self.stats = one['stats']
        self._fill_tables(one)
        self.reset(seed)

    @property
    def address(self) -> int:
        return self.record.ctypes.data

    @property
    def samplerate(self) -> float:
        return float(self.record['samplerate'][0])

    @property
    def frames(self) -> int:
        """Audio samples made so far: the clock of the instrument."""
        return self.sound.written

    def reset(self, seed: int) -> None:
        """Begin the performance anew from silence; only while no stream runs."""
        one = self.record[0]
        one['seed'] = seed
        one['position'] = one['ticks'] = 0
        one['params']['values'][:] = one['board']
        one['gate'] = (1, 0, 1, 0, 1, 0)
        one['gain'] = one['gain_end'] = 0
        for field in ('history', 'place', 'previous'):
            one['analysis'][field] = 0
        for head in ('events_head', 'slices_head', 'sound_head', 'events_tail'):
            one[head] = 0
        one['stats'] = np.zeros(1, STATS)[0]
        set_degrees(one['degrees'], np.zeros(1), 1, 1200.0)
        reset_cluster(one['cluster'], seed)
        reset_pulse(one['pulse'])
        reset_output(one['output'], self.samplerate)

    def _fill_tables(self, one) -> None:
        analysis = one['analysis']
        analysis['window'] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
        analysis['turn'] = twiddles(N_FFT)
        analysis['edges'] = band_edges(BANDS)
        tick = TICK / self.samplerate
        # A glide of t seconds is an exponential that has come 95 % of the way after t.
        one['glide'] = [1 - np.exp(-3 * tick / p.glide) if p.glide else 1 for p in PARAMS]
        one['logarithmic'] = [p.curve in ('exp', 'count') for p in PARAMS]
