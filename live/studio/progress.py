"""How far a tool has come, with the time left, on one line."""
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

BAR = '{desc} {percentage:3.0f}% {bar} {elapsed} < {remaining}{postfix}'
Item = TypeVar('Item')


def progress(items: Iterable[Item], what: str, total: int | None = None) -> Iterator[Item]:
    """Walk through items and show it."""
    yield from tqdm(items, what, total, bar_format=BAR, mininterval=0.2)


def progress_bar(total: float, what: str) -> tqdm:
    """Return a bar that is moved by hand: `with progress_bar(seconds, 'tones') as bar: bar.update(1)`."""
    return tqdm(total=total, desc=what, bar_format=BAR, mininterval=0.2)
