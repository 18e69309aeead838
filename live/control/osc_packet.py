"""OSC packets: bundles within bundles taken apart, messages read and written. Pure; nothing here knows a parameter.

Numbers and words, nearly all that is ever sent, are read here in 2 us; what is rarer (blobs, colours, arrays ...) by
python-osc in 15. python-osc's own bundle reader never ends on an element of size -4 and logs what it does not know;
here both are a ValueError that tells what is wrong.
"""
import time
from collections.abc import Iterator, Sequence
from struct import Struct, error as StructError

from pythonosc.osc_message import OscMessage, ParseError

BUNDLE = b'#bundle\0'
UNIX_EPOCH = 2208988800         # in seconds of NTP, which time-tags use
NUMBERS = {'i': Struct('>i'), 'f': Struct('>f'), 'd': Struct('>d'), 'h': Struct('>q')}
CONSTANTS = {'T': True, 'F': False, 'N': None, 'I': True}   # I, an impulse, is a button pressed
WORDS = 'sS'
SIMPLE = ''.join((*NUMBERS, *CONSTANTS, WORDS))
RARE = 'ihfdsbrmtTFN[]'         # what python-osc knows
TYPE_OF = {float: 'f', int: 'i', str: 's'}

Argument = float | int | str


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


def seconds_ahead(tag: int) -> float:
    """Return how far an NTP time-tag lies ahead of the wall clock; 1 means at once."""
    return tag / 2 ** 32 - UNIX_EPOCH - time.time() if tag > 1 else 0.0


def read(message: bytes) -> tuple[str, list]:
    """Return (address, arguments) of a message, lists within lists laid flat; raise ValueError."""
    try:
        address, place = text(message, 0)
        types, place = text(message, place) if place < len(message) else ('', place)
        if not address.startswith('/') and not (types and address and address.isprintable()):
            raise ValueError('no address')
        if types[:1] not in ',':
            raise ValueError('no types')
        if types[1:].strip(SIMPLE):
            return address, read_rare(message, types)
        return address, list(simple_arguments(message, types[1:], place))
    except (ValueError, OverflowError, StructError, ParseError) as error:
        raise ValueError(f'an OSC message of {len(message)} bytes cannot be read: {message[:40]!r}') from error


def text(message: bytes, place: int) -> tuple[str, int]:
    """Return the text at a place and the place behind it, a multiple of four; raise ValueError."""
    end = message.index(0, place)
    after = (end & ~3) + 4
    if after > len(message):
        raise ValueError('cut off')
    return message[place:end].decode(), after


def simple_arguments(message: bytes, types: str, place: int) -> Iterator:
    for kind in types:
        if kind in NUMBERS:
            yield NUMBERS[kind].unpack_from(message, place)[0]
            place += NUMBERS[kind].size
        elif kind in WORDS:
            word, place = text(message, place)
            yield word
        else:
            yield CONSTANTS[kind]


def read_rare(message: bytes, types: str) -> list:
    if types[1:].strip(RARE):
        raise ValueError(f'types {types[:20]!r} are not known')
    return list(flat(OscMessage(message).params))


def flat(arguments: list) -> Iterator:
    """Yield what is in lists within lists."""
    waiting = list(reversed(arguments))
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(item)
        else:
            yield item


def write(address: str, arguments: Sequence[Argument] = ()) -> bytes:
    """Return a message; numbers go as floats or ints of 32 bits, which every program takes."""
    parts = [padded(address), padded(',' + ''.join(TYPE_OF[type(item)] for item in arguments))]
    for item in arguments:
        parts.append(padded(item) if isinstance(item, str) else NUMBERS[TYPE_OF[type(item)]].pack(item))
    return b''.join(parts)


def padded(word: str) -> bytes:
    data = word.encode(errors='replace')
    return data + bytes(4 - len(data) % 4)
