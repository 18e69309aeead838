"""A tuning told on the command line: words of a patch's [tuning], a file of Scala's, or a patch.

    edo = 31        fundamental = 3.14; harmonics = [1, 16]        young.scl        quarter
"""
import tomllib
from pathlib import Path

from live.patch import SCALES, find_patch, load_patch
from live.studio.files import StudioError
from live.tuning.table import read_tuning
from live.tuning.tuning import Tuning

HELP = "as in a patch, such as 'edo = 31' (several: 'a = 1; b = 2'), a .scl or .ascl file, or a patch that has it"


def find_tuning(text: str) -> Tuning:
    """Return the tuning that a text tells; raise StudioError or PatchError where it tells none."""
    path = Path(text)
    try:
        if '=' in text:
            return read_tuning(tomllib.loads(text.replace(';', '\n')), (Path(), SCALES))
        if path.suffix in ('.scl', '.ascl'):
            return read_tuning({'file': path.name}, (path.parent, SCALES))
    except (ValueError, KeyError) as error:
        told = error.args[0] if error.args else error
        raise StudioError(f'--tuning {text}: {told}') from error
    return load_patch(find_patch(text)).tuning
