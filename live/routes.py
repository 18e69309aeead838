"""What moves parameters beside the Board: MOVERS, one row each, and routes, which a patch lists under [[route]].

    from, to, amount    what moves what, by how much: in plain units, in octaves where the target's knob is exponential;
                        to '*.cutoff' moves that of every layer
    low, high           the source runs from 0 to 1 between these, in its own unit
    attack, release     seconds in which it is followed upwards and downwards, two thirds of the way; 0 is at once
    track               seconds: it runs from 0 to 1 between the least and the most it was, so followed, in that time
    gate_db             below this level of the sound the source stands still and fades to 0

Strict: a mistake is told in one sentence. The sound gets Rows, plain numbers. Knows nothing of how they are heard.
"""
import math
from dataclasses import dataclass
from typing import NamedTuple

from live.params import LAYERS, NOTE, NOTE_PARAMS, STAGE, find_number, find_param, hint
from live.signals import DEGREES

ROUTES = 64             # at most, all layers counted
LFOS = 4
CLASSES = 16            # of sounds, likewise
SILENCE_DB = -100.0     # gate of routes that track: silence tells nothing of a range
ALL = '*'               # a route to '*.cutoff' moves that of every layer


@dataclass(frozen=True, slots=True)
class Mover:
    """A source of routes. It runs from 0 at `low` to 1 at `high`; where low is -high, from -1 to 1.

    curve: 'lin', or 'exp' where equal ratios are equal steps; smooth: seconds in which routes follow it unless they
    say otherwise; was: former names, so that old patches still load.
    """
    name: str
    unit: str
    low: float
    high: float
    curve: str
    smooth: float
    doc: str
    was: tuple[str, ...] = ()

    def scale(self, value: float) -> float:
        """Return a value as it is compared: octaves where equal ratios are equal steps."""
        return math.log2(value) if self.curve == 'exp' else value


MOVERS = (      # live.audio.modulation counts them in this order
    #     name           unit     low    high  curve  smooth  doc
    *(Mover(f'lfo{n}', '', -1, 1, 'lin', 0, 'A modulator: `lfo1.rate`, `lfo1.wave`.') for n in range(1, LFOS + 1)),
    Mover('level',          'dB',    -60,      0, 'lin', .05, 'Level of the last 43 ms (root mean square).'),
    Mover('centroid',       'Hz',     40,  10240, 'exp', .05, 'Middle of the spectrum: brightness.', ('brightness',)),
    Mover('flux',           '',        0,      1, 'lin', .05, 'How much the spectrum rises from slice to slice.'),
    Mover('gate',           '',        0,      1, 'lin', .05, 'The gate of the note, as softly as it opens.'),
    Mover('pulse',          '',        0,      1, 'lin', .05, 'The newest pulse as it rises and falls.'),
    Mover('bandwidth',      'Hz',     40,  10240, 'exp', .05, 'How far the spectrum reaches around its middle.'),
    Mover('rolloff',        'Hz',     40,  20480, 'exp', .05, 'Below it lies 85 % of the spectrum.'),
    Mover('flatness',       '',    1e-10,      1, 'exp', .05, 'Tones (low) or noise (1).'),
    Mover('onset',          'dB',      0,      3, 'lin', .05, 'Attacks: mean rise of the spectrum in 21 ms.'),
    Mover('novelty',        '',        0,     .5, 'lin', .05, 'How new timbre and harmony are against a second ago.'),
    Mover('loudness',       'LUFS',  -60,      0, 'lin', .05, 'Loudness as heard, over 0.4 s.'),
    Mover('loudness_short', 'LUFS',  -60,      0, 'lin', .05, 'Loudness as heard, over 3 s.'),
    Mover('pitch',          'Hz',     30,   2000, 'exp', .05, 'Pitch of the live input; in rests, of its last tone.'),
    Mover('drift',          'cents', -20,     20, 'lin', .05, 'Where the first partial of the drone has wandered.'),
    Mover('beat',           '',       -1,      1, 'lin',   0, 'The strongest beat: partials add (1) or cancel (-1).'),
    Mover('beat_rate',      'Hz',    .05,     20, 'exp', .05, 'How fast that pair beats.'),
    *(Mover(f'chroma{n}', '', 0, 1, 'lin', .05, 'How much sounds on this degree of the scale (the root is the first), '
                                                'against the strongest.') for n in range(1, DEGREES + 1)),
    *(Mover(f'class{n}', '', 0, 1, 'lin', .2, 'How sure it is that the sound is of this class (`--classifier`).')
      for n in range(1, CLASSES + 1)),
)
NUMBERS = {name: number for number, mover in enumerate(MOVERS) for name in (mover.name, *mover.was)}
FAMILIES = {'lfo1': f'lfo1..{LFOS}', 'chroma1': f'chroma1..{DEGREES}',      # rows that differ by a number alone
            'class1': f'class1..{CLASSES}'}
LISTED = {FAMILIES.get(m.name, m.name): m for m in MOVERS if m.name in FAMILIES or not m.name[-1].isdigit()}
NEEDED = ('from', 'to', 'amount')
BOUNDS = {'track': (.1, 3600), 'gate_db': (SILENCE_DB, 0), 'attack': (0, 600), 'release': (0, 600)}
OPTIONS = ('low', 'high', *BOUNDS)


class Row(NamedTuple):
    """A route to one parameter, as the sound takes it: clamp((source - zero) * scale, floor, 1) is what it follows."""
    source: int             # number of the mover
    target: int             # number of the parameter
    amount: float
    voice: int              # which of the layers that share a modulator
    octaves: int            # 1: the source counts in log2
    zero: float
    scale: float
    floor: float            # 0 or -1
    track: float            # seconds, 0: off
    gate_db: float
    attack: float           # seconds
    release: float


@dataclass(frozen=True)
class Route:
    """Something that moves a parameter beside the Board; None: as the source has it."""
    source: str
    target: str
    amount: float
    low: float | None = None
    high: float | None = None
    track: float | None = None
    gate_db: float | None = None
    attack: float | None = None
    release: float | None = None

    @property
    def mover(self) -> Mover:
        return MOVERS[NUMBERS[self.source]]

    def rows(self) -> list[Row]:
        """Return a Row for each parameter that is moved."""
        group, _, quantity = self.target.partition('.')
        names = [f'{layer}.{quantity}' for layer in LAYERS] if group == ALL else [self.target]
        return [self._row(find_number(name), voice) for voice, name in enumerate(names)]

    def _row(self, target: int, voice: int) -> Row:
        mover = self.mover
        low, high = mover.scale(given(self.low, mover.low)), mover.scale(given(self.high, mover.high))
        gate = SILENCE_DB if self.track else -math.inf
        swings = self.low is None and self.high is None and mover.low == -mover.high
        return Row(NUMBERS[self.source], target, self.amount, voice, int(mover.curve == 'exp'),
                   zero=0.0 if swings else low, scale=1 / high if swings else 1 / (high - low),
                   floor=-1.0 if swings else 0.0, track=given(self.track, 0.0), gate_db=given(self.gate_db, gate),
                   attack=given(self.attack, mover.smooth), release=given(self.release, mover.smooth))


def given(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def read_routes(value: object, degrees: int = DEGREES) -> tuple[Route, ...]:
    """Return the routes of a patch whose scale has so many degrees; ValueError or KeyError tells a mistake."""
    if not isinstance(value, list):
        raise ValueError(f'route = {value!r}: write [[route]] with from, to and amount')
    routes = tuple(_read(item) for item in value)
    for route in routes:
        if route.source.startswith('chroma') and int(route.source.removeprefix('chroma')) > degrees:
            raise ValueError(f'route from {route.source}: the scale has {degrees} degrees')
    moved = sum(len(route.rows()) for route in routes)
    if moved > ROUTES:
        raise ValueError(f'routes move {moved} parameters, at most {ROUTES}; a route to all layers moves {len(LAYERS)}')
    return routes


def _read(item: object) -> Route:
    if not isinstance(item, dict) or not set(NEEDED) <= set(item):
        raise ValueError(f'[[route]] {item!r} needs from, to and amount')
    for key in item:
        if key not in (*NEEDED, *OPTIONS):
            raise ValueError(f'[[route]] {key} is unknown{hint(key, (*NEEDED, *OPTIONS))}')
    source, target = str(item['from']), str(item['to'])
    if source not in NUMBERS:
        raise ValueError(f'route from {source!r} is none of {", ".join(LISTED)}{hint(source, NUMBERS)}')
    _check_target(target)
    options = {key: _number(target, key, item[key], *BOUNDS.get(key, (-1e6, 1e6))) for key in OPTIONS if key in item}
    route = Route(MOVERS[NUMBERS[source]].name, target, _number(target, 'amount', item['amount'], -1e6, 1e6), **options)
    _check_range(route)
    return route


def _check_target(target: str) -> None:
    param = find_param(target.replace(ALL, LAYERS[0], 1))
    if param in NOTE_PARAMS and target.startswith(ALL):
        raise ValueError(f'route to {target}: no layer but {NOTE} has a {param.name.partition(".")[2]}')
    if param.group == STAGE:
        raise ValueError(f'route to {target}: the stage belongs to the performer')


def _check_range(route: Route) -> None:
    mover = route.mover
    low, high = given(route.low, mover.low), given(route.high, mover.high)
    for name, end in (('low', low), ('high', high)):
        if mover.curve == 'exp' and end <= 0:
            raise ValueError(f'route to {route.target}: {name} = {end:g} {mover.unit}'.rstrip() + ' must be above 0')
    if not mover.scale(low) < mover.scale(high):
        raise ValueError(f'route to {route.target}: low = {low:g} is not below high = {high:g}; '
                         'a negative amount turns the way around')


def _number(target: str, key: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f'route to {target}: {key} = {value!r} is not a number in {low:g}..{high:g}')
    return value


def route_lines(route: Route) -> list[str]:
    """Return a route as lines of TOML that `read_routes` reads back to the same route."""
    options = [f'{key} = {value!r}' for key in OPTIONS if (value := getattr(route, key)) is not None]
    return ['[[route]]', f'from = "{route.source}"', f'to = "{route.target}"', f'amount = {route.amount!r}', *options]


def movers_table() -> str:
    """Return the table that stands in the README."""
    rows = ['| source | runs over | what it is |', '|---|---|---|']
    rows += [f'| `{name}` | {mover.low:g}..{mover.high:g} {mover.unit}'.rstrip() + f' | {mover.doc} |'
             for name, mover in LISTED.items()]
    return '\n'.join(rows)
