"""MPE: zones of MIDI channels in which every note has fingers of its own. MIDI messages -> Voices.

A zone has a master channel, 1 (lower zone) or 16 (upper), and member channels next to it, one note on each. Zones are
made by the controller, with RPN 6 on a master channel, or by a map:

    [mpe]
    zone = 'lower'              # or 'upper', or 'both': 7 members each
    members = 15
    bend_cents = 4800           # pitch wheel of a note; RPN 0 changes it
    layers = ['layer2', ...]    # that notes may take; without it the drone's seven companions

On member channels notes, pitch wheel, pressure and CC 74 steer single layers. The master's pitch wheel bends all that
sounds; its notes and controllers are ordinary ones, left to the map. CC 64 on either holds released notes. Every device
has zones of its own; all share the layers. Follows MIDI Polyphonic Expression 1.0 of the MIDI Manufacturers
Association. [midi] Knows nothing of ports.
"""
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mido import Message

from live.control.desk import Desk
from live.control.mpe_voices import Finger, Touch, Voices
from live.params import LAYERS
from live.toml_file import check_entries

LOWER, UPPER = 0, 15        # master channels, from 0
MEMBERS = 15
BEND_CENTS, MASTER_CENTS, MOST_CENTS = 4800.0, 200.0, 9600.0
ZONES = {'lower': (LOWER,), 'upper': (UPPER,), 'both': (LOWER, UPPER)}
ENTRIES = ('zone', 'members', 'bend_cents', 'master_bend_cents', 'layers')
BEND_RANGE, CONFIGURATION = (0, 0), (0, 6)      # registered parameters
NUMBER_HIGH, NUMBER_LOW, OTHER_HIGH, OTHER_LOW, DATA_HIGH, DATA_LOW = 101, 100, 99, 98, 6, 38
PEDAL, TIMBRE, ALL_SOUND_OFF, RESET, ALL_NOTES_OFF = 64, 74, 120, 121, 123


@dataclass(frozen=True)
class MpeSetup:
    """What a map asks for; without a zone the controller has to."""
    zone: str = ''
    members: int = MEMBERS
    bend_cents: float = BEND_CENTS
    master_bend_cents: float = MASTER_CENTS
    layers: tuple[str, ...] = ()


def read_setup(table: object) -> MpeSetup:
    """Return what [mpe] of a map says; ValueError or KeyError tells a mistake."""
    if not isinstance(table, dict):
        raise ValueError(f'mpe = {table!r} is not a table')
    check_entries('mpe.', table, ENTRIES)
    zone, layers = table.get('zone', ''), table.get('layers', [])
    if zone != '' and zone not in list(ZONES):
        raise ValueError(f'mpe.zone = {zone!r} is none of {", ".join(ZONES)}')
    if not isinstance(layers, list) or not all(layer in LAYERS for layer in layers):
        raise ValueError(f'mpe.layers = {layers!r} is not a list of layers ({", ".join(LAYERS)})')
    members = _number(table, 'members', 7 if zone == 'both' else MEMBERS, 1, 7 if zone == 'both' else MEMBERS)
    if members != int(members):
        raise ValueError(f'mpe.members = {members!r} is not a whole number')
    return MpeSetup(zone, int(members), _number(table, 'bend_cents', BEND_CENTS, 0, MOST_CENTS),
                    _number(table, 'master_bend_cents', MASTER_CENTS, 0, MOST_CENTS), tuple(dict.fromkeys(layers)))


def _number(table: dict, key: str, default: float, low: float, high: float) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f'mpe.{key} = {value!r} is outside {low:g}..{high:g}')
    return value


@dataclass
class Zone:
    """Channels that play together. members: how many; pedal: released notes that wait for it, None while it is up."""
    master: int
    members: int
    bend_cents: float = BEND_CENTS
    master_bend_cents: float = MASTER_CENTS
    pedal: dict[tuple[Finger, int], float] | None = None

    def holds(self, channel: int) -> bool:
        """Tell whether a channel is one of the members."""
        return 1 <= abs(channel - self.master) <= self.members


@dataclass
class Device:
    """What a controller has said, by channel. numbers: registered parameter that data goes to; data: its upper bits."""
    zones: dict[int, Zone] = field(default_factory=dict)
    touches: dict[int, Touch] = field(default_factory=dict)
    numbers: dict[int, tuple[int, int]] = field(default_factory=dict)
    data: dict[int, int] = field(default_factory=dict)

    def zone(self, channel: int) -> Zone | None:
        """Return the zone that a channel is the master or a member of."""
        return next((z for z in self.zones.values() if channel == z.master or z.holds(channel)), None)

    def touch(self, channel: int, **changed: float) -> Touch:
        """Change what the finger on a channel does; return all of it."""
        self.touches[channel] = replace(self.touches.get(channel, Touch()), **changed)
        return self.touches[channel]


class Mpe:
    """Zones of all devices. `handle` takes what belongs to them. voices: the notes that sound."""

    def __init__(self, desk: Desk, setup: MpeSetup = MpeSetup()) -> None:
        self.desk, self.setup = desk, setup
        self.voices = Voices(desk, setup.layers)
        self._devices: dict[str, Device] = {}
        self._setups: dict[str, MpeSetup] = {}
        self._member: dict[str, Callable[[str, Device, Zone, Message], None]] = {
            'note_on': self._note_on, 'note_off': self._note_off, 'pitchwheel': self._wheel,
            'aftertouch': self._pressure, 'control_change': self._control}

    def set_up(self, name: str, setup: MpeSetup) -> None:
        """Let a device begin with the zones that its map asks for; layers that are named are named for all."""
        self._setups[name] = setup
        self.voices.named = setup.layers or self.voices.named

    def handle(self, message: Message, name: str = '') -> bool:
        """Do what a message of a device says; False when it is for others."""
        channel = getattr(message, 'channel', None)
        if channel is None:
            return False
        device = self._devices.get(name) or self._devices.setdefault(name, self._begin(name))
        if message.type == 'control_change' and self._number(name, device, message):
            return True
        zone = device.zone(channel)
        if zone is None:
            return False
        if channel == zone.master:
            return self._master(name, zone, message)
        if message.type in self._member:
            self._member[message.type](name, device, zone, message)
        return True

    def forget(self, name: str) -> None:
        """Let the notes of a device that was unplugged fade; it tells its zones again."""
        if self._devices.pop(name, None):
            self.voices.release_all(name)

    @property
    def zones(self) -> list[str]:
        """The zones there are, as the performer reads them."""
        return [f'{"lower" if zone.master == LOWER else "upper"} {zone.members}'
                for device in list(self._devices.values()) for zone in device.zones.values()]

    def _begin(self, name: str) -> Device:
        setup = self._setups.get(name, self.setup)
        return Device({master: Zone(master, setup.members, setup.bend_cents, setup.master_bend_cents)
                       for master in ZONES.get(setup.zone, ())})

    def _number(self, name: str, device: Device, message: Message) -> bool:
        """Follow registered parameters; True when the message set up a zone."""
        channel, control, value = message.channel, message.control, message.value
        high, low = device.numbers.get(channel, (127, 127))
        if control in (NUMBER_HIGH, NUMBER_LOW):
            device.numbers[channel] = (value, low) if control == NUMBER_HIGH else (high, value)
        elif control in (OTHER_HIGH, OTHER_LOW):
            device.numbers[channel] = (127, 127)
        elif control == DATA_HIGH and (high, low) == CONFIGURATION and channel in (LOWER, UPPER):
            self._configure(name, device, channel, value)
            return True
        elif control in (DATA_HIGH, DATA_LOW) and (high, low) == BEND_RANGE and (zone := device.zone(channel)):
            self._set_range(device, zone, message)
            return True
        return False

    def _configure(self, name: str, device: Device, master: int, members: int) -> None:
        """Make, change or end a zone as RPN 6 says; the other one gives up the channels it needs."""
        self.voices.release_all(name)
        members = min(members, MEMBERS)
        device.zones.pop(master, None)
        other = device.zones.get(UPPER if master == LOWER else LOWER)
        if other is not None and members:
            other.members = min(other.members, MEMBERS - 1 - members)
            if other.members < 1:
                del device.zones[other.master]
        if members:
            device.zones[master] = Zone(master, members)
        device.touches.clear()
        self.desk.say(f'MPE: {", ".join(self.zones) or "no zone"}')

    def _set_range(self, device: Device, zone: Zone, message: Message) -> None:
        """Take the range of a wheel: semitones, then cents; that of one member is that of all."""
        channel = message.channel
        if message.control == DATA_HIGH:
            device.data[channel] = message.value
        cents = 100.0 * device.data.get(channel, 0) + (message.value if message.control == DATA_LOW else 0)
        if channel == zone.master:
            zone.master_bend_cents = min(cents, MOST_CENTS)
        else:
            zone.bend_cents = min(cents, MOST_CENTS)

    def _master(self, name: str, zone: Zone, message: Message) -> bool:
        if message.type == 'pitchwheel':
            self.desk.bend(zone.master_bend_cents * place(message.pitch), name)
            return True
        if message.type == 'control_change':
            self._hold(zone, message)
            if message.control in (ALL_NOTES_OFF, ALL_SOUND_OFF):
                self.voices.release_all(name)
        return False

    def _note_on(self, name: str, device: Device, zone: Zone, message: Message) -> None:
        if message.velocity == 0:
            return self._note_off(name, device, zone, message)
        finger = name, message.channel
        if zone.pedal:
            zone.pedal.pop((finger, message.note), None)
        self.voices.strike(finger, message.note, message.velocity / 127, device.touch(message.channel))

    def _note_off(self, name: str, device: Device, zone: Zone, message: Message) -> None:
        finger, lift = (name, message.channel), 0.5
        if message.type == 'note_off' and message.velocity:     # 0: the keyboard does not tell
            lift = centred(message.velocity)
        device.touch(message.channel, pressure=0.0)             # not that of the next note, if the keyboard keeps it
        if zone.pedal is None:
            self.voices.release(finger, message.note, lift)
        else:
            zone.pedal[finger, message.note] = lift

    def _wheel(self, name: str, device: Device, zone: Zone, message: Message) -> None:
        self._move(name, device, message, bend_cents=zone.bend_cents * place(message.pitch))

    def _pressure(self, name: str, device: Device, zone: Zone, message: Message) -> None:
        self._move(name, device, message, pressure=message.value / 127)

    def _control(self, name: str, device: Device, zone: Zone, message: Message) -> None:
        if message.control == TIMBRE:
            self._move(name, device, message, timbre=centred(message.value))
        elif message.control == RESET:
            self._move(name, device, message, bend_cents=0.0, pressure=0.0, timbre=0.5)
        elif message.control in (ALL_NOTES_OFF, ALL_SOUND_OFF):
            self.voices.release_all(name, message.channel)
        elif message.control == PEDAL:
            self._hold(zone, message)

    def _move(self, name: str, device: Device, message: Message, **changed: float) -> None:
        self.voices.move((name, message.channel), device.touch(message.channel, **changed))

    def _hold(self, zone: Zone, message: Message) -> None:
        """Follow the pedal: what was released under it fades when it comes up."""
        if message.control != PEDAL:
            return
        if message.value >= 64:
            zone.pedal = zone.pedal if zone.pedal is not None else {}
        elif zone.pedal is not None:
            waiting, zone.pedal = zone.pedal, None
            for (finger, key), lift in waiting.items():
                self.voices.release(finger, key, lift)


def place(pitch: int) -> float:
    """Return a wheel's place, -1..1."""
    return pitch / (8191 if pitch > 0 else 8192)


def centred(value: int) -> float:
    """Return 0..1 with exactly the middle at 64."""
    return value / 128 if value < 64 else 0.5 + (value - 64) / 126
