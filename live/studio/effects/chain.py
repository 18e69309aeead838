"""How a chain is told, in words or as TOML, and how it is played.

    words   reverse:as=back  delay:1,fade=0.5,repeats=3  stretch:2  layer:back        the first knob needs no name
    TOML    [[pedal]]  name = 'delay'  time = 1  fade = 0.5  repeats = 3

`as` names a point of the chain, which a later `layer` can take. Names and ranges are checked before anything sounds.
"""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from live.spelling import hint
from live.studio.effects.pedals import PEDALS_BY_NAME, Knob, Pedal
from live.studio.effects.stream import Shelf, Stored, Stream
from live.studio.files import StudioError
from live.toml_file import load_toml, sentence

CHAINS = Path(__file__).resolve().parents[3] / 'patches' / 'chains'


@dataclass(frozen=True)
class Step:
    """A pedal as it is set. point: the name by which a later layer finds what comes out."""
    pedal: Pedal
    settings: dict[str, Any]
    point: str = ''


Chain = tuple[Step, ...]


def parse_words(words: Sequence[str]) -> Chain:
    """Return the chain that words tell; raise StudioError."""
    tables = []
    for word in words:
        name, _, rest = word.partition(':')
        table: dict[str, Any] = {'name': name}
        for number, part in enumerate(filter(None, rest.split(','))):
            key, told, value = part.partition('=')
            if not told:
                key, value = _first_knob(name, number, part), part
            table[key.strip()] = value.strip()
        tables.append(table)
    return make_chain(tables)


def _first_knob(pedal: str, number: int, part: str) -> str:
    knobs = PEDALS_BY_NAME[pedal].knobs if pedal in PEDALS_BY_NAME else ()
    if number or not knobs:
        raise StudioError(f'{pedal}: {part!r} has no name; say KNOB={part}' if knobs else
                          f'{pedal}: {part!r} is more than it has knobs' if pedal in PEDALS_BY_NAME else
                          f'there is no pedal {pedal!r}{hint(pedal, PEDALS_BY_NAME)}')
    return knobs[0].name


def load_chain(name: str | Path) -> Chain:
    """Read a chain given by path, or by its name in patches/chains; raise StudioError."""
    path = Path(name)
    known = sorted(file.stem for file in CHAINS.glob('*.toml'))
    if not path.is_file():
        path = CHAINS / f'{name}.toml'
    if not path.is_file():
        raise StudioError(f'there is no chain {str(name)!r}{hint(str(name), known)} (known: {", ".join(known)}; or a '
                          '.toml file)')
    try:
        data = load_toml(path)
        for key in data.keys() - {'description', 'pedal'}:
            raise StudioError(f'{key} is unknown; a chain has a description and [[pedal]]s')
        return make_chain(data.get('pedal', []))
    except (OSError, ValueError) as error:
        raise StudioError(f'{path.name}: {sentence(error)}') from error


def make_chain(tables: object) -> Chain:
    """Return the chain that tables tell, everything checked."""
    if not isinstance(tables, list) or not tables:
        raise StudioError('there is no pedal in the chain')
    points: set[str] = set()
    steps = []
    for number, table in enumerate(tables, 1):
        step = _make_step(table, f'pedal {number}')
        source = step.settings.get('source', '')
        if step.pedal.name == 'layer' and source not in points and not Path(source).is_file():
            raise StudioError(f'layer: {source!r} is no file and no point of the chain before it'
                              f'{hint(source, points)} (points: {", ".join(sorted(points)) or "none"})')
        points |= {step.point} - {''}
        steps.append(step)
    return tuple(steps)


def _make_step(table: object, where: str) -> Step:
    if not isinstance(table, dict) or not isinstance(table.get('name'), str):
        raise StudioError(f"{where} has no name = '...'")
    name = table['name']
    if name not in PEDALS_BY_NAME:
        raise StudioError(f'there is no pedal {name!r}{hint(name, PEDALS_BY_NAME)} (known: '
                          f'{", ".join(PEDALS_BY_NAME)})')
    pedal = PEDALS_BY_NAME[name]
    knobs = {knob.name: knob for knob in pedal.knobs}
    for key in table.keys() - {'name', 'as'}:
        if key not in knobs:
            raise StudioError(f'{name}: {key} is unknown{hint(key, knobs)} (it has: {", ".join(knobs) or "no knobs"})')
    settings = {key: _parse(name, knob, table[key]) if key in table else _default(name, knob)
                for key, knob in knobs.items()}
    point = table.get('as', '')
    if not isinstance(point, str) or pedal.play is None and point:
        raise StudioError(f'{name}: as = {point!r} names no point')
    return Step(pedal, settings, point)


def _default(pedal: str, knob: Knob) -> Any:
    if knob.default is None:
        raise StudioError(f'{pedal}: {knob.name} must be given'
                          + (f', {knob.range_text} {knob.unit}'.rstrip() if knob.range_text else ''))
    return knob.default


def _parse(pedal: str, knob: Knob, value: object) -> Any:
    if knob.choices:
        if value not in knob.choices:
            raise StudioError(f'{pedal}: {knob.name} = {value!r} is none of {", ".join(knob.choices)}')
        return value
    if knob.is_text:
        return str(value)
    try:
        number = float(value) if not isinstance(value, bool) else float('nan')      # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = float('nan')
    if not knob.low <= number <= knob.high or knob.whole and number != int(number):
        raise StudioError(f'{pedal}: {knob.name} = {value!r} is outside {knob.range_text}{" " * bool(knob.unit)}'
                          f'{knob.unit}' + ', whole numbers' * knob.whole)
    return int(number) if knob.whole else number


def play_chain(stream: Stream, chain: Chain, shelf: Shelf) -> Iterator[Stream]:
    """Yield what comes out: one sound, or as many as it was split into. Each must be read before the next."""
    for number, step in enumerate(chain):
        if step.pedal.play is None:
            for piece in _split(shelf.store(stream), step.settings['seconds']):
                with shelf.copy() as own:       # what waits for a piece goes with it
                    yield from play_chain(piece, chain[number + 1:], own)
            return
        stream = step.pedal.play(stream, shelf, **step.settings)
        if step.point:
            shelf.points[step.point] = stored = shelf.store(stream)
            stream = stored.stream()
    yield stream


def _split(stored: Stored, seconds: float) -> Iterator[Stream]:
    size = max(1, round(seconds * stored.samplerate))
    for start in range(0, stored.frames, size):
        yield Stream(stored.samplerate, stored.channels, stored.blocks(start, min(stored.frames, start + size)))
