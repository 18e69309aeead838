"""The MIDI Tuning Standard: SysEx bytes <-> Retuning, DumpRequest. Pure; knows nothing of ports.

    7E id 08 00 tt                  dump request            7E id 08 03 bb tt               the same, with bank
    7E id 08 01 tt name keys sum    bulk dump               7E id 08 04 bb tt name keys sum the same, with bank
    7F id 08 02 tt ll changes       keys, in real time      7F|7E id 08 07 bb tt ll changes the same, with bank, or not
    7F|7E id 08 08 channels 12x1    scale/octave, 1 cent    7E id 08 05 bb tt name 12x1 sum dump of scale/octave
    7F|7E id 08 09 channels 12x2    scale/octave, 14 bits   7E id 08 06 bb tt name 12x2 sum dump of scale/octave

A key's pitch is xx yy zz: xx semitones and 14 bits of one, 0.0061 cents; 7F 7F 7F = no change. Messages are whole here,
from F0 to F7. Sources: MIDI Tuning, CA-020, CA-021 of the MIDI Manufacturers Association.
"""
import functools
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

START, END = 0xF0, 0xF7
REAL_TIME, NOT_REAL_TIME, TUNING = 0x7F, 0x7E, 0x08
EVERY_DEVICE = 0x7F
STEPS = 1 << 14             # of a semitone in a key's pitch
NO_CHANGE = (0x7F, 0x7F, 0x7F)
NAME_LENGTH, KEYS, CLASSES = 16, 128, 12
ALL_CHANNELS = frozenset(range(1, 17))


class MtsError(ValueError):
    """A tuning message that is broken: too short, too long, a wrong checksum."""


@dataclass(frozen=True)
class Retuning:
    """What a message tunes: keys one by one, or the 12 pitch classes.

    semitones: key -> pitch in semitones of equal temperament, key 69 = 440 Hz. offsets: none, or 12 in cents, C first.
    channels: 1..16, that it is for. real_time: what sounds follows at once; else the next notes do.
    """
    semitones: Mapping[int, float] = field(default_factory=dict)
    offsets: tuple[float, ...] = ()
    channels: frozenset[int] = ALL_CHANNELS
    real_time: bool = False
    bank: int = 0
    program: int = 0
    name: str = ''


@dataclass(frozen=True)
class DumpRequest:
    """Somebody wants to know a tuning. bank: None where the message has none."""
    program: int
    bank: int | None = None
    device: int = EVERY_DEVICE


def parse(message: Sequence[int]) -> Retuning | DumpRequest | None:
    """Return what a SysEx message says; None when it is not about tuning. Raise MtsError when it is broken."""
    data = list(message)
    if len(data) < 5 or data[0] != START or data[1] not in (REAL_TIME, NOT_REAL_TIME) or data[3] != TUNING:
        return None
    if data[-1] != END:
        raise MtsError('a MIDI tuning message has no end')
    if any(not 0 <= byte < 0x80 for byte in data[1:-1]):
        raise MtsError('a MIDI tuning message holds a byte above 127')
    reader = READERS.get((data[1], data[4]))
    if reader is None:
        return None
    try:
        return reader(data[:-1])
    except (IndexError, ValueError) as error:
        raise MtsError(f'a MIDI tuning message ({data[4]:02x}) is broken: {error}') from error


def _read_request(data: list[int]) -> DumpRequest:
    banked = data[4] == 3
    _check_length(data, 7 if banked else 6)
    return DumpRequest(data[-1], data[5] if banked else None, data[2])


def _read_dump(data: list[int], banked: bool, count: int, read: Callable[[list[int]], dict]) -> Retuning:
    """Return what a dump of `count` bytes tells. data: from F0 to the checksum."""
    start = 5 + banked
    _check_length(data, start + 1 + NAME_LENGTH + count + 1)
    if checksum(data[1:-1]) != data[-1]:
        raise ValueError(f'its checksum is {data[-1]:02x} and should be {checksum(data[1:-1]):02x}')
    name = bytes(data[start + 1:start + 1 + NAME_LENGTH]).decode('ascii').strip(' \0')
    return Retuning(bank=data[5] if banked else 0, program=data[start], name=name, **read(data[-1 - count:-1]))


def _read_changes(data: list[int], banked: bool) -> Retuning:
    start = 5 + banked
    count = data[start + 1]
    _check_length(data, start + 2 + 4 * count)
    changes = [data[at:at + 4] for at in range(start + 2, len(data), 4)]
    return Retuning({change[0]: pitch for change in changes if (pitch := _pitch(change[1:])) is not None},
                    real_time=data[1] == REAL_TIME, bank=data[5] if banked else 0, program=data[start])


def _read_octave(data: list[int], read: Callable[[list[int]], dict], count: int) -> Retuning:
    _check_length(data, 8 + count)
    bits = data[5] << 14 | data[6] << 7 | data[7]       # bit 0 = channel 1 ... bit 15 = channel 16
    channels = frozenset(channel for channel in ALL_CHANNELS if bits >> channel - 1 & 1)
    return Retuning(channels=channels, real_time=data[1] == REAL_TIME, **read(data[8:]))


def _keys(data: list[int]) -> dict:
    pitches = {key: _pitch(data[3 * key:3 * key + 3]) for key in range(KEYS)}
    return {'semitones': {key: pitch for key, pitch in pitches.items() if pitch is not None}}


def _cents(data: list[int]) -> dict:
    return {'offsets': tuple(float(byte - 64) for byte in data)}


def _fine_cents(data: list[int]) -> dict:
    words = [data[at] << 7 | data[at + 1] for at in range(0, 2 * CLASSES, 2)]
    return {'offsets': tuple((word - 8192) * 100 / 8192 for word in words)}


def _pitch(data: list[int]) -> float | None:
    return None if tuple(data) == NO_CHANGE else data[0] + (data[1] << 7 | data[2]) / STEPS


def _check_length(data: list[int], length: int) -> None:
    if len(data) != length:
        raise ValueError(f'it has {len(data) + 1} bytes and should have {length + 1}')


def checksum(data: Iterable[int]) -> int:
    """Return the sum that ends a dump: all bytes after F0, by exclusive or."""
    return functools.reduce(operator.xor, data, 0) & 0x7F


READERS: dict[tuple[int, int], Callable[[list[int]], Retuning | DumpRequest]] = {
    (NOT_REAL_TIME, 0): _read_request,
    (NOT_REAL_TIME, 1): lambda data: _read_dump(data, False, 3 * KEYS, _keys),
    (REAL_TIME, 2): lambda data: _read_changes(data, False),
    (NOT_REAL_TIME, 3): _read_request,
    (NOT_REAL_TIME, 4): lambda data: _read_dump(data, True, 3 * KEYS, _keys),
    (NOT_REAL_TIME, 5): lambda data: _read_dump(data, True, CLASSES, _cents),
    (NOT_REAL_TIME, 6): lambda data: _read_dump(data, True, 2 * CLASSES, _fine_cents),
    (REAL_TIME, 7): lambda data: _read_changes(data, True),
    (NOT_REAL_TIME, 7): lambda data: _read_changes(data, True),
    (REAL_TIME, 8): lambda data: _read_octave(data, _cents, CLASSES),
    (NOT_REAL_TIME, 8): lambda data: _read_octave(data, _cents, CLASSES),
    (REAL_TIME, 9): lambda data: _read_octave(data, _fine_cents, 2 * CLASSES),
    (NOT_REAL_TIME, 9): lambda data: _read_octave(data, _fine_cents, 2 * CLASSES),
}


def dump_request(program: int, bank: int | None = None, device: int = EVERY_DEVICE) -> bytes:
    """Return the message that asks for a tuning."""
    return _message(NOT_REAL_TIME, device, 0 if bank is None else 3, _place(program, bank))


def bulk_dump(frequencies: Sequence[float], name: str = '', program: int = 0, bank: int | None = None,
              device: int = EVERY_DEVICE) -> bytes:
    """Return a dump of 128 keys in Hz; NaN leaves a key as it is."""
    keys = [byte for hz in frequencies for byte in pitch_bytes(hz)]
    return _dump(device, 1 if bank is None else 4, _place(program, bank), name, keys)


def single_notes(frequencies: Mapping[int, float], program: int = 0, bank: int | None = None, real_time: bool = True,
                 device: int = EVERY_DEVICE) -> bytes:
    """Return a message that tunes up to 127 keys to Hz; NaN leaves a key as it is. Not in real time it has a bank."""
    bank = bank if real_time else bank or 0
    changes = [byte for key, hz in frequencies.items() for byte in (key, *pitch_bytes(hz))]
    return _message(REAL_TIME if real_time else NOT_REAL_TIME, device, 2 if bank is None else 7,
                    [*_place(program, bank), len(frequencies), *changes])


def scale_octave(offsets: Sequence[float], channels: Iterable[int] = ALL_CHANNELS, fine: bool = True,
                 real_time: bool = True, device: int = EVERY_DEVICE) -> bytes:
    """Return a message that moves the 12 pitch classes, C first, by cents: 14 bits within +-100, or whole cents."""
    bits = sum(1 << channel - 1 for channel in set(channels))
    mask = [bits >> 14 & 0x7F, bits >> 7 & 0x7F, bits & 0x7F]
    return _message(REAL_TIME if real_time else NOT_REAL_TIME, device, 9 if fine else 8,
                    mask + _offset_bytes(offsets, fine))


def scale_octave_dump(offsets: Sequence[float], name: str = '', program: int = 0, bank: int = 0, fine: bool = True,
                      device: int = EVERY_DEVICE) -> bytes:
    """Return a dump of the 12 pitch classes' offsets in cents."""
    return _dump(device, 6 if fine else 5, _place(program, bank), name, _offset_bytes(offsets, fine))


def pitch_bytes(hz: float) -> tuple[int, int, int]:
    """Return the three bytes of a frequency, the nearest there are; what is no frequency becomes 'no change'."""
    if not 0 < hz < math.inf:
        return NO_CHANGE
    steps = round((69 + 12 * math.log2(hz / 440)) * STEPS)
    steps = min(KEYS * STEPS - 2, max(0, steps))        # the highest of all means 'no change'
    return steps >> 14, steps >> 7 & 0x7F, steps & 0x7F


def _offset_bytes(offsets: Sequence[float], fine: bool) -> list[int]:
    if len(offsets) != CLASSES:
        raise MtsError(f'{len(offsets)} offsets for {CLASSES} pitch classes')
    if not fine:
        return [min(127, max(0, round(cents) + 64)) for cents in offsets]
    words = [min(16383, max(0, round(cents * 8192 / 100) + 8192)) for cents in offsets]
    return [byte for word in words for byte in (word >> 7, word & 0x7F)]


def _place(program: int, bank: int | None) -> list[int]:
    return [program] if bank is None else [bank, program]


def _dump(device: int, kind: int, place: list[int], name: str, data: list[int]) -> bytes:
    letters = name.encode('ascii', 'replace')[:NAME_LENGTH].ljust(NAME_LENGTH)
    body = [*place, *letters, *data]
    return _message(NOT_REAL_TIME, device, kind,
                    [*body, checksum([NOT_REAL_TIME, device, TUNING, kind, *body])])


def _message(header: int, device: int, kind: int, data: Sequence[int]) -> bytes:
    if any(not 0 <= byte < 0x80 for byte in (device, *data)):
        raise MtsError('a program, bank, key, device or count is outside 0..127')
    return bytes([START, header, device, TUNING, kind, *data, END])
