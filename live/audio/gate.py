"""The gate between a driver and the callback: shut, nothing of that driver reaches the arena any more. [audio]

A driver that has stalled may come to itself after another stream has taken the arena over. So each stream calls
through a gate of its own. Shut it, and wait until it is not busy: from then on the arena belongs to the next. What
comes through a fresh gate may begin with a fade, of which recordings know nothing: it is on the speakers' side.
"""
import ctypes
import time

import numpy as np
from numba import carray, cfunc, from_dtype, types

from live.audio.arena import Arena
from live.audio.callback import render_block
from live.audio.pointers import as_address, as_floats, call_stream
from live.dsp.kernel import exact
from live.wires import load_acquire, store_release

GATE = np.dtype([('open', 'i8', (1,)), ('busy', 'i8', (1,)), ('calls', 'i8'),
                 ('render', 'i8'), ('arena', 'i8'),         # addresses of the callback and of its memory
                 ('level', 'f8'), ('step', 'f8'),           # of the fade: now, and for each frame
                 ], align=True)
_SAMPLES = types.CPointer(types.float32)


class Gate:
    """An open gate to an arena. fade: seconds in which what comes through it rises; record: (1,) GATE, its memory."""

    def __init__(self, arena: Arena, fade: float = 0.0, record: np.ndarray | None = None) -> None:
        self.record = np.zeros(1, GATE) if record is None else record
        self._arena = arena         # kept alive as long as a driver may call
        one = self.record[0]
        one['render'], one['arena'] = render_block.address, arena.address
        one['level'] = 0.0 if fade else 1.0
        one['step'] = 1 / (fade * arena.samplerate) if fade else 0.0
        one['open'] = 1

    @property
    def address(self) -> int:
        return self.record.ctypes.data

    @property
    def calls(self) -> int:
        """How often the driver has called, open or shut."""
        return int(self.record[0]['calls'])

    def open(self) -> None:
        """[control] Let through what comes from now on."""
        self.record[0]['open'] = 1

    def shut(self, timeout: float = 1.0) -> bool:
        """[control] Let nothing through any more; False when a call inside does not come back in time."""
        self.record[0]['open'] = 0
        until = time.monotonic() + timeout
        while self.record[0]['busy'][0] and time.monotonic() < until:
            time.sleep(0.001)
        return not self.record[0]['busy'][0]


@exact
def pass_through(gate, indata, outdata, frames, flags):
    """Fill outdata, the address of (frames, 2) float32, through the gate; silence where it is shut."""
    store_release(gate.busy, 0, 1)
    gate.calls += 1
    out = carray(as_floats(outdata), (frames, 2))
    if load_acquire(gate.open, 0) == 1:
        call_stream(gate.render, indata, outdata, frames, flags, gate.arena)
        fade_in(gate, out)
    else:
        out[:] = 0
    store_release(gate.busy, 0, 0)


@exact
def fade_in(gate, out):
    """Let the level rise, and the sound with it."""
    if gate.level >= 1:
        return
    for k in range(len(out)):
        gate.level = min(1.0, gate.level + gate.step)
        out[k, 0] *= gate.level
        out[k, 1] *= gate.level


@cfunc(types.int32(_SAMPLES, _SAMPLES, types.uintp, types.voidptr, types.uintp, types.CPointer(from_dtype(GATE))),
       cache=True, error_model='numpy')
def serve_portaudio(indata, outdata, frames, time, flags, userdata):
    """Serve PortAudio as a PaStreamCallback; userdata points to the gate."""
    gate = carray(userdata, (1,))[0]
    pass_through(gate, as_address(indata), as_address(outdata), frames, flags)
    return 0


# The same for Python: ctypes lets go of the lock while it runs.
call_gate = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p,
                             ctypes.c_size_t, ctypes.c_void_p)(serve_portaudio.address)
