"""Learning: the next control that is moved steers what was armed. What it is, is seen from what it sends.

    arm('drone.root')       a parameter; or an action, with its number where it takes one: 'recall 3'
    ... turn the knob ...   or press the button; an encoder without ends: right, then left
    .state, desk.message    what is going on, in a sentence

While armed, what controls say goes here and does nothing else. After `WATCH` seconds of movement the control is known,
or after `UNSURE` where it could still be two things; a wrong guess is mended by learning again. Nothing moved for
`PATIENCE` seconds: it is given up, for a forgotten arming would take a knob away in the middle of a performance.

`watch` is called by MIDI threads, `tick` by one of them about 30 times a second, the rest by any. Knows nothing of
files: who makes a Learn says how something found is bound.
"""
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from live.control.actions import ACTION_BY_NAME
from live.control.desk import Desk
from live.control.mapping import Binding, Map
from live.control.midi_controls import Control, Move
from live.control.midi_device import Device
from live.params import BY_NAME, SWITCH, Param, find_param, hint

WATCH, UNSURE, PATIENCE = 0.4, 3.0, 30.0        # seconds
ENOUGH = 3          # messages of a knob, to tell what it is
SLOW = 15           # most clicks in one message of an encoder that is turned slowly
LEAP = 48           # from right to left by an encoder; a knob that leaps so far says nothing twice
MODE_NAMES = {'absolute': 'a knob', 'twos': "an encoder (two's complement)", 'offset': 'an encoder (binary offset)',
              'signed': 'an encoder (signed bit)', 'reversed': 'an encoder (signed bit reversed)', 'button': 'a button'}
KIND_NAMES = {'cc14': '14 bits', 'nrpn': 'NRPN, 14 bits', 'nrpn7': 'NRPN', 'bend': 'pitch bend', 'pressure': 'pressure'}


@dataclass(frozen=True)
class Guess:
    """What a control seems to be. mode: absolute, a key of RELATIVE, or 'button'; sure: nothing else can follow."""
    control: Control
    mode: str
    sure: bool = True

    def __str__(self) -> str:
        if self.mode == 'absolute' and self.control.kind in KIND_NAMES:
            return f'a knob ({KIND_NAMES[self.control.kind]})'
        return MODE_NAMES[self.mode]


@dataclass(frozen=True)
class Goal:
    """What is to be steered. add: beside what the control steers already."""
    param: Param | None = None
    action: str = ''
    value: float | None = None
    add: bool = False

    @property
    def name(self) -> str:
        return Binding(self.param, action=self.action, value=self.value).target

    def binding(self, guess: Guess, takeover: str) -> Binding:
        """Return what a control of this sort does to it."""
        channel = guess.control.channel
        if self.param is None:
            return Binding(action=self.action, value=self.value, channel=channel, mode='trigger')
        mode = guess.mode
        if mode == 'button':
            mode = 'toggle' if self.param.choices == SWITCH else 'step' if self.param.choices else 'momentary'
        return Binding(self.param, channel=channel, mode=mode, takeover=takeover)


class Learn:
    """The state of learning. armed: name of what waits for a control, or ''."""

    def __init__(self, desk: Desk, use: Callable[[Device, Map], None], devices: Callable[[], Sequence[Device]],
                 clock: Callable[[], float] = time.monotonic) -> None:
        self.desk = desk
        self._use, self._devices, self._clock = use, devices, clock
        self._goal: Goal | None = None
        self._since = 0.0
        self._device: Device | None = None
        self._moves: list[Move] = []
        self._bound: tuple[tuple, dict[str, list[str]]] = (), {}       # for which maps, and what
        self._lock = threading.RLock()

    @property
    def armed(self) -> str:
        goal = self._goal
        return goal.name if goal else ''

    @property
    def state(self) -> dict:
        """What a page shows: armed, watching, advice, bound: target -> the controls that steer it."""
        with self._lock:
            return {'armed': self.armed, 'watching': bool(self._moves), 'advice': self._advice(), 'bound': self.bound()}

    def _advice(self) -> str:
        if not self._goal:
            return ''
        if not self._moves:
            return f'{self.armed}: turn a knob slowly to the right, or press a button'
        guess = classify(self._moves)
        left = guess is not None and not guess.sure and guess.mode not in ('absolute', 'button')
        return f'{self.armed}: now a little to the left' if left else f'{self.armed}: go on'

    def bound(self) -> dict[str, list[str]]:
        """Return what steers each parameter and action, of all devices that are known."""
        maps = tuple((device.name, device.mapping) for device in self._devices())
        if self._bound[0] != maps:
            self._bound = maps, self._find_bound()
        return self._bound[1]

    def _find_bound(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for device in self._devices():
            for (kind, number), bindings in device.mapping.bindings.items():
                for binding in bindings:
                    channel = binding.channel or device.mapping.channel
                    control = str(Control(kind, number, channel)).removesuffix(' on channel 0')
                    found.setdefault(binding.target, []).append(f'{device.name}: {control}')
        return found

    def arm(self, name: str, add: bool = False) -> bool:
        """[any] Let the next control that moves steer a parameter or an action; False when there is no such thing."""
        try:
            goal = replace(parse_goal(name), add=add)
        except (KeyError, ValueError) as error:
            return self.desk.refuse(error.args[0])
        with self._lock:
            self._goal, self._since, self._device, self._moves = goal, self._clock(), None, []
            self.desk.say(self._advice())
        return True

    def cancel(self) -> None:
        """[any] Learn nothing after all."""
        with self._lock:
            if self._goal:
                self.desk.say(f'{self.armed}: learning cancelled')
            self._goal, self._moves = None, []

    def turn_over(self) -> str:
        """[any] Arm what a hand has moved last, or cancel; return what to show. For a key, which can name nothing."""
        newest = next((gesture.what for gesture in reversed(tuple(self.desk.scenes.history.done))
                       if gesture.what in BY_NAME), '')
        if self._goal:
            self.cancel()
        elif newest:
            self.arm(newest)
        else:
            self.desk.refuse('nothing was moved yet that a control could learn: move it by hand first')
        return self.desk.message

    def forget(self, name: str) -> bool:
        """[any] Let no control steer a parameter or an action any more; False when none does."""
        done = False
        for device in self._devices():
            if any(name == binding.target for each in device.mapping.bindings.values() for binding in each):
                self._use(device, without(device.mapping, name))
                done = True
        return done or self.desk.refuse(f'{name}: no control steers it')

    def watch(self, device: Device, moves: Sequence[Move]) -> bool:
        """[midi] Look at what a control does; False when nothing is armed: then it does what it always does."""
        if not self._goal:
            return False
        with self._lock:
            if not self._goal or not moves or self._is_release(moves[0]):
                return False
            if self._device is None:
                self._device, self._since = device, self._clock()
            if self._device is device:
                self._moves += moves
        return True

    def _is_release(self, move: Move) -> bool:
        """Tell whether a key is let go that was held before; that does what it always does."""
        return move.control.kind == 'note' and not move.value and move.control not in [m.control for m in self._moves]

    def tick(self) -> None:
        """[midi] Decide when it is time."""
        if not self._goal:
            return
        with self._lock:
            waited, guess = self._clock() - self._since, classify(self._moves)
            if not self._moves and waited > PATIENCE:
                self.cancel()
            elif self._moves and waited >= (WATCH if guess and guess.sure else UNSURE):
                self._decide(guess)

    def _decide(self, guess: Guess | None) -> None:
        goal, device = self._goal, self._device
        self._moves, self._device, self._since = [], None, self._clock()
        if guess is None or goal is None or device is None:
            return
        binding = goal.binding(guess, device.mapping.takeover)
        self.desk.say(f'{goal.name}: {guess} of {device.name}, {guess.control}')
        self._use(device, with_binding(device.mapping, guess.control, binding, goal.add))
        self._goal = None


def parse_goal(name: str) -> Goal:
    """Return what a name means; raise KeyError or ValueError that says what is allowed."""
    word, _, rest = name.strip().partition(' ')
    if word not in ACTION_BY_NAME:
        try:
            return Goal(find_param(name.strip()))
        except KeyError:
            raise KeyError(f'{name[:60]} is neither a parameter nor an action'
                           f'{hint(name[:60], ACTION_BY_NAME) or hint_param(name[:60])}') from None
    takes = ACTION_BY_NAME[word].takes
    if not takes:
        return Goal(action=word)
    if not rest.strip().isdecimal() or not 0 < int(rest) < 10000:
        raise ValueError(f'{name[:60]}: {word} needs the {takes}, as in {word} 1')
    return Goal(action=word, value=int(rest))


def hint_param(name: str) -> str:
    try:
        find_param(name)
    except KeyError as error:
        return error.args[0].removeprefix(f'{name} is unknown')
    return ''


def without(mapping: Map, name: str) -> Map:
    """Return a map in which nothing steers a parameter or an action."""
    kept = {key: tuple(binding for binding in bindings if binding.target != name)
            for key, bindings in mapping.bindings.items()}
    return replace(mapping, bindings={key: bindings for key, bindings in kept.items() if bindings})


def with_binding(mapping: Map, control: Control, binding: Binding, add: bool = False) -> Map:
    """Return a map in which a control does this, and unless `add` nothing else; no other control does it."""
    freed = without(mapping, binding.target)
    bindings = dict(freed.bindings)
    for kind, number in same_control(control):
        kept = tuple(other for other in bindings.pop((kind, number), ())
                     if other.channel not in (0, control.channel) or (add and (kind, number) == control[:2]))
        if kept:
            bindings[kind, number] = kept
    key = control.kind, control.number
    bindings[key] = bindings.get(key, ()) + (binding,)
    return replace(freed, bindings=bindings)


def same_control(control: Control) -> list[tuple[str, int]]:
    """Return the kinds and numbers that one physical control may have been taken for."""
    kind, number = control.kind, control.number
    if kind in ('nrpn', 'nrpn7'):
        return [('nrpn', number), ('nrpn7', number)]
    if kind == 'cc14':
        return [('cc14', number), ('cc', number), ('cc', number + 32)]
    if kind == 'cc' and number < 64:
        return [('cc', number), ('cc14', number % 32)]
    return [(kind, number)]


def classify(moves: Sequence[Move]) -> Guess | None:
    """Return what sort of control moves like this, or None when nothing can be said."""
    values: dict[Control, list[int]] = {}
    for control, value in moves:
        values.setdefault(control, []).append(value)
    by_kind = {kind: [control for control in values if control.kind == kind] for kind in ('nrpn', 'bend', 'note', 'cc',
                                                                                          'pressure')}
    if by_kind['nrpn']:
        return _classify_nrpn(by_kind['nrpn'][0], values)
    for control in by_kind['bend']:
        if len(values[control]) >= ENOUGH:
            return Guess(control, 'absolute')
    busiest = max(by_kind['cc'], key=lambda control: len(values[control]), default=None)
    if by_kind['note'] and (busiest is None or len(values[busiest]) < ENOUGH):
        return Guess(by_kind['note'][0], 'button')
    if busiest is not None:
        return _classify_controller(busiest, values)
    rest = (*by_kind['bend'], *by_kind['pressure'])
    return Guess(rest[0], 'absolute', len(values[rest[0]]) >= ENOUGH) if rest else None


def _classify_nrpn(control: Control, values: dict[Control, list[int]]) -> Guess:
    coarse = control._replace(kind='nrpn7')
    if len(values[control]) > len(values.get(coarse, [])):
        return Guess(control, 'absolute', len(values[control]) >= ENOUGH)
    mode, sure = classify_values(values[coarse])
    return Guess(coarse, mode, sure)


def _classify_controller(control: Control, values: dict[Control, list[int]]) -> Guess:
    """Tell 14 bits, where both halves move, from 7."""
    number = control.number
    other = control._replace(number=number + 32 if number < 32 else number - 32)
    if number < 64 and other in values and len(values[control]) >= ENOUGH:
        return Guess(Control('cc14', number % 32, control.channel), 'absolute')
    mode, sure = classify_values(values[control])
    return Guess(control, mode, sure)


def classify_values(values: Sequence[int]) -> tuple[str, bool]:
    """Return what sends these values of 7 bits: 'absolute', 'button' or a key of RELATIVE; and whether it is sure.

    A button knows 0 and one other value. An encoder that is turned slowly sends a single click often, again and again
    or to and fro; a knob moves on, and seldom says the same twice. Right alone does not tell all encoders apart.
    """
    if 0 in values and len(set(values)) == 2 and len(values) <= 6 and max(values) >= 64:
        return 'button', values[-1] == 0 or len(values) > 2
    bands = [_band(value) for value in values]
    if '' not in bands and _is_restless(values):
        mode = _encoder(bands)
        if mode[0]:
            return mode
    return 'absolute', len(values) >= ENOUGH


def _band(value: int) -> str:
    """Return which clicks a value may mean: 'a' 1.., 'b' ..127, 'c' 65.., 'd' ..63, or ''."""
    return ('a' if 1 <= value <= SLOW else 'b' if value >= 128 - SLOW else 'c' if 65 <= value <= 64 + SLOW
            else 'd' if 64 - SLOW <= value <= 63 else '')


def _is_restless(values: Sequence[int]) -> bool:
    """Tell whether values stand still or go to and fro more than a knob's do."""
    steps = [after - before for before, after in zip(values, values[1:])]
    one_way = all(step >= 0 for step in steps) or all(step <= 0 for step in steps)
    still, leaps = steps.count(0), any(abs(step) > LEAP for step in steps)
    return len(steps) >= 2 and (not one_way or still > len(steps) / 2 or bool(still and leaps)) \
        and bool({1, 127, 65, 63} & set(values))


def _encoder(bands: Sequence[str]) -> tuple[str, bool]:
    match ''.join(sorted(set(bands))):
        case 'ab' | 'b':
            return 'twos', True
        case 'cd' | 'd':
            return 'offset', True
        case 'ac':
            return ('signed' if bands[0] == 'a' else 'reversed'), True
        case 'a':
            return 'twos', False
        case 'c':
            return 'offset', False
    return '', False
