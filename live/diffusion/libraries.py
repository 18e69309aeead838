"""torch, diffusers and transformers, imported so that the window need not wait for them.

They bring 450 000 objects. Whenever Python looks for garbage among so many it holds its lock for 0.3 to 1.2 s, and no
frame is drawn: it did so four times while they were imported, and again when the memory of an engine was given back.
So they are imported without such looks, and left out of all later ones, which then take milliseconds.

They keep some exceptions of what failed on the way, these their tracebacks, these the frames of all who were calling,
and these whatever they held when they returned. So they are imported before any model is loaded, and on a thread that
ends, with no caller: the first engine was never freed otherwise. Knows nothing of models.
"""
import gc
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import chain

from live.diffusion.hub import COMPONENTS


@cache
def import_libraries() -> None:
    """[dream] Import all that models are made of, once."""
    with ThreadPoolExecutor(1, 'libraries') as aside:
        aside.submit(_import).result()


def _import() -> None:
    collects = gc.isenabled()
    gc.disable()
    try:
        import diffusers
        import transformers
        for kind in chain(*COMPONENTS.values(), ('DDIMScheduler',)):
            getattr(transformers, kind, None) or getattr(diffusers, kind)
    finally:
        gc.freeze()
        if collects:
            gc.enable()
