"""Live inside a note: a microtonal drone and the pictures it dreams, on one clock.

numba's cache of compiled kernels notices a change only in the file of the outermost kernel. So the cache lives in a
folder named for all the sources that hold kernels: change any of them and everything is compiled anew.
"""
import hashlib
import os
import shutil
from pathlib import Path

_SOURCES = ('params.py', 'signals.py', 'wires.py', 'dsp/*.py', 'audio/*.py')


def kernel_digest(package: Path = Path(__file__).parent) -> str:
    """Return a digest of the sources that hold kernels."""
    digest = hashlib.sha256()
    for path in sorted(path for name in _SOURCES for path in package.glob(name)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _kernel_cache(package: Path) -> Path:
    """Return the cache folder of these sources; those of former sources are thrown away."""
    folder = package / '__pycache__' / f'kernels-{kernel_digest(package)}'
    if not folder.exists():
        for old in folder.parent.glob('kernels-*'):
            shutil.rmtree(old, ignore_errors=True)
    return folder


def is_compiled() -> bool:
    """Return whether the kernels of these sources are in the cache; if not, importing them takes a minute."""
    return any(Path(os.environ.get('NUMBA_CACHE_DIR', 'none')).rglob('callback.render_block*'))


os.environ.setdefault('PYGAME_HIDE_SUPPORT_PROMPT', '1')        # pygame greets on the terminal at import
if os.access(Path(__file__).parent, os.W_OK):
    os.environ.setdefault('NUMBA_CACHE_DIR', str(_kernel_cache(Path(__file__).parent)))
