"""The studio: offline tools on the same kernels and the same picture engine as the stage. `live studio --help`.

The same from Python: `from live.studio import bflat`. A name is looked up in its module when it is first used.
"""
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

#   name                 module
API = (
    ('tones',            'live.studio.tones.score'),
    ('scale',            'live.studio.tones.scale_command'),
    ('system',           'live.studio.tones.systems'),
    ('parse_chords',     'live.studio.tones.chords'),
    ('bflat',            'live.studio.bflat'),
    ('effects',          'live.studio.effects.command'),
    ('apply_effects',    'live.studio.effects.command'),
    ('load_chain',       'live.studio.effects.chain'),
    ('write_at_depth',   'live.studio.depth'),
    ('measure',          'live.studio.features'),
    ('plot_sound',       'live.studio.plot'),
    ('find_tuning',      'live.studio.tunings'),
    ('make_drones',      'live.studio.classify.drones'),
    ('train_classifier', 'live.studio.classify.making'),
    ('predict',          'live.studio.classify.predicting'),
    ('load_classifier',  'live.conditioning.classifier'),
    ('train_ghost',      'live.studio.ghost.training'),
    ('load_ghost',       'live.studio.ghost.generating'),
    ('generate_ghost',   'live.studio.ghost.generating'),
    ('write_patch',      'live.studio.ghost.patches'),
    ('Axis',             'live.studio.translation.sonogram'),
    ('draw_sound',       'live.studio.translation.sonogram'),
    ('read_sound_of',    'live.studio.translation.readings'),
    ('translate',        'live.studio.translation.command'),
    ('generate_match',   'live.studio.match.generate'),
    ('open_synth',       'live.studio.match.synth'),
    ('draw_settings',    'live.studio.match.batches'),
    ('write_batch',      'live.studio.match.batches'),
    ('train_match',      'live.studio.match.training'),
    ('Art',              'live.studio.art.engine'),
    ('Engine',           'live.studio.art.engine'),
    ('Filling',          'live.studio.art.matrix'),
    ('Motion',           'live.studio.art.audio2video'),
    ('audio2img',        'live.studio.art.audio2img'),
    ('audio2video',      'live.studio.art.audio2video'),
    ('read_sound',       'live.studio.files'),
    ('write_sound',      'live.studio.files'),
    ('StudioError',      'live.studio.files'),
    ('draw_figure',      'live.studio.figures'),
)
MODULE_BY_NAME = dict(API)
__all__ = [name for name, _ in API]     # noqa: F822


class Studio(ModuleType):
    """A package in which a function may be named as the module it lives in: importing that does not hide it."""

    def __getattr__(self, name: str) -> Any:
        if name not in MODULE_BY_NAME:
            raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
        return getattr(import_module(MODULE_BY_NAME[name]), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in MODULE_BY_NAME or not isinstance(value, ModuleType):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*vars(self), *__all__})


sys.modules[__name__].__class__ = Studio
