"""The way from one state of all parameters to another, as ear and eye measure it. Pure numpy; knows no time.

    everything        along its knob: cents, octaves of Hz, dB, seconds by ratio
    choices           and switches change at the half; so do whole numbers, but those of a layer, which travel
    levels            from silence, or to it, by equal power, so that two layers that cross keep their loudness
    a silent layer    is, all the way, what it is where it sounds: nothing else of it is heard changing

States are (len(PARAMS),) float64 in plain units, in the order of PARAMS.
"""
import numpy as np

from live.params import LAYERS, NOTE_PARAMS, PARAMS, SILENT_DB, Param, find_number

FADED = (*LAYERS, 'reverb', 'delay')            # groups of which nothing is heard while their level is silence
EASINGS = {             # name: place 0..1 of the time -> place of the way
    'ease': lambda x: x * x * (3 - 2 * x),
    'linear': lambda x: x,
    'ease-in': lambda x: x * x,
    'ease-out': lambda x: x * (2 - x),
}

LOW, HIGH = np.array([p.low for p in PARAMS]), np.array([p.high for p in PARAMS])
SQUARE = np.array([p.curve == 'square' for p in PARAMS])
LOG = np.array([p.curve in ('exp', 'count') for p in PARAMS])
WHOLE = np.array([p.curve in ('step', 'count') for p in PARAMS])
HALF = np.array([bool(p.choices) or p.curve in ('step', 'count') and p.group not in LAYERS for p in PARAMS])
LEVEL = np.array([p.name.endswith('.level_db') for p in PARAMS])


def _level_of(param: Param) -> int:
    """Return the place of the level that silences a parameter, or -1."""
    faded = param.group in FADED and param not in NOTE_PARAMS and not param.name.endswith('.level_db')
    return find_number(f'{param.group}.level_db') if faded else -1


LEVEL_OF = np.array([_level_of(p) for p in PARAMS])


class Passage:
    """The way between two states, for the parameters at `index`. at_once: of these, those that change at the start."""

    def __init__(self, first: np.ndarray, second: np.ndarray, index: np.ndarray,
                 at_once: tuple[int, ...] = ()) -> None:
        self.index = index
        self.first, self.second = first[index], second[index]
        self._low, self._high = LOW[index], HIGH[index]
        self._square, self._log = np.flatnonzero(SQUARE[index]), np.flatnonzero(LOG[index])
        self._whole = np.flatnonzero(WHOLE[index])
        self._start = self._to_knob(self.first)
        self._way = self._to_knob(self.second) - self._start
        self._find_fades()
        self._find_switched(first, second, np.isin(index, at_once))

    def _to_knob(self, values: np.ndarray) -> np.ndarray:
        """Return values on a scale on which equal steps are heard or seen as equal."""
        knobs, square, log = values.copy(), self._square, self._log
        knobs[square] = np.sqrt(values[square] - self._low[square])
        knobs[log] = np.log(values[log])
        return knobs

    def _find_fades(self) -> None:
        level = LEVEL[self.index]
        silent, silenced = self.first <= SILENT_DB, self.second <= SILENT_DB
        self._rising = np.flatnonzero(level & silent & ~silenced)
        self._falling = np.flatnonzero(level & ~silent & silenced)

    def _find_switched(self, first: np.ndarray, second: np.ndarray, early: np.ndarray) -> None:
        """Find what does not travel, and what it is before the half and after."""
        level_of = LEVEL_OF[self.index]
        owned = level_of >= 0
        silent, silenced = first[level_of] <= SILENT_DB, second[level_of] <= SILENT_DB
        early = early | owned & silent & ~silenced
        late = owned & ~silent & silenced
        self._switched = np.flatnonzero(early | late | HALF[self.index])
        first, second = self.first[self._switched], self.second[self._switched]
        self._before = np.where(early[self._switched], second, first)
        self._after = np.where(late[self._switched], first, second)

    def at(self, x: float) -> np.ndarray:
        """Return the values at place 0..1 of the way; at its ends exactly those of the states."""
        if x <= 0 or x >= 1:
            return self.first if x <= 0 else self.second
        values = self._start + self._way * x
        values[self._square] = self._low[self._square] + values[self._square] ** 2
        values[self._log] = np.exp(values[self._log])
        values[self._whole] = np.rint(values[self._whole])
        values[self._rising] = self.second[self._rising] + 20 * np.log10(np.sin(np.pi / 2 * x))
        values[self._falling] = self.first[self._falling] + 20 * np.log10(np.cos(np.pi / 2 * x))
        values[self._switched] = self._before if x < 0.5 else self._after
        return np.clip(values, self._low, self._high)
