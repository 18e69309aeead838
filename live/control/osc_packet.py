"""OSC packets taken apart: bundles within bundles, time-tags, messages. Pure; the types are read by python-osc.

python-osc's own bundle reader never ends on an element of size -4 and logs what it does not know; here both are a
ValueError that tells what is wrong.
"""
import time
from collections.abc import Iterator

from pythonosc.osc_message import OscMessage, ParseError

BUNDLE = b'#bundle\0'
UNIX_EPOCH = 2208988800         # in seconds of NTP, which time-tags use
TYPES = b',ihfdsbrmtTFN[]'      # what python-osc knows


def split(packet: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (time-tag, message) for all messages of a packet in order; raise ValueError where it is cut off."""
    waiting = [(1, packet)]
    while waiting:
        tag, part = waiting.pop()
        if part.startswith(BUNDLE):
            waiting += reversed(list(elements(part)))
        else:
            yield tag, part


def elements(bundle: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (time-tag, element) for the elements of one bundle; raise ValueError where it is cut off."""
    tag, place = int.from_bytes(bundle[8:16], 'big'), 16
    if len(bundle) < place:
        raise ValueError(f'an OSC bundle of {len(bundle)} bytes is cut off')
    while place < len(bundle):
        size = int.from_bytes(bundle[place:place + 4], 'big')
        place += 4
        if not 0 < size <= len(bundle) - place:
            raise ValueError(f'an OSC bundle of {len(bundle)} bytes is cut off')
        yield tag, bundle[place:place + size]
        place += size


def is_early(tag: int) -> bool:
    """Tell whether an NTP time-tag lies ahead; 1 means at once."""
    return tag / 2 ** 32 - UNIX_EPOCH > time.time()


def parse(message: bytes) -> tuple[str, list]:
    """Return (address, arguments) of a message, lists within lists laid flat; raise ValueError."""
    if not message.startswith(b'/'):
        raise ValueError(f'an OSC address begins with "/", not {message[:20]!r}')
    start = message.find(b'\0') // 4 * 4 + 4
    types = message[start:max(start, message.find(b'\0', start))]
    if types.strip(TYPES):
        raise ValueError(f'OSC types {types[:20]!r} are not known')
    try:
        parsed = OscMessage(message)
    except (ParseError, ValueError, OverflowError) as error:
        raise ValueError(f'an OSC message of {len(message)} bytes cannot be read: {message[:40]!r}') from error
    return parsed.address, list(flat(parsed.params))


def flat(arguments: list) -> Iterator:
    """Yield what is in lists within lists."""
    waiting = list(reversed(arguments))
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(item)
        else:
            yield item
