"""The studio as a Python module: every name is found, and nothing is loaded before it is used."""
import subprocess
import sys

import pytest

import live.studio
from live.studio import API


@pytest.mark.parametrize('name', [name for name, _ in API])
def test_every_name_is_found(name):
    assert callable(getattr(live.studio, name)) and name in dir(live.studio)


def test_an_unknown_name_is_an_error():
    with pytest.raises(AttributeError, match='nothing_of_the_kind'):
        live.studio.nothing_of_the_kind


def test_importing_the_studio_loads_nothing_heavy():
    code = 'import sys, live.studio; print(*{"torch", "matplotlib", "soundfile", "av", "numba"} & set(sys.modules))'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stdout.strip() == ''
