"""What goes out by OSC: answers, lists, and what followers are to hear of, at most 30 times a second.

In: requests of clients, and the Board, which is looked at and compared with what each client is known to have. Out:
messages, a few at a time, so that they neither hold up what comes in nor run over a client's small buffer. What a
client has sent is not sent back to it: it is known to have it, unless the instrument made something else of it.
The thread "osc" alone runs this; knows nothing of sockets.
"""
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator

import numpy as np

from live.control.osc_values import Arguments, Values

RATE, FASTEST = 30.0, 120.0     # Hz
HOLD = 0.15             # seconds in which a client that moves something is not told where it is
BURST, PAUSE = 48, 1 / 60   # messages for one client at once; seconds between. A buffer holds some 160
MOST_CLIENTS = 64
MOST_LISTS = 4          # asked for by one client and not yet sent
MOST_WAITING = 4096     # messages
BEAT = 1.0              # seconds from one /heartbeat to the next

Target = Hashable       # (host, port), or a connection
Row = tuple[str, Arguments]


class Follower:
    """What one client follows, and what it is known to have.

    by_name: it takes choices by their names, and nothing that it has not asked for, as OSCQuery has it.
    """

    def __init__(self, values: Values, by_name: bool = False) -> None:
        self.values, self.by_name = values, by_name
        self.rate, self.due = RATE, 0.0
        self.words: dict[str, Arguments | None] = {}        # what was told last, None: nothing yet
        self.places = np.zeros(len(values.places), bool)    # which addresses of parameters are followed
        self._known = np.full(len(values.places), np.nan, 'f4')     # plain values, also of the mirror
        self._held = np.zeros(len(values.places))           # until when

    def is_done(self) -> bool:
        """Tell whether nothing is followed any more."""
        return not (self.places.any() or self.words)

    def follow(self, addresses: Iterable[str]) -> None:
        """Tell these from now on, and where they are at once, unless that is told already."""
        for address in addresses:
            if address in self.values.words:
                self.words.setdefault(address, None)
            elif not self.places[place := self.values.places[address]]:
                self.places[place], self._known[place] = True, np.nan

    def leave(self, addresses: Iterable[str]) -> None:
        for address in addresses:
            if address in self.values.words:
                self.words.pop(address, None)
            else:
                self.places[self.values.places[address]] = False

    def forget(self, addresses: Iterable[str]) -> None:
        """Tell again what is followed of these."""
        for address in addresses:
            if address in self.words:
                self.words[address] = None
            elif address not in self.values.words:
                place = self.values.places[address]
                self._known[place], self._held[place] = np.nan, 0

    def has(self, address: str, sent: float, now: float) -> None:
        """Note a number that the client has sent: it is not sent back, unless something else came of it."""
        place = self.values.places[address]
        agrees = np.float32(self.values.answer(address)[0]) == np.float32(sent)
        self._known[place] = self.values.numbers()[place] if agrees else np.nan
        self._held[place] = now + HOLD

    def has_words(self, address: str, sent: Arguments) -> None:
        """Note words that the client has sent."""
        if address in self.words:
            self.words[address] = sent

    def changes(self, now: float) -> Iterator[Row]:
        """Yield what the client is to hear of, no more than a burst of parameters."""
        numbers = self.values.numbers()
        fresh = np.flatnonzero(self.places & (numbers != self._known) & (self._held <= now))[:BURST]
        self._known[fresh] = numbers[fresh]
        for place in fresh.tolist():
            address = self.values.addresses[place]
            yield address, self.values.answer(address, self.by_name)
        for address, told in self.words.items():
            stands = self.values.words[address]()
            if stands != told:
                self.words[address] = stands
                yield address, stands


class Answers:
    """What goes out, to whom. send: takes a target, an address and arguments."""

    def __init__(self, values: Values, send: Callable[[Target, str, Arguments], None]) -> None:
        self.values, self._send = values, send
        self._ports: dict[str, int] = {}
        self._followers: dict[Target, Follower] = {}
        self._lists: dict[Target, deque[Iterator[Row]]] = {}
        self._waiting: deque[tuple[Target, Row]] = deque()
        self._began = time.monotonic()
        self._next_beat = self._next_burst = 0.0

    def target(self, sender: Target) -> Target:
        """Return where answers to a sender go."""
        if isinstance(sender, tuple):
            return sender[0], self._ports.get(sender[0], sender[1])
        return sender

    def use_port(self, host: str, port: int) -> None:
        """Answer a host at this port from now on."""
        self._ports.pop(host, None)
        self._ports[host] = port
        keep_newest(self._ports)

    def follower(self, sender: Target) -> Follower | None:
        """Return what a sender follows."""
        return self._followers.get(self.target(sender)) if self._followers else None

    def answer(self, sender: Target, address: str, arguments: Arguments = ()) -> None:
        """Answer at once."""
        self._send(self.target(sender), address, arguments)

    def follow(self, sender: Target, address: str, rate: float | None = None) -> None:
        """Tell a client what stands at an address, a group or a pattern, and each change; raise ValueError."""
        target, addresses = self.target(sender), self._find(address)
        follower = self._followers.pop(target, None) or Follower(self.values, getattr(target, 'by_name', False))
        follower.follow(addresses)
        if rate is not None:
            follower.rate = min(FASTEST, max(0.1, rate))
        follower.due = 0.0
        self._followers[target] = follower
        keep_newest(self._followers)

    def leave(self, sender: Target, address: str) -> None:
        """Tell no more of what stands at an address; raise ValueError."""
        addresses = self._find(address)
        if follower := self.follower(sender):
            follower.leave(addresses)
            if follower.is_done():
                del self._followers[self.target(sender)]

    def drop(self, sender: Target) -> None:
        """Forget a client."""
        target = self.target(sender)
        self._followers.pop(target, None)
        self._lists.pop(target, None)

    def sync(self, sender: Target, address: str) -> None:
        """Tell once what stands at an address: a follower what it follows of it, others all; raise ValueError."""
        addresses = self._find(address)
        if follower := self.follower(sender):
            follower.forget(addresses)
        else:
            self.list(sender, ((each, self.values.answer(each)) for each in addresses))

    def list(self, sender: Target, rows: Iterator[Row]) -> None:
        """Send many rows, a few at a time; raise ValueError when too many were asked for."""
        target = self.target(sender)
        lists = self._lists.get(target, deque())
        if len(lists) >= MOST_LISTS or not lists and len(self._lists) >= MOST_CLIENTS:
            raise ValueError('too many lists are asked for at once')
        lists.append(rows)
        self._lists[target] = lists

    def _find(self, address: str) -> tuple[str, ...]:
        addresses = self.values.expand(address)
        if not addresses:
            raise ValueError(f'nothing that can be followed or asked for is at {address[:80]}')
        return addresses

    def tick(self, now: float) -> None:
        """Gather what is to go out now."""
        if now < self._next_burst or len(self._waiting) > MOST_WAITING:
            return
        self._next_burst = now + PAUSE
        for target in tuple(self._lists):
            self._gather_list(target)
        for target, follower in self._followers.items():
            if now >= follower.due:
                follower.due = now + 1 / follower.rate
                self._waiting.extend((target, row) for row in follower.changes(now))
        if now >= self._next_beat:
            self._next_beat = now + BEAT
            self._waiting.extend((target, ('/heartbeat', self.heartbeat(now)))
                                 for target, follower in self._followers.items() if not follower.by_name)

    def _gather_list(self, target: Target) -> None:
        lists = self._lists[target]
        for _ in range(BURST):
            row = next(lists[0], None)
            if row is not None:
                self._waiting.append((target, row))
                continue
            lists.popleft()
            if not lists:
                del self._lists[target]
                return

    def heartbeat(self, now: float) -> Arguments:
        """Return the seconds since the start: what changes, lives."""
        return now - self._began,

    def send_next(self) -> bool:
        """Send one of the messages gathered; False when there was none."""
        if not self._waiting:
            return False
        target, (address, arguments) = self._waiting.popleft()
        self._send(target, address, arguments)
        return True

    def wait(self, now: float, longest: float) -> float:
        """Return the seconds until something may have to go out, at most `longest`."""
        if self._waiting:
            return 0.0
        if not (self._followers or self._lists):
            return longest
        return min(longest, max(0.0, self._next_burst - now))


def keep_newest(clients: dict) -> None:
    """Forget the oldest of too many."""
    if len(clients) > MOST_CLIENTS:
        del clients[next(iter(clients))]
