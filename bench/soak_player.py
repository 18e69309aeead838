"""The instrument as soak.py plays it: `live play`, with a model and with shaders that can be made to fail from outside.

    python bench/soak_player.py TROUBLE SHADERS COUNTS [OPTIONS of live play]

TROUBLE is a file: when it is written, the engine's own dreams fail as it says: three in a row raise or are nan, one
hangs until the file is gone.
SHADERS is a copy of shaders/stage. COUNTS is a file in which a thread writes down what is held of memory. Nothing else
differs from what is on stage.
"""
import sys
import time
from pathlib import Path

import common                   # noqa: F401, puts the project on the path
from soak_memory import write_held

FAILURES = {'raise': 3, 'nan': 3, 'hang': 1}


def troubled(kind, path: Path):
    """Return an engine like `kind` that does what the file says."""
    import numpy as np
    import torch

    class Troubled(kind):
        stamp = left = 0        # when the file was written; failures to come

        def dream(self, conditioning, board, init=None):
            try:
                stamp, word = path.stat().st_mtime_ns, path.read_text()
            except OSError:
                return super().dream(conditioning, board, init)
            if stamp != Troubled.stamp and word in FAILURES:
                Troubled.stamp, Troubled.left = stamp, FAILURES[word]
            if not Troubled.left:
                return super().dream(conditioning, board, init)
            Troubled.left -= 1
            if word == 'raise':
                raise RuntimeError('CUDA error: an illegal memory access was encountered')
            if word == 'hang':
                while path.exists():
                    time.sleep(0.1)
                return None
            return self.dream_nan(conditioning, board, init, torch, np)

        def dream_nan(self, conditioning, board, init, torch, np):
            """Dream with a network that is broken by one weight."""
            weight = next(parameter for parameter in self.model.unet.parameters() if parameter.ndim == 4)
            kept = weight.detach().clone()
            try:
                with torch.no_grad():
                    weight.fill_(float('nan'))
                return super().dream(conditioning, board, init)
            finally:
                with torch.no_grad():
                    weight.copy_(kept)

    return Troubled


def main() -> int:
    trouble, shaders, counts, *words = sys.argv[1:]
    import live.diffusion.turbo as turbo
    import live.display.renderer as renderer
    from live.__main__ import main as live
    turbo.Turbo = troubled(turbo.Turbo, Path(trouble))      # type: ignore[misc]
    renderer.Renderer.__init__.__defaults__ = (Path(shaders), *renderer.Renderer.__init__.__defaults__[1:])
    write_held(Path(counts))
    return live(['play', *words])


if __name__ == '__main__':
    sys.exit(main())
