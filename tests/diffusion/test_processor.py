import subprocess
import sys

import pytest

CROWD = """
import ctypes, threading
from live.diffusion.processor import share_arenas
assert not {limited} or share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = libc.fopen.restype = ctypes.c_void_p
libc.fopen.argtypes, libc.fclose.argtypes = [ctypes.c_char_p] * 2, [ctypes.c_void_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
together = threading.Barrier(7)
def take():
    libc.malloc(ctypes.c_size_t(50_000))
    together.wait()
    together.wait()
for _ in range(6):
    threading.Thread(target=take, daemon=True).start()
together.wait()
file = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, file)
libc.fclose(file)
together.wait()
"""


@pytest.mark.skipif(sys.platform != 'linux', reason='only the allocator of Linux has arenas')
@pytest.mark.parametrize('limited', [True, False])
def test_threads_take_their_memory_from_few_places_if_asked_to(limited):
    done = subprocess.run([sys.executable, '-c', CROWD.format(limited=limited)], capture_output=True, text=True,
                          check=True)
    assert (done.stdout.count('<heap nr=') <= 2) == limited
