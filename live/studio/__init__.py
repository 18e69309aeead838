"""The studio: offline tools on the same kernels and the same picture engine as the stage. `live studio --help`.

The same from Python: `from live.studio import bflat`. A name is looked up in its module when it is first used.
"""
from importlib import import_module
from typing import Any

#   name            module
API = (
    ('draw_figure',      'live.studio.figures'),
    ('read_sound',       'live.studio.files'),
    ('write_sound',      'live.studio.files'),
    ('StudioError',      'live.studio.files'),
)
MODULE_BY_NAME = dict(API)
__all__ = [name for name, _ in API]     # noqa: F822


def __getattr__(name: str) -> Any:
    if name not in MODULE_BY_NAME:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(MODULE_BY_NAME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
