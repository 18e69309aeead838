"""Real-time scheduling for the audio thread, and memory that stays in place, where the system grants it. [control]

Never fails; says what it got.
"""
import ctypes
import os
import sys

import numpy as np

PRIORITY = 70
_NAMES = {1: 'SCHED_FIFO', 2: 'SCHED_RR'} if sys.platform != 'darwin' else {4: 'SCHED_FIFO', 2: 'SCHED_RR'}
_FIFO = 4 if sys.platform == 'darwin' else 1


class _Parameter(ctypes.Structure):
    _fields_ = [('priority', ctypes.c_int), ('reserved', ctypes.c_byte * 60)]


def raise_priority(thread: int) -> tuple[bool, str]:
    """Ask for SCHED_FIFO for a thread (pthread_t); return whether it has it now, and why or why not."""
    if sys.platform == 'win32':
        return False, 'left to PortAudio on Windows'
    if not thread:
        return False, 'the callback has not run yet'
    library = ctypes.CDLL(None, use_errno=True)
    policy, parameter = ctypes.c_int(), _Parameter()
    if library.pthread_getschedparam(ctypes.c_void_p(thread), ctypes.byref(policy), ctypes.byref(parameter)) == 0:
        if policy.value in _NAMES:
            return True, f'{_NAMES[policy.value]} {parameter.priority}, from the sound server'
    parameter.priority = PRIORITY
    error = library.pthread_setschedparam(ctypes.c_void_p(thread), _FIFO, ctypes.byref(parameter))
    if error:
        return False, f'{os.strerror(error)}: allow it with "@audio - rtprio 95" in /etc/security/limits.d/audio.conf'
    return True, f'SCHED_FIFO {PRIORITY}, asked for'


def lock_memory(memory: np.ndarray) -> bool:
    """Have the system keep this array in memory, whatever else is short of it; return whether it does."""
    if sys.platform == 'win32':
        return bool(ctypes.windll.kernel32.VirtualLock(ctypes.c_void_p(memory.ctypes.data), memory.nbytes))
    return ctypes.CDLL(None).mlock(ctypes.c_void_p(memory.ctypes.data), ctypes.c_size_t(memory.nbytes)) == 0
