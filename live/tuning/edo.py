"""Equal divisions of a period: from keys to Hz. Pure; knows nothing of MIDI or sound."""
import math
from dataclasses import dataclass, fields

from live.params import hint


@dataclass(frozen=True)
class Tuning:
    """Keys at equal steps: `divisions` of `period_cents`, with `reference` Hz on key `reference_note`.

    The default is 12 steps to the octave with B-flat 4 (key 70) at 466.16 Hz.
    """
    divisions: float = 12
    period_cents: float = 1200
    reference_note: float = 70
    reference: float = 466.16

    @classmethod
    def from_table(cls, table: object) -> 'Tuning':
        """Read a patch's [tuning]; raise ValueError or KeyError that names the entry."""
        known = {f.name: BOUNDS[f.name] for f in fields(cls)}
        if not isinstance(table, dict):
            raise ValueError(f'tuning = {table!r} is not a table')
        for name, value in table.items():
            if name not in known:
                raise KeyError(f'tuning.{name} is unknown{hint(name, known)}')
            low, high = known[name]
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
                raise ValueError(f'tuning.{name} = {value!r} is outside {low:g}..{high:g}')
        return cls(**table)

    def to_lines(self) -> list[str]:
        return [f'{f.name} = {getattr(self, f.name)!r}' for f in fields(self)]

    def frequency(self, key: float) -> float:
        """Return Hz of a key, which may lie between two keys."""
        octaves = (key - self.reference_note) * self.period_cents / (self.divisions * 1200)
        return self.reference * 2.0 ** min(900.0, max(-900.0, octaves))     # never overflows

    def nearest_key(self, frequency: float) -> int:
        """Return the key nearest to a frequency in Hz."""
        octaves = math.log2(frequency / self.reference)
        return round(self.reference_note + octaves * 1200 * self.divisions / self.period_cents)


BOUNDS = {'divisions': (1, 1200), 'period_cents': (1, 12000), 'reference_note': (0, 127), 'reference': (1, 20000)}
