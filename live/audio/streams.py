"""The streams: jack and sounddevice with the compiled callback, pyaudio with a Python one, the clock without a card.

    stream = open_stream(choice, arena);  stream.start();  stream.stop()

All of them call the same C function, through a gate of their own where a driver may outlive them. stop() comes back
within a time limit even when the driver does not. Who keeps a stream going when its device is lost: kept.py. [main]
"""
import threading
import time
from collections.abc import Callable

import numpy as np

from live.audio.arena import Arena
from live.audio.callback import call_block
from live.audio.devices import Choice, DeviceError, quiet
from live.audio.gate import Gate, call_gate, serve_portaudio
from live.audio.jack_stream import JackStream
from live.audio.stream import Stream

CLOCK_BLOCK = 256       # frames
CATCH_UP = 5.0          # seconds that the clock stream makes up for; what is older is left out


class SounddeviceStream(Stream):
    """PortAudio calls compiled code directly: Python's lock cannot hold it up.

    `_StreamBase` takes a C function pointer by design (its docstring, and python-rtmixer), though it is private.
    """

    def __init__(self, choice: Choice, arena: Arena, fade: float = 0.0) -> None:
        import sounddevice
        self.gate = Gate(arena, fade)
        cast = sounddevice._ffi.cast
        pointer = cast('PaStreamCallback *', serve_portaudio.address)
        duplex = choice.inputs > 0
        index = choice.device.index if choice.device else None
        with quiet():
            try:
                self._stream = sounddevice._StreamBase(
                    'duplex' if duplex else 'output', choice.samplerate, choice.blocksize, index,
                    (choice.inputs, 2) if duplex else 2, 'float32', 'low', callback=pointer,
                    userdata=cast('void *', self.gate.address))
            except sounddevice.PortAudioError as error:
                raise DeviceError(f'{choice.reason}: cannot be opened: {error.args[0]}') from error
        latency = self._stream.latency
        self.latency = latency[1] if duplex else latency

    @property
    def ended(self) -> bool:
        return not self._stream.active

    def start(self) -> None:
        import sounddevice
        try:
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise DeviceError(f'it does not start: {error.args[0]}') from error

    def close(self) -> None:
        self._stream.stop()
        self._stream.close()


class PyaudioStream(Stream):
    """PyAudio calls Python, Python calls the kernel: simple, and at the mercy of Python's lock."""

    def __init__(self, choice: Choice, arena: Arena, fade: float = 0.0) -> None:
        import pyaudio
        self.gate: Gate = Gate(arena, fade)
        self._inputs, self._continue = choice.inputs, pyaudio.paContinue
        index = choice.device.index if choice.device else None
        with quiet():
            self._audio = pyaudio.PyAudio()
            try:
                self._stream = self._audio.open(
                    int(choice.samplerate), max(2, choice.inputs), pyaudio.paFloat32, output=True,
                    input=choice.inputs > 0, frames_per_buffer=choice.blocksize, output_device_index=index,
                    input_device_index=index if choice.inputs else None, stream_callback=self._call, start=False)
            except OSError as error:
                self._audio.terminate()
                raise DeviceError(f'{choice.reason}: cannot be opened: {error}') from error
        self.latency = self._stream.get_output_latency()

    def _call(self, indata, frames, time_info, flags):
        out = np.empty((frames, 2), np.float32)
        source = np.frombuffer(indata, np.float32).reshape(frames, -1)[:, :self._inputs].copy() if indata else None
        call_gate(source.ctypes.data if source is not None else None, out.ctypes.data, frames, None, flags,
                  self.gate.address)
        return out.tobytes(), self._continue

    @property
    def ended(self) -> bool:
        return not self._stream.is_active()

    def start(self) -> None:
        self._stream.start_stream()

    def close(self) -> None:
        self._stream.stop_stream()
        self._stream.close()
        self._audio.terminate()


class ClockStream(Stream):
    """No sound card: the wall clock decides how many frames are due. For recording, pictures and tests."""

    def __init__(self, choice: Choice, arena: Arena, fade: float = 0.0) -> None:
        self._arena, self._samplerate = arena, choice.samplerate
        self._block, self._inputs = choice.blocksize or CLOCK_BLOCK, int(arena.record['inputs'][0])
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name='clock stream', daemon=True)
        self.latency = self._block / self._samplerate

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if self._thread.ident:
            self._thread.join()

    def _run(self) -> None:
        """[audio] Make what is due, then sleep for a block."""
        out = np.empty((self._block, 2), np.float32)
        heard = np.zeros((self._block, self._inputs), np.float32)    # there is no input, or its device is lost
        start, made = time.perf_counter(), 0
        while not self._ended.is_set():
            due = int((time.perf_counter() - start) * self._samplerate)
            made = max(made, due - int(CATCH_UP * self._samplerate))
            while due - made >= self._block:
                call_block(heard.ctypes.data, out.ctypes.data, self._block, None, 0, self._arena.address)
                made += self._block
            self._ended.wait(self._block / self._samplerate)


_STREAMS: dict[str, Callable[[Choice, Arena, float], Stream]] = {
    'jack': JackStream, 'sounddevice': SounddeviceStream, 'pyaudio': PyaudioStream, 'clock': ClockStream}


def open_stream(choice: Choice, arena: Arena, fade: float = 0.0) -> Stream:
    """Open the chosen stream, stopped; raise DeviceError that says what cannot be had.

    fade: seconds in which it rises from silence, where the arena sounds already.
    """
    try:
        return _STREAMS[choice.backend](choice, arena, fade)
    except ImportError as error:
        raise DeviceError(f'{choice.backend} is not installed (pip install {choice.backend})') from error
