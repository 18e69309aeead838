"""What makes a model run well on a processor: memory that stays, and bfloat16 where this one is faster with it.

In: a module and a way to run it. Out: the module in the format to use, and why. Nothing here is needed on a GPU. Runs
on the dream's thread. Knows nothing of what the modules compute.
"""
import copy
import ctypes
import sys
import time
from collections.abc import Callable
from typing import Any

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8        # of glibc's malloc.h
ARENAS = 2          # from which threads take their memory
LARGEST_BLOCK, KEPT = 32 << 20, 1 << 30             # bytes: the most that glibc allows for a block; what may lie idle
LEAST_RUNS, MOST_RUNS, PATIENCE = 3, 8, 3.0         # of each format; seconds after which no more are begun
GAIN = 1.25         # a narrower format must be faster by this to be worth its rounding


def keep_memory() -> bool:
    """Have freed memory kept by this process; return whether the system's allocator takes such wishes.

    glibc hands blocks of a megabyte back to the system at every free: measured at 3,000 page faults and a tenth of the
    time of each dream of random:tiny, with the memory map locked against every other thread meanwhile.
    """
    if sys.platform != 'linux':
        return False
    allocator = ctypes.CDLL(None)
    return hasattr(allocator, 'mallopt') and bool(allocator.mallopt(M_MMAP_THRESHOLD, LARGEST_BLOCK)
                                                  and allocator.mallopt(M_TRIM_THRESHOLD, KEPT))


def share_arenas() -> bool:
    """Have all threads take their memory from few places; return whether the system's allocator takes such wishes.

    [main] Before there are many threads. glibc gives each an arena of its own, and each in which an engine has once
    been loaded keeps crumbs of it: the process was measured at 829..871 MB over seven hung dreams, at 805..825 with
    two arenas.
    """
    if sys.platform != 'linux':
        return False
    allocator = ctypes.CDLL(None)
    return hasattr(allocator, 'mallopt') and bool(allocator.mallopt(M_ARENA_MAX, ARENAS))


def give_memory_back() -> bool:
    """Have the allocator give the system what is free, as after an engine has gone; return whether it could."""
    return sys.platform == 'linux' and hasattr(ctypes.CDLL(None), 'malloc_trim') \
        and bool(ctypes.CDLL(None).malloc_trim(0))


def has_bfloat16() -> bool:
    """Return whether this processor computes in bfloat16 itself."""
    import torch
    asked = getattr(torch.ops.mkldnn, '_is_mkldnn_bf16_supported', None)
    return bool(asked and asked())


def choose_format(name: str, module: Any, run: Callable[[Any], object]) -> str:
    """[dream] Turn a module into bfloat16 if `run` is clearly faster with it; return what it is in now, and why.

    run: called with the module and with a copy in bfloat16; it converts its inputs to the module's dtype.
    """
    if not has_bfloat16():
        return f'{name} in float32, because this processor has no bfloat16'
    try:
        narrow = to_bfloat16(copy.deepcopy(module))
        wide_time, narrow_time = measure(run, module, narrow)
    except RuntimeError as error:       # no memory for two of them, or an operation without such a kernel
        return f'{name} in float32, because bfloat16 failed ({str(error).splitlines()[0]})'
    wins = narrow_time * GAIN < wide_time
    if wins:
        to_bfloat16(module)
    return (f'{name} in {"bfloat16" if wins else "float32"} '
            f'({1000 * narrow_time:.1f} ms in bfloat16, {1000 * wide_time:.1f} in float32)')


def to_bfloat16(module: Any) -> Any:
    """Return the module, its numbers turned into bfloat16 where they are."""
    for value in (*module.parameters(), *module.buffers()):
        if value.is_floating_point():
            value.data = value.data.bfloat16()
    return module


def measure(run: Callable[[Any], object], *modules: Any) -> list[float]:
    """Return the shortest time of each, in seconds, taken in turns so that a busy machine slows them alike."""
    best = [float('inf')] * len(modules)
    begin = time.perf_counter()
    runs = 0
    while runs < LEAST_RUNS or (runs < MOST_RUNS and time.perf_counter() - begin < PATIENCE):
        runs += 1
        for index, module in enumerate(modules):
            start = time.perf_counter()
            run(module)
            best[index] = min(best[index], time.perf_counter() - start)
    return best
