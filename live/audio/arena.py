"""All memory of the audio callback, in one block that it gets a pointer to. Made once; nothing is allocated later.

ARENA is a numpy dtype: compiled code and Python read the same fields by name. Python writes only `board` (through
`Board`), `classes`, `events`, `tunings`, `routings` and `spectra` (through `Ring`) and the idle picture tables;
everything else belongs to the audio thread and is polled.
"""
from collections.abc import Iterable, Sequence

import numpy as np

from live.audio.layer import LAYER, NOBODY, PICTURED, reset_layer
from live.audio.modulation import LFO, MODULATION, ROUTE
from live.audio.taking import ROUTING, SPECTRUM, TUNING, find_pace, hand_over, wear_routes, wear_tuning
from live.dsp.beat import BEAT
from live.dsp.chroma import CHROMA
from live.dsp.degrees import DEGREES, MOST_DEGREES, WIDEST
from live.dsp.delay import DELAY, reset_delay
from live.dsp.features import band_edges
from live.dsp.fft import twiddles
from live.dsp.freeze import MOST
from live.dsp.kernel import TICK
from live.dsp.limiter import LIMITER, reset_limiter
from live.dsp.loudness import LOUDNESS, reset_loudness
from live.dsp.mel import MEL, reset_mel
from live.dsp.mfcc import dct_basis
from live.dsp.novelty import NOVELTY, reset_novelty
from live.dsp.output import OUTPUT, reset_output
from live.dsp.pitch import PITCH, reset_pitch
from live.dsp.pulse import PULSE, reset_pulse
from live.dsp.reverb import REVERB, reset_reverb
from live.dsp.swarm import SWARM, reset_swarm
from live.dsp.table import COLUMNS, ROWS, put_picture, shrunk, under_way
from live.dsp.tilt import TILT, reset_tilt
from live.params import LAYER_RECORD, LAYER_START, LAYERS, PARAMS, RECORD, ROOM, Board, find_number
from live.routes import CLASSES, LFOS, ROUTES, Row
from live.signals import BANDS, BINS, EVENT, N_FFT, PARTIALS, SLICE, TAKEN
from live.wires import Ring

EVENTS = 1024           # waiting events
SLICES = 512            # 5.5 s at 48 kHz
TAKINGS = 2 ** 17       # a patch is 300 of them, a morph of everything 30,000 a second
HANDED = 16             # scales, routes, spectra, pictures: control puts a few a second
SOUND = 2 ** 21         # frames, 43.7 s at 48 kHz, 10.9 s at 192 kHz
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
    ('edges', 'f8', (BANDS + 1,)),
    ('mel', MEL), ('dct', 'f8', dct_basis().shape), ('novelty', NOVELTY), ('chroma', CHROMA),
    ('loudness', LOUDNESS), ('pitch', PITCH),
    ('phases', 'i4', (PARTIALS,)), ('beat', BEAT),      # of the partials in the newest slice; the strongest of them
], align=True)

DC = np.dtype([('before', 'f8', (2,)), ('out', 'f8', (2,))])

# The same numbers by name, by number, by layer, by modulator.
_VIEWS = np.dtype({'names': ['now', 'values', 'layers', 'lfos'],
                   'formats': [RECORD, ('f8', (ROOM,)), (LAYER_RECORD, (len(LAYERS),)), (LFO, (LFOS,))],
                   'offsets': [0, 0, LAYER_START, 8 * find_number('lfo1.rate')]})
_TICK = ('f4', (TICK,))

LIGHT = np.dtype([('rows', 'i8'), ('columns', 'i8'), ('light', 'u1', (ROWS * COLUMNS,))])   # of a picture, row by row

ARENA = np.dtype([
    ('samplerate', 'f8'), ('seed', 'i8'), ('inputs', 'i8'),     # inputs: channels that are opened, 0..2
    ('position', 'i8'),                                         # frames of the present tick already handed out
    ('ticks', 'i8'),
    ('board', 'f8', (ROOM,)), ('targets', 'f8', (ROOM,)),       # written by control; as they were taken, in range
    ('params', _VIEWS), ('sounding', _VIEWS),                   # where they have glided to; what modulators make of it
    ('glide', 'f8', (ROOM,)), ('logarithmic', 'i8', (ROOM,)),
    ('low', 'f8', (ROOM,)), ('high', 'f8', (ROOM,)), ('level', 'i8', (ROOM,)),
    ('modulation', MODULATION), ('degrees', DEGREES), ('degrees_wanted', DEGREES), ('degrees_pace', 'f8'),
    ('layers', LAYER, (len(LAYERS),)), ('swarm', SWARM), ('swarm_owner', 'i8'),
    ('pulse', PULSE), ('pulse_gain', 'f8'), ('gate', GATE_STATE),
    ('reverb', REVERB), ('delay', DELAY), ('tilt', TILT), ('limiter', LIMITER), ('dc', DC),
    ('main', 'f8', (2,)), ('mute', 'f8', (2,)),                 # at both ends of the tick
    ('input_gain', 'f8', (2,)), ('share', 'f8', (2,)),          # likewise: of the direct input; of it in the analysis
    ('left', *_TICK), ('right', *_TICK), ('heard', *_TICK),     # the tick; what of it is analyzed
    ('reverb_left', *_TICK), ('reverb_right', *_TICK), ('delay_left', *_TICK), ('delay_right', *_TICK),
    ('in_left', *_TICK), ('in_right', *_TICK),                  # the live input of the tick before
    ('next_left', *_TICK), ('next_right', *_TICK),              # and of this one, as it comes in
    ('analysis', ANALYSIS), ('output', OUTPUT), ('stats', STATS),
    ('events', EVENT, (EVENTS,)), ('events_head', 'i8', (8,)), ('events_tail', 'i8'),
    ('tunings', TUNING, (HANDED,)), ('tunings_head', 'i8', (8,)), ('tunings_taken', 'i8'),
    ('routings', ROUTING, (HANDED,)), ('routings_head', 'i8', (8,)), ('routings_taken', 'i8'),
    ('spectra', SPECTRUM, (HANDED,)), ('spectra_head', 'i8', (8,)), ('spectra_taken', 'i8'),
    ('classes', 'f8', (CLASSES,)),                              # written by control
    ('taken', TAKEN, (TAKINGS,)), ('taken_head', 'i8', (8,)),
    ('slices', SLICE, (SLICES,)), ('slices_head', 'i8', (8,)),
    ('sound', 'f4', (SOUND, 2)), ('sound_head', 'i8', (8,)),
], align=True)


def in_memory(values: Iterable[float]) -> np.ndarray:
    """Return a number for each parameter, and 0 for the room behind them."""
    return np.pad(np.array([*values], 'f8'), (0, ROOM - len(PARAMS)))


def fill_analysis(analysis: np.void, samplerate: float) -> None:
    """Fill the tables of the analysis; its scale is for others to set."""
    analysis['window'] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)
    analysis['turn'] = twiddles(N_FFT)
    analysis['edges'] = band_edges(BANDS)
    analysis['dct'] = dct_basis()
    reset_mel(analysis['mel'], samplerate)


def reset_analysis(analysis: np.void, samplerate: float) -> None:
    """Let the analysis begin from silence."""
    for field in ('history', 'place', 'previous', 'phases', 'beat'):
        analysis[field] = 0
    reset_novelty(analysis['novelty'], samplerate)
    reset_loudness(analysis['loudness'], samplerate)
    reset_pitch(analysis['pitch'], samplerate)


def as_routing(rows: Sequence[Row]) -> np.ndarray:
    """Return routes as the ring takes them, (1,) ROUTING."""
    routing = np.zeros(1, ROUTING)
    routing['count'] = count = min(len(rows), ROUTES)
    routing['route'][0, :count] = np.array(list(rows[:count]), ROUTE)
    return routing


class Arena:
    """The callback's memory and the views of it that Python uses.

    record: (1,) ARENA; board: writes the targets; sounding: reads what modulators make of them; events, slices,
    sound, taken, tunings, routings, spectra, pictures: rings; stats: polled counters.
    """

    def __init__(self, samplerate: float, seed: int = 0, inputs: int = 0) -> None:
        room = np.zeros(ARENA.itemsize + CACHE_LINE, np.uint8)
        room[:] = 0                                     # touch every page now, not in the callback
        start = -room.ctypes.data % CACHE_LINE
        self.record = room[start:start + ARENA.itemsize].view(ARENA)
        one = self.record[0]
        one['samplerate'], one['seed'], one['inputs'] = samplerate, seed, inputs
        self.board = Board(one['board'])
        self.sounding = Board(one['sounding']['values'], fresh=False)
        self.events = Ring(one['events'], one['events_head'])
        self.slices = Ring(one['slices'], one['slices_head'])
        self.sound = Ring(one['sound'], one['sound_head'], burst=TICK)
        self.taken = Ring(one['taken'], one['taken_head'])
        self.tunings = Ring(one['tunings'], one['tunings_head'])
        self.routings = Ring(one['routings'], one['routings_head'])
        self.spectra = Ring(one['spectra'], one['spectra_head'])
        self.pictures = Ring.make(HANDED, LIGHT)        # those shown, by their numbers
        self.stats = one['stats']
        self._fill_tables(one)
        self.tune(np.arange(12) * 100.0, 1200.0)
        self.reset(seed)

    @property
    def address(self) -> int:
        return self.record.ctypes.data

    @property
    def samplerate(self) -> float:
        return float(self.record['samplerate'][0])

    @property
    def targets(self) -> np.ndarray:
        """What of the Board the sound has taken, in the order of PARAMS."""
        return self.record['targets'][0, :len(PARAMS)]

    @property
    def frames(self) -> int:
        """Audio samples made so far: the clock of the instrument."""
        return self.sound.written

    def tune(self, cents: np.ndarray, period_cents: float, glide: float = 0.0) -> None:
        """[control] Let the degrees of the scale glide to these places, (n,) float64 cents, in `glide` seconds."""
        places = np.zeros(MOST_DEGREES)
        count = min(len(cents), MOST_DEGREES)
        places[:count] = cents[:count]
        period = period_cents or WIDEST         # 0: nothing repeats
        self.tunings.put(np.array([(places, count, period, glide)], TUNING))

    def route(self, rows: Sequence[Row]) -> None:
        """[control] Put routes in force. A list that is in force already goes on and keeps what it has learnt."""
        wanted = as_routing(rows)
        before = self.routings.items[(self.routings.written - 1) % HANDED]
        if wanted.tobytes() != before.tobytes():
            self.routings.put(wanted)

    def show(self, picture: np.ndarray) -> bool:
        """[control] Let the layers whose source is a picture sound this one, (rows, columns) of 0..1, row 0 on top.

        Return whether there is such a layer; what comes while the last picture still fades in is passed over. Levels
        are kept as 8 bits of their root: finer where it is dark.
        """
        pictured = self._pictured()
        if any(not under_way(self._table(number)) for number in pictured):
            levels = shrunk(shrunk(np.nan_to_num(picture), ROWS).T, COLUMNS).T
            light = np.round(255 * np.sqrt(np.clip(levels, 0, 1))).astype(np.uint8)
            item = np.zeros(1, LIGHT)
            item['rows'], item['columns'] = light.shape
            item['light'][0, :light.size] = light.ravel()
            self.pictures.put(item)
            for number in pictured:
                self.put_light(number, light, self.pictures.written)
        return len(pictured) > 0

    def freeze(self, number: int, hertz: np.ndarray, levels: np.ndarray) -> None:
        """[control] Give a layer partials to hold, as if it had frozen them: Hz and amplitudes, the first MOST of them.

        They sound once its source is frozen, and fade in over what it held before.
        """
        item = np.zeros(1, SPECTRUM)
        item['layer'], item['count'] = number, min(len(hertz), len(levels), MOST)
        item['hertz'][0, :len(hertz[:MOST])], item['level'][0, :len(levels[:MOST])] = hertz[:MOST], levels[:MOST]
        self.spectra.put(item)

    def classify(self, shares: np.ndarray) -> None:
        """[any] Say how sure each class of the sound is: what the sources class1, class2 ... are, 0..1."""
        classes = self.record[0]['classes']
        classes[:] = np.pad(np.nan_to_num(shares[:CLASSES]).clip(0, 1), (0, max(0, CLASSES - len(shares))))

    def put_light(self, layer: int, light: np.ndarray, number: int = 0) -> bool:
        """[control] Let a layer sound a picture as `show` keeps it, (rows, columns) uint8; False while one fades in."""
        return put_picture(self._table(layer), (light / 255) ** 2, number)

    def _table(self, layer: int) -> np.void:
        return self.record[0]['layers'][layer]['table']

    def wants_picture(self) -> bool:
        """[any] Return whether a layer's source is a picture."""
        return len(self._pictured()) > 0

    def _pictured(self) -> np.ndarray:
        return np.flatnonzero(self.record[0]['sounding']['layers']['source'].round() == PICTURED)

    def reset(self, seed: int, layers: int = len(LAYERS)) -> None:
        """Begin the performance anew from silence; only while no stream runs. layers: how many have sounded."""
        one, samplerate = self.record[0], self.samplerate
        one['seed'] = seed
        for field in ('position', 'ticks', 'pulse_gain', 'main', 'input_gain', 'share', 'in_left', 'in_right',
                      'next_left', 'next_right', 'left', 'right', 'heard', 'events_head', 'slices_head', 'sound_head',
                      'events_tail', 'slices', 'taken_head'):
            one[field] = 0
        targets = np.where(np.isfinite(one['board']), one['board'], in_memory(p.default for p in PARAMS))
        one['targets'] = np.clip(targets, one['low'], one['high'])
        one['params']['values'][:] = one['sounding']['values'][:] = one['targets']
        self._wear_newest(one)
        one['degrees'] = one['degrees_wanted']
        one['gate'], one['mute'] = (1, 0, 1, 0, 1, 0), 1
        one['swarm_owner'] = NOBODY
        for field in ('phase', 'pitch', 'follower', 'shift'):
            one['modulation'][field] = 0
        one['stats'], one['dc'] = np.zeros(1, STATS)[0], np.zeros(1, DC)[0]
        for number, layer in enumerate(one['layers'][:layers]):
            reset_layer(layer, number, samplerate, seed)
        reset_swarm(one['swarm'], seed)
        reset_pulse(one['pulse'])
        for name, start in (('reverb', reset_reverb), ('delay', reset_delay), ('tilt', reset_tilt),
                            ('limiter', reset_limiter), ('output', reset_output)):
            start(one[name], samplerate)
        reset_analysis(one['analysis'], samplerate)

    def _wear_newest(self, one: np.void) -> None:
        for number in range(max(0, self.spectra.written - HANDED), self.spectra.written):
            hand_over(self.spectra.items[number % HANDED], one['layers'])
        for name in ('tunings', 'routings', 'spectra'):
            one[f'{name}_taken'] = one[f'{name}_head'][0]
        tuning = self.tunings.items[(self.tunings.written - 1) % HANDED]
        wear_tuning(tuning, one['degrees_wanted'], one['analysis']['chroma'])
        one['degrees_pace'] = find_pace(tuning['glide'], self.samplerate)
        wear_routes(self.routings.items[(self.routings.written - 1) % HANDED], one['modulation'])

    def _fill_tables(self, one: np.void) -> None:
        fill_analysis(one['analysis'], self.samplerate)
        tick = TICK / self.samplerate
        # A glide of t seconds is an exponential that has come 95 % of the way after t.
        one['glide'] = in_memory(1 - np.exp(-3 * tick / p.glide) if p.glide else 1 for p in PARAMS)
        one['logarithmic'] = in_memory(p.curve in ('exp', 'count') for p in PARAMS)
        one['level'] = in_memory(p.name.endswith('.level_db') for p in PARAMS)
        one['low'], one['high'] = in_memory(p.low for p in PARAMS), in_memory(p.high for p in PARAMS)
