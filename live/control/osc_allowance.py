"""How much one sender may send, so that one who sends without end takes nothing from the others, the sound, the window.

A burst of BURST packets, then RATE a second; a long packet counts as several. What is above that is dropped unread:
to receive a packet takes 1 us, to do what it says 20. Senders beyond MOST_SENDERS are refused until others rest.
One thread only.
"""
from collections.abc import Hashable

BURST = 8192            # packets that may come at once
RATE = 2000             # packets a second
PART = 256              # bytes that count as one packet
MOST_SENDERS = 256      # who have sent lately
REFILL_TIME = 0.05      # seconds


class Allowance:
    """refused: packets above it."""

    def __init__(self) -> None:
        self.refused = 0
        self._left: dict[Hashable, float] = {}      # of those who have less than a burst
        self._refilled = 0.0

    def spend(self, sender: Hashable, size: int) -> bool:
        """Return whether a packet of so many bytes is taken."""
        left = self._left.get(sender, BURST if len(self._left) < MOST_SENDERS else 0)
        if left <= 0:
            self.refused += 1
            return False
        self._left[sender] = left - 1 - size // PART
        return True

    def refill(self, now: float) -> None:
        """Give everybody what time has brought; now: time.monotonic()."""
        more = RATE * (now - self._refilled)
        if more >= RATE * REFILL_TIME:
            self._left = {sender: left + more for sender, left in self._left.items() if left + more < BURST}
            self._refilled = now
