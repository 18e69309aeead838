"""Our own synthesizer as the matcher plays it: the first layer, dry, on the instrument's kernels.

Makes patches that sound on stage as they sounded here. All sounds come out of one arena that is reset in between; only
the first layer ever sounds in it.
"""
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from live.audio.arena import Arena
from live.audio.offline import render
from live.params import LAYER_PARAMS, NOTE, NOTE_PARAMS, Param, find_param
from live.patch import Patch, dump_patch
from live.studio.files import StudioError, check_folder
from live.studio.match.synth import RATE, SECONDS, SETTLING, Knob, Synth, Tell

LEVEL_DB = -18.0        # at which it plays: far below the limiter
LOUDEST_DB = 0.0        # of a patch that is written
STILL = {               # the layer as it is heard: at once, in the middle, dry, standing still
    'drone.attack': .02, 'drone.level_db': LEVEL_DB, 'drone.gate': 0.0, 'drone.width': 0.0, 'drone.drift_cents': 0.0,
    'drone.reverb': 0.0}
WAVES = 'saw', 'pulse', 'triangle'
SOURCES = 'cluster', 'harmonic', *WAVES, 'noise', 'pair'
Where = dict[str, tuple[str, ...]]
FILTERED: Where = {'filter': ('low', 'band', 'high')}

#    parameter       low    high     choices                      where it is heard
MATCHED: tuple[tuple[str, float, float, tuple[str, ...], Where], ...] = (
    ('source',        0,     0,      SOURCES,                     {}),
    ('filter',        0,     0,      ('off', 'low', 'band', 'high'), {}),
    ('root',         40,  2000,      (), {}),
    ('partials',      1,    64,      (), {'source': ('cluster', 'harmonic', *WAVES)}),
    ('spread_cents',  0,   600,      (), {'source': ('cluster', *WAVES, 'noise')}),
    ('octaves',       0,     4,      (), {'source': ('cluster',)}),
    ('tilt_db',     -24,     6,      (), {'source': ('cluster', 'harmonic')}),
    ('balance',      -1,     1,      (), {'source': ('harmonic', 'pair')}),
    ('stretch',       0,   .02,      (), {'source': ('harmonic',)}),
    ('pulse_width', .02,    .5,      (), {'source': ('pulse',)}),
    ('formant',     100,  8000,      (), {'source': ('harmonic',)}),
    ('formant_db',    0,    36,      (), {'source': ('harmonic',)}),
    ('beat',          0,    50,      (), {'source': ('pair',)}),
    ('cutoff',       60, 10000,      (), FILTERED),
    ('resonance',     0,    .9,      (), FILTERED),
    ('drive_db',      0,    36,      (), {}),
)


class LayerSynth(Synth):
    """The first layer. steer: dotted names, or those of the layer, in place of MATCHED; their whole range counts."""
    name, suffix = 'live', '.toml'

    def __init__(self, steer: Sequence[str] = ()) -> None:
        rows = {f'{NOTE}.{row[0]}': row for row in MATCHED}
        names = tuple(name if '.' in name else f'{NOTE}.{name}' for name in steer) or tuple(rows)
        self.knobs = tuple(make_knob(*rows[name]) if name in rows else Knob(check_steered(name)) for name in names)
        self.text = ' '.join(names)
        self._arena: Arena | None = None

    def render(self, settings: np.ndarray, seeds: Sequence[int], seconds: float = SECONDS, samplerate: int = RATE,
               tell: Tell = lambda count: None) -> np.ndarray:
        arena = self._make_arena(samplerate)
        skipped = round(SETTLING * samplerate)
        sounds = np.empty((len(settings), round(seconds * samplerate)), np.float32)
        for row, seed, sound in zip(settings, seeds, sounds):
            for name, value in self.values(row).items():
                arena.board[name] = value
            arena.reset(int(seed), layers=1)
            sound[:] = render(arena, skipped + len(sound))[skipped:].mean(1)
            tell(1)
        return sounds

    def values(self, settings: np.ndarray) -> dict[str, float]:
        """Return values by dotted name, as a patch holds them."""
        return {knob.name: find_param(knob.name).parse(knob.param.choices[round(value)]) if knob.is_choice
                else float(value) for knob, value in zip(self.knobs, settings)}

    def patch(self, settings: np.ndarray, name: str = '', description: str = '', gain: float = 1.0,
              seed: int = 0) -> Patch:
        level_db = min(LOUDEST_DB, LEVEL_DB + 20 * np.log10(max(gain, 1e-2)))
        heard = dict(zip(self.values(settings), self.heard(settings[None])[0]))
        matched = {name: value for name, value in self.values(settings).items() if heard[name]}
        return Patch(name, description, layers=(NOTE,), seed=seed,
                     values={**STILL, 'drone.level_db': float(level_db), **matched})

    def save(self, path: Path, settings: np.ndarray, gain: float, description: str, seed: int) -> None:
        text = dump_patch(self.patch(settings, path.stem, description, gain, seed))
        check_folder(path).write_text(text, encoding='utf-8')

    def _make_arena(self, samplerate: int) -> Arena:
        if self._arena is None or self._arena.samplerate != samplerate:
            self._arena = Arena(samplerate)
            self.patch(self.defaults()).apply(self._arena.board)
        return self._arena


def make_knob(name: str, low: float, high: float, choices: tuple[str, ...], heard: Where) -> Knob:
    param = find_param(f'{NOTE}.{name}')
    where = {f'{NOTE}.{choice}': names for choice, names in heard.items()}
    if choices:
        return Knob(replace(param, low=0, high=len(choices) - 1, default=0, choices=choices), where)
    return Knob(replace(param, low=low, high=high, default=min(high, max(low, param.default))), where)


def check_steered(name: str) -> Param:
    """Return the row of a parameter of the first layer."""
    try:
        param = find_param(name)
    except KeyError as error:
        raise StudioError(str(error.args[0])) from error
    allowed = [row.name.replace('*', NOTE) for row in (*NOTE_PARAMS, *LAYER_PARAMS)]
    if param.name not in allowed:
        raise StudioError(f'{name} is not part of the first layer, which is what is matched; use drone.*')
    return param
