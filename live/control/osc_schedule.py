"""Messages dated ahead, kept until they are due. Bounded: a clock that is wrong must not hold a performance up.

In: messages with how far ahead they are dated. Out: those that are due, in order. A message dated more than AHEAD
seconds ahead, or one too many, is not kept: the caller does it at once and counts it. Time is time.monotonic, so that
a wall clock that is set in the middle moves nothing that waits. One thread only.
"""
import heapq
from collections.abc import Hashable

AHEAD = 4.0                 # seconds; senders that look ahead do so by tenths of a second
MOST, MOST_BYTES = 4096, 4 << 20


class Schedule:
    """What is due later."""

    def __init__(self) -> None:
        self.bytes = self._number = 0
        self._waiting: list[tuple[float, int, bytes, Hashable]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def keep(self, ahead: float, now: float, message: bytes, sender: Hashable) -> bool:
        """Keep a message dated so many seconds ahead; False when it is to be done at once."""
        if not 0 < ahead <= AHEAD or len(self) >= MOST or self.bytes + len(message) > MOST_BYTES:
            return False
        heapq.heappush(self._waiting, (now + ahead, self._number, message, sender))
        self._number += 1       # those of one bundle stay in order
        self.bytes += len(message)
        return True

    def take(self, now: float) -> tuple[bytes, Hashable] | None:
        """Return the next (message, sender) that is due, or None."""
        if not self._waiting or self._waiting[0][0] > now:
            return None
        _, _, message, sender = heapq.heappop(self._waiting)
        self.bytes -= len(message)
        return message, sender

    def wait(self, now: float, longest: float) -> float:
        """Return the seconds to the next that is due, at most `longest`."""
        return min(longest, max(0.0, self._waiting[0][0] - now)) if self._waiting else longest
