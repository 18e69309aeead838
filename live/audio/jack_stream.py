"""The stream on a JACK server, without PortAudio between: JACK's thread calls compiled code. [audio] and [main]

PortAudio's own way to JACK does not survive its server: stopping the stream waits ten minutes, ending the library
aborts the process, and there is no third (measured with jackd2 1.9.21). A client of our own is told of the death within
40 ms, closes, and opens again. It also counts JACK's own xruns.
"""
import ctypes

import numpy as np
from numba import carray, cfunc, from_dtype, types

from live.audio.arena import Arena
from live.audio.callback import UNDERFLOW
from live.audio.devices import Choice, DeviceError
from live.audio.gate import GATE, Gate, pass_through
from live.audio.jack_library import AUDIO, IS_INPUT, IS_OUTPUT, PLAYBACK_LATENCY, Client
from live.audio.pointers import as_floats, call_port
from live.audio.stream import Stream
from live.dsp.kernel import exact
from live.jack_server import CLIENTS
from live.wires import store_release

CHUNK = 8192            # frames made at once: JACK's longest period (BUFFER_SIZE_MAX); a longer one comes in chunks
SIDES = 2
JACK = np.dtype([
    ('gate', GATE), ('get_buffer', 'i8'), ('outputs', 'i8', (SIDES,)), ('inputs', 'i8', (SIDES,)), ('listens', 'i8'),
    ('gone', 'i8', (1,)), ('xruns', 'i8'), ('counted', 'i8'), ('share', 'f4'),      # share: of both sides, in a port
    ('out', 'f4', (CHUNK, SIDES)), ('heard', 'f4', (CHUNK, SIDES)), ('out_address', 'i8'), ('heard_address', 'i8'),
], align=True)
_JACK = types.CPointer(from_dtype(JACK))


@exact
def render_period(jack, frames):
    """Fill the ports of one period, chunk by chunk."""
    left = carray(as_floats(call_port(jack.get_buffer, jack.outputs[0], frames)), frames)
    right = carray(as_floats(call_port(jack.get_buffer, jack.outputs[1], frames)), frames)
    flags = UNDERFLOW if jack.xruns != jack.counted else 0
    jack.counted = jack.xruns
    for start in range(0, frames, CHUNK):
        count = min(CHUNK, frames - start)
        if jack.listens:
            listen(jack, frames, start, count)
        pass_through(jack.gate, jack.heard_address if jack.listens else 0, jack.out_address, count, flags)
        for k in range(count):
            left[start + k], right[start + k] = jack.share * jack.out[k, 0], jack.share * jack.out[k, 1]
        flags = 0


@exact
def listen(jack, frames, start, count):
    """Take the live input of a chunk."""
    for side in range(SIDES):
        samples = carray(as_floats(call_port(jack.get_buffer, jack.inputs[side], frames)), frames)
        for k in range(count):
            jack.heard[k, side] = samples[start + k]


@cfunc(types.int32(types.uint32, _JACK), cache=True, error_model='numpy')
def serve_jack(frames, userdata):
    """Serve JACK as a JackProcessCallback."""
    render_period(carray(userdata, (1,))[0], types.int64(frames))
    return 0


@cfunc(types.int32(_JACK), cache=True, error_model='numpy')
def count_xrun(userdata):
    """Count an xrun, as a JackXRunCallback."""
    carray(userdata, (1,))[0].xruns += 1
    return 0


@cfunc(types.void(_JACK), cache=True, error_model='numpy')
def note_death(userdata):
    """Note that the server has gone, as a JackShutdownCallback."""
    store_release(carray(userdata, (1,))[0].gone, 0, 1)


class JackStream(Stream):
    """A client with two outputs, and two inputs where the choice says so."""

    def __init__(self, choice: Choice, arena: Arena, fade: float = 0.0) -> None:
        try:
            self._client = Client()
        except OSError as error:
            raise DeviceError(f'JACK: {error}') from error
        try:
            self._build(choice, arena, fade)
        except DeviceError:
            self._client.close()
            raise

    def _build(self, choice: Choice, arena: Arena, fade: float) -> None:
        rate = self._client.samplerate
        if rate != arena.samplerate:
            raise DeviceError(f'JACK runs at {rate:g} Hz, the sound at {arena.samplerate:g}; start JACK with -r '
                              f'{arena.samplerate:g}, or the instrument without --samplerate')
        self._device = choice.device.name if choice.device else ''
        self._record = np.zeros(1, JACK)
        self.gate = Gate(arena, fade, self._record['gate'])
        one = self._record[0]
        one['get_buffer'] = ctypes.cast(self._client.library.jack_port_get_buffer, ctypes.c_void_p).value
        one['listens'], one['share'], self._there = choice.inputs > 0, 1.0, True
        for name in ('out', 'heard'):
            one[f'{name}_address'] = self._record[name].ctypes.data
        one['outputs'] = self._outputs = [self._register(f'out_{side}', IS_OUTPUT) for side in (1, 2)]
        if one['listens']:
            one['inputs'] = self._inputs = [self._register(f'in_{side}', IS_INPUT) for side in (1, 2)]
        for function, callback in (('jack_set_process_callback', serve_jack), ('jack_set_xrun_callback', count_xrun),
                                   ('jack_on_shutdown', note_death)):
            self._client.call(function, callback.address, self._record.ctypes.data)

    def _register(self, name: str, flags: int) -> int:
        port = self._client.call('jack_port_register', name.encode(), AUDIO, flags, 0)
        if not port:
            raise DeviceError('JACK has no port left for us')
        return port

    @property
    def ended(self) -> bool:
        return bool(self._record[0]['gone'][0])

    def start(self) -> None:
        self._client.call('jack_activate')
        self._join()
        span = (ctypes.c_uint32 * 2)()
        self._client.library.jack_port_get_latency_range(self._outputs[0], PLAYBACK_LATENCY, span)
        self.latency = span[1] / self._client.samplerate

    def tend(self) -> str:
        """[keeper] Join a device whose ports had gone, though its server had not, as soon as they are back."""
        if self.ended:
            return ''
        there = bool(self._theirs(IS_INPUT))
        back, self._there = there and not self._there, there
        if not back:
            return ''
        self._join()
        return f'{self._device} is joined again'

    def _join(self) -> None:
        self._connect(self._outputs, IS_INPUT)
        if self._record[0]['listens']:
            self._connect(self._inputs, IS_OUTPUT)

    def _theirs(self, flags: int) -> list[str]:
        return [name for name in self._client.ports(flags) if name.startswith(f'{self._device}:')]

    def _connect(self, ports: list[int], flags: int) -> None:
        """Join our two ports to the first two of the device; one that has a single port gets or gives both."""
        theirs = self._theirs(flags)
        if flags == IS_INPUT:
            self._record[0]['share'] = 0.5 if len(theirs) == 1 else 1.0     # JACK adds up what meets in one port
        for side, port in enumerate(ports if theirs else []):
            ends = [self._client.library.jack_port_name(port), theirs[min(side, len(theirs) - 1)].encode()]
            self._client.call('jack_connect', *(ends if flags == IS_INPUT else ends[::-1]))

    def close(self) -> None:
        if self.ended:
            CLIENTS.tell_death()
        self._client.close()
