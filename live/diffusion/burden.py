"""What a dream takes from the machine and gives back: cores, memory; and its failures, each in one line.

Runs on the dream's thread.
"""
import gc
import os
import sys
import threading
from contextlib import suppress

from live.diffusion.hub import DreamError
from live.diffusion.processor import give_memory_back

NICENESS = 5            # this thread gives way to sound and window where the system can tell threads apart


def free_memory() -> None:
    """[dream] Give back what an engine that is left had, here and on the device."""
    gc.collect()
    give_memory_back()
    torch = sys.modules.get('torch')
    with suppress(RuntimeError):        # of a device that is lost, which has nothing to give back
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()
        elif torch is not None and torch.backends.mps.is_available():
            torch.mps.empty_cache()


def wait_asleep() -> None:
    """[dream] Wait until the GPU is done: torch's own ways spin, and sound and window want that core."""
    import torch
    done = torch.cuda.Event(blocking=True)
    done.record()
    done.synchronize()


def is_out_of_memory(error: Exception) -> bool:
    """Tell whether memory was what failed: Python's, the processor's or a GPU's, each of which says it differently."""
    said = str(error).lower()
    return (isinstance(error, MemoryError) or type(error).__name__ == 'OutOfMemoryError'
            or any(words in said for words in ('out of memory', "can't allocate memory", 'alloc_failed')))


def spare_a_core() -> int:
    """[dream] Leave one core to sound and window; return on how many torch works.

    torch's workers wait for each other by spinning. With one on every core they fight the sound and the window, and
    lose: on two busy cores random:tiny was measured at 55..78 dreams a second by one worker, 1..31 by two.
    """
    import torch
    cores = len(os.sched_getaffinity(0)) if sys.platform == 'linux' else os.cpu_count() or 1
    torch.set_num_threads(max(1, cores - 1))
    return torch.get_num_threads()


def give_way() -> None:
    """[dream] Let sound and window go first on every core.

    Where torch has one core, not while loading: a window that it also drew was measured to hold up a load of 7 s for
    more than 16.
    """
    if sys.platform == 'linux':
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)    # Linux: of this thread alone
        except OSError:
            pass        # a container may refuse; the sound has a scheduling class of its own


def describe(error: Exception) -> str:
    """Return an error as one line for the overlay; our own are sentences already."""
    lines = str(error).strip().splitlines()
    if isinstance(error, DreamError):
        return lines[0] if lines else 'the dream failed'
    return f'{type(error).__name__}: {lines[0][:200]}' if lines else type(error).__name__
