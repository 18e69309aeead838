"""TOML files, read as those of strangers: not too large, not too deep, and every mistake told in a short sentence.

In: a path. Out: a dict, or OSError, ValueError. Python's own reader takes hours for one long name with many dots, so
names are looked at first.
"""
import re
import tomllib
from pathlib import Path

from live.spelling import hint

MOST_BYTES = 2 ** 20
LONGEST_MESSAGE = 400       # characters
QUOTED = re.compile(r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL)
DEEP_NAME = re.compile(r'(?<![\w-])(?:[\w-]+[ \t]*\.[ \t]*){16}')


def load_toml(path: Path) -> dict:
    """Return what a file says; raise OSError, or ValueError that tells what is wrong."""
    with path.open('rb') as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f'is larger than {MOST_BYTES} bytes')
    text = data.decode('utf-8').replace('\r\n', '\n')
    if DEEP_NAME.search(QUOTED.sub('q', text)):
        raise ValueError('a name has more than 16 parts')
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError('tables or lists lie too deep in each other') from error


def check_entries(where: str, table: dict, known: tuple[str, ...]) -> None:
    """Raise KeyError for an entry that is not known, with the nearest that is."""
    for key in table:
        if key not in known:
            raise KeyError(f'{where}{key} is unknown{hint(key, known)}')


def quote(text: str) -> str:
    """Return a TOML basic string."""
    escaped = ''.join(c if c >= ' ' and c != '\x7f' else f'\\u{ord(c):04x}'
                      for c in text.replace('\\', '\\\\').replace('"', '\\"'))
    return f'"{escaped}"'


def sentence(error: Exception) -> str:
    """Return what an error says, without its middle where it quotes too much of a file."""
    text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    half = LONGEST_MESSAGE // 2
    return text if len(text) <= LONGEST_MESSAGE else f'{text[:half]} ... {text[-half:]}'
