"""Every steerable parameter of the instrument, one row each; Board = where they stand now.

A parameter's dotted name is its identity: 'drone.drift_cents' is the OSC address /drone/drift_cents, the key
`drift_cents` under [drone] in a patch, the record field and shader uniform `drone_drift_cents`, the target of a MIDI
controller, and a row of the README's table. Everything is derived from the row; nothing is listed twice.

Values are float64 in plain units; a knob's 0..1 exists only at the edge (`from_knob`, `to_knob`). Files are read
strictly (`parse`), the stage is lenient (`clamp`). Knows nothing of sound, picture or controllers.
"""
import math
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np


@dataclass(frozen=True, slots=True)
class Param:
    """One steerable quantity.

    unit: as printed ('Hz', 's', 'dB', 'cents'), '' for a plain number.
    curve: key of CURVES, how a knob's 0..1 travels from low to high.
    glide: seconds in which the sound follows a change; 0 = at the next tick.
    choices: names of the steps 0, 1, 2 ... of a 'step' parameter.
    was: former names, so that old patches still load.
    """
    name: str
    unit: str
    low: float
    high: float
    default: float
    curve: str
    glide: float
    doc: str
    choices: tuple[str, ...] = ()
    was: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.name.partition('.')[0]

    @property
    def field(self) -> str:
        return self.name.replace('.', '_')

    @property
    def address(self) -> str:
        return '/' + self.name.replace('.', '/')

    def clamp(self, value: float) -> float:
        """Return the nearest allowed value; NaN becomes the lowest."""
        value = min(self.high, max(self.low, value))
        return round(value) if self.curve in ('step', 'count') else value

    def from_knob(self, position: float) -> float:
        """Return the value at knob position 0..1."""
        position = min(1.0, max(0.0, position))
        return self.clamp(CURVES[self.curve][0](position, self.low, self.high))

    def to_knob(self, value: float) -> float:
        """Return the knob position 0..1 of a value."""
        return min(1.0, max(0.0, CURVES[self.curve][1](self.clamp(value), self.low, self.high)))

    def parse(self, value: object) -> float:
        """Return what a file says as a number; raise ValueError that tells what is allowed."""
        if isinstance(value, str) and value in self.choices:
            return self.choices.index(value)
        if isinstance(value, bool) and self.choices == SWITCH:
            return float(value)
        if self.choices:
            if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(self.choices):
                return value
            raise ValueError(f'{self.name} = {value!r} is none of {", ".join(self.choices)}'
                             + hint(str(value), self.choices))
        if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
            raise ValueError(f'{self.name} = {value!r} is not a number')
        if not self.low <= value <= self.high:
            raise ValueError(f'{self.name} = {value:g}{self.unit and " " + self.unit} is outside {self.range_text}')
        return self.clamp(value)

    def text(self, value: float) -> str:
        """Return a value as a performer reads it."""
        if self.choices:
            return self.choices[int(self.clamp(value))]
        return f'{value:.4g} {self.unit}'.rstrip()

    @property
    def range_text(self) -> str:
        return ', '.join(self.choices) if self.choices else f'{self.low:g}..{self.high:g}'


CURVES = {      # name: (position, low, high) -> value, and its inverse
    'lin':    (lambda x, a, b: a + (b - a) * x,             lambda v, a, b: (v - a) / (b - a)),
    'square': (lambda x, a, b: a + (b - a) * x * x,         lambda v, a, b: math.sqrt((v - a) / (b - a))),
    'exp':    (lambda x, a, b: a * (b / a) ** x,            lambda v, a, b: math.log(v / a) / math.log(b / a)),
    'step':   (lambda x, a, b: a + (b - a) * x,             lambda v, a, b: (v - a) / (b - a)),
    'count':  (lambda x, a, b: a * (b / a) ** x,            lambda v, a, b: math.log(v / a) / math.log(b / a)),
}
SWITCH = ('off', 'on')
SILENT_DB = -60.0       # a level at the bottom of its range is silence

PARAMS = (
    #     name                        unit      low    high  default curve   glide  doc
    Param('drone.root',               'Hz',      16,   8000, 466.16, 'exp',    .08, 'The note everything lives inside.'),
    Param('drone.bend_cents',         'cents', -2400,  2400,      0, 'lin',    .03, 'Bends root, cluster and pulses together.'),
    Param('drone.partials',           '',         1,  65536,    384, 'count',  .05, 'Sines in the cluster.'),
    Param('drone.spread_cents',       'cents',    0,   1200,     24, 'square', .05, 'The cluster reaches this far above and below the root.'),
    Param('drone.octaves',            '',         0,      6,      3, 'step',     0, 'Octaves below the root that the cluster fills as well.'),
    Param('drone.tilt_db',            'dB',     -12,     12,     -3, 'lin',    .05, 'Level change per octave upwards.'),
    Param('drone.width',              '',         0,      1,     .9, 'lin',    .05, 'Stereo width of the cluster.'),
    Param('drone.drift_cents',        'cents',    0,    200,      5, 'square', .05, 'How far each partial wanders (standard deviation).'),
    Param('drone.drift_half_life',    's',      .05,    600,      6, 'exp',      0, 'Time in which a wandering partial comes half way back.'),
    Param('drone.level_db',           'dB',     -60,      6,    -12, 'lin',    .05, 'Level of the cluster; the lowest is silence.'),
    Param('drone.gate',               '',         0,      1,     .3, 'lin',    .05, 'How deep the pulse pattern cuts into the cluster.'),
    Param('drone.attack',             's',     .005,     60,    1.5, 'exp',      0, 'Time for the sound to rise when the gate opens.'),
    Param('drone.release',            's',     .005,    120,      6, 'exp',      0, 'Time for the sound to fall when the gate closes.'),
    Param('drone.hold',               '',         0,      1,      1, 'step',     0, 'The note goes on when the last key is released.', SWITCH),
    Param('pulse.level_db',           'dB',     -60,      6,    -18, 'lin',    .05, 'Level of the syncopated pulses; the lowest is silence.'),
    Param('pulse.step',               's',      .02,     10,     .1, 'exp',      0, 'Time from one step of the pattern to the next.'),
    Param('pulse.chance',             '',         0,      1,   1 / 3, 'lin',     0, 'Chance that a step sounds: 1/3 is the pattern drawn from {0, 0, 1}.'),
    Param('pulse.spread_cents',       'cents',    0,   1200,     24, 'square',   0, 'A pulse lies anywhere this far above or below the root.'),
    Param('pulse.attack',             's',     .001,      2,   .012, 'exp',      0, 'Time for a pulse to rise.'),
    Param('pulse.release',            's',     .005,     10,    .25, 'exp',      0, 'Time for a pulse to fall by 60 dB.'),
    Param('input.level_db',           'dB',     -60,     12,    -60, 'lin',    .05, 'Level of the live input in what is heard; the lowest is silence.'),
    Param('input.analysis',           '',         0,      1,      0, 'lin',    .05, 'What the picture listens to: the synthesizer (0) or the live input (1).'),
    Param('prompt.mix',               '',         0,      1,      0, 'lin',      0, 'From the first prompt (0) to the second (1), along the sphere.'),
    Param('embedding.mode',           '',         0,      2,      0, 'step',     0, 'Sound replaces the words, is added to them, or stands behind them as tokens of its own.', ('replace', 'add', 'append')),
    Param('embedding.feature',        '',         0,      1,      0, 'step',     0, 'What of the sound becomes tokens: its spectrum or its samples.', ('fft', 'waveform')),
    Param('embedding.balance',        '',         0,      1,     .4, 'lin',      0, 'Words (0) or sound (1).'),
    Param('embedding.depth',          '',         0,      2,      1, 'lin',      0, 'How far sound moves the embedding, in deviations of real prompts.'),
    Param('embedding.level_to_depth', '',        -1,      1,     .3, 'lin',      0, 'Loudness adds to the depth.'),
    Param('dream.strength',           '',         0,      1,    .45, 'lin',      0, 'How much each dream changes the one before: the timestep itself, continuous.'),
    Param('dream.level_to_strength',  '',        -1,      1,     .1, 'lin',      0, 'Loudness adds to the strength.'),
    Param('dream.feedback',           '',         0,      1,     .8, 'lin',      0, 'A dream grows from the one before (1) or from the motes (0).'),
    Param('dream.noise',              '',         0,      2,      2, 'step',     0, 'Noise under each dream: the same, new, or walking on a great circle.', ('fixed', 'fresh', 'walk')),
    Param('dream.walk',               'Hz',       0,      2,    .05, 'square',   0, 'Turns per second of the walking noise.'),
    Param('display.mix',              '',         0,      1,     .6, 'lin',      0, 'Motes (0) or dream (1).'),
    Param('display.fade',             's',        0,      5,     .4, 'square',   0, 'Time in which one dream fades into the next.'),
    Param('display.brightness',       '',         0,      2,      1, 'lin',      0, 'Brightness of the picture.'),
    Param('motes.density',            '',         0,      1,     .5, 'lin',      0, 'How many motes hang in the air.'),
    Param('motes.size',               '',         0,      1,     .5, 'lin',      0, 'How large the motes are.'),
    Param('motes.softness',           '',         0,      1,     .6, 'lin',      0, 'How soft their edges are.'),
    Param('motes.speed',              '',         0,      1,     .3, 'lin',      0, 'How fast they move.'),
    Param('motes.hue',                '',         0,      1,     .6, 'lin',      0, 'Their colour around the wheel: .6 is blue.'),
    Param('motes.clouds',             '',         0,      1,     .6, 'lin',      0, 'How thick the clouds behind them are.'),
    Param('stage.gain_db',            'dB',     -60,      6,      0, 'lin',    .05, 'Main level; the lowest is silence.'),
    Param('stage.blackout',           '',         0,      1,      0, 'step',     0, 'The picture goes black; the sound goes on.', SWITCH),
    Param('stage.freeze',             '',         0,      1,      0, 'step',     0, 'The picture stands still; the sound goes on.', SWITCH),
    Param('stage.overlay',            '',         0,      1,      0, 'step',     0, 'Figures over the picture: rates, load, age.', SWITCH),
)
BY_NAME = {name: p for p in PARAMS for name in (p.name, *p.was)}
BY_ADDRESS = {'/' + name.replace('.', '/'): p for name, p in BY_NAME.items()}
GROUPS = tuple(dict.fromkeys(p.group for p in PARAMS))
RECORD = np.dtype([(p.field, 'f8') for p in PARAMS])    # kernels read board.drone_root by name
STAGE = 'stage'     # the group that belongs to the performer: no patch sets it


def hint(name: str, known) -> str:
    """Return '; did you mean x?' for the nearest known spelling, else ''."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f'; did you mean {near[0]}?' if near else ''


def find_param(name: str) -> Param:
    """Return the row of a dotted name; raise KeyError that tells the nearest spelling."""
    if name not in BY_NAME:
        raise KeyError(f'{name} is unknown{hint(name, BY_NAME)}')
    return BY_NAME[name]


class Board:
    """Where every parameter stands now. [any] reads; control and patches write.

    record: shape (1,), dtype RECORD; give a view of memory that compiled code reads, or nothing. One store of
    8 aligned bytes is seen whole by other threads, so there is no lock.
    """

    def __init__(self, record: np.ndarray | None = None) -> None:
        self.record = np.zeros(1, RECORD) if record is None else record
        self._values = self.record.view('f8').reshape(-1)
        self.reset()

    def reset(self) -> None:
        """Put every parameter to its default."""
        for index, param in enumerate(PARAMS):
            self._values[index] = param.default

    def __getitem__(self, name: str) -> float:
        return float(self._values[_INDEX[find_param(name).name]])

    def __setitem__(self, name: str, value: float) -> None:
        param = find_param(name)
        self._values[_INDEX[param.name]] = param.clamp(value)

    def turn(self, name: str, position: float) -> None:
        """Set a parameter by knob position 0..1."""
        self[name] = find_param(name).from_knob(position)

    def items(self) -> list[tuple[str, float]]:
        return [(p.name, float(v)) for p, v in zip(PARAMS, self._values)]


_INDEX = {p.name: index for index, p in enumerate(PARAMS)}


def describe() -> list[dict]:
    """Return every row as plain data, for OSC clients, pages and files."""
    return [{'name': p.name, 'address': p.address, 'unit': p.unit, 'low': p.low, 'high': p.high, 'default': p.default,
             'curve': p.curve, 'choices': list(p.choices), 'doc': p.doc} for p in PARAMS]


def markdown_table() -> str:
    """Return the table that stands in the README."""
    rows = ['| parameter | range | unit | default | what it does |', '|---|---|---|---|---|']
    rows += [f'| `{p.name}` | {p.range_text} | {p.unit} | {p.text(p.default).removesuffix(p.unit).strip()} | {p.doc} |'
             for p in PARAMS]
    return '\n'.join(rows)
