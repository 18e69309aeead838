"""Live inside a note: a microtonal drone and the pictures it dreams, on one clock.

numba's cache of compiled kernels notices a change only in the file of the outermost kernel. So the cache lives in a
folder named for all the sources: change any of them and everything is compiled anew.
"""
import hashlib
import os
from pathlib import Path


def _kernel_cache() -> Path:
    sources = Path(__file__).parent
    digest = hashlib.sha256()
    for name in ('params.py', 'signals.py', 'wires.py', 'dsp/*.py', 'audio/*.py'):
        for path in sorted(sources.glob(name)):
            digest.update(path.read_bytes())
    return sources / '__pycache__' / f'kernels-{digest.hexdigest()[:16]}'


if os.access(Path(__file__).parent, os.W_OK):
    os.environ.setdefault('NUMBA_CACHE_DIR', str(_kernel_cache()))
