"""Every pedal and every knob, one row each. Ranges, defaults, help and the table of the docs are derived from here."""
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from live.params import BY_NAME
from live.studio.effects import room, shift, simple, stretch
from live.studio.effects.stream import Shelf, Stream


@dataclass(frozen=True)
class Knob:
    """One number of a pedal, or a choice, or a text where it has no range. default: None = must be given."""
    name: str
    doc: str
    default: Any = None
    low: float = 0.0
    high: float = 0.0
    unit: str = ''
    choices: tuple[str, ...] = ()
    whole: bool = False

    @property
    def is_text(self) -> bool:
        return self.low == self.high

    @property
    def range_text(self) -> str:
        return ', '.join(self.choices) if self.choices else '' if self.is_text else f'{self.low:g}..{self.high:g}'


@dataclass(frozen=True)
class Pedal:
    name: str
    doc: str
    play: Callable[..., Stream] | None          # None: split, which makes many of one
    knobs: tuple[Knob, ...] = ()
    longer: Callable[..., float] = field(default=lambda **knobs: 1.0)       # how much more comes out, about


def _of_reverb(name: str) -> Knob:
    row = BY_NAME[f'reverb.{name}']
    return Knob(name, row.doc, row.default, row.low, row.high, row.unit)


def _pitch(stream: Stream, shelf: Shelf, cents: float, ratio: float) -> Stream:
    return stretch.pitch(stream, shelf, ratio * 2 ** (cents / 1200))


PEDALS = (
    Pedal('reverse', 'From the end to the beginning.', simple.reverse),
    Pedal('delay', 'Repeats, each later and softer than the one before.', simple.delay, (
        Knob('time', 'Time from repeat to repeat.', 1.0, .0001, 60, 's'),
        Knob('fade', 'How loud a repeat is against the one before.', .5, 0, 1),
        Knob('repeats', 'How many.', 3, 0, 100, whole=True),
        Knob('speed', 'Speed of the repeats: at 0.5 an octave lower and twice as long.', 1.0, 1 / 16, 16))),
    Pedal('stretch', 'Slower (above 1) or faster at the same pitch.', stretch.stretch, (
        Knob('factor', 'Times as long.', None, 1 / 32, 32),), lambda factor: factor),
    Pedal('speed', 'Faster (above 1) or slower, and so higher or lower, as a tape.', simple.change_speed, (
        Knob('factor', 'Times as fast.', None, 1 / 16, 16),), lambda factor: 1 / factor),
    Pedal('pitch', 'Another pitch at the same length.', _pitch, (
        Knob('cents', 'Higher by so much.', 0.0, -4800, 4800, 'cents'),
        Knob('ratio', 'And by this ratio.', 1.0, 1 / 16, 16))),
    Pedal('shift', 'Every partial higher by the same Hz: harmonics become bells.', shift.shift, (
        Knob('hz', 'Higher by so much.', None, -20000, 20000, 'Hz'),
        Knob('by', 'Moving the bins of an FFT, or by a single sideband.', 'fft', choices=('fft', 'ssb')))),
    Pedal('layer', 'Another sound over it.', simple.layer, (
        Knob('source', 'A point of the chain, or a file.'),
        Knob('db', 'Its level.', 0.0, -120, 40, 'dB'),
        Knob('at', 'When it begins.', 0.0, 0, 86400, 's'))),
    Pedal('gain', 'Louder or softer.', simple.gain, (
        Knob('db', 'By so much.', None, -120, 120, 'dB'),)),
    Pedal('normalise', 'As loud as its largest sample allows.', simple.normalise, (
        Knob('peak_db', 'Level of that sample.', -1.0, -60, 0, 'dB'),)),
    Pedal('fade', 'Out of silence and into it.', simple.fade, (
        Knob('rise', 'At the beginning.', 0.0, 0, 3600, 's'),
        Knob('fall', 'At the end.', 0.0, 0, 3600, 's'))),
    Pedal('reverb', "The instrument's own; mono becomes stereo.", room.reverb,
          tuple(map(_of_reverb, ('level_db', 'decay', 'decay_high', 'crossover', 'size', 'predelay', 'motion')))),
    Pedal('rate', 'The same at another samplerate.', simple.change_rate, (
        Knob('hz', 'Frames a second.', None, 1000, 768000, 'Hz', whole=True),)),
    Pedal('channels', 'All channels to one, or one to so many.', simple.channels, (
        Knob('count', 'How many.', None, 1, 64, whole=True),)),
    Pedal('split', 'Pieces of so many seconds; each goes on alone into a file of its own.', None, (
        Knob('seconds', 'Length of a piece.', 30.0, .01, 86400, 's'),)),
)
PEDALS_BY_NAME = {pedal.name: pedal for pedal in PEDALS}


def chain_doc() -> str:
    """Return the table of pedals for docs/studio.md."""
    rows = ['| pedal | knobs, their ranges and defaults | |', '|---|---|---|']
    for pedal in PEDALS:
        knobs = ', '.join(_knob_doc(knob) for knob in pedal.knobs)
        rows.append(f'| `{pedal.name}` | {knobs} | {pedal.doc} |')
    return '\n'.join(rows)


def _knob_doc(knob: Knob) -> str:
    told = f'`{knob.name}`'
    if knob.range_text:
        told += f' {knob.range_text}{" " * bool(knob.unit)}{knob.unit}'
    return told + (f' ({knob.default:g})' if isinstance(knob.default, (int, float)) else
                   f' ({knob.default})' if knob.default else '')
