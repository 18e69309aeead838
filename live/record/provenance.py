"""With what a performance was made, as its file tells it, and how this place differs. [any]

The same bits come from the same kernels, compiled by the same compiler for the same processor. Everything else may
differ: `differences` tells when sound may not be the same in its last bits.
"""
import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version

from llvmlite import binding

from live import kernel_digest

PACKAGES = ('numpy', 'numba', 'llvmlite', 'torch', 'diffusers', 'moderngl')
COUNTED = {'kernels': 'other kernels', 'numba': 'another numba', 'llvmlite': 'another llvmlite',
           'numpy': 'another numpy', 'processor': 'another processor'}      # what sound depends on


def provenance() -> dict:
    """Return versions and machine as plain data."""
    return {'kernels': kernel_digest(), **{name: _version(name) for name in ('live-note', *PACKAGES)},
            'python': platform.python_version(), 'system': platform.platform(), 'processor': _processor()}


def differences(made: object) -> str:
    """Return in one sentence why sound may differ from what was played with `made`; '' where nothing speaks for it."""
    here, there = provenance(), made if isinstance(made, dict) else {}
    other = [f'{words} ({str(there.get(key))[:40]}, here {here[key]})' for key, words in COUNTED.items()
             if there.get(key) != here[key]]
    return f'it was played with {", ".join(other)}: the last bits of the sound may differ' if other else ''


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ''


def _processor() -> str:
    """Return what numba compiles for: the name of the processor, and a digest of what it can do."""
    features = binding.get_host_cpu_features().flatten()
    return f'{binding.get_host_cpu_name()} {hashlib.sha256(features.encode()).hexdigest()[:8]}'
