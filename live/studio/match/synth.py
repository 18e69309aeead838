"""What the matcher knows of a synthesizer: its knobs and how to have it played. Ours and Csound's come from here.

A sound is played from settings: one float per knob in the knob's own unit; a choice is the number of its name. The
network and the search see positions instead, 0..1, as live/params.py turns them.
"""
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from live.params import Param
from live.spelling import hint
from live.studio.files import StudioError

RATE, SECONDS = 24000, 0.5      # at which sounds are compared, and how much of them
SETTLING = 0.1                  # seconds that pass before a sound counts

Tell = Callable[[int], object]  # is called with the number of sounds just made


@dataclass(frozen=True)
class Knob:
    """A parameter that is matched. heard: by name of a choice, at which of its names this knob can be heard."""
    param: Param
    heard: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.param.name

    @property
    def is_choice(self) -> bool:
        return bool(self.param.choices)


class Synth(ABC):
    """A synthesizer with its knobs. name: 'live', or that of the orchestra; text: all that makes it again."""
    name: str
    text: str = ''
    suffix: str                 # of what `save` writes
    knobs: tuple[Knob, ...]

    @abstractmethod
    def render(self, settings: np.ndarray, seeds: Sequence[int], seconds: float = SECONDS, samplerate: int = RATE,
               tell: Tell = lambda count: None) -> np.ndarray:
        """Return sounds (n, frames) float32, settled, of settings (n, knobs)."""

    @abstractmethod
    def save(self, path: Path, settings: np.ndarray, gain: float, description: str, seed: int) -> None:
        """Write a file that plays these settings (knobs,), `gain` times as loud as `render` does."""

    @property
    def choices(self) -> list[int]:
        """Return which knobs are choices."""
        return [k for k, knob in enumerate(self.knobs) if knob.is_choice]

    @property
    def continuous(self) -> list[int]:
        """Return which are not."""
        return [k for k, knob in enumerate(self.knobs) if not knob.is_choice]

    def to_settings(self, positions: np.ndarray) -> np.ndarray:
        """Return settings (n, knobs) of positions (n, knobs) 0..1."""
        return np.array([[knob.param.from_knob(x) for knob, x in zip(self.knobs, row)] for row in positions])

    def to_positions(self, settings: np.ndarray) -> np.ndarray:
        return np.array([[knob.param.to_knob(x) for knob, x in zip(self.knobs, row)] for row in settings])

    def defaults(self) -> np.ndarray:
        return np.array([knob.param.default for knob in self.knobs])

    def draw(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Return settings (count, knobs) drawn at random: knobs stand anywhere, choices are all alike."""
        positions = random.uniform(0, 1, (count, len(self.knobs)))
        for k, knob in enumerate(self.knobs):
            if knob.is_choice:
                names = len(knob.param.choices)
                positions[:, k] = np.floor(positions[:, k] * names) / max(1, names - 1)
        return self.to_settings(positions)

    def heard(self, settings: np.ndarray) -> np.ndarray:
        """Return which knobs make a difference at these settings, (n, knobs) bool."""
        places = {knob.name: k for k, knob in enumerate(self.knobs)}
        heard = np.ones(settings.shape, bool)
        for k, knob in enumerate(self.knobs):
            for choice, names in knob.heard.items():
                if choice in places:
                    allowed = [self.knobs[places[choice]].param.choices.index(name) for name in names]
                    heard[:, k] &= np.isin(settings[:, places[choice]], allowed)
        return heard

    def put(self, settings: np.ndarray, words: Sequence[str]) -> np.ndarray:
        """Return settings (knobs,) changed by words like 'cutoff=800'."""
        settings = settings.copy()
        for word in words:
            name, _, value = word.partition('=')
            k = self.place(name.strip())
            settings[k] = self.read(k, value.strip())
        return settings

    def place(self, name: str) -> int:
        """Return which knob has this name; the layer's may be left out."""
        names = [knob.name for knob in self.knobs]
        short = [known.rpartition('.')[2] for known in names]
        for known in (names, short):
            if name in known:
                return known.index(name)
        raise StudioError(f'{name} is no parameter of {self.name}{hint(name, (*names, *short))} '
                          f'(known: {", ".join(names)})')

    def read(self, k: int, text: str) -> float:
        """Return a value from a file or a command line."""
        param = self.knobs[k].param
        try:
            return param.parse(text if param.choices else float(text))
        except ValueError as error:
            told = str(error) if param.name in str(error) else f'{param.name} = {text!r} is not a number'
            raise StudioError(told) from error

    def write(self, settings: np.ndarray) -> list[str]:
        """Return settings (knobs,) as texts that `read` takes."""
        return [knob.param.choices[round(value)] if knob.is_choice else repr(float(value))
                for knob, value in zip(self.knobs, settings)]


def open_synth(name: str, steer: Sequence[str] = ()) -> Synth:
    """Return our own synthesizer ('live'), one of the orchestras that ship, or one given by its file.

    steer: parameters of our own that are matched, in place of the usual ones.
    """
    from live.studio.match.csound import CsoundSynth, list_orchestras
    from live.studio.match.layer import LayerSynth
    if name == LayerSynth.name:
        return LayerSynth(steer)
    if steer:
        raise StudioError(f'--steer names parameters of our own synthesizer; those of {name} stand in its header')
    shipped = list_orchestras()
    if name in shipped:
        return CsoundSynth(shipped[name])
    if Path(name).suffix in ('.orc', '.csd'):
        return CsoundSynth(Path(name))
    known = (LayerSynth.name, *shipped)
    raise StudioError(f'there is no synthesizer {name!r}{hint(name, known)} (known: {", ".join(known)}; or give an '
                      'orchestra of Csound, .orc or .csd)')
