"""OSC address patterns: ? * [a-z] [!a-z] {one,two}, each within one part of an address. Pure.

A pattern is matched by keeping all places of a name that it can have reached, so that no pattern, however it is made,
takes longer than its length times the name's: a regular expression of many stars would take for ever.
"""
import re
from collections.abc import Iterable
from functools import lru_cache

WILD = frozenset('?*[]{}')
LONGEST = 200       # characters; what is longer is no pattern of a performer

Places = set[int]
Tree = dict[str, 'Tree | None']     # None: an address ends here


def plant(addresses: Iterable[str]) -> Tree:
    """Return addresses as a tree of their parts."""
    tree: Tree = {}
    for address in addresses:
        *parts, last = address[1:].split('/')
        branch = tree
        for part in parts:
            branch = branch.setdefault(part, {})        # type: ignore[assignment]
        branch[last] = None
    return tree


def expand(pattern: str, tree: Tree) -> list[str]:
    """Return the addresses of a tree that a pattern means; raise ValueError when it is broken."""
    if len(pattern) > LONGEST:
        raise ValueError(f'a pattern has at most {LONGEST} characters, this one {len(pattern)}')
    found: list[tuple[str, Tree | None]] = [('', tree)]
    for part in pattern[1:].split('/'):
        names = {name for _, branch in found if branch for name in branch}
        meant = {name for name in names if match(part, name)} if is_pattern(part) else {part}
        found = [(f'{path}/{name}', after) for path, branch in found if branch
                 for name, after in branch.items() if name in meant]
    return [path for path, branch in found if branch is None]


def is_pattern(address: str) -> bool:
    return not WILD.isdisjoint(address)


def match(pattern: str, name: str) -> bool:
    """Tell whether a name, one part of an address, is meant by a pattern; raise ValueError when that is broken."""
    places = {0}
    for kind, words in tokens(pattern):
        places = STEPS[kind](places, words, name)
        if not places:
            return False
    return len(name) in places


@lru_cache(64)
def tokens(pattern: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return a pattern as rows (kind, words); raise ValueError."""
    rows = []
    for part in PARTS.findall(pattern):
        if part in CLOSED_BY:
            raise ValueError(f'{pattern}: {part} is not closed')
        kind = part[0] if part[0] in STEPS else ''
        inside = part[1:-1] if kind in CLOSED_BY else part
        rows.append((kind, tuple(inside.split(',')) if kind == '{' else (inside,)))
    return tuple(rows)


def _one_of_words(places: Places, words: tuple[str, ...], name: str) -> Places:
    return {place + len(word) for place in places for word in words if name.startswith(word, place)}


def _any_letter(places: Places, words: tuple[str, ...], name: str) -> Places:
    return {place + 1 for place in places if place < len(name)}


def _any_letters(places: Places, words: tuple[str, ...], name: str) -> Places:
    return set(range(min(places), len(name) + 1))


def _one_of_letters(places: Places, words: tuple[str, ...], name: str) -> Places:
    wanted = not words[0].startswith('!')
    letters = words[0].removeprefix('!')
    return {place + 1 for place in places if place < len(name)
            and among(name[place], letters) == wanted}


def among(letter: str, letters: str) -> bool:
    """Tell whether a letter is in a list such as 'a-dxyz'."""
    place = 0
    while place < len(letters):
        if letters[place + 1:place + 2] == '-' and place + 2 < len(letters):
            if letters[place] <= letter <= letters[place + 2]:
                return True
            place += 3
        elif letter == letters[place]:
            return True
        else:
            place += 1
    return False


PARTS = re.compile(r'\[[^]]*]|\{[^}]*}|[][{}*?]|[^][{}*?]+')
CLOSED_BY = {'[': ']', '{': '}'}
STEPS = {'': _one_of_words, '?': _any_letter, '*': _any_letters, '[': _one_of_letters, '{': _one_of_words}
