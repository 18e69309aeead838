"""How signals travel: Ring (one writer, readers with places of their own), Latest (newest wins).

A writer never waits. A reader that falls behind loses the oldest items and counts them. Works between Python threads
and between compiled code and Python: the indices are written with release and read with acquire order.
"""
import threading
from typing import Generic, TypeVar

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

Item = TypeVar('Item')


def _item_pointer(context, builder, array_type, array, index):
    view = context.make_array(array_type)(context, builder, array)
    return cgutils.get_item_pointer(context, builder, array_type, view, [index])


@intrinsic
def load_acquire(typing_context, array, index):
    """Return array[index] (int64); nothing after it is read before it. [any]"""
    def codegen(context, builder, signature, arguments):
        pointer = _item_pointer(context, builder, signature.args[0], *arguments)
        return builder.load_atomic(pointer, 'acquire', 8)
    return types.int64(array, types.intp), codegen


@intrinsic
def store_release(typing_context, array, index, value):
    """Store array[index] = value (int64); nothing before it is written after it. [any]"""
    def codegen(context, builder, signature, arguments):
        pointer = _item_pointer(context, builder, signature.args[0], *arguments[:2])
        builder.store_atomic(arguments[2], pointer, 'release', 8)
        return ir.Constant(ir.IntType(64), 0)
    return types.int64(array, types.intp, types.int64), codegen


@njit(cache=True)
def _load(head):
    return load_acquire(head, 0)


@njit(cache=True)
def _store(head, value):
    store_release(head, 0, value)


class Ring:
    """Items of one dtype and shape in a circle of fixed size, written by one thread at a time.

    items: (capacity, ...) array; head: (1 or more,) int64, head[0] = items written so far. Both may be views of
    memory that compiled code writes; `Ring.make` makes them.
    burst: the most items that are written before the head moves. Readers stay clear of that many of the oldest,
    which may be half overwritten; `put` widens it by itself.
    """

    def __init__(self, items: np.ndarray, head: np.ndarray, burst: int = 1) -> None:
        self.items, self.head, self.burst = items, head, burst
        self._lock = threading.Lock()

    @classmethod
    def make(cls, capacity: int, dtype, shape: tuple[int, ...] = ()) -> 'Ring':
        return cls(np.zeros((capacity, *shape), dtype), np.zeros(8, np.int64))

    @property
    def written(self) -> int:
        return int(_load(self.head))

    def put(self, items: np.ndarray) -> None:
        """[control] Write items (n, ...), n at most half of the capacity."""
        with self._lock:        # several control threads, one writer at a time
            self.burst = max(self.burst, len(items))
            start = self.written
            self.items[np.arange(start, start + len(items)) % len(self.items)] = items
            _store(self.head, start + len(items))

    def reader(self, start: int | None = None) -> 'Reader':
        """Return a reader that begins at item `start`, or with what is written next."""
        return Reader(self, self.written if start is None else start)


class Reader:
    """One reader's place in a ring. lost: items overwritten before they were read."""

    def __init__(self, ring: Ring, place: int) -> None:
        self.ring, self.place, self.lost = ring, place, 0

    def get(self, limit: int | None = None) -> np.ndarray:
        """Return a copy of what is new (n, ...), oldest first, at most `limit` items; n may be 0."""
        items, capacity = self.ring.items, len(self.ring.items)
        while True:
            head = self.ring.written
            self._skip_to(head - capacity + self.ring.burst)
            count = head - self.place
            count = min(count, limit) if limit is not None else count
            first = self.place % capacity
            tail = max(0, first + count - capacity)
            new = np.concatenate((items[first:first + count - tail], items[:tail]))
            if self.ring.written - capacity + self.ring.burst <= self.place:    # the copy was not overtaken
                self.place += count
                return new

    def newest(self) -> np.ndarray | None:
        """Return a copy of the newest item if one is new, else None; older ones are passed over, not lost."""
        head = self.ring.written
        if head == self.place:
            return None
        self.place = head - 1
        new = self.get(1)
        return new[0] if len(new) else None

    def _skip_to(self, oldest: int) -> None:
        if self.place < oldest:
            self.lost += oldest - self.place
            self.place = oldest


class Latest(Generic[Item]):
    """A slot that holds the newest item. [any] One assignment, one read; `count` tells whether it is new."""

    def __init__(self, item: Item | None = None) -> None:
        self._slot: tuple[int, Item | None] = (0, item)

    def put(self, item: Item) -> None:
        self._slot = (self._slot[0] + 1, item)

    def get(self) -> Item | None:
        return self._slot[1]

    @property
    def count(self) -> int:
        return self._slot[0]
